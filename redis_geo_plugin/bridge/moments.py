"""Converting moments for layers: QDateTime and seconds since 1970 UTC.

A date and time without a zone means UTC, always: Redis producers write it so, GeoPackage stores UTC, and QGIS
3.22 reads that as a local time. Taken for local it would be hours off wherever the computer does not stand in
UTC.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional, Union

from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

MOST_MADE = 20_000  # moments that are kept
_since_epoch = QDateTime.fromMSecsSinceEpoch(0, Qt.TimeSpec.UTC).addMSecs  # the cheapest way to make one


def moment(seconds: float) -> QDateTime:
    """Return seconds since 1970 UTC as a date and time in UTC, to the millisecond."""
    return _since_epoch(int(seconds * 1000.0 + 0.5))


class _Made(dict[int, QDateTime]):
    """Milliseconds -> the moment, which the reports of a fleet share: making it takes ten times as long."""

    def __missing__(self, milliseconds: int) -> QDateTime:
        if len(self) >= MOST_MADE:
            self.clear()
        made = self[milliseconds] = _since_epoch(milliseconds)
        return made


_made = _Made()


def moments_of_ms(milliseconds: Iterable[int]) -> list[QDateTime]:
    """Return milliseconds since 1970 UTC as moments in UTC, which are shared. Main thread only."""
    return list(map(_made.__getitem__, milliseconds))


def in_utc(value: QDateTime) -> QDateTime:
    """Return the same moment in UTC; one without a zone is taken for UTC."""
    if value.timeSpec() == Qt.TimeSpec.LocalTime:
        return QDateTime(value.date(), value.time(), Qt.TimeSpec.UTC)
    return value.toUTC()


def seconds_of(value: Union[QDateTime, QDate]) -> Optional[float]:
    """Return a moment as seconds since 1970 UTC, a date as its beginning in UTC; None for an invalid one."""
    if not value.isValid():
        return None
    if isinstance(value, QDate):
        value = QDateTime(value, QTime(0, 0), Qt.TimeSpec.UTC)
    return float(in_utc(value).toMSecsSinceEpoch()) / 1000.0


def iso_text(value: Union[QDateTime, QDate, QTime]) -> Optional[str]:
    """Return a moment (in UTC, with a Z), a date or a time as ISO 8601; None for an invalid one.

    Milliseconds are written where there are any.
    """
    if not value.isValid():
        return None
    if isinstance(value, QDate):
        return value.toString(Qt.DateFormat.ISODate)
    if isinstance(value, QTime):
        return value.toString("HH:mm:ss.zzz" if value.msec() else "HH:mm:ss")
    utc = in_utc(value)
    return utc.toString(Qt.DateFormat.ISODateWithMs if utc.time().msec() else Qt.DateFormat.ISODate)
