"""The cache's contents by namespace: counting and purging, always within the plugin's own prefixes."""

from __future__ import annotations

import itertools
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
from .written import Tally, written

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_BATCH = 1000
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
    """Every namespace with its counts, the largest first: of results, not of what others keep under such
    names. Reads key names with SCAN and the start of each value; raises Cancelled."""
    from ..registry import families

    found: dict[tuple[str, str], Namespace] = {}
    samples: dict[tuple[str, str], list[bytes]] = defaultdict(list)
    starts = families()
    for operation, family in starts.items():
        for key in (key for ours, _ in _entries(server, family, "*", watch) for key in ours):
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
        for named, _ in _named(server, family, "*", watch):
            for key in named:
                found[key[len(server.key(family)) + 1 : -65].decode("utf-8", "replace")] += 1
    return dict(found)


def count(server: Server, namespace: str, operation: str = "", watch: Optional[Watch] = None) -> Tally:
    """How many results a purge would delete, and how many values of others it would leave. An empty namespace
    means all, an empty operation all operations."""
    ours = left = 0
    for found, others in _chosen(server, namespace, operation, watch):
        ours, left = ours + len(found), left + others
    return Tally(ours, left)


def purge(
    server: Server,
    namespace: str,
    operation: str = "",
    watch: Optional[Watch] = None,
    expected: int = 0,
) -> Tally:
    """Delete results by UNLINK in batches; returns how many were deleted, and how many values of others were
    left: those whose name does not end in a SHA-256, or that hold no result. ``expected`` is what ``count``
    found, for the progress. Raises Cancelled after the batch under way, ValueError for a bad namespace or
    operation."""
    production.check(server.settings)
    deleted = left = 0
    for ours, others in _chosen(server, namespace, operation, watch):
        deleted, left = deleted + server.unlink(ours), left + others
        if watch is not None and expected:
            watch.reach(deleted / expected)
    forget_runs(server, lambda run: namespace in ("", run.namespace) and operation in ("", run.operation))
    return Tally(deleted, left)


def _chosen(
    server: Server, namespace: str, operation: str, watch: Optional[Watch]
) -> Iterator[tuple[list[bytes], int]]:
    """The results of a namespace in batches, each with the number of others' keys seen beside."""
    from ..registry import families

    if namespace and not is_name(namespace):
        raise ValueError("not a namespace")
    starts = families()
    if operation and operation not in starts:
        raise ValueError("not an operation")
    for family in dict.fromkeys([starts[operation]] if operation else starts.values()):
        yield from _entries(server, family, namespace or "*", watch)


def _entries(
    server: Server, family: str, namespace: str, watch: Optional[Watch]
) -> Iterator[tuple[list[bytes], int]]:
    """The keys of the results of a family, each once, by what they hold; and how many others were seen."""
    ask = asker(server)
    for named, others in _named(server, family, namespace, watch):
        found = written(ask, named)
        yield found, others + len(named) - len(found)


def _named(
    server: Server, family: str, namespace: str, watch: Optional[Watch]
) -> Iterator[tuple[list[bytes], int]]:
    """The keys that are named as results of a family, each once, in batches, and how many are not."""
    start = server.key(family + ":")
    pattern = keys.glob_escape(start.decode()) + namespace + ":*"
    scanned, seen = server.scan(pattern, watch=watch), set[bytes]()
    while batch := list(itertools.islice(scanned, _BATCH)):
        if watch is not None:
            watch.check()
        new = [key for key in dict.fromkeys(batch) if key not in seen]
        seen.update(new)
        named = [key for key in new if _SHA256.search(key) and b":" not in key[len(start) : -65]]
        yield named, len(new) - len(named)


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
