"""The one place where redis-py is imported: the copy inside the built plugin, else the installed package.

The zip carries its own copy under ``_vendor`` so that no other plugin's redis-py is touched or needed.
Importing it takes about 100 ms, so nothing that QGIS loads at start may import this module at its top.
"""

from __future__ import annotations

try:
    from ..._vendor import redis
    from ..._vendor.redis import cluster, exceptions, sentinel
    from ..._vendor.redis._parsers.base import BaseParser
    from ..._vendor.redis.backoff import ExponentialBackoff, NoBackoff
    from ..._vendor.redis.client import Pipeline
    from ..._vendor.redis.connection import (
        Connection,
        ConnectionPool,
        SSLConnection,
        UnixDomainSocketConnection,
    )
    from ..._vendor.redis.crc import key_slot
    from ..._vendor.redis.credentials import UsernamePasswordCredentialProvider
    from ..._vendor.redis.retry import Retry
    from ..._vendor.redis.sentinel import (
        SentinelConnectionPool,
        SentinelManagedConnection,
        SentinelManagedSSLConnection,
    )
except ImportError:  # a checkout, or the worker with an installed redis-py
    import redis  # type: ignore[no-redef]
    from redis import cluster, exceptions, sentinel  # type: ignore[no-redef]
    from redis._parsers.base import BaseParser  # type: ignore[no-redef]
    from redis.backoff import ExponentialBackoff, NoBackoff  # type: ignore[no-redef]
    from redis.client import Pipeline  # type: ignore[no-redef]
    from redis.connection import (  # type: ignore[no-redef]
        Connection,
        ConnectionPool,
        SSLConnection,
        UnixDomainSocketConnection,
    )
    from redis.crc import key_slot  # type: ignore[no-redef]
    from redis.credentials import UsernamePasswordCredentialProvider  # type: ignore[no-redef]
    from redis.retry import Retry  # type: ignore[no-redef]
    from redis.sentinel import (  # type: ignore[no-redef]
        SentinelConnectionPool,
        SentinelManagedConnection,
        SentinelManagedSSLConnection,
    )

__all__ = [
    "BaseParser",
    "Connection",
    "ConnectionPool",
    "ExponentialBackoff",
    "NoBackoff",
    "Pipeline",
    "Retry",
    "SSLConnection",
    "SentinelConnectionPool",
    "SentinelManagedConnection",
    "SentinelManagedSSLConnection",
    "UnixDomainSocketConnection",
    "UsernamePasswordCredentialProvider",
    "cluster",
    "exceptions",
    "key_slot",
    "redis",
    "sentinel",
]
