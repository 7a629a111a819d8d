"""Which keys that are named as results hold what the plugin stored there: judged by the start of each value,
so that nothing of another program is counted, given a TTL or deleted for its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..redis.sized import Ask, read_heads
from ..steps import frames
from . import codec


class Tally(NamedTuple):
    """``ours``: keys that the plugin wrote, and that were counted or changed; ``left``: others that stand
    among them, which are left as they are."""

    ours: int = 0
    left: int = 0


def written(ask: Ask, keys: Sequence[bytes]) -> list[bytes]:
    """Those of these keys, whose names end in a SHA-256, that hold a cached result. Raises redis-py's errors
    for a server that is away."""
    heads = read_heads(ask, keys, codec.HEAD)
    return [key for key, head in zip(keys, heads) if head is not None and is_result(key, *head)]


def is_result(key: bytes, head: bytes, length: int) -> bool:
    """Whether a key holds a cached result, or what a step keeps, see ``codec.is_written`` and
    ``frames.is_written``; its name ends in a SHA-256."""
    digest = bytes.fromhex(key[-64:].decode("ascii"))
    return codec.is_written(digest, head, length) or frames.is_written(digest, head, length)
