"""All live sets of the project: started, stopped, kept with their layers, resumed with the project."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsMapLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QObject

from ..live.live_sources import LiveSources, was_running
from . import set_layer
from .layers import KINDS
from .set_layer import KIND_PROPERTY, SET_PROPERTY, SET_RUNNING_PROPERTY

if TYPE_CHECKING:
    from ...core.features.set_spec import SetSpec
    from .live_set import LiveSet

LOOK_AGAIN = 200  # ms, while a project is being opened
LONGEST_LOADING = 60.0  # seconds from one layer of a project to the next: then it was never opened


class LiveSets(LiveSources):
    """Sets by their uid. ``place(layer, group)`` puts the first layer of a set into the project, in a new
    group.
    """

    def __init__(self, place: Callable[[QgsVectorLayer, str], object], parent: Optional[QObject] = None):
        super().__init__(parent)
        self.sets: dict[str, LiveSet] = {}
        self._place = place
        self._project.layersAdded.connect(self._on_layers_added)
        self._project.layerLoaded.connect(self._on_loading)
        self._project.readProject.connect(self._on_read)
        self._loading_until = 0.0  # a project is being opened; QGIS lets others work between its layers

    def add(self, spec: SetSpec) -> LiveSet:
        """Add a set and start it; its layers come with its first features. A name that another has gets a
        number."""
        spec = spec.changed(name=self.free_name(spec.name or spec.source, spec.uid))
        found = self._make(spec, {})
        self.start(spec.uid)
        return found

    def start(self, uid: str) -> None:
        """Start a set, or let one go on that is paused."""
        one = self.sets[uid]
        if one.is_paused:
            one.resume()
        else:
            one.start(self.settings_of(one.spec))

    def change(self, uid: str, spec: SetSpec) -> None:
        """Change the settings of a set; it is read anew where it reads something else now."""
        one = self.sets[uid]
        spec = spec.changed(name=self.free_name(spec.name or spec.source, uid))
        anew, was_paused = one.running and one.spec.reads_otherwise(spec), one.is_paused
        if anew:
            one.stop()
        one.update_spec(spec)
        if anew:
            self.start(uid)
        if anew and was_paused:
            one.pause()

    def sources(self) -> Iterable[tuple[SetSpec, LiveSet]]:
        """All sets, each with its description."""
        return [(one.spec, one) for one in self.sets.values()]

    def remove(self, uid: str) -> None:
        """Take a set and its layers out of the project."""
        one = self.sets.get(uid)
        if one is None:
            return
        layers = list(one.layers.values())
        group = set_layer.group_of(layers)
        if not layers:
            one.stop()
            self._on_ended(uid)
        self._project.removeMapLayers([layer.id() for layer in layers])
        if group is not None and not group.children():
            group.parent().removeChildNode(group)

    def of_layer(self, layer: QgsMapLayer) -> Optional[LiveSet]:
        """The set that a layer shows."""
        return next((one for one in self.sets.values() if layer in one.layers.values()), None)

    def adopt(self) -> None:
        """Resume the sets of the project's layers (a project was opened, or the plugin reloaded)."""
        from ...core.features.set_spec import from_json

        if time.monotonic() < self._loading_until:  # the other layers of a set may be still to come
            self._adopting.start(LOOK_AGAIN)
            return
        found: dict[str, tuple[SetSpec, dict[str, QgsVectorLayer]]] = {}
        for layer in self._project.mapLayers().values():
            text = layer.customProperty(SET_PROPERTY, "")
            if not text or not isinstance(layer, QgsVectorLayer) or self.of_layer(layer) is not None:
                continue
            kind = str(layer.customProperty(KIND_PROPERTY, ""))
            try:
                spec = from_json(str(text))
            except ValueError as error:
                self._say_unreadable(layer, SET_PROPERTY, error)
                continue
            layers = found.setdefault(spec.uid, (spec, {}))[1]
            is_copy = kind in layers or spec.uid in self.sets
            if layer.providerType() != "memory" or kind not in KINDS or is_copy:
                set_layer.leave(layer)  # or made permanent while nobody looked: the user's
            else:
                layers[kind] = layer
        for spec, layers in found.values():
            if layers:
                self._resume(spec, layers)

    def close(self) -> None:
        """Stop everything; layers stay in the project."""
        self._let_go()
        self._project.layersAdded.disconnect(self._on_layers_added)
        self._project.layerLoaded.disconnect(self._on_loading)
        self._project.readProject.disconnect(self._on_read)
        for one in list(self.sets.values()):
            one.close()
            one.deleteLater()
        self.sets.clear()

    def _resume(self, spec: SetSpec, layers: dict[str, QgsVectorLayer]) -> None:
        first = next(iter(layers.values()))
        running = was_running(first.customProperty(SET_RUNNING_PROPERTY, True))
        spec = spec.changed(name=self.free_name(spec.name or spec.source, spec.uid))
        self._make(spec, layers)
        if running:
            self.start(spec.uid)

    def _make(self, spec: SetSpec, layers: dict[str, QgsVectorLayer]) -> LiveSet:
        from .live_set import LiveSet

        uid = spec.uid
        one = self.sets[uid] = LiveSet(spec, layers, self._place, self)
        self._follow(uid, one)
        self.listed.emit()
        return one

    def _on_layers_added(self, layers: list[QgsMapLayer]) -> None:
        if any(layer.customProperty(SET_PROPERTY, "") for layer in layers):
            self._adopting.start(0)

    def _on_loading(self, _number: int, _count: int) -> None:
        self._loading_until = time.monotonic() + LONGEST_LOADING

    def _on_read(self, *_document: object) -> None:
        self._loading_until = 0.0
        self._adopting.start(0)

    def _on_cleared(self) -> None:
        for uid, one in list(self.sets.items()):  # those that have no layer yet
            one.stop()
            self._on_ended(uid)

    def _on_ended(self, uid: str) -> None:
        one = self.sets.pop(uid, None)
        if one is not None:
            one.deleteLater()
            self.listed.emit()
