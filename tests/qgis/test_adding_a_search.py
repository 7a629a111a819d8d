"""A new kind of search is one file and one line, as docs/development.md has it: dock, algorithm and layers find it."""

from __future__ import annotations

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject

from redis_geo_plugin.bridge.geo import kinds
from redis_geo_plugin.bridge.geo.kinds.kind import Where
from redis_geo_plugin.processing.geo_search import SearchAlgorithm
from tests.support.added import PAGES, ROOT, load, same_in_all_languages, steps

PLACE = ("redis_geo_plugin/bridge/geo/kinds", "ALL", "redis_geo_plugin/bridge/geo/kinds/__init__.py")


def test_the_pages_in_both_languages_add_the_same_file_and_one_line():
    assert same_in_all_languages(*PLACE) == "ring.KIND,"


@pytest.fixture
def added(tmp_path, monkeypatch):
    """The module of the page, and its descriptor at the end of ALL."""
    module = load(steps(PAGES[0], *PLACE)[0], tmp_path, monkeypatch)
    monkeypatch.setattr(kinds, "ALL", (*kinds.ALL, module.KIND))
    return module.KIND


def test_it_is_an_algorithm_of_the_provider(added, places, one_server, monkeypatch, algorithms):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    algorithms.refreshAlgorithms()
    made = algorithms.algorithm("ringsearch").create()
    assert made.displayName() == "Search a GEO set in a ring"
    assert {p.name() for p in made.parameterDefinitions()} == {
        "KEY", "CENTER", "CENTERS", "RADIUS", "UNIT", "METRIC", "OUTPUT", "CONNECTION",
    }  # fmt: skip
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    parameters = {
        "KEY": "locations", "CENTER": "-73.9665,40.7812 [EPSG:4326]", "RADIUS": 4, "UNIT": 1, "OUTPUT": "memory:"
    }  # fmt: skip
    results, good = made.run(parameters, context, QgsProcessingFeedback(), catchExceptions=False)
    layer = context.takeResultLayer(results["OUTPUT"])
    assert good and [f["member"] for f in layer.getFeatures()] == ["Times Square"]


def test_the_dock_searches_by_it_and_keeps_its_results(added, plugin, places, wait_until):
    component = next(c for c in plugin.components if type(c).__name__ == "SearchComponent")
    component.dock.build()
    form = component.dock.form
    row = form.kind.findData("ring")
    assert form.kind.itemText(row) == "in a ring around a point" and row == form.kind.count() - 1
    form.kind.setCurrentIndex(row)
    assert form.around_point() and not form.radius_row.isHidden() and not form.metric.isHidden()
    form.sets.setEditText("locations")
    form.center.setText("Central Park")
    form.radius.setValue(4)
    form.unit.setCurrentIndex(form.unit.findText("km"))
    component.search()
    wait_until(lambda: component.results.answer is not None)
    assert component.results.answer.names == ["Times Square"]
    component.results.keep()
    wait_until(lambda: QgsProject.instance().mapLayersByName("locations in a ring of 4 km"))
    (layer,) = QgsProject.instance().mapLayersByName("locations in a ring of 4 km")
    assert [f["member"] for f in layer.getFeatures()] == ["Times Square"]
    form.save()
    from redis_geo_plugin.gui.search.form import SearchForm

    assert SearchForm().kind.currentData() == "ring"


def test_every_kind_is_complete():
    names = [ask.name for _, ask in kinds.asks()]
    assert len(set(names)) == len(names) and names[:4] == [
        "radius",
        "radius_features",
        "nearest",
        "nearest_features",
    ]
    assert len({kind.name for kind in kinds.ALL}) == len(kinds.ALL)
    for kind in kinds.ALL:
        assert kind.asks and kind.title("s", "5 km", 10)
        assert all(ask.label() for ask in kind.asks)
        assert kind.takes_radius or not kind.needs_radius
        if kind.algorithm is not None:
            made = SearchAlgorithm(kind)
            made.initAlgorithm()
            assert made.displayName() and made.shortHelpString() and made.tags()
            assert all(p.help() for p in made.parameterDefinitions())
            assert kind.algorithm.layer.where in (Where.FEATURES, Where.LINES, Where.POLYGONS)


def test_every_file_of_a_kind_is_registered():
    folder = ROOT / "redis_geo_plugin/bridge/geo/kinds"
    files = {p.stem for p in folder.glob("*.py")} - {"__init__", "kind", "centers"}
    assert files == {kind.name for kind in kinds.ALL}


def test_the_keys_of_the_algorithms_stay():
    keys = {}
    for kind in kinds.ALL:
        if kind.algorithm is not None:
            made = SearchAlgorithm(kind)
            made.initAlgorithm()
            keys[made.name()] = [p.name() for p in made.parameterDefinitions()]
    assert keys == {
        "radiussearch": [
            "KEY",
            "CENTER",
            "CENTERS",
            "RADIUS",
            "UNIT",
            "LIMIT",
            "METRIC",
            "OUTPUT",
            "CONNECTION",
        ],
        "nearestmembers": ["KEY", "CENTERS", "NEIGHBORS", "METRIC", "OUTPUT", "CONNECTION"],
        "areasearch": ["KEY", "AREAS", "AREA", "OUTPUT", "CONNECTION"],
    }
