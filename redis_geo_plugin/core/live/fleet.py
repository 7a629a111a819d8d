"""Many positions at once, field by field: a fleet's state fits in the processor's cache, and is compared by
arrays.

A position as an object of its own costs some thirty places in memory, which of a large fleet have all to be
fetched anew each time; and judging it one by one some ten times as long.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import is_
from typing import Any, Optional, Union

import numpy as np

from ..geometry.arrays import Array
from ..json_types import JsonObject
from .records import Fix

NAN = float("nan")
FIRST_CAPACITY = 256
NOBODY = ""  # has a slot that is free
DERIVED = (
    "time",
    "speed",
    "heading",
    "position",
)  # what may be computed here, each a bit of ``Fixes.derived``
_BITS = {name: 1 << bit for bit, name in enumerate(DERIVED)}
_NAMES = [
    " ".join(name for name in DERIVED if _BITS[name] & bits) or None for bits in range(1 << len(DERIVED))
]
NUMBERS = ("lon", "lat", "time", "receipt", "speed", "heading")
_TIME = NUMBERS.index("time")


@dataclass(frozen=True)
class FleetColumns:
    """Numbers of a fleet by slot, all of one length: float64 as in ``Fixes``.

    ``born`` (int64) is 0 for a free slot, else the number of who has it: a slot's next vehicle has another.
    ``steady`` is the time of the first report since when none came later than ``Fleet.gap`` after the one
    before.
    """

    born: Array
    lon: Array
    lat: Array
    time: Array
    speed: Array
    steady: Array


class Fixes(Mapping[str, Fix]):
    """Fixes of n different vehicles, in columns; as a mapping they are id -> ``Fix``, made when asked for.

    ``lon``, ``lat`` (degrees, EPSG:4326), ``time`` and ``receipt`` (seconds since 1970 UTC), ``speed`` (m/s)
    and ``heading`` (degrees from north) are float64 arrays of n, NaN where there is none; ``derived`` is an
    uint8 array of bits (``DERIVED``); ``attributes`` are n dicts that nobody changes. ``origins`` are the
    keys where they were read, None where that is no longer known. ``ready`` is what whoever takes them over
    has made of each beforehand (see ``PositionIntake.prepare``), or None. ``slots`` are those of the
    ``Fleet`` they were taken from (n integers), or None.
    """

    __slots__ = ("_places", "attributes", "derived", "idents", "origins", "ready", "slots", *NUMBERS)

    def __init__(
        self,
        idents: Sequence[str],
        origins: Optional[Sequence[bytes]],
        numbers: Sequence[Array],
        derived: Array,
        attributes: Sequence[JsonObject],
        ready: Optional[list[Any]] = None,
        slots: Optional[Array] = None,
    ):
        self.idents, self.origins, self.derived = idents, origins, derived
        self.attributes, self.ready, self.slots = attributes, ready, slots
        self.lon, self.lat, self.time, self.receipt, self.speed, self.heading = numbers
        self._places: Optional[dict[str, int]] = None

    @classmethod
    def of(cls, fixes: Iterable[Fix]) -> Fixes:
        """The same in columns; of one vehicle's the last."""
        each = list({fix.id: fix for fix in fixes}.values())
        numbers = [np.array([fix.lon for fix in each], float), np.array([fix.lat for fix in each], float)]
        numbers += [
            np.array([fix.time for fix in each], float),
            np.array([fix.receipt for fix in each], float),
        ]
        numbers += [or_nan([fix.speed for fix in each]), or_nan([fix.heading for fix in each])]
        derived = np.array([bits_of(fix.derived) for fix in each], np.uint8)
        return cls(
            [f.id for f in each], [f.key for f in each], numbers, derived, [f.attributes for f in each]
        )

    def __len__(self) -> int:
        return len(self.idents)

    def __iter__(self) -> Iterator[str]:
        return iter(self.idents)

    def __getitem__(self, ident: str) -> Fix:
        if self._places is None:
            self._places = {one: place for place, one in enumerate(self.idents)}
        return self.fix(self._places[ident])

    @property
    def numbers(self) -> list[Array]:
        """The columns of numbers, in the order of ``NUMBERS``."""
        return [self.lon, self.lat, self.time, self.receipt, self.speed, self.heading]

    def fix(self, place: int) -> Fix:
        """Return the fix at this position."""
        lon, lat, time, receipt, speed, heading = (float(column[place]) for column in self.numbers)
        return Fix(
            self.idents[place],
            b"" if self.origins is None else self.origins[place],
            lon,
            lat,
            time,
            receipt,
            None if speed != speed else speed,
            None if heading != heading else heading,
            self.attributes[place],
            _NAMES[self.derived[place]],
        )

    def each(self) -> Iterator[Fix]:
        """Yield each fix."""
        origins = repeat(b"") if self.origins is None else self.origins
        numbers = [column.tolist() for column in self.numbers]
        names = [_NAMES[bits] for bits in self.derived.tolist()]
        for ident, origin, lon, lat, time, receipt, speed, heading, attributes, derived in zip(
            self.idents, origins, *numbers, self.attributes, names
        ):
            said_speed, said_heading = (
                None if speed != speed else speed,
                None if heading != heading else heading,
            )
            yield Fix(ident, origin, lon, lat, time, receipt, said_speed, said_heading, attributes, derived)

    def pick(self, wanted: Array) -> Fixes:
        """Select fixes by an array of positions (integers) or a mask (booleans)."""
        places = wanted.nonzero()[0] if wanted.dtype == bool else wanted
        if len(places) == len(self) and wanted.dtype == bool:
            return self
        each = places.tolist()
        return Fixes(
            [self.idents[place] for place in each],
            None if self.origins is None else [self.origins[place] for place in each],
            [column[places] for column in self.numbers],
            self.derived[places],
            [self.attributes[place] for place in each],
            None if self.ready is None else [self.ready[place] for place in each],
            None if self.slots is None else self.slots[places],
        )

    def joined(self, other: Fixes) -> Fixes:
        """Join two sets of fixes of different vehicles."""
        if not self or not other:
            return self if self else other
        return Fixes(
            [*self.idents, *other.idents],
            None if self.origins is None or other.origins is None else [*self.origins, *other.origins],
            [np.concatenate(pair) for pair in zip(self.numbers, other.numbers)],
            np.concatenate([self.derived, other.derived]),
            [*self.attributes, *other.attributes],
        )

    def part(self, start: int, stop: int) -> Fixes:
        """Return the fixes from ``start`` to before ``stop``."""
        numbers = [column[start:stop] for column in self.numbers]
        ready = None if self.ready is None else self.ready[start:stop]
        attributes, derived = self.attributes[start:stop], self.derived[start:stop]
        origins = None if self.origins is None else self.origins[start:stop]
        slots = None if self.slots is None else self.slots[start:stop]
        return Fixes(self.idents[start:stop], origins, numbers, derived, attributes, ready, slots)


class Fleet(Mapping[str, Fix]):
    """The latest fix of each vehicle.

    Each has a slot, the same in every column, while it is known.

    Written by one thread, read by any; ``lock`` is held for moments only. As a mapping it is id -> ``Fix``,
    made when asked for: who wants many takes ``everything``. A vehicle is silent where the next report is
    more than ``gap`` seconds later.
    """

    def __init__(self, gap: float = float("inf")) -> None:
        self.gap = gap
        self.lock = threading.RLock()
        self._slots: dict[str, int] = {}
        self._free: list[int] = []
        self._idents: list[str] = []
        self._attributes: list[JsonObject] = []
        self._numbers = [np.full(FIRST_CAPACITY, NAN) for _ in NUMBERS]
        self._derived = np.zeros(FIRST_CAPACITY, np.uint8)
        self._born = np.zeros(FIRST_CAPACITY, np.int64)
        self._steady = np.full(FIRST_CAPACITY, NAN)
        self._births = 0

    def __len__(self) -> int:
        return len(self._slots)

    def __iter__(self) -> Iterator[str]:
        with self.lock:
            return iter(list(self._slots))

    def __contains__(self, ident: object) -> bool:
        return ident in self._slots

    def __getitem__(self, ident: str) -> Fix:
        with self.lock:
            return self.at([self._slots[ident]]).fix(0)

    def slot(self, ident: str) -> int:
        """Return the slot of a vehicle; -1 for an unknown one."""
        return self._slots.get(ident, -1)

    def find(self, idents: Iterable[str]) -> Array:
        """The slot of each (int64 array), -1 for those that are not known."""
        slots = list(map(self._slots.get, idents))
        if None in slots:
            slots = [-1 if slot is None else slot for slot in slots]
        return np.array(slots, np.int64)

    def holds(self, slots: Array, idents: Sequence[str]) -> bool:
        """Tell whether these slots are those of these vehicles, by the very texts that were stored.

        Of a large fleet a quarter of the time of ``find``; False where a vehicle came by another text.
        """
        if not len(slots) or slots.min() < 0 or slots.max() >= len(self._idents):
            return False
        return all(map(is_, map(self._idents.__getitem__, slots.tolist()), idents))

    def at(self, slots: Union[Sequence[int], Array]) -> Fixes:
        """Return a copy of the fixes at these slots."""
        with self.lock:
            where = np.asarray(slots, np.int64)
            each = where.tolist()
            return Fixes(
                [self._idents[slot] for slot in each],
                None,
                [column[where] for column in self._numbers],
                self._derived[where],
                [self._attributes[slot] for slot in each],
                slots=where,
            )

    def known(self, idents: Iterable[str]) -> dict[str, Fix]:
        """The latest fix of each of these that is known."""
        with self.lock:
            slots = self.find(idents)
            return {fix.id: fix for fix in self.at(slots[slots >= 0]).each()}

    def before(self, fixes: Fixes, slots: Array) -> Fixes:
        """What is known of the same vehicles, whose slots ``find`` gave (int64 array).

        Where one is new (-1), its numbers are any, and it has no attributes.
        """
        with self.lock:
            kept, each = self._attributes, slots.tolist()
            attributes = (
                [kept[slot] if slot >= 0 else {} for slot in each] if -1 in each else [kept[s] for s in each]
            )
            numbers = [column[slots] for column in self._numbers]
            return Fixes(fixes.idents, None, numbers, self._derived[slots], attributes)

    def everything(self) -> Fixes:
        """Return a copy of all fixes."""
        with self.lock:
            return self.at(list(self._slots.values()))

    def columns(self) -> FleetColumns:
        """Return a copy of the numbers of all slots: of a large fleet a tenth of the time of
        ``everything``."""
        with self.lock:
            used = len(self._idents)
            lon, lat, time, _receipt, speed, _heading = (column[:used].copy() for column in self._numbers)
            return FleetColumns(self._born[:used].copy(), lon, lat, time, speed, self._steady[:used].copy())

    def older_than(self, moment: float) -> list[str]:
        """Who reported last before this moment (seconds since 1970 UTC)."""
        fixes = self.everything()
        return [fixes.idents[place] for place in np.flatnonzero(fixes.time < moment).tolist()]

    def newer_than(self, moment: float) -> list[str]:
        """Who reported last after this moment (seconds since 1970 UTC)."""
        fixes = self.everything()
        return [fixes.idents[place] for place in np.flatnonzero(fixes.time > moment).tolist()]

    def store(self, fixes: Fixes, slots: Optional[Array] = None) -> Array:
        """Store these as the latest fixes.

        ``slots`` are what ``find`` says of them. Returns the slots they have now (int64 array).
        """
        with self.lock:
            slots = self.find(fixes.idents) if slots is None else slots
            if len(slots) and slots.min() < 0:
                slots = self._settle(fixes, slots)
            silent = fixes.time - self._numbers[_TIME][slots]
            anew = ~((silent >= 0.0) & (silent <= self.gap))
            self._steady[slots[anew]] = fixes.time[anew]
            for column, values in zip(self._numbers, fixes.numbers):
                column[slots] = values
            self._derived[slots] = fixes.derived
            kept = self._attributes
            for slot, attributes in zip(slots.tolist(), fixes.attributes):
                kept[slot] = attributes
            return slots

    def remove(self, ident: str) -> bool:
        """Remove a vehicle. Returns whether it was known."""
        with self.lock:
            slot = self._slots.pop(ident, None)
            if slot is None:
                return False
            self._attributes[slot] = {}
            self._idents[slot] = NOBODY
            self._born[slot] = 0
            self._free.append(slot)
            return True

    def clear(self) -> None:
        """Remove all vehicles."""
        with self.lock:
            self._slots.clear()
            self._free = list(range(len(self._idents)))
            self._attributes = [{} for _ in self._idents]
            self._idents = [NOBODY] * len(self._idents)
            self._born[:] = 0

    def _settle(self, fixes: Fixes, slots: Array) -> Array:
        """Assign slots to the vehicles that have none."""
        slots = slots.copy()
        new = np.flatnonzero(slots < 0)
        for place in new.tolist():
            if self._free:
                slot = self._free.pop()
                self._idents[slot] = fixes.idents[place]
            else:
                slot = len(self._idents)
                self._idents.append(fixes.idents[place])
                self._attributes.append({})
            slots[place] = self._slots[fixes.idents[place]] = slot
        self._grow(len(self._idents))
        self._numbers[_TIME][slots[new]] = NAN  # that of who had the slot before
        self._born[slots[new]] = np.arange(self._births + 1, self._births + 1 + len(new))
        self._births += len(new)
        return slots

    def _grow(self, count: int) -> None:
        capacity = len(self._derived)
        if count > capacity:
            more = max(count, 2 * capacity) - capacity
            self._numbers = [np.concatenate([column, np.full(more, NAN)]) for column in self._numbers]
            self._derived = np.concatenate([self._derived, np.zeros(more, np.uint8)])
            self._born = np.concatenate([self._born, np.zeros(more, np.int64)])
            self._steady = np.concatenate([self._steady, np.full(more, NAN)])


def bits_of(derived: Optional[str]) -> int:
    """``Fix.derived`` as the bits of ``Fixes.derived``."""
    return sum(_BITS[name] for name in derived.split()) if derived else 0


def names_of(bits: int) -> Optional[str]:
    """The bits of ``Fixes.derived`` as ``Fix.derived``."""
    return _NAMES[bits]


def unlike(one: Array, other: Array) -> Array:
    """Where two columns differ (array of booleans); two missing values are equal."""
    found: Array = (one != other) & ~(np.isnan(one) & np.isnan(other))
    return found


def or_nan(values: Iterable[Optional[float]]) -> Array:
    """Numbers as an array, NaN for none."""
    return np.array([NAN if value is None else value for value in values], float)
