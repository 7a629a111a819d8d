"""Whatever others name their keys, members, ids, attributes, batches, workers, connections and layers: no place of the window
draws it as HTML, and a question shows the very name that is meant."""

from __future__ import annotations

import contextlib
import json
import re
import time
from dataclasses import replace

import pytest
from qgis.core import Qgis, QgsApplication, QgsProject
from qgis.PyQt.QtCore import QModelIndex, Qt
from qgis.PyQt.QtWidgets import QAbstractItemView, QComboBox, QLabel, QMessageBox, QTextBrowser, QWidget

from redis_geo_plugin.bridge import log, plain
from redis_geo_plugin.bridge.server import connections
from redis_geo_plugin.core import readable
from redis_geo_plugin.core.admin.maintenance import Tally
from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.redis.failures import classify
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.gui import dialogs
from redis_geo_plugin.gui.search.component import failure_text
from tests.support import jobs
from tests.support.positions import position

LINK = "<a href='http://x.y/'>click</a>"
PICTURE = '<img src="http://x.y/p.png">'
ESCAPED = "&lt;b&gt;bold"
TURNED = "admin\u202egpj.exe"
LINES = "one\ntwo<br>three"
NASTY = [LINK, PICTURE, ESCAPED, TURNED, LINES]
DANGEROUS = re.compile(r"<\s*(a|img)\b|&lt;b&gt;", re.I)
CONTROL = re.compile("[\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def hostile(one_server):
    """A server on which everything has a name that means mischief."""
    with one_server.client() as client:
        for name in NASTY:
            for member in NASTY:
                client.geoadd(name, (2.35, 48.85, member))
                client.hset(f"{name}:attributs", member, json.dumps({n: n for n in NASTY}))
            client.set(f"vehicule:{name}", position(48.85, 2.35, **{"note": name, name: name}))
            client.set(f"{name}:key", name)
            client.set(f"calculs:buffers:{name}:{'0' * 64}", b"x")
        yield client


def mischief(text):
    """Whether a text would be drawn as HTML with what others wrote in it, or turn what follows."""
    return bool(plain._LOOKS_RICH.search(text) and DANGEROUS.search(text)) or bool(CONTROL.search(text))


def wrong_of(widget: QWidget) -> list[str]:
    """What a widget shows as others would like it."""
    found = []
    if mischief(widget.toolTip()):
        found.append(f"tool tip {widget.toolTip()}")
    if isinstance(widget, QLabel) and (
        CONTROL.search(widget.text())
        or (DANGEROUS.search(widget.text()) and widget.textFormat() != Qt.TextFormat.PlainText)
    ):
        found.append(f"label {widget.text()}")
    if isinstance(widget, QMessageBox) and widget.textFormat() != Qt.TextFormat.PlainText:
        found.append(f"box {widget.text()}")
    if isinstance(widget, QTextBrowser) and DANGEROUS.search(widget.toHtml()):
        found.append(f"browser {widget.toHtml()}")
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        found += wrong_in(widget.model(), QModelIndex())
    return found


def wrong_in(model, parent) -> list[str]:
    found = []
    for row in range(min(model.rowCount(parent), 100)):
        for column in range(min(model.columnCount(parent), 20)):
            index = model.index(row, column, parent)
            tip, text = (
                str(model.data(index, role) or "")
                for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.DisplayRole)
            )
            if mischief(tip):
                found.append(f"tip of a cell {tip}")
            if CONTROL.search(text):
                found.append(f"cell {text}")
        found += wrong_in(model, model.index(row, 0, parent))
    return found


def all_wrong(root: QWidget) -> list[str]:
    """What is wrong in a window and all that it holds."""
    seen = [root, *root.findChildren(QWidget)]
    return [f"{widget.objectName()}: {what}" for widget in seen for what in wrong_of(widget)]


def texts_in(root: QWidget) -> str:
    """All that stands in cells and labels, to see that the names are there at all."""
    found = [label.text() for label in root.findChildren(QLabel)]
    for view in root.findChildren(QAbstractItemView):
        model = view.model()
        if model is not None:
            found += collected(model, QModelIndex())
    return "\n".join(found)


def collected(model, parent) -> list[str]:
    found = []
    for row in range(min(model.rowCount(parent), 100)):
        for column in range(min(model.columnCount(parent), 20)):
            found.append(str(model.data(model.index(row, column, parent), Qt.ItemDataRole.DisplayRole) or ""))
        found += collected(model, model.index(row, 0, parent))
    return found


def component(plugin, name):
    return next(c for c in plugin.components if type(c).__name__ == name)


def test_the_search_dock(plugin, hostile, wait_until):
    search = component(plugin, "SearchComponent")
    search.dock.build()
    form = search.dock.form
    wait_until(lambda: form.sets.count() == len(NASTY))
    box = search.dock.findChild(QComboBox, "redis_geo_search_set")
    for row in range(box.count()):
        box.setCurrentIndex(row)
        assert not mischief(box.toolTip()) and box.toolTip()
        assert not mischief(str(box.itemData(row, Qt.ItemDataRole.ToolTipRole)))
    form.sets.setEditText(LINK)
    form.center.setText("2.35, 48.85")
    search.search()
    wait_until(lambda: search.results.answer is not None and len(search.results.answer.hits) == len(NASTY))
    assert all_wrong(search.dock) == []
    assert LINK in texts_in(search.dock) and "\\u202e" in texts_in(search.dock)
    form.center.setText(PICTURE + "?")
    search.search()
    wait_until(lambda: "no member" in search.dock.status.text())
    search._failed(exceptions.ResponseError(f"ERR {LINK} {PICTURE}"))
    assert all_wrong(search.dock) == [] and "click" in search.dock.status.toolTip()


def test_the_server_dock(plugin, hostile, wait_until):
    dock = component(plugin, "ServerComponent").dock
    dock.show()
    dock.build()
    dock.panel.set_active(True)
    wait_until(lambda: dock.panel.survey is not None and dock.panel.head.health is not None)
    assert all_wrong(dock) == []
    assert "click" in texts_in(dock) and "\\u202e" in texts_in(dock)


@pytest.mark.parametrize("name", NASTY)
def test_a_purge_question_shows_the_very_name(plugin, hostile, wait_until, monkeypatch, name):
    dock = component(plugin, "ServerComponent").dock
    dock.show()
    dock.build()
    shown = []

    def asked(box):
        shown.append((box.text(), box.textFormat(), wrong_of(box)))
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "exec", asked)
    prefix = f"vehicule:{name}".encode()
    dock.panel.changes._purge_counted(prefix, Tally(1, 0))
    ((text, kind, wrong),) = shown
    assert readable.name_on_screen(prefix) in text
    assert kind == Qt.TextFormat.PlainText and wrong == []


def test_the_live_dock(plugin, hostile, live, wait_until, iface):
    feeds = [live.add(FeedSpec(name=name, interval=0.05, max_speed=0.0)) for name in (LINK, TURNED)]
    wait_until(lambda: all(feed.layer is not None and feed.layer.featureCount() for feed in feeds))
    iface.mainWindow().show()
    live.dock.show()
    wait_until(lambda: "click" in texts_in(live.dock))
    assert all_wrong(live.dock) == []


def test_the_jobs_dock(plugin, hostile, one_server, saved_connection, wait_until, iface):
    queue = JobQueue(open_server(saved_connection))
    descriptor = jobs.Descriptor(
        jobs.BUFFER.name, jobs.BUFFER.version, jobs.BUFFER.to_job(), jobs.NAMESPACE, 3600
    )
    for title in NASTY:
        queue.seal(queue.create_batch(title, descriptor, priority=jobs.Priority.NORMAL), 2)
    line = {
        "host": LINK,
        "pid": 7,
        "done": 1,
        "rate": 1.0,
        "operations": [PICTURE],
        "version": ESCAPED,
        "geos": TURNED,
    }
    hostile.hset(queue.p + b"travailleurs", PICTURE, json.dumps(line))
    hostile.zadd(queue.p + b"vus", {PICTURE: time.time()})
    iface.mainWindow().show()
    dock = component(plugin, "JobsComponent").dock
    dock.show()
    wait_until(lambda: LINK in texts_in(dock))
    assert all_wrong(dock) == []


def test_the_browser(plugin, hostile, wait_until):
    from redis_geo_plugin.gui.browser.items import ConnectionItem, RootItem

    lookup = component(plugin, "BrowserComponent").items.lookup
    item = ConnectionItem(RootItem(None, lookup), "test", lookup)
    item.createChildren()
    wait_until(lambda: item.found is not None)
    children = item.createChildren()
    assert any("click" in child.name() for child in children)
    for child in children:
        assert not mischief(child.toolTip()) and not CONTROL.search(child.name())


def test_connections_with_such_names(plugin, saved_connection, one_server, wait_until):
    monitor = plugin.context.connections
    link = LINK.replace("/", "")
    for name in (link, PICTURE.replace("/", ""), ESCAPED):
        connections.save(connections.SavedConnection(replace(one_server.settings(), name=name)))
    monitor.activate(link)
    wait_until(lambda: monitor.name == link)
    from redis_geo_plugin.gui.connections.lamp import tip

    made = tip(monitor)
    assert "&lt;a href" in made and not DANGEROUS.search(made.replace("&lt;b&gt;", ""))


@pytest.mark.parametrize("name", NASTY)
def test_the_message_bar_and_the_log(context, iface, name):
    heard = []
    QgsApplication.messageLog().messageReceived.connect(lambda text, tab, level: heard.append(text))
    context.ui.error(f"Not stored: {name}", f"ERR {name}")
    context.ui.message(name)
    items = [widget for widget in context.ui.messages.widgets() if widget is not None]
    for item in items:
        assert not DANGEROUS.search(item.text().replace("&amp;", "")) and not CONTROL.search(item.text())
        assert not mischief(item.toolTip())
    iface.bar.take_messages()
    log.info(name)
    assert heard and not [text for text in heard if re.search(r"<(?!br>)", text) or CONTROL.search(text)]
    with contextlib.suppress(TypeError):
        QgsApplication.messageLog().messageReceived.disconnect()


@pytest.mark.parametrize("name", NASTY)
def test_questions_and_texts(qgis_app, monkeypatch, name):
    seen = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: seen.append((box.text(), box.textFormat())))
    dialogs.confirmed(None, "Redis Geo", f"Remove {name}?", "Remove")
    dialogs.told(None, "Redis Geo", name)
    assert [kind for _, kind in seen] == [Qt.TextFormat.PlainText] * 2
    assert readable.printable(name) in seen[0][0] and readable.printable(name) == seen[1][0]


def test_the_servers_own_words(context, iface):
    failure = classify(exceptions.ResponseError(f"ERR {LINK}"))
    assert LINK in failure.words
    text, details = failure_text(exceptions.ResponseError(f"ERR {LINK}"))
    context.ui.error(text, details)
    (widget,) = context.ui.messages.widgets()
    assert not mischief(widget.toolTip()) and "click" in widget.toolTip()
    iface.bar.take_messages()
    assert Qgis.QGIS_VERSION_INT and QgsProject.instance() is not None


@pytest.mark.parametrize("name", NASTY)
def test_what_is_found_by_the_locator(qgis_app, hostile, one_server, name):
    from redis_geo_plugin.gui.search.locator import MemberFilter

    found = []
    finder = MemberFilter(one_server.settings, lambda lon, lat: None)
    finder.resultFetched.connect(found.append)

    class Feedback:
        @staticmethod
        def isCanceled():
            return False

    finder._fetch(one_server.settings(), name[:5], Feedback())
    assert found
    for result in found:
        for text in (result.displayString, result.description):
            assert not plain._LOOKS_RICH.search(text) and not CONTROL.search(text)


def test_what_is_copied_for_a_spreadsheet_is_no_formula(qgis_app):
    import numpy as np

    from redis_geo_plugin.bridge.geo.kinds import radius
    from redis_geo_plugin.bridge.geo.measuring import degrees_path
    from redis_geo_plugin.bridge.geo.requests import Answer, Place, Request
    from redis_geo_plugin.core.geo.hits import Hits
    from redis_geo_plugin.gui.search.model import ResultsModel

    members = [b"=1+1", b"@SUM(A1)", b"+cmd|' /C calc'!A0", b"\t=2", b"-3.5", b"plain"]
    hits = Hits.unmeasured(members, np.zeros(6), np.zeros(6))
    hits.distance[:] = 1.5
    hits.attributes = [{"=heading": value} for value in ("=HYPERLINK(1)", -7, "-7", "a\nb", None, True)]
    model = ResultsModel()
    model.show(Answer(Request(radius.KIND, "set", (Place(lon_lat=(0.0, 0.0)),)), hits).prepare())
    heading, *rows = [line.split("\t") for line in model.as_text(degrees_path()).split("\n")]
    assert heading[3] == "'=heading" and {len(row) for row in rows} == {len(heading)}
    assert [row[0] for row in rows] == [
        "'=1+1", "'@SUM(A1)", "'+cmd|' /C calc'!A0", "' =2", "-3.5", "plain"
    ]  # fmt: skip
    assert [row[3] for row in rows] == ["'=HYPERLINK(1)", "-7", "-7", "a b", "", "True"]
    assert all(row[1] == "1.500" for row in rows)
