"""The window of the help: back, contents and search; the pages as it reads them."""

from __future__ import annotations

import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDialog

from redis_geo_plugin.bridge import documentation
from redis_geo_plugin.gui import help as help_module


@pytest.fixture
def window(iface, wait_until):
    iface.window.show()
    help_module.open_help("index")
    wait_until(lambda: help_module._window.tree.topLevelItemCount() > 5)
    yield help_module._window
    help_module.close_help()


def page(window):
    return window.browser.source().fileName()


def rows(window):
    return [window.tree.topLevelItem(n).text(0) for n in range(window.tree.topLevelItemCount())]


def top_words(window):
    """The first line in sight."""
    return window.browser.cursorForPosition(window.browser.viewport().rect().topLeft()).block().text()


def scrolled_to(window, words):
    """Whether a line stands in the upper quarter of what is shown."""
    height = window.browser.viewport().height()
    cursor = window.browser.document().find(words)
    return not cursor.isNull() and -5 <= window.browser.cursorRect(cursor).top() < height / 4


def test_contents_lists_every_page_and_opens_a_heading(window):
    titles = {documentation.sections(name)[0].title for name in ("connections", "cache", "live", "jobs")}
    assert titles <= set(rows(window))
    (cache,) = [
        window.tree.topLevelItem(n)
        for n, title in enumerate(rows(window))
        if title == documentation.sections("cache")[0].title
    ]
    headings = [cache.child(n).text(0) for n in range(cache.childCount())]
    assert "In Processing" in headings
    window.tree.itemClicked.emit(cache.child(headings.index("In Processing")), 0)
    assert page(window) == "cache.md" and scrolled_to(window, "In Processing")


def test_back_and_forward_and_the_first_page(window):
    assert not window.back.isEnabled()
    window.show_page("live")
    window.show_page("jobs")
    window.back.click()
    assert page(window) == "live.md" and window.forward.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    window.back.click() if page(window) != "index.md" else None
    assert page(window) == "index.md"
    window.forward.click()
    assert page(window) == "live.md"
    window.first.click()
    assert page(window) == "index.md"


def test_a_search_looks_at_all_pages_and_marks_what_it_found(window):
    window.search.setText("shared SECRET")
    found = rows(window)
    assert found and "Nothing found" not in found
    QTest.keyClick(window.search, Qt.Key.Key_Return)
    text = window.browser.toPlainText().lower()
    assert "shared" in text and "secret" in text
    assert window.browser.extraSelections()
    window.search.setText("xyzzy")
    assert rows(window) == ["Nothing found"] and not window.browser.extraSelections()
    window.search.clear()
    assert len(rows(window)) > 5


def test_enter_goes_from_one_place_to_the_next(window):
    window.search.setText("namespace")
    seen = []
    for _ in range(3):
        QTest.keyClick(window.search, Qt.Key.Key_Return)
        seen.append((window.browser.source().toString(), window.tree.currentItem().text(0)))
    assert len(set(seen)) == 3


def test_links_open_pages_here_and_others_in_the_web_browser(window, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    window.browser.anchorClicked.emit(QUrl("cache.md#in-processing"))
    assert page(window) == "cache.md" and scrolled_to(window, "In Processing")
    window.browser.anchorClicked.emit(QUrl("https://example.org/"))
    assert opened == ["https://example.org/"] and page(window) == "cache.md"


def test_it_belongs_to_the_dialog_that_is_open_and_so_can_be_used(window, iface, spin):
    dialog = QDialog(iface.mainWindow())
    dialog.setModal(True)
    dialog.show()
    spin(0.1)
    help_module.open_help("connections")
    assert help_module._window.parentWidget() is dialog
    dialog.close()
    spin(0.1)
    help_module.open_help("connections")
    assert help_module._window.parentWidget() is iface.mainWindow()


def test_a_dialog_that_goes_may_take_it_along(window, iface, spin):
    from qgis.PyQt import sip

    dialog = QDialog(iface.mainWindow())
    dialog.setModal(True)
    dialog.show()
    spin(0.1)
    help_module.open_help("connections")
    sip.delete(dialog)
    help_module.open_help("live")
    assert page(help_module._window) == "live.md" and help_module._window.isVisible()


def test_pages_are_searched_whatever_the_case_and_accents(qgis_app):
    QgsSettings().setValue("locale/overrideFlag", True)
    QgsSettings().setValue("locale/userLocale", "fr")
    try:
        everything = documentation.contents()
        assert len({section.page for section in everything}) > 7
        found = documentation.find(everything, "RESULTATS recents")
        assert any("récents" in (one.line or one.section.title).lower() for one in found)
        assert documentation.web_address("live").endswith("docs/fr/live.md")
    finally:
        QgsSettings().remove("locale/overrideFlag")
        QgsSettings().remove("locale/userLocale")


def test_every_link_within_the_pages_leads_to_a_heading_that_is_there(qgis_app):
    import re

    for folder in (documentation.DOCS, documentation.DOCS / "fr"):
        for path in folder.glob("*.md"):
            for name, anchor in re.findall(r"\]\((\w*)(?:\.md)?#([^)]+)\)", path.read_text(encoding="utf-8")):
                target = folder / f"{name or path.stem}.md"
                text = target.read_text(encoding="utf-8")
                slugs = {
                    documentation.slug(re.sub(r"[`*]", "", h)) for h in re.findall(r"^#+ +(.+)$", text, re.M)
                }
                assert anchor in slugs, (path, anchor)
