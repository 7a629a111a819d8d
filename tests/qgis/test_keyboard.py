"""A button that is greyed or hidden while its work runs has the keyboard again afterwards; it never goes to Help."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget

from tests.support.waiting import spin, wait_until


@pytest.fixture
def front(plugin, iface):
    """Shows a dock in the active window, and returns it."""
    window = iface.mainWindow()
    window.show()

    def show(name):
        dock = window.findChild(QDockWidget, f"redis_geo_{name}_dock")
        dock.setUserVisible(True)
        wait_until(dock.isUserVisible)
        spin(0.1)
        QApplication.setActiveWindow(window)
        wait_until(window.isActiveWindow)
        return dock

    return show


def has_keyboard(button):
    return QApplication.focusWidget() is button


def test_a_search_gives_the_keyboard_to_cancel_and_back(front):
    dock = front("search")
    dock.search.setFocus()
    dock.show_busy(True)
    assert has_keyboard(dock.cancel)
    dock.show_busy(False)
    assert has_keyboard(dock.search)
    dock.form.center.setFocus()
    dock.show_busy(True)
    dock.show_busy(False)
    assert has_keyboard(dock.form.center)  # whoever pressed Enter in a field goes on there


def test_a_run_gives_the_keyboard_to_cancel_and_back(front):
    form = front("cache").form
    form.controls.run_button.setFocus()
    form._started()
    assert has_keyboard(form.controls.cancel_button)
    form._ended("done")
    assert has_keyboard(form.controls.run_button)
