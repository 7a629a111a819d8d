"""Attribute values of QGIS as JSON: what is published, loaded into a GEO set, or sent along with a job."""

from __future__ import annotations

import math
from typing import Any

from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, Qt, QTime, QVariant

from .compat import NULL
from .moments import iso_text

_TAG = "redis_geo"
_MILLISECONDS = Qt.DateFormat.ISODateWithMs


def to_json(value: Any) -> Any:
    """Return an attribute's value as JSON has it.

    NULL and numbers that are none (NaN, infinite) become null; dates and times ISO 8601, in UTC; bytes
    Base64; lists and maps stay what they are. Anything else is its text.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else _encodable(value)
    if kind is int or kind is bool or value is None:
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if isinstance(value, QVariant):
        return None if value.isNull() else to_json(value.value())
    if isinstance(value, (QDateTime, QDate, QTime)):
        return iso_text(value)
    if isinstance(value, (QByteArray, bytes, bytearray, memoryview)):
        return _base64(value)
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(str(name)): to_json(item) for name, item in value.items()}
    return _encodable(str(value))


def tagged(value: Any) -> Any:
    """Return an attribute's value as JSON from which ``untagged`` makes the same value, of the same type,
    again."""
    if isinstance(value, QVariant):
        return None if value.isNull() else tagged(value.value())
    if isinstance(value, (QDateTime, QDate, QTime)):
        if not value.isValid():
            return None
        form = Qt.DateFormat.ISODate if isinstance(value, QDate) else _MILLISECONDS
        return {_TAG: type(value).__name__, "v": value.toString(form)}
    if isinstance(value, (QByteArray, bytes, bytearray, memoryview)):
        return {_TAG: "bytes", "v": _base64(value)}
    if isinstance(value, (list, tuple)):
        return [tagged(item) for item in value]
    if isinstance(value, dict):
        inner = {str(name): tagged(item) for name, item in value.items()}
        return {_TAG: "dict", "v": inner} if _TAG in inner else inner
    return to_json(value)


def untagged(value: Any) -> Any:
    """Return the value that ``tagged`` was given; NULL for null."""
    if value is None:
        return NULL
    if isinstance(value, list):
        return [untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _TAG not in value:
        return {name: untagged(item) for name, item in value.items()}
    kind, content = value[_TAG], value.get("v")
    if kind == "dict":
        return {name: untagged(item) for name, item in content.items()}
    if kind == "bytes":
        return QByteArray.fromBase64(content.encode())
    if kind == "QDate":
        return QDate.fromString(content, Qt.DateFormat.ISODate)
    made = {"QDateTime": QDateTime, "QTime": QTime}.get(kind)
    return value if made is None else made.fromString(content, _MILLISECONDS)


def _base64(value: Any) -> str:
    return bytes(QByteArray(bytes(value)).toBase64()).decode()


def _encodable(text: str) -> str:
    """Return a text without half surrogate pairs, which QString can hold and UTF-8 cannot: they become their
    escape."""
    return text.encode("utf-8", "backslashreplace").decode()
