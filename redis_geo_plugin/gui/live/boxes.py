"""The boxes that the forms and tabs of live feeds are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QSizePolicy, QSpinBox

from ...bridge.i18n import tr


def choice(name: str, entries: Iterable[tuple[Any, str]]) -> QComboBox:
    """A list of (value, text); ``currentData`` is the value chosen."""
    box = QComboBox()
    box.setObjectName(name)
    for value, text in entries:
        box.addItem(text, value)
    return box


def narrow(box: QComboBox) -> None:
    """Let a list be narrower than its longest entry: the form has to fit beside a preview."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, box.sizePolicy().verticalPolicy())


def select(box: QComboBox, value: Any, editable: bool = False) -> None:
    """Choose the entry of a value; nothing where there is none.

    A value unknown to an editable list is its text.
    """
    row = -1 if value is None else box.findData(value)
    box.setCurrentIndex(row)
    if row < 0 and editable:
        box.setEditText("" if value is None else str(value))


def whole_number(name: str, lowest: int, highest: int, suffix: str = "", special: str = "") -> QSpinBox:
    """``special`` is what stands there instead of the lowest."""
    box = QSpinBox()
    box.setObjectName(name)
    box.setRange(lowest, highest)
    box.setSuffix(suffix)
    box.setSpecialValueText(special)
    box.setGroupSeparatorShown(True)
    return box


def interval(name: str) -> QDoubleSpinBox:
    """The seconds that the map may be behind."""
    box = QDoubleSpinBox()
    box.setObjectName(name)
    box.setRange(0.25, 3600.0)
    box.setSingleStep(0.25)
    box.setSuffix(tr(" s"))
    box.setToolTip(tr("How far the map may be behind, at most: changes are read soon enough before"))
    return box
