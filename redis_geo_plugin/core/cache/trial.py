"""Is a whole layer of small geometries worth the cache? Measured on a few of them, before anything is stored."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from .. import wkb
from ..operations.base import Operation
from ..server import Server
from . import codec
from .compute import threads
from .digests import item_digests, key
from .link import Link

SAMPLE = 256


def cheaper_to_compute(
    server: Server, operation: Operation, namespace: str, wkbs: Sequence[bytes], distances: Sequence[float]
) -> bool:
    """Whether these items (a sample, WKB and numbers) take less time to compute than to fetch. False without an answer."""
    link = Link(server)
    started = time.perf_counter()
    digests = item_digests(operation, [wkbs], distances)
    values = link.read([server.key(key(operation, namespace, digest)) for digest in digests])
    for digest, value in zip(digests, values):
        codec.decode(digest, value)
    fetching = time.perf_counter() - started
    started = time.perf_counter()
    operation.compute((wkb.read(wkbs),), np.array(distances, dtype=float))
    computing = time.perf_counter() - started
    return link.failure is None and computing / threads() < fetching
