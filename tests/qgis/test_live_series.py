"""Time series as live positions in the window: found, previewed, asked once, followed and kept in the project."""

from __future__ import annotations

import time

import pytest
from qgis.core import QgsCoordinateReferenceSystem

from tests.qgis.test_live_by_hand import cells, pick, type_in


@pytest.fixture
def one_server(stack_server):
    """The server of the saved connection: a Redis Stack."""
    return stack_server


def write(client, coordinate, north=48.0, key="telemetry:{id}{at}", metres=False):
    names = ("x", "y") if metres else ("lon", "lat")
    for n in range(4):
        place = (652_000.0 + n, 6_862_000.0) if metres else (2.35, north + n / 100)
        for at, (name, value) in enumerate(zip(names, place)):
            labels = ("LABELS", "vehicle", f"v{n}", coordinate, name)
            moment = int(time.time() * 1000)
            client.execute_command("TS.ADD", key.format(id=n, at=at, name=name), moment, value, *labels)


def found(live, wait_until):
    live.dialogs.find()
    dialog = live.dialogs.current
    wait_until(lambda: dialog._task is None)
    (proposal,) = dialog.proposals
    dialog.table.selectRow(0)
    return dialog, proposal


def added(live, dialog, wait_until):
    dialog.add_button.click()
    wait_until(lambda: live.manager.feeds)
    (feed,) = live.manager.feeds.values()
    wait_until(lambda: feed.layer.featureCount() == 4)
    return feed


@pytest.mark.parametrize("key", ["telemetry:{id}{at}", "ts:{id}:{name}"])
def test_series_are_found_and_followed(live, one_server, wait_until, key):
    """By their labels, and by their keys: what the dialog does not show goes from the proposal into the feed."""
    with one_server.client() as client:
        write(client, "coord", key=key)
        dialog, proposal = found(live, wait_until)
        assert proposal.spec.kind == ("labelled_series" if "at" in key else "time_series")
        assert dialog.form.preview.rowCount() == 4
        feed = added(live, dialog, wait_until)
        assert feed.spec.details == proposal.spec.details
        write(client, "coord", 48.0005, key=key)  # no faster than a vehicle may be
        wait_until(lambda: min(f.geometry().asPoint().y() for f in feed.layer.getFeatures()) > 48.0004)


def test_the_crs_of_series_in_metres_is_asked_once(live, one_server, wait_until):
    with one_server.client() as client:
        write(client, "axis of 'x'", metres=True)
    dialog, proposal = found(live, wait_until)
    assert proposal.spec.mapping.asks == ("crs",) and dialog.form.preview.rowCount() == 0
    dialog.form.mapping.crs_box.setCrs(QgsCoordinateReferenceSystem("EPSG:2154"))
    wait_until(lambda: dialog.form.preview.rowCount() == 4)
    feed = added(live, dialog, wait_until)
    assert feed.spec.mapping.crs == "EPSG:2154"
    assert {round(f.geometry().asPoint().y(), 1) for f in feed.layer.getFeatures()} == {48.9}


def test_a_filter_is_said_by_hand(live, one_server, wait_until):
    with one_server.client() as client:
        write(client, "coord")
        client.execute_command("TS.ADD", "odd", "*", 1, "LABELS", "vehicle", "v9", "coord", "lat")
    live.dialogs.find()
    dialog = live.dialogs.current
    wait_until(lambda: dialog._task is None)
    form, fields = dialog.form, dialog.form.mapping
    dialog.by_hand_button.click()
    pick(fields.kind_box, "labelled_series")
    type_in(fields.pattern_edit, "coord=(lon,lat)")
    wait_until(lambda: form.preview.rowCount() == 4)
    assert cells(form)[0] == "v0" and [float(cell) for cell in cells(form)[1:3]] == [2.35, 48.0]
