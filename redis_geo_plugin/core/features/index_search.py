"""Searches of an index: documents within a radius of places, or in areas, exact on the ellipsoid.

The engine is asked for what covers the search and passes the user's own query (``covering``), the documents
are read page by page (``documents``), and the test is made here, position by position or shape by shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Optional

import numpy as np

from ..geo import areas, cells, measure
from ..geo.hits import Hits, concatenate
from ..geo.search import BadQuery, ranked
from ..geometry import projections
from ..geometry.arrays import Array
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..watch import Watch
from . import covering, documents, indexes, shapes
from .covering import Cover
from .documents import Document, Wanted
from .indexes import GEO, Index, IndexField

# What the user should be told beside the hits: notes of ``hits``.
NOT_ALL_INDEXED = "not_all_indexed"  # the engine is still indexing
UNINDEXED = "unindexed"  # documents that the engine could not index
UNREADABLE = "unreadable"  # documents whose place is not to be read
UNKNOWN_FIELDS = "unknown_fields"  # the query names fields that the index does not have
READ_ALL = "read_all"  # all that the query finds was read, since the engine could not be asked for the place
NOT_DEGREES = "not_degrees"  # shapes of a plane whose coordinates are no degrees


@dataclass(frozen=True)
class IndexQuery:
    """What searches of an index have in common.

    Args:
        index: its name, or an alias.
        wanted: the user's own query; empty for all documents.
        place: the field that is the place; empty for the only one.
        fields: what is read of the documents beside; empty for all.
        crs: of the shapes of a FLAT field, anything that pyproj reads.
        ellipsoid: to measure on; None for the sphere of the servers.
        limit: how many are kept of each place, the nearest; 0 keeps all.
    """

    index: str
    wanted: str = ""
    place: str = ""
    fields: tuple[str, ...] = ()
    crs: str = projections.WGS84
    ellipsoid: Optional[measure.Ellipsoid] = measure.WGS84
    limit: int = 0


@dataclass
class IndexFound:
    """Hits with their shapes (WKB, none for positions), and what the index says of itself. ``unreadable``
    documents were found, and their place could not be read; ``unknown`` fields were named in the query."""

    hits: Hits
    index: Index
    place: IndexField
    unreadable: int = 0
    unknown: tuple[str, ...] = ()
    notes: set[str] = field(default_factory=set)


def radius(
    server: Server,
    query: IndexQuery,
    lons: Sequence[float],
    lats: Sequence[float],
    metres: float,
    watch: Optional[Watch] = None,
) -> IndexFound:
    """The documents within ``metres`` (inclusive) of each centre in degrees, nearest first; of shapes their
    nearest part counts.

    Raises BadQuery, IndexProblem, Cancelled, the engine's own error for a query that it does not understand,
    and what redis-py raises.
    """
    lon, lat = np.asarray(lons, float).reshape(-1), np.asarray(lats, float).reshape(-1)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all() and (np.abs(lat) <= 90.0).all()):
        raise BadQuery("center")
    if not (math.isfinite(metres) and metres >= 0):
        raise BadQuery("radius")
    tests = [
        _Circle(query, x, y, float(metres)) for x, y in zip(cells.wrap_longitude(lon).tolist(), lat.tolist())
    ]
    return _search(server, query, tests, watch or Watch())


def area(
    server: Server, query: IndexQuery, wanted: Sequence[areas.Area], watch: Optional[Watch] = None
) -> IndexFound:
    """The documents that lie in each area or on its border; shapes that meet it. Raises as ``radius``."""
    return _search(server, query, [_Inside(query, one) for one in wanted], watch or Watch())


class _Test:
    """One place of a search: what covers it, and what lies in it."""

    def __init__(self, query: IndexQuery):
        self.query = query

    def cover(self, place: IndexField, plane: shapes.Plane) -> Cover:
        """What the engine is asked."""
        raise NotImplementedError

    def positions(self, lon: Array, lat: Array) -> tuple[Array, Array, Array]:
        """Which of n positions lie in it, their distances and their bearings."""
        raise NotImplementedError

    def shapes(self, followed: Array) -> tuple[Array, Array, Array]:
        """The same of n shapes in degrees."""
        raise NotImplementedError


class _Circle(_Test):
    """Within a radius of a centre."""

    def __init__(self, query: IndexQuery, lon: float, lat: float, metres: float):
        super().__init__(query)
        self.lon, self.lat, self.metres = lon, lat, metres

    def cover(self, place: IndexField, plane: shapes.Plane) -> Cover:
        ellipsoid = self.query.ellipsoid
        if place.type == GEO:
            return covering.circle_of_positions(place, self.lon, self.lat, self.metres, ellipsoid)
        return covering.circle_of_shapes(place, plane, self.lon, self.lat, self.metres, ellipsoid)

    def positions(self, lon: Array, lat: Array) -> tuple[Array, Array, Array]:
        here = np.full(len(lon), self.lon), np.full(len(lon), self.lat)
        metres, bearing = measure.distances(self.query.ellipsoid, *here, lon, lat)
        return metres <= self.metres, metres, bearing

    def shapes(self, followed: Array) -> tuple[Array, Array, Array]:
        figure = self.query.ellipsoid or measure.Ellipsoid(measure.SERVER_RADIUS, measure.SERVER_RADIUS)
        metres, bearing = shapes.distances(followed, self.lon, self.lat, figure.a, figure.b)
        return metres <= self.metres, metres, bearing


class _Inside(_Test):
    """In an area, or on its border."""

    def __init__(self, query: IndexQuery, wanted: areas.Area):
        super().__init__(query)
        self.area = areas.PreparedArea(wanted)

    def cover(self, place: IndexField, plane: shapes.Plane) -> Cover:
        if place.type == GEO:
            return covering.area_of_positions(place, self.area)
        return covering.area_of_shapes(place, plane, self.area)

    def positions(self, lon: Array, lat: Array) -> tuple[Array, Array, Array]:
        unmeasured = np.full(len(lon), np.nan)
        return self.area.holds(lon, lat), unmeasured, unmeasured

    def shapes(self, followed: Array) -> tuple[Array, Array, Array]:
        unmeasured = np.full(len(followed), np.nan)
        return self.area.meets(followed), unmeasured, unmeasured


def _search(server: Server, query: IndexQuery, tests: Sequence[_Test], watch: Watch) -> IndexFound:
    if query.limit < 0:
        raise BadQuery("limit")
    server = server.reading
    index = indexes.describe(server, query.index)
    place = index.geometry(query.place)
    search = _OfIndex(server, query, Wanted(index, place, query.fields), len(tests), watch)
    parts = []
    for number, test in enumerate(tests):
        watch.check()
        parts.append(search.one(test, number))
        watch.reach((number + 1) / len(tests))
    found = IndexFound(
        concatenate(parts), index, place, search.unreadable, index.unknown_fields(query.wanted)
    )
    again = indexes.describe(server, query.index)  # as it was, and as it is now
    found.index = replace(again, done=min(again.done, index.done))
    found.notes = search.notes | _notes_of(found)
    found.hits.notes = frozenset(found.notes)
    return found


def _notes_of(found: IndexFound) -> set[str]:
    said = {
        NOT_ALL_INDEXED: found.index.done < 1.0,
        UNINDEXED: found.index.failures > 0,
        UNREADABLE: found.unreadable > 0,
        UNKNOWN_FIELDS: bool(found.unknown),
    }
    return {note for note, true in said.items() if true}


class _OfIndex:
    """The searches of one index, place by place."""

    def __init__(self, server: Server, query: IndexQuery, wanted: Wanted, places: int, watch: Watch):
        self.server, self.query, self.wanted, self.watch = server, query, wanted, watch
        self.plane = shapes.Plane(
            not wanted.place.flat, query.crs if wanted.place.flat else projections.WGS84
        )
        self.prefix = server.key("")
        self.notes: set[str] = set()
        self.unreadable = 0
        self.done, self.places = 0, places

    def one(self, test: _Test, number: int) -> Hits:
        """The hits of one place, ranked."""
        parts = []
        for page in self._pages(test):
            parts.append(self._tested(page, test, number))
            self.done += len(page)
            self.watch.reach(min(0.9, self.done / max(self.wanted.index.documents * self.places, 1)))
        hits = concatenate(parts)
        hits.notes = frozenset()
        return ranked(hits, self.query.limit)

    def _pages(self, test: _Test) -> Iterator[list[Document]]:
        cover = test.cover(self.wanted.place, self.plane)
        if not cover.query:
            self.notes.add(READ_ALL)
        walk = self._asked(cover)
        try:
            first = next(walk, None)
        except exceptions.ResponseError:
            if not cover.params:
                raise
            # Before 2.10 the engine cannot tell what meets a polygon. Where the query itself is wrong, the
            # engine says so again.
            self.notes.add(READ_ALL)
            walk = self._asked(covering.EVERYTHING)
            first = next(walk, None)
        if first is not None:
            yield first
            yield from walk

    def _asked(self, cover: Cover) -> Iterator[list[Document]]:
        query = cover.within(self.query.wanted)
        return documents.pages(self.server, self.wanted, query, cover.params, self.watch)

    def _tested(self, page: list[Document], test: _Test, number: int) -> Hits:
        """Those of a page that lie in the place."""
        if self.wanted.place.type == GEO:
            return self._tested_positions(page, test, number)
        return self._tested_shapes(page, test, number)

    def _tested_positions(self, page: list[Document], test: _Test, number: int) -> Hits:
        is_json = self.wanted.index.kind == indexes.JSON
        of: list[int] = []
        found: list[tuple[float, float]] = []
        for at, document in enumerate(page):
            read = [documents.position(shown) for shown in documents.texts_of(document.place, is_json)]
            sound = [one for one in read if one is not None]
            self.unreadable += not sound
            found += sound
            of += [at] * len(sound)
        places = np.array(found, float).reshape(-1, 2)
        keep, metres, bearing = test.positions(places[:, 0], places[:, 1])
        chosen = np.flatnonzero(keep)
        chosen = chosen[np.argsort(metres[chosen], kind="stable")]
        hits = self._hits([page[of[at]] for at in chosen.tolist()], places[chosen], number)
        hits.distance, hits.bearing = metres[chosen], bearing[chosen]
        return hits

    def _tested_shapes(self, page: list[Document], test: _Test, number: int) -> Hits:
        import shapely

        is_json = self.wanted.index.kind == indexes.JSON
        of: list[int] = []
        drawn: list[shapely.Geometry] = []
        followed: list[shapely.Geometry] = []
        for at, document in enumerate(page):
            sound = [
                one for shown in documents.texts_of(document.place, is_json) if (one := self._read(shown))
            ]
            self.unreadable += not sound
            for rings in sound:
                of.append(at)
                drawn.append(shapes.as_drawn(rings, self.plane))
                followed.append(shapes.followed(rings, self.plane))
        made = np.array([*followed, None], dtype=object)[:-1]
        keep, metres, bearing = test.shapes(made)
        chosen = np.flatnonzero(keep)
        chosen = chosen[np.argsort(metres[chosen], kind="stable")]
        places = [shapes.mark_of(made[at]) for at in chosen.tolist()]
        documents_of = [page[of[at]] for at in chosen.tolist()]
        hits = self._hits(documents_of, np.array(places, float).reshape(-1, 2), number)
        hits.distance, hits.bearing = metres[chosen], bearing[chosen]
        hits.shapes = [bytes(shapely.to_wkb(drawn[at], output_dimension=2)) for at in chosen.tolist()]
        return hits

    def _read(self, shown: str) -> Optional[list[Array]]:
        rings = shapes.parse_wkt(shown)
        if rings is not None and self.plane.in_degrees and not shapes.on_globe(rings):
            if not self.plane.geodesic:
                self.notes.add(NOT_DEGREES)
            return None
        return rings

    def _hits(self, chosen: list[Document], places: Array, number: int) -> Hits:
        keys = [one.key[len(self.prefix) :] if one.key.startswith(self.prefix) else one.key for one in chosen]
        hits = Hits.unmeasured(keys, places[:, 0], places[:, 1], number)
        hits.attributes = [documents.attributes(one, self.wanted) for one in chosen]
        return hits
