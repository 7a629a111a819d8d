"""A GEO set (or one for each city), alone or with details of each member in a hash, a JSON string, or one
hash for all.

A GEO set has no times. Where the details have none either, a position counts as reported at the moment when
its change was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from ...geo.cells import looks_geographic
from ...json_types import JsonObject
from ...readable import bytes_of, text
from ...redis.types import Reply
from ..decoding import VALUE, fields_record, value_row
from ..key_patterns import KeyPattern, readable_name
from ..places import split_pair
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..records import Row
from ..spec import FeedSpec, Mapping
from ..values import number
from .base import CHUNK, Batch, Tr
from .members import MembersSource, pairs
from .set_details import MEMBER, ONE_HASH, SCORES, find_details, scores_field

LON, LAT = "geo_longitude", "geo_latitude"
NEAR = 2e-5  # degrees: exact coordinates kept beside the set, which rounds to 0.6 m
LOOKED_AT = 60  # members that tell whether it is a GEO set


class GeoSetSource(MembersSource):
    """Members of GEO sets, with what other keys say about them."""

    KIND = "geoset"
    TYPE = "zset"
    COMMANDS: tuple[str, ...] = (
        "ZRANGE",
        "ZMSCORE",
        "ZCARD",
        "GEOPOS",
        "HMGET",
        "HGETALL",
        "MGET",
        "EXISTS",
        "MEMORY|USAGE",
        "TYPE",
        "SCAN",
    )

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "geo_members": tr("Members of a GEO set: positions as Redis holds them, to 0.6 m."),
            "details": tr("Details of each member stand in {template}."),
            "details_member": tr("Each member is itself a record."),
        }

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        key = family.keys[0]
        flat = reader.ask("ZRANGE", key, 0, SAMPLE_KEYS - 1, "WITHSCORES")
        if not flat or not looks_geographic(flat[1::2]):
            return None
        members = list(flat[::2])
        details, kind = find_details(reader, family, members, families)
        spec = FeedSpec(
            name=readable_name(family.pattern),
            kind=cls.KIND,
            pattern=family.pattern,
            details=details,
            details_kind=kind,
        )
        given = Mapping(lon=LON, lat=LAT, time=scores_field(details) if kind == SCORES else "")
        spec = spec.changed(mapping=given)
        source = cls(spec)
        source.open(reader)
        rows = source.rows(reader, key, members, [b""] * len(members))
        counts = reader.ask_many([("ZCARD", k) for k in family.keys[:100]])
        total = sum(count for count in counts if isinstance(count, int))
        proposal = judge(spec, rows, True, total, with_id=kind == MEMBER)
        if proposal is not None:
            proposal.reasons = [r for r in proposal.reasons if r[0] != "fields"]  # they are the set's own
            proposal.reasons.insert(1, ("geo_members", {}))
            if details or kind == MEMBER:
                proposal.reasons.insert(
                    2, ("details" if details else "details_member", {"template": details})
                )
        return proposal

    @property
    def id_in_record(self) -> bool:
        """Whether the id is one of the fields of a record."""
        return self.spec.details_kind == MEMBER

    def open(self, reader: Reader) -> None:
        """Prepare for this server."""
        super().open(reader)
        self.texts = self.spec.details_kind == "hash"
        template = self.spec.details
        self._lead = reader.server.settings.key_prefix.encode()
        self._details: Optional[KeyPattern] = None
        if template and self.spec.details_kind not in (ONE_HASH, SCORES):
            star = template.replace("{id}", "*").replace("{tail}", "*")
            self._details = KeyPattern(star, reader.server.settings.key_prefix)
        self._by_tail: dict[str, bytes] = {}

    def prefixes(self) -> list[bytes]:
        """Return the key prefixes whose changes concern this source."""
        found = [self.pattern.literal]
        if self._details is not None:
            found.append(self._details.literal)
        elif self.spec.details_kind == SCORES:
            found.append(self._beside(self.pattern.literal))
        elif self.spec.details:
            found.append(self._lead + bytes_of(self.spec.details))
        return found

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        """Yield sets that changed, and members whose details changed."""
        yield from super().read(reader, keys)
        owners: dict[bytes, list[bytes]] = {}
        for key in keys:
            for member in self._members_of_details(key):
                owner = next((k for k, members in self._members.items() if member in members), None)
                if owner is not None:
                    owners.setdefault(owner, []).append(member)
        for owner, members in owners.items():
            for start in range(0, len(members), CHUNK):
                piece = members[start : start + CHUNK]
                yield self.rows(reader, owner, piece, [b""] * len(piece)), []

    @property
    def told_keys(self) -> int:
        """Return the number of known keys whose changes the server reports."""
        of_members = sum(map(len, self._members.values())) if self._details is not None else 0
        return super().told_keys + of_members

    def in_turn(self) -> list[bytes]:
        """Return the sets, and what holds the details of their members."""
        return [*super().in_turn(), *self._keys_of_details()]

    def _keys_of_details(self) -> list[bytes]:
        if self.spec.details_kind == SCORES:
            return [self._beside(owner) for owner in self._members]
        if self._details is None:
            return [self._lead + bytes_of(self.spec.details)] if self.spec.details else []
        return [self._details_key(member) for members in self._members.values() for member in members]

    def _members_of_details(self, key: bytes) -> list[bytes]:
        if self.spec.details_kind == SCORES:
            return [
                m for owner, members in self._members.items() if self._beside(owner) == key for m in members
            ]
        if self._details is None:
            one_hash = self.spec.details and key == self._lead + bytes_of(self.spec.details)
            return [m for members in self._members.values() for m in members] if one_hash else []
        name = self._details.ident(key)
        if name is None:
            return []
        if "{tail}" in self.spec.details:
            member = self._by_tail.get(name)
            return [member] if member is not None else []
        return [bytes_of(name)]

    def members(self, reader: Reader, key: bytes) -> dict[bytes, Reply]:
        """Return the members of a key that a star stands for; none if it is not a GEO set.

        Other sets may have such names too.
        """
        self.check_size(reader, key)
        flat = reader.ask("ZRANGE", key, 0, -1, "WITHSCORES")
        some = flat[1 : 2 * LOOKED_AT : 2]
        return pairs(flat) if "*" not in self.spec.pattern or looks_geographic(some) else {}

    def rows(self, reader: Reader, key: bytes, members: list[bytes], said: list[Reply]) -> list[Row]:
        """Return the rows of some members."""
        positions = reader.ask("GEOPOS", key, *members)
        details = self._read_details(reader, key, members)
        rows = []
        for member, position, detail in zip(members, positions, details):
            if position is None:
                continue  # it left the set in the meantime
            data = dict(detail)
            lon, lat = float(position[0]), float(position[1])
            data[LON], data[LAT] = exact(data, lon, lat)
            rows.append(Row(self.ident(member), key, data, b""))
        return rows

    def _read_details(self, reader: Reader, key: bytes, members: list[bytes]) -> list[JsonObject]:
        template, kind = self.spec.details, self.spec.details_kind
        if kind == MEMBER:
            return [_record(member, member, VALUE) for member in members]
        if kind == SCORES:
            beside = self._beside(key)
            scores = reader.ask_many([("ZSCORE", beside, member) for member in members])
            name = scores_field(template)
            return [{name: score.decode()} if isinstance(score, bytes) else {} for score in scores]
        if not template:
            return [{} for _ in members]
        name = scores_field(template)
        if kind == ONE_HASH:
            values = reader.ask("HMGET", self._lead + bytes_of(template), *members)
            return [_record(member, value, name) for member, value in zip(members, values)]
        keys = [self._details_key(member) for member in members]
        if kind == "json":
            return [_record(member, value, name) for member, value in zip(members, reader.mget(keys))]
        replies = reader.ask_many([("HGETALL", key) for key in keys])
        return [fields_record(flat) if isinstance(flat, list) else {} for flat in replies]

    def _beside(self, key: bytes) -> bytes:
        return bytes_of(self.spec.details).replace(b"{key}", key)

    def _details_key(self, member: bytes) -> bytes:
        template = bytes_of(self.spec.details)
        if b"{tail}" in template:
            tail = member.rpartition(b":")[2]
            self._by_tail[text(tail)] = member
            return self._lead + template.replace(b"{tail}", tail)
        return self._lead + template.replace(b"{id}", member)


def _record(member: bytes, value: Optional[bytes], name: str) -> JsonObject:
    """Return the record of a value. A bare value gets a name."""
    record = {} if value is None else value_row("", member, value).data or {}
    return {name: record[VALUE]} if set(record) == {VALUE} else record


def exact(data: JsonObject, lon: float, lat: float) -> tuple[float, float]:
    """Return the exact coordinates that the details hold.

    They count only if they are those of the set, apart from its rounding.
    """
    for lon_name, lat_name in (("longitude", "latitude"), ("lon", "lat"), ("lng", "lat"), ("x", "y")):
        own_lon, own_lat = number(data.get(lon_name)), number(data.get(lat_name))
        if own_lon is not None and own_lat is not None:
            near = abs(own_lon - lon) < NEAR and abs(own_lat - lat) < NEAR
            return (own_lon, own_lat) if near else (lon, lat)
    pair = split_pair(data.get("coordinates"))
    if pair is not None and abs(pair[0] - lon) < NEAR and abs(pair[1] - lat) < NEAR:
        return pair
    return lon, lat
