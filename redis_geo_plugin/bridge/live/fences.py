"""The polygons of a layer as geofences: read and transformed in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCsException,
    QgsFeatureRequest,
    QgsProject,
    QgsVectorLayer,
    QgsVectorLayerFeatureSource,
)

from ..i18n import tr

if TYPE_CHECKING:
    from ...core.live.fences import Fences
    from ..tasks import BackgroundTask, TaskKeeper


def load_fences(
    tasks: TaskKeeper,
    layer: QgsVectorLayer,
    name_field: str,
    feed: str,
    done: Callable[[Optional[Fences], Optional[BaseException]], None],
) -> Optional[BackgroundTask]:
    """Call ``done(Fences, None)``, or ``done(None, error)``, when the polygons are read; ``done(None, None)``
    when the task, which is returned, was cancelled.

    Main thread only.
    """
    source = QgsVectorLayerFeatureSource(layer)
    context = QgsProject.instance().transformContext()
    column = layer.fields().lookupField(name_field)
    request = QgsFeatureRequest().setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"), context)

    def read_fences(task: BackgroundTask) -> object:
        from ...core.live.fences import Fences

        polygons = []
        try:
            for feature in source.getFeatures(request):
                if task.isCanceled():
                    return None
                if feature.hasGeometry():
                    name = feature.attributes()[column] if column >= 0 else None
                    polygons.append((str(name if name else feature.id()), bytes(feature.geometry().asWkb())))
        except QgsCsException as error:
            raise ValueError(str(error)) from error
        return Fences(polygons, feed)

    return tasks.start(tr("Read geofences"), read_fences, done)
