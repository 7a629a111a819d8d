"""Attributes and fields as JSON values, so that a batch can be collected on another machine, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsField, QgsFields

from .. import compat
from ..compat import NULL, number
from ..json_values import tagged, untagged

if TYPE_CHECKING:
    from ...core.json_types import JsonValue


def pack_fields(fields: QgsFields) -> list[list[JsonValue]]:
    """Name, type, type name, length, precision and type of the elements of each field."""
    return [
        [f.name(), number(f.type()), f.typeName(), f.length(), f.precision(), number(f.subType())]
        for f in fields
    ]


def unpack_fields(packed: list[list[Any]]) -> QgsFields:
    """The inverse of ``pack_fields``. Where others wrote anything else, there are no fields at all, since
    values would be in the wrong ones."""
    fields = QgsFields()
    try:
        for name, kind, type_name, length, precision, sub in packed:
            fields.append(
                QgsField(
                    str(name), compat.kind(kind), str(type_name), length, precision, "", compat.kind(sub)
                )
            )
    except (TypeError, ValueError, OverflowError):
        return QgsFields()
    return fields


def pack_values(values: list[object]) -> list[JsonValue]:
    """Return the attributes of a feature as JSON values."""
    return [tagged(value) for value in values]


def unpack_values(values: object) -> list[object]:
    """The inverse of ``pack_values``. NULL for a value that others wrote in another form; an empty list for
    anything but a list."""
    return [_unpacked(value) for value in values] if isinstance(values, list) else []


def _unpacked(value: object) -> object:
    try:
        return untagged(value)
    except (AttributeError, TypeError, ValueError, RecursionError):
        return NULL
