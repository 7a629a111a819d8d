"""One hash for the fleet (or one for each line): a field per vehicle, its value JSON."""

from __future__ import annotations

from typing import Optional

from ...redis.types import Reply
from ..decoding import decode_value, value_row
from ..key_patterns import readable_name
from ..paths import packed
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..records import Row
from ..spec import FeedSpec
from .members import MembersSource, are_fields, pairs


class HashFields(MembersSource):
    """Each field of the hash is a vehicle."""

    KIND = "hash_fields"
    TYPE = "hash"
    COMMANDS: tuple[str, ...] = ("HGETALL", "HLEN", "HSCAN", "MEMORY|USAGE", "SCAN")

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        rows, fields = [], 0
        for key in family.keys[:SAMPLE_KEYS]:
            cursor_and_flat = reader.ask("HSCAN", key, 0, "COUNT", SAMPLE_KEYS)
            found = pairs(cursor_and_flat[1])
            fields += len(found)
            rows += [
                value_row(_text(f), key, v) for f, v in list(found.items())[:SAMPLE_KEYS] if _is_report(v)
            ]
        if not rows or len(rows) < 0.6 * min(fields, SAMPLE_KEYS * len(family.keys)) or are_fields(rows):
            return None
        spec = FeedSpec(name=readable_name(family.pattern), kind=cls.KIND, pattern=family.pattern)
        return judge(spec, rows, False, max(fields, 1))

    def members(self, reader: Reader, key: bytes) -> dict[bytes, Reply]:
        """Return what each member of a key says."""
        self.check_size(reader, key)
        return pairs(reader.ask("HGETALL", key))

    def rows(self, reader: Reader, key: bytes, members: list[bytes], said: list[Reply]) -> list[Row]:
        """Return the rows of some members."""
        return [value_row(self.ident(member), key, value) for member, value in zip(members, said)]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _is_report(value: bytes) -> bool:
    """Return whether a value may be a report by itself and not one field of a report.

    Such a value is an object, a list, or several numbers in a text.
    """
    try:
        found = decode_value(value)
    except ValueError:
        return False
    return isinstance(found, (dict, list)) or (isinstance(found, str) and len(packed(found)) > 1)
