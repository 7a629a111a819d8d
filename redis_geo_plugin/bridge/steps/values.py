"""Attribute values of QGIS as JSON of which exactly the same values can be made again.

JSON has words for NULL, truth, integers, doubles, texts and lists. The rest is an object with one member,
whose name no attribute has: dates by their Julian day, times by their milliseconds, date-times with the kind
of their zone, bytes in hexadecimal, maps as a list of pairs.
"""

from __future__ import annotations

from typing import Any

from qgis.core import NULL
from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, Qt, QTime, QTimeZone, QVariant

from ...core.steps.columns import TAG
from ..compat import number

_OFFSET, _ZONE = number(Qt.TimeSpec.OffsetFromUTC), number(Qt.TimeSpec.TimeZone)
_SPECS = frozenset((number(Qt.TimeSpec.LocalTime), number(Qt.TimeSpec.UTC), _OFFSET, _ZONE))
_LEAST, _MOST = -(2**63), 2**64 - 1  # integers that QGIS has


class Unwritable(TypeError):
    """An attribute of a kind that is not kept."""


def tag(value: object) -> object:
    """What stands in JSON for a value that JSON has no word for. Raises Unwritable."""
    if isinstance(value, QVariant):
        return None if value.isNull() else tagged(value.value())
    if isinstance(value, QDateTime):
        return _tagged("date-time", _moment(value)) if value.isValid() else None
    if isinstance(value, QDate):
        return _tagged("date", value.toJulianDay()) if value.isValid() else None
    if isinstance(value, QTime):
        return _tagged("time", value.msecsSinceStartOfDay()) if value.isValid() else None
    if isinstance(value, (QByteArray, bytes, bytearray, memoryview)):
        return _tagged("bytes", bytes(value).hex()) if not _is_null_bytes(value) else None
    raise Unwritable(type(value).__name__)


def tagged(value: object) -> object:
    """The value as JSON, with the maps and lists that it holds. Raises Unwritable."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [tagged(one) for one in value]
    if isinstance(value, dict):
        return _tagged("map", [[str(name), tagged(one)] for name, one in value.items()])
    return tag(value)


def untagged(value: Any) -> Any:
    """Return the value that ``tagged`` was given; NULL for null. Raises ValueError for what it did not
    write."""
    if value is None:
        return NULL
    if isinstance(value, list):
        return [untagged(one) for one in value]
    if not isinstance(value, dict):
        if isinstance(value, int) and not _LEAST <= value <= _MOST:
            raise ValueError("no attribute")
        return value
    kind, content = _content(value)
    try:
        return _MADE[kind](content)
    except (KeyError, TypeError, IndexError, OverflowError, AttributeError) as error:
        raise ValueError("no attribute") from error


def _tagged(kind: str, content: object) -> dict[str, object]:
    return {TAG: [kind, content]}


def _content(value: dict[str, Any]) -> tuple[str, Any]:
    content = value.get(TAG)
    if len(value) != 1 or not isinstance(content, list) or len(content) != 2:
        raise ValueError("no attribute")
    return content[0], content[1]


def _is_null_bytes(value: object) -> bool:
    return isinstance(value, QByteArray) and value.isNull()


def _moment(value: QDateTime) -> list[object]:
    """Day, milliseconds, kind of zone, seconds east of UTC, name of the zone."""
    spec = number(value.timeSpec())
    zone = bytes(value.timeZone().id()).decode("ascii", "replace") if spec == _ZONE else ""
    day, time = value.date().toJulianDay(), value.time().msecsSinceStartOfDay()
    return [day, time, spec, value.offsetFromUtc() if spec == _OFFSET else 0, zone]


def _made_moment(content: list[Any]) -> QDateTime:
    day, milliseconds, spec, offset, zone = content
    if spec not in _SPECS:
        raise ValueError("no kind of time")
    date, time = QDate.fromJulianDay(day), QTime.fromMSecsSinceStartOfDay(milliseconds)
    if spec == _ZONE:
        return QDateTime(date, time, QTimeZone(zone.encode()))
    if spec == _OFFSET:
        return QDateTime(date, time, Qt.TimeSpec.OffsetFromUTC, offset)
    return QDateTime(date, time, Qt.TimeSpec(spec))


def _made_map(pairs: list[Any]) -> dict[str, Any]:
    if not all(isinstance(name, str) for name, _ in pairs):
        raise ValueError("no map")
    return {name: untagged(one) for name, one in pairs}


_MADE = {
    "date-time": _made_moment,
    "date": QDate.fromJulianDay,
    "time": QTime.fromMSecsSinceStartOfDay,
    "bytes": lambda text: QByteArray(bytes.fromhex(text)),
    "map": _made_map,
}
