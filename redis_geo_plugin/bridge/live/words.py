"""Live positions in words: kinds of sources, and why a position is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...core.live.sources import KINDS
from ..i18n import tr

if TYPE_CHECKING:
    from ...core.live.records import RefusalReason


def kind_text(kind: str) -> str:
    """Return a kind of source (see ``core.live.sources``) in words."""
    return KINDS[kind].label(tr) if kind in KINDS else kind


def reason_text(reason: RefusalReason) -> str:
    """Return why a record was refused (a ``RefusalReason``) in words."""
    code = str(getattr(reason, "value", reason))
    return {
        "unreadable": tr("unreadable"),
        "too_large": tr("too large"),
        "no_identity": tr("no id"),
        "no_position": tr("no position"),
        "apart": tr("coordinates of different times"),
        "unsure": tr("order, CRS or field of the position not confirmed"),
        "out_of_range": tr("outside the range of coordinates"),
        "null_island": tr("position 0/0"),
        "bad_time": tr("no usable time"),
        "future": tr("in the future"),
        "impossible_speed": tr("impossible speed"),
        "late": tr("older than the latest"),
    }.get(code, code)


def refused_lines(refused: Mapping[RefusalReason, int]) -> list[str]:
    """Return a line for each reason with how many were refused for it, the most first."""
    ordered = sorted(refused.items(), key=lambda pair: -pair[1])
    return [
        tr("Refused ({reason}): {n}").format(reason=reason_text(reason), n=count) for reason, count in ordered
    ]
