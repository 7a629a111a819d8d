"""Well-known binary, OGC's and PostGIS's with an SRID (EWKB): raw, as hexadecimal digits, as Base64, and as
Debezium writes columns of PostGIS: ``{"wkb": "AQEAAA…", "srid": 4326}``.

https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-spatial-types
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Optional

from ...geometry import normal
from ...geometry.build import Mended
from ...geometry.walk import CUT_SHORT, UNKNOWN_KIND, Unsound
from .. import crs_names
from ..refusals import Refused, WhyRefused
from .base import FeatureFormat, FoundFeature, NewShape, Path, Value, members_of

_MARKS = (b"\\x", b"0x", b"0X")  # before hexadecimal digits, as PostgreSQL and other databases write bytes
_HEX = re.compile(rb"(?:\\x|0[xX])?0[01](?:[0-9A-Fa-f]{2}){8,}")
_BASE64 = re.compile(rb"A[AQ][A-Za-z0-9+/_-]{10,}={0,2}")
_KINDS = frozenset(range(1, 18))  # circular strings and TINs too, so that they are refused for what they are
_FLAGS, _SRID = 0xE0000000, 0x20000000  # Z, M and SRID of EWKB


class Wkb(FeatureFormat):
    """Bytes, or texts of them, that begin with a byte order and a kind."""

    NAME = "wkb"

    def tells(self, value: Value) -> bool:
        """Whether it begins so, in any of the ways to write bytes."""
        if isinstance(value, dict):
            return isinstance(value.get("wkb"), str) and len(value) <= 3
        raw = _bytes_of(value, 64)
        return raw is not None and _begins(raw)

    def read(self, value: Value, mended: Mended) -> Sequence[FoundFeature]:
        """The one geometry, without attributes; its CRS by the SRID in the bytes, or beside them."""
        srid = 0
        record = members_of(value, "wkb")
        if record is not None:
            said = record.get("srid")
            srid = said if type(said) is int and said > 0 else 0
            value = record["wkb"]
        raw = _bytes_of(value, 0)
        if raw is None:
            raise Unsound(UNKNOWN_KIND)
        found = normal.normal(raw, mended)
        return [FoundFeature(found.wkb, crs_names.of_srid(found.srid or srid))]

    def geometry_at(self, feature: Value) -> Path:
        """A member of a feature; what is a geometry alone is it."""
        return ("wkb",) if isinstance(feature, dict) else ()

    def writes(self, new: NewShape) -> Value:
        """Bytes, or their text, as the old ones were written: PostGIS's with its SRID or OGC's."""
        old = _bytes_of(new.old, 0)
        if new.wkb is None or old is None:
            raise Refused(WhyRefused.NOT_WRITTEN)
        code = int.from_bytes(old[1:5], "little" if old[0] else "big")
        srid = old[5:9] if code & _SRID else b""
        is_extended = code & _FLAGS or new.old[:1] in ("A", b"A")  # Base64 of OGC's with Z or M is not told
        made = normal.extended(new.wkb, srid if old[0] else srid[::-1]) if is_extended else new.wkb
        return _as_written(made, new.old)


def _as_written(new: bytes, old: Value) -> Value:
    """Bytes as a text of the kind of an old one."""
    said = old.encode() if isinstance(old, str) else bytes(old)
    if said[:1] in (b"\0", b"\1"):
        return new
    text = said.strip()
    mark = text[:2] if text[:2] in _MARKS else b""
    if mark or text[:1] == b"0":
        made = binascii.hexlify(new)
        made = mark + (made.upper() if text[2:] != text[2:].lower() else made)
    else:
        made = base64.urlsafe_b64encode(new) if b"-" in text or b"_" in text else base64.b64encode(new)
        made = made if len(text.replace(b"\n", b"")) % 4 == 0 else made.rstrip(b"=")
    return made.decode() if isinstance(old, str) else made


def _begins(raw: bytes) -> bool:
    """Whether bytes begin as WKB: byte order, and one of the kinds in ISO's or PostGIS's numbers."""
    if len(raw) < 9 or raw[0] not in (0, 1):
        return False
    code = int.from_bytes(raw[1:5], "little" if raw[0] else "big")
    thousands, kind = divmod(code & ~_FLAGS, 1000)
    return kind in _KINDS and thousands <= 3


def _bytes_of(value: Value, most: int) -> Optional[bytes]:
    """The bytes that a value stands for, at most about ``most`` of them (0: all); None for what is none."""
    if isinstance(value, str):
        if not value.isascii():
            return None
        value = value.strip().encode()
    if not isinstance(value, bytes) or len(value) < 9:
        return None
    return value if value[0] in (0, 1) else _unwritten(value, most)


def _unwritten(value: bytes, most: int) -> Optional[bytes]:
    """The bytes that a text of hexadecimal digits or of Base64 writes."""
    text = value[: 2 * most] if most else value.strip()
    try:
        if value[:1] == b"0" or value[:2] in _MARKS:
            if _HEX.match(text) is None:
                return None
            return binascii.unhexlify((text[2:] if text[:2] in _MARKS else text)[: len(text) // 2 * 2])
        if _BASE64.match(text) is None:
            return None
        text = text.replace(b"-", b"+").replace(b"_", b"/").replace(b"\n", b"").rstrip(b"=")
        if most:
            text = text[: len(text) // 4 * 4]
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        if most:
            return None
        raise Unsound(CUT_SHORT) from error
