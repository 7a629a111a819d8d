"""Values as the plugin stores them, for tests that count, expire and delete them."""

from __future__ import annotations

from redis_geo_plugin.core.cache import codec


def result(key: str | bytes, size: int = 100) -> bytes:
    """A cached result of this key, whose name ends in a SHA-256: a header, and ``size`` bytes behind it."""
    name = key if isinstance(key, str) else key.decode()
    return codec.encode(bytes.fromhex(name[-64:]), b"\x01" + bytes(size - 1))
