"""Proposals out of sampled rows: how sure each is, why, and what is no position."""

from __future__ import annotations

import time

from redis_geo_plugin.core.live.proposals import PREVIEW_ROWS, judge, preview, recognise_rows
from redis_geo_plugin.core.live.records import Row
from redis_geo_plugin.core.live.spec import FeedSpec, Mapping


def rows(count=8, **more):
    now = time.time()
    return [
        Row(
            f"v{n}",
            b"v%d" % n,
            {"lat": 48.0 + n / 10, "lon": 2.0, "ts": now - n, **{k: f(n) for k, f in more.items()}},
        )
        for n in range(count)
    ]


def codes(found):
    return [code for code, _ in found.reasons]


def test_positions_with_a_time_are_proposed_with_a_preview():
    found = judge(FeedSpec(pattern="vehicule:*"), rows(), texts=False, keys=8)
    mapping = found.spec.mapping
    assert (mapping.lat, mapping.lon, mapping.time) == ("lat", "lon", "ts")
    assert [fix.id for fix in found.preview] == [f"v{n}" for n in range(8)][:PREVIEW_ROWS]
    assert 0.9 <= found.confidence <= 1.0 and not found.refused and found.keys == 8
    assert found.reasons[0] == ("positions", {"good": 8, "rows": 8}) and "no_time" not in codes(found)


def test_a_speed_is_a_reason_and_a_missing_time_too():
    found = judge(FeedSpec(pattern="v:*"), rows(speed_kmh=lambda n: 30 + n), texts=False, keys=8)
    assert ("motion", {"heading": "", "speed": "speed_kmh", "unit": "km/h"}) in found.reasons
    bare = [Row(one.id, one.key, {"lat": one.data["lat"], "lon": 2.0}) for one in rows()]
    assert "no_time" in codes(judge(FeedSpec(pattern="v:*"), bare, texts=False, keys=8))


def test_bad_records_lower_what_it_is_sure_of():
    good = judge(FeedSpec(pattern="v:*"), rows(), texts=False, keys=8)
    bad = [*rows(4), *(Row(f"w{n}", b"w", {"lat": 95.0, "lon": 2.0, "ts": time.time()}) for n in range(4))]
    found = judge(FeedSpec(pattern="v:*"), bad, texts=False, keys=8)
    assert found is None or (found.confidence < good.confidence and len(found.refused) == 4)


def test_what_has_no_place_or_no_identity_is_no_proposal():
    for data in ({"name": "x"}, {"page": 3, "user": 7}):
        sample = [Row(f"s{n}", b"s", data) for n in range(5)]
        assert judge(FeedSpec(pattern="s:*"), sample, texts=False, keys=5) is None
    entries = [Row("", b"s", {"lat": 48.0 + n, "lon": 2.0 - n, "ts": time.time()}) for n in range(5)]
    assert judge(FeedSpec(kind="stream", pattern="s"), entries, texts=True, keys=5, with_id=True) is None


def test_what_the_feed_says_already_is_kept():
    spec = FeedSpec(pattern="v:*", mapping=Mapping(time="seen"))
    sample = [Row(one.id, one.key, {**one.data, "seen": one.data["ts"] - 5}) for one in rows()]
    assert recognise_rows(sample, False, spec).mapping.time == "seen"
    assert judge(spec, sample, texts=False, keys=8).spec.mapping.time == "seen"


def test_an_undecided_order_is_asked_and_shows_nothing():
    sample = [Row(f"v{n}", b"v", {"pos": [10.0 + n, 20.0 + n], "ts": time.time()}) for n in range(8)]
    found = judge(FeedSpec(pattern="v:*"), sample, texts=False, keys=8)
    assert found is not None and not found.spec.mapping.shows_positions and not found.preview
    assert any(code.startswith("ask_") for code in codes(found)) and found.confidence < 0.6


def test_a_preview_tells_fixes_from_refusals():
    sample = [*rows(2), Row("x", b"x", {"lat": 200, "lon": 2.0, "ts": time.time()})]
    fixes, refused = preview(sample, Mapping(lat="lat", lon="lon", time="ts"), texts=False)
    assert [fix.id for fix in fixes] == ["v0", "v1"] and [one.id for one in refused] == ["x"]
