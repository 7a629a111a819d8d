"""A run that ends with an exception holds nothing: QGIS has four connections to a file and waits for ever for the fifth."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeatureRequest,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from redis_geo_plugin.processing.releasing import release
from tests.support.layers import layer_of

BOW_TIE = "Polygon((3 3,5 5,5 3,3 5,3 3))"
SQUARE = "Polygon((0 0,2 0,2 2,0 2,0 0))"
TIMES = 6


@pytest.fixture
def broken(tmp_path):
    """A layer in a GeoPackage whose second feature is invalid."""
    path = str(tmp_path / "in.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    context = QgsProject.instance().transformContext()
    layer = layer_of([SQUARE, BOW_TIE, SQUARE], "Polygon", "EPSG:4326")
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, context, options)
    return QgsVectorLayer(path, "broken", "ogr")


@pytest.mark.parametrize(
    ("id", "more"),
    [
        ("redisgeo:cachedintersection", {"OVERLAY": "INPUT"}),
        ("redisgeo:areasearch", {"KEY": "locations", "AREAS": "INPUT"}),
    ],
)
@pytest.mark.timeout(60)  # it would stand still
def test_runs_that_stop_at_an_invalid_geometry_go_on_being_possible(
    algorithms, places, saved_connection, broken, id, more
):
    given = {key: broken if value == "INPUT" else value for key, value in more.items()}
    given = {**given, "INPUT": broken} if "AREAS" not in given else given
    for _ in range(TIMES):
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        context.setInvalidGeometryCheck(QgsFeatureRequest.InvalidGeometryCheck.GeometryAbortOnInvalid)
        algorithm = QgsApplication.processingRegistry().createAlgorithmById(id)
        _, ok = algorithm.run({**given, "OUTPUT": "memory:"}, context, QgsProcessingFeedback(False))
        assert not ok
    assert broken.featureCount() == 3 and len(list(broken.getFeatures())) == 3


def test_every_method_that_qgis_calls_lets_go(algorithms):
    """A new override of these needs the decorator too."""
    provider = QgsApplication.processingRegistry().providerById("redisgeo")
    for algorithm in provider.algorithms():
        for kind in type(algorithm).__mro__:
            for name in ("prepareAlgorithm", "processAlgorithm"):
                method = vars(kind).get(name)
                if method is not None and kind.__module__.startswith("redis_geo_plugin"):
                    assert hasattr(method, "__wrapped__"), f"{kind.__name__}.{name}"


def test_frames_of_the_cause_are_cleared_too():
    class Held:
        pass

    alive = []

    def deep():
        held = Held()
        held.gone = alive
        import weakref

        alive.append(weakref.ref(held))
        raise ValueError("deep")

    def outer():
        try:
            deep()
        except ValueError as error:
            raise RuntimeError("outer") from error

    with pytest.raises(RuntimeError) as caught:
        outer()
    assert alive[0]() is not None
    release(caught.value)
    assert alive[0]() is None
