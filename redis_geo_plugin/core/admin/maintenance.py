"""Changing the keys of a namespace: counted first, in batches, within the plugin's own prefixes only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Callable, Optional

from .. import keys
from ..cache.recents import Recent, forget_runs
from ..redis import production
from ..redis.server import Server
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

    def count(self, prefix: bytes, watch: Optional[Watch] = None) -> int:
        """How many keys a purge would delete. Raises Cancelled."""
        return sum(1 for _ in self.names(prefix, watch))

    def purge(self, prefix: bytes, watch: Optional[Watch] = None, expected: int = 0) -> int:
        """Delete by UNLINK; returns how many. ``expected``, what ``count`` found, is for the progress. Raises
        Cancelled after the batch under way."""
        deleted = self._in_batches(prefix, watch, expected, self._server.unlink)
        forget_runs(self._server, lambda run: _held_in(run, prefix))
        return deleted

    def expire(
        self,
        prefix: bytes,
        seconds: int,
        only_without: bool = False,
        watch: Optional[Watch] = None,
    ) -> int:
        """Give these keys a TTL counted from now, or only those that have none; returns how many were
        changed."""
        if not 1 <= seconds <= 10 * 365 * 86400:
            raise ValueError("a TTL is from one second to ten years")

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
    ) -> int:
        production.check(self._server.settings)
        changed, iterator = 0, self.names(prefix, watch)
        while batch := list(itertools.islice(iterator, BATCH)):
            changed += change(batch)
            if watch is not None and expected:
                watch.reach(changed / expected)
        return changed

    def names(self, prefix: bytes, watch: Optional[Watch] = None) -> Iterator[bytes]:
        """The keys under the prefix that may be changed, each once, with the tenant's prefix. Raises
        Cancelled."""
        if not key_families.changeable(prefix):
            raise ValueError("these keys are not the plugin's to change")
        start = self._server.key(prefix)
        pattern = (
            keys.glob_escape(start.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
            + b"*"
        )
        seen: set[bytes] = set()
        for batch in self._scanned(pattern, watch or Watch()):
            new = [name for name in batch if name not in seen]
            seen.update(new)
            yield from self._ours(new)

    def _scanned(self, pattern: bytes, watch: Watch) -> Iterator[list[bytes]]:
        """Names that are those of changeable keys, in batches; one may come twice. Raises Cancelled."""
        batch: list[bytes] = []
        for number, name in enumerate(self._server.scan(pattern)):
            if number % BATCH == 0:
                watch.check()
            plain = key_families.plain(self._server, name)
            if plain is not None and key_families.is_changeable_key(plain):
                batch.append(name)
            if len(batch) == BATCH:
                yield batch
                batch = []
        yield batch

    def _ours(self, names: list[bytes]) -> list[bytes]:
        """Those that the plugin itself would write, by type and content."""
        if not names:
            return []
        with self._server.bulk.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.type(name)
                pipeline.getrange(name, 0, self._read(name) - 1)
            replies = pipeline.execute(raise_on_error=False)
        return [
            name
            for name, kind, value in zip(names, replies[::2], replies[1::2])
            if isinstance(kind, bytes)
            and key_families.is_ours(
                name[self._tenant :],
                kind.decode("ascii", "replace"),
                value if isinstance(value, bytes) else None,
            )
        ]

    @property
    def _tenant(self) -> int:
        return len(self._server.key(""))

    def _read(self, name: bytes) -> int:
        """How many bytes of a value are needed to judge it; at least one."""
        found = key_families.family(name[self._tenant :])
        return 1 if found is not None and found.results else key_families.MOST
