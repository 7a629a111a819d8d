"""Pictures of a fleet: files that are written once, whole, and never changed.

A picture is a shapefile with what a table of its kind cannot say beside it: ``live.vrt`` gives the columns
their full names and types, the true count and extent, and names the picture to be read. It is exchanged in
one step, so a reader that opens it meets the earlier picture or the newer one, never half of either; and one
that has an earlier picture open reads that to its end.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr  # nosec B406 - writes XML, reads none

import numpy as np

from ...geometry.arrays import Array
from .table import COLUMNS, FIXED, GONE, POINT, RecordColumn, Table

LAYER = "live.vrt"
SPARE = 1_000_000  # bytes that the disk has to have left beside a picture
_ENDINGS = (".shp", ".shx", ".dbf", ".cpg", ".num", ".json")
_TYPES = {"text": "String", "real": "Real", "int": "Integer64", "bool": "Integer"}


class FullDisk(OSError):
    """There is no room for a picture."""


def write(folder: Path, number: int, table: Table) -> None:
    """Write a picture and make it the one that is read. Raises OSError, FullDisk among them, and leaves
    nothing of it then."""
    used = table.used
    size = used * (table.records.dtype.itemsize + POINT.itemsize + 8 + 8 * len(COLUMNS))
    if shutil.disk_usage(folder).free < size + SPARE:
        raise FullDisk(28, f"{size + SPARE} bytes are needed")
    try:
        _write_points(folder / f"{number}.shp", folder / f"{number}.shx", table.points[:used])
        _write_records(folder / f"{number}.dbf", table)
        (folder / f"{number}.cpg").write_text("UTF-8")
        with open(folder / f"{number}.num", "wb") as file:
            for column in table.numbers:
                file.write(column[:used].tobytes())
        columns = [[column.name, column.kind, column.width] for column in table.columns]
        (folder / f"{number}.json").write_text(json.dumps({"columns": columns}))
        new = folder / "new.vrt"
        new.write_text(_description(number, table), encoding="utf-8")
        os.replace(new, folder / LAYER)
    except OSError:
        remove(folder, number)
        raise


def remove(folder: Path, number: int) -> None:
    """Remove the files of a picture; who has them open reads on."""
    for ending in _ENDINGS:
        with suppress(OSError):
            (folder / f"{number}{ending}").unlink()


def numbers(folder: Path, number: int) -> Array:
    """The numbers of a picture, mapped: (columns of ``COLUMNS``, rows) float64."""
    found = np.memmap(folder / f"{number}.num", np.float64, "r")
    return found.reshape(len(COLUMNS), -1)


def columns(folder: Path, number: int) -> list[RecordColumn]:
    """The columns of a picture."""
    said = json.loads((folder / f"{number}.json").read_text())
    return [RecordColumn(*words) for words in said["columns"]]


def records(folder: Path, number: int, layout: Sequence[RecordColumn]) -> Any:
    """The records of a picture, mapped, with the columns ``c0``, ``c1`` …: opening them copies nothing."""
    kind = np.dtype([("deleted", "S1"), *((f"c{i}", f"S{c.width}") for i, c in enumerate(layout))])
    return np.memmap(folder / f"{number}.dbf", kind, "r", _head(len(layout)))


def adopt(folder: Path, number: int, table: Table) -> None:
    """Let a table go on with the rows of a picture. Raises OSError or ValueError where it cannot be read."""
    layout = columns(folder, number)
    found = records(folder, number, layout)
    points = np.fromfile(folder / f"{number}.shp", POINT, offset=_SHP_HEAD)
    idents = [
        "" if mark == GONE else name.decode("utf-8", "replace")
        for mark, name in zip(found["deleted"].tolist(), found["c0"].tolist())
    ]
    table.adopt(layout, np.array(found), points, np.array(numbers(folder, number)), idents)


_SHP_HEAD = 100


def _write_points(shp: Path, shx: Path, points: Any) -> None:
    box = struct.pack("<8d", *extent(points), 0.0, 0.0, 0.0, 0.0)

    def head(size: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, (_SHP_HEAD + size) // 2) + struct.pack("<2i", 1000, 1)

    with open(shp, "wb") as file:
        file.write(head(points.nbytes) + box)
        file.write(points.tobytes())
    index = np.empty((len(points), 2), ">i4")
    index[:, 0] = (_SHP_HEAD + POINT.itemsize * np.arange(len(points))) // 2
    index[:, 1] = 10
    with open(shx, "wb") as file:
        file.write(head(index.nbytes) + box)
        file.write(index.tobytes())


def _head(count: int) -> int:
    return 32 + 32 * count + 1


def _write_records(path: Path, table: Table) -> None:
    head, found = _head(len(table.columns)), table.records[: table.used]
    with open(path, "wb") as file:
        file.write(struct.pack("<4BIHH20x", 3, 126, 11, 30, len(found), head, found.dtype.itemsize))
        for place, column in enumerate(table.columns):
            file.write(struct.pack("<11sc4xBB14x", b"c%d" % place, b"C", column.width, 0))
        file.write(b"\r")
        file.write(found.tobytes())


def extent(points: Any) -> tuple[float, float, float, float]:
    """West, south, east and north of the points that are there; zeros where none is."""
    there = points[points["type"] == 1]
    if not len(there):
        return 0.0, 0.0, 0.0, 0.0
    x, y = there["x"], there["y"]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _description(number: int, table: Table) -> str:
    fields = []
    for place, column in enumerate(table.columns):
        subtype = ' subtype="Boolean"' if column.kind == "bool" else ""
        name = quoteattr("".join(letter for letter in column.name if letter >= " "))
        kind = "DateTime" if column.name == "time" and place < len(FIXED) else _TYPES[column.kind]
        fields.append(f'<Field name={name} src="c{place}" type="{kind}"{subtype}/>')
    west, south, east, north = extent(table.points[: table.used])
    return "\n".join(
        [
            '<OGRVRTDataSource><OGRVRTLayer name="live">',
            f'<SrcDataSource relativeToVRT="1">{number}.shp</SrcDataSource>',
            f"<SrcLayer>{escape(str(number))}</SrcLayer>",
            "<GeometryType>wkbPoint</GeometryType><LayerSRS>EPSG:4326</LayerSRS>",
            *fields,
            f"<FeatureCount>{len(table)}</FeatureCount>",
            f"<ExtentXMin>{west!r}</ExtentXMin><ExtentYMin>{south!r}</ExtentYMin>",
            f"<ExtentXMax>{east!r}</ExtentXMax><ExtentYMax>{north!r}</ExtentYMax>",
            "</OGRVRTLayer></OGRVRTDataSource>",
        ]
    )


__all__ = [
    "FIXED",
    "LAYER",
    "FullDisk",
    "adopt",
    "columns",
    "extent",
    "numbers",
    "records",
    "remove",
    "write",
]
