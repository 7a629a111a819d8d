"""The fields of a set of features: typed by all of its values, widened where they differ, named so that any
file can hold them.

The types are ``int`` (64 bits), ``real``, ``bool``, ``date``, ``datetime``, ``time`` and ``text``. Whole
numbers beside others are real, days beside moments are moments, anything else that differs is text; lists and
objects are JSON text. Where values are bare texts (a hash), what all of them could be counts: ``12`` a
number, ``007`` a text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import NamedTuple, Optional

from ..field_names import FieldNames
from ..json_types import JsonObject, Value
from ..live import moments
from ..live.records import LARGEST, SMALLEST, text_of
from ..live.values import clean

KEY, IDENT = "redis_key", "redis_id"  # the fields of every set: the key, and what tells a feature apart
MOST_FIELDS = 500  # of which a layer is usable; the rest stands together
OTHERS = "other_attributes"  # the field of the rest, as JSON
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,18})\Z")
_REAL = re.compile(r"(?=.*[.eE])-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?\Z")
_BOOLS = {"true": True, "false": False}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?\Z")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}"
    r"(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[-+][0-9]{2}:?[0-9]{2})?\Z"
)
_LONGEST = 40  # characters of a text that can be anything else
_OF = {int: "int", float: "real", bool: "bool", type(None): ""}
TEXT = "text"


class SetField(NamedTuple):
    """A field of a set: the ``name`` of its attribute, the name that the ``field`` of a layer gets, and its
    type."""

    name: str
    field: str
    kind: str


class SetSchema:
    """Learns the fields of a set from its features, then gives each feature's values."""

    def __init__(self, reserved: Iterable[str] = (KEY, IDENT)):
        self._reserved = tuple(reserved)
        self._seen: dict[str, set[str]] = {}  # of the fields that a layer gets
        self._has_more = False

    def learn(self, attributes: JsonObject, texts: bool = False) -> None:
        """Widen the types by the values of a feature; ``texts`` where they are bare texts."""
        seen = self._seen
        for name, value in attributes.items():
            kinds = seen.get(name)
            if kinds is None:
                if len(seen) >= MOST_FIELDS:
                    self._has_more = True
                    continue
                kinds = seen[name] = set()
            kind = _OF.get(type(value))
            if kind is None:
                if TEXT in kinds:
                    continue
                kind = _kind_of_text(value, texts) if type(value) is str else TEXT
            elif kind == "int" and not SMALLEST <= value <= LARGEST:
                kind = TEXT
            elif kind == "real" and not math.isfinite(value):
                kind = ""
            kinds.add(kind)

    def fields(self) -> list[SetField]:
        """The fields in the order in which they were first seen."""
        names = FieldNames(self._reserved)
        found = [
            SetField(name, names.name(clean(name)), _widest(kinds)) for name, kinds in self._seen.items()
        ]
        return [*found, SetField("", names.name(OTHERS), TEXT)] if self._has_more else found


def values_of(fields: Sequence[SetField], attributes: JsonObject) -> list[Value]:
    """The values of a feature in the order of the fields: int, float, bool, str, ``date``, ``time``, seconds
    since 1970 UTC for a moment, or None."""
    found = [convert(attributes.get(one.name), one.kind) if one.name else None for one in fields]
    if fields and not fields[-1].name:
        own = {one.name for one in fields}
        rest = {name: value for name, value in attributes.items() if name not in own}
        found[-1] = _text(rest) if rest else None
    return found


def convert(value: Value, kind: str) -> Value:
    """A value as its field holds it."""
    if value is None or not kind:
        return None
    if kind == TEXT:
        return clean(value) if type(value) is str else _text(value)
    if type(value) is str:
        return _of_text(value, kind) if value else None
    if type(value) is float and not math.isfinite(value):
        return None
    return float(value) if kind == "real" else value


def _kind_of_text(value: str, texts: bool) -> str:
    """What a text could be, empty for nothing at all."""
    if len(value) > _LONGEST:
        return TEXT
    if not value:
        return "" if texts else TEXT
    first = value[0]
    plain = _plain_kind(value) if texts else ""
    if plain:
        return plain
    if not ("0" <= first <= "9") or len(value) < 8:
        return TEXT
    if _DATE.match(value) is not None:
        return "date" if moments.parse_day(value, 0.0) is not None else TEXT
    if _TIME.match(value) is not None:
        return "time" if _time(value) is not None else TEXT
    if _DATETIME.match(value) is not None:
        return "datetime" if moments.parse(value) is not None else TEXT
    return TEXT


def _plain_kind(value: str) -> str:
    """Whether a bare text is a number or a truth; empty where it is neither."""
    if value.lower() in _BOOLS:
        return "bool"
    if _INT.match(value) is not None and SMALLEST <= int(value) <= LARGEST:
        return "int"
    return "real" if _REAL.match(value) is not None and math.isfinite(float(value)) else ""


def _widest(kinds: set[str]) -> str:
    kinds = kinds - {""}
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds == {"int", "real"}:
        return "real"
    if kinds == {"date", "datetime"}:
        return "datetime"
    return TEXT


def _of_text(value: str, kind: str) -> Value:
    if kind == "int":
        return int(value)
    if kind == "real":
        return float(value)
    if kind == "bool":
        return _BOOLS.get(value.lower())
    if kind == "time":
        return _time(value)
    if kind == "date":
        return date.fromisoformat(value)
    if _DATE.match(value) is not None:
        return moments.parse_day(value, 0.0)
    return moments.parse(value)


def _time(value: str) -> Optional[time]:
    whole, _, fraction = value.partition(".")
    try:
        hour, minute, second = map(int, whole.split(":"))
        return time(hour, minute, second, int(fraction.ljust(6, "0")) if fraction else 0)
    except ValueError:
        return None


def _text(value: Value) -> str:
    """A value that is no text as one: bytes by their codes, what JSON holds as JSON."""
    if isinstance(value, bytes):
        return clean(text_of(value))
    try:
        return clean(json.dumps(value, ensure_ascii=False, default=_other))
    except (ValueError, RecursionError):
        return "…"


def _other(value: Value) -> str:
    return text_of(value) if isinstance(value, bytes) else str(value)
