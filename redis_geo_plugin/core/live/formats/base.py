"""What a known format is: how its records are recognised, unfolded and read, and where that is documented."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Callable, Optional, TypeVar

from ...json_types import JsonObject
from ..spec import Mapping

Record = JsonObject
Fleet = list[tuple[Optional[str], Record]]
_Value = TypeVar("_Value")
_Result = TypeVar("_Result")
_log = logging.getLogger("redis_geo")
ENOUGH = 0.6  # share of the records of a sample that have to be of a format


class Format:
    """The format of a program. A subclass stands in a file of its own, with one line in ``formats.FORMATS``.

    ``MAPPING`` says what the fields of an unfolded record mean. None is for an envelope, whose fields are
    recognised by their values. ``PROGRAM``, ``READS``, ``UNITS`` and ``SOURCE`` are the row of the table in
    the documentation. What it makes of a value is asked through ``matches``, ``record`` and ``fleet``, which
    never raise: programs write anything, and one odd value must not end a feed.
    """

    NAME = ""
    PROGRAM = ""
    READS = ""
    UNITS = ""
    SOURCE = ""
    MAPPING: Optional[Mapping] = None
    HAS_NO_TIME = False  # its records do not say when, or in a zone that they do not name
    REPORTS_IN_LISTS = False  # whether one report may be a list of objects
    PAIR_ORDER = ""  # the order of two numbers in one field, if the format says it

    def matches(self, record: Record) -> bool:
        """Return whether a record is of this format, by the fields that only it has."""
        return _guarded(self._matches, record, False)

    def record(self, data: Record) -> Optional[Record]:
        """Return the record with its fields where ``MAPPING`` names them; None where it reports no position.

        Doing it twice is doing it once.
        """
        return _guarded(self._record, data, None)

    def fleet(self, value: object) -> Optional[Fleet]:
        """Return the records of a whole fleet in one value, each with its id (None: it has none).

        None for another value.
        """
        return _guarded(self._fleet, value, None)

    def several(self, data: Record) -> list[Record]:
        """Return the records that a record holds, by itself for nearly all formats."""
        return _guarded(self._several, data, [data])

    def _several(self, data: Record) -> list[Record]:
        return [data]

    def _matches(self, record: Record) -> bool:
        raise NotImplementedError

    def _record(self, data: Record) -> Optional[Record]:
        return data

    def _fleet(self, _value: object) -> Optional[Fleet]:
        return None

    def fits(self, records: Sequence[Record]) -> bool:
        """Return whether a sample is of this format."""
        return sum(map(self.matches, records)) >= max(ENOUGH * len(records), 1)


def _guarded(ask: Callable[[_Value], _Result], value: _Value, otherwise: _Result) -> _Result:
    """What a format says of a value; ``otherwise`` where the value is so odd that it raises."""
    try:
        return ask(value)
    except Exception:
        _log.debug("a value is too odd for a format", exc_info=True)
        return otherwise


def ident(value: object) -> Optional[str]:
    """Return an id as text; None if it is not an id."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        return None
    return str(value) if isinstance(value, str) or abs(value) < 10**18 else None


def integer(value: object) -> Optional[int]:
    """An integer, also as a text, as hashes and streams hold it; None for anything else."""
    if isinstance(value, str) and len(value) < 20 and value[value[:1] == "-" :].isdecimal():
        return int(value)
    return value if type(value) is int else None


def inner(record: object, *names: str) -> Record:
    """Return the object some levels down; empty if there is none."""
    for name in names:
        record = record.get(name) if isinstance(record, dict) else None
    return record if isinstance(record, dict) else {}


def has(record: Record, *names: str) -> bool:
    """Return whether a record has all of these fields."""
    return all(name in record for name in names)


def dicts(value: object) -> list[Record]:
    """Return the objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
