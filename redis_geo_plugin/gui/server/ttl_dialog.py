"""Asks how long the keys of a namespace shall live from now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.keeping import keep
from ...bridge.settings import kept
from ...bridge.words.namespaces import with_left
from ...core.cache.written import Tally
from ...core.readable import name_on_screen
from ..dialogs import buttons
from ..labels import Label
from . import wording

AMOUNT = "redis_geo/server/ttl_amount"
UNIT = "redis_geo/server/ttl_unit"
UNITS = (60, 3600, 86400)  # seconds, in the order of the list


@dataclass(frozen=True)
class Lifetime:
    """A TTL in seconds, for all keys or only for those that have none."""

    seconds: int
    only_without: bool


class TtlDialog(QDialog):
    """Asks how long the keys of a branch are to live, and whether only those without a TTL."""

    def __init__(self, parent: QWidget, prefix: bytes, found: Tally):
        super().__init__(parent)
        self.setObjectName("redis_geo_server_ttl_dialog")
        self.setWindowTitle(tr("Set a TTL"))
        self.amount = QSpinBox()
        self.amount.setObjectName("redis_geo_server_ttl_amount")
        self.amount.setRange(1, 3650)
        self.amount.setValue(kept(AMOUNT, 7))
        self.unit = QComboBox()
        self.unit.setObjectName("redis_geo_server_ttl_unit")
        self.unit.addItems([tr("minutes"), tr("hours"), tr("days")])
        self.unit.setCurrentIndex(kept(UNIT, 2, 0, 2))
        self.only_without = QCheckBox(tr("Only keys that have no TTL"))
        self.only_without.setObjectName("redis_geo_server_ttl_only_without")
        self.only_without.setChecked(True)
        row = QHBoxLayout()
        row.addWidget(self.amount)
        row.addWidget(self.unit)
        form = QFormLayout()
        form.addRow(tr("Expire in"), row)
        form.addRow("", self.only_without)
        text = tr(
            "{count} keys under {prefix}. They are deleted by the server when their time has come."
        ).format(count=wording.number(found.ours), prefix=name_on_screen(prefix))
        note = Label(with_left(text, found.left))
        note.setWordWrap(True)
        box, _ = buttons(tr("Set"))
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(note)
        layout.addLayout(form)
        layout.addWidget(box)

    def lifetime(self) -> Lifetime:
        return Lifetime(self.amount.value() * UNITS[self.unit.currentIndex()], self.only_without.isChecked())

    @staticmethod
    def ask(parent: QWidget, prefix: bytes, found: Tally) -> Optional[Lifetime]:
        """What the user chose, None when cancelled; the choice is remembered."""
        dialog = TtlDialog(parent, prefix, found)
        try:
            if dialog.exec() != QDialog.DialogCode.Accepted:
                return None
            keep({AMOUNT: dialog.amount.value(), UNIT: dialog.unit.currentIndex()})
            return dialog.lifetime()
        finally:
            dialog.deleteLater()
