"""The one place where redis-py is imported: the copy inside the built plugin, else the installed package.

The zip carries its own copy under ``_vendor`` so that no other plugin's redis-py is touched or needed.
Importing it takes about 100 ms, so nothing that QGIS loads at start may import this module at its top.
"""

from __future__ import annotations

try:
    from .._vendor import redis
    from .._vendor.redis import cluster, exceptions, sentinel
    from .._vendor.redis.backoff import ExponentialBackoff, NoBackoff
    from .._vendor.redis.connection import SSLConnection
    from .._vendor.redis.crc import key_slot
    from .._vendor.redis.credentials import UsernamePasswordCredentialProvider
    from .._vendor.redis.retry import Retry
    from .._vendor.redis.sentinel import SentinelManagedSSLConnection
except ImportError:  # a checkout, or the worker with an installed redis-py
    import redis  # type: ignore[no-redef]
    from redis import cluster, exceptions, sentinel  # type: ignore[no-redef]
    from redis.backoff import ExponentialBackoff, NoBackoff  # type: ignore[no-redef]
    from redis.connection import SSLConnection  # type: ignore[no-redef]
    from redis.crc import key_slot  # type: ignore[no-redef]
    from redis.credentials import UsernamePasswordCredentialProvider  # type: ignore[no-redef]
    from redis.retry import Retry  # type: ignore[no-redef]
    from redis.sentinel import SentinelManagedSSLConnection  # type: ignore[no-redef]

__all__ = [
    "ExponentialBackoff",
    "NoBackoff",
    "Retry",
    "SSLConnection",
    "SentinelManagedSSLConnection",
    "UsernamePasswordCredentialProvider",
    "cluster",
    "exceptions",
    "key_slot",
    "redis",
    "sentinel",
]
