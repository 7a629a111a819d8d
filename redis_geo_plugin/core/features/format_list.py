"""The formats of features by name. A new one is one file in ``formats`` with a subclass of ``FeatureFormat``,
and one line here.

Their titles stand here as well, because the form of ``redisgeo:readfeatures`` lists them at every start of
QGIS, which then imports none of the formats.
"""

from __future__ import annotations

# Module, class, what the class is made with, and the title on screen. The order is that of the choices of
# ``redisgeo:readfeatures``, which saved models name by their number: new ones come last.
REGISTERED: tuple[tuple[str, str, tuple[int, ...], str], ...] = (
    ("geojson", "GeoJson", (), "GeoJSON"),
    ("wkt", "Wkt", (), "WKT, EWKT"),
    ("wkb", "Wkb", (), "WKB, EWKB"),
    ("polyline", "Polyline", (5,), "Polyline, 5"),
    ("polyline", "Polyline", (6,), "Polyline, 6"),
    ("esri_json", "EsriJson", (), "Esri JSON"),
    ("topojson", "TopoJson", (), "TopoJSON"),
    ("lonlat", "LonLat", (), "longitude,latitude"),
)

TITLES: tuple[str, ...] = tuple(title for _, _, _, title in REGISTERED)
