"""GEO sets and QGIS: ellipsoids, areas and centres from layers, layers from hits."""
