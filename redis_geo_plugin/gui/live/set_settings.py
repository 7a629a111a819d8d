"""The settings of a live set that is on the map: how it is called, read and kept fresh, with a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtWidgets import QWidget

from ...bridge.i18n import tr
from ..dialogs import open_at
from .set_form import SetForm
from .settings_dialog import SettingsDialog

if TYPE_CHECKING:
    from ...bridge.tasks import TaskKeeper
    from ...core.features.set_spec import SetSpec
    from ...core.redis.settings import ConnectionSettings


class SetSettingsDialog(SettingsDialog):
    """``changed(SetSpec)`` when the analyst agrees to other settings.

    ``settings`` (None: no connection) are those the preview is read with.
    """

    def __init__(
        self,
        tasks: TaskKeeper,
        settings: Optional[ConnectionSettings],
        spec: SetSpec,
        parent: Optional[QWidget] = None,
    ):
        super().__init__(parent)
        self.setObjectName("redis_geo_set_settings_dialog")
        self.setWindowTitle(tr("Settings of the set {name}").format(name=spec.name))
        open_at(self, 640, 420)
        self._spec = spec
        self.form = SetForm(tasks, settings, self)
        self.form.show_spec(spec)
        self._lay_out(self.form, name="redis_geo_set_ok", page="features")

    def done(self, result: int) -> None:
        self.form.stop()
        super().done(result)
