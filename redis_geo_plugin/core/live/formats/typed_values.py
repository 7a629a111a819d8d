"""Records whose values name their types, each an object with one field: ``{"lat": {"N": "48.85"}}`` of
DynamoDB, ``{"$numberDouble": "48.85"}`` of MongoDB, ``{"doubleValue": 48.85}`` of Firestore, ``{"double":
48.85}`` of Avro. Without these objects they are records like others.

Source of truth: https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/ ($date: milliseconds or
RFC 3339; $numberLong, $numberDouble, $oid), the AttributeValue of DynamoDB's API (S, N, BOOL, M, L, NULL; a
stream's record has NewImage), the Value of Firestore's (doubleValue, integerValue, timestampValue,
geoPointValue, mapValue) and of protobuf's Struct (numberValue), and the JSON encoding of Avro's unions. What
the fields mean is recognised.
"""

from __future__ import annotations

from typing import Optional

from .base import Format, Record, inner

_NAMED = frozenset(
    """
    $numberDouble $numberInt $numberLong $numberDecimal $oid $date $uuid doubleValue integerValue stringValue
    booleanValue timestampValue geoPointValue nullValue referenceValue numberValue boolValue
    """.split()  # noqa: SIM905
)
_LETTERS = frozenset(["S", "N", "BOOL", "NULL", "B"])
_AVRO = frozenset(["double", "float", "long", "int", "string", "boolean"])
# objects and lists, and what they stand in there
_INSIDE = {
    "M": "",
    "L": "",
    "mapValue": "fields",
    "structValue": "fields",
    "arrayValue": "values",
    "listValue": "values",
}
DEEPEST = 6


class TypedValues(Format):
    """Documents of databases, as their own interfaces write them."""

    NAME = "typed_values"
    PROGRAM = "DynamoDB, Firestore, MongoDB (extended JSON), Avro (JSON)"
    READS = (
        "the values of objects that name a type (N, doubleValue, $numberDouble, double); NewImage of a stream"
    )
    UNITS = "as the fields say"
    SOURCE = "https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/"
    MAPPING = None

    def _matches(self, record: Record) -> bool:
        return sum(map(_is_typed, _document(record).values())) >= 2

    def _record(self, data: Record) -> Optional[Record]:
        if self._matches(data):
            return _plain_fields(_document(data), DEEPEST)
        return None if inner(data, "dynamodb") else data  # of a stream, and without an image: it was deleted


def _document(record: Record) -> Record:
    """The object with the typed values: the record, ``fields`` of a document, or the image after a change."""
    image = inner(record, "dynamodb", "NewImage") or inner(record, "NewImage")
    fields = inner(record, "fields")
    return image or (fields if any(map(_is_typed, fields.values())) else record)


def _is_typed(value: object) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((kind, said),) = value.items()
    if kind in _NAMED or (kind in _LETTERS and not isinstance(said, dict)):
        return kind not in _LETTERS or isinstance(said, (str, bool))
    if kind in _INSIDE:
        return isinstance(said, (dict, list))
    return kind in _AVRO and not isinstance(said, (dict, list))


def _plain_fields(fields: Record, levels: int) -> Record:
    return {name: _plain(value, levels) for name, value in fields.items()}


def _plain(value: object, levels: int) -> object:
    """Return a value without the name of its type."""
    if levels <= 0:
        return None
    if isinstance(value, list):
        return [_plain(one, levels - 1) for one in value]
    if not isinstance(value, dict):
        return value
    if not _is_typed(value):
        return _plain_fields(value, levels - 1)
    ((kind, said),) = value.items()
    if kind in _INSIDE and isinstance(said, dict) and _INSIDE[kind]:
        said = said.get(_INSIDE[kind])
    return _plain(said, levels - 1)
