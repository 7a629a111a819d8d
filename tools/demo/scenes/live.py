"""The harbour on the map: positions are found in Redis, added with a click, and move."""

from __future__ import annotations

from qgis.core import QgsRectangle

ORDER = 20
HARBOUR = (-74.28, 40.42, -73.72, 40.88)


def _component(stage):
    return next(c for c in stage.plugin.components if type(c).__name__ == "LiveComponent")


def _look_at_the_harbour(stage) -> None:
    stage.iface.mapCanvas().setExtent(QgsRectangle(*HARBOUR))
    stage.iface.mapCanvas().refresh()


def arrange(stage) -> None:
    """Where a person sits in front: the harbour is there and moves when the window opens."""
    from redis_geo_plugin.core.live.spec import FeedSpec

    component = _component(stage)
    if not component.manager.feeds:
        component.add(FeedSpec(name="New York harbour"))
    _look_at_the_harbour(stage)


def play(stage) -> None:
    component = _component(stage)
    dock = stage.show_dock("redis_geo_live_dock")
    dock.find_button.click()
    stage.wait_until(
        lambda: component.dialogs.current is not None and component.dialogs.current.proposals,
        30,
        "proposals of feeds",
    )
    dialog = component.dialogs.current
    row = next((r for r, p in enumerate(dialog.proposals) if p.spec.pattern == "vehicule:*"), None)
    if row is None:
        stage.fail("vehicule:* was not proposed")
    dialog.table.selectRow(row)
    dialog.form.mapping.name_edit.setText("New York harbour")
    stage.picture("21-find-positions", dialog)
    dialog.add_button.click()
    stage.wait_until(lambda: component.manager.feeds, 10, "the feed")
    feed = next(iter(component.manager.feeds.values()))
    stage.wait_until(lambda: feed.layer.featureCount() >= 250, 30, "the vessels")
    _look_at_the_harbour(stage)
    before = {ident: (fix.lon, fix.lat) for ident, fix in feed.writer.shown.items()}
    stage.wait(8.0)
    moved = sum(
        1 for i, fix in feed.writer.shown.items() if before.get(i, (fix.lon, fix.lat)) != (fix.lon, fix.lat)
    )
    if not moved:
        stage.fail("no vessel moved within 8 s")
    status = feed.status()
    stage.say(
        f"{feed.layer.featureCount()} vessels, {moved} moved within 8 s, state {status.state.value}, "
        f"the last tick wrote {feed.tick.rows} rows in {feed.tick.seconds * 1000:.1f} ms of the window's time"
    )
    stage.picture("22-harbour-alive")
    _fences(stage, component, feed)
    _rewind(stage, component, feed)
    _rules(stage, component, feed)


def _fences(stage, component, feed) -> None:
    """The states around the harbour as polygons: who crosses their borders is told."""
    dock, layer = component.dock, stage.layer("States and provinces")
    tab = dock.tab("fences")
    dock.tabs.setCurrentWidget(tab)
    tab.layer_box.setLayer(layer)
    tab.name_box.setField(next(field.name() for field in layer.fields() if field.name().lower() == "name"))
    if not tab.watch_button.isChecked():
        tab.watch_button.click()
    uid = feed.spec.uid
    stage.wait_until(lambda: component.fence_keeper.counts.get(uid), 30, "the polygons of the geofence")
    dock.refresh()
    stage.picture("23-geofences", dock)
    tab.watch_button.click()


def _rewind(stage, component, feed) -> None:
    """Ten seconds back, with the banner over the map, and live again."""
    dock = component.dock
    dock.tabs.setCurrentWidget(dock.tab("trail"))
    newest = feed.core.trails.span()[1]
    feed.rewind(newest - 10.0)
    stage.wait_until(lambda: component.banner.isVisible(), 10, "the banner of the past")
    stage.wait(0.5)
    dock.refresh()
    stage.picture("24-rewound")
    component.banner.button.click()
    stage.wait_until(lambda: feed.moment is None, 10, "the feed to be live again")
    dock.tabs.setCurrentIndex(0)


def _rules(stage, component, feed) -> None:
    """What may be set of a feed that is on the map."""
    component.dialogs.settings(feed.spec.uid)
    dialog = component.dialogs.current
    dialog.form.tabs.setCurrentIndex(1)
    stage.wait(0.5)
    stage.picture("25-rules", dialog)
    dialog.reject()
    stage.wait_until(lambda: component.dialogs.current is None, 10, "the settings to close")
