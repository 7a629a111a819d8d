"""A list of JSON records per vehicle, newest first (or last): the newest is the position, the others its history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable, Optional

from ..proposals import Family, Proposal
from ..reader import Reader
from ..records import Row
from ..spec import FeedSpec
from .base import Batch, KeysSource, json_row

FIRST_READ = 100  # entries of a list that are taken up as its history


class ListKeys(KeysSource):
    KIND = "list_keys"
    TYPE = "list"
    POLL_KEYS = 5_000

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        proposal = super().propose(reader, family, families)
        if proposal is None:
            return None
        newest_last = _newest_last(reader, family, proposal)
        proposal.spec = proposal.spec.changed(newest_last=newest_last)
        proposal.reasons.append(("newest_last" if newest_last else "list", {}))
        return proposal

    def __init__(self, spec: FeedSpec):
        super().__init__(spec)
        self._newest: dict[bytes, bytes] = {}
        self._naming = False

    def read_all(self, reader: Reader, alive: Callable[[], bool]) -> Iterator[Batch]:
        self._naming = True
        yield from super().read_all(reader, alive)
        self._naming = False

    def _read_piece(self, reader: Reader, keys: list[bytes], names: list[str]) -> Batch:
        """What was added since the last read, oldest first; of a list never seen, its newest 100. A full read names every
        vehicle by its newest entry at least."""
        rows: list[Row] = []
        gone: list[str] = []
        ends = (-FIRST_READ, -1) if self.spec.newest_last else (0, FIRST_READ - 1)
        replies = reader.ask_many([("LRANGE", key, *ends) for key in keys])
        for key, name, entries in zip(keys, names, replies):
            if isinstance(entries, Exception) or not entries:
                self._gone(key, name, gone)
                self._newest.pop(key, None)
                continue
            self._known[key] = name
            newest_first = entries[::-1] if self.spec.newest_last else entries
            fresh = self._fresh(key, newest_first)
            rows += [json_row(name, key, raw) for raw in reversed(fresh)]
        return rows, gone

    def _fresh(self, key: bytes, newest_first: list[bytes]) -> list[bytes]:
        last = self._newest.get(key)
        self._newest[key] = newest_first[0]
        return newest_first[: newest_first.index(last) + self._naming] if last in newest_first else newest_first


def _newest_last(reader: Reader, family: Family, proposal: Proposal) -> bool:
    """Whether the times of a list rise from its head to its end."""
    from ..proposals import preview

    for key in family.keys[:5]:
        entries = reader.ask("LRANGE", key, 0, 19)
        rows = [json_row("", key, raw) for raw in entries]
        fixes, _ = preview(rows, proposal.spec.mapping, False)
        if len(fixes) > 1 and fixes[0].time != fixes[-1].time:
            return bool(fixes[0].time < fixes[-1].time)
    return False
