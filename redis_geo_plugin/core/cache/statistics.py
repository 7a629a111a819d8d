"""Hits and misses of a namespace, counted on the server so that they are the organisation's, not one desktop's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .engine import Report
    from .link import Link

PREFIX = "calculs:statistiques"
KEEP = 90 * 24 * 3600  # seconds


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
