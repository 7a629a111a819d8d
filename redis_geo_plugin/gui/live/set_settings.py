"""The settings of a live set that is on the map: how it is called, read and kept fresh, with a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QVBoxLayout, QWidget

from ...bridge.i18n import tr
from ..dialogs import buttons, open_at
from ..help import open_help
from .set_form import SetForm

if TYPE_CHECKING:
    from ...bridge.tasks import TaskKeeper
    from ...core.features.set_spec import SetSpec
    from ...core.redis.settings import ConnectionSettings


class SetSettingsDialog(QDialog):
    """``changed(SetSpec)`` when the analyst agrees to other settings.

    ``settings`` (None: no connection) are those the preview is read with.
    """

    changed = pyqtSignal(object)

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
        box, self.ok_button = buttons(tr("Apply"), help_clicked=lambda: open_help("features"))
        self.ok_button.setObjectName("redis_geo_set_ok")
        box.accepted.connect(self._accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.form, 1)
        layout.addWidget(box)

    def _accept(self) -> None:
        spec = self.form.spec()
        if spec != self._spec:
            self.changed.emit(spec)
        self.accept()

    def done(self, result: int) -> None:
        self.form.stop()
        super().done(result)
