"""The figures of a server from INFO; on a cluster those of its primaries, added up.

What the user has no right to ask stays unknown (None) and is named in ``refused``; nothing raises for a
missing right.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Callable, Optional, TypeVar, cast

from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.types import ClusterClient, RedisClient, Reply

EVICT_ALL = "allkeys"
MOST = 2**53  # of a figure: also sums of those of many nodes are shown right
# What servers and proxies answer to a command that they do not have, or not for this user.
_REFUSALS = (
    "noperm",
    "unknown command",
    "unknown subcommand",
    "unsupported",
    "not supported",
    "not allowed",
    "disabled",
)
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class ServerHealth:
    """Sizes in bytes, times in seconds. ``limit`` 0 means that no memory limit is set, ``machine`` 0 that it
    is unknown.

    ``snapshots`` is None where the user may not ask for it. ``unsaved`` counts changes since the last
    snapshot. ``hits`` and ``misses`` are of all clients since the server started.
    """

    used: int = 0
    limit: int = 0
    machine: int = 0
    policy: str = ""
    evicted: int = 0
    hits: int = 0
    misses: int = 0
    clients: int = 0
    max_clients: int = 0
    keys: int = 0
    log_on_disk: bool = False  # the append-only file
    snapshots: Optional[bool] = None
    unsaved: int = 0
    since_save: float = 0.0
    saving_fails: bool = False
    replicas: int = 0
    uptime: float = 0.0
    nodes: int = 1
    latency_ms: float = 0.0
    refused: tuple[str, ...] = field(default=())

    @property
    def hit_rate(self) -> Optional[float]:
        """0 to 1; None where nothing was ever asked for."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else None

    @property
    def full(self) -> Optional[float]:
        """The used share of the limit, None without a limit."""
        return self.used / self.limit if self.limit else None

    @property
    def free(self) -> Optional[int]:
        """Bytes until the limit, or until the machine's memory where no limit is set; None where neither is
        known."""
        top = self.limit or self.machine
        return max(0, top - self.used) if top else None


def read_health(server: Server) -> ServerHealth:
    """Ask once: INFO and CONFIG GET save. Raises what redis-py raises when the server is away."""
    client = server.interactive
    started = time.perf_counter()
    refused = []
    infos = ask(lambda: _infos(server, client))
    if infos is None:
        refused.append("INFO")
    latency = (time.perf_counter() - started) * 1000.0
    snapshots = ask(lambda: _snapshots(server, client))
    if snapshots is None:  # NOPERM, or a hosted server that knows no CONFIG
        refused.append("CONFIG GET")
    return _health(infos or [], server.settings.database, snapshots, latency, tuple(refused))


def ask(question: Callable[[], Answer]) -> Optional[Answer]:
    """The answer, or None from a server that refuses the question.

    Raises what redis-py raises when the server is away, or for any other error.
    """
    try:
        return question()
    except exceptions.ResponseError as error:
        if not is_refusal(error):
            raise
        return None


def is_refusal(error: Exception) -> bool:
    """Whether the server answered that the user has no right to the command, or that it does not know it."""
    text = str(error).lower()
    return isinstance(error, exceptions.NoPermissionError) or any(words in text for words in _REFUSALS)


def _infos(server: Server, client: RedisClient) -> list[dict[str, Reply]]:
    if not server.is_cluster:
        return [client.info()]
    cluster = cast(ClusterClient, client)
    found = cluster.info(target_nodes=cluster.PRIMARIES)
    several = bool(found) and all(
        isinstance(value, dict) and "used_memory" in value for value in found.values()
    )
    return list(found.values()) if several else [found]


def _snapshots(server: Server, client: RedisClient) -> bool:
    options = {"target_nodes": cast(ClusterClient, client).get_default_node()} if server.is_cluster else {}
    answer = client.execute_command("CONFIG GET", "save", **options)
    pairs = answer if isinstance(answer, dict) else dict(zip(answer[::2], answer[1::2]))
    return any(bool(_text(value).strip()) for value in pairs.values())


def _health(
    infos: list[dict[str, Reply]],
    database: int,
    snapshots: Optional[bool],
    latency: float,
    refused: tuple[str, ...],
) -> ServerHealth:
    def total(name: str) -> int:
        return sum(_number(info.get(name)) for info in infos)

    def any_bad(name: str) -> bool:
        return any(_text(info.get(name, "ok")) not in ("ok", "") for info in infos)

    limits = [_number(info.get("maxmemory")) for info in infos]
    spaces = [info.get(f"db{database}", {}) for info in infos]
    saved: list[int] = [_number(info.get("rdb_last_save_time")) for info in infos]
    oldest = min(saved, default=0)
    return ServerHealth(
        used=total("used_memory"),
        limit=sum(limits) if limits and all(limits) else 0,
        machine=max((_number(info.get("total_system_memory")) for info in infos), default=0),
        policy=next((_text(info["maxmemory_policy"]) for info in infos if "maxmemory_policy" in info), ""),
        evicted=total("evicted_keys"),
        hits=total("keyspace_hits"),
        misses=total("keyspace_misses"),
        clients=total("connected_clients"),
        max_clients=total("maxclients"),
        keys=_sum(spaces, "keys"),
        log_on_disk=bool(infos) and all(_number(info.get("aof_enabled")) for info in infos),
        snapshots=snapshots,
        unsaved=total("rdb_changes_since_last_save"),
        since_save=max(0.0, time.time() - oldest) if oldest else 0.0,
        saving_fails=any_bad("rdb_last_bgsave_status") or any_bad("aof_last_write_status"),
        replicas=total("connected_slaves"),
        uptime=float(min((_number(info.get("uptime_in_seconds")) for info in infos), default=0)),
        nodes=max(1, len(infos)),
        latency_ms=latency,
        refused=refused,
    )


def _sum(spaces: Iterable[Reply], name: str) -> int:
    return sum(_number(space.get(name)) for space in spaces if isinstance(space, dict))


def _number(value: Reply) -> int:
    """A figure of INFO, from 0 to ``MOST``; 0 for what is missing or no number, since proxies and forks leave
    fields out."""
    try:
        return max(0, min(int(float(value)), MOST))
    except (TypeError, ValueError, OverflowError):
        return 0


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
