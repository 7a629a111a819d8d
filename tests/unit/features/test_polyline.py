"""Encoded polylines, short ones and long ones: the same numbers, and the same reasons where there are none."""

from __future__ import annotations

import random

import pytest

from redis_geo_plugin.core.features import crs_names
from redis_geo_plugin.core.features.formats import polyline
from redis_geo_plugin.core.geometry.walk import Unsound


def outcome(read, raw: bytes):
    try:
        return read(raw)
    except Unsound as error:
        return str(error)


@pytest.mark.parametrize("seed", range(60))
def test_a_long_text_is_read_as_a_short_one(seed):
    chance = random.Random(seed)
    places = [(chance.uniform(-180, 180), chance.uniform(-90, 90)) for _ in range(chance.randint(1, 300))]
    raw = bytearray(polyline.encoded(places, chance.choice([5, 6])).encode())
    for _ in range(chance.randint(0, 3)):  # damaged
        kind = chance.randrange(3)
        if kind == 0:
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        elif kind == 1:
            del raw[chance.randrange(1, len(raw) + 1) :]
        else:
            raw[chance.randrange(len(raw)) :] = bytes([chance.randint(95, 126)]) * chance.randint(1, 20)
    assert outcome(polyline._decoded_many, bytes(raw)) == outcome(polyline._decoded, bytes(raw))


def test_codes_that_no_authority_has_are_unknown_and_those_that_it_has_are_read():
    assert [crs_names.is_known(name) for name in ("EPSG:2154", "EPSG:32767", "ESRI:102017", "ESRI:923456")] == [
        True, False, True, False]  # fmt: skip
    assert crs_names.in_degrees("EPSG:4171") is True and crs_names.in_degrees("EPSG:2154") is False
    assert crs_names.is_known("EPSG:27572") and crs_names.is_known("EPSG:4902")
