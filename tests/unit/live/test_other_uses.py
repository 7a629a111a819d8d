"""What holds coordinates and is no vehicle: two signs of three, and fleets that carry one of them stay fleets."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.other_uses import AS_CACHE, AS_JOB, doubts
from redis_geo_plugin.core.live.records import Fix, Row
from redis_geo_plugin.core.live.spec import Mapping

PLACE = {"lat": 48.85, "lon": 2.35}
PLAIN = Mapping(lat="lat", lon="lon")


def codes(pattern, record, mapping=PLAIN, ident="7"):
    rows = [Row(ident, b"k", record)] * 3
    return dict(doubts(pattern, rows, mapping, [Fix(ident, b"k", 2.35, 48.85, 0.0, 0.0)] * 3))


@pytest.mark.parametrize(
    ("pattern", "record", "path"),
    [
        ("celery-task-meta-*", {"task_id": "a", "status": "SUCCESS", "result": PLACE}, "result."),
        ("rq:job:*", {"origin": "default", "enqueued_at": "x", **PLACE}, ""),
        ("job:*", {"payload": PLACE, "id": 7}, "payload."),
        ("x:*", {"args": PLACE, "jid": "a", "retry": True}, "args."),
        ("x:*", {"attempts": 1, "queue": "q", "func": "f", "timeout": 3, **PLACE}, ""),
    ],
)
def test_jobs_are_told_by_two_signs(pattern, record, path):
    assert codes(pattern, record, Mapping(lat=path + "lat", lon=path + "lon"))["jobs"] == AS_JOB


@pytest.mark.parametrize(
    ("pattern", "record", "path"),
    [
        ("vehicle:*", {"status": "free", "type": "bus", **PLACE}, ""),
        ("truck:*", {"payload": PLACE}, "payload."),  # of a message broker
        ("worker:*", {"name": "Ann", **PLACE}, ""),  # a person
        ("bus:*", {"timeout": 3, **PLACE}, ""),
    ],
)
def test_one_sign_makes_no_job(pattern, record, path):
    assert codes(pattern, record, Mapping(lat=path + "lat", lon=path + "lon")) == {}


@pytest.mark.parametrize(
    ("pattern", "record", "ident"),
    [
        ("geocode:*", PLACE, "7"),
        ("x:*", {"formatted_address": "1 rue", "place_id": "p", **PLACE}, "7"),
        ("x:*", PLACE, "10 rue de Rivoli, Paris"),
    ],
)
def test_places_that_were_looked_up_are_told(pattern, record, ident):
    assert codes(pattern, record, ident=ident) == {"places": AS_CACHE}


def test_what_moves_is_no_place_that_was_looked_up():
    record = {"city": "Paris", "country": "FR", "ts": 1, **PLACE}
    assert codes("geocode:*", record, Mapping(lat="lat", lon="lon", time="ts")) == {}
    assert codes("places:*", record, Mapping(lat="lat", lon="lon", speed="v")) == {}


def test_nothing_is_said_of_nothing():
    assert doubts("job:*", [], PLAIN, []) == [] and doubts("job:*", [Row("1", b"k", None)], PLAIN, []) == []
