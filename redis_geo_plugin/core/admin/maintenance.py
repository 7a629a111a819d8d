"""Changing the keys of a namespace: counted first, in batches, within the plugin's own prefixes only."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Callable

from .. import keys, production
from ..cancelling import Cancelled
from ..server import Server
from . import own

BATCH = 1000
Cancel = Callable[[], bool]
Tell = Callable[[int], Any]


def _never() -> bool:
    return False


def _quiet(_changed: int) -> None:
    pass


class Maintenance:
    """Changes on one server.

    A ``prefix`` is the start of key names without the tenant's prefix and ends in ``:``. ValueError is raised for one
    that is not within the families of the plugin that may be changed, StoreError (PRODUCTION) on a locked connection.
    """

    def __init__(self, server: Server):
        self._server = server

    def count(self, prefix: bytes, cancelled: Cancel = _never) -> int:
        """How many keys a purge would delete. Raises Cancelled."""
        return sum(1 for _ in self.names(prefix, cancelled))

    def purge(self, prefix: bytes, cancelled: Cancel = _never, told: Tell = _quiet) -> int:
        """Delete by UNLINK; returns how many. Raises Cancelled after the batch under way."""
        return self._in_batches(prefix, cancelled, told, self._server.unlink)

    def expire(
        self, prefix: bytes, seconds: int, only_without: bool = False, cancelled: Cancel = _never, told: Tell = _quiet
    ) -> int:
        """Give these keys a TTL counted from now, or only those that have none; returns how many were changed."""
        if not 1 <= seconds <= 10 * 365 * 86400:
            raise ValueError("a TTL is from one second to ten years")

        def change(batch: list[bytes]) -> int:
            chosen = [name for name, ttl in zip(batch, self._ttls(batch)) if ttl == -1] if only_without else batch
            with self._server.bulk.pipeline(transaction=False) as pipeline:
                for name in chosen:
                    pipeline.expire(name, seconds)
                return sum(1 for reply in pipeline.execute() if reply)

        return self._in_batches(prefix, cancelled, told, change)

    def _ttls(self, names: list[bytes]) -> list[int]:
        with self._server.bulk.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.pttl(name)
            return list(pipeline.execute())

    def _in_batches(self, prefix: bytes, cancelled: Cancel, told: Tell, change: Callable[[list[bytes]], int]) -> int:
        production.check(self._server.settings)
        changed, iterator = 0, self.names(prefix, cancelled)
        while batch := list(itertools.islice(iterator, BATCH)):
            changed += change(batch)
            told(changed)
        return changed

    def names(self, prefix: bytes, cancelled: Cancel = _never) -> Iterator[bytes]:
        """The keys under the prefix that may be changed, each once, with the tenant's prefix. Raises Cancelled."""
        if not own.changeable(prefix):
            raise ValueError("these keys are not the plugin's to change")
        start = self._server.key(prefix)
        pattern = keys.glob_escape(start.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape") + b"*"
        seen: set[bytes] = set()
        for number, name in enumerate(self._server.scan(pattern)):
            if number % BATCH == 0 and cancelled():
                raise Cancelled
            plain = own.plain(self._server, name)
            if plain is not None and name not in seen and own.is_changeable_key(plain):
                seen.add(name)
                yield name
