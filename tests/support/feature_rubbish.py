"""Values among features of which none can be shown, of every kind that is refused."""

from __future__ import annotations

import gzip
import json
import random
import struct
import zlib

import shapely

BOX = shapely.box(2, 48, 3, 49)
GOOD = json.dumps(
    {"type": "Feature", "geometry": json.loads(shapely.to_geojson(BOX)), "properties": {"n": 1}}
)


def _geojson(coordinates: object, kind: str = "Polygon") -> bytes:
    return json.dumps({"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates},
                       "properties": {}}).encode()  # fmt: skip


def _cut(chance: random.Random) -> bytes:
    return BOX.wkb[: chance.randint(6, len(BOX.wkb) - 1)]


KINDS = (
    lambda chance: GOOD[: chance.randint(1, len(GOOD) - 1)].encode(),
    lambda chance: f"{chance.choice(['idle', 'no zone', '=1+1', '<b>x</b>'])} {chance.random()}".encode(),
    _cut,
    lambda chance: struct.pack("<BII", 1, 3, 2**31 + chance.randint(0, 99)) + BOX.wkb[9:],
    lambda chance: struct.pack("<BIdd", 1, 1, float("nan"), chance.random()),
    lambda chance: struct.pack("<BII", 1, chance.choice([8, 9, 10, 13]), 0) + bytes(64),  # curves
    lambda chance: gzip.compress(GOOD.encode())[: chance.randint(20, 60)],
    lambda chance: zlib.compress(bytes(chance.randint(1, 100_000))),
    lambda chance: b"[" * chance.randint(1, 5000) + b"]" * 5000,
    lambda chance: b'{"a":' * chance.randint(100, 3000),
    lambda chance: _geojson([[[0, 0], [chance.random(), 1]]]),
    lambda chance: _geojson([[[0, 0], [1000 + chance.random(), 1], [1, 1], [0, 0]]]),
    lambda chance: _geojson([["a", None], [{}, []], chance.random()]),
    lambda chance: _geojson([[[0, 0], [1, 1], [10**400, chance.random()], [0, 0]]]),
    lambda chance: _geojson({"x": chance.random()}, "Point"),
    lambda chance: b"POLYGON((2 48,3 48,3 49" + str(chance.random()).encode(),
    lambda chance: b"SRID=%d;POINT(2 48)" % chance.randint(900_000, 998_999),
    lambda chance: json.dumps(
        {"rings": [[[chance.random(), "x"]]], "spatialReference": {"wkid": 4326}}
    ).encode(),
    lambda chance: json.dumps({"speed": chance.random(), "state": "busy"}).encode(),
    lambda chance: bytes(chance.randint(0, 255) for _ in range(chance.randint(1, 40))) + b"\xff\xfe!",
    lambda chance: "é\u202e\ud7ff".encode() * chance.randint(1, 500),
    lambda chance: b"",
)


def values(count: int, seed: int = 17) -> list[bytes]:
    """So many of them, kind after kind."""
    chance = random.Random(seed)
    return [KINDS[number % len(KINDS)](chance) for number in range(count)]


def write(client, count: int, pattern: str = "zone:bad{}") -> None:
    """Write so many under keys of their own, every hundredth of another type than a string."""
    with client.pipeline(transaction=False) as pipeline:
        for number, raw in enumerate(values(count)):
            key = pattern.format(number)
            if number % 100 == 0:
                pipeline.zadd(key, {raw[:100] or b"x": number})
            elif number % 100 == 1:
                pipeline.hset(key, mapping={"speed": number, "raw": raw[:100] or b"x"})
            elif number % 100 == 2:
                pipeline.rpush(key, raw[:100] or b"x")
            else:
                pipeline.set(key, raw)
            if number % 1000 == 999:
                pipeline.execute()
        pipeline.execute()
