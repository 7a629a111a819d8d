"""The fields and rules of a feed: set before it is added, and changed afterwards."""

from __future__ import annotations

import pytest

from tests.support.positions import position


@pytest.fixture
def one_server(server):
    """The whole window on both servers."""
    return server


def test_the_length_of_trails_and_the_rule_of_the_clock_are_kept_with_the_layer(live, feed, wait_until):
    from redis_geo_plugin.core.live.spec import from_json

    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.tabs.setCurrentWidget(dock.tab("trail"))
    dock.refresh()
    dock.tab("trail").minutes_box.setValue(5)
    dock.tab("trail").points_box.setValue(50)
    dock.tab("trail").clock_box.click()
    dock.interval_box.setValue(0.5)
    kept = from_json(feed.layer.customProperty("redis_geo/feed"))
    assert (kept.trail_minutes, kept.trail_points, kept.clock, kept.interval) == (5.0, 50, "correct", 0.5)
    assert feed.core.positions.spec.clock == "correct"


def test_the_rules_of_a_proposal_are_set_before_it_is_added(live, fleet, wait_until):
    live.dialogs.find()
    dialog = live.dialogs.current
    wait_until(lambda: dialog.proposals)
    rules, fields = dialog.form.rules, dialog.form.mapping
    assert (rules.late_box.value(), rules.max_speed_box.value(), rules.forget_box.value()) == (60, 1440, 0)
    assert rules.connection_box.currentData() == "test"
    rules.late_box.setValue(90)
    rules.max_speed_box.setValue(180)
    rules.forget_box.setValue(3600)
    rules.max_future_box.setValue(5)
    rules.interval_box.setValue(0.5)
    rules.keep_box.setChecked(True)
    rules.clock_box.setCurrentIndex(2)
    fields.boxes["time"].setEditText("nothing")
    wait_until(lambda: dialog.form.preview.item(0, 3).text() == "")
    fields.boxes["time"].setEditText("timestamp")
    dialog.add_button.click()
    wait_until(lambda: live.manager.feeds)
    (made,) = live.manager.feeds.values()
    spec = made.core.spec
    assert (spec.late_after, spec.max_speed, spec.forget_after, spec.max_future) == (90.0, 50.0, 3600.0, 5.0)
    assert (spec.interval, spec.keep_gone, spec.clock, spec.mapping.time) == (
        0.5,
        True,
        "reported",
        "timestamp",
    )


def test_the_settings_of_a_feed_on_the_map_are_changed_without_losing_its_layer(
    live, feed, fleet, wait_until
):
    layer, uid = feed.layer, feed.spec.uid
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    layer.select(ids["3"])
    live.dock._on_visible(True)
    live.dock.choose(uid)
    live.dock.settings_button.click()
    dialog = live.dialogs.current
    wait_until(lambda: dialog.form.preview.rowCount() == 5)
    dialog.form.mapping.name_edit.setText("buses")
    dialog.form.rules.late_box.setValue(7)
    dialog.ok_button.click()
    wait_until(lambda: live.dialogs.current is None)
    assert (feed.core.spec.late_after, feed.core.spec.interval) == (
        7.0,
        0.05,
    )  # what was not touched stays, exactly
    assert layer.name() == "buses"
    wait_until(lambda: {f["source"] for f in layer.getFeatures()} == {"buses"})
    assert feed.core.status().full_reads == 1  # it reads the same, so it went on
    for i in range(2):
        fleet.set(f"bus:{i}", position(45.0, 3.0))
    live.dialogs.change(feed.spec.changed(pattern="bus:*"))
    wait_until(lambda: {f["id"] for f in layer.getFeatures()} == {"0", "1"})
    assert {f["id"]: f.id() for f in layer.getFeatures()} == {i: ids[i] for i in "01"}
    live.dialogs.change(feed.spec.changed(pattern="vehicule:*"))
    wait_until(lambda: layer.featureCount() == 5)
    assert feed.layer is layer


def test_changing_a_feed_keeps_it_chosen_among_others(live, feed, fleet, wait_until):
    from redis_geo_plugin.core.live.spec import FeedSpec

    other = live.add(FeedSpec(name="other", pattern="bus:*"))
    live.dock._on_visible(True)
    live.dock.choose(other.spec.uid)
    live.dialogs.change(other.spec.changed(name="renamed", pattern="tram:*"))
    live.dock.refresh()
    assert live.dock.chosen() == other.spec.uid
    model = live.dock.model
    assert [model.data(model.index(r, 0)) for r in range(2)] == ["fleet", "renamed"]


def test_last_seen_vehicles_leave_when_that_is_no_longer_wished(live, feed, fleet, wait_until):
    live.dialogs.change(feed.spec.changed(keep_gone=True))
    fleet.delete("vehicule:0")
    fleet.set("vehicule:1", position(40.0))
    wait_until(lambda: feed.writer.shown["1"].lat == 40.0)
    assert feed.layer.featureCount() == 5
    live.dialogs.change(feed.spec.changed(keep_gone=False))
    wait_until(lambda: feed.layer.featureCount() == 4)
