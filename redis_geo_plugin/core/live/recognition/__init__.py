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
from .. import ages, formats
from ..limits import is_place
from ..place_reader import PlaceReader
from ..spec import Mapping as FieldMapping
from ..validity import column_test
from ..values import Times
from . import motion, place, when, who
from .fleet import identity_of, is_record, unfold
from .role import NO_ROLE, SURE, Reason, Role
from .sample import MOST_RECORDS, Column, RecordSample

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
    kept = _unfolded([one for _, one in found], known, names)
    if not kept:
        return Recognition(format=known.NAME if known else "")
    who_of = [names[n] for n, _ in kept] if names else None
    sample = RecordSample([one for _, one in kept], who_of, moment, pattern)
    hints = dict(orders or {})
    if known is not None and known.PAIR_ORDER:
        hints.setdefault(place.ANY, known.PAIR_ORDER)
    return _Search(sample, known, hints, given or FieldMapping()).run(with_id, is_history, pattern)


def _unfolded(
    records: list[Record], known: Optional[formats.Format], idents: Optional[Sequence[str]]
) -> list[tuple[int, Record]]:
    """Return the records as their format has them, each with its place in the sample; several where no key
    says whose they are."""
    if known is None:
        return list(enumerate(records))
    parts = [
        (n, part)
        for n, one in enumerate(records)
        for part in ([one] if idents is not None and idents[n] else known.several(one))
    ]
    flat = [(n, known.record(part)) for n, part in parts[:MOST_RECORDS]]
    return [(n, one) for n, one in flat if one is not None]


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
        if base is None:
            self._find_age()
        if self._given.speed:
            self._roles["speed"] = Role(_given_of(self._given, "speed", "speed_unit"), 1.0)
        elif base is None or not self._has(base.speed):
            self._find_speed()
        if base is None and not self._given.heading:
            self._check_heading()
        self._find_denials()
        alone = with_id and is_history and not self._roles["id"].fields and who.is_one_vehicle(self._track())
        if base is None:
            self._check_time()
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
        self._roles["time"] = when.find(sample, self._parts(), self._where())
        self._roles["heading"] = motion.find_heading(sample)

    def _parts(self) -> list[Column]:
        """Return the parts of the text or list that holds the place."""
        pair = self._roles["place"].fields.get("pair", "")
        return self._sample.parts(pair) if pair in self._sample.columns else []

    def _where(self) -> str:
        """Return the path of the field that holds the place, or half of it."""
        fields = self._roles["place"].fields
        return str(fields.get("pair") or fields.get("lon") or "")

    def _take(self, base: FieldMapping) -> None:
        """Take the roles of a known format. A time that its records do not have here is looked for."""
        told = {"program": self._known.PROGRAM} if self._known else {}
        self._roles["place"] = Role(_given_of(base, *_PLACE), 1.0, [("format", told)])
        if base.time and self._has(base.time):
            self._roles["time"] = Role(_given_of(base, "time", "time_unit", "date"), 1.0)
        elif self._known is not None and self._known.HAS_NO_TIME:
            self._roles["time"] = NO_ROLE
        else:
            self._roles["time"] = when.find(self._sample)
        self._roles["heading"] = Role({"heading": base.heading, "course": base.course}, 1.0)
        if self._has(base.speed):
            self._roles["speed"] = Role({"speed": base.speed, "speed_unit": base.speed_unit}, 1.0)

    def _find_age(self) -> None:
        """Find how old the positions were when the records were written, where the time is not theirs
        already."""
        mapping, columns = self._mapping(), self._sample.columns
        times = Times(mapping.time_unit)
        moments: list[Optional[float]] = [None] * len(self._sample)
        if mapping.time in columns and not mapping.date:
            moments = [times.read(value) for value in columns[mapping.time].values]
        for path, column in columns.items():
            if path == mapping.time or not column.present or column.depth > 2 or not ages.is_age(path):
                continue
            if not ages.are_ages(column.values):
                continue
            read = ages.reader(path)
            found = [read(record) for record in self._sample.records] if read is not None else []
            if ages.is_taken_off(path, found, moments) if mapping.time else ages.is_of_position(path):
                self._roles["age"] = Role({"age": path}, 0.8, [("age", {"field": path})])
                return

    def _find_denials(self) -> None:
        """Find the fields by which records say that their positions are none."""
        found = [
            path
            for path, column in self._sample.columns.items()
            if " " not in path and column_test(path, column.values) is not None
        ]
        if found:
            self._roles["valid"] = Role(
                {"valid": " ".join(found)}, 0.9, [("valid", {"field": ", ".join(found)})]
            )

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
            self._roles["time"] = when.find(self._sample, self._parts(), self._where())

    def _find_speed(self) -> None:
        self._roles["speed"] = motion.find_speed(self._sample, self._track(), self._idents())

    def _check_heading(self) -> None:
        """Leave out a heading or course in which the vehicles do not move."""
        found = self._roles["heading"].fields
        wrong = [
            name
            for name, path in found.items()
            if path in self._sample.columns
            and motion.goes_elsewhere(self._sample.columns[path], self._track(), self._idents())
        ]
        if "heading" in wrong:
            self._roles["heading"] = NO_ROLE
        elif wrong:
            self._roles["heading"].fields = {"heading": found["heading"]}

    def _check_time(self) -> None:
        """Have a time asked about that may count from the start of the devices."""
        column = self._sample.columns.get(self._roles["time"].fields.get("time", ""))
        if self._given.time or column is None or self._roles["time"].fields.get("time_unit"):
            return
        may_count = when.may_count_otherwise(column, self._sample.now)
        if may_count and not motion.is_pace_of_vehicles(self._track(), self._idents()):
            self._roles["time"].asks = ("time",)

    def _idents(self) -> Optional[Sequence[str]]:
        """Return the vehicle of each record, by the field that tells it or by its key."""
        path = self._roles.get("id", NO_ROLE).fields.get("id")
        if path in self._sample.columns:
            return [str(value) for value in self._sample.columns[path].values]
        return self._sample.idents

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
