"""Saving a result layer to a GeoPackage, which it then shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsDataProvider, QgsProject, QgsVectorLayer, QgsVectorLayerFeatureSource
from qgis.PyQt.QtWidgets import QFileDialog, QWidget

from ...bridge.cache.remembered import forget
from ...bridge.i18n import tr
from ...bridge.saving import ENDING, replacing, write_layer
from ...core.readable import file_name
from ...core.watch import Cancelled
from ..component import Context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qgis.core import QgsFeature

    from ...bridge.tasks import BackgroundTask


def ask_and_save(context: Context, layer: QgsVectorLayer, parent: QWidget) -> None:
    """Ask for the file, then save in the background."""
    folder = QgsProject.instance().absolutePath() or str(Path.home())
    proposed = str(Path(folder) / f"{file_name(layer.name())}{ENDING}")
    path, _ = QFileDialog.getSaveFileName(
        parent, tr("Save to GeoPackage"), proposed, tr("GeoPackage (*.gpkg)")
    )
    if path:
        save(context, layer, path if path.lower().endswith(ENDING) else path + ENDING)


def save(context: Context, layer: QgsVectorLayer, path: str) -> None:
    """Write a layer to a new GeoPackage in the background; the layer then shows what is in the file."""
    layer_id, name = layer.id(), Path(path).stem
    source, fields, kind, crs = (
        QgsVectorLayerFeatureSource(layer),
        layer.fields(),
        layer.wkbType(),
        layer.crs(),
    )

    def write_features(task: BackgroundTask) -> int:
        def features() -> Iterator[QgsFeature]:
            for feature in source.getFeatures():
                if task.isCanceled():
                    raise Cancelled
                yield feature

        with replacing(path) as partial:
            return write_layer(partial, name, fields, kind, crs, features(), first=True)

    def done(count: Optional[int], error: Optional[BaseException]) -> None:
        if isinstance(error, Cancelled):
            context.ui.message(tr("Nothing was saved: cancelled."))
        elif error is not None:
            context.ui.error(tr("The layer could not be saved to {path}.").format(path=path), str(error))
        else:
            there = QgsProject.instance().mapLayer(layer_id)
            if isinstance(there, QgsVectorLayer):
                forget(there)
                address = f"{path}|layername={name}"
                there.setDataSource(address, there.name(), "ogr", QgsDataProvider.ProviderOptions())
            context.ui.success(tr("Saved: {count} features, to {path}").format(count=count, path=path))

    context.tasks.start(tr("Saving {layer}").format(layer=layer.name()), write_features, done, shown=True)
