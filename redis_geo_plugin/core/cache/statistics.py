"""Hits and misses of a namespace, counted on the server so that they are the organisation's, not one desktop's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from ..server import Server
    from .engine import Report
    from .link import Link

PREFIX = "calculs:statistiques"
PROOFS = "calculs:statistiques:preuves"
KEEP = 90 * 24 * 3600  # seconds
ONE_IN = 500  # hits of which one is computed anew as a test (``proof.py``)


def name(family: str, namespace: str) -> str:
    """``calculs:statistiques:buffers:<namespace>``, a hash of hits, misses and spared_us."""
    return f"{PREFIX}:{family.rpartition(':')[2]}:{namespace}"


def record(link: Link, family: str, namespace: str, report: Report) -> None:
    """Add what a run found. Direct items were never asked for, so they count neither way."""
    asked = report.hits + report.misses - report.direct
    if link.server is None or not asked or not link.up:
        return
    key = link.server.key(name(family, namespace))

    def fill(pipeline: Any) -> None:
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

        def fill(pipeline: Any, key: bytes = key) -> None:
            pipeline.hincrby(key, "proved", proved)
            pipeline.hincrby(key, "differed", differed)
            pipeline.expire(key, KEEP)

        link.pipeline(key, fill)


def proofs(server: Server) -> tuple[int, int]:
    """How many cached results were computed anew as a test in the last 90 days, and how many of them were wrong."""
    values = server.bulk.hmget(server.key(PROOFS), "proved", "differed")
    return number(values[0]), number(values[1])


def number(value: Optional[bytes]) -> int:
    """A counter of the server; 0 for what is missing or was written by someone else."""
    return int(value) if value is not None and len(value) < 20 and value.isdigit() else 0
