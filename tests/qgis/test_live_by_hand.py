"""A feed said by hand: kind, keys, fields, order, units, form of time and CRS, with the preview following."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsCoordinateReferenceSystem

NOW = 1795348800


@pytest.fixture
def dialog(live, one_server, wait_until):
    """*Find positions* on a server where nothing would be recognised."""
    with one_server.client() as client:
        for i in range(3):
            record = {
                "wer": f"K{i}",
                "ort": [652_709.4 + i, 6_860_939.9],
                "wann": f"{i + 1}.11.2026 12:00:00",
            }
            client.set(f"etwas:{i}", json.dumps({**record, "tempo": 36}))
            client.hset(f"zwei:{i}", mapping={"a": 48.0 + i, "b": 2.0 + i, "c": NOW})
    live.dialogs.find()
    made = live.dialogs.current
    wait_until(lambda: made._task is None)
    return made


def pick(box, data):
    box.setCurrentIndex(box.findData(data))


def type_in(edit, text):
    edit.setText(text)
    edit.textEdited.emit(text)


def cells(form, row=0):
    return [form.preview.item(row, column).text() for column in range(6)]


def test_everything_is_said_from_nothing_and_the_preview_follows(live, dialog, wait_until):
    form, fields = dialog.form, dialog.form.mapping
    dialog.by_hand_button.click()
    assert form.isEnabled() and all(box.isEnabled() for box in fields.boxes.values())
    pick(fields.kind_box, "json_keys")
    type_in(fields.pattern_edit, "etwas:*")
    wait_until(lambda: fields.boxes["pair"].findText("ort") >= 0)  # a sample was read, its fields are offered
    fields.boxes["id"].setEditText("wer")
    fields.boxes["pair"].setEditText("ort")
    fields.boxes["time"].setEditText("wann")
    fields.time_unit_box.setEditText("%d.%m.%Y %H:%M:%S")
    fields.boxes["speed"].setEditText("tempo")
    pick(fields.unit_box, "km/h")
    assert form.preview.rowCount() == 0 and not dialog.add_button.isEnabled()  # no degrees
    assert form.refused_label.text()
    fields.crs_box.setCrs(QgsCoordinateReferenceSystem("EPSG:2154"))
    pick(fields.order_box, "lonlat")
    wait_until(lambda: form.preview.rowCount() == 3)
    said = cells(form)
    assert (said[0], said[3], said[5]) == ("K0", "2026-11-01 12:00:00", "36.0")
    assert float(said[1]) == pytest.approx(2.355, abs=0.01) and float(said[2]) == pytest.approx(
        48.846, abs=0.01
    )
    dialog.add_button.click()
    wait_until(lambda: live.manager.feeds)
    (feed,) = live.manager.feeds.values()
    wait_until(lambda: feed.layer.featureCount() == 3)
    assert {f["id"] for f in feed.layer.getFeatures()} == {"K0", "K1", "K2"}
    assert (feed.spec.name, feed.spec.mapping.crs) == ("etwas", "EPSG:2154")


def test_another_kind_or_other_keys_are_read_anew(dialog, wait_until):
    form, fields = dialog.form, dialog.form.mapping
    dialog.by_hand_button.click()
    pick(fields.kind_box, "hash_keys")
    type_in(fields.pattern_edit, "zwei:*")
    wait_until(lambda: fields.boxes["lat"].findText("a") >= 0)
    fields.boxes["lat"].setEditText("a")
    fields.boxes["lon"].setEditText("b")
    wait_until(lambda: form.preview.rowCount() == 3)
    pick(fields.kind_box, "geoset")
    assert form.preview.rowCount() == 0
    assert not form.rules.details_edit.isHidden()
    type_in(fields.pattern_edit, "nothing:*")
    wait_until(lambda: dialog._sampler._task is None and not dialog._sampler._timer.isActive())
    assert dialog.add_button.isEnabled()  # what does not stand there yet may come


def test_what_is_found_meanwhile_does_not_replace_what_is_being_said(live, dialog, fleet, wait_until):
    dialog.by_hand_button.click()
    type_in(dialog.form.mapping.pattern_edit, "mine:*")
    dialog.look()
    wait_until(lambda: dialog._task is None and dialog.proposals)
    assert dialog.form.mapping.pattern_edit.text() == "mine:*"
    dialog.table.selectRow(0)
    assert dialog.form.mapping.pattern_edit.text() == dialog.proposals[0].spec.pattern


def test_what_is_not_certain_is_left_open_until_it_is_chosen(live, one_server, wait_until):
    from redis_geo_plugin.core.live.spec import FeedSpec, Mapping
    from redis_geo_plugin.gui.live.feed_form import FeedForm

    form = FeedForm()
    mapping = Mapping(
        pair="p", pair_order="lonlat", speed="v", speed_unit="m/s", unsure="order speed_unit place"
    )
    form.show_spec(FeedSpec(name="n", mapping=mapping))
    fields = form.mapping
    assert (fields.order_box.currentIndex(), fields.unit_box.currentIndex()) == (-1, -1)
    assert form.spec().mapping == mapping
    pick(fields.order_box, "latlon")
    assert (form.spec().mapping.pair_order, form.spec().mapping.asks) == ("latlon", ("speed_unit", "place"))
    pick(fields.unit_box, "kn")
    fields.place_box.setChecked(True)
    assert form.spec().mapping.shows_positions and form.spec().mapping.speed_unit == "kn"
    form.deleteLater()


def test_a_form_keeps_what_it_does_not_show(live):
    from redis_geo_plugin.core.live.spec import FeedSpec, Mapping
    from redis_geo_plugin.gui.live.feed_form import FeedForm

    form = FeedForm()
    for mapping in (
        Mapping(pair="p", pair_order="geohash", time_unit="%H:%M", course="cog", scale=1e-7),
        Mapping(lon="x", lat="y", crs="EPSG:2154", time="t", date="d", time_unit="ms"),
        Mapping(format="traccar", lon="longitude", lat="latitude", speed="speed", speed_unit="kn"),
    ):
        spec = FeedSpec(name="n", kind="stream", mapping=mapping)
        form.show_spec(spec)
        assert form.spec() == spec
    form.deleteLater()
