"""What the user chose in the Cache dock: remembered between sessions, and turned into an algorithm's
parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Union

from qgis.core import (
    QgsExpression,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsProperty,
    QgsUnitTypes,
    QgsVectorLayer,
)

from ...bridge.i18n import tr
from ...bridge.keeping import keep
from ...bridge.settings import kept
from ...core.keys import DEFAULT_NAMESPACE, DEFAULT_TTL
from ...core.readable import cut, one_line

if TYPE_CHECKING:
    from ...bridge.algorithm_values import Parameters
    from ...core.json_types import JsonObject

ROOT = "redis_geo/cache/"
LAYER_UNITS = "layer"
EXPRESSION_SHOWN = 30  # characters of a distance's expression in the name of a layer
_UNITS = {
    "m": QgsUnitTypes.DistanceUnit.DistanceMeters,
    "km": QgsUnitTypes.DistanceUnit.DistanceKilometers,
    "mi": QgsUnitTypes.DistanceUnit.DistanceMiles,
    "ft": QgsUnitTypes.DistanceUnit.DistanceFeet,
}


def source_of(layer_id: str, selected: bool) -> Union[str, QgsProcessingFeatureSourceDefinition]:
    """A layer as an algorithm's parameter takes it: all of its features, or only the selected ones."""
    return QgsProcessingFeatureSourceDefinition(layer_id, True) if selected else layer_id


def units() -> list[tuple[str, str]]:
    """The units of a distance: (code, name)."""
    return [
        ("m", tr("metres")),
        ("km", tr("kilometres")),
        ("mi", tr("miles")),
        ("ft", tr("feet")),
        (LAYER_UNITS, tr("units of the layer")),
    ]


@dataclass
class StoreChoices:
    """Namespace and time to live (seconds, 0 keeps)."""

    namespace: str = DEFAULT_NAMESPACE
    ttl: int = field(default=DEFAULT_TTL, metadata={"low": 0})

    def parameters(self) -> Parameters:
        """The parameters of the algorithm that say these choices."""
        return {"NAMESPACE": self.namespace, "TTL": self.ttl}

    @classmethod
    def remembered(cls) -> StoreChoices:
        """The choices of last time."""
        return _load(cls, "buffer/")

    def remember(self) -> None:
        """Keep the choices for the next time."""
        _save(self, "buffer/")

    def problem(self) -> str:
        """What keeps results from being kept so, in words; empty where nothing does."""
        from ...core.cache.namespaces import is_name

        return (
            ""
            if is_name(self.namespace)
            else tr("A namespace is made of letters, digits, - and _ (at most 64).")
        )


@dataclass
class BufferChoices:
    """A buffer as the dock describes it. ``expression`` (in ``unit``) wins over ``distance`` where it is not
    empty."""

    distance: float = 1.0
    unit: str = field(default="km", metadata={"among": (*_UNITS, LAYER_UNITS)})
    expression: str = ""
    segments: int = field(default=8, metadata={"low": 1})
    cap: int = field(default=0, metadata={"low": 0, "high": 2})
    join: int = field(default=0, metadata={"low": 0, "high": 2})
    mitre_limit: float = field(default=2.0, metadata={"low": 1.0})
    dissolve: bool = False
    geodesic: bool = False
    store: StoreChoices = field(default_factory=StoreChoices)

    operation = "buffer"
    algorithm = "redisgeo:cachedbuffer"

    @classmethod
    def remembered(cls) -> BufferChoices:
        """The choices of last time."""
        return _load(cls, "buffer/")

    def remember(self) -> None:
        """Keep the choices for the next time."""
        _save(self, "buffer/")

    def on_ellipsoid(self, layer: QgsVectorLayer) -> bool:
        """Metres and the like on a layer in degrees can only be measured on the ellipsoid."""
        return self.unit != LAYER_UNITS and (self.geodesic or layer.crs().isGeographic())

    def factor(self, layer: QgsVectorLayer) -> float:
        """What the distance is multiplied with: into metres on the ellipsoid, else into the layer's units."""
        if self.unit == LAYER_UNITS:
            return 1.0
        target = (
            QgsUnitTypes.DistanceUnit.DistanceMeters if self.on_ellipsoid(layer) else layer.crs().mapUnits()
        )
        return QgsUnitTypes.fromUnitToUnitFactor(_UNITS[self.unit], target)

    def problem(self, layer: QgsVectorLayer) -> str:
        """What keeps this from being run on a layer, in words; empty where nothing does."""
        if self.unit != LAYER_UNITS and not layer.crs().isValid():
            return tr(
                "{layer} has no CRS, so a distance in {unit} means nothing. Set its CRS, or use its own "
                "units."
            ).format(layer=layer.name(), unit=dict(units())[self.unit])
        if (
            self.expression
        ):  # one that fails would silently be taken as the default distance, as native:buffer does
            expression = QgsExpression(self.expression)
            if expression.hasParserError():
                return tr("The expression of the distance is not right: {why}").format(
                    why=expression.parserErrorString()
                )
            unknown = [
                f for f in expression.referencedColumns() if f != "*" and layer.fields().lookupField(f) < 0
            ]
            if unknown:
                return tr(
                    "The expression of the distance names fields that {layer} does not have: {fields}"
                ).format(layer=layer.name(), fields=", ".join(sorted(unknown)))
        return ""

    def parameters(self, layer: QgsVectorLayer) -> Parameters:
        """The parameters of redisgeo:cachedbuffer without INPUT and OUTPUT."""
        factor = self.factor(layer)
        distance: Union[float, QgsProperty] = self.distance * factor
        if (
            self.expression
        ):  # where it gives nothing the distance beside it counts, as with all expressions of QGIS's forms
            distance = QgsProperty.fromExpression(
                f"coalesce(try(({self.expression}) * {factor!r}), {distance!r})"
            )
        return {
            "DISTANCE": distance,
            "SEGMENTS": self.segments,
            "END_CAP_STYLE": self.cap,
            "JOIN_STYLE": self.join,
            "MITER_LIMIT": self.mitre_limit,
            "DISSOLVE": self.dissolve,
            "GEODESIC": self.on_ellipsoid(layer),
            **self.store.parameters(),
        }

    def for_jobs(self, layer: QgsVectorLayer) -> JsonObject:
        """The parameters of redisgeo:enqueuejobs, without INPUT: each feature is a job, so that none is
        dissolved."""
        parameters = self.parameters(layer)
        del parameters["DISSOLVE"]
        return parameters

    def title(self, layer: QgsVectorLayer) -> str:
        """The name of the result layer."""
        unit = (
            self.unit
            if self.unit != LAYER_UNITS
            else QgsUnitTypes.toAbbreviatedString(layer.crs().mapUnits())
        )
        distance = cut(one_line(self.expression), EXPRESSION_SHOWN) or f"{self.distance:g}"
        text = tr("Buffer {distance} {unit} of {layer}")
        if self.dissolve:
            text = tr("Buffer {distance} {unit} of {layer}, dissolved")
        return text.format(distance=distance, unit=unit, layer=layer.name())


@dataclass
class IntersectionChoices:
    """An intersection with another layer."""

    overlay: str = ""  # the id of the overlay layer
    overlay_selected: bool = False  # whether only its selected features are meant
    store: StoreChoices = field(default_factory=StoreChoices)

    operation = "intersection"
    algorithm = "redisgeo:cachedintersection"

    def remember(self) -> None:
        """Keep the choices for the next time."""
        self.store.remember()

    def parameters(self, layer: QgsVectorLayer) -> Parameters:  # noqa: ARG002 - as its twins
        """The parameters of redisgeo:cachedintersection without INPUT and OUTPUT."""
        return {"OVERLAY": source_of(self.overlay, self.overlay_selected), **self.store.parameters()}

    def for_jobs(self, layer: QgsVectorLayer) -> JsonObject:
        """The parameters of redisgeo:enqueuejobs, without INPUT."""
        return self.parameters(layer)

    def title(self, layer: QgsVectorLayer) -> str:
        """The name of the result of a layer."""
        overlay = QgsProject.instance().mapLayer(self.overlay)
        if overlay is None:
            return tr("Intersection of {layer}").format(layer=layer.name())
        return tr("Intersection of {layer} with {overlay}").format(layer=layer.name(), overlay=overlay.name())


def _load(cls: type, group: str) -> Any:
    values = {}
    for part in fields(cls):
        if part.name == "store":
            values["store"] = _load(StoreChoices, group)
            continue
        usual: Any = part.default
        name, bounds = ROOT + group + part.name, part.metadata
        value = kept(name, usual, bounds.get("low"), bounds.get("high"))
        values[part.name] = value if value in bounds.get("among", (value,)) else usual
    return cls(**values)


def _save(choices: Any, group: str) -> None:
    values = asdict(choices)
    if "store" in values:
        values.update(asdict(choices.store))
        del values["store"]
    keep({ROOT + group + name: value for name, value in values.items()})
