"""A fleet in columns is what its fixes are one by one."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live.fleet import FIRST_CAPACITY, Fixes, Fleet
from redis_geo_plugin.core.live.positions import Positions
from redis_geo_plugin.core.live.records import Fix, Records, Row
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.live.trails import FEWEST, History, Trails
from tests.support.examples import examples
from tests.support.patience import PATIENCE

NOW = 1795348800.0


def fix(ident="a", lon=2.0, lat=48.0, time=NOW, **more):
    return Fix(ident, b"k:" + ident.encode(), lon, lat, time, NOW, **more)


def said(one: Fix) -> str:
    """All that a fix says but for the key it came from."""
    return repr([getattr(one, name) for name in Fix.__slots__ if name != "key"])


NUMBER = st.one_of(st.none(), st.sampled_from([0.0, 3.5, 90.0, 359.9]))


@st.composite
def fixes(draw, ident):
    return fix(
        ident,
        lon=draw(st.sampled_from([2.0, 2.0, 2.001, 2.01, 12.0, 179.999, -179.999])),
        lat=draw(st.sampled_from([48.0, 48.0, 48.001, 0.0])),
        time=NOW + draw(st.sampled_from([-20.0, -10.0, -5.0, 0.0, 0.0, 5.0, 1e6])),
        speed=draw(NUMBER),
        heading=draw(NUMBER),
        derived=draw(st.sampled_from([None, None, None, "time"])),
        attributes=draw(st.sampled_from([{}, {"line": "T3"}, {"line": "T4", "load": 1.5}])),
    )


@st.composite
def batches(draw):
    """Batches of fixes, in each one of a vehicle at most."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        idents = draw(st.lists(st.sampled_from("abcd"), unique=True, min_size=1))
        found.append([draw(fixes(ident)) for ident in idents])
    return found


@settings(max_examples=examples(120))
@given(found=batches(), max_speed=st.sampled_from([0.0, 60.0]))
def test_judged_together_is_as_one_by_one(found, max_speed):
    spec, ways, told, moves = FeedSpec(max_speed=max_speed), [History(), History()], ([], []), ([], [])
    together, singly = Positions(spec), Positions(spec)
    for batch in found:
        each = [fix.__class__(**_words(fix)) for fix in batch]
        for side, positions, fixes in ((0, together, Fixes.of(batch)), (1, singly, each)):
            judged = positions.judge(fixes, NOW, with_moves=True)
            for believed in judged.believed:
                ways[side].add_all(believed)
            told[side].extend(map(repr, judged.seen))
            moves[side].extend((a.id, a.time, a.lon, b.time, b.lon) for a, b in judged.moves)
            positions.keep(judged)
    assert {i: said(f) for i, f in together.latest.items()} == {i: said(f) for i, f in singly.latest.items()}
    assert together.refused == singly.refused
    assert {i: repr(ways[0].way(i)) for i in ways[0].ids()} == {
        i: repr(ways[1].way(i)) for i in ways[1].ids()
    }
    assert set(told[0]) == set(told[1])
    assert sorted(moves[0]) == sorted(moves[1])


def _words(one: Fix) -> dict:
    words = {name: getattr(one, name) for name in Fix.__slots__}
    return {"ident": words.pop("id"), **words, "attributes": dict(one.attributes)}


@given(st.lists(st.sampled_from("abcd").flatmap(fixes), max_size=6))
def test_columns_say_what_their_fixes_say(found):
    last = {one.id: one for one in found}
    columns = Fixes.of(found)
    assert {ident: said(one) for ident, one in columns.items()} == {
        ident: said(one) for ident, one in last.items()
    }
    assert list(columns) == list(last)
    some = columns.pick(columns.lat == 0.0)
    assert [said(one) for one in some.values()] == [said(one) for one in last.values() if one.lat == 0.0]
    assert [one.key for one in columns.part(1, 3).values()] == [one.key for one in list(last.values())[1:3]]


def test_slots_are_kept_while_a_vehicle_is_known_and_used_again_afterwards():
    fleet = Fleet()
    first = fleet.store(Fixes.of([fix("a"), fix("b"), fix("c")])).tolist()
    assert fleet.remove("b")
    assert not fleet.remove("b")
    assert fleet.get("b") is None
    assert fleet.store(Fixes.of([fix("a", 3.0), fix("d", 4.0), fix("e", 5.0)])).tolist() == [
        first[0],
        first[1],
        3,
    ]
    assert {ident: one.lon for ident, one in fleet.items()} == {"a": 3.0, "c": 2.0, "d": 4.0, "e": 5.0}
    assert fleet.find(["c", "b"]).tolist() == [first[2], -1]
    fleet.clear()
    assert len(fleet) == 0
    assert sorted(fleet.store(Fixes.of([fix("x"), fix("y")])).tolist())[-1] < 4


def test_a_fleet_grows_and_keeps_what_it_had():
    fleet = Fleet()
    for start in range(0, 4 * FIRST_CAPACITY, 100):
        fleet.store(Fixes.of(fix(str(i), lon=i / 100.0, heading=None) for i in range(start, start + 100)))
    everything = fleet.everything()
    assert {ident: everything[ident].lon for ident in ("0", "255", "1023")} == {
        "0": 0.0,
        "255": 2.55,
        "1023": 10.23,
    }
    assert fleet["700"].heading is None
    assert fleet.older_than(NOW) == []
    fleet.store(Fixes.of([fix("7", time=NOW - 1)]))
    assert fleet.older_than(NOW) == ["7"]


def test_who_reads_a_fleet_never_sees_half_of_a_fix():
    fleet, stop, odd = Fleet(), threading.Event(), []
    fleet.store(Fixes.of(fix(str(i), 0.0, 0.0) for i in range(500)))

    def read():
        while not stop.is_set():
            seen = fleet.everything()
            odd.extend(seen.lon[seen.lon != seen.lat].tolist())

    reading = threading.Thread(target=read)
    reading.start()
    for turn in range(300):
        fleet.store(Fixes.of(fix(str(i), turn / 10.0, turn / 10.0) for i in range(500)))
    stop.set()
    reading.join(PATIENCE)
    assert odd == []


def test_records_in_columns_are_rows_when_asked():
    records = Records(["a", "b", "c"], [b"1", b"2", b"3"], [{"x": 1}, {"x": 2}, {"x": 3}], [b"", b"", b"raw"])
    assert [row.id for row in records] == ["a", "b", "c"]
    assert isinstance(records[1], Row)
    assert (records[-1].key, records[-1].data, records[-1].raw) == (b"3", {"x": 3}, b"raw")
    assert [row.data for row in records[1:]] == [{"x": 2}, {"x": 3}]


def test_several_points_of_one_vehicle_come_one_after_the_other():
    trails = Trails(60.0, 50)
    trails.add_all([fix("a", time=NOW + i) for i in (0, 1, 5, 3, 3, 9)] + [fix("b", time=NOW)])
    assert [point[0] - NOW for point in trails.way("a")] == [0.0, 1.0, 3.0, 5.0, 9.0]
    assert [point[0] - NOW for point in trails.way("b")] == [0.0]


def test_trails_of_a_growing_fleet_keep_the_newest_points():
    trails = Trails(60.0, 50)
    for turn in range(60):
        trails.add_all(Fixes.of(fix(str(i), time=NOW + turn) for i in range(3)))
    trails.add_all(Fixes.of(fix(f"new {i}") for i in range(200)))
    assert [point[0] for point in trails.way("2")] == [NOW + turn for turn in range(10, 60)]
    assert len(trails.way("new 199")) == 1
    trails.keep(60.0, 5)
    assert [point[0] for point in trails.way("0")] == [NOW + turn for turn in range(55, 60)]
    trails.keep(60.0, 50)
    trails.add_all([fix("0", time=NOW + 57.5), fix("0", time=NOW + 61.0)])
    assert [point[0] - NOW for point in trails.way("0")] == [55.0, 56.0, 57.0, 57.5, 58.0, 59.0, 61.0]
    assert trails.span() == (NOW, NOW + 61.0)


def test_trails_of_a_large_fleet_stay_within_their_memory(monkeypatch):
    monkeypatch.setattr("redis_geo_plugin.core.live.trails.TOTAL_POINTS", 4096)
    trails = Trails(60.0, 50)
    for count, kept in ((20, 50), (300, 13), (2000, FEWEST)):
        for turn in range(60):
            trails.add_all(Fixes.of(fix(str(i), time=NOW + count + turn) for i in range(count)))
        assert len(trails.way("7")) == kept
        assert trails.way("7")[-1][0] == NOW + count + 59


def test_a_forgotten_trail_is_told_and_its_room_used_again():
    trails = Trails(60.0, 50)
    trails.add_all([fix("a"), fix("b")])
    assert trails.take_changed() == {"a", "b"}
    trails.forget("a")
    trails.add_all([fix("c", lon=7.0)])
    assert trails.take_changed() == {"a", "c"}
    assert (trails.way("a"), trails.at("a", NOW), trails.ids()) == ([], None, ["b", "c"])
    assert [point[1] for point in trails.way("c")] == [7.0]
    assert trails.take_changed() == set()


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2], [2, 2, 1, 0, 3]])
def test_a_history_is_in_order_however_it_came(order):
    history = History()
    for number, place in enumerate(order):
        history.add_all([fix(time=NOW + place, lon=float(place), lat=float(number))])
    assert [point[1] for point in history.way("a")] == [0.0, 1.0, 2.0, 3.0]
    assert history.way("a")[2][2] == max(number for number, place in enumerate(order) if place == 2)
    assert history.way("unknown") == []


def test_a_slot_is_a_vehicles_own_until_it_is_removed():
    fleet = Fleet()
    slots = fleet.store(Fixes.of([fix("a"), fix("b")]))
    taken = fleet.at(slots)
    assert taken.slots.tolist() == taken.part(0, 2).slots.tolist() == slots.tolist()
    assert taken.pick(np.array([False, True])).slots.tolist() == slots[1:].tolist()
    assert fleet.holds(slots, taken.idents)
    assert not fleet.holds(slots[::-1], taken.idents)
    assert not fleet.holds(np.array([0, 7]), taken.idents)
    assert not fleet.holds(np.array([0, -1]), taken.idents)
    fleet.remove("b")
    assert not fleet.holds(slots, taken.idents)
    fleet.store(Fixes.of([fix("c")]))  # in the slot that b had
    assert not fleet.holds(slots, taken.idents)
    fleet.clear()
    assert not fleet.holds(slots[:1], taken.idents[:1])


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-30, 30)), max_size=40),
    st.integers(2, 6),
    st.integers(-40, 40),
)
def test_where_all_were_is_where_each_was(points, length, moment):
    trails = Trails(60.0, length)
    for ident, second in points:
        trails.add(fix(ident, lon=float(second), time=NOW + second))
    trails.forget("d")
    idents = ["d", "c", "x", "b", "a"]
    found = trails.all_at(idents, NOW + moment)
    for ident, row in zip(idents, found):
        expected = trails.at(ident, NOW + moment)
        if expected is None:
            assert np.isnan(row).all()
        else:
            assert np.array_equal(row, np.array(expected), equal_nan=True)


def test_where_all_of_many_were():
    trails = Trails(60.0, 20)
    for second in (0.0, 10.0, 20.0):
        trails.add_all(
            Fixes.of([fix(str(i), lon=i / 1000 + second / 1e6, time=NOW + second) for i in range(2500)])
        )
    found = trails.all_at([str(i) for i in range(2500)], NOW + 15)
    assert np.allclose(found[:, 1], np.arange(2500) / 1000 + 1e-5, atol=1e-12)
    assert trails.all_at([], NOW).shape == (0, 5)
