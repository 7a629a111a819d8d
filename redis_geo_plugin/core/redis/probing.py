"""Testing a connection: who the server is, answered within a second whatever listens at the address."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass
from typing import Optional

from ..keys import BUFFERS
from .failures import Failure, FailureKind, classify
from .redispy import cluster, redis
from .server import Server
from .settings import ConnectionSettings, Deployment
from .types import Reply

ANSWER_WITHIN = 0.9  # seconds; the rest of the second is for a busy machine


@dataclass(frozen=True)
class Probe:
    """What a connection test found. ``failure`` is None when the server answered."""

    failure: Optional[Failure]
    product: str = ""  # "Redis" or "Valkey"
    version: str = ""
    latency_ms: float = 0.0
    read_only: bool = False  # a replica
    limited: bool = False  # this user may not read the keys of the cache
    clustered: bool = False  # a node of a cluster, reached as a single server


def probe(settings: ConnectionSettings, seconds: float = ANSWER_WITHIN) -> Probe:
    """Connect, PING and read INFO. Answers within ``seconds`` even where a name server hangs or a peer
    stays mute.

    Never raises for a server's failure; what takes longer is TOO_SLOW.
    """
    server = Server(settings)
    answers: queue.Queue[Probe] = queue.Queue()
    thread = threading.Thread(target=lambda: answers.put(_probe(server)), name="redis-geo-probe", daemon=True)
    thread.start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        return Probe(Failure(FailureKind.TOO_SLOW))
    finally:
        server.close()  # wakes a thread that still waits for the peer


def _probe(server: Server) -> Probe:
    try:
        client = server.interactive
        client.ping()
        started = time.perf_counter()
        client.ping()
        latency = (time.perf_counter() - started) * 1000.0
        return Probe(None, latency_ms=latency, limited=_limited(server), **identity(server))
    except Exception as error:
        return Probe(classify(error))


def identity(server: Server) -> dict[str, Reply]:
    """Product, version and role of a server as fields of Probe; {} where it does not tell, which is no
    failure.

    A user may lack the right to ask, and proxies do not know the command.
    """
    client = server.interactive
    try:
        if isinstance(client, cluster.RedisCluster):
            info = client.info("server", target_nodes=client.get_default_node())
        else:
            info = client.info("server")
            info.update(client.info("replication"))
    except redis.exceptions.ResponseError:
        return {}
    valkey = info.get("valkey_version")
    single = server.settings.deployment is Deployment.SINGLE
    return {
        "product": "Valkey" if valkey else "Redis",
        "version": str(valkey or info.get("redis_version", "")),
        "read_only": info.get("role") == "slave",
        "clustered": single and info.get("redis_mode", info.get("server_mode")) == "cluster",
    }


def _limited(server: Server) -> bool:
    try:
        server.interactive.exists(server.key(BUFFERS))
    except redis.exceptions.NoPermissionError:
        return True
    except redis.exceptions.ResponseError:  # a node of a cluster answers MOVED
        return False
    return False
