"""Counts, sizes and durations are written in one room, and every panel writes them alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qgis.PyQt.QtCore import QLocale

from redis_geo_plugin.bridge.jobs import job_words
from redis_geo_plugin.bridge.words import quantities
from redis_geo_plugin.gui.live import wording as live_wording
from redis_geo_plugin.gui.server import wording as server_wording


@pytest.fixture(params=["en_US", "fr_FR", "de_DE"], autouse=True)
def language(request, qgis_app):
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield request.param
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (0, "0 s"), (45, "45 s"), (89, "89 s"), (90, "2 min"), (720, "12 min"), (5399, "90 min"),
     (3 * 3600, "3 h"), (12_600, "3.5 h"), (47 * 3600, "47 h"), (8 * 86_400, "8 days")],
)  # fmt: skip
def test_a_duration_has_its_largest_unit(seconds, text, language):
    if language == "en_US":
        assert quantities.duration(seconds) == text


@settings(max_examples=50)
@given(st.floats(0, 1e7))
def test_all_panels_write_a_duration_alike(seconds):
    expected = quantities.duration(seconds)
    assert job_words.duration(seconds) == expected
    assert server_wording.duration(seconds) == expected
    assert live_wording.duration_text(seconds) == expected


@settings(max_examples=50)
@given(st.floats(0, 1e9), st.integers(0, 3))
def test_all_panels_write_an_amount_alike(value, decimals):
    assert live_wording.amount(value, decimals) == quantities.amount(value, decimals)
    assert server_wording.number(value) == quantities.amount(value)
    assert server_wording.size(value) == quantities.size(value)


def test_an_estimate_says_that_it_is_one(language):
    assert quantities.about(1234, True) == quantities.number(1234)
    assert quantities.about(123_456, False).startswith("≈")
    if language == "en_US":
        assert quantities.about(123_456, False) == "≈ 120,000"
        assert [quantities.percent(share) for share in (0, 0.05, 0.38, 1)] == [
            "0 %",
            "5.0 %",
            "38 %",
            "100 %",
        ]
        assert [quantities.milliseconds(value) for value in (0.42, 12.3)] == ["0.4 ms", "12 ms"]
