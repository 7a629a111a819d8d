"""What the tests of the Search dock, the Browser, the locator and the expression functions share."""

from __future__ import annotations

from qgis.core import QgsFeature, QgsGeometry, QgsProject

PLACES = {
    "Central Park": (-73.9665, 40.7812),
    "Times Square": (-73.9855, 40.7580),
    "Statue of Liberty": (-74.0445, 40.6892),
}


def part(plugin, name):
    """A component of the loaded plugin, by the name of its class."""
    return next(c for c in plugin.components if type(c).__name__ == name)


def add_feature(layer, wkt):
    """The layer with one more feature, in the project and with all of its features selected."""
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    layer.dataProvider().addFeatures([feature])
    QgsProject.instance().addMapLayer(layer)
    layer.selectAll()
    return layer
