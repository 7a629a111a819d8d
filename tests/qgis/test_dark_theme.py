"""Texts that QGIS's dark themes would leave black on black."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtWidgets import QApplication, QLabel, QProgressBar

from redis_geo_plugin.gui.drawing import text_as_on


@pytest.fixture
def themed(qgis_app):
    application = QApplication.instance()
    before = application.styleSheet()
    yield application.setStyleSheet
    application.setStyleSheet(before)


def test_a_bars_text_has_the_colour_of_labels(themed):
    themed("QWidget { background: #323232; color: #b1b1b1; }")
    bar = QProgressBar()
    text_as_on(bar, QLabel("x"))
    assert "#b1b1b1" in bar.styleSheet()


def test_without_a_theme_a_bar_is_drawn_as_the_style_draws_it(themed):
    themed("")
    bar = QProgressBar()
    text_as_on(bar, QLabel("x"))
    assert bar.styleSheet() == ""
