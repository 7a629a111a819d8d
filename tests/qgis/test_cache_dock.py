"""The Cache dock and the toolbar action, as a user works them."""

from __future__ import annotations

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QAction


@pytest.fixture
def squares():
    layer = QgsVectorLayer("Polygon?crs=EPSG:3857&field=name:string", "squares", "memory")
    features = []
    for i in range(40):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([f"s{i}"])
        feature.setGeometry(QgsGeometry.fromWkt(f"Polygon(({i} 0,{i + 1} 0,{i + 1} 1,{i} 1,{i} 0))"))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    return layer


@pytest.fixture
def dock(plugin):
    component = next(c for c in plugin.components if type(c).__name__ == "CacheComponent")
    component.dock.show()
    component.dock.build()
    return component.dock


def results():
    return [layer for layer in QgsProject.instance().mapLayers().values() if layer.name().startswith("Buffer")]


def test_the_action_buffers_the_selection_and_the_second_time_it_is_read(plugin, iface, dock, squares, wait_until):
    iface.setActiveLayer(squares)
    squares.selectByIds([f.id() for f in squares.getFeatures()][:38])
    action = iface.mainWindow().findChild(QAction, "redis_geo_buffer_selected")
    action.trigger()
    wait_until(lambda: len(results()) == 1 and not dock._runner.running)
    assert results()[0].featureCount() == 38
    assert "0 of 38 from the cache, 38 computed" in dock.form.outcome.text()
    squares.selectAll()
    action.trigger()
    wait_until(lambda: len(results()) == 2 and not dock._runner.running)
    assert "38 of 40 from the cache, 2 computed" in dock.form.outcome.text()
    iface.bar.take_messages()
