"""Live positions on the map: followed, restricted to what it shows, and drawn in any CRS."""

from __future__ import annotations

import pytest
from qgis.core import QgsProject

from tests.support.positions import position


@pytest.fixture
def one_server(server):
    """The whole window on both servers."""
    return server


def test_following_ends_when_the_user_moves_the_map(live, feed, fleet, wait_until, iface):
    from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsRectangle

    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    canvas.setExtent(QgsRectangle(200_000, 6_200_000, 300_000, 6_300_000))
    live.dock._on_visible(True)
    live.dock.choose(feed.spec.uid)
    live.follow("3")
    before = canvas.center()
    fleet.set("vehicule:3", position(49.5, 2.5))
    wait_until(lambda: canvas.center() != before)
    assert live.follower.following == "3"
    canvas.setCenter(QgsPointXY(0, 0))
    assert live.follower.following == ""


def test_the_map_extent_restricts_the_list_in_any_crs(live, feed, fleet, wait_until, iface):
    from qgis.core import QgsCoordinateReferenceSystem, QgsRectangle

    canvas = iface.mapCanvas()
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:2154"))
    canvas.setExtent(QgsRectangle(640_000, 6_855_000, 660_000, 6_862_500))
    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.tab("vehicles").extent_box.setChecked(True)
    dock.refresh()
    wait_until(lambda: 0 < dock.tab("vehicles").model.rowCount() < 5)
    dock.tab("vehicles").zoom_to(0)
    assert feed.layer.isValid()


def test_the_layer_too_is_restricted_to_the_map_and_follows_it(
    live, feed, fleet, wait_until, iface, tmp_path
):
    from qgis.core import QgsRectangle

    from redis_geo_plugin.core.live.spec import from_json

    def shown():
        return {f["id"] for f in feed.layer.getFeatures()}

    canvas = iface.mapCanvas()
    canvas.setExtent(QgsRectangle(2.3, 48.845, 2.4, 48.875))
    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    ids = {f["id"]: f.id() for f in feed.layer.getFeatures()}
    feed.layer.selectByIds([ids["1"], ids["4"]])
    dock.tab("vehicles").extent_box.click()
    wait_until(lambda: shown() == {"0", "1", "2"})
    assert feed.layer.selectedFeatureIds() == [ids["1"]]  # what left the layer left the selection
    wait_until(lambda: dock.tab("vehicles").model.rowCount() == 3)
    assert dock.model.data(dock.model.index(0, 2)) == "3 of 5"
    assert from_json(feed.layer.customProperty("redis_geo/feed")).in_view
    fleet.set("vehicule:0", position(10.0, 2.35))
    fleet.set("vehicule:4", position(48.86, 2.35))
    wait_until(lambda: shown() == {"1", "2", "4"})
    fleet.delete("vehicule:2")
    wait_until(lambda: shown() == {"1", "4"})
    canvas.setExtent(QgsRectangle(2.0, 9.0, 3.0, 11.0))
    wait_until(lambda: shown() == {"0"})
    live.follow("1")  # a vehicle outside of the view can be followed: the view comes along
    wait_until(lambda: "1" in shown())
    dock.tab("vehicles").extent_box.click()
    wait_until(lambda: shown() == {"0", "1", "3", "4"})


def colored(canvas, layer):
    """Columns of the canvas's picture in which the layer drew something, as shares of its width."""
    from qgis.core import QgsMapRendererParallelJob

    settings = canvas.mapSettings()
    settings.setLayers([layer])
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    width, height = image.width(), image.height()
    drawn = {x for x in range(width) for y in range(height) if image.pixelColor(x, y).lightness() < 200}
    return [sum(1 for x in drawn if low <= x / width < low + 0.5) > 0 for low in (0.0, 0.5)]


@pytest.mark.parametrize(
    ("crs", "center", "places"),
    [
        ("EPSG:3832", (180.0, 0.0), [(0.0, 179.9), (0.0, -179.9)]),  # across 180 degrees
        ("EPSG:3995", (0.0, 90.0), [(85.06, -60.0), (85.06, 60.0)]),  # where GEO sets end
        ("EPSG:2154", (2.35, 48.85), [(48.85, 2.30), (48.85, 2.40)]),
    ],
)
def test_vehicles_are_drawn_on_canvases_of_other_crs(live, fleet, wait_until, iface, crs, center, places):
    from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsPointXY, QgsRectangle

    from redis_geo_plugin.core.live.spec import FeedSpec

    for number, (lat, lon) in enumerate(places):
        fleet.set(f"far:{number}", position(lat, lon))
    canvas = iface.mapCanvas()
    target = QgsCoordinateReferenceSystem(crs)
    canvas.setDestinationCrs(target)
    path = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), target, QgsProject.instance())
    middle = path.transform(QgsPointXY(*center))
    reach = 3 * max(abs(path.transform(QgsPointXY(lon, lat)).x() - middle.x()) for lat, lon in places) / 2
    canvas.setExtent(
        QgsRectangle(middle.x() - reach, middle.y() - reach, middle.x() + reach, middle.y() + reach)
    )
    made = live.add(FeedSpec(name="far", pattern="far:*", interval=0.05, max_speed=0.0, in_view=True))
    wait_until(lambda: made.layer.featureCount() == 2)
    assert colored(canvas, made.layer) == [True, True]


def test_a_trail_over_the_180_degree_meridian_and_to_the_far_north_is_drawn_in_its_parts(
    live, feed, fleet, wait_until
):
    live.trails(feed)
    layer = feed.trail.layer
    for lat, lon in ((84.9, 179.8), (85.0, 179.9), (85.06, -179.9), (85.1, -179.8)):
        fleet.set("vehicule:1", position(lat, lon))
        wait_until(lambda lat=lat: feed.writer.shown["1"].lat == lat)
    wait_until(lambda: layer.featureCount() == 1 and next(layer.getFeatures())["points"] >= 6)
    parts = next(layer.getFeatures()).geometry().asMultiPolyline()
    assert [(part[0].x(), part[-1].x()) for part in parts] == [(2.35, 180.0), (-180.0, -179.8)]
    assert all(max(p.x() for p in part) - min(p.x() for p in part) < 180 for part in parts)


@pytest.mark.parametrize(
    ("crs", "extent", "within", "without"),
    [
        ("EPSG:4326", (2, 48, 3, 49), [(2.5, 48.5)], [(2.5, 50.5), (12, 48.5)]),
        ("EPSG:2154", (640_000, 6_855_000, 660_000, 6_862_500), [(2.35, 48.85)], [(2.35, 49.5), (4, 48.85)]),
        (
            "EPSG:3832",
            (2_000_000, -1_000_000, 4_500_000, 1_000_000),
            [(179.9, 0), (-179.9, 0)],
            [(0, 0), (140, 0)],
        ),
        ("EPSG:3995", (-900_000, -900_000, 900_000, 900_000), [(0, 90), (170, 85), (-90, 84)], [(0, 60)]),
        ("EPSG:3857", (-25e6, -25e6, 25e6, 25e6), [(-180, 85.06), (180, -85), (0, 0)], []),
    ],
)
def test_what_the_map_shows_in_degrees(qgis_app, crs, extent, within, without):
    from qgis.core import QgsCoordinateReferenceSystem, QgsRectangle
    from qgis.gui import QgsMapCanvas

    from redis_geo_plugin.core.live.fleet import Fixes
    from redis_geo_plugin.core.live.records import Fix
    from redis_geo_plugin.core.live.view import within as those_within
    from redis_geo_plugin.gui.live.map_view import extent_of, point_on

    canvas = QgsMapCanvas()
    canvas.resize(400, 400)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    canvas.setExtent(QgsRectangle(*extent))
    found = extent_of(canvas)
    fixes = Fixes.of(Fix(str(at), b"", at[0], at[1], 0.0, 0.0) for at in within + without)
    assert list(those_within(fixes, found)) == [str(at) for at in within]
    assert all(point_on(canvas, fix) is not None for fix in fixes.values() if abs(fix.lat) < 90)
    canvas.deleteLater()
