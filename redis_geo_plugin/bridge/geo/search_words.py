"""Search in words: notes on the hits, and why a key cannot be searched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QLocale

from ...core.readable import bytes_of, name_on_screen, one_line, printable
from ..i18n import tr
from .kinds.centers import NoSuchMember
from .layers import MOST_FIELDS, OTHERS

if TYPE_CHECKING:
    from ...core.features.index_search import IndexFound
    from ...core.features.indexes import Index, IndexProblem


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


def about_index(found: Optional[IndexFound]) -> list[str]:
    """What an index says of itself, and how it was searched, in words."""
    from ...core.features import index_search as notes

    if found is None:
        return []
    index, locale = found.index, QLocale()
    said = {
        notes.NOT_ALL_INDEXED: tr(
            "The server is still indexing ({percent} %): documents may be missing. Search again later."
        ).format(percent=locale.toString(int(100 * index.done))),
        notes.UNINDEXED: tr(
            "Documents that the server could not index, and so are never found: {count}. The last one is "
            "{key}: {reason}. Correct it and write it again."
        ).format(
            count=locale.toString(index.failures),
            key=name_on_screen(bytes_of(index.failed_key)) or "?",
            reason=one_line(printable(index.reason)) or "?",
        ),
        notes.UNREADABLE: tr("Documents whose place could not be read: {count}").format(
            count=locale.toString(found.unreadable)
        ),
        notes.UNKNOWN_FIELDS: tr(
            "The index has no field {fields}: the server finds nothing there. Its fields are {known}."
        ).format(
            fields=", ".join(map(printable, found.unknown)),
            known=", ".join(printable(field.name) for field in index.fields),
        ),
        notes.READ_ALL: tr(
            "The server cannot be asked for this place, so all documents that the filter finds were read."
        ),
        notes.NOT_DEGREES: tr(
            "Some shapes are not in degrees. The algorithm Search an index takes the CRS that they are in."
        ),
    }
    return [sentence for note, sentence in said.items() if note in found.notes]


def index_tip(index: Index) -> str:
    """An index in a line: how many documents, which places, which keys."""
    places = ", ".join(f"{printable(one.name)} ({one.type})" for one in index.geometries)
    return tr("Documents: {count} · places: {places} · keys: {keys}").format(
        count=QLocale().toString(index.documents),
        places=places,
        keys=", ".join(printable(prefix) + "*" for prefix in index.prefixes),
    )


def why_no_index(error: IndexProblem) -> str:
    """Why an index cannot be searched."""
    names = ", ".join(map(printable, error.names))
    return {
        "no_engine": tr(
            "This server has no query engine. Redis 8 and Redis Stack have one; others keep no indexes."
        ),
        "no_coordinator": tr(
            "On this cluster an index knows only the documents of its own node, so it cannot be searched."
        ),
        "no_index": tr("There is no index of this name on the server."),
        "no_geo": tr("This index has no field that is a place (GEO or GEOSHAPE)."),
        "which_field": tr("This index has several places: say which of {names} is searched.").format(
            names=names
        ),
        "no_field": tr("This index has no place named {names}.").format(names=names),
    }[error.what]


def why_not(error: BaseException) -> str:
    """Why a search could not be done, where that is no failure of the server; else empty."""
    from ...core.features.indexes import IndexProblem
    from ...core.geo.search import BadQuery
    from ...core.geo.sets import NotGeo

    if isinstance(error, NoSuchMember):
        return tr("The set has no member of this name, and it is no pair of coordinates either.")
    if isinstance(error, IndexProblem):
        return why_no_index(error)
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
