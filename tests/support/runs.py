"""A cached run in one line, for tests."""

from __future__ import annotations

from typing import Any, Optional

from redis_geo_plugin.core.cache.link import Link
from redis_geo_plugin.core.cache.run import CachedRun, RunOptions
from redis_geo_plugin.core.cache.store import CacheStore
from redis_geo_plugin.core.keys import DEFAULT_TTL
from redis_geo_plugin.core.operations import Operation
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.watch import Watch


def cached_run(
    server: Optional[Server],
    operation: Operation,
    namespace: str,
    ttl: int = DEFAULT_TTL,
    *,
    watch: Optional[Watch] = None,
    **options: Any,
) -> CachedRun:
    """A run against a server; ``options`` are those of RunOptions."""
    store = CacheStore(Link(server), operation, namespace, ttl)
    return CachedRun(store, RunOptions(**options), watch)
