"""Result layers survive: each remembers its run, and is filled from the cache when its project is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsFeature,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QLocale, QObject, QTimer

from ...bridge import log
from ...bridge.i18n import tr
from ...bridge.server import connections
from ...bridge.words import failures
from ...core.redis.failures import StoreError
from ..component import Context
from ..connection_monitor import ConnectionState
from ..messages import Button

if TYPE_CHECKING:
    from ...bridge.algorithm_run import AlgorithmRun
    from ...bridge.algorithm_values import Parameters, Results
    from ...bridge.cache.refilling import Refilled
    from ...bridge.cache.remembered import RememberedRun
    from ...bridge.tasks import BackgroundTask
    from ...core.redis.failures import Failure

PIECE = 2000  # features added together, so that the window stays alive
TOPIC = "results"


def remembered_layers() -> list[tuple[QgsVectorLayer, RememberedRun]]:
    """The layers of the project that remember a run and that the user did not make permanent."""
    from ...bridge.cache.remembered import PROPERTY, RememberedRun

    found = []
    for layer in QgsProject.instance().mapLayers().values():
        text = layer.customProperty(PROPERTY, "")
        if not text or not isinstance(layer, QgsVectorLayer) or layer.providerType() != "memory":
            continue
        try:
            found.append((layer, RememberedRun.from_json(str(text))))
        except ValueError as error:  # another program or version wrote it
            log.warning(f"{layer.name()}: {PROPERTY}: {error}")
    return found


class ResultLayers(QObject):
    """Fills the empty ones among them when a project was read, and when there is a connection again."""

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._task: BackgroundTask = None
        self._again: Optional[Again] = None
        self._said: set[str] = set()  # layers of which was said that their results are gone
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.look)

    def start(self) -> None:
        """Look now, and whenever a project was read."""
        QgsProject.instance().readProject.connect(self._project_read)
        self._context.connections.state_changed.connect(self._state_changed)
        self._soon.start(0)

    def close(self) -> None:
        """End what runs."""
        QgsProject.instance().readProject.disconnect(self._project_read)
        self._context.connections.state_changed.disconnect(self._state_changed)
        self._soon.stop()
        for running in (self._task, self._again):
            if running is not None:
                running.forget()
        self._task = self._again = None

    def _project_read(self, *_document: object) -> None:
        self._said.clear()
        self._soon.start(0)

    def _state_changed(self, state: ConnectionState, _failure: Failure) -> None:
        if state is ConnectionState.CONNECTED:
            self._soon.start(0)

    def _empty(self) -> list[tuple[QgsVectorLayer, RememberedRun]]:
        return [
            (layer, run)
            for layer, run in remembered_layers()
            if not layer.featureCount() and layer.id() not in self._said
        ]

    def look(self) -> None:
        """Fill the empty layers, in the background."""
        empty = self._empty()
        if not empty or self._task is not None:
            return
        state = self._context.connections.state
        if state is ConnectionState.CONNECTING:
            return  # its outcome comes
        from ...bridge.cache.refilling import Refilling

        wanted = [(layer.id(), Refilling(layer, run), settings_of(run)) for layer, run in empty]

        def read_results(_task: BackgroundTask) -> list[tuple[str, Refilled]]:
            return [(layer_id, refilling.read_results(settings)) for layer_id, refilling, settings in wanted]

        def done(found: list[tuple[str, Refilled]], error: Optional[BaseException]) -> None:
            self._task = None
            if error is not None:
                self._unread([layer_id for layer_id, _, _ in wanted], error)
            elif found is not None:
                self._fill(found)

        self._task = self._context.tasks.start(
            tr("Reading results from the cache"), read_results, done, shown=True
        )

    def _fill(self, found: list[tuple[str, Refilled]]) -> None:
        self._context.ui.forget(TOPIC)
        gone, bare, quick = [], [], []
        for layer_id, refilled in found:
            layer = QgsProject.instance().mapLayer(layer_id)
            if not isinstance(layer, QgsVectorLayer):
                continue
            self._said.add(layer_id)
            add_in_pieces(layer, refilled.features)
            if refilled.missing or not (refilled.total or refilled.unstored):
                gone.append((layer_id, refilled))
            elif refilled.unstored:
                quick.append(layer_id)
            elif refilled.bare:
                bare.append(layer.name())
        if quick:  # quicker to compute than to store: nobody need be asked
            self.compute_again(quick)
        if gone:
            self._offer([layer_id for layer_id, _ in gone], _in_words([one for _, one in gone]))
        elif bare:
            self._context.ui.warning(
                tr(
                    "Attributes are missing in {layers}: the layers that they came from are gone or empty."
                ).format(layers=", ".join(bare)),
                topic=TOPIC,
            )

    def _unread(self, ids: Sequence[str], error: BaseException) -> None:
        """The server could not be asked: said, and tried again as soon as there is a connection."""
        from ...core.redis.failures import classify

        why = failures.in_words(classify(error))
        self._offer(ids, tr("Their results could not be read: {why}").format(why=why))
        self._said.difference_update(ids)

    def _offer(self, ids: Sequence[str], words: str) -> None:
        """Say which layers are not whole, with a button that computes them again."""
        self._said.update(ids)
        layers = [QgsProject.instance().mapLayer(layer_id) for layer_id in ids]
        names = ", ".join(f"“{layer.name()}”" for layer in layers if layer is not None)
        self._context.ui.message(
            tr("Not complete: {layers}. {why}").format(layers=names, why=words),
            Qgis.MessageLevel.Warning,
            buttons=[Button(tr("Compute again"), lambda: self.compute_again(ids))],
            topic=TOPIC,
        )

    def compute_again(self, ids: Sequence[str]) -> None:
        """Run again what these layers came from, one after the other."""
        if self._again is None:
            self._again = Again(self._context, list(ids), self._ended)
            self._again.next()

    def _ended(self, problems: list[str]) -> None:
        self._again = None
        if problems:
            self._context.ui.warning(" ".join(problems), topic=TOPIC)


class Again:
    """Computes layers again, one after the other; then calls ``ended`` with what went wrong, in words."""

    def __init__(self, context: Context, ids: list[str], ended: Any):
        self._context, self._ids, self._ended = context, ids, ended
        self._problems: list[str] = []
        self._run: Optional[AlgorithmRun] = None

    def forget(self) -> None:
        """Stop, and say nothing."""
        self._ids.clear()
        if self._run is not None:
            self._run.forget()

    def next(self) -> None:
        """Begin with the next layer."""
        while self._ids:
            layer_id = self._ids.pop(0)
            found = [(layer, run) for layer, run in remembered_layers() if layer.id() == layer_id]
            if found and self._start(*found[0]):
                return
        self._ended(self._problems)

    def _start(self, layer: QgsVectorLayer, run: RememberedRun) -> bool:
        from ...bridge.algorithm_run import AlgorithmRun
        from ...bridge.cache.remembered import ResultOrigins, remember
        from ..algorithm_feedback import AlgorithmFeedback

        algorithm = QgsApplication.processingRegistry().algorithmById(run.algorithm)
        source = QgsProject.instance().mapLayer(run.source)
        if algorithm is None or not run.is_of_the_cache:
            self._problems.append(
                tr("{layer} cannot be computed again: its project names no algorithm of the cache.").format(
                    layer=layer.name()
                )
            )
            return False
        if not isinstance(source, QgsVectorLayer) or not source.featureCount():
            self._problems.append(
                tr("{layer} cannot be computed again: the layer that it came from is gone or empty.").format(
                    layer=layer.name()
                )
            )
            return False
        context, feedback = QgsProcessingContext(), AlgorithmFeedback()
        context.setProject(QgsProject.instance())
        parameters = {**run.repeated(algorithm), "OUTPUT": "memory:"}
        with _Selection(run, parameters):
            self._run = AlgorithmRun(algorithm, parameters, context, feedback)
        rows = self._run.algorithm.store.rows = ResultOrigins()
        layer_id, name = layer.id(), layer.name()

        def executed(ok: bool, results: Results) -> None:
            made = context.takeResultLayer(str(results["OUTPUT"])) if ok else None
            there = QgsProject.instance().mapLayer(layer_id)
            if made is None:
                self._problems.append(feedback.why_failed())
            elif isinstance(there, QgsVectorLayer):
                run.count = made.featureCount()
                run.rows = rows if len(rows) == run.count else ResultOrigins()
                remember(there, run)
                there.dataProvider().truncate()
                add_in_pieces(there, list(made.getFeatures()))
            self.next()

        self._run.executed.connect(executed)
        self._run.start(self._context.tasks, tr("Computing {layer} again").format(layer=name))
        return True


class _Selection:
    """While an algorithm is prepared, the features are selected that were selected when it ran first."""

    def __init__(self, run: RememberedRun, parameters: Parameters):
        self._earlier: list[tuple[QgsVectorLayer, list[int]]] = []
        for name, value in run.parameters.items():
            if name not in parameters or not isinstance(value, dict) or not value.get("selected"):
                continue
            layer = QgsProject.instance().mapLayer(str(parameters[name]))
            ids = run.rows.firsts if name == "INPUT" else run.rows.seconds
            if isinstance(layer, QgsVectorLayer):
                self._earlier.append((layer, layer.selectedFeatureIds()))
                _select(layer, ids or layer.selectedFeatureIds())
                parameters[name] = QgsProcessingFeatureSourceDefinition(layer.id(), True)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_error: object) -> None:
        for layer, ids in self._earlier:
            _select(layer, ids)


def _select(layer: QgsVectorLayer, ids: Sequence[int]) -> None:
    """Select without a word to anybody: it lasts no longer than this turn of the event loop."""
    layer.blockSignals(True)
    layer.selectByIds(list(set(ids)))
    layer.blockSignals(False)


def settings_of(run: RememberedRun) -> Any:
    """The connection of a run with its secret, None where it does not exist any more. Main thread only."""
    try:
        return connections.resolve(run.connection)
    except (StoreError, ValueError):
        return None


def add_in_pieces(layer: QgsVectorLayer, made: list[QgsFeature]) -> None:
    """Add features, a piece in each turn of the event loop."""
    layer_id = layer.id()

    def add(start: int) -> None:
        there = QgsProject.instance().mapLayer(layer_id)
        if there is None or start >= len(made):
            return
        there.dataProvider().addFeatures(made[start : start + PIECE])
        there.updateExtents()
        there.triggerRepaint()
        if start + PIECE < len(made):
            QTimer.singleShot(0, lambda: add(start + PIECE))

    add(0)


def _in_words(gone: Sequence[Refilled]) -> str:
    locale = QLocale()
    if not sum(one.total for one in gone):
        return tr("There were too many results to remember each of them.")
    return tr("Results no longer in the cache: {missing} of {total}.").format(
        missing=locale.toString(sum(one.missing for one in gone)),
        total=locale.toString(sum(one.total for one in gone)),
    )
