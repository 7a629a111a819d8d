"""Densities: the figures of a fleet by cells and zones are those of counting vehicle by vehicle."""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live.cells import HEXAGONS, SHAPES, Grid, unpacked
from redis_geo_plugin.core.live.density import (
    CellCounter,
    DensitySpec,
    Tallies,
    ZoneCounter,
    difference,
    from_json,
    projection,
)
from redis_geo_plugin.core.live.density_history import of_moment, of_span
from redis_geo_plugin.core.live.fences import Fences
from redis_geo_plugin.core.live.fleet import Fixes, Fleet
from redis_geo_plugin.core.live.records import Fix
from redis_geo_plugin.core.live.trails import History
from redis_geo_plugin.core.watch import Watch

NOW, GAP = 1795348800.0, 100.0


def fix(ident, lon, lat, time=NOW, speed=None):
    return Fix(ident, b"", lon, lat, time, NOW, speed, None, {})


def degrees(lon, lat):
    return lon, lat


def figures(found: Tallies):
    """Of each key the count, the mean speed and the seconds; None for what is not known."""
    rows = zip(found.keys.tolist(), found.count.tolist(), found.speed.tolist(), found.dwell.tolist())
    return {
        key: (count, None if speed != speed else speed, None if dwell != dwell else dwell)
        for key, count, speed, dwell in rows
    }


class Naive:
    """Vehicle by vehicle, in dicts: ``places(lon, lat)`` are the keys of where somebody is."""

    def __init__(self, places):
        self.places, self.known = places, {}

    def look(self, fixes):
        """After each look at the latest fixes."""
        before, self.known = self.known, {}
        found = defaultdict(list)
        for one in fixes:
            was, since = before.get(one.id, (None, {}))
            goes_on = was is not None and 0 <= one.time - was <= GAP
            stays = {
                key: since[key] if goes_on and key in since else one.time
                for key in self.places(one.lon, one.lat)
            }
            self.known[one.id] = one.time, stays
            for key, entered in stays.items():
                found[key].append((one.speed, one.time - entered))
        result = {}
        for key, who in found.items():
            speeds = [speed for speed, _ in who if speed is not None]
            mean = round(sum(speeds) / len(speeds), 3) if speeds else None
            result[key] = len(who), mean, round(sum(stay for _, stay in who), 3)
        return result


LONGITUDES = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 179.9999, 180.0, -180.0, -179.9999, 0.25])
LATITUDES = st.sampled_from([0.0, 0.28867513459481287, 0.5, 0.8660254037844386, -0.5, 85.06, 90.0, -90.0])
SPEEDS = st.sampled_from([None, 0.0, 3.5, 12.25])


@st.composite
def looks(draw):
    """Latest fixes at some looks, one after the other; vehicles come, move, stand, fall silent and go."""
    times, found = dict.fromkeys("abcde", NOW), []
    for _ in range(draw(st.integers(1, 6))):
        latest = []
        for ident in draw(st.lists(st.sampled_from("abcde"), unique=True)):
            times[ident] += draw(st.sampled_from([0.0, 5.0, 99.0, 101.0, -3.0]))
            latest.append(fix(ident, draw(LONGITUDES), draw(LATITUDES), times[ident], draw(SPEEDS)))
        found.append(latest)
    return found


def show(fleet, latest):
    """Make these the latest fixes of a fleet: who is not among them goes."""
    for ident in set(fleet) - {one.id for one in latest}:
        fleet.remove(ident)
    if latest:
        fleet.store(Fixes.of(latest))


@settings(max_examples=300, deadline=None)
@given(found=looks(), shape=st.sampled_from(SHAPES), size=st.sampled_from([0.5, 1.0, 7.0]))
def test_cells_are_as_counted_one_by_one(found, shape, size):
    grid = Grid(shape, size)
    counter, fleet = CellCounter(grid, degrees), Fleet(GAP)
    naive = Naive(lambda lon, lat: grid.cells(np.array([lon]), np.array([lat])).tolist())
    for latest in found:
        show(fleet, latest)
        tallies = counter.now(fleet.columns())
        assert figures(tallies) == naive.look(latest)
        assert tallies.vehicles == len(latest) == int(tallies.count.sum())
        at = counter.at(fleet.everything())
        assert at.count.tolist() == tallies.count.tolist() and np.isnan(at.dwell).all()


POLYGONS = [
    shapely.box(0, 0, 1, 1),
    shapely.box(0.5, -1, 2, 0.5),  # overlaps the first
    shapely.box(179, -90, 180, 90),
    shapely.Polygon(
        shapely.box(-1, -1, 3, 3).exterior.coords, [shapely.box(0.2, 0.2, 0.6, 0.6).exterior.coords]
    ),
    shapely.Polygon(),
]


@settings(max_examples=300, deadline=None)
@given(found=looks(), polygons=st.lists(st.sampled_from(POLYGONS), max_size=5))
def test_zones_are_as_counted_one_by_one(found, polygons):
    def places(lon, lat):
        return [place for place, one in enumerate(polygons) if one.intersects(shapely.Point(lon, lat))]

    counter = ZoneCounter([("z", shapely.to_wkb(one)) for one in polygons])
    fleet, naive = Fleet(GAP), Naive(places)
    crossings = np.arange(2 * len(polygons)).reshape(2, -1)
    for latest in found:
        show(fleet, latest)
        tallies = counter.now(fleet.columns(), crossings)
        wanted = naive.look(latest)
        assert tallies.keys.tolist() == list(range(len(polygons))), "also those without a vehicle"
        assert {key: row for key, row in figures(tallies).items() if row[0]} == wanted
        assert (tallies.entered.tolist(), tallies.left.tolist()) == tuple(crossings.tolist())
        at = counter.at(fleet.everything())
        assert at.count.tolist() == tallies.count.tolist()
        assert np.isnan(at.entered).all() and np.isnan(at.dwell[at.count > 0]).all()


@st.composite
def tallies(draw):
    keys = sorted(draw(st.sets(st.integers(-9, 9))))
    columns = [np.array([draw(st.sampled_from([1.0, 2.0, np.nan])) for _ in keys], float) for _ in range(5)]
    return Tallies(np.array(keys, np.int64), *columns)


@given(before=st.one_of(st.none(), tallies()), now=tallies())
def test_a_difference_makes_the_one_from_the_other(before, now):
    def rows(found):
        return dict(zip(found.keys.tolist(), map(repr, zip(*(one.tolist() for one in found.columns)))))

    changes, shown = difference(before, now), rows(before) if before is not None else {}
    assert not set(rows(changes.came)) & set(shown)
    for key, row in rows(changes.changed).items():
        assert shown[key] != row, "only what changed is told"
        shown[key] = row
    for key in changes.gone.tolist():
        del shown[key]
    shown.update(rows(changes.came))
    assert shown == rows(now)
    assert bool(changes) == (rows(now) != (rows(before) if before is not None else {}))


@given(
    steps=st.lists(
        st.tuples(st.sampled_from([0.5, 40.0, GAP, GAP + 1, 3 * GAP]), st.booleans()), min_size=1, max_size=12
    )
)
def test_silence_is_between_two_reports_however_far_two_looks_lie_apart(steps):
    """A vehicle that stays where it is: its stay begins anew only where its reports had a gap."""
    counter, zones = CellCounter(Grid(HEXAGONS, 1.0), degrees), ZoneCounter([("z", _wkb(0, 0, 9, 9))])
    fleet, moment, entered = Fleet(GAP), NOW, None
    for after, is_looked_at in [(0.0, True), *steps]:
        moment += after
        broken = after > GAP
        entered = None if broken else entered
        fleet.store(Fixes.of([fix("a", 2.0, 4.0, moment)]))
        if is_looked_at:
            entered = moment if entered is None else entered
            assert counter.now(fleet.columns()).dwell.tolist() == [round(moment - entered, 3)]
            crossings = np.zeros((2, 1))
            assert zones.now(fleet.columns(), crossings).dwell.tolist() == [round(moment - entered, 3)]


def _wkb(*bounds):
    return shapely.to_wkb(shapely.box(*bounds))


def test_an_empty_fleet_has_no_cells():
    counter = CellCounter(Grid(HEXAGONS, 1.0), degrees)
    assert len(counter.now(Fleet(GAP).columns())) == 0
    fleet = Fleet(GAP)
    fleet.store(Fixes.of([fix("a", 2.0, 48.0)]))
    assert len(counter.now(fleet.columns())) == 1
    fleet.clear()
    assert len(counter.now(fleet.columns())) == 0


def test_a_slot_that_another_vehicle_takes_begins_a_stay_anew():
    counter, fleet = CellCounter(Grid(HEXAGONS, 1.0), degrees), Fleet(GAP)
    fleet.store(Fixes.of([fix("a", 2.0, 48.0)]))
    counter.now(fleet.columns())
    fleet.store(Fixes.of([fix("a", 2.0, 48.0, NOW + 50)]))
    assert counter.now(fleet.columns()).dwell.tolist() == [50.0]
    fleet.remove("a")
    fleet.store(Fixes.of([fix("b", 2.0, 48.0, NOW + 60)]))
    assert fleet.slot("b") == 0
    assert counter.now(fleet.columns()).dwell.tolist() == [0.0]


def test_only_who_moved_is_projected():
    asked = []

    def project(lon, lat):
        asked.append(len(lon))
        return lon, lat

    counter, fleet = CellCounter(Grid(HEXAGONS, 1.0), project), Fleet(GAP)
    fleet.store(Fixes.of([fix(str(i), i * 0.01, 48.0) for i in range(1000)]))
    counter.now(fleet.columns())
    fleet.store(Fixes.of([fix(str(i), i * 0.01 + 5, 48.0, NOW + 1) for i in range(7)]))
    counter.now(fleet.columns())
    counter.now(fleet.columns())
    assert asked == [1000, 7, 0]


def test_speeds_that_are_not_known_do_not_count():
    fleet = Fleet(GAP)
    fleet.store(Fixes.of([fix("a", 0.1, 0.1, speed=4.0), fix("b", 0.1, 0.1), fix("c", 9.0, 9.0)]))
    found = CellCounter(Grid("squares", 1.0), degrees).now(fleet.columns())
    assert found.count.tolist() == [2, 1]
    assert found.speed[0] == 4.0 and np.isnan(found.speed[1])


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:2154", "EPSG:3031"])
def test_positions_are_counted_where_the_crs_has_them(crs):
    """A pole that a CRS does not have is nowhere, and told."""
    from pyproj import Transformer

    places = [(2.35, 48.85), (2.36, 48.86), (0.0, 90.0), (180.0, 10.0), (-180.0, 10.0)]
    fleet = Fleet(GAP)
    fleet.store(Fixes.of([fix(str(i), *place) for i, place in enumerate(places)]))
    grid = Grid(HEXAGONS, 500.0)
    found = CellCounter(grid, projection(crs)).now(fleet.columns())
    own = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    wanted = defaultdict(int)
    for lon, lat in places:
        x, y = own.transform(lon, lat)
        if max(abs(x), abs(y)) < 1e9:  # the far pole of a polar projection is finite, and no place
            wanted[int(grid.cells(np.array([x]), np.array([y]))[0])] += 1
    assert dict(zip(found.keys.tolist(), found.count.tolist())) == dict(wanted)
    assert found.vehicles == 5


def test_degrees_are_not_projected():
    assert projection("EPSG:4326")(1.5, 2.5) == (1.5, 2.5)


# --- what was -----------------------------------------------------------------------------------------------------------


@st.composite
def histories(draw):
    found, points = History(), []
    for ident in draw(st.lists(st.sampled_from("abc"), unique=True)):
        for _ in range(draw(st.integers(1, 8))):
            time = NOW + draw(st.integers(0, 300))
            one = fix(ident, draw(LONGITUDES), draw(LATITUDES), time, draw(SPEEDS))
            found.add_all([one])
            points.append(one)
    return found, points


def cell_of(grid, one):
    return int(grid.cells(np.array([one.lon]), np.array([one.lat]))[0])


def ways(points):
    """Of each vehicle its fixes by time, of one time the last that came."""
    each = defaultdict(dict)
    for one in points:
        each[one.id][one.time] = one
    return [[fixes[time] for time in sorted(fixes)] for fixes in each.values()]


@settings(max_examples=300, deadline=None)
@given(found=histories(), shape=st.sampled_from(SHAPES))
def test_a_span_is_as_counted_one_by_one(found, shape):
    history, points = found
    grid = Grid(shape, 1.0)
    who, speeds, spent = defaultdict(set), defaultdict(list), defaultdict(float)
    for way in ways(points):
        for one, after in zip(way, [*way[1:], None]):
            key = cell_of(grid, one)
            who[key].add(one.id)
            speeds[key] += [one.speed] if one.speed is not None else []
            if after is not None and after.time - one.time <= GAP:
                spent[key] += after.time - one.time
    tallies = of_span(history, CellCounter(grid, degrees), GAP, Watch())
    assert figures(tallies) == {
        key: (
            len(idents),
            round(sum(speeds[key]) / len(speeds[key]), 3) if speeds[key] else None,
            round(spent[key], 3),
        )
        for key, idents in who.items()
    }
    assert tallies.vehicles == len({one.id for one in points})


@settings(max_examples=300, deadline=None)
@given(found=histories(), after=st.integers(-1, 301))
def test_a_moment_is_the_last_report_until_then(found, after):
    history, points = found
    grid, moment = Grid(HEXAGONS, 1.0), NOW + after
    wanted = defaultdict(int)
    for way in ways(points):
        until = [one for one in way if one.time <= moment]
        if until:
            wanted[cell_of(grid, until[-1])] += 1
    tallies = of_moment(history, CellCounter(grid, degrees), moment, Watch())
    assert dict(zip(tallies.keys.tolist(), tallies.count.tolist())) == dict(wanted)
    assert np.isnan(tallies.dwell).all()


def test_fences_count_who_entered_and_left():
    fences = Fences(
        [("a", shapely.to_wkb(shapely.box(0, 0, 1, 1))), ("a", shapely.to_wkb(shapely.box(2, 0, 3, 1)))]
    )
    way = [fix("v", lon, 0.5) for lon in (-1.0, 0.5, 1.5, 4.0, 2.5)]
    fences.events(list(zip(way, way[1:])))
    assert fences.crossings.tolist() == [[1, 2], [1, 1]], "the second was crossed, then entered"


# --- what the project keeps ---------------------------------------------------------------------------------------------


def test_a_spec_comes_back():
    spec = DensitySpec("uid", "cells", "squares", 250.0)
    assert from_json(spec.to_json()) == spec
    assert from_json(json.dumps({"of": "u", "size": 5, "newer": True})) == DensitySpec("u", size=5.0)


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "null", "{", "{}", '{"of": 5}', '{"of": "u", "size": "1"}', '{"of": "u", "size": 0}'),
        *('{"of": "u", "size": -1}', '{"of": "u", "size": NaN}', '{"of": "u", "size": 1e300}', "[" * 9999),
        *('{"of": "u", "shape": "circles"}', '{"of": "u", "kind": "x"}', '{"of": "u", "size": true}'),
    ],
)
def test_what_is_no_spec_is_refused(text):
    with pytest.raises(ValueError):
        from_json(text)


def test_keys_of_a_counter_are_those_of_its_grid():
    fleet = Fleet(GAP)
    fleet.store(Fixes.of([fix("a", 2.35, 48.85)]))
    found = CellCounter(Grid("squares", 1.0), degrees).now(fleet.columns())
    assert [part.tolist() for part in unpacked(found.keys)] == [[48], [2]]
