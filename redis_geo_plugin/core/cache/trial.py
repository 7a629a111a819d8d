"""Is a whole layer of small geometries worth the cache? Measured on a few of them, before anything is stored."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Optional

from ..operations.base import Operation
from ..server import Server
from . import codec
from .digests import item_digests, key
from .link import Link

SAMPLE = 256


def time_to_fetch(
    server: Server, operation: Operation, namespace: str, wkbs: Sequence[bytes], distances: Sequence[float]
) -> Optional[float]:
    """Seconds to name these items (a sample, WKB and numbers), to ask for them and to check the answers; None without an
    answer."""
    link = Link(server)
    started = time.perf_counter()
    digests = item_digests(operation, [wkbs], distances)
    values = link.read([server.key(key(operation, namespace, digest)) for digest in digests])
    for digest, value in zip(digests, values):
        codec.decode(digest, value)
    return None if link.failure is not None else time.perf_counter() - started
