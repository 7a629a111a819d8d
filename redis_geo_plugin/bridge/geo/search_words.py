"""Search in words: notes on the hits, and why a key cannot be searched."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.PyQt.QtCore import QLocale

from ..i18n import tr
from .kinds.centers import NoSuchMember
from .layers import MOST_FIELDS, OTHERS


def sentences(notes: Iterable[str]) -> list[str]:
    """The notes of core's hits in words."""
    from ...core.geo import hits

    words = {
        hits.EDGE_FOUND: tr(
            "Some stand at longitude 180° or at the latitude limit exactly, where Redis itself loses them."
        ),
        hits.NO_ATTRIBUTES_RIGHT: tr(
            "You may not read the attributes of this set, so they are missing here."
        ),
        hits.LARGE_ATTRIBUTES: tr("Some members have attributes of more than 1 MB, which were not read."),
        hits.NO_EDGE_RIGHT: tr(
            "You may not read ranges of this set, so members at longitude 180° or at the latitude limit may "
            "be missing."
        ),
    }
    return [sentence for note, sentence in words.items() if note in set(notes)]


def refusal(reason: str) -> str:
    """Why a row was not loaded."""
    from ...core.geo.fill import LoadRefusal

    return {
        LoadRefusal.NO_POSITION: tr("no position"),
        LoadRefusal.NO_MEMBER: tr("no member name (NULL or empty)"),
        LoadRefusal.OUT_OF_RANGE: tr("beyond the latitude limit of GEO sets (85.05112878°) or no longitude"),
        LoadRefusal.DUPLICATE: tr("a second row of the same member"),
        LoadRefusal.SEVERAL_POINTS: tr("several points in one feature"),
    }[reason]


def not_geo_text(kind: str) -> str:
    """Why a key cannot be searched."""
    if kind == "none":
        return tr("There is no key of this name on the server: an empty GEO set does not exist in Redis.")
    if kind == "zset":
        return tr("This sorted set holds no positions: its scores are no places on the map.")
    return tr("This key holds another kind of value ({kind}), not a GEO set.").format(kind=kind)


def why_not(error: BaseException) -> str:
    """Why a search could not be done, where that is no failure of the server; else empty."""
    from ...core.geo.search import BadQuery
    from ...core.geo.sets import NotGeo

    if isinstance(error, NoSuchMember):
        return tr("The set has no member of this name, and it is no pair of coordinates either.")
    if isinstance(error, NotGeo):
        return not_geo_text(error.kind)
    if isinstance(error, BadQuery):
        return {
            "center": tr("This center is no position on the globe."),
            "radius": tr("The radius must be a number of 0 or more."),
            "area": tr("This area is empty or reaches beyond what can be put into degrees."),
        }.get(error.what, tr("The limit must be 0 or more."))
    return ""


def too_many_attributes(count: int) -> str:
    """That not every attribute is a field; empty where each is."""
    if count <= MOST_FIELDS:
        return ""
    text = tr("The first {most} of {count} attributes are fields; the others stand as JSON in {field}.")
    locale = QLocale()
    return text.format(most=locale.toString(MOST_FIELDS), count=locale.toString(count), field=OTHERS)
