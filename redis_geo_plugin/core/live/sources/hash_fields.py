"""One hash for the fleet (or one for each line): a field per vehicle, its value JSON."""

from __future__ import annotations

from typing import Any, Optional

from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..records import Row
from .base import json_row
from .members import MembersSource, pairs


class HashFields(MembersSource):
    KIND = "hash_fields"
    TYPE = "hash"

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        from ..discovery import readable_name

        rows, fields = [], 0
        for key in family.keys[:SAMPLE_KEYS]:
            cursor_and_flat = reader.ask("HSCAN", key, 0, "COUNT", SAMPLE_KEYS)
            found = pairs(cursor_and_flat[1])
            fields += len(found)
            rows += [json_row(_text(f), key, v) for f, v in list(found.items())[:SAMPLE_KEYS] if v[:1] in b"{["]
        if not rows or len(rows) < 0.6 * min(fields, SAMPLE_KEYS * len(family.keys)):
            return None
        spec = _spec(cls.KIND, readable_name(family.pattern), family.pattern)
        return judge(spec, rows, False, max(fields, 1))

    def members(self, reader: Reader, key: bytes) -> dict[bytes, Any]:
        return pairs(reader.ask("HGETALL", key))

    def rows(self, reader: Reader, key: bytes, members: list[bytes], said: list[Any]) -> list[Row]:
        return [json_row(self.ident(member), key, value) for member, value in zip(members, said)]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _spec(kind: str, name: str, pattern: str) -> Any:
    from ..spec import FeedSpec

    return FeedSpec(name=name, kind=kind, pattern=pattern)
