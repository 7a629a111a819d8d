"""The cache's contents by namespace: counting and purging, always within the plugin's own prefixes."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

from .. import keys
from ..redis import production
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.sized import asker
from ..watch import Watch
from .recents import forget_runs
from .statistics import name as statistics_name
from .statistics import number

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SAMPLE = 1000  # values measured per namespace: a few shapes may be as large as all the others
_SHA256 = re.compile(rb":([0-9a-f]{64})$")


def is_name(namespace: str) -> bool:
    """Whether this can be a namespace: 1 to 64 letters, digits, ``-`` and ``_``."""
    return bool(_NAME.fullmatch(namespace))


@dataclass
class Namespace:
    """What the cache holds of one operation in one namespace. ``bytes`` includes the server's own cost per
    key; it is estimated from a sample of the values unless ``exact``, and None where the user may not ask.
    ``hits`` and ``misses`` are the organisation's, of the last 90 days. ``proved`` results were computed anew
    as a test, of which ``differed`` were wrong and replaced."""

    operation: str
    name: str
    entries: int = 0
    bytes: Optional[int] = 0
    hits: int = 0
    misses: int = 0
    spared_s: float = 0.0
    proved: int = 0
    differed: int = 0
    exact: bool = False

    @property
    def hit_rate(self) -> Optional[float]:
        """0 to 1, None where nothing was ever asked for."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None


def survey(server: Server, watch: Optional[Watch] = None) -> list[Namespace]:
    """Every namespace with its counts, the largest first. Reads key names with SCAN; raises Cancelled."""
    from ..registry import families

    found: dict[tuple[str, str], Namespace] = {}
    samples: dict[tuple[str, str], list[bytes]] = defaultdict(list)
    starts = families()
    for operation, family in starts.items():
        for key in _entries(server, family, "*", watch):
            name = key[len(server.key(family)) + 1 : -65].decode("utf-8", "replace")
            entry = found.setdefault((operation, name), Namespace(operation, name))
            entry.entries += 1
            _reservoir(samples[operation, name], key, entry.entries)
    for where, entry in found.items():
        sizes = _sizes(server, samples[where])
        entry.bytes = round(sum(sizes) / len(sizes) * entry.entries) if sizes else None
        entry.exact = len(sizes) == entry.entries
        _add_statistics(server, starts[entry.operation], entry)
    return sorted(found.values(), key=lambda entry: entry.bytes or 0, reverse=True)


def entries_by_name(server: Server, watch: Optional[Watch] = None) -> dict[str, int]:
    """The namespaces, each with the number of its results, of all operations. Reads names of keys only;
    raises Cancelled."""
    from ..registry import families

    found: dict[str, int] = defaultdict(int)
    for family in dict.fromkeys(families().values()):
        for key in _entries(server, family, "*", watch):
            found[key[len(server.key(family)) + 1 : -65].decode("utf-8", "replace")] += 1
    return dict(found)


def count(server: Server, namespace: str, operation: str = "", watch: Optional[Watch] = None) -> int:
    """How many results a purge would delete. An empty namespace means all, an empty operation all
    operations."""
    return sum(1 for _ in _chosen(server, namespace, operation, watch))


def purge(
    server: Server,
    namespace: str,
    operation: str = "",
    watch: Optional[Watch] = None,
    expected: int = 0,
) -> int:
    """Delete results by UNLINK in batches; returns how many. What is not a result (its name does not end in a
    SHA-256) is left alone. ``expected`` is what ``count`` found, for the progress. Raises Cancelled after the
    batch under way, ValueError for a bad namespace or operation."""
    production.check(server.settings)
    deleted, batch = 0, []
    for key in _chosen(server, namespace, operation, watch):
        batch.append(key)
        if len(batch) >= 1000:
            deleted += server.unlink(batch)
            batch.clear()
            if watch is not None and expected:
                watch.reach(deleted / expected)
    deleted += server.unlink(batch)
    forget_runs(server, lambda run: namespace in ("", run.namespace) and operation in ("", run.operation))
    return deleted


def _chosen(server: Server, namespace: str, operation: str, watch: Optional[Watch]) -> Iterator[bytes]:
    from ..registry import families

    if namespace and not is_name(namespace):
        raise ValueError("not a namespace")
    starts = families()
    if operation and operation not in starts:
        raise ValueError("not an operation")
    for family in dict.fromkeys([starts[operation]] if operation else starts.values()):
        yield from _entries(server, family, namespace or "*", watch)


def _entries(server: Server, family: str, namespace: str, watch: Optional[Watch]) -> Iterator[bytes]:
    """The result keys of a family, each once."""
    start = server.key(family + ":")
    pattern = keys.glob_escape(start.decode()) + namespace + ":*"
    seen: set[bytes] = set()
    for i, key in enumerate(server.scan(pattern)):
        if watch is not None and i % 1000 == 0:
            watch.check()
        if _SHA256.search(key) and b":" not in key[len(start) : -65] and key not in seen:
            seen.add(key)
            yield key


def _reservoir(sample: list[bytes], key: bytes, seen: int) -> None:
    """Keep a random sample of all keys seen (Vitter's algorithm R)."""
    if len(sample) < _SAMPLE:
        sample.append(key)
    else:
        place = random.randrange(seen)  # nosec B311 - a sample, not a secret
        if place < _SAMPLE:
            sample[place] = key


def _sizes(server: Server, sample: list[bytes]) -> list[int]:
    """The memory of these keys, without those that are gone or may not be asked for."""
    replies = asker(server)([("MEMORY", "USAGE", key, "SAMPLES", 0) for key in sample])
    return [size for size in replies if isinstance(size, int)]


def _add_statistics(server: Server, family: str, entry: Namespace) -> None:
    try:
        values = server.bulk.hgetall(server.key(statistics_name(family, entry.name)))
    except exceptions.ResponseError:  # another program's value, or no right to read it
        return
    entry.hits = number(values.get(b"hits"))
    entry.misses = number(values.get(b"misses"))
    entry.spared_s = number(values.get(b"spared_us")) / 1e6
    entry.proved = number(values.get(b"proved"))
    entry.differed = number(values.get(b"differed"))
