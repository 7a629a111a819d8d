"""Values of others, as bad as they come: for tests that try any."""

from __future__ import annotations

import json
import os
import random

import shapely
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.support import cases

FULL = bool(os.environ.get("REDIS_GEO_FULL"))
rubbish = settings(
    max_examples=6000 if FULL else 120,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
DAMAGES = 16
SHAPE = shapely.to_wkb(shapely.Point(3, 4).buffer(2, quad_segs=2))
words = st.sampled_from(
    ["latitude", "longitude", "timestamp", "lat", "lon", "type", "id", "distance", "buffer", "with", "intersection",
     "coordinates", "geometry", "Point", "Feature", "who", "when", "operation", "namespace", "total", "computed",
     "parameters", "NaN", "1e999", "-0", "POINT(1 2)", "SRID=4326;POINT(1 2)", "2026-11-22T12:00:00", "", "\x00", "\ud800"]
)  # fmt: skip
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | words | st.just(10**400)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(words | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=12,
)
objects = st.dictionaries(words, values, max_size=8)


def as_text(value) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def damaged(good: bytes):
    """A good value with bytes changed, cut out or put in."""

    def change(parts):
        place, cut, more = parts
        place %= len(good)
        return good[:place] + more + good[place + cut :]

    return st.tuples(st.integers(0, 10_000), st.integers(0, 8), st.binary(max_size=8)).map(change)


TOKENS = [
    b"",
    b"null",
    b"1e999",
    b"-1",
    b"NaN",
    b'"',
    b"\\ud800",
    b"{",
    b"]",
    b"\xff",
    b"\x00",
    b":0,",
    b"9" * 40,
    b"\xc2\xb2",
]


def spoiled(raw: bytes):
    """A value, then ``DAMAGES`` forms of it: bytes changed, cut out, doubled or put in, the same ones for the same value."""
    chance = random.Random(raw)
    cases.count(1 + DAMAGES)
    yield raw
    for _ in range(DAMAGES):
        damaged_form = bytearray(raw)
        for _ in range(chance.randint(1, 3)):
            start = chance.randint(0, len(damaged_form))
            end = min(len(damaged_form), start + chance.randint(0, 6))
            new = chance.choice(
                (b"", bytes(damaged_form[start:end]) * 2, chance.choice(TOKENS), chance.randbytes(2))
            )
            damaged_form[start:end] = new
        yield bytes(damaged_form)


JOB = b'{"type":"buffer","id":42,"distance":100}'
POSITION = b'{"latitude": 48.85, "longitude": 2.35, "timestamp": "2026-11-22T12:00:00", "speed": 3}'
raws = (
    st.binary(max_size=200)
    | objects.map(as_text)
    | values.map(as_text)
    | st.one_of(*map(damaged, (JOB, POSITION, SHAPE, b"POLYGON((0 0,1 0,1 1,0 0))")))
    | st.sampled_from(
        [b"[" * 5000, b"{" * 5000, b'"' * 9, b"9" * 5000, b"-1e-999999", b"\xff\xfe\x00", b"nan"]
    )
)


def can_be_written(value):
    """Whether no half of a character is left, which no key, no file and no field of a layer can hold."""
    return bool(json.dumps(value, ensure_ascii=False, default=str).encode())
