"""The results of one operation in one namespace on the server: names the keys, checks what is read, and
spreads the expiry times."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Optional, Protocol, Union

from ..geometry.walk import Kinds, kind_of
from ..keys import DEFAULT_TTL
from ..operations.base import Operation
from ..redis.server import Server
from .codec import NO_RUN, Codec, Value
from .digests import key
from .items import AnyItem, Item, name_items
from .proof import Proof, Sample
from .report import RunReport

_JITTER = 0.05  # of the TTL: what was stored together does not expire together
_BATCH = 1000  # values read at once

Entry = tuple[bytes, bytes, int]  # key, value, TTL in seconds (0 keeps it)


class Readable(Protocol):
    """Anything that values can be read through: ``Link``, which never raises, or ``StrictLink``."""

    @property
    def server(self) -> Optional[Server]:
        """Where values are read; None for nowhere."""

    def read(self, keys: Sequence[bytes]) -> list[Optional[bytes]]:
        """The values, None for those that are not there."""


class StrictLink:
    """Reads that raise redis-py's errors, for those who show them."""

    def __init__(self, server: Server):
        self.server = server

    def read(self, keys: Sequence[bytes]) -> list[Optional[bytes]]:
        """The values, None for those that are not there."""
        found: list[Optional[bytes]] = []
        for start in range(0, len(keys), _BATCH):
            found.extend(self.server.mget(keys[start : start + _BATCH]))
        return found


class CacheStore:
    """Results of an operation (its class is enough to read) in a namespace.

    Args:
        link: how the server is reached; without a server nothing is found.
        operation: whose results these are.
        namespace: their part of the cache.
        ttl: seconds that results are kept, 0 for ever.
        report: takes the counts of ``look_up``.
        proof: may choose hits to be computed anew.
    """

    def __init__(
        self,
        link: Readable,
        operation: Union[Operation, type[Operation]],
        namespace: str,
        ttl: int = DEFAULT_TTL,
        report: Optional[RunReport] = None,
        proof: Optional[Proof] = None,
    ):
        self.link = link
        self.operation = operation
        self.namespace = namespace
        self.ttl = ttl
        self.report = report if report is not None else RunReport()
        self.proof = proof
        server = link.server
        self.codec = Codec(server.settings.cache_secret.encode() if server is not None else b"")
        self._kinds: dict[int, Kinds] = {}

    def key(self, digest: bytes) -> bytes:
        """The key of a result, as it stands on the server."""
        assert self.link.server is not None
        return self.link.server.key(key(self.operation, self.namespace, digest))

    def read(
        self, digests: Sequence[bytes], kinds: Union[Kinds, Sequence[Kinds], None] = None
    ) -> list[Optional[Value]]:
        """The results with these digests, None for what is not there or does not check out. ``kinds``: the
        kinds of geometry that are right, where more is known than the operation."""
        return self._read(digests, kinds)[0]

    def _read(
        self, digests: Sequence[bytes], kinds: Union[Kinds, Sequence[Kinds], None]
    ) -> tuple[list[Optional[Value]], int]:
        """The results, and how many values did not check out."""
        if self.link.server is None or not digests:
            return [None] * len(digests), 0
        raws = self.link.read([self.key(digest) for digest in digests])
        values = self.codec.decode_all(
            digests, raws, self.operation.result_kinds() if kinds is None else kinds
        )
        there = len(raws) - raws.count(None)
        return values, there - (len(values) - values.count(None))

    def look_up(self, items: Sequence[AnyItem]) -> dict[bytes, list[AnyItem]]:
        """Fill in the results that the cache holds. Returns the other items by digest. Counts hits and
        damaged values; the caller counts the misses.

        Items without a digest get one.
        """
        assert isinstance(self.operation, Operation)
        unnamed = [item for item in items if not item.digest]
        if unnamed:
            name_items(self.operation, unnamed)
        values, damaged = self._read([item.digest for item in items], self._kinds_of(items))
        missing: dict[bytes, list[AnyItem]] = {}
        hits, spared = 0, 0
        for item, value in zip(items, values):
            if value is None:
                missing.setdefault(item.digest, []).append(item)
                continue
            item.result, item.cost_us = value.wkb, value.cost_us
            hits += 1
            spared += value.cost_us
            if self.proof is not None and self.proof.wants():
                self.proof.offer(Sample(self.key(item.digest), item.digest, item.wkbs, item.number, value))
        self.report.add(spared / 1e6, hits=hits, damaged=damaged)
        return missing

    def _kinds_of(self, items: Sequence[Item]) -> Union[Kinds, list[Kinds]]:
        """The kinds of geometry that each result may be."""
        if not self.operation.keeps_dimension:
            return self.operation.result_kinds()
        found = []
        for item in items:
            first = kind_of(item.wkbs[0])
            kinds = self._kinds.get(first)
            if kinds is None:
                kinds = self._kinds[first] = self.operation.result_kinds(first)
            found.append(kinds)
        return found

    def entry(self, digest: bytes, wkb: bytes, cost_us: float = 0.0, run: bytes = NO_RUN) -> Entry:
        """Return key, value and TTL to SET for a result that ``run`` computed in ``cost_us`` microseconds."""
        return self.key(digest), self.codec.encode(digest, wkb, cost_us, run), self.jittered_ttl()

    def jittered_ttl(self) -> int:
        """Seconds, a little less than asked for; 0 for results that are kept."""
        spread = 1.0 - _JITTER * random.random()  # nosec B311 - spreads expiry, no secret
        return max(1, int(self.ttl * spread)) if self.ttl else 0
