"""Which keys are the plugin's own, which of them should expire, and which an administrator may change from here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .. import keys
from ..server import Server

_RESULT = re.compile(rb"[^:]+:[0-9a-f]{64}")  # <namespace>:<sha256>


@dataclass(frozen=True)
class Family:
    """Keys that begin alike. ``start`` has no tenant's prefix; ``changeable`` families may be purged and given a TTL."""

    start: bytes
    expires: bool = False
    changeable: bool = False
    results: bool = False  # cached results, whose names end in a SHA-256


def _families() -> tuple[Family, ...]:
    results = [*dict.fromkeys(keys.FAMILIES.values())]
    results += [keys.ENGLISH[name] for name in results if name in keys.ENGLISH]
    positions = (keys.POSITIONS, keys.ENGLISH[keys.POSITIONS])
    return (
        *(Family(f"{name}:".encode(), True, True, True) for name in results),
        Family(b"calculs:", True),
        *(Family(f"{name}:".encode(), True, True) for name in positions),
        Family(f"{{{keys.JOB_LIST}}}:".encode()),
        Family(keys.JOB_LIST.encode()),
        Family(f"{keys.ENTITIES}:".encode()),
        Family(keys.POSITION_STREAM.encode()),
        Family(keys.LOCATIONS.encode()),
    )


FAMILIES = _families()  # the first that fits decides


def plain(server: Server, key: bytes) -> bytes | None:
    """The key without the tenant's prefix; None for a key of another tenant."""
    prefix = server.key("")
    return key[len(prefix) :] if key.startswith(prefix) else None


def family(name: bytes) -> Family | None:
    """The family of a key (without the tenant's prefix), None where it is not the plugin's."""
    return next((f for f in FAMILIES if name.startswith(f.start)), None)


def is_own_prefix(prefix: bytes) -> bool:
    """Whether the plugin's keys stand under this start of names, such as ``calculs:`` or ``calculs:buffers:defaut:``."""
    return family(prefix) is not None or any(f.start.startswith(prefix) for f in FAMILIES)


def changeable(prefix: bytes) -> bool:
    """Whether keys under this prefix (which ends in ``:``) may be purged or given another TTL from the window."""
    found = family(prefix)
    return prefix.endswith(b":") and found is not None and found.changeable


def is_changeable_key(name: bytes) -> bool:
    """Whether this key itself is one of a changeable family; of a cache only results are."""
    found = family(name)
    if found is None or not found.changeable:
        return False
    return bool(_RESULT.fullmatch(name[len(found.start) :])) if found.results else True
