"""Runs steps natively and by the engine, and layers to run them on."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsProperty,
)

from redis_geo_plugin.bridge.steps import engine, ways
from redis_geo_plugin.bridge.steps.ways import ProvedWay, Way
from redis_geo_plugin.core.steps import costs
from tests.peers.battery import native_run, outputs_of
from tests.support.layers import layer_of

HERE = (ways.running_version(),)
BLIND = ("fixgeometries", "simplifygeometries", "reprojectlayer", "offsetline", "centroids", "addxyfields")
SEEING = (
    "fieldcalculator",
    "deletecolumn",
    "retainfields",
    "geometrybyexpression",
    "refactorfields",
    "translategeometry",
)
NEARBY = (
    "intersection",
    "difference",
    "clip",
    "countpointsinpolygon",
    "extractbylocation",
    "joinattributesbylocation",
)
GROUPS = ("dissolve", "collect", "aggregate")
TABLE = {
    **{f"native:{name}": ProvedWay(Way.ROWS, HERE, True) for name in BLIND},
    **{f"native:{name}": ProvedWay(Way.ROWS, HERE) for name in (*SEEING, "buffer")},
    **{f"native:{name}": ProvedWay(Way.NEARBY, HERE) for name in NEARBY},
    **{f"native:{name}": ProvedWay(Way.GROUPS, HERE) for name in GROUPS},
    **{f"native:{name}": ProvedWay(Way.WHOLE, HERE) for name in ("orderbyexpression", "joinattributestable", "multiparttosingleparts")},
}  # fmt: skip


@pytest.fixture
def proved(monkeypatch, algorithms):
    """The ways of this file, and every cost worth it."""
    monkeypatch.setattr(ways, "table", lambda: TABLE)
    monkeypatch.setattr(engine, "table", lambda: TABLE)
    monkeypatch.setattr(costs, "rows_pay", lambda _costs: True)
    monkeypatch.setattr(costs, "whole_pays", lambda *_: True)


class Runner:
    """Runs algorithms natively and by the engine, on one server."""

    def __init__(self, settings):
        self.settings = settings
        self.context = QgsProcessingContext()

    def run(self, name, given, settings=None, parallel=True, feedback=None):
        self.context = QgsProcessingContext()
        self.context.setProject(QgsProject.instance())
        self.prepare(self.context)
        algorithm = QgsApplication.processingRegistry().algorithmById(f"native:{name}")
        options = engine.StepOptions(settings=settings, parallel=parallel)
        outcome = engine.run(
            algorithm,
            {"OUTPUT": "memory:", **given},
            self.context,
            feedback or QgsProcessingFeedback(),
            options,
        )
        return outputs_of(algorithm, outcome.outputs, self.context), outcome

    def cached(self, name, given, **more):
        return self.run(name, given, self.settings, **more)

    @staticmethod
    def prepare(context):
        """What a test changes of the context."""


@pytest.fixture
def runner(proved, one_server):
    made = Runner(one_server.settings())
    yield made
    made.context = QgsProcessingContext()  # its layers go before QGIS does


def native(name, given):
    found = native_run(
        QgsApplication.processingRegistry().algorithmById(f"native:{name}"), {"OUTPUT": "memory:", **given}
    )
    assert found is not None
    return found


def circles(count=30, size=0.8, crs="EPSG:3857", fields="name:string,kind:int,size:double"):
    """Round polygons in a row, each over the next."""
    shapes = [QgsGeometry.fromWkt(f"Point({i} {i % 3})").buffer(size, 12) for i in range(count)]
    return layer_of(shapes, crs=crs, rows=[(f"f{i}", i % 4, i / 3) for i in range(count)], fields=fields)


def points(count=80):
    return layer_of([f"Point({i / 3} {i % 4 - 0.5})" for i in range(count)], "Point")


def cases():
    box = layer_of(["Polygon((3 -2, 20.5 -2, 20.5 1.5, 3 1.5, 3 -2))"])
    return {
        "fixgeometries": {"INPUT": circles()},
        "simplifygeometries": {"INPUT": circles(), "TOLERANCE": 0.1},
        "reprojectlayer": {"INPUT": circles(), "TARGET_CRS": "EPSG:4326"},
        "centroids": {"INPUT": circles()},
        "addxyfields": {"INPUT": points(), "CRS": "EPSG:4326"},
        "fieldcalculator": {"INPUT": circles(), "FIELD_NAME": "z", "FIELD_TYPE": 0, "FORMULA": '"size" * 2 + $area'},
        "deletecolumn": {"INPUT": circles(), "COLUMN": ["kind"]},
        "retainfields": {"INPUT": circles(), "FIELDS": ["size"]},
        "geometrybyexpression": {"INPUT": circles(), "EXPRESSION": 'buffer($geometry, "size")'},
        "translategeometry": {"INPUT": circles(), "DELTA_X": QgsProperty.fromExpression('"kind" * 2')},
        "buffer": {"INPUT": circles(), "DISTANCE": 0.5},
        "intersection": {"INPUT": circles(), "OVERLAY": circles(25, 0.6)},
        "difference": {"INPUT": circles(), "OVERLAY": circles(25, 0.4)},
        "clip": {"INPUT": circles(), "OVERLAY": box},
        "countpointsinpolygon": {"POLYGONS": circles(), "POINTS": points(), "FIELD": "n"},
        "extractbylocation": {"INPUT": circles(), "PREDICATE": [0], "INTERSECT": box},
        "joinattributesbylocation": {
            "INPUT": circles(), "JOIN": box, "PREDICATE": [0], "METHOD": 0, "NON_MATCHING": "memory:"
        },
        "dissolve": {"INPUT": circles(), "FIELD": ["kind"]},
        "collect": {"INPUT": circles(), "FIELD": ["kind"]},
        "aggregate": {
            "INPUT": circles(),
            "GROUP_BY": '"kind"',
            "AGGREGATES": [
                {"aggregate": "sum", "delimiter": ",", "input": '"size"', "length": 0, "name": "s", "precision": 0, "type": 6}
            ],
        },
        "orderbyexpression": {"INPUT": circles(), "EXPRESSION": '"name"'},
        "joinattributestable": {"INPUT": circles(), "FIELD": "name", "INPUT_2": circles(9), "FIELD_2": "name", "METHOD": 1},
    }  # fmt: skip
