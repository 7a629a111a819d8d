"""Encoded polylines: lines as texts, with latitude before longitude and five or six decimals.

https://developers.google.com/maps/documentation/utilities/polylinealgorithm. Nothing in a text tells the
decimals: read with five, a line of six has coordinates ten times too large, so that most of them are beyond
the globe; ``decimals`` tells for a whole set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...geometry import build, lists
from ...geometry.build import FLAT, Mended
from ...geometry.walk import CUT_SHORT, LINE, Unsound
from .. import crs_names
from ..refusals import Refused, WhyRefused
from .base import FeatureFormat, FoundFeature, NewShape, Path, Value

NAMES = frozenset(
    ("polyline", "encoded_polyline", "encodedpolyline", "overview_polyline", "polyline5", "polyline6",
     "encoded_shape", "encodedshape", "summary_polyline", "points")
)  # fmt: skip
_LEAST, _MOST = 63, 126  # the characters
_LEAST_LENGTH = 10  # characters of a text that can be told to be a line, which is two places
_LONGEST = 4_000_000  # characters
_TYPICAL = frozenset("`|~{}@?\\^[]_")  # signs that names do not have
_DEEPEST_SHIFT = 35  # bits of a number
_MANY = 200  # characters from which on they are read together
_NO_SIGN = "a sign that is none of a polyline's"


class Polyline(FeatureFormat):
    """A line of ``decimals`` decimals, as a text or as ``{"points": "…"}``."""

    IS_WEAK = True

    def __init__(self, decimals: int):
        self.decimals = decimals
        self.NAME = f"polyline{decimals}"  # type: ignore[misc]

    def tells(self, value: Value) -> bool:
        """Whether a text can only be a line: complete, of two places or more, on the globe."""
        text = _text_of(value)
        if text is None or len(text) < _LEAST_LENGTH or not _TYPICAL.intersection(text):
            return False
        try:
            numbers = decoded(text)
        except Unsound:
            return False
        factor = 10.0**-self.decimals
        first = max(abs(numbers[0]), abs(numbers[1])) * factor
        return len(numbers) >= 4 and first >= 1.0 and _is_on_globe(numbers, factor)

    def read(self, value: Value, mended: Mended) -> Sequence[FoundFeature]:
        """The one line, in degrees; raises Refused where it leaves the globe."""
        text = _text_of(value)
        if text is None:
            raise Unsound("another kind of value")
        numbers, factor = decoded(text), 10.0**self.decimals
        if not _is_on_globe(numbers, 1.0 / factor):
            raise Refused(WhyRefused.OUT_OF_RANGE)
        positions = [(lon / factor, lat / factor) for lat, lon in zip(numbers[::2], numbers[1::2])]
        wkb = build.geometry(LINE, positions, FLAT, mended)
        attributes = {k: v for k, v in value.items() if k != "points"} if isinstance(value, dict) else {}
        return [FoundFeature(wkb, crs_names.DEGREES, attributes)]

    def geometry_at(self, feature: Value) -> Path:
        """A member of a feature; what is a geometry alone is it."""
        return ("points",) if isinstance(feature, dict) else ()

    def attribute_at(self, feature: Value, name: str) -> Path | None:
        """A member beside the geometry."""
        return (name,) if isinstance(feature, dict) and name in feature else None

    def writes(self, new: NewShape) -> Value:
        """A line of two dimensions, rounded to the decimals of the format."""
        shape = None if new.wkb is None else lists.known(lists.unfolded(new.wkb))
        if shape is None or shape.kind != LINE or shape.dimensions.numbers > 2 or not shape.content:
            raise Refused(WhyRefused.NOT_WRITTEN)
        text = encoded(shape.content, self.decimals)
        if not _is_on_globe(decoded(text), 10.0**-self.decimals):
            raise Refused(WhyRefused.OUT_OF_RANGE)
        return text


def decoded(text: str) -> list[int]:
    """The sums of the numbers in a text, latitude and longitude in turn. Raises Unsound for half a line."""
    if len(text) > _LONGEST:
        raise Refused(WhyRefused.TOO_LARGE)
    raw = text.encode("utf-8", "replace")
    found = _decoded(raw) if len(raw) < _MANY else _decoded_many(raw)
    if found is None or len(found) % 2 or not found:
        raise Unsound(CUT_SHORT)
    return found


def _decoded(raw: bytes) -> list[int] | None:
    """None where the last number is not whole."""
    found: list[int] = []
    sums, value, shift = [0, 0], 0, 0
    for code in raw:
        bits = code - _LEAST
        if not 0 <= bits <= _MOST - _LEAST or shift > _DEEPEST_SHIFT:
            raise Unsound(_NO_SIGN)
        value |= (bits & 31) << shift
        if bits >= 32:
            shift += 5
            continue
        axis = len(found) & 1
        sums[axis] += ~(value >> 1) if value & 1 else value >> 1
        found.append(sums[axis])
        value = shift = 0
    return None if shift else found


def _decoded_many(raw: bytes) -> list[int] | None:
    """The same of a long text, in a tenth of the time."""
    bits = np.frombuffer(raw, np.uint8).astype(np.int64) - _LEAST
    if bits.min() < 0 or bits.max() > _MOST - _LEAST:
        raise Unsound(_NO_SIGN)
    ends = np.flatnonzero(bits < 32)
    if not len(ends):
        raise Unsound(_NO_SIGN)  # more signs than any number has
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    rest = len(bits) - 1 - ends[-1]
    if max(lengths.max(), rest) > _DEEPEST_SHIFT // 5 + 1:
        raise Unsound(_NO_SIGN)
    if rest:
        return None
    places = np.arange(len(bits)) - np.repeat(starts, lengths)
    values = np.add.reduceat((bits & 31) << (5 * places), starts)
    steps = np.where(values & 1, ~(values >> 1), values >> 1)
    steps[::2], steps[1::2] = np.cumsum(steps[::2]), np.cumsum(steps[1::2])
    found: list[int] = steps.tolist()
    return found


def encoded(positions: Sequence[Sequence[float]], decimals: int = 5) -> str:
    """The text of a line of longitudes and latitudes in degrees."""
    found: list[str] = []
    last = [0, 0]
    for lon, lat in positions:
        for axis, degrees in enumerate((lat, lon)):
            number = round(degrees * 10**decimals)
            step, last[axis] = number - last[axis], number
            step = ~(step << 1) if step < 0 else step << 1
            while step >= 32:
                found.append(chr((32 | step & 31) + _LEAST))
                step >>= 5
            found.append(chr(step + _LEAST))
    return "".join(found)


def _text_of(value: Value) -> str | None:
    if isinstance(value, dict) and "points" in value and len(value) <= 3:
        value = value["points"]  # Google's Directions
    return value if type(value) is str and value.isascii() else None


def _is_on_globe(numbers: Sequence[int], factor: float) -> bool:
    lat, lon = numbers[::2], numbers[1::2]
    return max(map(abs, lat)) * factor <= 90.0 and max(map(abs, lon)) * factor <= 180.0
