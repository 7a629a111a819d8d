"""The real differences between QGIS 3.22 and 4, each in one place."""

from __future__ import annotations

from typing import Any

import qgis.core
from qgis.core import (
    Qgis,
    QgsField,
    QgsMapLayerType,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingModelChildParameterSource,
    QgsVectorLayerTemporalProperties,
)
from qgis.PyQt.QtCore import QMetaType, QVariant

FieldKind = Any  # QMetaType.Type, before QGIS 3.38 QVariant.Type
_QMETATYPE_FIELDS = Qgis.QGIS_VERSION_INT >= 33800


def _kind(name: str, old: str) -> FieldKind:
    if _QMETATYPE_FIELDS:
        return getattr(QMetaType.Type, name)
    return getattr(QVariant, old)


def kind(number: int) -> FieldKind:
    """The kind of a field by its number, which Qt 5 and Qt 6 share."""
    return QMetaType.Type(number) if _QMETATYPE_FIELDS else QVariant.Type(number)  # noqa: QGS402 - Qt 5's way


STRING = _kind("QString", "String")
INTEGER = _kind("Int", "Int")
LONG = _kind("LongLong", "LongLong")
DOUBLE = _kind("Double", "Double")
BOOLEAN = _kind("Bool", "Bool")
DATE = _kind("QDate", "Date")
DATETIME = _kind("QDateTime", "DateTime")
TIME = _kind("QTime", "Time")

NULL = QVariant() if not _QMETATYPE_FIELDS else None  # noqa: QGS410 - what 3.22 takes for a null


# Moved in QGIS 3.30.
_layer_types = getattr(Qgis, "LayerType", None)
VECTOR_LAYER = _layer_types.Vector if _layer_types is not None else QgsMapLayerType.VectorLayer

# Where the value of a step's parameter comes from. Moved in QGIS 3.34, which left no name at the old place.
ParameterSource: Any = getattr(
    Qgis,
    "ProcessingModelChildParameterSource",
    getattr(QgsProcessingModelChildParameterSource, "Source", None),
)

# How geometries are overlaid on a grid, since QGIS 3.28.
GeometryParameters: Any = getattr(qgis.core, "QgsGeometryParameters", None)

# Whether the error of a model that fails holds the reason of the step that failed.
MODELS_SAY_WHY = Qgis.QGIS_VERSION_INT >= 33400


def field(name: str, kind: FieldKind, length: int = 0, precision: int = 0) -> QgsField:
    """A field of one of the kinds above. QGIS 3.38 changed the type of the argument from QVariant to
    QMetaType."""
    result = QgsField(name, kind)
    if length:
        result.setLength(length)
    if precision:
        result.setPrecision(precision)
    return result


def number(enumerator: Any) -> int:
    """The number of an enumerator or of flags, which Qt 5 and Qt 6 share. int() of one is an error in
    PyQt6."""
    return int(getattr(enumerator, "value", enumerator))


def is_null(value: object) -> bool:
    """Whether an attribute value is NULL (QVariant null on Qt5, None on newer versions)."""
    return value is None or (isinstance(value, QVariant) and value.isNull())


def temporal_mode(name: str) -> Any:
    """How a layer's fields hold time, such as ``FeatureDateTimeInstantFromField``; the enumeration moved in
    QGIS 3.22+."""
    modes = getattr(Qgis, "VectorTemporalMode", None)
    return (
        getattr(modes, name)
        if modes is not None
        else getattr(QgsVectorLayerTemporalProperties, "Mode" + name)
    )


def field_names(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> list[str]:
    """The value of a parameter for several fields, under the name that the method has in this version."""
    read = getattr(algorithm, "parameterAsStrings", None) or algorithm.parameterAsFields
    return read(parameters, name, context)
