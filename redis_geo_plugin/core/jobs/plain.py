"""A job of the plain list, read: ``{"type": "buffer", "id": 42, "distance": 100}``.

``type`` names an operation, ``id`` the geometry, ``with`` the second geometry where the operation takes two;
the operation's number stands under its own name (``distance``, ``tolerance``). The operation's parameters
(``segments``, ``cap``, …), ``namespace`` and ``ttl`` (seconds) may be given; other members are passed over.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Optional, Union

from ..json_types import JsonObject
from ..operations import OPERATIONS, Operation
from .model import MOST_SECONDS, BadJob, JobReason, json_of

NAMESPACE = "taches"
LONGEST = 1_000_000  # characters


@dataclass(frozen=True)
class PlainJob:
    """What the text asks for; ``ids`` has one id per geometry the operation takes."""

    values: JsonObject
    operation: Operation
    ids: tuple[Union[str, int], ...]
    number: Optional[float]
    namespace: str
    ttl: Optional[int]


def wanted(raw: bytes) -> tuple[str, str]:
    """The operation that the text names, and the version of GEOS (``3.11``) that it asks for, empty for any.
    Raises BadJob for what is no JSON object with a type."""
    values = _object(raw)
    return _name(values), str(values.get("geos") or "")


def parse_job(raw: bytes) -> PlainJob:
    """Raises BadJob with the reason."""
    values = _object(raw)
    name = _name(values)
    kind = OPERATIONS.get(name)
    if kind is None:
        raise BadJob(JobReason.UNKNOWN_TYPE, name)
    try:
        operation = kind.from_job(values)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadJob(JobReason.BAD_PARAMETER, str(error)) from error
    ids = tuple(_id(values, member) for member in ("id", "with")[: kind.arity])
    return PlainJob(values, operation, ids, _number(operation, values), _namespace(values), _ttl(values))


def geometry_id(raw: bytes) -> Union[str, int]:
    """The id that the text names, also where the rest of it cannot be worked. Raises BadJob."""
    return _id(_object(raw), "id")


def _object(raw: bytes) -> JsonObject:
    if len(raw) > LONGEST:
        raise BadJob(JobReason.BAD_JSON, f"{len(raw)} characters")
    values = json_of(raw)
    if not isinstance(values, dict):
        raise BadJob(JobReason.BAD_JSON, "not an object")
    return values


def _name(values: JsonObject) -> str:
    name = values.get("type")
    if not isinstance(name, str) or not name:
        raise BadJob(JobReason.UNKNOWN_TYPE, json.dumps(name)[:80])
    return next((kind.name for kind in OPERATIONS.values() if name in kind.aliases), name)


def _id(values: JsonObject, member: str) -> Union[str, int]:
    id = values.get(member)
    if isinstance(id, bool) or not isinstance(id, (str, int)) or id == "":
        raise BadJob(JobReason.NO_GEOMETRY, f"no {member}")
    return id


def _number(operation: Operation, values: JsonObject) -> Optional[float]:
    if not operation.number_name:
        return None
    number = values.get(operation.number_name)
    try:
        if isinstance(number, (int, float)) and not isinstance(number, bool) and math.isfinite(number):
            operation.check_number(float(number))
            return float(number)
    except OverflowError:  # an integer of hundreds of digits
        pass
    except ValueError as error:
        raise BadJob(JobReason.BAD_PARAMETER, str(error)) from error
    raise BadJob(JobReason.BAD_PARAMETER, f"{operation.number_name} must be a number")


def _namespace(values: JsonObject) -> str:
    namespace = values.get("namespace", NAMESPACE)
    if not isinstance(namespace, str) or not namespace or ":" in namespace:
        raise BadJob(JobReason.BAD_PARAMETER, "namespace must be a word without a colon")
    return namespace


def _ttl(values: JsonObject) -> Optional[int]:
    ttl = values.get("ttl")
    if ttl is None:
        return None
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 <= ttl <= MOST_SECONDS:
        raise BadJob(JobReason.BAD_PARAMETER, "ttl must be a number of seconds, 0 to keep")
    return ttl
