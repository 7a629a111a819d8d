"""The replay of a stream: any moment is what a feed would have shown then, and little is read for it."""

from __future__ import annotations

import random
import time

import pytest

from redis_geo_plugin.core.live import replay as module
from redis_geo_plugin.core.live.feed import Feed
from redis_geo_plugin.core.live.positions import Positions
from redis_geo_plugin.core.live.records import Fix
from redis_geo_plugin.core.live.replay import SILENT_AFTER, NoReplay, look_through
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping
from redis_geo_plugin.core.redis.failures import StoreError
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support.positions import wait_for

MAPPING = Mapping(id="id", lon="lon", lat="lat", time="t")
SPEC = FeedSpec(name="day", kind="stream", pattern="day", mapping=MAPPING, max_speed=0.0)
START = 1_795_348_800


@pytest.fixture
def settings(server):
    return server.settings()


@pytest.fixture
def client(server):
    with server.client() as made:
        yield made


def write(client, rows, ids=None):
    """Reports (id, lon, time) into the stream, in this order."""
    pipe = client.pipeline(transaction=False)
    for place, (ident, lon, when) in enumerate(rows):
        record = {"id": ident, "lon": lon, "lat": 48.0, "t": when}
        pipe.xadd("day", record, id=ids[place] if ids else "*")
    pipe.execute()


def day(chance, hours=3, vehicles=12):
    """Hours of reports that come nearly in order, some late by minutes, one vehicle silent for an hour."""
    rows = []
    for second in range(0, hours * 3600, 20):
        for number in range(vehicles):
            when = START + second + number / 100
            if chance.random() < 0.7 and not (number == 0 and 3600 < second < 7200):
                late = chance.choice([0.0, 0.0, 0.0, 240.0])
                rows.append((when + late, (f"v{number}", round(number + second / 1e4, 6), when)))
    return [row for _, row in sorted(rows)]


def naive(rows, moment):
    """Of each vehicle its last report until then; of one time the last that came."""
    latest = {}
    for ident, lon, when in rows:
        if when <= moment and (ident not in latest or when >= latest[ident][1]):
            latest[ident] = lon, when
    return {ident: lon for ident, (lon, when) in latest.items() if when >= moment - SILENT_AFTER}


def shown(fixes):
    return {fix.id: fix.lon for fix in fixes.each()}


def test_every_moment_is_the_last_report_until_then(client, settings, monkeypatch):
    """Forwards in small steps, in jumps, backwards: as counted one by one."""
    monkeypatch.setattr(module, "STEP", 100)
    chance = random.Random(5)
    rows = day(chance)
    write(client, rows)
    found = look_through(settings, SPEC, Watch())
    assert found.reports == len(rows)
    assert found.span == (min(when for *_, when in rows), max(when for *_, when in rows))
    moments = [START + 30.0 * step for step in range(60)]
    moments += [START + chance.uniform(0, 3 * 3600) for _ in range(60)]
    moments += [START + 3 * 3600 - 60.0 * step for step in range(40)]
    for moment in moments:
        assert shown(found.at(moment)) == naive(rows, moment), moment


def test_a_step_reads_only_what_lies_between(client, settings, monkeypatch):
    monkeypatch.setattr(module, "STEP", 100)
    write(client, day(random.Random(6)))
    found, read = look_through(settings, SPEC, Watch()), []
    inner = module._Cursor._read

    def counted(cursor, reader, key, place):
        read.append(place)
        return inner(cursor, reader, key, place)

    monkeypatch.setattr(module._Cursor, "_read", counted)
    found.at(START + 5000.0)
    assert 0 < len(read) < len(found._given[3].first) / 4, "the window before it"
    for step in range(1, 11):
        found.at(START + 5000.0 + step)
    assert len(read) == len(set(read)), "no block is read twice"
    assert (
        len(found._cursors["map"]._waiting) < 10 * 100 and len(found._cursors["map"]._positions.latest) <= 12
    ), "little is held"


def test_what_was_refused_moves_no_vehicle(client, settings):
    rows = [("a", 2.0 + i / 1e4, START + 10 * i) for i in range(20)]
    rows.insert(10, ("a", 90.0, START + 95))
    write(client, rows)
    client.xadd("day", {"id": "a", "lon": 999, "lat": 48, "t": START + 96})
    client.xadd("day", {"id": "b", "lon": 2, "lat": 48, "t": START + 10**9})  # in the future
    found = look_through(settings, SPEC.changed(max_speed=100.0), Watch())
    assert found.span == (START, START + 190)
    assert shown(found.at(START + 96.0)) == {"a": 2.0009}
    assert shown(found.at(START + 190.0)) == {"a": 2.0019}


def test_ids_that_are_no_times_do_not_matter(client, settings):
    write(client, [("a", 2.0 + i, START + 10 * i) for i in range(5)], ids=[f"{i + 1}-1" for i in range(5)])
    found = look_through(settings, SPEC, Watch())
    assert shown(found.at(START + 25.0)) == {"a": 4.0}


def test_a_clock_that_is_years_behind_does_not_stretch_the_span(client, settings):
    now = int(time.time())
    write(client, [("a", 2.0, 946_684_800), ("b", 3.0, now - 60), ("b", 3.1, now)])
    start, end = look_through(settings, SPEC, Watch()).span
    assert end == now and now - 2 * 86_400 < start <= now - 60


def test_a_stream_without_positions_has_no_replay(client, settings):
    with pytest.raises(NoReplay):
        look_through(settings, SPEC, Watch())
    client.xadd("day", {"id": "a", "name": "no position"})
    with pytest.raises(NoReplay):
        look_through(settings, SPEC, Watch())


def test_looking_through_can_be_cancelled_and_tells_how_far_it_is(client, settings, monkeypatch):
    monkeypatch.setattr(module, "STEP", 10)
    write(client, [("a", 2.0, START + i) for i in range(100)])
    told = []
    look_through(settings, SPEC, Watch(told=told.append))
    assert told == sorted(told) and told[-1] == 1.0
    with pytest.raises(Cancelled):
        look_through(settings, SPEC, Watch(lambda: len(told) > 0))


def test_entries_that_the_server_cut_off_are_no_more(client, settings, monkeypatch):
    monkeypatch.setattr(module, "STEP", 10)
    rows = [("a", 2.0 + i, START + i) for i in range(50)]
    write(client, rows)
    found = look_through(settings, SPEC, Watch())
    client.xtrim("day", maxlen=20, approximate=False)
    assert shown(found.at(START + 10.0)) == {}
    assert shown(found.at(START + 40.0)) == {"a": 42.0}


def test_a_feed_shows_its_replay_and_falls_back_when_the_server_is_away(server, client, settings):
    write(client, [("a", 2.0 + i, START + 10 * i) for i in range(5)])
    feed = Feed(SPEC.changed(interval=0.05, trail_points=2), settings)
    feed.start()
    try:
        wait_for(lambda: feed.status().full_reads)
        assert feed.known_since() == START + 30, "two points a vehicle"
        feed.replay = look_through(settings, SPEC, Watch())
        assert feed.known_since() == START
        assert shown(feed.fixes_at(START + 15.0)) == {"a": 3.0}
        server.kill()
        assert shown(feed.fixes_at(START + 39.0)) in ({}, {"a": 5.0}), "only what is known"
        with pytest.raises((StoreError, exceptions.RedisError, OSError)):
            feed.replay.at(START + 1.0)
        feed.reconnect(None)
        assert feed.replay is None
    finally:
        feed.stop()
        server.start()  # its fixture cleans it


def test_it_judges_as_a_feed_does(client, settings):
    """Moving on is the same as beginning at that moment."""
    rows = day(random.Random(8), hours=1)
    write(client, rows)
    going = look_through(settings, SPEC, Watch())
    for moment in range(START, START + 3600, 97):
        whole = Positions(SPEC)
        fixes = [
            Fix(ident, b"", lon, 48.0, when, when, None, None, {})
            for ident, lon, when in rows
            if when <= moment
        ]
        for judged in [whole.judge(fixes, time.time())] if fixes else []:
            whole.keep(judged)
        wanted = {ident: whole.latest[ident].lon for ident in whole.latest}
        wanted = {i: lon for i, lon in wanted.items() if whole.latest[i].time >= moment - SILENT_AFTER}
        assert shown(going.at(float(moment))) == wanted
