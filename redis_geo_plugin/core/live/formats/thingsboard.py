"""ThingsBoard: telemetry as devices and its API write it, ``{"ts", "values": {…}}``, a list of such, or a
list of values for each name.

Source of truth: https://thingsboard.io/docs/reference/mqtt-api/ and
https://thingsboard.io/docs/user-guide/telemetry/ (ts in milliseconds since 1970). What the values mean is
recognised.
"""

from __future__ import annotations

from typing import Optional

from .base import Fleet, Format, Record, dicts, has, inner


class ThingsBoard(Format):
    """Devices of the Internet of things."""

    NAME = "thingsboard"
    PROGRAM = "ThingsBoard"
    READS = "ts and what stands in values, the newest of a list; telemetry of its API (a list for each name)"
    UNITS = "as the values say"
    SOURCE = "https://thingsboard.io/docs/reference/mqtt-api/"
    MAPPING = None
    REPORTS_IN_LISTS = True

    def _matches(self, record: Record) -> bool:
        return bool(_reported(record))

    def _record(self, data: Record) -> Optional[Record]:
        return _reported(data) or data

    def _fleet(self, value: object) -> Optional[Fleet]:
        """A gateway's message: device -> list of reports; and a list of reports of one device."""
        if isinstance(value, list):
            report = _newest(value)
            return [(None, report)] if report else None
        if not isinstance(value, dict) or not value:
            return None
        newest = {name: _newest(reports) for name, reports in value.items()}
        return list(newest.items()) if all(newest.values()) else None


def _newest(reports: object) -> Record:
    """Return the newest of ``[{"ts", "values"}]``; empty for another value."""
    found = dicts(reports)
    if not found or not isinstance(reports, list) or len(found) < len(reports):
        return {}
    if not all(_is_report(one) for one in found):
        return {}
    return max(found, key=lambda one: one["ts"])


def _is_report(record: Record) -> bool:
    return set(record) == {"ts", "values"} and type(record["ts"]) is int and bool(inner(record, "values"))


def _is_series(values: list[Record]) -> bool:
    return bool(values) and all(set(said) == {"ts", "value"} for said in values)


def _reported(record: Record) -> Record:
    if has(record, "ts") and inner(record, "values"):
        rest = {name: value for name, value in record.items() if name != "values"}
        return {**rest, **record["values"]}
    series = {name: dicts(value) for name, value in record.items()}
    if not series or not all(map(_is_series, series.values())):
        return {}
    newest = {name: max(one, key=lambda said: number_of(said["ts"])) for name, one in series.items()}
    times = {number_of(said["ts"]) for said in newest.values()}
    return {**{name: said["value"] for name, said in newest.items()}, "ts": max(times)}


def number_of(value: object) -> int:
    """Return a count of milliseconds, 0 for anything else."""
    return value if type(value) is int else 0
