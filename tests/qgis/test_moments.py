"""Moments in words: only the hour today, the word for yesterday, the date before that."""

from __future__ import annotations

from qgis.PyQt.QtCore import QDateTime, QLocale, QTime

from redis_geo_plugin.bridge import moments
from redis_geo_plugin.bridge.words.times import when


def test_today_yesterday_and_before():
    noon = QDateTime.currentDateTime()
    noon.setTime(QTime(12, 34))
    clock = QLocale().toString(noon.time(), QLocale.FormatType.ShortFormat)
    assert when(noon.toSecsSinceEpoch()) == clock
    assert when(noon.addDays(-1).toSecsSinceEpoch()) == f"yesterday, {clock}"
    before = noon.addDays(-2)
    assert when(before.toSecsSinceEpoch()) == QLocale().toString(
        before.date(), QLocale.FormatType.ShortFormat
    )


def test_moments_that_reports_share_are_made_once_and_not_kept_forever(monkeypatch):
    monkeypatch.setattr(moments, "MOST_MADE", 3)
    monkeypatch.setattr(moments, "_made", type(moments._made)())  # other tests' moments would fill it
    asked = [1_795_348_800_000 + n for n in (0, 1, 0, 999, 1000, 86_400_000, 1)]
    made = moments.moments_of_ms(asked)
    assert made == [moments.moment(milliseconds / 1000.0) for milliseconds in asked]
    assert made[0] is made[2] and len(moments._made) <= 3
