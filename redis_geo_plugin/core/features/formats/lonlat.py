"""Two numbers in a text, longitude first, as the GEO fields of the query engine have them: ``2.35,48.85``.

https://redis.io/docs/latest/develop/interact/search-and-query/basic-constructs/field-and-type-options/
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ...geometry import build, lists
from ...geometry.build import FLAT, Mended
from ...geometry.walk import CUT_SHORT, POINT, Unsound
from .. import crs_names
from ..refusals import Refused, WhyRefused
from .base import FeatureFormat, FoundFeature, NewShape, Value

_PAIR = re.compile(r"\s*([-+]?[0-9]+(?:\.[0-9]*)?)\s*,\s*([-+]?[0-9]+(?:\.[0-9]*)?)\s*")
_LONGEST = 100  # characters


class LonLat(FeatureFormat):
    """A point. It is never told: nothing in two numbers says which of them comes first. An index says it, or
    the user who chooses this format."""

    NAME = "lonlat"

    def tells(self, value: Value) -> bool:
        """Whether a value is one beyond doubt, which none is."""
        return isinstance(value, LonLat)

    def read(self, value: Value, mended: Mended) -> Sequence[FoundFeature]:
        """The one point, in degrees."""
        found = _PAIR.fullmatch(value) if isinstance(value, str) and len(value) < _LONGEST else None
        if found is None:
            raise Unsound(CUT_SHORT)
        place = list(map(float, found.groups()))
        return [FoundFeature(build.geometry(POINT, place, FLAT, mended), crs_names.DEGREES)]

    def writes(self, new: NewShape) -> Value:
        """Two numbers, without exponents."""
        shape = None if new.wkb is None else lists.known(lists.unfolded(new.wkb))
        if shape is None or shape.kind != POINT or shape.dimensions.numbers > 2 or not shape.content:
            raise Refused(WhyRefused.NOT_WRITTEN)
        return ",".join(np.format_float_positional(number, trim="-") for number in shape.content)
