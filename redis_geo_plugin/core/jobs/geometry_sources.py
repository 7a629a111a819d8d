"""Where the geometry of a plain job is found: under a key (WKB, WKT or GeoJSON), or in a layer file.

Layer files are read with what a worker without QGIS has: GeoJSON through json, GeoPackage through sqlite3.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Optional, Protocol, Union

import shapely
from shapely.errors import ShapelyError

from .. import keys
from ..geometry import walk
from ..json_types import JsonValue
from ..redis.server import Server
from .model import BadJob, JobReason

LARGEST = 64_000_000  # bytes of a geometry
KEY_TEMPLATE = keys.ENTITIES + ":{id}"
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)

Id = Union[str, int]


class SourceError(Exception):
    """The geometry source cannot be used at all: no such file, no such layer, no such field."""


def decode_geometry(raw: bytes) -> bytes:
    """Convert a geometry in WKB, hexadecimal WKB, (E)WKT or GeoJSON (also a Feature) to two-dimensional
    little-endian WKB.

    The bytes are walked before a library parses them. Raises BadJob.
    """
    try:
        geometry = _read(raw)
    except walk.Unsound as error:
        raise BadJob(JobReason.BAD_GEOMETRY, str(error)) from error
    if geometry is None:
        raise BadJob(JobReason.BAD_GEOMETRY, "neither WKB, WKT nor GeoJSON")
    if not shapely.is_empty(geometry) and not _finite(geometry):
        raise BadJob(JobReason.BAD_GEOMETRY, "coordinates that are not numbers")
    return bytes(shapely.to_wkb(geometry, output_dimension=2, byte_order=1))


def _read(raw: bytes) -> shapely.Geometry:
    try:
        if raw[:1] in (b"\x00", b"\x01"):
            return _from_wkb(raw)
        text = raw.decode("utf-8-sig").strip()
        if text.startswith("{"):
            return _from_geojson(json.loads(text))
        if text[:2] in ("00", "01"):
            return _from_wkb(bytes.fromhex(text))
        if text[:5].upper() == "SRID=":
            text = text.partition(";")[2]
        walk.check_text(text)
        return shapely.from_wkt(text)
    except walk.Unsound:
        raise
    except (ShapelyError, ValueError, TypeError, RecursionError, NotImplementedError):  # the last: curves
        return None


def _from_wkb(raw: bytes) -> shapely.Geometry:
    walk.check(raw)
    return shapely.from_wkb(raw)


def _from_geojson(value: JsonValue) -> shapely.Geometry:
    walk.check_json(value)
    if isinstance(value, dict) and value.get("type") == "Feature":
        value = value.get("geometry")
    return shapely.from_geojson(json.dumps(value)) if isinstance(value, dict) else None


def _finite(geometry: shapely.Geometry) -> bool:
    import numpy as np

    return bool(np.isfinite(shapely.get_coordinates(geometry)).all())


class GeometrySource(Protocol):
    """A source of the geometries that plain jobs name by their id."""

    def find(self, ids: Sequence[Id]) -> list[Optional[bytes]]:
        """The raw values in the order of the ids, None where there is none."""

    def where(self, id: Id) -> str:
        """Describe where the geometry of this id is, for messages."""


class KeySource:
    """``entites:<id>``, or another template with ``{id}`` in it."""

    def __init__(self, server: Server, template: str = KEY_TEMPLATE):
        if "{id}" not in template:
            raise SourceError("the template of the geometry's key must hold {id}")
        self.server = server
        self.template = template

    def find(self, ids: Sequence[Id]) -> list[Optional[bytes]]:
        """The raw values in the order of the ids, None where there is none, or one that is too large
        (``LARGEST``)."""
        keys = [self.server.key(self.template.replace("{id}", str(id))) for id in ids]
        with self.server.bulk.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.strlen(key)
            sizes = pipe.execute(raise_on_error=False) if keys else []
        for size in sizes:
            if isinstance(size, Exception) and "WRONGTYPE" not in str(size):
                raise size
        fit = [key for key, size in zip(keys, sizes) if isinstance(size, int) and 0 < size <= LARGEST]
        values = dict(zip(fit, self.server.mget(fit)))
        return [values.get(key) for key in keys]

    def where(self, id: Id) -> str:
        """Return the key, for messages."""
        return self.template.replace("{id}", str(id))


class GeoJsonSource:
    """A FeatureCollection; the id is the feature's ``id`` or one of its properties."""

    def __init__(self, path: Path, field: str = ""):
        try:
            collection = json.loads(path.read_text(encoding="utf-8-sig"))
            features = collection["features"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SourceError(f"{path.name}: {error}") from error
        self.path = path
        self._geometries: dict[str, bytes] = {}
        for number, feature in enumerate(features):
            properties = feature.get("properties") or {}
            id = properties.get(field) if field else feature.get("id", properties.get("id", number))
            if id is not None and feature.get("geometry"):
                self._geometries[str(id)] = json.dumps(feature["geometry"]).encode()
        if field and features and not self._geometries:
            raise SourceError(f"{path.name} has no field {field}")

    def find(self, ids: Sequence[Id]) -> list[Optional[bytes]]:
        """The raw geometries in the order of the ids, None where there is none."""
        return [self._geometries.get(str(id)) for id in ids]

    def where(self, id: Id) -> str:
        """The place of an id, for people."""
        return f"{self.path.name}, {id}"


class GeoPackageSource:
    """A layer of a GeoPackage, opened read-only; the id is its feature id or a field."""

    def __init__(self, path: Path, layer: str = "", field: str = ""):
        self.path = path
        self._local = threading.local()
        if not path.is_file():
            raise SourceError(f"{path}: no such file")
        try:
            self._query = self._prepare(layer, field)
        except sqlite3.Error as error:
            raise SourceError(f"{path.name}: {error}") from error

    def _prepare(self, layer: str, field: str) -> str:
        rows = (
            self._database().execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
        )
        chosen = [row for row in rows if not layer or row[0] == layer]
        if not chosen:
            raise SourceError(f"{self.path.name} has no layer {layer}".rstrip())
        table, column = chosen[0]
        info = self._database().execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
        if field and field not in [row[1] for row in info]:
            raise SourceError(f"{table} has no field {field}")
        key = field or next((row[1] for row in info if row[5]), "rowid")
        return f"SELECT {_quoted(column)} FROM {_quoted(table)} WHERE {_quoted(key)} = ? LIMIT 1"  # nosec B608

    def find(self, ids: Sequence[Id]) -> list[Optional[bytes]]:
        """The raw geometries in the order of the ids, None where there is none."""
        database = self._database()
        found = []
        for id in ids:
            try:
                row = database.execute(self._query, (id,)).fetchone()
            except OverflowError:  # a number that no column can hold
                row = None
            found.append(from_geopackage(row[0]) if row and row[0] else None)
        return found

    def where(self, id: Id) -> str:
        """The place of an id, for people."""
        return f"{self.path.name}, {id}"

    def _database(self) -> sqlite3.Connection:
        if not hasattr(self._local, "database"):
            self._local.database = sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True)
        database: sqlite3.Connection = self._local.database
        return database


def from_geopackage(blob: bytes) -> Optional[bytes]:
    """The WKB inside a GeoPackage geometry (header of OGC 12-128, clause 2.1.3), None where it is none."""
    if len(blob) < 8 or blob[:2] != b"GP":
        return None
    envelope = (blob[3] >> 1) & 7
    if envelope >= len(_ENVELOPE_BYTES):
        return None
    return blob[8 + _ENVELOPE_BYTES[envelope] :]


def open_source(
    server: Server, template: str, file: str = "", layer: str = "", field: str = ""
) -> GeometrySource:
    """The source that the worker's options describe. Raises SourceError."""
    if not file:
        return KeySource(server, template)
    path = Path(file)
    if path.suffix.lower() in (".geojson", ".json"):
        return GeoJsonSource(path, field)
    if path.suffix.lower() == ".gpkg":
        return GeoPackageSource(path, layer, field)
    raise SourceError(f"{path.name}: a worker reads GeoJSON and GeoPackage")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
