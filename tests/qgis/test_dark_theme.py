"""Texts that QGIS's dark themes would leave black on black."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QApplication, QLabel, QProgressBar

from redis_geo_plugin.bridge.i18n import RESOURCES
from redis_geo_plugin.gui.drawing import CHUNK, TextBar, text_as_on
from redis_geo_plugin.gui.icons import icon


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


def test_a_bar_follows_the_theme_that_is_chosen(themed):
    bar = TextBar()
    bar.show()
    assert bar.styleSheet() == ""
    themed("QWidget { background: #323232; color: #b1b1b1; }")
    assert "#b1b1b1" in bar.styleSheet() and CHUNK in bar.styleSheet()
    themed("")
    assert bar.styleSheet() == ""


def luminance(red, green, blue):
    """Relative luminance of a colour, as WCAG 2 defines it; 0 to 1."""
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """The contrast of two luminances, 1 to 21."""
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def told_apart(name, ground):
    """The share of an icon's pixels that are told apart from what it stands on."""
    image = icon(name).pixmap(64, 64).toImage()
    pixels = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    seen = [p for p in pixels if p.alpha() > 128]
    back = luminance(*QColor(ground).getRgbF()[:3])
    return sum(contrast(luminance(*p.getRgbF()[:3]), back) >= 2.4 for p in seen) / len(seen)


@pytest.mark.parametrize("ground", ["#efefef", "#323232"])  # QGIS's panels by day, and in Night Mapping
def test_icons_are_seen_on_light_and_on_dark_panels(qgis_app, ground):
    names = sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg"))
    shares = {name: round(told_apart(name, ground), 2) for name in names}
    assert len(shares) > 20
    assert {name: share for name, share in shares.items() if share < 0.25} == {}
