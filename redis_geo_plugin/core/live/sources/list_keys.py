"""A list of JSON records per vehicle, newest first (or last). The newest is the position, the others are
its history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional

from ...redis.sized import Oversize
from ...redis.types import Reply
from ...watch import Watch
from ..decoding import value_row
from ..proposals import Family, Proposal
from ..reader import Reader
from ..records import Row, text_of
from ..sampling import small_entries
from ..spec import FeedSpec
from .base import Batch, KeysSource, Tr

FIRST_READ = 100  # entries of a list that are taken up as its history


class ListKeys(KeysSource):
    """Each list is a vehicle, its entries are its track."""

    KIND = "list_keys"
    TYPE = "list"
    COMMANDS: tuple[str, ...] = ("LRANGE", "SCAN")
    POLL_KEYS = 5_000

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "list": tr("Lists, newest first: the older positions are read too."),
            "newest_last": tr("The lists have their newest entry at the end."),
        }

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        proposal = super().propose(reader, family, families)
        if proposal is None:
            return None
        newest_last = _newest_last(reader, family, proposal)
        proposal.spec = proposal.spec.changed(newest_last=newest_last)
        proposal.reasons.append(("newest_last" if newest_last else "list", {}))
        return proposal

    def __init__(self, spec: FeedSpec):
        super().__init__(spec)
        self._newest: dict[bytes, Reply] = {}
        self._naming = False

    def read_all(self, reader: Reader, watch: Watch) -> Iterator[Batch]:
        """Yield everything there is."""
        self._naming = True
        yield from super().read_all(reader, watch)
        self._naming = False

    def _read_piece(self, reader: Reader, keys: list[bytes], names: list[str]) -> Batch:
        """Return what was added since the last read, oldest first; of a new list the newest 100.

        A full read names every vehicle at least by its newest entry.
        """
        rows: list[Row] = []
        gone: list[str] = []
        for key, name, newest_first in zip(keys, names, self._entries(reader, keys)):
            if not newest_first:
                self._gone(key, name, gone)
                self._newest.pop(key, None)
                continue
            self._known[key] = name
            fresh = self._fresh(key, newest_first)
            rows += [self._row(name, key, entry) for entry in reversed(fresh)]
        return rows, gone

    def _entries(self, reader: Reader, keys: list[bytes]) -> list[Reply]:
        """Return the newest entries of each key, the newest first; none of a key that is no longer a list."""
        ends = (-FIRST_READ, -1) if self.spec.newest_last else (0, FIRST_READ - 1)
        replies = reader.ask_many([("LRANGE", key, *ends) for key in keys])
        step = -1 if self.spec.newest_last else 1
        return [reply[::step] if isinstance(reply, list) else [] for reply in replies]

    def _oversize(self, reader: Reader, keys: list[bytes]) -> dict[bytes, int]:
        """Return the keys whose entries are too large on average.

        The number of entries does not matter, because only a few are read.
        """
        skipped: list[Oversize] = []
        small_entries(reader, self.TYPE, keys, skipped)
        return {one.key: one.size for one in skipped}

    def _row(self, name: str, key: bytes, entry: Reply) -> Row:
        return value_row(name, key, entry)

    def _fresh(self, key: bytes, newest_first: list[Reply]) -> list[Any]:
        last = self._newest.get(key)
        self._newest[key] = newest_first[0]
        return (
            newest_first[: newest_first.index(last) + self._naming] if last in newest_first else newest_first
        )


def _newest_last(reader: Reader, family: Family, proposal: Proposal) -> bool:
    """Return whether the times of a list rise from its head to its end."""
    from ..proposals import preview

    for key in family.keys[:5]:
        entries = reader.ask("LRANGE", key, 0, 19)
        rows = [value_row(text_of(key), key, raw) for raw in entries]
        fixes, _ = preview(rows, proposal.spec.mapping, False)
        if len(fixes) > 1 and fixes[0].time != fixes[-1].time:
            return bool(fixes[0].time < fixes[-1].time)
    return False
