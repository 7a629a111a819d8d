"""What QGIS's own menus do to the layers of a feed: they become plain layers of the user's, the feed goes on."""

from __future__ import annotations

import pytest
from qgis.core import QgsCoordinateTransformContext, QgsDataProvider, QgsProject, QgsVectorFileWriter
from qgis.PyQt.QtCore import QObject

from redis_geo_plugin.bridge.live.layer import FEED_PROPERTY
from redis_geo_plugin.bridge.live.refused import add_refused_layer, refused_layer
from redis_geo_plugin.bridge.live.trail_layer import trail_layer
from tests.support.positions import position


@pytest.fixture
def make_permanent(tmp_path):
    """What *Make Permanent…* does: writes the layer to a file and gives it that as its source."""

    def make(layer):
        path = str(tmp_path / f"{layer.id()}.gpkg")
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.layerName = "saved"
        QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, QgsCoordinateTransformContext(), options)
        layer.setDataSource(f"{path}|layername=saved", layer.name(), "ogr", QgsDataProvider.ProviderOptions())
        assert layer.isValid() and layer.providerType() == "ogr"

    return make


def move(fleet, lat):
    for i in range(5):
        fleet.set(f"vehicule:{i}", position(lat + i * 0.01, 2.35, ligne=f"T{i}"))


def latitudes(layer):
    return sorted(round(f.geometry().asPoint().y(), 4) for f in layer.getFeatures())


def test_the_layer_becomes_a_plain_copy_and_the_feed_goes_on_in_a_new_one(
    live, feed, fleet, make_permanent, wait_until, iface
):
    copy, uid = feed.layer, feed.spec.uid
    copy.setOpacity(0.5)
    make_permanent(copy)
    wait_until(lambda: feed.layer is not None and feed.layer.featureCount() == 5)
    assert feed.layer is not copy and live.manager.feeds == {uid: feed}
    move(fleet, 40.0)
    wait_until(lambda: latitudes(feed.layer)[0] == 40.0)
    assert latitudes(copy)[0] == 48.85
    assert not copy.customProperty(FEED_PROPERTY) and not copy.readOnly() and copy.startEditing()
    copy.rollBack()
    assert feed.layer.name() == "fleet" and copy.name().startswith("fleet (")
    assert feed.layer.opacity() == 0.5 and type(feed.layer.renderer()) is type(copy.renderer())
    order = [node.name() for node in QgsProject.instance().layerTreeRoot().children()]
    assert order == ["fleet", copy.name()]
    said = [text for text in iface.bar.take_messages() if "plain layer" in text]
    assert len(said) == 1 and "fleet" in said[0]


def test_what_was_read_before_has_no_lag_in_the_new_layer(feed, make_permanent, wait_until, iface):
    copy, lags = feed.layer, list(feed.lags)
    make_permanent(copy)
    wait_until(lambda: feed.layer is not None and feed.layer.featureCount() == 5 and feed.tick.rows == 5)
    assert feed.tick.lag == 0.0 and list(feed.lags) == lags
    iface.bar.take_messages()


def test_a_copy_has_no_age_that_counts_on_and_none_twice(feed, make_permanent, wait_until, iface):
    copy = feed.layer
    make_permanent(copy)
    wait_until(lambda: feed.layer is not None)
    fields = copy.fields()
    assert [fields.fieldOrigin(i) for i in range(fields.count())] == [fields.OriginProvider] * fields.count()
    iface.bar.take_messages()


def test_a_copy_that_is_removed_ends_no_feed(feed, live, make_permanent, wait_until, iface):
    copy = feed.layer
    make_permanent(copy)
    wait_until(lambda: feed.layer is not None)
    QgsProject.instance().removeMapLayer(copy.id())
    assert feed.running and feed.spec.uid in live.manager.feeds
    iface.bar.take_messages()


def test_a_layer_that_is_removed_at_once_ends_its_feed(feed, live, make_permanent, wait_until, iface):
    copy = feed.layer
    make_permanent(copy)
    QgsProject.instance().removeMapLayer(copy.id())
    wait_until(lambda: not live.manager.feeds)
    iface.bar.take_messages()


def test_a_stopped_feed_stays_stopped_in_its_new_layer(feed, live, make_permanent, wait_until, iface):
    live.manager.stop(feed.spec.uid)
    make_permanent(feed.layer)
    wait_until(lambda: feed.layer is not None)
    assert not feed.running
    live.start(feed.spec.uid)
    wait_until(lambda: feed.layer.featureCount() == 5)
    iface.bar.take_messages()


def test_trails_made_permanent_go_on_in_a_new_layer(feed, live, fleet, make_permanent, wait_until, iface):
    uid, project = feed.spec.uid, QgsProject.instance()
    live.manager.add_trails(uid)
    move(fleet, 48.9)
    wait_until(lambda: feed.trail.layer.featureCount() == 5)
    copy = feed.trail.layer
    make_permanent(copy)
    wait_until(lambda: trail_layer(project, uid) is not None)
    assert trail_layer(project, uid) is not copy and not copy.readOnly()
    move(fleet, 48.95)
    wait_until(lambda: feed.trail.layer.featureCount() == 5)
    iface.bar.take_messages()


def test_refused_records_made_permanent_are_never_overwritten(feed, make_permanent, iface):
    copy, _ = add_refused_layer(feed)
    make_permanent(copy)
    assert refused_layer(QgsProject.instance(), feed.spec.uid) is None
    other, is_new = add_refused_layer(feed)
    assert is_new and other is not copy
    iface.bar.take_messages()


def test_a_project_that_was_saved_with_such_a_copy_does_not_write_into_it(
    live, feed, fleet, make_permanent, wait_until, iface
):
    """As earlier versions left it: a layer of a file that still carries a feed."""
    copy, described = feed.layer, feed.spec.to_json()
    make_permanent(copy)
    wait_until(lambda: feed.layer is not None)
    live.manager.remove(feed.spec.uid)
    copy.setCustomProperty(FEED_PROPERTY, described)
    live.manager.adopt()
    assert not live.manager.feeds and not copy.customProperty(FEED_PROPERTY)
    iface.bar.take_messages()


def test_ages_count_in_an_open_table(feed, wait_until):
    told: dict[int, list[int]] = {}
    column = feed.layer.fields().lookupField("age_s")
    assert column == feed.layer.fields().count() - 1  # the last one

    class Table(QObject):
        def changed(self, fid, at, value):
            if at == column:
                told.setdefault(fid, []).append(value)

    table = Table()
    feed.layer.attributeValueChanged.connect(table.changed)
    wait_until(lambda: len(told) == 5 and all(len(set(ages)) > 1 for ages in told.values()))
    assert all(ages == sorted(ages) for ages in told.values())
    feed.layer.attributeValueChanged.disconnect(table.changed)


# -- the menu of the layer -----------------------------------------------------------------------------------


def menu(iface, layer):
    """The actions in the menu of a layer, by the end of their name."""
    found = [action for action, layer_id in iface.actions_of_layers if layer_id == layer.id()]
    return {action.objectName().rpartition("_")[2]: action for action in found}


def test_the_layers_menu_pauses_and_goes_on(feed, iface, wait_until):
    actions = menu(iface, feed.layer)
    assert list(actions) == ["pause", "follow", "trails", "density", "settings", "save"]
    assert all(not action.icon().isNull() for action in actions.values())
    actions["pause"].trigger()
    wait_until(lambda: feed.status().state.value == "paused" and actions["pause"].text() == "Go on")
    actions["pause"].trigger()
    wait_until(lambda: feed.status().state.value != "paused" and actions["pause"].text() == "Pause")
    feed.stop()
    assert actions["pause"].text() == "Start" and not actions["save"].isEnabled()
    actions["pause"].trigger()
    assert feed.running


def test_the_layers_menu_follows_the_selected_vehicle(live, feed, iface):
    follow = menu(iface, feed.layer)["follow"]
    follow.trigger()
    assert any("Select one vehicle" in text for text in iface.bar.take_messages())
    assert not follow.isChecked() and not live.follower.following
    feed.layer.selectByExpression("\"id\" = '3'")
    follow.trigger()
    assert follow.isChecked() and live.follower.following == "3"
    follow.trigger()
    assert not follow.isChecked() and not live.follower.following


def test_the_layers_menu_adds_trails_shows_settings_and_saves(
    live, feed, iface, wait_until, tmp_path, monkeypatch
):
    actions = menu(iface, feed.layer)
    actions["trails"].trigger()
    assert trail_layer(QgsProject.instance(), feed.spec.uid) is not None
    actions["settings"].trigger()
    wait_until(lambda: live.dialogs.current is not None)
    live.dialogs.current.reject()
    path = tmp_path / "saved.gpkg"
    monkeypatch.setattr("redis_geo_plugin.gui.live.trail_tab.ask_where_to_save", lambda _parent: str(path))
    actions["save"].trigger()
    wait_until(lambda: path.is_file() and QgsProject.instance().mapLayersByName("positions"))
    iface.bar.take_messages()


def test_the_menu_follows_the_feed_into_its_new_layer_and_goes_with_it(
    live, feed, iface, make_permanent, wait_until
):
    copy = feed.layer
    make_permanent(copy)
    wait_until(lambda: feed.layer is not None and menu(iface, feed.layer))
    assert menu(iface, copy) == {}
    live.remove(feed.spec.uid)
    wait_until(lambda: not live.manager.feeds)
    assert iface.actions_of_layers == []
    iface.bar.take_messages()


# -- results of jobs -----------------------------------------------------------------------------------------


def test_results_of_jobs_made_permanent_are_never_emptied(plugin, make_permanent, iface):
    from redis_geo_plugin.gui.jobs import filler
    from tests.support.layers import layer_of

    layer = layer_of(["Point(0 0)", "Point(1 1)"], "Point")
    filler.mark(layer, "batch", "queue", "test")
    QgsProject.instance().addMapLayer(layer)
    assert filler.marked_layers() == [layer]
    make_permanent(layer)
    jobs = next(c for c in plugin.components if type(c).__name__ == "JobsComponent")
    jobs.resume("batch")
    assert filler.marked_layers() == [] and layer.featureCount() == 2
