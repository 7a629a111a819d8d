"""Answering the questions of ``gui/dialogs.py`` without showing them."""

from __future__ import annotations

from typing import NamedTuple

from qgis.PyQt.QtWidgets import QMessageBox


class Asked(NamedTuple):
    title: str
    text: str
    buttons: list[str]


def answer(monkeypatch, yes: bool) -> list[Asked]:
    """From now on every message box is answered so; returns the list that they are entered into."""
    asked: list[Asked] = []

    def answered(box: QMessageBox) -> QMessageBox.StandardButton:
        asked.append(Asked(box.windowTitle(), box.text(), [button.text() for button in box.buttons()]))
        return QMessageBox.StandardButton.Yes if yes else QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "exec", answered)
    return asked
