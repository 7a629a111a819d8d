"""Changing the keys of a namespace: counted first, in batches, within the plugin's own prefixes only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Callable, Optional

from .. import keys
from ..cache.recents import Recent, forget_runs
from ..cache.written import Tally
from ..redis import production
from ..redis.server import Server
from ..redis.sized import asker
from ..registry import REGISTERED
from ..watch import Watch
from . import key_families

BATCH = 1000


def _held_in(run: Recent, prefix: bytes) -> bool:
    """Whether all results of a run stand under a start of key names."""
    starts = [one for one in REGISTERED if one.name == run.operation]
    return any(f"{one.family}:{run.namespace}:".encode().startswith(prefix) for one in starts)


class Maintenance:
    """Changes on one server.

    A ``prefix`` is the start of key names without the tenant's prefix and ends in ``:``. ValueError is raised
    for one that is not within the families of the plugin that may be changed, StoreError (PRODUCTION) on a
    locked connection.
    """

    def __init__(self, server: Server):
        self._server = server

    def count(self, prefix: bytes, watch: Optional[Watch] = None) -> Tally:
        """How many keys a purge would delete, and how many it would leave. Raises Cancelled."""
        return self._in_batches(prefix, watch, 0, len)

    def purge(self, prefix: bytes, watch: Optional[Watch] = None, expected: int = 0) -> Tally:
        """Delete by UNLINK; returns how many were deleted and left. ``expected``, what ``count`` found, is
        for the progress. Raises Cancelled after the batch under way."""
        production.check(self._server.settings)
        done = self._in_batches(prefix, watch, expected, self._server.unlink)
        forget_runs(self._server, lambda run: _held_in(run, prefix))
        return done

    def expire(
        self,
        prefix: bytes,
        seconds: int,
        only_without: bool = False,
        watch: Optional[Watch] = None,
    ) -> Tally:
        """Give these keys a TTL counted from now, or only those that have none; returns how many were
        changed, and how many are others' and were left."""
        if not 1 <= seconds <= 10 * 365 * 86400:
            raise ValueError("a TTL is from one second to ten years")
        production.check(self._server.settings)

        def change(batch: list[bytes]) -> int:
            chosen = (
                [name for name, ttl in zip(batch, self._ttls(batch)) if ttl == -1] if only_without else batch
            )
            with self._server.bulk.pipeline(transaction=False) as pipeline:
                for name in chosen:
                    pipeline.expire(name, seconds)
                return sum(1 for reply in pipeline.execute() if reply)

        return self._in_batches(prefix, watch, 0, change)

    def _ttls(self, names: list[bytes]) -> list[int]:
        with self._server.bulk.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.pttl(name)
            return list(pipeline.execute())

    def _in_batches(
        self, prefix: bytes, watch: Optional[Watch], expected: int, change: Callable[[list[bytes]], int]
    ) -> Tally:
        changed = left = 0
        for ours, others in self._walk(prefix, watch or Watch()):
            changed += change(ours)
            left += others
            if watch is not None and expected:
                watch.reach(changed / expected)
        return Tally(changed, left)

    def names(self, prefix: bytes, watch: Optional[Watch] = None) -> Iterator[bytes]:
        """The keys under the prefix that may be changed, each once, with the tenant's prefix. Raises
        Cancelled."""
        for ours, _ in self._walk(prefix, watch or Watch()):
            yield from ours

    def _walk(self, prefix: bytes, watch: Watch) -> Iterator[tuple[list[bytes], int]]:
        """The same in batches, each with the number of others' keys that were seen beside."""
        family = key_families.family(prefix)
        if family is None or not key_families.changeable(prefix):
            raise ValueError("these keys are not the plugin's to change")
        start = self._server.key(prefix).decode("utf-8", "surrogateescape")
        pattern = keys.glob_escape(start).encode("utf-8", "surrogateescape") + b"*"
        ask, seen = asker(self._server), set[bytes]()
        scanned = self._server.scan(pattern, watch=watch)
        while batch := list(itertools.islice(scanned, BATCH)):
            watch.check()
            new = [name for name in dict.fromkeys(batch) if name not in seen]
            seen.update(new)
            named = [name for name in new if self._may_be_changed(name)]
            ours = key_families.ours(ask, family, named)
            yield ours, len(new) - len(ours)

    def _may_be_changed(self, name: bytes) -> bool:
        plain = key_families.plain(self._server, name)
        return plain is not None and key_families.is_changeable_key(plain)
