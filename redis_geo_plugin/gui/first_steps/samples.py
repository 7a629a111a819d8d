"""Sample data from the window: put in after a press of a button, taken out by *Undo*."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt import sip

from ...bridge.geo.announcements import NEWS
from ...bridge.i18n import tr
from ...bridge.tasks import BackgroundTask, watch_of
from ...bridge.words import failures
from ...core.redis.settings import ConnectionSettings
from .. import new_layers
from ..component import Context

HARBOUR = QgsRectangle(-74.18, 40.48, -73.83, 40.82)  # degrees
TOPIC = "sample data"


class SampleData:
    """``add`` is what the buttons call."""

    def __init__(self, context: Context):
        self._context = context
        self._sailing: Optional[BackgroundTask] = None
        self._feed_layer: Optional[QgsVectorLayer] = None

    def add(self, kind: str) -> None:
        """Put in "layer", "places" or "vehicles"."""
        {"layer": self.add_layer, "places": self.put_places, "vehicles": self.put_vehicles}[kind]()

    # --- a layer ---

    def add_layer(self) -> None:
        """The places as a temporary layer of the project."""
        from ...core.admin import samples

        layer = QgsVectorLayer(
            "Point?crs=EPSG:4326&field=name:string(60)&field=kind:string(30)", tr("Sample places"), "memory"
        )
        features = []
        for place in samples.places():
            feature = QgsFeature(layer.fields())
            feature.setAttributes([place.name, place.kind])
            feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(place.lon, place.lat)))
            features.append(feature)
        layer.dataProvider().addFeatures(features)
        layer.updateExtents()
        before = self._context.iface.activeLayer()
        new_layers.add([layer], self._context.iface)
        self._context.iface.setActiveLayer(layer)
        new_layers.say_added(self._context, [layer], before=before, topic=TOPIC)
        self._show_harbour()

    # --- places ---

    def put_places(self) -> None:
        """The places as a GEO set."""
        self._on_server(tr("Putting sample places in"), "put_places", self._placed)

    def _placed(self, count: int, settings: ConnectionSettings) -> None:
        from ...core.admin import samples

        NEWS.written.emit(settings.name, samples.PLACES)
        self._context.ui.message(
            tr("{count} places of New York are in the GEO set {set} for a week.").format(
                count=count, set=samples.PLACES
            ),
            button=tr("Undo"),
            clicked=partial(self._take_places, settings),
            topic=TOPIC,
        )

    def _take_places(self, settings: ConnectionSettings) -> None:
        self._on_server(tr("Removing sample places"), "remove_places", self._taken, settings)

    def _taken(self, _nothing: object, settings: ConnectionSettings) -> None:
        from ...core.admin import samples

        NEWS.written.emit(settings.name, samples.PLACES)
        self._context.ui.message(tr("The sample data are removed."), topic=TOPIC)

    # --- vehicles ---

    def put_vehicles(self) -> None:
        """Let the vessels sail, and show them on the map. They end with the layer of their feed."""
        settings = self._context.connections.settings()
        if settings is None or self._sailing is not None or self._context.services.add_feed is None:
            return
        from ...core.admin import samples
        from ...core.live.spec import FeedSpec

        def move_vehicles(task: BackgroundTask) -> int:
            from ...core.redis.server import open_server

            return samples.play(open_server(settings), watch_of(task))

        self._sailing = self._context.tasks.start(tr("Sample vehicles"), move_vehicles, self._sailed)
        spec = FeedSpec(name=tr("Sample vehicles"), pattern=samples.VEHICLES + "*", connection=settings.name)
        feed = self._context.services.add_feed(spec)
        feed.layer.willBeDeleted.connect(partial(self._end, settings))
        self._feed_layer = feed.layer
        self._show_harbour()

    def _sailed(self, _count: int, error: Optional[BaseException]) -> None:
        """They have ended. That the server is away, lamp and panels say."""
        from ...core.redis.failures import classify

        task, self._sailing = self._sailing, None
        if error is not None and task is not None and not task.isCanceled() and not classify(error).passing:
            self._failed(error)

    def _end(self, settings: ConnectionSettings) -> None:
        """The layer goes: so do the vessels."""
        if self._sailing is not None:
            self._sailing.cancel()
            self._on_server(tr("Removing sample vehicles"), "stop", lambda *_: None, settings)

    def close(self) -> None:
        """Forget the layer; the vessels end with the tasks, and their keys expire."""
        layer, self._feed_layer = self._feed_layer, None
        if layer is not None and not sip.isdeleted(layer):
            layer.willBeDeleted.disconnect()

    # --- common ---

    def _on_server(
        self,
        title: str,
        function: str,
        then: Callable[[Any, ConnectionSettings], None],
        settings: Optional[ConnectionSettings] = None,
    ) -> None:
        """Call a function of ``core.admin.samples`` in the background."""
        connection = settings or self._context.connections.settings()
        if connection is None:
            return

        def call_function(_task: BackgroundTask) -> Any:
            from ...core.admin import samples
            from ...core.redis.server import open_server

            return getattr(samples, function)(open_server(connection))

        def done(result: Any, error: Optional[BaseException]) -> None:
            if error is not None:
                self._failed(error)
            else:
                then(result, connection)

        self._context.tasks.start(title, call_function, done)

    def _failed(self, error: BaseException) -> None:
        from ...core.admin.samples import NotOurs
        from ...core.redis.failures import classify

        if isinstance(error, NotOurs):
            self._context.ui.warning(
                tr("Nothing was written: {key} is there already, and is not the sample.").format(
                    key=error.key
                ),
                topic=TOPIC,
            )
            return
        failure = classify(error)
        self._context.ui.error(failures.in_words(failure), failure.words, topic=TOPIC)

    def _show_harbour(self) -> None:
        canvas, project = self._context.iface.mapCanvas(), QgsProject.instance()
        there = canvas.mapSettings().destinationCrs()
        degrees = QgsCoordinateReferenceSystem("EPSG:4326")
        if not there.isValid():
            return
        try:
            canvas.setExtent(QgsCoordinateTransform(degrees, there, project).transformBoundingBox(HARBOUR))
        except QgsCsException:
            return
        canvas.refresh()
