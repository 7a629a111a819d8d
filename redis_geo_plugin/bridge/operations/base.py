"""The descriptor of a cached operation, for the window, the algorithms and the jobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsFields, QgsGeometry, QgsProcessingUtils, QgsWkbTypes

from .. import compat

if TYPE_CHECKING:
    from ...core.operations import Operation


class Needs(Enum):
    """The additional input of an operation."""

    NOTHING = "nothing"
    NUMBER = "number"  # one number for all features, such as a tolerance
    GROUPS = "groups"  # fields by whose values the features are grouped
    OTHER = "other"  # another layer, as a whole
    PAIRS = "pairs"  # another layer, feature by feature
    BUFFER = "buffer"  # distance and style of a buffer


class Result(Enum):
    """The geometry type of the results."""

    SAME = "same"  # the layer's own
    MULTI = "multi"  # the multi-part form of the layer's
    POINT = "point"
    LINE = "line"  # multi-part
    POLYGON = "polygon"  # multi-part
    SINGLE_POLYGON = "single polygon"


@dataclass(frozen=True)
class NumberParameter:
    """The number of an operation that needs one: a distance in the units of the layer."""

    key: str  # of the parameter, as the native algorithm has it
    label: Callable[[], str]
    help: Callable[[], str]
    default: float = 1.0
    most: float = 1e300


@dataclass(frozen=True)
class MethodParameter:
    """The choice of a method, of which the first alone is what the cached operation does. QGIS itself does
    the others, on the spot."""

    key: str  # of the parameter, as the native algorithm has it
    label: Callable[[], str]
    help: Callable[[], str]
    names: Callable[[], list[str]]
    by_qgis: Callable[[int], Callable[[QgsGeometry, float], QgsGeometry]]  # by the number of the method


@dataclass(frozen=True)
class OwnField:
    """A field for real numbers that results carry beside those of the layer."""

    name: str
    length: int = 0
    precision: int = 0


def _no_options() -> Mapping[str, object]:
    return {}


def _no_values(_geometry: QgsGeometry) -> Sequence[object]:
    return ()


def _settled(_before: QgsGeometry, after: QgsGeometry) -> tuple[QgsGeometry, Optional[str]]:
    return after, None


@dataclass(frozen=True)
class Offered:
    """A cached operation as it is offered to users.

    Args:
        name: of the operation in ``core.operations.OPERATIONS``; the algorithm is ``redisgeo:cached<name>``.
        label: the operation for people, in their language.
        what: what it does, in a sentence or two.
        needs: what it needs beside a layer; decides about the forms and the parameters.
        result: the geometry type of the results.
        native: the id of the native algorithm that gives the same results.
        number: the parameter of an operation that needs a number.
        method: the choice between this operation and others that QGIS does on the spot.
        own_fields: real fields that the results carry beside those of the layer.
        measure: the values of these fields, of one result.
        by_qgis: the same by QGIS itself, of a geometry and a number: for empty ones, and where GEOS fails.
        settle: of a geometry and its result, the result as the native algorithm has it, and what that
            reports; None for nothing.
        split: of a result (WKB), the geometries of several features, each with the place of the feature of
            the other layer that it belongs to; None where a result is that of one feature.
        renames: whether an own field whose name is taken gets another, as some native algorithms do it; else
            it is left out.
        checks_validity: whether invalid geometries are treated as the parameter or the options ask for.
        disjoint: whether parts that do not touch may become features of their own (SEPARATE_DISJOINT).
        options: further parameters of the operation, that depend on the running QGIS.
        icon: the name of a picture in resources/icons.
    """

    name: str
    label: Callable[[], str]
    what: Callable[[], str]
    needs: Needs = Needs.NOTHING
    result: Result = Result.SAME
    native: str = ""
    number: Optional[NumberParameter] = None
    method: Optional[MethodParameter] = None
    own_fields: tuple[OwnField, ...] = ()
    measure: Callable[[QgsGeometry], Sequence[object]] = _no_values
    by_qgis: Optional[Callable[[QgsGeometry, float], QgsGeometry]] = None
    settle: Callable[[QgsGeometry, QgsGeometry], tuple[QgsGeometry, Optional[str]]] = _settled
    split: Optional[Callable[[Optional[bytes]], list[tuple[int, QgsGeometry]]]] = None
    renames: Callable[[], bool] = lambda: False
    checks_validity: bool = True
    disjoint: bool = False
    options: Callable[[], Mapping[str, object]] = _no_options
    icon: str = "cache"

    @property
    def algorithm(self) -> str:
        """The id of the cached algorithm."""
        return f"redisgeo:cached{self.name}"

    @property
    def multi(self) -> bool:
        """Whether results are multi-part geometries, whatever was computed."""
        return self.result in (Result.MULTI, Result.LINE, Result.POLYGON)

    def make(self, crs: str) -> Operation:
        """The operation with this QGIS's parameters; ``crs`` as ``bridge.cache.run.crs_name`` has it. The
        buffer, whose parameters the user sets, is made elsewhere."""
        from ...core.operations import OPERATIONS

        return OPERATIONS[self.name](crs=crs, **self.options())  # type: ignore[call-arg]

    def result_type(self, source: QgsWkbTypes.Type) -> QgsWkbTypes.Type:
        """The geometry type of the results, for sources of this type."""
        if self.result is Result.SAME:
            return source
        if self.result is Result.MULTI:
            return QgsWkbTypes.multiType(source)
        return {
            Result.POINT: QgsWkbTypes.Type.Point,
            Result.LINE: QgsWkbTypes.Type.MultiLineString,
            Result.POLYGON: QgsWkbTypes.Type.MultiPolygon,
            Result.SINGLE_POLYGON: QgsWkbTypes.Type.Polygon,
        }[self.result]

    def fits(self, geometry: QgsGeometry) -> bool:
        """Whether a layer of results takes this one, as far as its kind goes."""
        if self.result is not Result.SINGLE_POLYGON or geometry.isNull():
            return True
        return bool(QgsWkbTypes.flatType(geometry.wkbType()) == QgsWkbTypes.Type.Polygon)

    def result_fields(self, fields: QgsFields) -> QgsFields:
        """The source's fields and the operation's own."""
        result, own = QgsFields(fields), QgsFields()
        for one in self.own_fields:
            own.append(compat.field(one.name, compat.DOUBLE, one.length, one.precision))
        if self.renames():
            return QgsProcessingUtils.combineFields(result, own)
        for one in own:
            result.append(one)  # but for those whose name is taken
        return result

    def own_values(self, geometry: QgsGeometry, taken: Collection[str] = ()) -> list[object]:
        """The values of the operation's own fields, measured in the plane as the native algorithms do; NULL
        without a geometry. A field whose name is ``taken`` by the layer is not one of them, unless it gets
        another."""
        none = geometry.isNull()
        values = [compat.NULL] * len(self.own_fields) if none else self.measure(geometry)
        left_out = () if self.renames() else taken
        return [value for own, value in zip(self.own_fields, values) if own.name not in left_out]
