"""How long a fleet that is read in turn is left alone for the names of new vehicles."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from redis_geo_plugin.core.live import reading, resting
from redis_geo_plugin.core.live.reading import LONGEST_LOOK, LOOK_SHARE, Reading, ReadingFigures
from redis_geo_plugin.core.live.sources.base import NamesInTurn, Source
from redis_geo_plugin.core.live.tracking import TrackedChanges

FLEET = [b"v%d" % n for n in range(12)]
HOUR = 3600.0
PERIOD = 1.0


class MovedClock:
    """Moves on where somebody waits."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def wait(self, seconds):
        self.now += max(seconds, 0.01)


class ShortFeed:
    """Lives for so many looks, and can be paused."""

    period = PERIOD
    spec = SimpleNamespace(forget_after=0.0)

    def __init__(self, clock, source):
        self.paused_for = 0.0
        self.looks = 3
        self.wait = self._wait
        self._clock, self._source = clock, source

    @property
    def paused(self):
        return self.paused_for > 0.0

    def alive(self):
        assert self._clock.now < 10 * HOUR, "it never rests"
        return len(self._source.looks) < self.looks

    def tell(self):
        pass

    def _wait(self, seconds):
        self._clock.wait(self.paused_for or seconds)
        self.paused_for = 0.0


class StormyFleet:
    """All of it changes all the time."""

    told_keys = len(FLEET)

    def __init__(self, clock):
        self.looks, self.begun = [], 0
        self.reading_takes = 0.1
        self.at_look = lambda: None
        self._clock = clock

    def open(self, reader):
        pass

    def prefixes(self):
        return [b"v"]

    def in_turn(self):
        return FLEET

    def read(self, _reader, _keys):
        self._clock.now += self.reading_takes
        yield [], []

    def begin_to_look(self):
        self.begun += 1

    def look_for_new(self, _reader, seconds):
        self.looks.append(seconds)
        self.at_look()
        yield [], []


class TellingServer:
    """A server that tells of every vehicle, after a calm of an hour."""

    def __init__(self, clock):
        self.changes, self.everything, self.resting = TrackedChanges(), False, False
        self._clock, self._calm = clock, HOUR

    def wait(self, seconds):
        self._clock.wait(seconds + self._calm)
        self._calm = 0.0
        if not self.resting:
            self.changes.note(FLEET)

    def rest(self):
        self.resting = True


class BusyIntake:
    """Every reading finds something new."""

    positions = SimpleNamespace(latest=FLEET)
    outbox = ()

    def __init__(self):
        self.handed = 0

    def take_up(self, *_given):
        self.handed += len(FLEET)

    def wait_until_taken(self, _seconds):
        pass


@pytest.fixture
def clock(monkeypatch):
    clock = MovedClock()
    monkeypatch.setattr(reading, "time", clock)
    monkeypatch.setattr(resting, "LEAST", 5)
    monkeypatch.setattr(reading, "Reader", lambda _server: SimpleNamespace(cluster=None, ping=lambda: None))
    monkeypatch.setattr(reading, "ChangeWatch", lambda *_given: TellingServer(clock))
    return clock


@pytest.fixture
def follow(clock):
    """A function that follows a fleet through three looks for new names: what each was given, in seconds."""

    def follow(fleet, feed):
        one = Reading(None, fleet, BusyIntake(), ReadingFigures(), feed)
        one.open()
        one.follow()
        assert len(fleet.looks) == feed.looks and fleet.begun == 1
        return fleet.looks

    return follow


def test_the_time_before_it_rests_is_not_made_up_for(clock, follow):
    fleet = StormyFleet(clock)
    assert all(0.0 <= look <= LOOK_SHARE * 2 * PERIOD for look in follow(fleet, ShortFeed(clock, fleet)))


def test_nor_is_a_pause(clock, follow):
    fleet = StormyFleet(clock)
    feed = ShortFeed(clock, fleet)
    fleet.at_look = lambda: setattr(feed, "paused_for", HOUR)
    assert all(look <= LOOK_SHARE * 2 * PERIOD for look in follow(fleet, feed))
    assert clock.now > 3 * HOUR


def test_a_share_of_the_time_is_given_but_never_much_at_once(clock, follow):
    fleet = StormyFleet(clock)
    fleet.reading_takes = 4.0
    looks = follow(fleet, ShortFeed(clock, fleet))
    assert looks[1:] == pytest.approx([LOOK_SHARE * 4.0] * 2, rel=0.2)
    fleet = StormyFleet(clock)
    fleet.reading_takes = 200.0
    assert follow(fleet, ShortFeed(clock, fleet))[1:] == [LONGEST_LOOK] * 2


class KnownNames(Source):
    """Nothing but names that are known."""

    def __init__(self):
        self._names = NamesInTurn(b"*", "")

    def _knows(self, _key):
        return True


def test_the_end_of_a_feed_ends_a_look(clock):
    """Though nothing new is found."""
    asked = []

    def scan(*_given, **_more):
        for n in range(1000):
            asked.append(n)
            yield FLEET

    feed = SimpleNamespace(alive=lambda: len(asked) < 3, tell=lambda: None)
    one = Reading(None, KnownNames(), BusyIntake(), ReadingFigures(), feed)
    one._take_up(one._source.look_for_new(SimpleNamespace(scan=scan), math.inf))
    assert asked == [0, 1, 2]
