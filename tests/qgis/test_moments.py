"""Moments in words: only the hour today, the word for yesterday, the date before that."""

from __future__ import annotations

from qgis.PyQt.QtCore import QDateTime, QLocale, QTime

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
