"""Positions as producers write them: pairs of numbers, GeoJSON, WKT, WKB, ``geo:`` addresses and geohashes.

Sources: RFC 7946 (GeoJSON), OGC 06-103r4 (WKT and WKB, longitude first), PostGIS (EWKT, EWKB), RFC 5870
(``geo:``, latitude first), ISO 6709, Debezium's ``io.debezium.data.geometry`` types, Niemeyer's geohash.
Nothing here raises.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from dataclasses import dataclass
from typing import Any, Optional

from ..json_types import JsonObject
from .angles import two_angles
from .json_text import parse_json
from .paths import packed
from .values import degrees

LONLAT, LATLON = "lonlat", "latlon"
GEOHASH, H3 = "geohash", "h3"
LONGEST = 200  # characters of a text that can be a place
_WKT = re.compile(
    r"(?:SRID=(?P<srid>[0-9]{1,6});)?\s*POINT\s*(?:Z|M|ZM)?\s*\((?P<inside>[-+0-9.eE\s]{1,120})\)\s*",
    re.IGNORECASE,
)
_HEX = re.compile(r"(?:0[01])(?:[0-9A-Fa-f]{2}){20,44}")
_GEO = re.compile(r"geo:\s*(?P<lat>[-+0-9.]{1,20}),(?P<lon>[-+0-9.]{1,20})(?:[,;?].{0,100})?", re.IGNORECASE)
_BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz"  # pragma: allowlist secret - the digits of a geohash
_CELL = re.compile(r"(?=.*[0-9])[0-9b-hjkmnp-z]{5,12}")
_H3_CELL = re.compile(r"8[0-9a-f]{14}")


@dataclass(frozen=True)
class Pair:
    """Two numbers in the order given. ``order`` is what the form itself says (empty: it does not); ``srid``
    its CRS.
    """

    first: float
    second: float
    order: str = ""
    srid: int = 0


def read_pair(value: Any) -> Optional[Pair]:
    """The two numbers of a list, a text or a geometry; None where it holds no point."""
    kind = type(value)
    if kind is list or kind is tuple:
        return _of_list(value)
    if kind is dict:
        return _of_object(value)
    if kind is str:
        return _of_text(value)
    return _of_wkb(bytes(value)) if kind is bytes else None


def split_pair(value: object) -> Optional[tuple[float, float]]:
    """``[a, b]`` or ``"a,b"`` (also ``"a b"``, ``"POINT(a b)"``) as two numbers in the order given."""
    pair = read_pair(value)
    return None if pair is None else (pair.first, pair.second)


def _of_list(value: Any) -> Optional[Pair]:
    if not 2 <= len(value) <= 4:
        return None
    first, second = degrees(value[0]), degrees(value[1])
    return None if first is None or second is None else Pair(first, second)


def _of_object(value: JsonObject) -> Optional[Pair]:
    """A GeoJSON point, a Feature of one, or Debezium's geometry."""
    if value.get("type") == "Feature":
        inner = value.get("geometry")
        return _of_object(inner) if isinstance(inner, dict) and inner.get("type") != "Feature" else None
    if value.get("type") == "Point":
        pair = (
            read_pair(value.get("coordinates"))
            if isinstance(value.get("coordinates"), (list, tuple))
            else None
        )
        return None if pair is None else Pair(pair.first, pair.second, LONLAT)
    written = value.get("wkb")
    if isinstance(written, str):
        pair = _of_wkb(_from_base64(written)) or _of_text(written)
        srid = value.get("srid")
        if pair is not None and type(srid) is int and not pair.srid:
            return Pair(pair.first, pair.second, LONLAT, srid)
        return pair
    return None


def _of_text(text: str) -> Optional[Pair]:
    if len(text) > LONGEST:
        return None
    text = text.strip()
    found = _WKT.fullmatch(text)
    if found is not None:
        numbers = found["inside"].split()
        pair = _of_list(numbers)
        return None if pair is None else Pair(pair.first, pair.second, LONLAT, int(found["srid"] or 0))
    found = _GEO.fullmatch(text)
    if found is not None:
        pair = _of_list([found["lat"], found["lon"]])
        return None if pair is None else Pair(pair.first, pair.second, LATLON)
    angles = two_angles(text)
    if angles is not None:
        return Pair(angles[0], angles[1], LONLAT)
    if _HEX.fullmatch(text):
        return _of_wkb(bytes.fromhex(text))
    if text[:1] == "{":
        return _of_json(text)
    parts = packed(text)
    return _of_list([part.rstrip("°º ") for part in parts[:2]]) if len(parts) >= 2 else None


def _of_json(text: str) -> Optional[Pair]:
    """A geometry of GeoJSON that is kept as a text."""
    try:
        value = parse_json(text.encode())
    except ValueError:
        return None
    return _of_object(value) if isinstance(value, dict) else None


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if len(text) <= LONGEST else b""
    except (binascii.Error, ValueError):
        return b""


def _of_wkb(raw: bytes) -> Optional[Pair]:
    """A point of WKB or EWKB, of whatever dimensions; nothing else, so no library has to parse foreign
    bytes here.
    """
    if not 21 <= len(raw) <= 50 or raw[0] > 1:
        return None
    order = "<" if raw[0] else ">"
    (kind,) = struct.unpack_from(order + "I", raw, 1)
    start, srid = 5, 0
    if kind & 0x20000000:
        (srid,) = struct.unpack_from(order + "I", raw, 5)
        start = 9
    plain = kind & 0x0FFFFFFF
    if plain % 1000 != 1 or plain > 3001 or len(raw) < start + 16:
        return None
    first, second = struct.unpack_from(order + "dd", raw, start)
    pair = _of_list([first, second])
    return None if pair is None else Pair(pair.first, pair.second, LONLAT, srid)


def is_geohash(value: object) -> bool:
    """Whether a value may be a geohash: 5 to 12 letters and digits of its base 32, a digit among them."""
    return type(value) is str and _CELL.fullmatch(value) is not None


def of_geohash(value: Any) -> Optional[tuple[float, float]]:
    """Longitude and latitude (degrees) of the middle of a geohash's cell; None where it is none."""
    if not is_geohash(value):
        return None
    low, high, even = [-180.0, -90.0], [180.0, 90.0], 0
    for letter in value:
        bits = _BASE32.index(letter)
        for bit in (16, 8, 4, 2, 1):
            middle = (low[even] + high[even]) / 2.0
            (low if bits & bit else high)[even] = middle
            even = 1 - even
    return (low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0


def is_h3(value: object) -> bool:
    """Whether a value may be the index of an H3 cell and the package ``h3`` is here to read it."""
    return type(value) is str and _H3_CELL.fullmatch(value) is not None and of_h3(value) is not None


def of_h3(value: object) -> Optional[tuple[float, float]]:
    """Longitude and latitude (degrees) of the middle of an H3 cell; None where it is none, or without the
    package ``h3``.
    """
    try:
        import h3

        to_middle = getattr(h3, "cell_to_latlng", None) or h3.h3_to_geo
        lat, lon = to_middle(value)
        return float(lon), float(lat)
    except Exception:  # its own errors, of which each version has others, and values that are no text
        return None
