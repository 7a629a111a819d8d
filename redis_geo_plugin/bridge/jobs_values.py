"""Attributes and fields as JSON values, so that a batch can be collected on another machine, and back."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsField, QgsFields
from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, Qt, QTime, QVariant

from . import compat
from .compat import NULL, is_null, number

_TAG = "redis_geo"
_MILLISECONDS = Qt.DateFormat.ISODateWithMs


def pack_fields(fields: QgsFields) -> list[list[Any]]:
    """Name, type, type name, length, precision and type of the elements of each field."""
    return [[f.name(), number(f.type()), f.typeName(), f.length(), f.precision(), number(f.subType())] for f in fields]


def unpack_fields(packed: list[list[Any]]) -> QgsFields:
    """The opposite."""
    fields = QgsFields()
    for name, kind, type_name, length, precision, sub in packed:
        fields.append(QgsField(name, compat.kind(kind), type_name, length, precision, "", compat.kind(sub)))
    return fields


def pack_values(values: list[Any]) -> list[Any]:
    return [_pack(value) for value in values]


def unpack_values(values: list[Any]) -> list[Any]:
    return [_unpack(value) for value in values]


def _pack(value: Any) -> Any:
    if is_null(value):
        return None
    if isinstance(value, QVariant):
        value = value.value()
    if isinstance(value, (QDateTime, QDate, QTime)):
        kind = type(value).__name__
        return {_TAG: kind, "v": value.toString(Qt.DateFormat.ISODate if kind == "QDate" else _MILLISECONDS)}
    if isinstance(value, (QByteArray, bytes)):
        return {_TAG: "bytes", "v": bytes(QByteArray(value).toBase64()).decode()}
    if isinstance(value, (list, tuple)):
        return [_pack(item) for item in value]
    if isinstance(value, (bool, int, float, str, dict)):
        return value
    return str(value)


def _unpack(value: Any) -> Any:
    if value is None:
        return NULL
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict) or _TAG not in value:
        return value
    kind, text = value[_TAG], value["v"]
    if kind == "bytes":
        return QByteArray.fromBase64(text.encode())
    if kind == "QDate":
        return QDate.fromString(text, Qt.DateFormat.ISODate)
    return {"QDateTime": QDateTime, "QTime": QTime}[kind].fromString(text, _MILLISECONDS)
