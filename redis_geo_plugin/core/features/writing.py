"""The values that a feature is published as, in each of the formats of ``redisgeo:publishfeatures``."""

from __future__ import annotations

import json
import struct
from enum import IntEnum
from typing import Callable, NamedTuple, Optional

from ..geometry import lists
from ..geometry.build import Mended
from ..geometry.normal import extents, kind_and_dimensions, normal
from ..json_types import JsonObject
from . import crs_names
from .formats.geojson import MEASURES
from .refusals import Refused, WhyRefused

GEOMETRY, SRID = "geom", "srid"  # the fields of a hash or document that hold the geometry
DEGREES = 4326


class PublishFormat(IntEnum):
    """How features are written: the values of the algorithm's FORMAT."""

    GEOJSON = 0  # a GeoJSON feature a key
    COLLECTION = 1  # one FeatureCollection in one key
    HASH = 2  # a hash a key, its geometry as WKT
    DOCUMENT = 3  # a RedisJSON document a key, its geometry as WKT
    WKB = 4  # a geometry a key, without attributes


class PublishRow(NamedTuple):
    """A feature to be written: its ``key`` (None: it has none; unused in a collection), its ``id`` for
    refusals and in a collection, its geometry as WKB of anyone, and its attributes as JSON has them.
    ``problem`` says why it cannot be written."""

    key: Optional[bytes]
    id: str
    wkb: Optional[bytes]
    attributes: JsonObject
    problem: Optional[WhyRefused] = None


class WrittenValue(NamedTuple):
    """What stands under a key: the words of the command that writes it, behind its name and key, and the
    fields of a hash that have no value."""

    words: list[bytes]
    without: list[bytes] = []


def feature_json(row: PublishRow, with_id: bool = False) -> str:
    """A GeoJSON feature as text. Raises Unsound for a geometry that is not sound, Refused for one beyond the
    globe."""
    feature: JsonObject = {"type": "Feature"}
    if with_id:
        feature["id"] = row.id
    feature["geometry"] = None
    if row.wkb is not None:
        shape = lists.known(lists.unfolded(_sound(row.wkb, DEGREES)), whole=True)
        feature["geometry"] = lists.geojson(shape)
        if shape.dimensions.m:
            feature["measures"] = MEASURES
    feature["properties"] = row.attributes
    return _json(feature)


def _geojson(row: PublishRow, _srid: int) -> WrittenValue:
    return WrittenValue([feature_json(row).encode()])


def _hash(row: PublishRow, srid: int) -> WrittenValue:
    """Each attribute a field: numbers and texts as they are, what JSON holds as JSON; none for NULL."""
    words, without = [GEOMETRY.encode(), _wkt(row, srid).encode()], []
    if srid:
        words += (SRID.encode(), b"%d" % srid)
    for name, value in row.attributes.items():
        field = name.encode("utf-8", "replace")
        if name in (GEOMETRY, SRID):
            field += b"_2"
        if value is None:
            without.append(field)
        else:
            words += (field, (value if isinstance(value, str) else _json(value)).encode())
    return WrittenValue(words, without)


def _document(row: PublishRow, srid: int) -> WrittenValue:
    document: JsonObject = {GEOMETRY: _wkt(row, srid)}
    if srid:
        document[SRID] = srid
    for name, value in row.attributes.items():
        document[name + "_2" if name in (GEOMETRY, SRID) else name] = value
    return WrittenValue([b"$", _json(document).encode()])


def _wkb(row: PublishRow, srid: int) -> WrittenValue:
    """PostGIS's WKB, with the SRID in it."""
    if row.wkb is None:
        raise Refused(WhyRefused.NO_GEOMETRY)
    wkb = _sound(row.wkb, srid)
    if not srid:
        return WrittenValue([wkb])
    kind, dimensions = kind_and_dimensions(wkb)
    code = kind | 0x80000000 * dimensions.z | 0x40000000 * dimensions.m | 0x20000000
    return WrittenValue([struct.pack("<BII", 1, code, srid) + wkb[5:]])


def _wkt(row: PublishRow, srid: int) -> str:
    return "" if row.wkb is None else lists.wkt(lists.known(lists.unfolded(_sound(row.wkb, srid))))


def _sound(raw: bytes, srid: int) -> bytes:
    """A geometry in the one form. Raises Unsound where it is not sound, Refused beyond the globe."""
    wkb = normal(raw, Mended()).wkb
    if crs_names.in_degrees(crs_names.of_srid(srid)):
        west, south, east, north = extents([wkb])[0].tolist()
        if west < -180.0 or east > 180.0 or south < -90.0 or north > 90.0:  # an empty one has NaN
            raise Refused(WhyRefused.OUT_OF_RANGE)
    return wkb


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str)


WRITERS: dict[PublishFormat, Callable[[PublishRow, int], WrittenValue]] = {
    PublishFormat.GEOJSON: _geojson,
    PublishFormat.HASH: _hash,
    PublishFormat.DOCUMENT: _document,
    PublishFormat.WKB: _wkb,
}
