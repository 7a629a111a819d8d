"""What the Search panel says of layers, centres and limits; sets that were just loaded; the project's end."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt, QVariant
from qgis.PyQt.QtWidgets import QApplication

from tests.support.search_dock import add_feature, part

STATIONS = {"Battery": "POINT(-74.015 40.703)", "Columbus Circle": "POINT(-73.982 40.768)"}


@pytest.fixture
def search(metric_search):
    return metric_search


@pytest.fixture
def stations(search, iface):
    """Two named points, in the project, selected and active."""
    layer = QgsVectorLayer("Point?crs=EPSG:4326", "Stations", "memory")
    layer.dataProvider().addAttributes([QgsField("name", QVariant.String)])
    layer.updateFields()
    for name, wkt in STATIONS.items():
        feature = QgsFeature(layer.fields())
        feature.setAttributes([name])
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        layer.dataProvider().addFeatures([feature])
    layer.setDisplayExpression('"name"')
    QgsProject.instance().addMapLayer(layer)
    layer.selectAll()
    iface.setActiveLayer(layer)
    return layer


def headings(search):
    model = search.dock.model
    return [model.heading(column) for column in range(model.columnCount())]


def rows(search, *titles):
    model, places = search.dock.model, [headings(search).index(title) for title in titles]
    return [tuple(model.cell(row, at) for at in places) for row in range(model.rowCount())]


def ask(search, wait_until, kind, **values):
    form = search.dock.form
    form.sets.setEditText("locations")
    form.kind.setCurrentIndex(form.kind.findData(kind))
    form.center.setText(values.get("center", form.center.text()))
    form.unit.setCurrentText("km")
    form.radius.setValue(values.get("radius", 5))
    if "limit" in values:
        form.limit.setValue(values["limit"])
    search.dock.search.click()
    wait_until(lambda: search._task is None)


def test_each_row_and_each_copied_row_says_which_feature_it_belongs_to(search, stations, wait_until):
    ask(search, wait_until, "nearest_features", limit=1)
    ids = {f["name"]: str(f.id()) for f in stations.getFeatures()}
    expected = [
        ("Columbus Circle", ids["Columbus Circle"], "Times Square"),
        ("Battery", ids["Battery"], "Statue of Liberty"),
    ]
    assert rows(search, "Center", "Center id", "Member") == expected
    search.dock.table.sortByColumn(headings(search).index("Center"), Qt.SortOrder.AscendingOrder)
    assert rows(search, "Center")[0] == ("Battery",)
    search.dock.copy.click()
    first, second, _ = (line.split("\t") for line in QApplication.clipboard().text().split("\n"))
    assert first[:5] == ["Member", "Center", "Distance", "Bearing", "Center id"]
    assert (*second[:2], second[4]) == ("Statue of Liberty", "Battery", ids["Battery"])


def test_one_center_needs_no_column_and_added_centers_have_what_was_typed(search, wait_until):
    ask(search, wait_until, "radius", center="Central Park")
    assert headings(search)[:3] == ["Member", "Distance", "Bearing"]
    search.dock.form.add.setChecked(True)
    ask(search, wait_until, "radius", center="Statue of Liberty", radius=1)
    assert headings(search)[:3] == ["Member", "Center", "Distance"]
    assert ("Statue of Liberty", "Statue of Liberty") in rows(search, "Center", "Member")
    assert ("Central Park", "Times Square") in rows(search, "Center", "Member")


def test_areas_have_no_empty_columns_of_distances(search, iface, wait_until):
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "Areas", "memory")
    add_feature(layer, "POLYGON((-74.1 40.6,-74 40.6,-74 40.7,-74.1 40.7,-74.1 40.6))")
    iface.setActiveLayer(layer)
    ask(search, wait_until, "polygons")
    assert headings(search) == ["Member"] and rows(search, "Member") == [("Statue of Liberty",)]
    add_feature(layer, "POLYGON((-74 40.7,-73.9 40.7,-73.9 40.9,-74 40.9,-74 40.7))")
    ask(search, wait_until, "polygons")
    assert headings(search)[:2] == ["Member", "Area id"] and "Distance" not in headings(search)
    search.dock.form.add.setChecked(True)
    ask(search, wait_until, "radius", center="Central Park", radius=1)
    assert "Distance" in headings(search)  # of the last one
    search.dock.as_layer.click()
    wait_until(lambda: len(QgsProject.instance().mapLayers()) == 3)
    made = next(
        m for m in QgsProject.instance().mapLayers().values() if m.fields().lookupField("member") >= 0
    )
    assert {f["distance_m"] for f in made.getFeatures() if f["rank"] == 1 and f["distance_m"] == 0} == {0.0}


def test_the_panel_says_which_layer_and_how_many_features_are_meant(search, stations, iface):
    form = search.dock.form

    def shown(kind):
        form.kind.setCurrentIndex(form.kind.findData(kind))
        return None if form.meant.isHidden() else form.meant.text()

    assert shown("radius_features") == "Stations: 2 selected"
    stations.selectByIds([next(stations.getFeatures()).id()])
    assert form.meant.text() == "Stations: 1 selected"
    stations.removeSelection()
    assert form.meant.text() == "Stations: nothing selected"
    assert "holds no polygons" in shown("polygons") and "holds no lines" in shown("corridor")
    assert shown("radius") is None and shown("extent") is None and shown("drawn") is None
    lines = QgsVectorLayer("LineString?crs=EPSG:4326", "Ways", "memory")
    add_feature(lines, "LINESTRING(0 0, 1 1)")
    iface.setActiveLayer(lines)
    assert shown("corridor") == "Ways: 1 selected"
    QgsProject.instance().removeMapLayer(lines.id())
    QgsProject.instance().removeMapLayer(stations.id())
    assert "No vector layer" in form.meant.text()


def test_the_nearest_are_ten_unless_said_and_never_all(search):
    from redis_geo_plugin.gui.search.form import SearchForm

    def choose(form, kind):
        form.kind.setCurrentIndex(form.kind.findData(kind))

    form = search.dock.form
    choose(form, "radius")
    assert form.limit.text() == "all"
    choose(form, "nearest")
    assert form.limit.text() == "10" and form.limit.minimum() == 1
    form.limit.setValue(3)
    choose(form, "radius")
    assert form.limit.text() == "all"
    choose(form, "nearest_features")
    assert form.limit.text() == "3"
    form.save()
    again = SearchForm()
    assert again.limit.value() == 3
    choose(again, "extent")
    assert again.limit.text() == "all"
    again.deleteLater()


def test_a_set_that_was_just_loaded_is_in_the_list_and_the_locator_at_once(
    search, stations, plugin, wait_until
):
    from qgis.core import QgsFeedback, QgsLocatorContext, QgsLocatorResult

    members = part(plugin, "LocatorComponent").filter.clone()
    found = []
    members.resultFetched.connect(lambda result: found.append(QgsLocatorResult(result).displayString))
    members.fetchResults("batt", QgsLocatorContext(), QgsFeedback())
    assert found == []
    settings = search.context.connections.settings()
    values = {"INPUT": stations, "MEMBER_FIELD": "name", "KEY": "stations", "CONNECTION": settings.name}
    loading = QgsApplication.processingRegistry().createAlgorithmById("redisgeo:loadgeoset")
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    assert loading.run(values, context, QgsProcessingFeedback())[1]
    box = search.dock.form.sets
    wait_until(lambda: box.findText("stations") >= 0)
    assert box.currentText() == "locations"
    wait_until(
        lambda: "Battery" in (box.itemData(box.findText("stations"), Qt.ItemDataRole.ToolTipRole) or "")
    )
    members.fetchResults("batt", QgsLocatorContext(), QgsFeedback())
    assert found == ["Battery"]


def test_a_set_of_another_connection_is_not_put_into_the_list(search, spin):
    from redis_geo_plugin.bridge.geo.announcements import NEWS

    NEWS.written.emit("another", "elsewhere")
    spin(0.1)
    assert search.dock.form.sets.findText("elsewhere") < 0


def test_marks_rows_and_polygon_go_with_the_project(search, wait_until):
    ask(search, wait_until, "radius", center="Central Park")
    search.dock.table.selectRow(0)
    assert search.drawing.points.count() and search.drawing.area.asGeometry().area() > 0
    assert search.drawing.chosen.count() == 1 and search.drawing.center.isVisible()
    QgsProject.instance().clear()
    assert not search.drawing.points.count() and not search.drawing.chosen.count()
    assert not search.drawing.center.isVisible() and search.drawing.area.asGeometry().isEmpty()
    assert search.dock.model.rowCount() == 0 and search.results.answer is None
