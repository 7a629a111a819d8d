"""The contents of a server, estimated from a sample: at most 20,000 names, and 3,000 keys looked at closely,
within seconds.

SCAN walks the server's hash table, whose order has nothing to do with the names, so the first names it gives
are a fair sample of all. TTL, type and memory are asked of a few keys of each branch and weighed by the
number of its keys.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Callable, Optional, cast

from .. import keys
from ..redis import production
from ..redis.failures import Failure, FailureKind, classify
from ..redis.redispy import exceptions
from ..redis.scanning import Cursor, named
from ..redis.server import SCAN_COUNT, Server
from ..redis.types import ClusterClient, ClusterNode, Reply
from ..watch import Watch
from . import key_families
from .health import ask, is_refusal
from .tree import Key, Node, build

MOST_NAMES = 20_000
MOST_CLOSE = 3_000
CLOSE_PER_BRANCH = 200
LONGEST = 8.0  # seconds
_PIPELINE = 300
# Upper ends of the classes of remaining lifetime, in seconds.
LIFETIMES = (60.0, 3600.0, 86400.0, 7 * 86400.0, 30 * 86400.0)


@dataclass(frozen=True)
class Share:
    """A branch (its prefix ends in ``:``) or a single key, with its estimated number of keys and bytes;
    ``exact`` where these bytes are no estimate."""

    name: bytes
    keys: float
    bytes: float
    exact: bool = False


@dataclass
class Survey:
    """``looked`` of ``total`` keys were seen; figures of a node times ``scale`` estimate the whole.

    ``lifetimes``: estimated keys per class of ``LIFETIMES``, one more for longer, and ``without_ttl`` for
    none. ``unexpiring``: (branch, estimated keys) that have no TTL where the plugin's keys should have one.
    ``refused``: commands that this user may not use. ``unchangeable``: why this user can change no key here
    (no rights, a read-only replica), None where it can. ``nodes_away``: nodes of a cluster that did not
    answer.
    """

    total: int = 0
    looked: int = 0
    root: Node = field(default_factory=lambda: Node("", b""))
    lifetimes: list[float] = field(default_factory=lambda: [0.0] * (len(LIFETIMES) + 1))
    without_ttl: float = 0.0
    unexpiring: list[tuple[Node, float]] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    unchangeable: Optional[Failure] = None
    nodes_away: int = 0
    seconds: float = 0.0

    @property
    def scale(self) -> float:
        """How many keys of the server a key that was looked at stands for."""
        return max(1.0, self.total / self.looked) if self.looked else 1.0

    @property
    def complete(self) -> bool:
        """Whether every key was seen, so that counts are exact."""
        return self.looked >= self.total

    def biggest(self, most: int = 12) -> list[Share]:
        """The branches, and the single keys outside any branch, that take the most memory."""
        found = [
            Share(n.prefix, n.here(self.scale), n.bytes_here(self.scale), n.is_exact_here(self.scale))
            for n in self.root.nodes()
            if n is not self.root and (n.names or n.singles)
        ]
        found += [Share(key.name, 1, key.size or 0, key.exact) for key in self.root.keys]
        return sorted(found, key=lambda share: -share.bytes)[:most]

    def mean_results(self) -> dict[str, float]:
        """The mean memory of one cached result in bytes, of each operation of which one was seen: those of a
        buffer and those of a dissolve differ a thousandfold."""
        sizes: dict[str, list[int]] = {}
        for node in self.root.nodes():
            family = key_families.family(node.prefix[len(self.root.prefix) :])
            if family is not None and family.results:
                known = [key.size for key in node.keys if key.size is not None]
                sizes.setdefault(key_families.operation_of(family), []).extend(known)
        return {operation: sum(known) / len(known) for operation, known in sizes.items() if known}


def survey(
    server: Server,
    watch: Optional[Watch] = None,
    most: int = MOST_NAMES,
    longest: float = LONGEST,
) -> Survey:
    """Look at up to ``most`` names. Raises Cancelled, and redis-py's errors when the server is away."""
    started, watch = time.monotonic(), watch or Watch()
    found = Survey()
    refused: set[str] = set()
    names = _fair_sample(server, found, watch, most, started + longest, refused)
    prefix = server.key("")
    found.total = max(_total(server, refused), found.looked)
    singles = (
        _single_keys(server) if names else []
    )  # the plugin's own few keys are shown whatever the sample caught
    found.root = build(sorted(name for name in names if name.startswith(prefix)), singles, prefix)
    _look_closely(server, found.root, watch, started + longest, refused)
    _count_lifetimes(found, len(prefix))
    found.refused = tuple(sorted(refused))
    found.unchangeable = why_unchangeable(server)
    found.seconds = time.monotonic() - started
    return found


def why_unchangeable(server: Server) -> Optional[Failure]:
    """Find out, on a key that does not exist, why this user can change no key of the cache. None where it
    can, or where the connection is marked as production (which is told elsewhere)."""
    if production.is_locked(server.settings):
        return None
    try:
        server.interactive.expire(server.key(f"{keys.BUFFERS}:droits:{'0' * 64}"), 1)
    except (exceptions.RedisError, OSError) as error:
        failure = classify(error)
        return failure if failure.kind in (FailureKind.NO_RIGHTS, FailureKind.READ_ONLY) else None
    return None


def _fair_sample(
    server: Server,
    found: Survey,
    watch: Watch,
    most: int,
    deadline: float,
    refused: set[str],
) -> set[bytes]:
    names: set[bytes] = set()

    def walk() -> bool:
        for batch in _batches(server, found, most):
            names.update(batch)
            watch.check()
            if time.monotonic() > deadline:
                break
        return True

    if ask(walk) is None:
        refused.add("SCAN")
    found.looked = len(names)
    return names


def _batches(server: Server, found: Survey, most: int) -> Iterator[list[bytes]]:
    """Names in batches; on a cluster an equal share of each primary's, passing over those that do not
    answer."""
    client = server.bulk
    if not server.is_cluster:
        yield from _walk(lambda cursor: client.scan(cursor=cursor, count=SCAN_COUNT), most)
        return
    cluster = cast(ClusterClient, client)
    primaries = cluster.get_primaries()
    for node in primaries:

        def step(cursor: int, node: ClusterNode = node) -> tuple[int, list[bytes]]:
            cursors, batch = cluster.scan(cursor=cursor, count=SCAN_COUNT, target_nodes=node)
            return next(iter(cursors.values())), batch

        try:
            yield from _walk(step, most // len(primaries))
        except (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ClusterError):
            found.nodes_away += 1


def _walk(step: Callable[[int], tuple[int, list[bytes]]], most: int) -> Iterator[list[bytes]]:
    cursor, seen = Cursor(), 0
    while not cursor.done and seen < most:
        following, batch = step(cursor.value)
        cursor.move(following)
        seen += len(batch)
        yield named(batch)


def _single_keys(server: Server) -> list[bytes]:
    names = (keys.JOB_LIST, f"{{{keys.JOB_LIST}}}:flux", keys.POSITION_STREAM, keys.LOCATIONS,
             keys.LOCATIONS + keys.GEO_ATTRIBUTES_SUFFIX)  # fmt: skip
    client = server.bulk
    try:
        return [key for key in map(server.key, names) if client.exists(key)]
    except exceptions.RedisError:
        return []


def _total(server: Server, refused: set[str]) -> int:
    """All keys of the database; 0 where the user may not ask or a node is away."""
    try:
        total = ask(lambda: int(server.bulk.dbsize()))
    except exceptions.RedisError:
        if not server.is_cluster:
            raise
        return 0
    if total is None:
        refused.add("DBSIZE")
    return total or 0


def _look_closely(server: Server, root: Node, watch: Watch, deadline: float, refused: set[str]) -> None:
    """Ask type, TTL and memory of some keys of each branch."""
    branches = [node for node in root.nodes() if node.names or node.singles]
    each = max(1, min(CLOSE_PER_BRANCH, MOST_CLOSE // max(1, len(branches))))
    if root.seen <= MOST_CLOSE:  # all of them, so that sizes are exact
        each = MOST_CLOSE
    wanted = [
        (node, name)
        for node in branches
        for name in sorted(node.singles + random.sample(node.names, min(each, len(node.names))))  # nosec B311 - a sample
    ][:MOST_CLOSE]
    said_no: set[str] = set()
    said_yes: set[str] = set()
    iterator = iter(wanted)
    while batch := list(itertools.islice(iterator, _PIPELINE)):
        watch.check()
        if time.monotonic() > deadline:
            break
        for (node, _), key in zip(batch, _details(server, [name for _, name in batch], said_no, said_yes)):
            if key is not None:
                node.keys.append(key)
    refused |= said_no - said_yes  # a command that is refused for some keys only is not refused as such


def _details(
    server: Server, names: list[bytes], said_no: set[str], said_yes: set[str]
) -> list[Optional[Key]]:
    replies = _replies(server, names, "MEMORY USAGE" not in said_no)
    tenant = len(server.key(""))
    return [_key(name, name[tenant:], *four, said_no, said_yes) for name, four in zip(names, replies)]


def _replies(
    server: Server, names: list[bytes], memory: bool
) -> list[tuple[Reply, Reply, tuple[Reply, Reply], Reply]]:
    """Type, TTL, the start and length of the value, and memory of each key, or exceptions in their places;
    no memory where it is not asked for."""
    tenant = len(server.key(""))
    with server.bulk.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.type(name)
            pipeline.pttl(name)
            pipeline.getrange(name, 0, key_families.bytes_needed(name[tenant:]) - 1)
            pipeline.strlen(name)
            if memory:
                pipeline.execute_command("MEMORY USAGE", name, "SAMPLES", 5)
        replies = pipeline.execute(raise_on_error=False)
    each = 5 if memory else 4
    found = [replies[i : i + each] for i in range(0, len(replies), each)]
    return [
        (kind, ttl, (head, length), more[0] if more else None) for kind, ttl, head, length, *more in found
    ]


def _key(
    name: bytes,
    plain: bytes,
    kind: Reply,
    ttl: Reply,
    value: tuple[Reply, Reply],
    size: Reply,
    said_no: set[str],
    said_yes: set[str],
) -> Optional[Key]:
    for command, reply in (("TYPE", kind), ("PTTL", ttl), ("MEMORY USAGE", size)):
        if reply is not None and not isinstance(reply, Exception):
            said_yes.add(command)
        elif isinstance(reply, Exception) and is_refusal(reply):
            said_no.add(command)
    kind = kind.decode("ascii", "replace") if isinstance(kind, bytes) else ""
    if kind in ("none", "") or ttl == -2:
        return None  # expired in the meantime, or not for this user
    lasting = float(ttl) / 1000.0 if isinstance(ttl, int) and ttl >= 0 else None
    head, length = value
    readable = isinstance(head, bytes) and isinstance(length, int)
    ours = key_families.is_ours(plain, kind, *((head, length) if readable else (None, 0)))
    return Key(name, kind, lasting, size if isinstance(size, int) else None, ours)


def _count_lifetimes(found: Survey, prefix_length: int) -> None:
    if "PTTL" in found.refused:
        return
    for node in found.root.nodes():
        sampled = len(node.keys) - sum(1 for key in node.keys if key.name in set(node.singles))
        weights = dict.fromkeys(node.singles, 1.0)
        weight = found.scale * len(node.names) / sampled if sampled else 0.0
        without = ours_without = 0.0
        for key in node.keys:
            share = weights.get(key.name, weight)
            if key.ttl is None:
                without += share
                ours_without += share * key.ours
            else:
                found.lifetimes[sum(1 for end in LIFETIMES if key.ttl > end)] += share
        found.without_ttl += without
        family = key_families.family(node.prefix[prefix_length:])
        if ours_without and family is not None and family.expires:
            found.unexpiring.append((node, ours_without))
    found.unexpiring.sort(key=lambda pair: -pair[1])
