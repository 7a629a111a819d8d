"""The optional parameters that say where positions are and what their fields mean, as the dialog *Find
positions* does.

What is left empty is recognised from the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterField,
    QgsProcessingParameterString,
)

from ...bridge.algorithm_values import Parameters, Results
from ...bridge.i18n import tr
from ...bridge.live.words import kind_text
from ...core.redis.settings import ConnectionSettings
from .coordinates import CRS, SCALE, SCALES, CoordinateParameters

if TYPE_CHECKING:
    from ...core.json_types import JsonObject
    from ...core.live.spec import FeedSpec
    from ..base import RedisGeoAlgorithm

KIND, ORDER, SPEED_UNIT = "KIND", "ORDER", "SPEED_UNIT"
ID_FIELD, X_FIELD, Y_FIELD, GEOMETRY_FIELD = "ID_FIELD", "X_FIELD", "Y_FIELD", "GEOMETRY_FIELD"
TIME_FIELD, SPEED_FIELD, HEADING_FIELD = "TIME_FIELD", "SPEED_FIELD", "HEADING_FIELD"
FIELDS = (ID_FIELD, X_FIELD, Y_FIELD, GEOMETRY_FIELD, TIME_FIELD, SPEED_FIELD, HEADING_FIELD)
ORDERS = ("lonlat", "latlon")
UNITS = ("m/s", "km/h", "kn", "mph")


@dataclass(frozen=True)
class PositionChoices:
    """What was chosen; what was not is empty. Names are paths within a record, or fields of a layer."""

    kind: str = ""
    id: str = ""
    x: str = ""
    y: str = ""
    geometry: str = ""
    time: str = ""
    speed: str = ""
    speed_unit: str = ""
    heading: str = ""
    order: str = ""
    crs: str = ""
    scale: float = 0.0  # what coordinates are multiplied by; 0: not chosen

    @property
    def mapping_values(self) -> JsonObject:
        """Return the fields of a ``Mapping`` that were chosen."""
        values: JsonObject = {}
        if self.geometry:
            values.update(pair=self.geometry, lon="", lat="")
        elif self.x or self.y:
            values.update(lon=self.x, lat=self.y, pair="")
        chosen: dict[str, str | float] = {
            "id": self.id,
            "time": self.time,
            "speed": self.speed,
            "speed_unit": self.speed_unit,
            "heading": self.heading,
            "pair_order": self.order,
            "crs": self.crs,
            "scale": self.scale,
        }
        values.update({name: value for name, value in chosen.items() if value})
        return values


class PositionSource:
    """Defines the parameters, and reads them.

    Args:
        kinds: the kinds of sources that are offered.
        layer: the parameter of the layer whose fields are meant; empty for the fields of records in Redis.
        own: parameters that the algorithm adds itself.
    """

    def __init__(self, kinds: tuple[str, ...], layer: str = "", own: frozenset[str] = frozenset()):
        self._kinds = kinds
        self._layer = layer
        self._own = own
        self._coordinates = CoordinateParameters(scaled=not layer)

    def add(self, algorithm: RedisGeoAlgorithm) -> None:
        """Define the parameters, folded away."""
        _add_enum(algorithm, KIND, tr("Kind of keys"), list(map(kind_text, self._kinds)), self._kind_help())
        for name, label, text in self._fields():
            if name not in self._own:
                algorithm.add_advanced(self._field(name, label), text)
        _add_enum(
            algorithm,
            SPEED_UNIT,
            tr("Unit of speed"),
            [tr("m/s"), tr("km/h"), tr("knots"), tr("mph")],
            tr("Of the field of the speed. Empty: found out where the records tell, else m/s.")
            if not self._layer
            else tr("Of the field of the speed; it is written in m/s. Empty: m/s."),
        )
        _add_enum(
            algorithm,
            ORDER,
            tr("Order of both coordinates"),
            [tr("longitude, latitude"), tr("latitude, longitude")],
            tr("In the field that holds both. WKT and GeoJSON always have the longitude first."),
        )
        self._coordinates.add(algorithm, tr("Of the coordinates in the fields. Empty: degrees (EPSG:4326)."))

    def read(
        self, algorithm: RedisGeoAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> PositionChoices:
        """Return what was chosen. Raises QgsProcessingException for choices that contradict each other."""
        texts = {name: _text(algorithm, parameters, name, context) for name in FIELDS}
        if bool(texts[X_FIELD]) != bool(texts[Y_FIELD]):
            raise QgsProcessingException(tr("X_FIELD and Y_FIELD belong together: one of them is empty."))
        coordinates = self._coordinates.read(algorithm, self.numbered(parameters), context)
        return PositionChoices(
            kind=self._choice(algorithm, parameters, KIND, self._kinds, context),
            id=texts[ID_FIELD],
            x=texts[X_FIELD],
            y=texts[Y_FIELD],
            geometry=texts[GEOMETRY_FIELD],
            time=texts[TIME_FIELD],
            speed=texts[SPEED_FIELD],
            speed_unit=self._choice(algorithm, parameters, SPEED_UNIT, UNITS, context),
            heading=texts[HEADING_FIELD],
            order=self._choice(algorithm, parameters, ORDER, ORDERS, context),
            crs=coordinates.crs,
            scale=coordinates.scale,
        )

    def numbered(self, parameters: Parameters) -> Results:
        """Return the parameters with the number of each choice that a script gave by its name, such as
        ``json_keys``."""
        choices = {KIND: self._kinds, SPEED_UNIT: UNITS, ORDER: ORDERS, SCALE: SCALES}
        found = {
            name: values.index(parameters[name])
            for name, values in choices.items()
            if isinstance(parameters.get(name), str) and parameters[name] in values
        }
        return {**parameters, **found}

    def _kind_help(self) -> str:
        if self._layer:
            return tr("What is written: a JSON string for each vehicle unless another kind is chosen.")
        return tr("How the positions stand in Redis. Empty: found out from what stands there.")

    def _fields(self) -> tuple[tuple[str, str, str], ...]:
        """Return name, label and help of the parameters for fields."""
        below = tr("A dot goes one level down: position.lat.") if not self._layer else ""
        return (
            (ID_FIELD, tr("Field of the id"), tr("Tells the vehicles apart. Empty: as the records tell.")),
            (
                X_FIELD,
                tr("Field of the longitude (x)"),
                _joined(tr("Goes together with that of the latitude."), below),
            ),
            (
                Y_FIELD,
                tr("Field of the latitude (y)"),
                _joined(tr("Goes together with that of the longitude."), below),
            ),
            (
                GEOMETRY_FIELD,
                tr("Field of both coordinates"),
                _joined(tr("A pair of numbers, a text of two numbers, WKT or GeoJSON."), below),
            ),
            (
                TIME_FIELD,
                tr("Field of the time"),
                tr("When each position was reported; without a zone in UTC."),
            ),
            (SPEED_FIELD, tr("Field of the speed"), tr("Its unit is chosen below.")),
            (HEADING_FIELD, tr("Field of the heading"), tr("Degrees clockwise from north.")),
        )

    def _field(self, name: str, label: str) -> QgsProcessingParameterDefinition:
        if self._layer:
            return QgsProcessingParameterField(
                name, label, parentLayerParameterName=self._layer, optional=True
            )
        return QgsProcessingParameterString(name, label, optional=True)

    def _choice(
        self,
        algorithm: RedisGeoAlgorithm,
        parameters: Parameters,
        name: str,
        values: tuple[str, ...],
        context: QgsProcessingContext,
    ) -> str:
        parameters = self.numbered(parameters)
        if not algorithm.is_given(parameters, name):
            return ""
        number = algorithm.parameterAsEnum(parameters, name, context)
        return values[number] if 0 <= number < len(values) else ""


def _add_enum(algorithm: RedisGeoAlgorithm, name: str, label: str, options: list[str], text: str) -> None:
    algorithm.add_advanced(QgsProcessingParameterEnum(name, label, options, optional=True), text)


def _text(
    algorithm: RedisGeoAlgorithm, parameters: Parameters, name: str, context: QgsProcessingContext
) -> str:
    if not algorithm.is_given(parameters, name):
        return ""
    return str(algorithm.parameterAsString(parameters, name, context)).strip()


def spec_of(settings: ConnectionSettings, source: str, choices: PositionChoices) -> FeedSpec:
    """Return the feed of a source: as chosen, and otherwise as recognised. Reads Redis.

    Raises QgsProcessingException if it holds no positions, or if the user has to choose something first.
    """
    from ...core.live.snapshot import spec_of as find_spec

    spec = find_spec(settings, source, choices.kind, choices.mapping_values)
    if spec is None:
        raise QgsProcessingException(tr("No positions were found in {source}.").format(source=source))
    if not spec.mapping.shows_positions and spec.mapping.has_position:
        names = {"order": ORDER, "crs": CRS, "scale": SCALE, "time": TIME_FIELD}
        names["place"] = f"{X_FIELD}, {Y_FIELD} / {GEOMETRY_FIELD}"
        asked = ", ".join(names[role] for role in spec.mapping.asks if role in names)
        text = tr("What the positions in {source} mean is not certain. Choose {parameters}.")
        raise QgsProcessingException(text.format(source=source, parameters=asked))
    return spec


def source_help() -> str:
    """Return the help of every SOURCE parameter."""
    return tr(
        "Where the positions stand: a key pattern such as vehicule:*, or the name of a GEO set, stream, "
        "list, hash or string. What the fields mean is found out from the records, unless it is chosen "
        "below."
    )


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
