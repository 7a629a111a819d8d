"""Well-known text (OGC 06-103r4, clause 7), and PostGIS's with ``SRID=2154;`` before it and without a space
before Z and M."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

from ...geometry import build, lists
from ...geometry.build import Dimensions, Mended
from ...geometry.normal import CURVE
from ...geometry.walk import (
    COLLECTION,
    CUT_SHORT,
    LINE,
    MULTILINE,
    MULTIPOINT,
    MULTIPOLYGON,
    NOT_FINITE,
    POINT,
    POLYGON,
    TOO_LONG,
    UNKNOWN_KIND,
    Unsound,
    check_text,
)
from .. import crs_names
from ..refusals import Refused, WhyRefused
from .base import FeatureFormat, FoundFeature, NewShape, Value

KINDS = {
    "POINT": POINT,
    "LINESTRING": LINE,
    "LINEARRING": LINE,
    "POLYGON": POLYGON,
    "MULTIPOINT": MULTIPOINT,
    "MULTILINESTRING": MULTILINE,
    "MULTIPOLYGON": MULTIPOLYGON,
    "GEOMETRYCOLLECTION": COLLECTION,
}
_CURVES = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE")
_OTHERS = ("TRIANGLE", "TIN", "POLYHEDRALSURFACE")
_WORDS = "|".join(sorted((*KINDS, *_CURVES, *_OTHERS), key=len, reverse=True))
_SRID = r"\s*(?:SRID\s*=\s*(?P<srid>[0-9]{1,7})\s*;\s*)?"
_BEFORE = re.compile(_SRID, re.IGNORECASE)
_HEAD = re.compile(rf"{_SRID}(?P<kind>{_WORDS})\s*(?P<zm>ZM|Z|M)?\s*(?=EMPTY|\()", re.IGNORECASE)
_PART = re.compile(rf"\s*(?P<kind>{_WORDS})\s*(?P<zm>ZM|Z|M)?\s*(?=EMPTY|\()", re.IGNORECASE)
_NUMBERS = re.compile(r"[-+0-9.eE\s,()]*\Z")
_PIECE = 1 << 18  # characters
_NOT_A_NUMBER = re.compile(r"nan|inf", re.IGNORECASE)
_EMPTY = re.compile(r"\s*EMPTY", re.IGNORECASE)
_DEPTH = {POINT: 0, LINE: 1, POLYGON: 2, MULTIPOINT: 1, MULTILINE: 2, MULTIPOLYGON: 3}  # lists in lists
_LONGEST_HEAD = 60  # characters in which the kind must stand


class Wkt(FeatureFormat):
    """Texts that begin with the name of a kind of geometry."""

    NAME = "wkt"

    def tells(self, value: Value) -> bool:
        """Whether a text begins as WKT does."""
        return type(value) is str and _HEAD.match(value[:_LONGEST_HEAD]) is not None

    def read(self, value: Value, mended: Mended) -> Sequence[FoundFeature]:
        """The one geometry of a text, without attributes."""
        wkb, srid = parse(value, mended) if isinstance(value, str) else (None, 0)
        if wkb is None:
            raise Unsound(UNKNOWN_KIND)
        return [FoundFeature(wkb, crs_names.of_srid(srid))]

    def writes(self, new: NewShape) -> Value:
        """A text, behind the SRID of the old one."""
        head = _BEFORE.match(new.old) if isinstance(new.old, str) else None
        if new.wkb is None or head is None:
            raise Refused(WhyRefused.NOT_WRITTEN)
        return head[0] + lists.wkt(lists.known(lists.unfolded(new.wkb)))


def parse(text: str, mended: Mended) -> tuple[bytes, int]:
    """WKB and SRID (0: none) of a text. Raises Unsound for what is no sound geometry."""
    head = _HEAD.match(text)
    if head is None:
        raise Unsound(UNKNOWN_KIND)
    check_text(text)
    srid = int(head["srid"] or 0)
    kind = _kind(head["kind"])
    if kind == COLLECTION:
        wkb, end = _collection(text, head, mended)
    else:
        wkb, end = _one(text, head, kind, None, mended)
    if text[end:].strip(" \t\r\n;\0"):
        raise Unsound(TOO_LONG)
    return wkb, srid


def _kind(word: str) -> int:
    found = KINDS.get(word.upper())
    if found is None:
        raise Unsound(CURVE if word.upper() in _CURVES else UNKNOWN_KIND)
    return found


def _collection(text: str, head: re.Match[str], mended: Mended) -> tuple[bytes, int]:
    """A collection, its parts read one by one; ``check_text`` has looked at the depth."""
    dimensions = _said(head["zm"])
    if (empty := _EMPTY.match(text, head.end())) is not None:
        return build.empty(COLLECTION, dimensions or Dimensions()), empty.end()
    at = text.index("(", head.end()) + 1
    parts = []
    while True:
        inner = _PART.match(text, at)
        if inner is None:
            raise Unsound(CUT_SHORT)
        kind = _kind(inner["kind"])
        if kind == COLLECTION:
            part, at = _collection(text, inner, mended)
        else:
            part, at = _one(text, inner, kind, dimensions, mended)
        parts.append(part)
        following = re.compile(r"\s*([,)])").match(text, at)
        if following is None:
            raise Unsound(CUT_SHORT)
        at = following.end()
        if following[1] == ")":
            break
    found = dimensions or _dimensions_of(parts)
    if any(part[:5] not in _heads(found) for part in parts):
        raise Unsound(UNKNOWN_KIND)
    return build.several(COLLECTION, parts, found), at


def _heads(dimensions: Dimensions) -> set[bytes]:
    return {dimensions.head(kind) for kind in range(1, 8)}


def _dimensions_of(parts: list[bytes]) -> Dimensions:
    code = int.from_bytes(parts[0][1:5], "little") // 1000
    return Dimensions(code in (1, 3), code in (2, 3))


def _said(word: Optional[str]) -> Optional[Dimensions]:
    """The dimensions that Z, M or ZM says; None where nothing is said."""
    return Dimensions("Z" in word.upper(), "M" in word.upper()) if word else None


def _one(
    text: str, head: re.Match[str], kind: int, of_all: Optional[Dimensions], mended: Mended
) -> tuple[bytes, int]:
    """A geometry that is no collection, and where it ends."""
    dimensions = _said(head["zm"]) or of_all
    if (empty := _EMPTY.match(text, head.end())) is not None:
        return build.empty(kind, dimensions or Dimensions()), empty.end()
    end = _closing(text, head.end())
    coordinates = _lists(text[head.end() : end], kind)
    numbers = build.numbers_of(coordinates)
    if dimensions is None:
        dimensions = Dimensions(numbers > 2, numbers > 3)
    elif numbers and numbers != dimensions.numbers:
        raise Unsound(CUT_SHORT)
    return build.geometry(kind, coordinates, dimensions, mended), end


def _closing(text: str, at: int) -> int:
    """Behind the bracket that closes the one at ``at``."""
    depth = 0
    for found in re.compile(r"[()]").finditer(text, at):
        depth += 1 if found[0] == "(" else -1
        if depth == 0:
            return found.end()
    raise Unsound(CUT_SHORT)


def _lists(body: str, kind: int) -> Value:
    """The coordinates within brackets as lists within lists."""
    plain = re.sub(r"EMPTY", "()", body, flags=re.IGNORECASE) if "E" in body.upper() and "M" in body.upper() \
        else body  # fmt: skip
    # in pieces, as a search keeps Python's lock until its end
    if not all(_NUMBERS.match(plain, at, at + _PIECE) for at in range(0, len(plain), _PIECE)):
        raise Unsound(NOT_FINITE if _NOT_A_NUMBER.search(plain) else UNKNOWN_KIND)
    if kind == MULTIPOINT:
        inner = plain.strip()[1:-1]
        if "(" in inner:
            return [_position(one) for one in _split(inner)]
        return [_position(one) for one in inner.split(",")]
    return _nested(plain.strip(), _DEPTH[kind])


def _nested(text: str, depth: int) -> Value:
    """Lists of lists; ``depth`` 0 is one position in brackets, 1 a list of them."""
    if not (text.startswith("(") and text.endswith(")")):
        raise Unsound(CUT_SHORT)
    inner = text[1:-1]
    if depth == 0:
        return _position(inner)
    if depth == 1:
        if "(" in inner:
            raise Unsound(UNKNOWN_KIND)
        return [_position(one) for one in inner.split(",")] if inner.strip() else []
    return [_nested(f"({one})", depth - 1) for one in _split(inner)]


def _split(inner: str) -> list[str]:
    """What stands in each of the brackets of one level, separated by commas."""
    found, start, depth, expected = [], 0, 0, True
    for place, sign in ((one.start(), one[0]) for one in re.compile(r"[(),]").finditer(inner)):
        if sign == "(":
            if depth == 0:
                if not expected or inner[start:place].strip():
                    raise Unsound(CUT_SHORT)
                start, expected = place + 1, False
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                found.append(inner[start:place])
                start = place + 1
        elif depth == 0:
            if inner[start:place].strip() or expected:
                raise Unsound(CUT_SHORT)
            start, expected = place + 1, True
    if inner[start:].strip() or (expected and found):
        raise Unsound(CUT_SHORT)
    return found


def _position(text: str) -> list[float]:
    try:
        numbers = [float(word) for word in text.strip().strip("()").split()]
    except ValueError as error:
        raise Unsound(build.NO_NUMBER) from error
    if len(numbers) == 1 or len(numbers) > 4:
        raise Unsound(CUT_SHORT)
    return numbers
