"""Plain geometry without QGIS: WKB, GEOS, circles, distances on the ellipsoid, projections."""
