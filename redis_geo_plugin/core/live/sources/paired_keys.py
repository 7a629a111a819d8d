"""A key per vehicle and coordinate: ``veh:7:lat`` and ``veh:7:lon``, with what else stands beside
(``veh:7:ts``)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Optional

from ...json_types import JsonObject
from ...readable import bytes_of
from ...redis.types import Reply
from ..decoding import LONGEST_TEXT, decode_value
from ..key_patterns import SEPARATORS, KeyPattern, readable_name
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..recognition import names
from ..records import RefusalReason, Row
from ..spec import FeedSpec
from ..values import number
from .base import Batch, KeysSource, Tr

MOST_FIELDS = 12  # keys of one vehicle


class PairedKeys(KeysSource):
    """One key for each coordinate of a vehicle.

    ``pattern`` is that of the latitudes. ``details`` is the template of all keys of a vehicle, with ``{id}``
    and ``{field}``. ``details_kind`` lists the fields, separated by spaces.
    """

    KIND = "paired_keys"
    TYPE = "string"
    COMMANDS: tuple[str, ...] = ("MGET", "GET", "STRLEN", "SCAN")
    is_found_by_name = True

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "paired": tr("Each vehicle has a key for each of {fields}."),
        }

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        template, fields = siblings(family, families)
        if len(fields) < 2:
            return None
        spec = FeedSpec(
            name=readable_name(template.replace("{id}", "").replace("{field}", "").rstrip(":/.|_-")),
            kind=cls.KIND,
            pattern=family.pattern,
            details=template,
            details_kind=" ".join(fields),
        )
        source = cls(spec)
        source.open(reader)
        rows = [row for batch, _ in source.read(reader, family.keys[:SAMPLE_KEYS]) for row in batch]
        proposal = judge(spec, rows, cls.texts, family.count)
        if proposal is not None:
            proposal.reasons.append(("paired", {"fields": ", ".join(fields)}))
        return proposal

    def open(self, reader: Reader) -> None:
        """Prepare for this server."""
        super().open(reader)
        lead = reader.server.settings.key_prefix
        self._fields = self.spec.details_kind.split()[:MOST_FIELDS]
        self._template = lead + self.spec.details
        self._patterns = [
            KeyPattern(self.spec.details.replace("{field}", name).replace("{id}", "*"), lead)
            for name in self._fields
        ]

    def prefixes(self) -> list[bytes]:
        """Return the key prefixes whose changes concern this source."""
        return [pattern.literal for pattern in self._patterns] or super().prefixes()

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        """Yield all keys of each vehicle of which a key changed."""
        if len(self._fields) < 2:  # a project file, or a form, that names no second coordinate
            return
        yield from super().read(reader, list(dict.fromkeys(filter(None, map(self._first_key, keys)))))

    @property
    def told_keys(self) -> int:
        """How many keys are known whose changes the server tells of."""
        return super().told_keys * max(len(self._fields), 1)

    def _first_key(self, key: bytes) -> Optional[bytes]:
        if self.pattern.ident(key) is not None:
            return key
        for pattern in self._patterns:
            ident = pattern.ident(key)
            if ident is not None:
                return self.pattern.lead + bytes_of(self.spec.pattern.replace("*", ident))
        return None

    def _read_piece(self, reader: Reader, keys: list[bytes], names: list[str]) -> Batch:
        rows: list[Row] = []
        gone: list[str] = []
        width = len(self._fields)
        values = self._values(reader, [key for name in names for key in self._keys_of(name)])
        for place, (key, name) in enumerate(zip(keys, names)):
            said = values[place * width : (place + 1) * width]
            if said[0] is None or said[1] is None:
                self._gone(key, name, gone)
                continue
            self._known[key] = name
            is_new = key not in self._seen
            if not self._is_same(key, tuple(said)):
                row = Row(name, key, self._record(said), b", ".join(map(_raw, said)))
                if self._is_apart(said):
                    # between its two commands a producer has stored one coordinate: the vehicle stays
                    if not is_new:
                        continue
                    row.data, row.error = None, RefusalReason.APART
                rows.append(row)
        return rows, gone

    def _oversize(self, reader: Reader, keys: list[bytes]) -> dict[bytes, int]:
        """Return for each vehicle the largest of its keys, if it is too large."""
        names = [self.pattern.ident(key) or "" for key in keys]
        each = [self._keys_of(name) for name in names]
        sizes = reader.ask_many([("STRLEN", key) for some in each for key in some])
        width = len(self._fields)
        largest = [
            max((size for size in sizes[n * width : (n + 1) * width] if isinstance(size, int)), default=0)
            for n in range(len(keys))
        ]
        return {key: size for key, size in zip(keys, largest) if size > LONGEST_TEXT}

    def _keys_of(self, ident: str) -> list[bytes]:
        return [
            bytes_of(self._template.replace("{field}", name).replace("{id}", ident)) for name in self._fields
        ]

    def _values(self, reader: Reader, keys: list[bytes]) -> list[Reply]:
        return list(reader.mget(keys))

    def _is_apart(self, said: Sequence[Reply]) -> bool:
        """Return whether the values of both coordinates are of different moments, where they have any."""
        return False

    def _record(self, said: list[Reply]) -> JsonObject:
        return {name: _plain(value) for name, value in zip(self._fields, said) if value is not None}


def siblings(family: Family, families: list[Family]) -> tuple[str, list[str]]:
    """Return the template of the keys of a vehicle, and its fields: latitude (this family), longitude, then
    others.

    Empty if this family holds no latitudes, or if no family has longitudes.
    """
    separator = next((mark for mark in SEPARATORS if mark in family.pattern), "")
    parts = re.split(f"({re.escape(separator)})", family.pattern) if separator else [family.pattern]
    if family.pattern.count("*") != 1:
        return "", []
    for place, part in enumerate(parts):
        if "*" in part or part.lower() not in names.LATITUDE:
            continue
        head, tail = "".join(parts[:place]), "".join(parts[place + 1 :])
        others = {
            other.pattern[len(head) : len(other.pattern) - len(tail)]: other
            for other in families
            if other.type == family.type and other.pattern.startswith(head) and other.pattern.endswith(tail)
        }
        longitude = next((name for name in others if name.lower() in names.LONGITUDE), "")
        if longitude:
            rest = [name for name in others if name not in (part, longitude) and separator not in name]
            template = (head + "{field}" + tail).replace("*", "{id}")
            return template, [part, longitude, *(name for name in rest if "*" not in name)][:MOST_FIELDS]
    return "", []


def _plain(value: bytes) -> object:
    try:
        found = decode_value(value)
    except ValueError:
        return value.decode("utf-8", "backslashreplace")
    return found if number(found) is None else number(found)


def _raw(value: object) -> bytes:
    return value if isinstance(value, bytes) else repr(value).encode()
