"""The Processing provider ``redisgeocache``: algorithms of QGIS and models of the user, with the cache."""

from __future__ import annotations

from contextlib import suppress
from typing import Callable, Optional

from qgis.core import QgsApplication, QgsProcessingAlgorithm, QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ...bridge import log
from ...bridge.i18n import RESOURCES
from ...bridge.settings import STEPS_IN_BACKGROUND, STEPS_IN_TOOLBOX, kept
from ...bridge.steps import mirrored
from .algorithm import MirroredAlgorithm
from .mirror import Likeness
from .model import MirroredModel


class RedisGeoCacheProvider(QgsProcessingProvider):
    """Registers the mirrors. They are made anew when their originals or the user's models have changed.

    Args:
        soon: Calls what it is given as soon as the window has time; None where there is none: at once.
    """

    def __init__(self, soon: Optional[Callable[[Callable[[], object]], object]] = None):
        super().__init__()
        self._soon = soon
        self._mirrored: object = None  # what ``_state`` said when the mirrors were made
        self._waiting = self._closed = False
        self._watched: dict[str, QgsProcessingProvider] = {}

    def id(self) -> str:
        return mirrored.PROVIDER

    def name(self) -> str:
        return "Redis Geo (cached)"

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:
        return str(RESOURCES / "icons" / "redis_geo.svg")

    def load(self) -> bool:
        registry = QgsApplication.processingRegistry()
        registry.providerAdded.connect(self._provider_added)
        registry.providerRemoved.connect(self._provider_removed)
        for one in (*mirrored.MIRRORED, *mirrored.MODELS):
            self._watch(one)
        return bool(super().load())

    def unload(self) -> None:
        self._closed = True
        registry = QgsApplication.processingRegistry()
        if registry is not None:  # None where QGIS ends, since 3.44
            with suppress(TypeError, RuntimeError):
                registry.providerAdded.disconnect(self._provider_added)
                registry.providerRemoved.disconnect(self._provider_removed)
        for provider in self._watched.values():
            with suppress(TypeError, RuntimeError):  # it has gone
                provider.algorithmsLoaded.disconnect(self.look)
        self._watched.clear()
        super().unload()

    def _watch(self, one: str) -> None:
        provider = QgsApplication.processingRegistry().providerById(one)
        if provider is not None:
            self._watched[one] = provider
            provider.algorithmsLoaded.connect(self.look)

    def _provider_added(self, one: str) -> None:
        if one in mirrored.MIRRORED or one in mirrored.MODELS:
            self._watch(one)
            self.look()

    def _provider_removed(self, one: str) -> None:
        if self._watched.pop(one, None) is not None:
            self.look()

    def look(self) -> None:
        """Make the mirrors anew if their originals are others than before."""
        if self._waiting or self._closed:
            return
        self._waiting = True
        (self._soon or _at_once)(self._look)

    def _look(self) -> None:
        self._waiting = False
        if QgsApplication.processingRegistry() is None:
            return  # QGIS ends, and takes the last providers away
        if not self._closed and _state() != self._mirrored:
            self.refreshAlgorithms()

    def loadAlgorithms(self) -> None:
        """Make the mirrors.

        Reading a layer in memory asks the project for its variables, in whatever thread that happens, and
        steps read many. QGIS 3.22 can end when a project is changed or drawn in that moment: it runs its own
        models on the main thread. So do the mirrors, unless the user chooses otherwise.
        """
        self._mirrored = _state()
        hidden = not kept(STEPS_IN_TOOLBOX, False)
        beside = kept(STEPS_IN_BACKGROUND, False)
        for algorithm in originals():
            likeness = Likeness.of(algorithm, mirrored.mirror_name(algorithm.id()), hidden)
            self._add(MirroredAlgorithm, likeness if beside else likeness.threaded(False))
        names = mirrored.model_names()
        for model in mirrored.models():
            if mirrored.can_be_copied(model):
                likeness = Likeness.of(model, names[model.id()], False)
                self._add(MirroredModel, likeness.threaded(beside))

    def _add(self, kind: type, likeness: Likeness) -> None:
        """Add a mirror. One that fails must not take the others away."""
        try:
            self.addAlgorithm(kind(likeness))
        except Exception as error:
            log.error(f"{likeness.original}: {error}")


def originals() -> list[QgsProcessingAlgorithm]:
    """The algorithms that are mirrored, in the order of their providers."""
    registry = QgsApplication.processingRegistry()
    providers = [registry.providerById(one) for one in mirrored.MIRRORED]
    return [
        algorithm
        for provider in providers
        for algorithm in (provider.algorithms() if provider is not None else ())
        if mirrored.is_mirrored(algorithm)
    ]


def _at_once(work: Callable[[], object]) -> None:
    work()


def _state() -> object:
    """What the mirrors are made of: which algorithms there are, and how the models are defined."""
    registry = QgsApplication.processingRegistry()
    providers = [registry.providerById(one) for one in mirrored.MIRRORED]
    counts = [len(provider.algorithms()) if provider is not None else 0 for provider in providers]
    defined = [
        (model.id(), model.displayName(), model.group(), _definitions(model)) for model in mirrored.models()
    ]
    return counts, defined


def _definitions(model: QgsProcessingAlgorithm) -> list[object]:
    parameters: list[object] = [one.toVariantMap() for one in model.parameterDefinitions()]
    return parameters + [(one.type(), one.name(), one.description()) for one in model.outputDefinitions()]
