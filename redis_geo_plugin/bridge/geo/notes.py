"""What the user is told beside the hits of a search, and why a key cannot be searched."""

from __future__ import annotations

from collections.abc import Iterable

from ..i18n import tr


def sentences(notes: Iterable[str]) -> list[str]:
    """The notes of core's hits in words."""
    from ...core.geo import hits

    words = {
        hits.EDGE_FOUND: tr(
            "Some stand at longitude 180° or at the latitude limit exactly, where Redis itself loses them."
        ),
        hits.NO_ATTRIBUTES_RIGHT: tr("You may not read the attributes of this set, so they are missing here."),
        hits.NO_EDGE_RIGHT: tr(
            "You may not read ranges of this set, so members at longitude 180° or at the latitude limit may be missing."
        ),
    }
    return [sentence for note, sentence in words.items() if note in set(notes)]


def refusal(reason: str) -> str:
    """Why a row was not loaded."""
    from ...core.geo.fill import Refusal

    return {
        Refusal.NO_POSITION: tr("no position"),
        Refusal.NO_MEMBER: tr("no member name (NULL or empty)"),
        Refusal.OUT_OF_RANGE: tr("beyond the latitude limit of GEO sets (85.05112878°) or no longitude"),
        Refusal.DUPLICATE: tr("a second row of the same member"),
        Refusal.SEVERAL_POINTS: tr("several points in one feature"),
    }[reason]


def not_geo_text(kind: str) -> str:
    """Why a key cannot be searched."""
    if kind == "none":
        return tr("There is no key of this name on the server: an empty GEO set does not exist in Redis.")
    if kind == "zset":
        return tr("This sorted set holds no positions: its scores are no places on the map.")
    return tr("This key holds another kind of value ({kind}), not a GEO set.").format(kind=kind)
