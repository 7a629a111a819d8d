from __future__ import annotations

import math
import os
import random
import time
from datetime import datetime

import numpy as np
import pytest

from redis_geo_plugin.core.live.mapped import texts


def read(text):
    return float(text) if text else None


def test_numbers_come_back_to_nine_decimals():
    drawn = random.Random(7)
    values = [drawn.uniform(-400.0, 400.0) for _ in range(500)] + [
        drawn.expovariate(1e-7) for _ in range(500)
    ]
    for value, text in zip(values, texts.numbers(np.array(values)).tolist()):
        assert abs(read(text) - value) <= max(1e-9, 2 * math.ulp(value)), value


@pytest.mark.parametrize(
    "value", [0.0, -0.0, 12.34, 0.1, 359.999999, -17.5, 1e9, -1e12, 1e-7, -3e-200, 1.7976931348623157e308]
)
def test_numbers_as_producers_write_them_come_back_exactly(value):
    assert read(texts.numbers(np.array([value]))[0]) == value


def test_no_number_is_an_empty_text():
    assert texts.numbers(np.array([math.nan])).tolist() == [b""]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_moments_are_local_times_to_the_millisecond(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for seconds in (1_796_071_218.123, 1_774_745_999.999, 1_774_746_000.0, 0.0, 1_775_000_000.0005):
            (text,) = texts.moments(np.array([seconds])).tolist()
            told = datetime.strptime(text.decode()[:-1] + "000", "%Y-%m-%dT%H:%M:%S.%f")
            assert told == datetime.fromtimestamp(math.floor(seconds * 1000 + 0.5) / 1000), seconds
    finally:
        monkeypatch.undo()
        time.tzset()
    assert os.environ.get("TZ") != "Australia/Lord_Howe"


def test_attributes_are_of_the_kind_of_their_column_or_nothing():
    values = [None, True, 3, 2.5, "é", ["x"]]
    assert texts.attributes("text", values) == [b"", b"True", b"3", b"2.5", "é".encode(), b"['x']"]
    assert texts.attributes("int", values) == [b"", b"", b"3", b"", b"", b""]
    assert texts.attributes("real", values) == [b"", b"1.0", b"3.0", b"2.5", b"", b""]
    assert texts.attributes("bool", values) == [b"", b"1", b"", b"", b"", b""]


def test_a_text_is_cut_between_characters():
    (found,) = texts.attributes("text", ["é" * 200])
    assert found.decode() == "é" * 127 and texts.is_cut("é" * 200) and not texts.is_cut("é" * 127)
