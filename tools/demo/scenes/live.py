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
        lambda: component._dialog is not None and component._dialog.proposals, 30, "proposals of feeds"
    )
    dialog = component._dialog
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
