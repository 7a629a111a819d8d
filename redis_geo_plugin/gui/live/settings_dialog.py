"""What the settings of a feed and of a live set have in common: a form, and what comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Union

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QVBoxLayout, QWidget

from ...bridge.i18n import tr
from ..dialogs import buttons
from ..help import open_help

if TYPE_CHECKING:
    from ...core.features.set_spec import SetSpec
    from ...core.live.spec import FeedSpec

    Spec = Union[FeedSpec, SetSpec]


class SpecForm(Protocol):
    """A form that describes a feed or a set."""

    def spec(self) -> Spec:
        """What it says now."""


class SettingsDialog(QDialog):
    """``changed`` with the new description when the analyst agrees to another one.

    A subclass makes ``form`` and calls ``_lay_out``, with the widgets of its own that stand below it.
    """

    changed = pyqtSignal(object)

    if TYPE_CHECKING:
        form: SpecForm
        _spec: Spec

    def _lay_out(self, form: QWidget, *below: QWidget, name: str, page: str) -> None:
        """Put the form above the buttons; ``page`` is that of the help, ``name`` the button's to accept."""
        box, self.ok_button = buttons(tr("Apply"), help_clicked=lambda: open_help(page))
        self.ok_button.setObjectName(name)
        box.accepted.connect(self._accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(form, 1)
        for widget in (*below, box):
            layout.addWidget(widget)

    def _accept(self) -> None:
        spec = self.form.spec()
        if spec != self._spec:
            self.changed.emit(spec)
        self.accept()
