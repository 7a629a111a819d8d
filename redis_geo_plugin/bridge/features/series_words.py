"""Time series in words: why their labels cannot be understood, and what has to be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.readable import cut, one_line, printable
from ..i18n import tr

if TYPE_CHECKING:
    from ...core.live.labelled import SeriesProblem

MOST_NAMES = 20
LONGEST = 200  # characters of a text of others


def why_not(problem: SeriesProblem) -> str:
    """Why these series cannot be read, and which parameter decides what nothing else does."""
    names = ", ".join(map(shown, problem.names[:MOST_NAMES]))
    return {
        "no_series": tr("This server has no time series. Redis 8 and Redis Stack have them."),
        "not_understood": tr(
            "The filter is not understood: {words}. It is written fleet=north coord=(lon,lat)."
        ).format(words=names),
        "none": tr("No time series has these labels."),
        "too_many": tr("More than {n} time series have these labels: narrow the filter.").format(n=names),
        "no_label": tr("None of these series has the label {label}. Their labels: {names}.").format(
            label=shown(problem.names[0]) if problem.names else "",
            names=", ".join(map(shown, problem.names[1:MOST_NAMES])),
        ),
        "no_place": tr(
            "No label tells which series is the longitude and which the latitude of a vehicle. Choose "
            "COORDINATE_LABEL, X_VALUE, Y_VALUE and ID_LABEL. Labels: {names}."
        ).format(names=names),
        "which_field": tr("Several labels name coordinates: {names}. Choose COORDINATE_LABEL.").format(
            names=names
        ),
        "which_id": tr(
            "It is not certain which label tells the vehicles apart: {names}. Choose ID_LABEL, or narrow the "
            "filter."
        ).format(names=names),
        "unsure": tr("What the coordinates mean is not certain. Choose {parameters}.").format(
            parameters=", ".join(_PARAMETERS.get(role, role) for role in problem.names)
        ),
    }[problem.what]


_PARAMETERS = {"order": "X_VALUE, Y_VALUE", "place": "X_VALUE, Y_VALUE", "crs": "CRS", "scale": "SCALE"}


def shown(foreign: str) -> str:
    """A text of others as it may stand in a sentence."""
    return cut(printable(one_line(foreign)), LONGEST)
