"""The plugin's own keys: which of them should expire, and which may be changed from the window.

A name alone proves little: ``vehicle:42`` may be the row of somebody's database, and a name that ends in a
SHA-256 anybody's file. What is changed is a string that the plugin itself would write there: a cached result
by its name and the header of its value, which holds the same SHA-256, a position by its whole content.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Optional

from .. import keys, registry
from ..cache.codec import HEAD
from ..cache.written import is_result, written
from ..live.publish import is_published
from ..redis.server import Server
from ..redis.sized import Ask, SizeLimits, read_strings
from ..registry import REGISTERED
from . import samples

MOST = 65_536  # bytes of a position that are read; the plugin writes no longer one
_RESULT = re.compile(rb"[^:]+:[0-9a-f]{64}")  # <namespace>:<sha256>


@dataclass(frozen=True)
class KeyFamily:
    """Keys that begin alike. ``start`` has no tenant's prefix; ``changeable`` families may be purged and
    given a TTL."""

    start: bytes
    expires: bool = False
    changeable: bool = False
    results: bool = False  # cached results, whose names end in a SHA-256


def _result_families() -> tuple[str, ...]:
    """The starts of the keys of results, in both languages."""
    english = (one.english_family for one in REGISTERED if one.english_family)
    return (*registry.families().values(), *english)


@lru_cache(maxsize=4)
def _families(results: tuple[str, ...]) -> tuple[KeyFamily, ...]:
    positions = (keys.POSITIONS, keys.ENGLISH[keys.POSITIONS])
    return (
        *(KeyFamily(f"{name}:".encode(), True, True, True) for name in results),
        KeyFamily(b"calculs:", True),
        *(KeyFamily(f"{name}:".encode(), True, True) for name in positions),
        KeyFamily(samples.PREFIX.encode(), True, True),
        KeyFamily(f"{{{keys.JOB_LIST}}}:".encode()),
        KeyFamily(keys.JOB_LIST.encode()),
        KeyFamily(f"{keys.ENTITIES}:".encode()),
        KeyFamily(keys.POSITION_STREAM.encode()),
        KeyFamily(keys.LOCATIONS.encode()),
    )


def families() -> tuple[KeyFamily, ...]:
    """All families; the first that fits a key decides."""
    return _families(_result_families())


def plain(server: Server, key: bytes) -> bytes | None:
    """The key without the tenant's prefix; None for a key of another tenant."""
    prefix = server.key("")
    return key[len(prefix) :] if key.startswith(prefix) else None


def family(name: bytes) -> KeyFamily | None:
    """The family of a key (without the tenant's prefix), None where it is not the plugin's."""
    return next((f for f in families() if name.startswith(f.start)), None)


def operation_of(results: KeyFamily) -> str:
    """The operation whose results a family holds; empty for a family of others."""
    start = results.start.decode().rstrip(":")
    english = {one.english_family: one.name for one in REGISTERED if one.english_family}
    own = {family: name for name, family in registry.families().items()}
    return {**own, **english}.get(start, "")


def is_own_prefix(prefix: bytes) -> bool:
    """Whether the plugin's keys stand under this start of names, such as ``calculs:`` or
    ``calculs:buffers:defaut:``."""
    return family(prefix) is not None or any(f.start.startswith(prefix) for f in families())


def changeable(prefix: bytes) -> bool:
    """Whether keys under this prefix (which ends in ``:``) may be purged or given another TTL from the
    window."""
    found = family(prefix)
    return prefix.endswith(b":") and found is not None and found.changeable


def is_changeable_key(name: bytes) -> bool:
    """Whether this key itself is one of a changeable family; of a cache only results are."""
    found = family(name)
    if found is None or not found.changeable:
        return False
    rest = name[len(found.start) :]
    return bool(_RESULT.fullmatch(rest)) if found.results else bool(rest)


def is_ours(name: bytes, kind: str, head: Optional[bytes], length: int) -> bool:
    """Whether the plugin itself would write this key, so that it may be changed from the window.

    Args:
        name: The key, without the tenant's prefix.
        kind: Its type, as TYPE tells it.
        head: Its first ``bytes_needed`` bytes, None where they cannot be read.
        length: Of the whole value, in bytes.
    """
    if kind != "string":
        return samples.SETS.get(name.decode("utf-8", "replace")) == kind
    found = family(name)
    if head is None or found is None or not is_changeable_key(name):
        return False
    if found.results:
        return is_result(name, head, length)
    return length == len(head) <= MOST and is_published(head)


def ours(ask: Ask, found: KeyFamily, names: Sequence[bytes]) -> list[bytes]:
    """Those of these keys that the plugin itself would write, by type and content.

    Args:
        ask: how commands are sent.
        found: a changeable family.
        names: keys of it as they stand on the server, which ``is_changeable_key``.
    """
    if found.results:
        return written(ask, names)
    ends = tuple(end.encode() for end in samples.SETS) if found.start == samples.PREFIX.encode() else ()
    sets = [name for name in names if ends and name.endswith(ends)]
    own = {name for name, mine in zip(sets, samples.own_sets(ask, sets)) if mine}
    values, _ = read_strings(ask, names, SizeLimits(value_bytes=MOST))
    own.update(name for name, value in zip(names, values) if value is not None and is_published(value))
    return [name for name in names if name in own]


def bytes_needed(name: bytes) -> int:
    """How many bytes of a key's value ``is_ours`` needs; at least one."""
    found = family(name)
    if found is None or not found.changeable:
        return 1
    return HEAD if found.results else MOST
