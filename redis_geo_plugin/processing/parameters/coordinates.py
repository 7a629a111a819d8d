"""What the numbers of coordinates mean: their CRS, and how many make one degree."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
)

from ...bridge import crs
from ...bridge.algorithm_values import Parameters
from ...bridge.i18n import tr
from ...core.live.scales import FACTORS, SEMICIRCLES

if TYPE_CHECKING:
    from ..base import RedisGeoAlgorithm

CRS, SCALE = "CRS", "SCALE"
# How scripts name the factors: by how many make one degree, which for semicircles is no whole number.
SCALES = tuple("semicircles" if one == SEMICIRCLES else str(round(1.0 / one)) for one in FACTORS)


class CoordinateChoices(NamedTuple):
    """The CRS as pyproj reads it (empty: not chosen), and what coordinates are multiplied by (0: not
    chosen)."""

    crs: str = ""
    scale: float = 0.0


class CoordinateParameters:
    """Both, folded away; without ``scaled`` the CRS alone."""

    def __init__(self, scaled: bool = True):
        self._scaled = scaled

    def add(self, algorithm: RedisGeoAlgorithm, crs_help: str) -> None:
        """Define CRS and SCALE."""
        algorithm.add_advanced(
            QgsProcessingParameterCrs(CRS, tr("CRS of the coordinates"), optional=True), crs_help
        )
        if self._scaled:
            algorithm.add_advanced(
                QgsProcessingParameterEnum(SCALE, tr("Integers to the degree"), _labels(), optional=True),
                tr(
                    "Where coordinates are whole numbers: how many make one degree. 3600000 are milliseconds."
                ),
            )

    def read(
        self, algorithm: RedisGeoAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> CoordinateChoices:
        """Return what was chosen. Raises QgsProcessingException for a CRS that is not known."""
        system, scale = "", 0.0
        if algorithm.is_given(parameters, CRS):
            given = algorithm.parameterAsCrs(parameters, CRS, context)
            if not given.isValid():
                raise QgsProcessingException(tr("The CRS of the coordinates is not known."))
            system = crs.pyproj_text(given)
        if self._scaled and algorithm.is_given(parameters, SCALE):
            number = algorithm.parameterAsEnum(parameters, SCALE, context)
            scale = FACTORS[number] if 0 <= number < len(FACTORS) else 0.0
        return CoordinateChoices(system, scale)


def _labels() -> list[str]:
    return [tr("semicircles") if name == "semicircles" else name for name in SCALES]
