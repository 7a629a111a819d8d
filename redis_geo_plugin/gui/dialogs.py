"""Questions and the buttons of dialogs, in the language of their text.

Qt's own translation, from which standard buttons take their texts, is a package of its own on some systems
and often not installed. QGIS loads it where it is there; where it is not, a French question would stand above
English buttons.
"""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QGuiApplication
from qgis.PyQt.QtWidgets import QDialogButtonBox, QMessageBox, QPushButton, QWidget

from ..bridge.i18n import tr
from ..core.readable import printable

FRAME = 60  # pixels that the frame of a window and the task bar may take


def open_at(window: QWidget, width: int, height: int) -> None:
    """Give a window its first size, in pixels; on a small screen it is no larger than there is room."""
    parent = window.parentWidget()
    handle = parent.window().windowHandle() if parent is not None else None
    screen = handle.screen() if handle is not None else QGuiApplication.primaryScreen()
    room = screen.availableGeometry()
    window.resize(min(width, room.width() - FRAME), min(height, room.height() - FRAME))


def confirmed(parent: Optional[QWidget], title: str, question: str, yes: str) -> bool:
    """Ask before something is done. ``yes`` is the button that does it, in words; Enter and Escape mean
    Cancel."""
    kinds = QMessageBox.StandardButton
    box = _message_box(QMessageBox.Icon.Question, title, question, kinds.Yes | kinds.Cancel, parent)
    box.setObjectName("redis_geo_question")
    box.button(kinds.Yes).setText(yes)
    box.button(kinds.Cancel).setText(tr("Cancel"))
    box.setDefaultButton(kinds.Cancel)
    box.setEscapeButton(kinds.Cancel)
    try:
        return box.exec() == kinds.Yes
    finally:
        box.deleteLater()


def choice(parent: Optional[QWidget], title: str, question: str, answers: list[str]) -> str:
    """Ask for one of some answers, each a button; returns its text, '' for Cancel, Enter and Escape."""
    kinds = QMessageBox.StandardButton
    box = _message_box(QMessageBox.Icon.Question, title, question, kinds.Cancel, parent)
    box.setObjectName("redis_geo_question")
    for answer in answers:
        box.addButton(answer, QMessageBox.ButtonRole.ActionRole)
    box.button(kinds.Cancel).setText(tr("Cancel"))
    box.setDefaultButton(kinds.Cancel)
    box.setEscapeButton(kinds.Cancel)
    try:
        box.exec()
        text = box.clickedButton().text() if box.clickedButton() is not None else ""
        return text if text in answers else ""
    finally:
        box.deleteLater()


def told(parent: Optional[QWidget], title: str, text: str) -> None:
    """Show a text until it is closed."""
    kinds = QMessageBox.StandardButton
    box = _message_box(QMessageBox.Icon.Information, title, text, kinds.Close, parent)
    box.setObjectName("redis_geo_information")
    box.button(kinds.Close).setText(tr("Close"))
    try:
        box.exec()
    finally:
        box.deleteLater()


def _message_box(icon: Any, title: str, text: str, kinds: Any, parent: Optional[QWidget]) -> QMessageBox:
    """A box that never takes its text for HTML: a question has to show the very name that is meant."""
    box = QMessageBox(icon, title, "", kinds, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(printable(text))
    return box


def buttons(
    accept: str, reject: str = "", help_clicked: Optional[Callable[[], object]] = None
) -> tuple[QDialogButtonBox, QPushButton]:
    """The buttons at the foot of a dialog, and the one that accepts; ``reject`` is Cancel unless told
    otherwise."""
    kinds = QDialogButtonBox.StandardButton
    box = QDialogButtonBox(kinds.Ok | kinds.Cancel)
    box.button(kinds.Ok).setText(accept)
    box.button(kinds.Cancel).setText(reject or tr("Cancel"))
    if help_clicked is not None:
        box.addButton(kinds.Help).setText(tr("Help"))
        box.helpRequested.connect(help_clicked)
    return box, box.button(kinds.Ok)
