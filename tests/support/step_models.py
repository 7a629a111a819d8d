"""Models of Processing for tests and benchmarks: built here, saved where QGIS finds them."""

from __future__ import annotations

import shutil
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessing,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterDistance,
    QgsProcessingParameterFeatureSource,
)

PLANE = "EPSG:6933"  # metres, all of the world
VALUE = QgsProcessingModelChildParameterSource.fromStaticValue
GIVEN = QgsProcessingModelChildParameterSource.fromModelParameter
OF = QgsProcessingModelChildParameterSource.fromChildOutput


def model(name, inputs=("INPUT",), group="tests"):
    """A model without steps, with a layer for each of its inputs."""
    made = QgsProcessingModelAlgorithm(name, group)
    for key in inputs:
        source = QgsProcessingParameterFeatureSource(key, key.title(), [QgsProcessing.TypeVectorAnyGeometry])
        made.addModelParameter(source, QgsProcessingModelParameter(key))
    return made


def output_key(child_id, name):
    """The key of a model's output: newer versions of QGIS leave out the step, and capitals."""
    return f"{child_id}:{name}" if Qgis.QGIS_VERSION_INT < 33400 else name.lower()


def add_distance(made, key="DISTANCE", default=2000.0):
    made.addModelParameter(
        QgsProcessingParameterDistance(key, key, default), QgsProcessingModelParameter(key)
    )


def step(made, child_id, algorithm, outputs=None, title="", **sources):
    """Add a step. ``sources``: a value, or ``("INPUT",)`` for a parameter of the model, or ``("fix", "OUTPUT")`` for the
    output of a step. ``outputs``: name of the model's output -> name of the step's."""
    child = QgsProcessingModelChildAlgorithm(algorithm)
    child.setChildId(child_id)
    child.setDescription(title or child_id)
    for key, given in sources.items():
        if isinstance(given, tuple):
            child.addParameterSources(key, [GIVEN(*given) if len(given) == 1 else OF(*given)])
        else:
            child.addParameterSources(key, [VALUE(given)])
    made_outputs = {}
    for name, key in (outputs or {}).items():
        output = QgsProcessingModelOutput(name, name)
        output.setChildId(child_id)
        output.setChildOutputName(key)
        made_outputs[name] = output
    child.setModelOutputs(made_outputs)
    made.addChildAlgorithm(child)
    made.updateDestinationParameters()
    return made


def nine_steps(name="nine steps", distance=2000.0, tolerance=500.0):
    """Regions: states and countries made sound, flat and simple, buffered, intersected, points counted, dissolved."""
    made = model(name, ("STATES", "COUNTRIES", "POINTS"))
    add_distance(made, default=distance)
    step(made, "fix", "native:fixgeometries", INPUT=("STATES",))
    step(made, "flat", "native:reprojectlayer", INPUT=("fix", "OUTPUT"), TARGET_CRS=PLANE)
    step(made, "simple", "native:simplifygeometries", INPUT=("flat", "OUTPUT"), METHOD=0, TOLERANCE=tolerance)
    step(
        made,
        "wide",
        "native:buffer",
        INPUT=("simple", "OUTPUT"),
        DISTANCE=("DISTANCE",),
        SEGMENTS=5,
        END_CAP_STYLE=0,
        JOIN_STYLE=0,
        MITER_LIMIT=2,
        DISSOLVE=False,
    )
    step(made, "fix lands", "native:fixgeometries", INPUT=("COUNTRIES",))
    step(made, "flat lands", "native:reprojectlayer", INPUT=("fix lands", "OUTPUT"), TARGET_CRS=PLANE)
    step(
        made,
        "cut",
        "native:intersection",
        INPUT=("wide", "OUTPUT"),
        OVERLAY=("flat lands", "OUTPUT"),
        OVERLAY_FIELDS_PREFIX="land_",
    )
    step(
        made,
        "count",
        "native:countpointsinpolygon",
        {"counted": "OUTPUT"},
        POLYGONS=("cut", "OUTPUT"),
        POINTS=("POINTS",),
        FIELD="NUMPOINTS",
    )
    step(
        made,
        "unite",
        "native:dissolve",
        {"united": "OUTPUT"},
        INPUT=("count", "OUTPUT"),
        FIELD=["land_iso_a2"],
    )
    return made


def save(made, folder=None):
    """Put a model where QGIS finds the user's own; returns its file."""
    folder = Path(folder or Path(QgsApplication.qgisSettingsDirPath()) / "processing" / "models")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{made.name().replace(' ', '_')}.model3"
    assert made.toFile(str(file))
    provider = QgsApplication.processingRegistry().providerById("model")
    if provider is not None:
        provider.refreshAlgorithms()
    return file


def forget_all():
    """Delete the user's own models."""
    shutil.rmtree(Path(QgsApplication.qgisSettingsDirPath()) / "processing" / "models", ignore_errors=True)
    provider = QgsApplication.processingRegistry().providerById("model")
    if provider is not None:
        provider.refreshAlgorithms()
