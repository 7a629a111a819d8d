"""A job of the plain list, read: ``{"type": "buffer", "id": 42, "distance": 100}``.

``type`` names an operation, ``id`` the geometry, ``with`` the second geometry where the operation takes two; the
operation's number stands under its own name (``distance``, ``tolerance``). The operation's parameters (``segments``,
``cap``, …), ``namespace`` and ``ttl`` (seconds) may be given; other members are passed over.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Optional

from ..operations import OPERATIONS, Operation
from .model import MOST_SECONDS, BadJob, Reason, json_of

NAMESPACE = "taches"
ALIASES = {"tampon": "buffer", "enveloppe_convexe": "convexhull", "simplification": "simplify"}
LONGEST = 1_000_000  # characters


@dataclass(frozen=True)
class PlainJob:
    """What the text asks for; ``ids`` has one id per geometry the operation takes."""

    values: dict[str, Any]
    operation: Operation
    ids: tuple[Any, ...]
    number: Optional[float]
    namespace: str
    ttl: Optional[int]


def wanted(raw: bytes) -> tuple[str, str]:
    """The operation that the text names, and the version of GEOS (``3.11``) that it asks for, empty for any. Raises BadJob
    for what is no JSON object with a type."""
    values = _object(raw)
    return _name(values), str(values.get("geos") or "")


def read(raw: bytes) -> PlainJob:
    """Raises BadJob with the reason."""
    values = _object(raw)
    name = _name(values)
    kind = OPERATIONS.get(name)
    if kind is None:
        raise BadJob(Reason.UNKNOWN_TYPE, name)
    try:
        operation = kind.from_job(values)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadJob(Reason.BAD_PARAMETER, str(error)) from error
    ids = tuple(_id(values, member) for member in ("id", "with")[: kind.arity])
    return PlainJob(values, operation, ids, _number(kind, values), _namespace(values), _ttl(values))


def geometry_id(raw: bytes) -> Any:
    """The id that the text names, also where the rest of it cannot be worked. Raises BadJob."""
    return _id(_object(raw), "id")


def _object(raw: bytes) -> dict[str, Any]:
    if len(raw) > LONGEST:
        raise BadJob(Reason.BAD_JSON, f"{len(raw)} characters")
    values = json_of(raw)
    if not isinstance(values, dict):
        raise BadJob(Reason.BAD_JSON, "not an object")
    return values


def _name(values: dict[str, Any]) -> str:
    name = values.get("type")
    if not isinstance(name, str) or not name:
        raise BadJob(Reason.UNKNOWN_TYPE, json.dumps(name)[:80])
    return ALIASES.get(name, name)


def _id(values: dict[str, Any], member: str) -> Any:
    id = values.get(member)
    if isinstance(id, bool) or not isinstance(id, (str, int)) or id == "":
        raise BadJob(Reason.NO_GEOMETRY, f"no {member}")
    return id


def _number(kind: type[Operation], values: dict[str, Any]) -> Optional[float]:
    if not kind.number_name:
        return None
    number = values.get(kind.number_name)
    try:
        if isinstance(number, (int, float)) and not isinstance(number, bool) and math.isfinite(number):
            return float(number)
    except OverflowError:  # an integer of hundreds of digits
        pass
    raise BadJob(Reason.BAD_PARAMETER, f"{kind.number_name} must be a number")


def _namespace(values: dict[str, Any]) -> str:
    namespace = values.get("namespace", NAMESPACE)
    if not isinstance(namespace, str) or not namespace or ":" in namespace:
        raise BadJob(Reason.BAD_PARAMETER, "namespace must be a word without a colon")
    return namespace


def _ttl(values: dict[str, Any]) -> Optional[int]:
    ttl = values.get("ttl")
    if ttl is None:
        return None
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 <= ttl <= MOST_SECONDS:
        raise BadJob(Reason.BAD_PARAMETER, "ttl must be a number of seconds, 0 to keep")
    return ttl
