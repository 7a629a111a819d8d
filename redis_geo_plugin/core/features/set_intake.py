"""What is known of a live set, and what of it the window has not taken over yet."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Callable, NamedTuple, Protocol

from .attributes import SetSchema
from .reader import SetFeature
from .reading import FeatureSet
from .set_refused import Ident, RefusedOfSet

RATE_SECONDS = 10.0
PIECE = 500  # features made ready in one go
MOST_WAITING = 5_000  # rows; then the thread waits for the window, a while

Row = tuple[str, object]  # the kind of its layer, and what is written there


class Preparer(Protocol):
    """What makes rows of features, in the thread of the feed."""

    def fits(self, found: FeatureSet) -> bool:
        """Learn the kinds, the fields and the CRS; False where rows that were given before are not in the
        form of the layers any more, and all have to be given anew."""

    def rows(self, features: Sequence[SetFeature]) -> list[list[Row]]:
        """Of each feature its rows: several where it has several kinds of geometry, none where it cannot be
        shown."""


class SetChanges(NamedTuple):
    """What the window takes over: ``reset`` where its layers are filled anew, the features that are ``gone``,
    and the rows of those that ``changed``. ``since``: when the reading of the first of them began
    (monotonic)."""

    reset: bool
    gone: list[Ident]
    changed: list[tuple[Ident, list[Row]]]
    since: float


class SetIntake:
    """Finds what differs from what is known. Filled by the feed's thread, emptied by the window's."""

    def __init__(self, prepare: Preparer):
        self.schema = SetSchema()
        self.refused = RefusedOfSet()
        self._prepare = prepare
        self._known: dict[bytes, dict[tuple[str, int], int]] = {}
        self._count = 0
        self._lock = threading.Lock()
        self._taken = threading.Event()
        self._reset = False
        self._gone: dict[Ident, None] = {}
        self._changed: dict[Ident, list[Row]] = {}
        self._since = 0.0
        self._rates: deque[tuple[float, int]] = deque()
        self._is_first = True
        self._has_six = False  # a line of six decimals, by which others are read too

    @property
    def count(self) -> int:
        """How many features there are."""
        return self._count

    @property
    def waiting(self) -> int:
        """How many features the window has not taken over."""
        return len(self._changed) + len(self._gone)

    @property
    def has_news(self) -> bool:
        """Whether ``take`` would return anything."""
        return bool(self._changed or self._gone or self._reset)

    def knows(self, key: bytes) -> bool:
        """Whether features of this key are shown."""
        return key in self._known

    def forget(self, keys: Iterable[bytes]) -> None:
        """Let what is read of these keys count as changed."""
        for key in keys:
            for place in self._known.get(key, ()):
                self._known[key][place] = 0

    def start_over(self) -> None:
        """Let the next full read fill the layers anew. Called by the window."""
        self._is_first = True

    def replace(self, found: FeatureSet, notify: Callable[[], None] = lambda: None) -> None:
        """Take in all features of the set: those that are not among them are gone. ``notify`` is called
        whenever there is more for the window."""
        fits = self._prepare.fits(found)
        self.refused.replace(found.refusals)
        self._has_six = found.has_six
        if self._is_first or not fits:
            self._is_first = False
            self._known, self._count = {}, 0
            self.refused.show(list(self.refused.lost))
            with self._lock:
                self._reset = True
                self._gone.clear()
                self._changed.clear()
        there = {feature.key for feature in found.features}
        self._drop([key for key in self._known if key not in there])
        self._differ(found.features, notify)

    def change(self, found: FeatureSet, keys: Iterable[bytes]) -> bool:
        """Take in what stands under some keys now; False where everything has to be read instead."""
        if found.judged_together or (found.has_six and not self._has_six):
            return False
        if not self._prepare.fits(found):
            self._is_first = True  # what was given before has another form now
            return False
        keys = list(keys)
        self.refused.change(found.refusals, keys)
        there = {feature.key for feature in found.features}
        self._drop([key for key in keys if key not in there])
        self._differ(found.features)
        return True

    def take(self, most: int) -> SetChanges:
        """What waits, at most so many changed features."""
        with self._lock:
            gone, self._gone = list(self._gone), {}
            idents = list(islice(self._changed, most))
            changed = [(ident, self._changed.pop(ident)) for ident in idents]
            reset, self._reset = self._reset, False
            since = self._since
        self._taken.set()
        return SetChanges(reset, gone, changed, since)

    def rate(self) -> float:
        """Changed features a second, lately."""
        now = time.monotonic()
        while self._rates and now - self._rates[0][0] > RATE_SECONDS:
            self._rates.popleft()
        return sum(count for _, count in self._rates) / RATE_SECONDS

    def wait_until_taken(self, seconds: float) -> None:
        """Give the window time, where much waits for it."""
        if self.waiting > MOST_WAITING:
            self._taken.clear()
            self._taken.wait(seconds)

    # --- the thread -----------------------------------------------------------------------------------------

    def _differ(self, features: list[SetFeature], notify: Callable[[], None] = lambda: None) -> None:
        """Hand on each feature that is new or not as it was, and which of their keys' are gone."""
        places: dict[bytes, dict[tuple[str, int], int]] = {}
        changed: list[tuple[Ident, SetFeature, int]] = []
        for feature in features:
            seen = places.setdefault(feature.key, {})
            place = _free_place(seen, feature.id)
            digest = seen[place] = _digest(feature)
            if self._known.get(feature.key, {}).get(place) != digest:
                changed.append(((feature.key, *place), feature, digest))
        gone: list[Ident] = []
        for key, seen in places.items():
            gone += [(key, *place) for place in self._known.get(key, ()) if place not in seen]
        self._hand_gone(gone)
        for start in range(0, len(changed), PIECE):
            self._hand(changed[start : start + PIECE])
            notify()

    def _hand(self, piece: list[tuple[Ident, SetFeature, int]]) -> None:
        self.wait_until_taken(0.25)
        ready = self._prepare.rows([feature for _, feature, _ in piece])
        with self._lock:
            self._note()
            for (ident, _, digest), rows in zip(piece, ready):
                self._gone.pop(ident, None)
                self._changed[ident] = rows
                known = self._known.setdefault(ident[0], {})
                self._count += ident[1:] not in known
                known[ident[1:]] = digest
        self.refused.show([ident for (ident, _, _), rows in zip(piece, ready) if rows])
        self.refused.lose([ident for (ident, _, _), rows in zip(piece, ready) if not rows])
        self._rates.append((time.monotonic(), len(piece)))

    def _drop(self, keys: Iterable[bytes]) -> None:
        self._hand_gone([(key, *place) for key in keys for place in self._known.get(key, ())])

    def _hand_gone(self, idents: Sequence[Ident]) -> None:
        if not idents:
            return
        self.refused.show(idents)
        with self._lock:
            self._note()
            for ident in idents:
                key, place = ident[0], ident[1:]
                del self._known[key][place]
                if not self._known[key]:
                    del self._known[key]
                self._changed.pop(ident, None)
                self._gone[ident] = None
                self._count -= 1

    def _note(self) -> None:
        if not self.has_news:
            self._since = time.monotonic()


def _free_place(seen: dict[tuple[str, int], int], ident: str) -> tuple[str, int]:
    """Where a feature stands among those of its key with the same id."""
    number = 0
    while (ident, number) in seen:
        number += 1
    return ident, number


def _digest(feature: SetFeature) -> int:
    """What differs as soon as the feature does; never 0, which is that of none."""
    return hash((feature.wkb, feature.crs, feature.texts, repr(feature.attributes))) or 1
