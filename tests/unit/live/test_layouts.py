"""What other programs keep in Redis is read right, or asked about: never shown wrong."""

from __future__ import annotations

import fnmatch
import json
import math
import re

import pytest

from redis_geo_plugin.core.live.decoding import fields_record
from redis_geo_plugin.core.live.formats.gtfs_protobuf import looks_like_feed, read_feed
from redis_geo_plugin.core.live.recognition import recognise, unfold
from redis_geo_plugin.core.live.records import Decoder, Fix, Row
from tests.support import layouts

NOW = 1795348800.25  # 2026-11-22T12:00:00Z
# What only a server holds (scores, series) or what sources make of bytes and of several keys, is tested with them.
OF_SOURCES = {
    "series_per_coordinate", "series_by_label", "series_in_metres_by_label", "geo_set_per_cell", "geo_set_per_city_with_times_beside", "track_in_sorted_set",
    "rate_limiter", "leaderboard", "delayed_jobs", "geo_set_with_json_members", "msgpack_per_key", "gzip_per_key",
    "zlib_per_key", "two_keys_per_vehicle", "areas_as_wkb_and_wkt", "members_per_cell", "vector_tiles",
}  # fmt: skip
ANSWERS = {
    "order": {"pair_order": "latlon"},
    "crs": {"crs": "EPSG:2154"},
    "speed_unit": {"speed_unit": "km/h"},
}


def test_each_layout_says_what_is_right_and_writes_something():
    found = list(layouts.all_of(NOW))
    assert len({one.name for one in found}) == len(found) == len(layouts.names())
    for one in found:
        assert one.commands and one.origin, one.name
        assert bool(one.right) == bool(one.count), one.name


def value_of(raw):
    """A string's value as a source hands it over: JSON, a protobuf feed, or a text by itself."""
    if isinstance(raw, bytes) and looks_like_feed(raw):
        return read_feed(raw)
    try:
        return json.loads(raw)
    except ValueError:
        return {"value": raw}


def unpacked(fields):
    """The fields of a hash or stream entry as a source hands them over."""
    return fields_record([part.encode() for pair in fields.items() for part in pair])


def rows_of(layout):
    """(rows, whether they are texts, whether the id is among the fields)."""
    rows, texts, with_id = [], False, False
    regex = re.compile("(.+)".join(map(re.escape, layout.pattern.split("*"))))
    for key, raw in layout.values.items():
        if not fnmatch.fnmatchcase(key, layout.pattern or "*"):
            continue
        found = regex.fullmatch(key)
        ident = found[1] if found and found.groups() else key
        if isinstance(raw, dict) and "*" in (layout.pattern or "*"):
            texts = True
            rows.append(Row(ident, key.encode(), unpacked(raw)))
        elif isinstance(raw, dict):
            rows += [Row(name, key.encode(), value_of(text)) for name, text in raw.items()]
        elif isinstance(raw, list):
            with_id = with_id or "*" not in layout.pattern
            for entry in raw:
                data = unpacked(entry) if isinstance(entry, dict) else json.loads(entry)
                rows.append(Row("" if with_id else ident, key.encode(), data))
        else:
            value = value_of(raw)
            if "*" in layout.pattern and isinstance(value, dict):
                rows.append(Row(ident, key.encode(), value))
            elif isinstance(value, list) and value and not isinstance(value[0], dict):
                rows.append(Row(ident, key.encode(), {"coordinates": value}))
            else:
                rows += [Row(name or "", key.encode(), data) for name, data in unfold(value)]
    return rows, texts, with_id


def decoded(rows, mapping, texts):
    decoder = Decoder(mapping, texts)
    found = [decoder.fix(row, NOW) for row in rows]
    return {fix.id: fix for fix in found if isinstance(fix, Fix)}, [
        r for r in found if not isinstance(r, Fix)
    ]


def recognised(layout, rows, with_id):
    orders = {"location": "lonlat"} if layout.needs == "search" else None
    idents = None if with_id else [row.id for row in rows]
    return recognise([row.data for row in rows], idents=idents, with_id=with_id, orders=orders, now=NOW)


@pytest.mark.parametrize("name", [name for name in layouts.names() if name not in OF_SOURCES])
def test_a_layout_is_shown_right_or_not_at_all(name):
    layout = layouts.layout(name, NOW)
    rows, texts, with_id = rows_of(layout)
    found = recognised(layout, rows, with_id)
    assert set(layout.asked) == set(found.unsure) or not found.mapping.has_position, found.mapping
    fixes, refused = decoded(rows, found.mapping, texts)
    if not layout.right or set(found.unsure) - {"speed_unit"}:
        assert not fixes
    else:
        assert len(fixes) == layout.count, refused[:2]
        check(layout, fixes)


@pytest.mark.parametrize(
    "name", [n for n in layouts.names() if n not in OF_SOURCES and layouts.layout(n, NOW).right]
)
def test_what_is_asked_and_answered_is_shown_right(name):
    layout = layouts.layout(name, NOW)
    rows, texts, with_id = rows_of(layout)
    found = recognised(layout, rows, with_id)
    mapping = found.mapping
    for role in found.unsure:
        answer = ANSWERS[role]
        if name == "hash_with_longitude_first_without_index":
            answer = {"pair_order": "lonlat"}
        mapping = mapping.answered(**answer)
    fixes, refused = decoded(rows, mapping, texts)
    assert len(fixes) == layout.count, refused[:2]
    check(layout, fixes, answered=True)


def check(layout, fixes, answered=False):
    for ident, place in layout.right.items():
        fix = fixes[ident]
        assert (fix.lon, fix.lat) == pytest.approx(place, abs=1e-6)
        if layout.time is not None:
            assert fix.time == pytest.approx(layout.time, abs=0.051)
        if layout.speed is not None and not (answered and math.isnan(layout.speed)):
            assert fix.speed is None if math.isnan(layout.speed) else fix.speed == pytest.approx(layout.speed)
        if layout.heading is not None:
            assert (
                fix.heading is None
                if math.isnan(layout.heading)
                else fix.heading == pytest.approx(layout.heading)
            )
