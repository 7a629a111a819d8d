"""What of a live set is not shown, counted by reason and listed, whatever changes of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from .refusals import REMEMBERED, FeatureRefusal, Refusals, WhyRefused

Ident = tuple[bytes, str, int]  # the key, the id, and which of those that have both in common


class RefusedOfSet:
    """The refused values of a set, and its ``lost`` features, which cannot be put into the CRS of the others.

    Filled by the feed's thread, read by the window's: what the window is given is not changed any more.
    """

    def __init__(self) -> None:
        self.lost: dict[Ident, None] = {}
        self._each: dict[bytes, list[tuple[WhyRefused, int]]] = {}
        self._reasons: Counter[WhyRefused] = Counter()
        self._listed: list[FeatureRefusal] = []
        self._lock = threading.Lock()

    def reasons(self) -> dict[WhyRefused, int]:
        """How many there are now of each reason."""
        with self._lock:
            found = +self._reasons
            found[WhyRefused.OUT_OF_RANGE] += len(self.lost)
        return dict(+found)

    def listed(self) -> list[FeatureRefusal]:
        """The last of them one by one, at most REMEMBERED: half of them the lost, where there are more."""
        with self._lock:
            listed = self._listed
            room = max(REMEMBERED // 2, REMEMBERED - len(listed))
            lost = list(islice(reversed(self.lost), room))
        left = REMEMBERED - len(lost)
        found = listed[-left:] if left else []
        return found + [FeatureRefusal(key, id, WhyRefused.OUT_OF_RANGE) for key, id, _ in reversed(lost)]

    def replace(self, found: Refusals) -> None:
        """Take in what was refused of all keys."""
        with self._lock:
            self._each, self._reasons = {}, Counter(found.reasons)
            self._count(found)
            self._listed = list(found.listed)

    def change(self, found: Refusals, keys: Iterable[bytes]) -> None:
        """Take in what was refused of some keys, in place of what was."""
        with self._lock:
            if self._each:
                self._forget(set(keys))
            self._count(found)
            self._reasons.update(found.reasons)
            self._listed = [*self._listed, *found.listed][-REMEMBERED:]

    def lose(self, idents: Sequence[Ident]) -> None:
        """Count features that cannot be put into the CRS of the others."""
        with self._lock:
            self.lost.update(dict.fromkeys(idents))

    def show(self, idents: Iterable[Ident]) -> None:
        """Count these no more: they are shown now, or gone."""
        if self.lost:
            with self._lock:
                for ident in idents:
                    self.lost.pop(ident, None)

    def _count(self, found: Refusals) -> None:
        for (key, reason), count in found.each.items():
            self._each.setdefault(key, []).append((reason, count))

    def _forget(self, keys: set[bytes]) -> None:
        for key in keys & self._each.keys():
            for reason, count in self._each.pop(key):
                self._reasons[reason] -= count
        self._listed = [one for one in self._listed if one.key not in keys]
