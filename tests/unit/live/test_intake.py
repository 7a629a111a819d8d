"""What a feed takes in: many JSON texts read as one, the difference that waits for the window, and its manners to it."""

from __future__ import annotations

import gc
import json
import threading
import time

import pytest

from redis_geo_plugin.core.live import collector
from redis_geo_plugin.core.live import intake as intake_module
from redis_geo_plugin.core.live.decoding import value_rows
from redis_geo_plugin.core.live.feed import Feed
from redis_geo_plugin.core.live.intake import FULL, PositionIntake
from redis_geo_plugin.core.live.json_text import parse_many
from redis_geo_plugin.core.live.records import RefusalReason, Row
from redis_geo_plugin.core.live.sources.json_keys import JsonKeys
from redis_geo_plugin.core.live.spec import FeedSpec
from tests.support.patience import PATIENCE
from tests.support.positions import wait_for


def rows(*idents, lat=48.0):
    now = time.time()
    return [
        Row(i, b"vehicule:" + i.encode(), {"latitude": lat, "longitude": 2.0, "timestamp": now})
        for i in idents
    ]


@pytest.fixture
def intake():
    return PositionIntake(FeedSpec(max_speed=0.0))


@pytest.fixture
def source():
    return JsonKeys(FeedSpec())


def test_many_values_are_read_as_one_text():
    values = [{"a": 1}, [2.0, 48.0], "text", 7, None, {"b": {"c": [1, 2]}}]
    assert parse_many([json.dumps(v).encode() for v in values]) == values


@pytest.mark.parametrize(
    "raws",
    [
        [b'{"a": 1', b'{"b": 2}'],
        [b'{"a": [1', b"2]}", b"3, 4"],  # two that would fit together, and one that makes up for it
        [b"1], [2", b"3"],
        [b"1", b"2], 3"],  # the list ends too early
        [b"", b"1, 2"],
        [b"\xff", b"1"],
        [b"[" * 100_000, b"1"],
        [b'"open', b'1"'],
    ],
)
def test_values_that_run_over_their_end_are_not_read_together(raws):
    assert parse_many(raws) is None
    found = value_rows([str(i) for i in range(len(raws))], [b"k"] * len(raws), raws)
    assert [row.id for row in found] == [str(i) for i in range(len(raws))]
    assert any(row.error is RefusalReason.UNREADABLE for row in found)


def test_rubbish_among_many_spoils_no_other():
    good = b'{"latitude": 48.0, "longitude": 2.0}'
    raws = [b"{" if i == 7 else good for i in range(1000)]
    found = value_rows([str(i) for i in range(1000)], [b"k"] * 1000, raws)
    assert [row.id for row in found if row.error] == ["7"]
    assert all(row.data == {"latitude": 48.0, "longitude": 2.0} for row in found if row.id != "7")


def test_what_is_taken_over_is_taken_once_and_the_newest_of_each(intake, source):
    intake.take_up(rows("a", "b"), [], source, True, 5.0)
    intake.take_up(rows("a", lat=49.0), [], source, True, 6.0)
    assert intake.waiting == 2
    taken = intake.take()
    assert (taken.changed["a"].lat, taken.changed["b"].lat, taken.since) == (49.0, 48.0, 5.0)
    assert not intake.has_news
    assert not intake.take()


def test_a_vehicle_that_comes_back_is_not_gone_and_one_that_goes_has_not_changed(intake, source):
    intake.take_up(rows("a", "b"), [], source, True)
    intake.take()
    intake.take_up([], ["a", "b"], source, True)
    intake.take_up(rows("a"), [], source, True)
    taken = intake.take()
    assert (list(taken.changed), list(taken.gone)) == (["a"], ["b"])
    intake.take_up(rows("a", lat=49.0), ["a"], source, True)
    taken = intake.take()
    assert (list(taken.changed), list(taken.gone)) == ([], ["a"])


def test_a_layer_that_is_filled_again_hears_of_those_who_have_gone(intake, source):
    intake.take_up(rows("a", "b", "c"), [], source, True, 5.0)
    intake.take()
    intake.take_up([], ["a", "b"], source, True)
    intake.take_up(rows("b"), [], source, True)
    before = time.monotonic()
    taken = intake.take_all()
    assert (set(taken.changed), list(taken.gone)) == ({"b", "c"}, ["a"])
    assert taken.since >= before  # not the beginning of a rewind, or none at all
    assert not intake.take()


class Zones:
    """Judges ways as core.live.fences.Fences does, and keeps them."""

    def __init__(self):
        self.ways: list = []

    def events(self, moves):
        self.ways += [(before.lat, after.lat) for before, after in moves]
        return []


def test_polygons_that_are_replaced_while_records_are_read_lose_no_way(intake, source, monkeypatch):
    first, second = Zones(), Zones()
    intake.watch_fences(first, "")
    intake.take_up(rows("a"), [], source, True)
    add_all = intake.trails.add_all

    def meanwhile(zones):
        """The window sets others while a batch is judged, as it does at any moment."""

        def add(fixes):
            intake.watch_fences(zones, "")
            add_all(fixes)

        monkeypatch.setattr(intake.trails, "add_all", add)

    meanwhile(second)
    intake.take_up(rows("a", lat=48.1), [], source, True)
    intake.take_up(rows("a", lat=48.2), [], source, True)
    assert (first.ways, second.ways) == ([(48.0, 48.1)], [(48.1, 48.2)])
    meanwhile(None)
    intake.take_up(rows("a", lat=48.3), [], source, True)
    intake.take_up(rows("a", lat=48.4), [], source, True)
    assert second.ways[1:] == [(48.2, 48.3)]


def test_reading_waits_while_the_window_writes_and_goes_on_when_it_rests(intake, source, monkeypatch):
    monkeypatch.setattr(intake_module, "LONGEST_HOLD", 600.0)
    intake.window_writes(True)
    reading = threading.Thread(target=intake.take_up, args=(rows(*map(str, range(1200))), [], source, True))
    reading.start()
    wait_for(lambda: intake.waiting == intake_module.PIECE)
    reading.join(0.1)
    assert reading.is_alive() and intake.waiting == intake_module.PIECE
    intake.window_writes(False)
    reading.join()
    assert intake.waiting == 1200


def test_reading_goes_on_when_the_window_forgets_it(intake, source):
    intake.window_writes(True)  # and never false: a window in the middle of something else
    intake.take_up(rows("a"), [], source, True)
    assert intake.waiting == 1


def test_much_that_waits_is_taken_before_more_is_read(intake, source):
    intake.wait_until_taken(60.0)  # nothing waits: at once
    intake.take_up(rows(*map(str, range(FULL))), [], source, True)
    taker = threading.Timer(0.1, intake.take)
    taker.start()
    intake.wait_until_taken(60.0)
    assert not intake.has_news
    taker.join()


def test_a_feed_that_is_stopped_does_not_wait_for_the_window(source, monkeypatch):
    monkeypatch.setattr(intake_module, "LONGEST_HOLD", 60.0)
    feed = Feed(FeedSpec(max_speed=0.0), None)
    monkeypatch.setattr(feed, "_session", lambda: feed.intake.take_up(rows("a"), [], source, True))
    feed.intake.window_writes(True)
    feed.start()
    wait_for(lambda: feed.intake.waiting)
    thread = feed._thread
    feed.stop(wait=10.0)
    assert not thread.is_alive()


def test_the_garbage_collector_rarely_walks_what_stays(monkeypatch):
    monkeypatch.setattr(collector, "_holders", set())  # whatever other tests hold
    before, usual = gc.get_threshold(), (700, 10, 10)
    try:
        gc.set_threshold(*usual)
        collector.hold(monkeypatch)
        young, middle, full = gc.get_threshold()
        collector.release(monkeypatch)
        assert gc.get_threshold() == usual
        with pytest.raises(LookupError), collector.held():
            assert gc.get_threshold() == (young, middle, full)
            raise LookupError
        assert gc.get_threshold() == usual
    finally:
        gc.set_threshold(*before)
    assert young > usual[0]
    assert middle < usual[1]  # what stays is walked once, soon after it was made
    assert full > 1000 * usual[2]


def test_a_thread_that_outlives_its_feed_leaves_the_garbage_collector_as_it_was(monkeypatch):
    before, begun, stopped = gc.get_threshold(), threading.Event(), threading.Event()
    feed = Feed(FeedSpec(), None)

    def session():
        begun.set()
        stopped.wait(PATIENCE)
        collector.hold(feed.intake)  # as a large fleet does

    monkeypatch.setattr(feed, "_session", session)
    feed.start()
    assert begun.wait(PATIENCE)
    thread = feed._thread
    feed.stop(wait=0.0)
    stopped.set()
    thread.join(PATIENCE)
    assert gc.get_threshold() == before


@pytest.mark.parametrize(
    ("lead", "tracking", "period"),
    [(0.0, True, 1.0), (0.3, True, 0.4), (5.0, True, 0.2), (0.2, False, 0.6), (5.0, False, 0.5)],
)
def test_what_misses_a_reading_and_a_drawing_is_shown_within_the_interval(lead, tracking, period):
    feed = Feed(FeedSpec(interval=1.0), None)
    feed.lead, feed.figures.tracking = lead, tracking
    assert feed.period == pytest.approx(period)


def test_what_is_taken_in_parts_is_all_of_it_in_order_and_as_it_is_then(source):
    intake = PositionIntake(FeedSpec(max_speed=0.0), list)
    intake.take_up(rows(*"abcde"), [], source, True)
    first = intake.take(2)
    assert (list(first.changed), first.changed.ready, intake.waiting) == (["a", "b"], ["a", "b"], 3)
    intake.drop(["c"])
    intake.take_up(rows("d", lat=49.5), [], source, True)
    rest = intake.take(2)
    assert (list(rest.changed), list(rest.gone)) == (["d"], ["c"])
    assert rest.changed["d"].lat == 49.5
    assert (list(intake.take(2).changed), intake.due) == (["e"], 0)
    assert not intake.has_news
    assert not intake.take(2)


def test_what_comes_while_a_part_is_taken_waits_for_the_next_turn_and_counts_from_its_own_reading(source):
    intake = PositionIntake(FeedSpec(max_speed=0.0), list)
    intake.take_up(rows(*"abcd"), [], source, True, since=10.0)
    assert intake.take(2).since == 10.0
    intake.take_up(rows(*"adx", lat=49.5), [], source, True, since=20.0)
    second = intake.take(2)
    assert (list(second.changed), second.since, intake.due) == (["c", "d"], 10.0, 0)
    third = intake.take(5)
    assert (list(third.changed), third.since) == (["a", "x"], 20.0)
    assert third.changed["a"].lat == 49.5 and third.changed.ready == ["a", "x"]
    intake.take_up(rows("b", lat=49.5), [], source, True, since=30.0)
    assert intake.take().since == 30.0
