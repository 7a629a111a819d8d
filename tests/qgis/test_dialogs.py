"""The buttons of the plugin's dialogs speak the language of their text, also where Qt's own translation is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QDialogButtonBox, QMessageBox, QWidget

from redis_geo_plugin.bridge import i18n
from redis_geo_plugin.gui import dialogs
from tests.support.answers import answer

ROOT = Path(__file__).resolve().parents[2]
GUI = ROOT / "redis_geo_plugin" / "gui"


def test_a_question_and_its_buttons_are_in_french(french, monkeypatch):
    asked = answer(monkeypatch, True)
    assert dialogs.confirmed(None, "Redis Geo", "?", i18n.tr("Delete")) is True
    dialogs.told(None, "Redis Geo", "!")
    assert sorted(asked[0].buttons) == ["Annuler", "Supprimer"] and asked[1].buttons == ["Fermer"]
    assert dialogs.confirmed(None, "Redis Geo", "?", "!") is True
    answer(monkeypatch, False)
    assert dialogs.confirmed(None, "Redis Geo", "?", "!") is False


def test_the_foot_of_a_dialog_is_in_french(french):
    helped = []
    box, accept = dialogs.buttons(i18n.tr("Save"), help_clicked=lambda: helped.append(True))
    assert sorted(b.text() for b in box.buttons()) == ["Aide", "Annuler", "Enregistrer"]
    assert accept.text() == "Enregistrer"
    box.button(QDialogButtonBox.StandardButton.Help).click()
    assert helped
    box.deleteLater()


def test_a_window_opens_no_larger_than_the_screen(qgis_app):
    room = QApplication.primaryScreen().availableGeometry()
    parent, window = QWidget(), QWidget()
    dialogs.open_at(window, 300, 200)
    assert (window.width(), window.height()) == (300, 200)
    parent.show()
    window.setParent(parent)
    dialogs.open_at(window, 20_000, 10_000)
    assert window.width() < room.width() and window.height() < room.height()


def test_no_window_takes_a_size_of_its_own():
    """The help was higher than a screen of 720 pixels."""
    taken = [
        path.name for path in GUI.rglob("*.py") if re.search(r"self\.resize\(\d", path.read_text("utf-8"))
    ]
    assert taken == []


@pytest.mark.parametrize("press, expected", [("yes", True), ("cancel", False), ("escape", False)])
def test_a_question_is_answered_by_its_buttons(qgis_app, press, expected):
    def pressed():
        box = QApplication.activeModalWidget()
        kinds = QMessageBox.StandardButton
        assert box.objectName() == "redis_geo_question" and box.defaultButton() is box.button(kinds.Cancel)
        box.reject() if press == "escape" else box.button(
            kinds.Yes if press == "yes" else kinds.Cancel
        ).click()

    QTimer.singleShot(0, pressed)
    assert dialogs.confirmed(None, "Redis Geo", "Sure?", "Do it") is expected


def test_no_other_part_makes_standard_buttons():
    """One place, so that no dialog is forgotten."""
    found = [
        path.name
        for path in GUI.rglob("*.py")
        if path.name != "dialogs.py"
        and any(w in path.read_text("utf-8") for w in ("QMessageBox", "QDialogButtonBox"))
    ]
    assert found == []
