"""Live sets in the window: added, stopped, removed, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsVectorLayer

from ...bridge.features.live_sets import LiveSets
from ...bridge.i18n import tr
from ...bridge.server import connections
from ...core.redis.failures import StoreError
from .. import new_layers
from ..dialogs import confirmed

if TYPE_CHECKING:
    from qgis.PyQt.QtWidgets import QDialog

    from ...bridge.features.live_set import LiveSet
    from ...core.features.set_spec import SetSpec
    from ...core.redis.settings import ConnectionSettings
    from ..component import Context


class SetsPart:
    """What the Live dock and the Browser do with sets. The owner calls ``close``, and may say what to do
    ``when_added`` with the uid of a new set."""

    def __init__(self, context: Context):
        self._context = context
        self.sets = LiveSets(self._place)
        self.sets.unreadable.connect(self._on_unreadable)
        self.dialog: Optional[QDialog] = None
        self.when_added: Callable[[str], None] = lambda _uid: None
        context.services.add_features, context.services.ask_features = self.add, self.ask
        context.services.set_of_layer = self.sets.of_layer

    def close(self) -> None:
        """Stop all sets; their layers stay in the project."""
        services = self._context.services
        services.add_features = services.ask_features = services.set_of_layer = None
        if self.dialog is not None:
            self.dialog.reject()
        self.sets.blockSignals(True)  # what would show its last news is closed already
        self.sets.close()
        self.sets.deleteLater()

    def add(self, spec: SetSpec) -> LiveSet:
        """Add a set and start it."""
        one = self.sets.add(spec)
        text = tr("{set}: its layers appear on the map with its features.").format(set=one.spec.name)
        self._context.ui.message(text, topic=f"added {one.spec.uid}")
        self.when_added(one.spec.uid)
        return one

    def find(self) -> None:
        """Look at what stands in Redis and propose sets."""
        self.ask("", "")

    def ask(self, connection: str, source: str, field: str = "") -> None:
        """The form of a set; its connection is the active one where none is named, its keys are found where
        none are. ``field``: of the geometry."""
        from .set_dialog import SetDialog

        settings = self._settings(connection)
        if settings is None:
            text = tr("This connection cannot be opened: check its settings and its secret.")
            if not connection:
                text = tr(
                    "No Redis connection is set up. Add one under Settings, Options, Redis Geo, then add "
                    "features."
                )
            self._context.ui.warning(text)
            return
        if self.dialog is not None:
            self.dialog.raise_()
            return
        name = connection or self._context.connections.name
        window = self._context.iface.mainWindow()
        dialog = SetDialog(self._context.tasks, settings, name, source, field, window)
        dialog.chosen.connect(self.add)
        self._open(dialog)

    def settings(self, one: LiveSet) -> None:
        """The name of a set that is on the map, and how it is read and kept fresh."""
        from .set_settings import SetSettingsDialog

        if self.dialog is not None:
            self.dialog.raise_()
            return
        window, settings = self._context.iface.mainWindow(), self.sets.settings_of(one.spec)
        dialog = SetSettingsDialog(self._context.tasks, settings, one.spec, window)
        dialog.changed.connect(self.change)
        self._open(dialog)

    def change(self, spec: SetSpec) -> None:
        """Give a set other settings."""
        if spec.uid in self.sets.sets:
            self.sets.change(spec.uid, spec)

    def _open(self, dialog: QDialog) -> None:
        self.dialog = dialog  # kept: else Python forgets it
        dialog.finished.connect(self._on_finished)
        dialog.open()

    def ask_and_remove(self, one: LiveSet) -> None:
        """Remove a set once the user has agreed."""
        question = tr("Remove the set {set} with its layers? Nothing changes in Redis.")
        window = self._context.iface.mainWindow()
        title = tr("Remove the set of features")
        if confirmed(window, title, question.format(set=one.spec.name), tr("Remove")):
            self.sets.remove(one.spec.uid)

    def _settings(self, connection: str) -> Optional[ConnectionSettings]:
        if not connection or connection == connections.active_name():
            return self._context.connections.settings()
        try:
            return connections.resolve(connection)
        except (StoreError, ValueError):
            return None

    def _place(self, layer: QgsVectorLayer, group: str) -> None:
        new_layers.add([layer], self._context.iface, group)

    def _on_finished(self, _result: int) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _on_unreadable(self, name: str) -> None:
        text = tr(
            "The set of features of the layer {layer} cannot be read from the project; it stays as it is."
        )
        self._context.ui.warning(text.format(layer=name))
