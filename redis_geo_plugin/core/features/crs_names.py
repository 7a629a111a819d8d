"""The names that values give to a coordinate reference system (CRS), as one text such as ``EPSG:2154``.

Coordinates are always x before y. ``OGC:CRS84`` and EPSG:4326 are the same then, and have one name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..geometry import projections
from ..json_types import Value

DEGREES = "EPSG:4326"  # longitude before latitude, as GeoJSON has them (RFC 7946, 4)
UNKNOWN = "?"  # a CRS is named, and nobody knows it
_LONGEST = 5000  # characters of a CRS as WKT
_NAME = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/|)"
    r"(?P<authority>EPSG|ESRI|IGNF|OGC|AUTHORITY)[:/](?:[0-9.]*[:/])?(?P<code>[A-Za-z0-9_]{1,40})",
    re.IGNORECASE,
)
_NUMBERED = frozenset(("EPSG", "ESRI"))  # authorities whose codes are numbers
_LARGEST_EPSG = 32_768  # https://epsg.org: codes above are those of users
_OF_ESRI = {102100: 3857, 102113: 3857, 900913: 3857}  # older numbers of Web Mercator


def of_srid(srid: int) -> str:
    """The CRS of an SRID of PostGIS; empty for 0."""
    if not srid:
        return ""
    srid = _OF_ESRI.get(srid, srid)
    return f"EPSG:{srid}" if srid < _LARGEST_EPSG else f"ESRI:{srid}"


def of_name(name: Value) -> str:
    """The CRS of a name: ``EPSG:2154``, a URN or a URI of OGC's; UNKNOWN for what is none."""
    found = _NAME.fullmatch(name.strip()) if isinstance(name, str) else None
    if found is None:
        return UNKNOWN
    authority, code = found["authority"].upper(), found["code"].upper()
    return DEGREES if code in ("CRS84", "CRS84H", "84", "4326") else f"{authority}:{code}"


def of_esri(reference: Value) -> str:
    """The CRS of a ``spatialReference`` of Esri JSON; empty for none.

    https://developers.arcgis.com/documentation/common-data-types/geometry-objects.htm
    """
    if not isinstance(reference, dict):
        return ""
    number = reference.get("latestWkid") or reference.get("wkid")
    if type(number) is int and 0 < number < 10**7:
        return of_srid(number)
    text = reference.get("wkt") or reference.get("wkt2")
    return text if isinstance(text, str) and 0 < len(text) < _LONGEST else ""


@lru_cache(200)
def is_known(crs: str) -> bool:
    """Whether this names a CRS."""
    return in_degrees(crs) is not None


@lru_cache(200)
def in_degrees(crs: str) -> bool | None:
    """Whether a CRS has degrees of longitude and latitude; None for an unknown one."""
    if crs == DEGREES:
        return True
    if not crs or crs == UNKNOWN:
        return None
    authority, _, code = crs.partition(":")
    try:
        if authority in _NUMBERED and code.isdigit() and not projections.is_registered(authority, code):
            return None
        return projections.to_geographic(crs) is None
    except Exception:  # pyproj's CRSError, and what it lets through for odd texts
        return None
