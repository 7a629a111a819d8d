"""Writing files completely or not at all: written under another name, read back, then moved into place.

QGIS's writers and GDAL report some failures only in passing: a GeoPackage on a full disk takes features until
its transaction is committed, which happens while the file is closed, where nobody is told. So every write is
checked, the file is closed, opened again and counted, and only then takes the place of the earlier one.
Cancelled or failed, the earlier file stays.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsFeatureSink,
    QgsFields,
    QgsVectorFileWriter,
    QgsWkbTypes,
)

from .i18n import tr
from .reading_back import lacking

DRIVER = "GPKG"
ENDING = ".gpkg"
_BESIDE = ("-journal", "-wal", "-shm")  # what SQLite keeps beside a database that was not closed


class SaveFailed(OSError):
    """A file could not be written whole; the text says why, in the user's language."""


@contextmanager
def replacing(path: str) -> Iterator[str]:
    """Give the path of a new file beside ``path``, which takes its place when the block has ended well.

    Raises SaveFailed where that fails; whatever the block raises is raised, and ``path`` is as it was.
    """
    path = os.path.realpath(path)  # what a link points to is replaced, not the link
    partial = str(Path(path).with_name(f".{Path(path).stem}-{os.getpid()}.part{Path(path).suffix}"))
    try:
        _remove(partial)
        yield partial
        try:
            _flush(partial)
            os.replace(partial, path)
        except OSError as error:
            raise failed(error.strerror or str(error)) from error
    finally:
        _remove(partial)


def write_layer(
    path: str,
    name: str,
    fields: QgsFields,
    kind: QgsWkbTypes.Type,
    crs: QgsCoordinateReferenceSystem,
    features: Iterable[QgsFeature],
    *,
    first: bool,
) -> int:
    """Write one layer of a GeoPackage and read back how many features it has; returns that.

    Args:
        path: The file, which ``first`` says to be new.
        features: Written as they come; what the iterator raises is raised, the file is then closed.

    Raises SaveFailed for the first write that fails, or where the closed file does not hold what was written.
    """
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = DRIVER, name
    actions = QgsVectorFileWriter.ActionOnExistingFile
    options.actionOnExistingFile = actions.CreateOrOverwriteFile if first else actions.CreateOrOverwriteLayer
    writer = QgsVectorFileWriter.create(path, fields, kind, crs, QgsCoordinateTransformContext(), options)
    count = 0
    try:
        _check(writer)
        for feature in features:
            if not writer.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                raise failed(writer.errorMessage())
            count += 1
        if not writer.flushBuffer():
            raise failed(writer.errorMessage())
        _check(writer)
    finally:
        del writer  # closes the file
    check_count(path, name, count)
    return count


def check_count(path: str, name: Optional[str], count: int) -> None:
    """Read a closed GeoPackage: raises SaveFailed unless the layer is there with at least ``count`` features.

    ``name``: the layer, or None for the only one.
    """
    try:
        found = feature_count(path, name)
    except sqlite3.Error as error:
        raise failed(str(error)) from error
    if found < count:
        raise _lost(found, count)


def check_file(path: str, count: int) -> None:
    """The same of a closed file of another format, if it is one that can be read back."""
    found = lacking(path, count)
    if found is not None:
        raise _lost(found, count)


def _lost(found: int, count: int) -> SaveFailed:
    text = tr("{found} of {count} features are in the file. Is the disk full?")
    return failed(text.format(found=found, count=count))


def feature_count(path: str, name: Optional[str] = None) -> int:
    """Count the rows of a layer of a GeoPackage, not what its index of layers says. Raises sqlite3.Error."""
    address = Path(path).resolve().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        tables = [row[0] for row in database.execute("SELECT table_name FROM gpkg_contents")]
        stem = Path(path).stem
        table = name if name is not None else stem if stem in tables else tables[0] if tables else ""
        if table not in tables:
            return 0
        quoted = table.replace('"', '""')
        return int(database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # nosec B608 - a quoted name


def _check(writer: QgsVectorFileWriter) -> None:
    if writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
        raise failed(writer.errorMessage())


def failed(why: str) -> SaveFailed:
    """The exception for a file that could not be written, with the reason."""
    return SaveFailed(tr("The file could not be written: {why}").format(why=why))


def _flush(path: str) -> None:
    """Have the system write the file to its disk now: some tell only then that it is full."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(partial: str) -> None:
    for ending in ("", *_BESIDE):
        with suppress(OSError):
            os.remove(partial + ending)
