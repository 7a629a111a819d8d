"""One string with the whole fleet: a JSON array of records, an object id -> record, or a GeoJSON
FeatureCollection."""

from __future__ import annotations

from typing import Optional

from ...json_types import JsonObject
from ...redis.types import Reply
from ..decoding import KEPT, LARGEST_FLEET, decode_value
from ..json_text import parse_json
from ..key_patterns import readable_name
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..recognition import unfold
from ..records import Row, as_json
from ..spec import FeedSpec
from .base import Tr
from .members import MembersSource, UnreadableValue, are_fields


class FleetString(MembersSource):
    """A key with the whole fleet. It is read again when it changes, and passed on record by record."""

    KIND = "fleet_string"
    TYPE = "string"
    COMMANDS: tuple[str, ...] = ("GET", "STRLEN", "EXISTS", "SCAN")

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "fleet": tr("The whole fleet stands in one value, which is read anew when it changes."),
        }

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        spec = FeedSpec(name=readable_name(family.pattern), kind=cls.KIND, pattern=family.pattern)
        source = cls(spec)
        source.open(reader)
        rows: list[Row] = []
        count = 0
        for key in family.keys[:SAMPLE_KEYS]:
            try:
                found = source.members(reader, key)
            except UnreadableValue:
                continue
            count += len(found)
            some = list(found)[:50]
            rows += source.rows(reader, key, some, [found[m] for m in some])
        if len(rows) < 2 or all(row.data is None for row in rows) or are_fields(rows):
            return None
        proposal = judge(spec, rows, False, count)
        if proposal is not None:
            proposal.reasons.append(("fleet", {}))
        return proposal

    def members(self, reader: Reader, key: bytes) -> dict[bytes, Reply]:
        """Return what each member of a key says."""
        size = self._size(reader, key)
        if size > LARGEST_FLEET:
            raise UnreadableValue(b"%d bytes" % size)
        if not size and not reader.ask("EXISTS", key):
            return {}
        raw = self._value(reader, key)
        try:
            value = decode_value(raw or b"", LARGEST_FLEET)
        except ValueError:
            raise UnreadableValue(raw[:KEPT]) from None
        return {ident.encode(): as_text(record) for ident, record in records_of(value).items()}

    def _size(self, reader: Reader, key: bytes) -> int:
        return int(reader.ask("STRLEN", key))

    def _value(self, reader: Reader, key: bytes) -> bytes:
        return reader.ask("GET", key) or b""

    def rows(self, reader: Reader, key: bytes, members: list[bytes], said: list[Reply]) -> list[Row]:
        """Return the rows of some members."""
        return [
            Row(self.ident(member), key, parse_json(text.encode()), text.encode())
            for member, text in zip(members, said)
        ]


def as_text(record: JsonObject) -> str:
    """Return the record as JSON text: a text can be hashed, so only changed records are passed on."""
    import json

    try:
        return json.dumps(record, ensure_ascii=False)
    except (ValueError, RecursionError):
        return as_json(record)


def records_of(value: object) -> dict[str, JsonObject]:
    """Return id -> record of a fleet; empty if the value holds none, or if its records have no identity."""
    return {ident: record for ident, record in unfold(value) if ident}
