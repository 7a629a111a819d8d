"""Searches around points: by radius and the n nearest, right where the servers are not.

A server measures on a sphere, rounds positions to 0.33 m, forgets what lies at longitude 180 or the latitude
limit exactly, and loses half of a circle near a pole. So it is asked for a little more than wanted (by the
ellipsoid's curvature bounds, the rounding, and the widening of its own boxes towards the poles), in a way
that is known to be right; what comes back is measured here, and what is too far is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..geometry.arrays import Array
from ..redis.failures import FailureKind, classify
from ..redis.server import Server
from ..redis.types import Reply, Word
from ..watch import Watch
from . import attributes, cells, measure, raw
from .hits import EDGE_FOUND, NO_ATTRIBUTES_RIGHT, NO_EDGE_RIGHT, Hits
from .measure import SERVER_RADIUS, WGS84, Ellipsoid

PIPELINE = 100  # searches sent at once
NATIVE_RADIUS = 3_000_000.0  # metres, up to which GEOSEARCH BYRADIUS is trusted,
NATIVE_LATITUDE = 80.0  # and the latitude that its circle may reach
EVERYWHERE = math.pi * SERVER_RADIUS * 1.01  # more than any distance
FIRST_GUESS = 1000.0  # metres: the first circle of a search for the nearest, then grown by
GROWTH = 8.0


class BadQuery(ValueError):
    """A centre, radius or limit that means nothing; ``what`` names it (center, radius, limit, area)."""

    def __init__(self, what: str):
        super().__init__(what)
        self.what = what


@dataclass(frozen=True)
class Query:
    """What all searches have in common. ``key`` is the set's key as it stands on the server.

    ``ellipsoid`` None measures on the servers' sphere and between stored positions, as GEODIST does.
    ``limit`` keeps the nearest so many of each centre, 0 keeps all.
    """

    key: bytes
    ellipsoid: Optional[Ellipsoid] = WGS84
    limit: int = 0
    with_attributes: bool = True


@dataclass
class _Candidates:
    """What the server returned, of all centres together."""

    members: list[bytes]
    scores: Array
    origin: Array

    @staticmethod
    def of(parts: Sequence[tuple[int, raw.Columns]]) -> _Candidates:
        members, scores = raw.join(columns for _, columns in parts)
        origin = np.repeat(
            np.array([o for o, _ in parts], np.int64), np.array([len(c[0]) for _, c in parts], np.int64)
        )
        return _Candidates(members, scores, origin)


def radius(
    server: Server,
    query: Query,
    lons: Sequence[float],
    lats: Sequence[float],
    metres: float,
    watch: Optional[Watch] = None,
) -> Hits:
    """All members within ``metres`` (inclusive) of each centre, nearest first; or the nearest ``query.limit``
    of them.

    Centres in degrees, any longitude and any latitude. Raises BadQuery, Cancelled, and what redis-py raises.
    """
    watch = watch or Watch()
    lon0, lat0 = _centres(lons, lats)
    if not (math.isfinite(metres) and metres >= 0):
        raise BadQuery("radius")
    if query.limit < 0:
        raise BadQuery("limit")
    search = _Around(server.reading, query, lon0, lat0, watch)
    reach = np.full(len(lon0), float(metres))
    if query.limit:
        search.nearest(reach, guess=False)
    else:
        search.all_within(np.arange(len(lon0)), reach)
    return search.hits(reach)


def nearest(
    server: Server,
    query: Query,
    lons: Sequence[float],
    lats: Sequence[float],
    neighbors: int,
    watch: Optional[Watch] = None,
) -> Hits:
    """The ``neighbors`` nearest members of each centre, however far."""
    if neighbors < 1:
        raise BadQuery("limit")
    lon0, lat0 = _centres(lons, lats)
    query = Query(query.key, query.ellipsoid, neighbors, query.with_attributes)
    search = _Around(server.reading, query, lon0, lat0, watch or Watch())
    reach = np.full(len(lon0), EVERYWHERE)
    search.nearest(reach, guess=True)
    return search.hits(reach)


def _centres(lons: Sequence[float], lats: Sequence[float]) -> tuple[Array, Array]:
    lon, lat = np.asarray(lons, float).reshape(-1), np.asarray(lats, float).reshape(-1)
    if len(lon) != len(lat) or not (
        np.isfinite(lon).all() and np.isfinite(lat).all() and (np.abs(lat) <= 90).all()
    ):
        raise BadQuery("center")
    return cells.wrap_longitude(lon), lat


class _Around:
    """The searches around one or many centres that are sent and measured together."""

    def __init__(
        self,
        server: Server,
        query: Query,
        lon0: Array,
        lat0: Array,
        watch: Watch,
    ):
        self.server, self.query, self.watch = server, query, watch
        self.lon0, self.lat0 = lon0, lat0
        self.found: list[tuple[int, raw.Columns]] = []
        self.notes: set[str] = set()
        self.edge = raw.NOTHING
        self.attributes_there = False
        # Asked once, together with the first searches: the members on the very edge, and whether there are
        # attributes.
        self._beside = [raw.beyond_the_edge(query.key), ("EXISTS", attributes.attributes_key(query.key))]

    def _looked_beside(self, edge: Reply, there: Reply) -> None:
        self.edge, note = edge_columns(edge)
        self.notes |= note
        if self.query.with_attributes:
            self.attributes_there, readable = attributes.exists(there)
            if not readable:
                self.notes.add(NO_ATTRIBUTES_RIGHT)

    def all_within(self, which: Array, reach: Array) -> None:
        """Fetch everything that may lie within ``reach[i]`` metres of the centres ``which``."""
        for start in range(0, len(which), PIPELINE):
            self.watch.check()
            block = which[start : start + PIPELINE]
            plans = [(int(i), self._commands(int(i), float(reach[i]), 0)) for i in block]
            for i, columns in self._send(plans):
                self.found.append((i, columns))
            self.watch.reach(0.6 * (start + len(block)) / max(len(which), 1))

    def nearest(self, reach: Array, guess: bool) -> None:
        """Fetch at least the nearest ``limit`` within ``reach``: first by the server's own count, then to
        make sure."""
        limit = self.query.limit
        count = limit + limit // 20 + 16
        open_now = np.arange(len(self.lon0))
        circle = np.minimum(reach, FIRST_GUESS if guess else EVERYWHERE)
        while len(open_now):
            again, unsure = [], []
            for start in range(0, len(open_now), PIPELINE):
                self.watch.check()
                block = open_now[start : start + PIPELINE]
                plans = [(int(i), self._commands(int(i), float(circle[i]), count)) for i in block]
                for i, columns in self._send(plans):
                    if len(columns[0]) < limit and circle[i] < reach[i]:
                        again.append(i)
                        continue
                    bound = self._bound(i, columns, count, float(circle[i]))
                    if bound is None:
                        self.found.append((i, columns))
                    else:
                        reach_i = min(bound, float(reach[i]))
                        unsure.append((i, reach_i))
            if unsure:
                needed = np.zeros(len(self.lon0))
                for i, metres in unsure:
                    needed[i] = metres
                self.all_within(np.array([i for i, _ in unsure]), needed)
            open_now = np.array(again, np.int64)
            circle = np.minimum(
                np.where(np.isin(np.arange(len(circle)), open_now), circle * GROWTH, circle), reach
            )
            circle = np.where(circle > measure.SERVER_RADIUS, reach, circle)

    def _bound(self, i: int, columns: raw.Columns, count: int, circle: float) -> Optional[float]:
        """None if the nearest ``limit`` are surely among these, else the distance within which they all
        lie."""
        limit, total = self.query.limit, len(columns[0])
        if total < limit:
            return None  # all there is within the circle, which was the widest wanted
        lon, lat = cells.decode(columns[1])
        here = np.full(total, self.lon0[i]), np.full(total, self.lat0[i])
        exactly, _ = measure.distances(self.query.ellipsoid, *here, lon, lat)
        last = float(np.partition(exactly, limit - 1)[limit - 1]) + cells.ROUNDING_M
        # Everything left out by the count is further on the sphere than all that came; by the circle, than
        # the circle.
        spherical = measure.sphere_distances(*here, lon, lat)
        complete_to = float(spherical.max()) if total >= count else math.inf
        if last * self._widening + cells.ROUNDING_M <= complete_to and last <= circle:
            return None
        return last

    @property
    def _widening(self) -> float:
        return widening(self.query.ellipsoid)

    def _commands(self, i: int, metres: float, count: int) -> list[tuple[Word, ...]]:
        """The commands that fetch what may lie within ``metres`` of a centre; several are one transaction."""
        lon, lat = float(self.lon0[i]), float(self.lat0[i])
        asked = server_radius(lat, metres, self.query.ellipsoid)
        if asked is not None:
            return [raw.by_radius(self.query.key, lon, lat, asked, count)]
        asked = metres * self._widening + cells.ROUNDING_M
        return [raw.by_scores(self.query.key, a, b) for a, b in cover_circle(lon, lat, asked)]

    def _send(self, plans: list[tuple[int, list[tuple[Word, ...]]]]) -> list[tuple[int, raw.Columns]]:
        """One pipeline for all centres of one command; a transaction for each of several."""
        result = []
        single = [(i, commands[0]) for i, commands in plans if len(commands) == 1]
        beside, self._beside = self._beside, []
        together = beside + [c for _, c in single]
        replies = raw.run(self.server.bulk, together) if together else []
        if beside:
            self._looked_beside(*replies[: len(beside)])
        for (i, command), reply in zip(single, replies[len(beside) :]):
            result.append((i, _columns(command, reply)))
        for i, commands in plans:
            if len(commands) != 1:
                parts = raw.run(self.server.bulk, commands, atomic=True) if commands else []
                result.append((i, raw.join(_columns(c, r) for c, r in zip(commands, parts))))
        return result

    def hits(self, reach: Array) -> Hits:
        """Measure what was fetched, drop what is too far, sort, cut to the limit."""
        found = self.found
        if len(self.edge[0]):
            found = found + [(i, self.edge) for i in range(len(self.lon0))]
        candidates = _Candidates.of(found)
        lon, lat = cells.decode(candidates.scores)
        origin = candidates.origin
        distance, bearing = self._measure(origin, lon, lat)
        limits = reach[origin] if len(origin) else np.zeros(0)
        slack = cells.ROUNDING_M if self.attributes_there and self.query.ellipsoid else 0.0
        hits = Hits(candidates.members, lon, lat, distance, bearing, origin, np.zeros(len(origin), np.int64))
        hits.exact = np.zeros(len(origin), bool)
        keep = distance <= limits + slack
        scores = candidates.scores
        near = _by_distance(hits, np.flatnonzero(keep))
        hits, scores, limits = hits.take(near), scores[near], limits[near]
        self.watch.reach(0.7)
        if self.attributes_there:
            hits.attributes, notes = attributes.read_attributes(
                self.server, self.query.key, hits.members, self.watch
            )
            self.notes |= notes
            if self.query.ellipsoid:
                hits = self._with_exact(hits, scores, limits)
        self.watch.reach(0.95)
        hits = ranked(hits, self.query.limit, once=not len(self.edge[0]))
        if len(self.edge[0]) and set(self.edge[0]).intersection(hits.members):
            self.notes.add(EDGE_FOUND)
        hits.notes = frozenset(self.notes)
        return hits

    def _with_exact(self, hits: Hits, scores: Array, limits: Array) -> Hits:
        """Measure again from the exact coordinates where there are some."""
        hits.lon, hits.lat, hits.exact = attributes.exact_positions(
            hits.attributes, scores, hits.lon, hits.lat
        )
        again = np.flatnonzero(hits.exact)
        if len(again):
            metres, bearing = self._measure(hits.origin[again], hits.lon[again], hits.lat[again])
            hits.distance[again], hits.bearing[again] = metres, bearing
        return hits.take(hits.distance <= limits)

    def _measure(self, origin: Array, lon: Array, lat: Array) -> tuple[Array, Array]:
        return measure.distances(self.query.ellipsoid, self.lon0[origin], self.lat0[origin], lon, lat)


def widening(ellipsoid: Optional[Ellipsoid]) -> float:
    """The most that a distance on the servers' sphere exceeds the one that is measured here, as a factor."""
    return ellipsoid.widest if ellipsoid else 1.0 + 1e-9


def server_radius(lat: float, metres: float, ellipsoid: Optional[Ellipsoid]) -> Optional[float]:
    """The radius to ask a server for, so that it returns all within ``metres`` of a centre at this latitude;
    None where its circles are not to be trusted.

    The servers take the circle's width along the parallel of its centre (or of its top): too narrow for a
    large circle away from the equator. Asked this much wider, their box holds the whole circle.
    """
    asked = metres * widening(ellipsoid) + cells.ROUNDING_M
    angle = asked / SERVER_RADIUS
    if asked > NATIVE_RADIUS or abs(lat) + math.degrees(angle) > NATIVE_LATITUDE:
        return None
    parallel = math.cos(math.radians(lat))
    return max(asked, math.asin(min(1.0, math.sin(angle) / parallel)) * parallel * SERVER_RADIUS)


def _columns(command: tuple[Word, ...], reply: Reply) -> raw.Columns:
    reply = raw.good(reply)
    return raw.columns_of_search(reply) if command[0] == "GEOSEARCH" else raw.columns_of_scores(reply)


def edge_columns(reply: Reply) -> tuple[raw.Columns, set[str]]:
    """The members on the very edge; a user without the right to read ranges goes without them, with a
    note."""
    if isinstance(reply, Exception):
        if classify(reply).kind is not FailureKind.NO_RIGHTS:
            raise reply
        return raw.NOTHING, {NO_EDGE_RIGHT}
    return raw.columns_of_scores(reply), set()


def ranked(hits: Hits, limit: int = 0, once: bool = False) -> Hits:
    """By origin, then distance; each member once an origin; at most ``limit`` of each; ranks from 1.

    ``once`` says that no member can have come twice for one origin.
    """
    if not len(hits):
        return hits
    order = _by_distance(hits, np.arange(len(hits)))
    if (order[1:] < order[:-1]).any():
        hits = hits.take(order)
    if not once:
        hits = hits.take(_first_of_each(hits))
    starts = np.searchsorted(hits.origin, hits.origin, side="left")
    hits.rank = np.arange(len(hits), dtype=np.int64) - starts + 1
    return hits.take(hits.rank <= limit) if limit else hits


def _by_distance(hits: Hits, index: Array) -> Array:
    """The index sorted by origin, then distance."""
    order: Array = np.lexsort((hits.distance[index], hits.origin[index]))
    sorted_index: Array = index[order]
    return sorted_index


def _first_of_each(hits: Hits) -> Array:
    """Which hits are not a second sight of the same member around the same origin (it moved between two
    reads)."""
    keep = np.ones(len(hits), bool)
    seen: set[tuple[int, bytes]] = set()
    for index, pair in enumerate(zip(hits.origin.tolist(), hits.members)):
        if pair in seen:
            keep[index] = False
        seen.add(pair)
    return keep


def cover_circle(lon: float, lat: float, metres: float) -> list[tuple[int, int]]:
    """Ranges of cells that hold everything within ``metres`` (on the servers' sphere) of a point, at any
    latitude."""
    angle = math.degrees(metres / SERVER_RADIUS) * (1 + 1e-9)
    south, north = lat - angle, lat + angle
    if south <= -90.0 or north >= 90.0:  # a pole is inside: every longitude
        return cells.cover_box(-180.0, max(south, -90.0), 180.0, min(north, 90.0))
    half = (
        math.degrees(math.asin(min(1.0, math.sin(math.radians(angle)) / math.cos(math.radians(lat))))) + 1e-9
    )
    return cover_wrapped(lon - half, south, lon + half, north)


def cover_wrapped(
    west: float, south: float, east: float, north: float, most: int = 64
) -> list[tuple[int, int]]:
    """Ranges of a box whose longitudes may leave [-180, 180] (west <= east)."""
    if east - west >= 360.0:
        return cells.cover_box(-180.0, south, 180.0, north, most)
    turn = math.floor((west + 180.0) / 360.0) * 360.0
    west, east = west - turn, east - turn
    if east <= 180.0:
        return cells.cover_box(west, south, east, north, most)
    return cells.cover_box(west, south, 180.0, north, most) + cells.cover_box(
        -180.0, south, east - 360.0, north, most
    )
