"""Moments of the past in words, as lists show them."""

from __future__ import annotations

import time

from qgis.PyQt.QtCore import QDateTime, QLocale

from ..i18n import tr


def when(seconds: float) -> str:
    """Seconds since 1970 as "14:05", "yesterday, 14:05", or the date, in the local time and the user's
    language."""
    moment = QDateTime.fromSecsSinceEpoch(int(seconds))
    clock = QLocale().toString(moment.time(), QLocale.FormatType.ShortFormat)
    days = moment.date().daysTo(QDateTime.fromSecsSinceEpoch(int(time.time())).date())
    if days == 0:
        return clock
    if days == 1:
        return tr("yesterday, {time}").format(time=clock)
    return QLocale().toString(moment.date(), QLocale.FormatType.ShortFormat)
