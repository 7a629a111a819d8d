"""Hits and misses of a namespace, counted on the server over all who use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from ..redis.types import RedisPipeline

if TYPE_CHECKING:
    from ..redis.server import Server
    from .link import Link
    from .report import RunReport

PREFIX = "calculs:statistiques"
PROOFS = "calculs:statistiques:preuves"
KEEP = 90 * 24 * 3600  # seconds
ONE_IN = 500  # hits of which one is computed anew as a test (``proof.py``)


def name(family: str, namespace: str) -> str:
    """``calculs:statistiques:buffers:<namespace>``, a hash of hits, misses and spared_us."""
    return f"{PREFIX}:{family.rpartition(':')[2]}:{namespace}"


def record(link: Link, family: str, namespace: str, report: RunReport) -> None:
    """Add the counts of a run. Direct items were not looked up, so they are neither hits nor misses."""
    asked = report.hits + report.misses - report.direct
    if link.server is None or not asked or not link.up:
        return
    key = link.server.key(name(family, namespace))

    def fill(pipeline: RedisPipeline) -> None:
        pipeline.hincrby(key, "hits", report.hits)
        pipeline.hincrby(key, "misses", asked - report.hits)
        pipeline.hincrby(key, "spared_us", int(report.spared_s * 1e6))
        pipeline.expire(key, KEEP)

    link.pipeline(key, fill)


def count_proofs(link: Link, family: str, namespace: str, proved: int, differed: int) -> None:
    """Add what a proof found, to the namespace's counts and to those of all."""
    if link.server is None:
        return
    for key in (link.server.key(name(family, namespace)), link.server.key(PROOFS)):

        def fill(pipeline: RedisPipeline, key: bytes = key) -> None:
            pipeline.hincrby(key, "proved", proved)
            pipeline.hincrby(key, "differed", differed)
            pipeline.expire(key, KEEP)

        link.pipeline(key, fill)


def proofs(server: Server) -> tuple[int, int]:
    """How many cached results were computed anew as a test in the last 90 days, and how many of them were
    wrong."""
    values = server.bulk.hmget(server.key(PROOFS), "proved", "differed")
    return number(values[0]), number(values[1])


def number(value: Optional[bytes]) -> int:
    """A counter of the server; 0 for what is missing or was written by someone else."""
    return int(value) if value is not None and len(value) < 20 and value.isdigit() else 0
