"""Find positions, the dialog: what is unsure is asked, the preview follows, and Enter in the keys adds nothing."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsCoordinateReferenceSystem
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from tests.support.positions import position


@pytest.fixture
def find(live, fleet, wait_until):
    """A function that opens the dialog on what stands in Redis, and returns it once it has looked."""

    def opened(pattern):
        live.dialogs.find()
        dialog = live.dialogs.current
        wait_until(lambda: dialog._task is None)
        row = next(n for n, one in enumerate(dialog.proposals) if one.spec.pattern == pattern)
        dialog.table.selectRow(row)
        return dialog

    return opened


def test_integers_that_may_be_semicircles_are_asked_and_shown_as_answered(find, fleet):
    around = 2**31 / 180  # of degrees in Berlin; as degrees times 10^7 they would be in Sweden
    for n in range(4):
        fleet.set(
            f"watch:{n}", json.dumps({"lat": round((52.52 + n / 999) * around), "lon": round(13.41 * around)})
        )
    form = find("watch:*").form
    assert list(form.questions.boxes) == ["scale"] and form.preview.rowCount() == 0
    box = form.questions.boxes["scale"]
    answers = [box.itemText(n) for n in range(1, box.count())]
    assert len(answers) == 2 and "longitude 13.4100, latitude 52.5" in answers[1]
    box.setCurrentIndex(2)
    assert form.preview.rowCount() == 4


def test_the_order_is_asked_and_the_preview_follows(find, fleet):
    for n in range(4):
        fleet.set(f"marker:{n}", json.dumps([48.85312, 2.35012]))
    dialog = find("marker:*")
    form = dialog.form
    assert list(form.questions.boxes) == ["order"]
    assert "read as" not in form.reasons.text() and "coordinates" in form.reasons.text()
    assert not dialog.add_button.isEnabled() and form.preview.rowCount() == 0
    box = form.questions.boxes["order"]
    assert [box.itemText(n) for n in (1, 2)] == [
        "longitude 48.8531, latitude 2.35012",
        "latitude 48.8531, longitude 2.35012",
    ]
    box.setCurrentIndex(2)
    assert form.preview.item(0, 1).text() == "2.35012"
    assert dialog.add_button.isEnabled()
    assert form.spec().mapping.pair_order == "latlon" and not form.spec().mapping.asks
    box.setCurrentIndex(1)
    assert form.preview.item(0, 1).text() == "48.85312"
    assert form.spec().mapping.pair_order == "lonlat"


def test_the_unit_of_a_speed_is_asked(find, fleet):
    for n in range(4):
        fleet.hset(f"gps:{n}", mapping={"lat": 48.8 + n, "lng": 2.3, "speed": 72, "angle": 90})
    dialog = find("gps:*")
    box = dialog.form.questions.boxes["speed_unit"]
    assert dialog.form.preview.item(0, 5).text() == ""
    assert dialog.add_button.isEnabled()  # the position is sure
    box.setCurrentIndex(box.findText("km/h"))
    assert dialog.form.preview.item(0, 5).text().startswith("72")
    assert dialog.form.spec().mapping.speed_unit == "km/h" and not dialog.form.spec().mapping.asks


def test_whether_old_counts_are_times_is_asked(find, fleet):
    for n in range(4):
        fleet.hset(f"gps:{n}", mapping={"lat": 48.853 + n, "lng": 2.3501, "timestamp": 1_400_000_000 + n})
    dialog = find("gps:*")
    box = dialog.form.questions.boxes["time"]
    assert not dialog.add_button.isEnabled()
    assert box.itemText(1) == "yes, the newest is of 2014-05-13 16:53 UTC"
    box.setCurrentIndex(1)
    assert dialog.add_button.isEnabled()
    assert dialog.form.spec().mapping.time == "timestamp" and not dialog.form.spec().mapping.asks


def test_a_crs_is_asked_and_taken(find, fleet):
    for n in range(4):
        fleet.set(
            f"camion:{n}", json.dumps({"x": 652381.1 + n, "y": 6862047.2, "time": "2026-11-28T12:00:00Z"})
        )
    dialog = find("camion:*")
    assert dialog.form.preview.rowCount() == 0
    dialog.form.questions.boxes["crs"].setCrs(QgsCoordinateReferenceSystem("EPSG:2154"))
    assert dialog.form.spec().mapping.crs == "EPSG:2154"
    assert float(dialog.form.preview.item(0, 2).text()) == pytest.approx(48.86, abs=0.01)


def test_what_is_sure_is_not_asked(find, fleet):
    dialog = find("vehicule:*")
    assert dialog.form.questions.boxes == {} and dialog.form.questions.isHidden()
    assert "timestamp" in dialog.form.reasons.text()


def test_enter_in_the_keys_looks_and_adds_nothing(live, find, fleet, wait_until):
    dialog = find("vehicule:*")
    fleet.set("bateau:1", position())
    dialog.pattern_edit.setText("bateau:*")
    dialog.pattern_edit.setFocus()
    QTest.keyClick(dialog.pattern_edit, Qt.Key.Key_Return)
    wait_until(lambda: dialog._task is None)
    assert [one.spec.pattern for one in dialog.proposals] == ["bateau:*"]
    assert live.dialogs.current is dialog and not live.manager.feeds
    dialog.form.mapping.name_edit.setFocus()
    QTest.keyClick(dialog.form.mapping.name_edit, Qt.Key.Key_Enter)
    assert live.dialogs.current is dialog and not live.manager.feeds
    dialog.add_button.setFocus()
    QTest.keyClick(dialog.add_button, Qt.Key.Key_Return)
    wait_until(lambda: len(live.manager.feeds) == 1)


def test_what_was_left_out_is_said_and_can_be_looked_at(find, fleet, wait_until, monkeypatch):
    from redis_geo_plugin.core.live import discovery
    from redis_geo_plugin.core.live.key_scan import Limits

    fleet.mset({f"session:{n}": "x" for n in range(30_000)})
    fleet.set("picture", b"\x89PNG" + b"p" * 2_000_000)
    quick = Limits(seconds=0.05, share=0.01)
    monkeypatch.setattr(discovery, "THOROUGH", Limits(seconds=60.0, share=0.9))
    dialog = find("vehicule:*")
    assert dialog.all_button.isHidden() and "picture" in dialog.found_label.text()
    monkeypatch.setattr(discovery, "QUICK", quick)
    dialog.look()
    wait_until(lambda: dialog._task is None)
    assert not dialog.all_button.isHidden()
    dialog.all_button.click()
    wait_until(lambda: dialog._task is None)
    assert dialog.all_button.isHidden()
    assert [one.spec.pattern for one in dialog.proposals] == ["vehicule:*"]


def test_looking_can_be_cancelled(live, find, fleet, wait_until, monkeypatch):
    from redis_geo_plugin.core.live import discovery
    from redis_geo_plugin.core.live.key_scan import Limits

    dialog = find("vehicule:*")
    fleet.mset({f"session:{n}": "x" for n in range(30_000)})
    monkeypatch.setattr(discovery, "QUICK", Limits(seconds=100.0, share=0.0001))
    dialog.look_button.click()
    assert dialog.look_button.text() == "Cancel"
    dialog.look_button.click()
    wait_until(lambda: dialog._task is None)
    assert dialog.look_button.text() == "Look again"


def test_the_tables_have_menus_on_their_rows(find, fleet, wait_until):
    from qgis.PyQt.QtWidgets import QApplication, QTableWidget

    from redis_geo_plugin.gui.row_menu import RowMenu

    dialog = find("vehicule:*")
    for name, wanted in (
        ("redis_geo_find_proposals", {"Add to the map", "By hand", "Copy"}),
        ("redis_geo_find_preview", {"Copy"}),
    ):
        table = dialog.findChild(QTableWidget, name)
        wait_until(lambda table=table: table.rowCount() > 0)
        menu = table.findChild(RowMenu).menu_at(table.visualItemRect(table.item(0, 0)).center())
        assert {action.text() for action in menu.actions() if action.text()} == wanted
        next(a for a in menu.actions() if a.objectName() == "redis_geo_row_copy").trigger()
        assert QApplication.clipboard().text().count("\t") == table.columnCount() - 1


def test_add_in_the_menu_adds_the_feed_of_the_row(live, find, fleet, wait_until):
    from redis_geo_plugin.gui.row_menu import RowMenu

    dialog = find("vehicule:*")
    row = dialog.table.currentRow()
    menu = dialog.table.findChild(RowMenu).menu_at(
        dialog.table.visualItemRect(dialog.table.item(row, 0)).center()
    )
    next(a for a in menu.actions() if a.objectName() == "redis_geo_find_add").trigger()
    wait_until(lambda: len(live.manager.feeds) == 1)
