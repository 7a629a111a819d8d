"""One record never stops a feed: whatever it makes raise, it is refused alone, with its key and what it said."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redis_geo_plugin.core.live import safely
from redis_geo_plugin.core.live.decoding import value_rows
from redis_geo_plugin.core.live.fences import Fences
from redis_geo_plugin.core.live.intake import PositionIntake
from redis_geo_plugin.core.live.json_text import parse_json, parse_many
from redis_geo_plugin.core.live.positions import Positions
from redis_geo_plugin.core.live.records import Decoder, RefusalReason, Row
from redis_geo_plugin.core.live.sources.json_keys import JsonKeys
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping
from redis_geo_plugin.core.live.view import ListRequest, select
from tests.support.examples import examples

shapely = pytest.importorskip("shapely")

HALVES = st.sampled_from(["\ud800", "a\udfff", "\udc00b", "\ud83d\ude00", "\x00", "é", "\U0001f600"])
TIMES = st.sampled_from(
    [
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "2026-11-28T14:00:00+²²:²²",
        "2026-11-28T14:00:00+99:99",
        "Sat, 28 Nov 2026 14:00:00 +9999999999999",
        "\ud800",
        "0000-00-00T00:00:00Z",
        "9" * 400,
        -1e308,
        1e308,
        2**70,
        [],
        {},
        True,
    ]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | HALVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | HALVES, inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def rubbish(draw):
    """A record in which anything may be anything."""
    record = draw(st.dictionaries(st.text(max_size=6) | HALVES, ANY, max_size=5))
    for name, values in (
        ("latitude", st.floats() | ANY),
        ("longitude", st.floats() | ANY),
        ("timestamp", TIMES | ANY),
        ("id", HALVES | ANY),
        ("speed", ANY),
        ("heading", ANY),
    ):
        if draw(st.booleans()):
            record[name] = draw(values)
    return record


def good(lat):
    return {"latitude": lat, "longitude": 2.0, "timestamp": time.time(), "speed": 1.0, "line": "T3"}


MAPPING = Mapping(
    id="id", lon="longitude", lat="latitude", time="timestamp", speed="speed", heading="heading"
)
SQUARE = Fences([("square", shapely.box(1.0, 48.5, 3.0, 49.5).wkb)], "feed")


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(rubbish(), max_size=5), st.sampled_from([0.0, 400.0]), st.booleans())
def test_rubbish_beside_three_vehicles_keeps_none_of_them_out(records, max_speed, known):
    spec = FeedSpec(max_speed=max_speed, mapping=MAPPING if known else Mapping())
    intake, source, fences = PositionIntake(spec), JsonKeys(spec), SQUARE
    intake.watch_fences(fences, "flux:geofences")
    for lat in (48.0, 49.0):
        each = [good(lat + i / 1e4) for i in range(3)]
        names = [f"good {i}" for i in range(3)] + [f"rubbish {i}" for i in range(len(records))]
        raws = [json.dumps(one).encode() for one in (*each, *records)]
        rows = value_rows(names, [b"k:" + name.encode() for name in names], raws)
        intake.take_up(rows, [], source, True)
    latest = intake.positions.latest
    if known:
        assert {f"good {i}" for i in range(3)} <= set(latest)
    for event in intake.take_outbox():
        event.command(b"flux:geofences")
    shown = select(latest.everything(), ListRequest(text="g", column="line"))
    texts = json.dumps([[fix.id, fix.attributes] for fix in shown.fixes], ensure_ascii=False)
    texts += "".join(one.id + one.key + one.raw for one in intake.positions.last_refused)
    texts += "".join(intake.schema.kinds)
    assert texts.encode()  # nothing in it that cannot be encoded


@given(ANY)
def test_no_value_of_json_holds_half_a_surrogate(value):
    raw = json.dumps(value).encode()
    json.dumps(parse_json(raw), ensure_ascii=False).encode()
    values = parse_many([raw, b'"x"'])
    if values is not None:
        json.dumps(values, ensure_ascii=False).encode()


def test_half_a_surrogate_is_shown_as_its_escape_and_a_whole_one_as_it_is():
    assert parse_json(rb'{"id": "a\ud800b", "\uDFFF": ["\ud83d\ude00"]}') == {
        "id": r"a\ud800b",
        r"\udfff": ["\U0001f600"],
    }


class _Breaks(dict):
    """A record that raises when it is looked at."""

    def __iter__(self):
        raise OverflowError("no such record")

    keys = items = values = get = __getitem__ = lambda self, *_args: self.__iter__()


def test_a_record_that_raises_is_refused_with_its_key_and_what_it_said():
    spec = FeedSpec()
    intake, source = PositionIntake(spec), JsonKeys(spec)
    rows = [Row(str(i), b"vehicule:%d" % i, good(48.0 + i / 1e3), b"said") for i in range(5)]
    rows[2].data = _Breaks()
    for _ in range(2):
        intake.take_up(rows, [], source, True)
    assert sorted(intake.positions.latest) == ["0", "1", "3", "4"]
    refusal = intake.positions.last_refused[-1]
    assert (refusal.reason, refusal.key, refusal.raw) == (RefusalReason.UNREADABLE, "vehicule:2", "said")


def test_a_fix_that_makes_judging_raise_is_refused_alone(monkeypatch):
    positions, spec = Positions(FeedSpec()), FeedSpec()
    decoder = Decoder(
        PositionIntake(spec)._make_decoder([Row("0", b"k", good(48.0))], JsonKeys(spec)).mapping
    )
    fixes = [decoder.fix(Row(str(i), b"k:%d" % i, good(48.0 + i)), time.time()) for i in range(3)]
    judge = positions.judge

    def breaks(fixes, now, with_moves=False):
        if any(fix.id == "1" for fix in fixes):
            raise ZeroDivisionError
        return judge(fixes, now, with_moves)

    monkeypatch.setattr(positions, "judge", breaks)
    for judged in safely.judge_safely(positions, fixes, time.time()):
        positions.keep(judged)
    assert sorted(positions.latest) == ["0", "2"]
    assert positions.last_refused[0].id == "1"


def test_polygons_that_raise_at_one_way_tell_of_the_others():
    class Fragile:
        def events(self, moves):
            if any(after.id == "0" for _, after in moves):
                raise ValueError("no such way")
            return SQUARE.events(moves)

    spec = FeedSpec(max_speed=0.0)
    intake, source = PositionIntake(spec), JsonKeys(spec)
    intake.watch_fences(Fragile(), "")
    for lat in (48.0, 49.0):
        rows = [Row(str(i), b"k:%d" % i, good(lat)) for i in range(3)]
        intake.take_up(rows, [], source, True)
    assert sorted(event.vehicle for event in intake.events) == ["1", "2"]
