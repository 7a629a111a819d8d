"""One string with the whole fleet: a JSON array of records, an object id -> record, or a GeoJSON FeatureCollection."""

from __future__ import annotations

from typing import Any, Optional

from ..guess import IDS
from ..proposals import Family, Proposal, judge
from ..reader import Reader
from ..records import Reason, Row, as_json, parse_json
from ..spec import FeedSpec
from .members import MembersSource

LARGEST_FLEET = 64_000_000  # bytes


class FleetString(MembersSource):
    KIND = "fleet_string"
    TYPE = "string"

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        from ..discovery import readable_name

        if len(family.keys) > 20:
            return None
        spec = FeedSpec(name=readable_name(family.pattern), kind=cls.KIND, pattern=family.pattern)
        source = cls(spec)
        source.open(reader)
        rows: list[Row] = []
        for key in family.keys[:5]:
            found = source.members(reader, key)
            some = list(found)[:50]
            rows += source.rows(reader, key, some, [found[m] for m in some])
        if len(rows) < 2 or all(row.data is None for row in rows):
            return None
        proposal = judge(spec, rows, False, len(rows))
        if proposal is not None:
            proposal.reasons.append(("fleet", {}))
        return proposal

    def members(self, reader: Reader, key: bytes) -> dict[bytes, Any]:
        length = reader.ask("STRLEN", key)
        if not 0 < length <= LARGEST_FLEET:
            return {}
        raw = reader.ask("GET", key)
        try:
            value = parse_json(raw or b"")
        except ValueError:
            return {b"?": raw[:2000]}
        return {ident.encode(): as_text(record) for ident, record in records_of(value).items()}

    def rows(self, reader: Reader, key: bytes, members: list[bytes], said: list[Any]) -> list[Row]:
        rows = []
        for member, text in zip(members, said):
            if isinstance(text, bytes):
                rows.append(Row(self.ident(member), key, None, text, Reason.UNREADABLE))
            else:
                rows.append(Row(self.ident(member), key, parse_json(text.encode()), text.encode()))
        return rows


def as_text(record: dict[str, Any]) -> str:
    """The record as JSON text: hashable, so that only changed records are handed on."""
    import json

    try:
        return json.dumps(record, ensure_ascii=False)
    except (ValueError, RecursionError):
        return as_json(record)


def records_of(value: Any) -> dict[str, dict[str, Any]]:
    """id -> record of a fleet in one of the three forms; empty where it is none."""
    if isinstance(value, dict) and value.get("type") == "FeatureCollection":
        value = [_flat_feature(f) for f in value.get("features") or [] if isinstance(f, dict)]
    if isinstance(value, dict):
        inner = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        if len(inner) == 1 and not all(isinstance(v, dict) for v in value.values()):
            value = inner[0]
        else:
            return {str(key): record for key, record in value.items() if isinstance(record, dict)}
    if not isinstance(value, list):
        return {}
    found = {}
    for position, record in enumerate(value):
        if isinstance(record, dict):
            found[_ident(record) or str(position)] = record
    return found


def _ident(record: dict[str, Any]) -> str:
    lowered = {name.lower(): value for name, value in record.items() if isinstance(name, str)}
    for name in IDS:
        value = lowered.get(name)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def _flat_feature(feature: dict[str, Any]) -> dict[str, Any]:
    geometry = feature.get("geometry") or {}
    record = dict(feature.get("properties") or {})
    record["coordinates"] = geometry.get("coordinates")
    if feature.get("id") is not None:
        record.setdefault("id", feature["id"])
    return record
