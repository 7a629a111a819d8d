"""What stands beside a GEO set in the hash ``<set>:attributs``: one JSON object a member, with the exact coordinates."""

from __future__ import annotations

import json
import math
from typing import Any, Optional

import numpy as np

from ..failures import FailureKind, classify
from ..keys import GEO_ATTRIBUTES_SUFFIX
from ..server import Server
from . import cells, raw
from .hits import Watch

LONGITUDE, LATITUDE = "longitude", "latitude"
BATCH = 2000  # members a HMGET
BATCHES = 10  # HMGETs a pipeline


def attributes_key(key: bytes) -> bytes:
    """The hash that stands beside a set."""
    return key + GEO_ATTRIBUTES_SUFFIX.encode()


def read(server: Server, key: bytes, members: list[bytes], watch: Watch) -> tuple[list[Optional[dict]], bool]:
    """The attributes of members, None where there are none, and whether the user may read them at all.

    Empty where the set has no attributes, so that a set written by another program costs one EXISTS.
    """
    if not members:
        return [], True
    where = attributes_key(key)
    found: list[Optional[dict]] = []
    for start in range(0, len(members), BATCH * BATCHES):
        watch.check()
        block = members[start : start + BATCH * BATCHES]
        commands: list[tuple[Any, ...]] = [("HMGET", where, *block[i : i + BATCH]) for i in range(0, len(block), BATCH)]
        for reply in raw.run(server.bulk, commands):
            if isinstance(reply, Exception):
                if classify(reply).kind in (FailureKind.NO_RIGHTS, FailureKind.WRONG_TYPE):
                    return [], False
                raise reply
            found.extend(parse(value) if value is not None else None for value in reply)
    return found, True


def exists(reply: Any) -> tuple[bool, bool]:
    """What an EXISTS on the hash says: (it is there, the user may read it)."""
    if isinstance(reply, Exception):
        if classify(reply).kind is FailureKind.NO_RIGHTS:
            return False, False
        raise reply
    return bool(reply), True


def parse(value: bytes) -> Optional[dict[str, Any]]:
    """One JSON object; None for what is none (another program's value: never an error)."""
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def exact_positions(
    attributes: list[Optional[dict]], scores: np.ndarray, lon: np.ndarray, lat: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Longitude, latitude and whether they are the exact ones.

    Exact coordinates count only while they fall into the cell that the set has the member in: a program that moves a
    member with GEOADD leaves its old coordinates behind in the hash.
    """
    none = np.zeros(len(lon), bool)
    if not attributes:
        return lon, lat, none
    given_lon = np.fromiter((_degrees(a, LONGITUDE) for a in attributes), float, len(lon))
    given_lat = np.fromiter((_degrees(a, LATITUDE) for a in attributes), float, len(lon))
    valid = (np.abs(given_lon) <= 180.0) & (np.abs(given_lat) <= cells.LAT_LIMIT)
    safe_lon, safe_lat = cells.storable(np.where(valid, given_lon, 0.0), np.where(valid, given_lat, 0.0))
    exact = valid & (cells.encode(safe_lon, safe_lat) == scores)
    return np.where(exact, given_lon, lon), np.where(exact, given_lat, lat), exact


def _degrees(attributes: Optional[dict], name: str) -> float:
    if attributes is None:
        return math.nan
    value = attributes.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.nan
    return math.nan
