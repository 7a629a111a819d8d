"""Changed rows of tables, as Canal, wal2json and Maxwell write them: the row after the change is the record.

Source of truth: https://github.com/eulerto/wal2json (version 1: columnnames and columnvalues of each change;
version 2: columns), https://github.com/alibaba/canal (flat messages: data, a list of rows whose values are
texts; old) and https://maxwells-daemon.io/dataformat/ (data, old). What the columns mean is recognised from
their values. A deleted row reports no position. An event may hold several rows (a
transaction, an import): they are records one by one. Where a key says whose the record is, such an event is
its report if just one of the rows has a place, and otherwise none.
"""

from __future__ import annotations

import re
from typing import Optional

from .base import Format, Record, dicts, has

_PLACE = re.compile(
    r"(?:.*_)?(?:(?:gps|geo)?(?:lat|latitude|lon|lng|long|longitude)|geom|geometry|geog|geography|coordinates?|coords?"
    r"|latlng|latlon|lonlat|location|loc|point|position|pos|wkb|wkt|geohash)(?:_.*)?"
)


class ChangeRows(Format):
    """Rows of a table, from the events of its changes."""

    NAME = "change_rows"
    PROGRAM = "Canal, Maxwell, wal2json"
    READS = "the row after the change (data, columns, columnvalues), its columns by their values"
    UNITS = "as the columns say"
    SOURCE = "https://github.com/eulerto/wal2json"
    MAPPING = None

    def _matches(self, record: Record) -> bool:
        return _rows(record) is not None

    def _record(self, data: Record) -> Optional[Record]:
        rows = _rows(data)
        if rows is None:
            return data
        placed = _placed(rows)
        return placed[0] if len(placed) == 1 else None

    def _several(self, data: Record) -> list[Record]:
        rows = _rows(data) or []
        return [_event_of(row) for row in _placed(rows)] if len(rows) > 1 and any(rows) else [data]


def _event_of(row: Record) -> Record:
    """Return an event of one changed row."""
    return {"database": "", "table": "", "type": "update", "ts": None, "data": row}


def _placed(rows: list[Record]) -> list[Record]:
    """Return the rows that have a place by the names of their columns; all where none has."""
    known = [row for row in rows if row]
    if len(known) < 2:
        return known
    return [row for row in known if any(_PLACE.fullmatch(str(name).lower()) for name in row)] or known


def _rows(record: Record) -> Optional[list[Record]]:
    """Return the rows of an event, of which a deleted one is empty; None for another record."""
    if isinstance(record.get("change"), list):
        changes = dicts(record["change"])
        return [_columns(one) for one in changes] if changes and has(changes[-1], "kind", "table") else None
    if has(record, "action", "schema", "table"):
        columns = dicts(record.get("columns")) if record["action"] in ("I", "U") else []
        return [{str(one.get("name")): one.get("value") for one in columns}]
    if not has(record, "database", "table", "type", "data", "ts"):
        return None
    rows = record["data"]
    found = dicts(rows if isinstance(rows, list) else [rows])
    is_deleted = str(record["type"]).lower() == "delete"
    return [{} if is_deleted else dict(row) for row in found]


def _columns(change: Record) -> Record:
    """Return the row of a change of wal2json's version 1; empty where it was deleted."""
    names, values = change.get("columnnames"), change.get("columnvalues")
    return dict(zip(names, values)) if isinstance(names, list) and isinstance(values, list) else {}
