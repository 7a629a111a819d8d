"""Writing the contents of a namespace to a GeoPackage, off the main thread."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import (
    QgsFeature,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsWkbTypes,
)

from ...core.watch import Watch
from .. import compat
from ..cache.run import crs_name
from ..crs import from_text
from ..i18n import tr
from ..saving import replacing, write_layer

if TYPE_CHECKING:
    from ...core.admin.export import Entry

WGS_84 = "EPSG:4326"  # of positions


@dataclass
class Written:
    """How many keys were written, and the names of the layers they are in."""

    count: int = 0
    layers: list[str] = field(default_factory=list)


def write(entries_of: Callable[[], Iterable[Entry]], path: str, watch: Watch) -> Written:
    """Write entries to a new GeoPackage at ``path`` (put in place when complete): a layer for each CRS among
    them.

    ``entries_of`` reads them anew for each layer. Raises SaveFailed, and what they raise.
    """
    written = Written()
    title = os.path.splitext(os.path.basename(path))[0]
    with replacing(path) as partial:
        done: set[str] = set()
        waiting = [next((crs for crs in map(_crs_name, entries_of()) if crs is not None), "")]
        while waiting:
            wanted = waiting.pop()
            mine = _of_crs(entries_of(), wanted, waiting, done)
            _write_layer(mine, partial, _layer_name(title, wanted, written), wanted, written, watch)
            done.add(wanted)
    return written


def _of_crs(entries: Iterable[Entry], wanted: str, waiting: list[str], done: set[str]) -> Iterator[Entry]:
    """Yield the entries of one CRS; the first layer also takes those without a shape. Other CRSs are added to
    the waiting list."""
    for entry in entries:
        name = _crs_name(entry)
        if name == wanted or (name is None and not done):
            yield entry
        elif name is not None and name not in done and name not in waiting:
            waiting.append(name)


def _layer_name(title: str, crs: str, written: Written) -> str:
    """The first layer is called as the file; a further one also by its CRS, or by its number where that has
    no code."""
    if not written.layers:
        return title
    if not crs:
        return f"{title} {tr('without CRS')}"
    return f"{title} {from_text(crs).authid() or len(written.layers) + 1}"


def _crs_name(entry: Entry) -> Optional[str]:
    """The authority code (or WKT) of the entry's CRS, '' where it is not known, None for what has no
    shape."""
    if entry.point is not None:
        return WGS_84
    if entry.wkb is None:
        return None
    return crs_name(from_text(str(entry.origin.parameters.get("crs", "")))) if entry.origin else ""


def _write_layer(
    entries: Iterable[Entry], path: str, name: str, crs: str, written: Written, watch: Watch
) -> None:
    fields = QgsFields()
    for one in (
        compat.field("key", compat.STRING),
        compat.field("ttl_s", compat.DOUBLE),
        compat.field("value", compat.STRING),
        compat.field("operation", compat.STRING),
        compat.field("parameters", compat.STRING),
        compat.field("computed_by", compat.STRING),
        compat.field("computed_at", compat.STRING),
    ):
        fields.append(one)
    system = from_text(crs)
    features = _features(entries, fields, written, watch)
    kind = QgsWkbTypes.Type.Unknown
    write_layer(path, name, fields, kind, system, features, first=not written.layers)
    written.layers.append(name)


def _features(
    entries: Iterable[Entry], fields: QgsFields, written: Written, watch: Watch
) -> Iterator[QgsFeature]:
    for entry in entries:
        feature = QgsFeature(fields)
        feature.setAttributes(_attributes(entry))
        feature.setGeometry(_geometry(entry))
        yield feature
        written.count += 1
        if written.count % 500 == 0:
            watch.check()


def _attributes(entry: Entry) -> list[object]:
    ttl = compat.NULL if entry.ttl is None else entry.ttl
    values = [entry.name.decode("utf-8", "backslashreplace"), ttl, entry.text]
    origin = entry.origin
    if origin is None:
        return values + [compat.NULL] * 4
    moment = datetime.fromtimestamp(int(origin.when), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    who = f"{origin.who} ({origin.worker})" if origin.worker else origin.who
    return [*values, origin.operation, json.dumps(origin.parameters, ensure_ascii=False), who, moment]


def _geometry(entry: Entry) -> QgsGeometry:
    if entry.point is not None:
        return QgsGeometry.fromPointXY(QgsPointXY(*entry.point))
    geometry = QgsGeometry()
    if entry.wkb is not None:
        geometry.fromWkb(entry.wkb)
    return geometry
