"""A GEO set (or one for each city), alone or with details of each member in a hash, a JSON string, or one hash for all.

A GEO set has no times: where the details have none, a position counts as reported when its change was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Optional

from ...keys import GEO_ATTRIBUTES_SUFFIX
from ..guess import mapping as guess_mapping
from ..guess import split_pair
from ..proposals import SAMPLE_KEYS, Family, Proposal, judge
from ..reader import Reader
from ..records import Row, text_of
from ..spec import FeedSpec
from ..values import number
from .base import CHUNK, Batch, KeyPattern, json_row, texts, unpacked
from .members import MembersSource, pairs

LON, LAT = "geo_longitude", "geo_latitude"
LARGEST_SCORE = 2**52
NEAR = 2e-5  # degrees: exact coordinates kept beside the set, which rounds to 0.6 m
ONE_HASH = "one_hash"


class GeoSet(MembersSource):
    KIND = "geoset"
    TYPE = "zset"

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        from ..discovery import readable_name

        key = family.keys[0]
        flat = reader.ask("ZRANGE", key, 0, SAMPLE_KEYS - 1, "WITHSCORES")
        if not flat or not is_geo([float(score) for score in flat[1::2]]):
            return None
        details, kind = find_details(reader, family, list(flat[::2]), families)
        spec = FeedSpec(
            name=readable_name(family.pattern),
            kind=cls.KIND,
            pattern=family.pattern,
            details=details,
            details_kind=kind,
        )
        source = cls(spec)
        source.open(reader)
        members = list(flat[::2])
        rows = source.rows(reader, key, members, [b""] * len(members))
        total = sum(int(n) for n in reader.ask_many([("ZCARD", k) for k in family.keys[:100]]) if isinstance(n, int))
        chosen = guess_mapping([r.data for r in rows if r.data])
        spec = spec.changed(mapping=_with_set(chosen))
        proposal = judge(spec, rows, True, total)
        if proposal is not None:
            proposal.reasons = [r for r in proposal.reasons if r[0] != "fields"]  # they are the set's own
            proposal.reasons.insert(1, ("geo_members", {}))
            if details:
                proposal.reasons.insert(2, ("details", {"template": details}))
        return proposal

    def open(self, reader: Reader) -> None:
        super().open(reader)
        self.texts = self.spec.details_kind == "hash"
        template = self.spec.details
        self._lead = reader.server.settings.key_prefix.encode()
        self._details: Optional[KeyPattern] = None
        if template and self.spec.details_kind != ONE_HASH:
            star = template.replace("{id}", "*").replace("{tail}", "*")
            self._details = KeyPattern(star, reader.server.settings.key_prefix)
        self._by_tail: dict[str, bytes] = {}

    def prefixes(self) -> list[bytes]:
        found = [self.pattern.literal]
        if self._details is not None:
            found.append(self._details.literal)
        elif self.spec.details:
            found.append(self._lead + self.spec.details.encode())
        return found

    def read(self, reader: Reader, keys: Sequence[bytes]) -> Iterator[Batch]:
        """Sets that changed, and members whose details did."""
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

    def _members_of_details(self, key: bytes) -> list[bytes]:
        if self._details is None:
            one_hash = self.spec.details and key == self._lead + self.spec.details.encode()
            return [m for members in self._members.values() for m in members] if one_hash else []
        name = self._details.ident(key)
        if name is None:
            return []
        if "{tail}" in self.spec.details:
            member = self._by_tail.get(name)
            return [member] if member is not None else []
        return [name.encode()]

    def members(self, reader: Reader, key: bytes) -> dict[bytes, Any]:
        return pairs(reader.ask("ZRANGE", key, 0, -1, "WITHSCORES"))

    def rows(self, reader: Reader, key: bytes, members: list[bytes], said: list[Any]) -> list[Row]:
        positions = reader.ask("GEOPOS", key, *members)
        details = self._read_details(reader, members)
        rows = []
        for member, position, detail in zip(members, positions, details):
            if position is None:
                continue  # it left the set in the meantime
            data = dict(detail)
            lon, lat = float(position[0]), float(position[1])
            data[LON], data[LAT] = exact(data, lon, lat)
            rows.append(Row(self.ident(member), key, data, b""))
        return rows

    def _read_details(self, reader: Reader, members: list[bytes]) -> list[dict[str, Any]]:
        template, kind = self.spec.details, self.spec.details_kind
        if not template:
            return [{} for _ in members]
        if kind == ONE_HASH:
            values = reader.ask("HMGET", self._lead + template.encode(), *members)
            return [_json(member, value) for member, value in zip(members, values)]
        keys = [self._details_key(member) for member in members]
        if kind == "json":
            return [_json(member, value) for member, value in zip(members, reader.mget(keys))]
        replies = reader.ask_many([("HGETALL", key) for key in keys])
        return [unpacked(texts(flat)) if isinstance(flat, list) else {} for flat in replies]

    def _details_key(self, member: bytes) -> bytes:
        template = self.spec.details.encode()
        if b"{tail}" in template:
            tail = member.rpartition(b":")[2]
            self._by_tail[text_of(tail)] = member
            return self._lead + template.replace(b"{tail}", tail)
        return self._lead + template.replace(b"{id}", member)


def _json(member: bytes, value: Optional[bytes]) -> dict[str, Any]:
    if value is None:
        return {}
    return json_row("", member, value).data or {}


def _with_set(chosen: Any) -> Any:
    """The mapping of the details with the position of the set."""
    from dataclasses import replace

    return replace(chosen, lon=LON, lat=LAT, pair="", id="")


def exact(data: dict[str, Any], lon: float, lat: float) -> tuple[float, float]:
    """The exact coordinates that the details hold, where they are those of the set but for its rounding."""
    for lon_name, lat_name in (("longitude", "latitude"), ("lon", "lat"), ("lng", "lat"), ("x", "y")):
        own_lon, own_lat = number(data.get(lon_name)), number(data.get(lat_name))
        if own_lon is not None and own_lat is not None:
            near = abs(own_lon - lon) < NEAR and abs(own_lat - lat) < NEAR
            return (own_lon, own_lat) if near else (lon, lat)
    pair = split_pair(data.get("coordinates"))
    if pair is not None and abs(pair[0] - lon) < NEAR and abs(pair[1] - lat) < NEAR:
        return pair
    return lon, lat


def is_geo(scores: list[float]) -> bool:
    """Whether the scores of a sorted set are those of a GEO set: integers below 2^52, and not the small numbers of a
    ranking or the seconds of a queue, which as positions would all stand at the edge of the world."""
    if not scores or not all(s.is_integer() and 0 <= s < LARGEST_SCORE for s in scores):
        return False
    return min(scores) > 2**42


def find_details(reader: Reader, family: Family, members: list[bytes], families: list[Family]) -> tuple[str, str]:
    """The template of the members' details and its kind (``hash``, ``json``, ``one_hash``); empty where there are none."""
    lead = reader.server.settings.key_prefix
    one_hash = text_of(family.keys[0])[len(lead) :] + GEO_ATTRIBUTES_SUFFIX
    if reader.ask("TYPE", (lead + one_hash).encode()) == b"hash":
        return one_hash, ONE_HASH
    some = [text_of(m) for m in members[:10]]
    heads = {m.rpartition(":")[0] for m in some} - {""}
    candidates = [("{id}", some)]
    if heads:
        candidates.append(("{tail}", [m.rpartition(":")[2] for m in some]))
    for placeholder, names in candidates:
        for other in families:
            template = _template(other, placeholder)
            # the end of a member is often a mere number, which many keys end with: the rest of it has to agree too
            if not template or (placeholder == "{tail}" and not any(head in template for head in heads)):
                continue
            found = reader.ask_many([("EXISTS", (lead + template.replace(placeholder, n)).encode()) for n in names])
            if found.count(1) * 2 >= len(names):
                return template, "hash" if other.type == "hash" else "json"
    # the members may be whole keys
    kinds = reader.ask_many([("TYPE", (lead + name).encode()) for name in some])
    for kind, word in ((b"hash", "hash"), (b"string", "json")):
        if kinds.count(kind) * 2 >= len(kinds):
            return "{id}", word
    return "", "hash"


def _template(family: Family, placeholder: str) -> str:
    """The family's pattern with a placeholder for its last star; empty where it cannot hold details."""
    if family.type not in ("hash", "string") or family.pattern.count("*") != 1:
        return ""
    return family.pattern.replace("*", placeholder)
