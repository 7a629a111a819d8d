"""A CRS of QGIS as text, for keys of the cache and for pyproj, and back."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem

DEGREES = "EPSG:4326"
_KNOWN_TO_PYPROJ = ("EPSG:", "ESRI:", "IGNF:")


def key_text(crs: QgsCoordinateReferenceSystem) -> str:
    """The CRS as it stands in a key, and in a job: its authority code, else WKT2, empty for none.

    The number of a user's own CRS (``USER:100000``) is one of their profile and says nothing to others, so it
    is written as WKT2.
    """
    if not crs.isValid():
        return ""
    code = str(crs.authid())
    return code if code and not code.startswith("USER:") else _wkt(crs)


def pyproj_text(crs: QgsCoordinateReferenceSystem) -> str:
    """The same CRS for pyproj, which knows fewer authorities than QGIS: a code, else WKT2.

    Coordinates without a CRS and those of ``OGC:CRS84`` are taken for degrees of WGS 84; coordinates are
    always x before y here, so the two have one name.
    """
    if not crs.isValid() or crs.authid() == "OGC:CRS84":
        return DEGREES
    code = str(crs.authid())
    return code if code.startswith(_KNOWN_TO_PYPROJ) else _wkt(crs)


def from_text(text: str) -> QgsCoordinateReferenceSystem:
    """Return the CRS that one of these texts names; an invalid one for an empty or unknown text.

    QGIS takes WKT that has a line break, as some of PROJ's has, only where it is told that it is WKT.
    """
    if "[" in text:
        return QgsCoordinateReferenceSystem.fromWkt(text)
    return QgsCoordinateReferenceSystem(text)


def _wkt(crs: QgsCoordinateReferenceSystem) -> str:
    return str(crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED))
