"""Every text of the message bar can be read in a window of 1280 pixels with panels at both sides of the map."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from qgis.core import Qgis
from qgis.gui import QgsMessageViewer
from qgis.PyQt.QtWidgets import QApplication, QPushButton, QTextBrowser

from redis_geo_plugin.gui import fitted_text
from redis_geo_plugin.gui.messages import Button
from tests.support.waiting import spin, wait_until

CATALOGUES = Path(__file__).resolve().parents[2] / "resources" / "translations"
MAP = 570  # pixels that are left of 1280 between the Layers panel and one of the plugin's
LONG_NAME = "Zones à risque d’inondation (2026, version consolidée) — copie de travail"
SENTENCE = re.compile(r"[.!?…]$")
BUTTONS = ["Zoomer", "Annuler"]


def texts() -> dict[str, list[str]]:
    """All sentences of the plugin in English and in French, with long names in them: what a message may say is
    among them."""
    found: dict[str, list[str]] = {"en": [], "fr": []}
    for path in sorted(CATALOGUES.glob("*.ts")):
        for message in ElementTree.parse(path).iter("message"):
            pair = message.findtext("source") or "", message.findtext("translation") or ""
            for language, text in zip(found, pair):
                if SENTENCE.search(text) and "\n" not in text:
                    text = text.replace("\xa0", " ").replace("\u202f", " ")
                    found[language].append(re.sub(r"\{\w*[^}]*\}", LONG_NAME, text))
    return found


@pytest.fixture
def bar(context, iface):
    iface.mainWindow().resize(MAP, 720)
    iface.mainWindow().show()
    spin(0.1)
    yield iface.bar
    iface.bar.take_messages()


def show(context, text, buttons=BUTTONS):
    made = context.ui.message(
        text, Qgis.MessageLevel.Info, buttons=[Button(name, lambda: None) for name in buttons]
    )
    words = made.widget.findChild(QTextBrowser)
    spin(0.0)
    for _ in range(20):
        QApplication.processEvents()
    return made, words


def is_whole(words):
    return words.document().size().height() <= words.height() + 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_sentence_is_read_whole_or_its_rest_is_a_button_away(context, bar, language):
    every = texts()[language]
    assert len(every) > 300
    longest = sorted(set(every), key=len, reverse=True)
    for text in longest[:60] + longest[60::15]:
        made, words = show(context, text)
        wait_until(lambda words=words: is_whole(words))
        more = made.widget.findChild(QPushButton, "redis_geo_message_more")
        shown = words.toPlainText().replace("\xa0", " ").replace("\u202f", " ")
        if more is None or not more.isVisible():
            assert shown.endswith(text[-20:]), text
        else:
            assert shown.endswith("…") and len(shown) > 40, text
        for button in made.widget.findChildren(QPushButton):
            if button.isVisible():
                assert button.width() >= button.minimumSizeHint().width(), (text, button.text())
                assert made.widget.rect().contains(button.geometry()), (text, button.text())
        assert bar.width() <= MAP and bar.height() < 200, text
        made.drop()


def test_the_button_shows_all_of_a_long_text(context, bar):
    text = "The server says: " + "what is wrong with it, " * 60 + "and no more."
    made, _words = show(context, text)
    more = wait_until(lambda: made.widget.findChild(QPushButton, "redis_geo_message_more"))
    more.click()
    viewer = wait_until(
        lambda: next((w for w in QApplication.topLevelWidgets() if isinstance(w, QgsMessageViewer)), None)
    )
    assert text in viewer.findChild(QTextBrowser).toPlainText()
    viewer.close()


def test_a_wider_window_shows_more_of_it(context, bar, iface):
    text = "The server says: " + "what is wrong with it, " * 15 + "and no more."
    made, words = show(context, text)
    more = wait_until(lambda: made.widget.findChild(QPushButton, "redis_geo_message_more"))
    assert more.isVisible()
    iface.mainWindow().resize(1900, 720)
    wait_until(lambda: words.toPlainText().endswith("and no more.") and not more.isVisible())
    iface.mainWindow().resize(MAP, 720)
    wait_until(lambda: words.toPlainText().endswith("…") and more.isVisible())


def test_megabytes_are_not_laid_out(context, bar, monkeypatch):
    laid_out = []
    real = fitted_text.FittedText._show
    monkeypatch.setattr(
        fitted_text.FittedText, "_show", lambda self, text: (laid_out.append(len(text)), real(self, text))[1]
    )
    made, words = show(context, "x " * 2_000_000, [])
    wait_until(lambda: made.widget.findChild(QPushButton, "redis_geo_message_more"))
    wait_until(lambda: is_whole(words))
    assert max(laid_out) <= fitted_text.LONGEST


def test_the_words_get_their_height_however_often_the_width_changes(context, bar, iface):
    _made, words = show(context, "Buffer 80 km of Countries is done. Jobs: 41. It took 48 s.", ["Zoom"])
    for width in (1280, 560, 900, 600, 1280, 620):
        iface.mainWindow().resize(width, 720)
        wait_until(lambda: is_whole(words))
        assert words.toPlainText().endswith("48 s.")
