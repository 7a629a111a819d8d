"""Recognises what the fields of a producer's records mean, by evidence: how well the values of a whole sample
fit each role.

A known format (``core.live.formats``) comes first and brings its fields and units. Otherwise names are a
prior and the values decide. An identity repeats over time and is unique at a moment. A time lies in the
accepted years and moves on. A speed fits the distances between fixes. The order of a pair fits the other
points, the index that declares it, or its form. What nothing decides is asked (``Recognition.unsure``), not
guessed. The limits are those by which records are judged (``core.live.limits``), so that nothing is proposed
that is refused later.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Optional

from ...json_types import JsonObject
from .. import formats
from ..limits import is_place
from ..place_reader import PlaceReader
from ..spec import Mapping as FieldMapping
from ..values import Times
from . import motion, place, when, who
from .fleet import identity_of, is_record, unfold
from .role import NO_ROLE, SURE, Reason, Role
from .sample import MOST_RECORDS, RecordSample

Record = JsonObject


@dataclass(frozen=True)
class Recognition:
    """A mapping and its evidence.

    For each role (``id``, ``place``, ``time``, ``heading``, ``speed``) it has the choice, its certainty and
    its reasons. ``format`` is the known format, empty for none.
    """

    mapping: FieldMapping = field(default_factory=FieldMapping)
    roles: Mapping[str, Role] = field(default_factory=dict)
    format: str = ""
    is_one_vehicle: bool = False  # no field tells who, but all records are the track of one vehicle

    @property
    def unsure(self) -> tuple[str, ...]:
        """Return the roles that the user has to be asked about."""
        return self.mapping.asks

    @property
    def reasons(self) -> list[Reason]:
        """Return the reasons as codes with their values. The words are made where they are shown."""
        return [reason for role in self.roles.values() for reason in role.reasons]


def recognise(
    records: Iterable[object],
    idents: Optional[Sequence[str]] = None,
    with_id: bool = False,
    is_history: bool = True,
    orders: Optional[Mapping[str, str]] = None,
    pattern: str = "",
    given: Optional[FieldMapping] = None,
    now: Optional[float] = None,
) -> Recognition:
    """Return the likeliest meaning of the fields of these records.

    Args:
        records: a sample, as objects; at most 200 are used.
        idents: the vehicle of each record, as far as its key says; tells which records are of one vehicle.
        with_id: look for the identity among the fields.
        is_history: with ``with_id``: a vehicle may come several times (a stream), not just once (a fleet in
            one value).
        orders: field -> ``lonlat`` or ``latlon``, as an index of the server declares it.
        pattern: the key pattern, whose ``*`` may cut through an id.
        given: what the user has said; its fields that are not empty are kept.
        now: seconds since 1970; times further ahead are not times of reports.

    Returns:
        A recognition. Its mapping has no position if none was found.
    """
    found = [(n, one) for n, one in enumerate(records) if isinstance(one, dict)][:MOST_RECORDS]
    if not found:
        return Recognition()
    moment = time.time() if now is None else now
    names = [idents[n] for n, _ in found] if idents is not None else None
    known = formats.find([one for _, one in found])
    if given is not None and given.format:
        known = formats.get(given.format)
    flat = [(n, one if known is None else known.record(one)) for n, (_, one) in enumerate(found)]
    kept = [(n, one) for n, one in flat if one is not None]
    if not kept:
        return Recognition(format=known.NAME if known else "")
    sample = RecordSample([one for _, one in kept], [names[n] for n, _ in kept] if names else None, moment)
    hints = dict(orders or {})
    if known is not None and known.PAIR_ORDER:
        hints.setdefault(place.ANY, known.PAIR_ORDER)
    return _Search(sample, known, hints, given or FieldMapping()).run(with_id, is_history, pattern)


class _Search:
    """One recognition, role by role. A role may use those found before it."""

    def __init__(
        self,
        sample: RecordSample,
        known: Optional[formats.Format],
        orders: Mapping[str, str],
        given: FieldMapping,
    ):
        self._sample, self._known, self._orders, self._given = sample, known, orders, given
        self._roles: dict[str, Role] = {}

    def run(self, with_id: bool, is_history: bool, pattern: str) -> Recognition:
        base = self._known.MAPPING if self._known is not None else None
        if base is None:
            self._find_all()
        else:
            self._take(base)
        self._find_identity(with_id, is_history, pattern, base)
        if base is None:
            self._find_time_again()
        if self._given.speed:
            self._roles["speed"] = Role(_given_of(self._given, "speed", "speed_unit"), 1.0)
        elif base is None or not self._has(base.speed):
            self._find_speed()
        alone = with_id and is_history and not self._roles["id"].fields and who.is_one_vehicle(self._track())
        if with_id and is_history and not alone and not (self._roles["id"].fields or self._given.id):
            self._roles["id"] = Role(asks=("id",))  # otherwise all records would count as one vehicle
        name = self._known.NAME if self._known else ""
        return Recognition(self._mapping(), self._roles, name, alone)

    def _find_all(self) -> None:
        sample, given = self._sample, self._given
        has_time = bool(given.time) or when.holds_moments(sample)
        if given.has_position:
            self._roles["place"] = Role(_given_of(given, *_PLACE), 1.0)
        else:
            self._roles["place"] = place.find(sample, self._orders, has_time)
        pair = self._roles["place"].fields.get("pair", "")
        parts = sample.parts(pair) if pair in sample.columns else []
        self._roles["time"] = when.find(sample, parts)
        self._roles["heading"] = motion.find_heading(sample)

    def _take(self, base: FieldMapping) -> None:
        """Take the roles of a known format. A time that its records do not have here is looked for."""
        told = {"program": self._known.PROGRAM} if self._known else {}
        self._roles["place"] = Role(_given_of(base, *_PLACE), 1.0, [("format", told)])
        if base.time and self._has(base.time):
            self._roles["time"] = Role(_given_of(base, "time", "time_unit", "date"), 1.0)
        else:
            self._roles["time"] = when.find(self._sample)
        self._roles["heading"] = Role({"heading": base.heading, "course": base.course}, 1.0)
        if self._has(base.speed):
            self._roles["speed"] = Role({"speed": base.speed, "speed_unit": base.speed_unit}, 1.0)

    def _has(self, path: str) -> bool:
        return path in self._sample.columns and self._sample.columns[path].present > 0

    def _find_identity(
        self, with_id: bool, is_history: bool, pattern: str, base: Optional[FieldMapping]
    ) -> None:
        if with_id and base is not None and base.id and self._has(base.id):
            self._roles["id"] = Role({"id": base.id}, 1.0, [("identity", {"field": base.id})])
        elif with_id:
            self._roles["id"] = who.find(self._sample, self._track(), is_history)
        elif who.glued(pattern):
            self._roles["id"] = who.find_whole(self._sample)

    def _find_time_again(self) -> None:
        """Look for the time again with the identity, which tells whether a time of one vehicle moves on."""
        path = self._roles.get("id", NO_ROLE).fields.get("id")
        if path in self._sample.columns and self._roles["time"] is NO_ROLE:
            self._sample.idents = [str(value) for value in self._sample.columns[path].values]
            self._roles["time"] = when.find(self._sample)

    def _find_speed(self) -> None:
        idents = self._sample.idents
        path = self._roles.get("id", NO_ROLE).fields.get("id")
        if path in self._sample.columns:
            idents = [str(value) for value in self._sample.columns[path].values]
        self._roles["speed"] = motion.find_speed(self._sample, self._track(), idents)

    def _track(self) -> list[Optional[tuple[float, float, Optional[float]]]]:
        """Return where and when each record was; None where it does not say, or is not sure."""
        mapping = self._mapping()
        if not mapping.shows_positions:
            return [None] * len(self._sample)
        reader, times, found = PlaceReader(mapping), Times(mapping.time_unit), []
        moments = self._sample.columns[mapping.time].values if mapping.time in self._sample.columns else None
        for n, record in enumerate(self._sample.records):
            here = reader.read(record)
            moment = times.read(moments[n]) if moments is not None and not mapping.date else None
            found.append(None if here is None or not is_place(*here) else (*here, moment))
        return found

    def _mapping(self) -> FieldMapping:
        """Return the mapping of the roles, with what was given, and the roles that have to be asked."""
        values: JsonObject = {"format": self._known.NAME if self._known else ""}
        asks: list[str] = []
        for role in self._roles.values():
            values.update(role.fields)
            asks += role.asks
        found = replace(FieldMapping(), **values, unsure=" ".join(asks))
        given = {
            one.name: getattr(self._given, one.name)
            for one in fields(FieldMapping)
            if one.name != "unsure" and getattr(self._given, one.name) != getattr(_NOTHING, one.name)
        }
        found = found.answered(**given) if given else found
        # what was given but not confirmed is asked as before
        still = dict.fromkeys([*self._given.unsure.split(), *found.unsure.split()])
        return replace(found, unsure=" ".join(still))


_NOTHING = FieldMapping()
_PLACE = ("lon", "lat", "pair", "pair_order", "scale", "crs")


def _given_of(mapping: FieldMapping, *names: str) -> JsonObject:
    return {name: getattr(mapping, name) for name in names}


__all__ = [
    "NO_ROLE",
    "SURE",
    "Reason",
    "Recognition",
    "Role",
    "identity_of",
    "is_record",
    "recognise",
    "unfold",
]
