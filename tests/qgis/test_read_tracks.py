"""``redisgeo:readtracks``, headless, on a real Redis Stack."""

from __future__ import annotations

import pytest
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsWkbTypes
from qgis.PyQt.QtCore import QDateTime, Qt

from redis_geo_plugin.processing.read_tracks import ReadTracks
from tests.integration.test_series_by_label import START, add, drive
from tests.qgis.test_geo_algorithms import column, run
from tests.support.told import Told

FOUND = "coord=(lon,lat)"


@pytest.fixture
def headless(with_modules, monkeypatch):
    """The connection of the environment: a Redis Stack, then a cluster of it."""
    monkeypatch.setenv("REDIS_GEO_URL", with_modules.url)
    with with_modules.client() as client:
        yield client


@pytest.fixture
def stack(stack_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", stack_server.url)
    with stack_server.client() as client:
        yield client


def test_tracks_of_a_fleet(headless):
    drive(headless, "a", line="T3", fid="7", start="depot")
    drive(headless, "b", range(10, 14), line="<b>8</b>")
    add(headless, "c", "lat", 0, 48.8)
    log = Told()
    results, layer = run(ReadTracks, log, FILTER=FOUND)
    assert results["COUNT"] == 2 and layer.wkbType() == QgsWkbTypes.Type.MultiLineStringM
    assert layer.crs().authid() == "EPSG:4326"
    assert (column(layer, "id"), column(layer, "vertices")) == (["a", "b"], [5, 4])
    assert column(layer, "line") == ["T3", "<b>8</b>"]  # a label is a text, whatever it holds
    assert layer.fields().names() == ["id", "start", "end", "vertices", "line", "fid_2", "start_2"]
    first, second = layer.getFeatures()
    vertices = list(first.geometry().vertices())
    assert [round(one.m()) - START for one in vertices] == [0, 1, 2, 3, 4]
    assert (vertices[4].x(), vertices[4].y()) == (pytest.approx(2.304), pytest.approx(48.804))
    assert second["start"].toMSecsSinceEpoch() == (START + 10) * 1000
    assert second["end"].toMSecsSinceEpoch() == (START + 13) * 1000
    assert "Longitude: coord=lon; latitude: coord=lat; vehicle: vehicle" in log.lines


def test_a_line_is_cut_where_a_coordinate_is_missing_and_at_gaps(stack):
    drive(stack, "a", range(3))
    add(stack, "a", "lon", 3, 2.4)
    drive(stack, "a", [4, 5, 100, 101])
    log = Told()
    _, layer = run(ReadTracks, log, FILTER=FOUND, GAP=60)
    (track,) = layer.getFeatures()
    assert [part.numPoints() for part in track.geometry().constParts()] == [3, 2, 2]
    assert "Samples without the other coordinate at their time: 1" in log.lines


def test_only_a_period(stack):
    drive(stack, "a", range(10))
    start, end = (QDateTime.fromMSecsSinceEpoch((START + n) * 1000, Qt.TimeSpec.UTC) for n in (3, 6))
    _, layer = run(ReadTracks, FILTER=FOUND, START=start, END=end)
    assert column(layer, "vertices") == [4]


def test_what_is_chosen_is_taken(stack):
    for n in range(4):
        add(stack, "a", "h1", n, 652_000 + n)
        add(stack, "a", "h2", n, 6_862_000 + n)
    chosen = {"ID_LABEL": "vehicle", "COORDINATE_LABEL": "coord", "X_VALUE": "h1", "Y_VALUE": "h2"}
    _, layer = run(ReadTracks, FILTER="vehicle=a", CRS="EPSG:2154", **chosen)
    (track,) = layer.getFeatures()
    first = next(track.geometry().vertices())
    assert (first.x(), first.y()) == (pytest.approx(2.345, abs=0.01), pytest.approx(48.857, abs=0.01))


def test_whole_numbers_are_scaled_as_chosen(stack):
    for n in range(4):
        add(stack, "a", "h1", n, 23_000_000 + n)
        add(stack, "a", "h2", n, 488_000_000 + n)
    _, layer = run(ReadTracks, FILTER="vehicle=a", X_VALUE="h1", Y_VALUE="h2", SCALE=0)
    (track,) = layer.getFeatures()
    first = next(track.geometry().vertices())
    assert (first.x(), first.y()) == (pytest.approx(2.3), pytest.approx(48.8))


@pytest.mark.parametrize(
    "given, words",
    [
        ({"FILTER": "coord"}, "is not understood"),
        ({"FILTER": "coord=nothing"}, "No time series has these labels"),
        ({"FILTER": FOUND, "ID_LABEL": "who"}, "has the label who. Their labels: coord, vehicle"),
        ({"FILTER": FOUND, "X_VALUE": "lon"}, "belong together"),
        ({"FILTER": "coord=(x,y)"}, "Choose CRS"),
        ({"FILTER": "coord=(warm,cold)"}, "COORDINATE_LABEL, X_VALUE, Y_VALUE and ID_LABEL"),
    ],
)
def test_what_cannot_be_decided_is_asked_by_the_name_of_the_parameter(stack, given, words):
    drive(stack, "a")
    for name, value in (("x", 652_000), ("y", 6_862_000), ("warm", 20), ("cold", 5)):
        add(stack, "a", name, 0, value)
    with pytest.raises(QgsProcessingException, match=words):
        run(ReadTracks, **given)


def test_a_server_without_series_is_said(one_server, monkeypatch):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    with pytest.raises(QgsProcessingException, match="no time series"):
        run(ReadTracks, FILTER=FOUND)


def test_a_single_position_makes_no_line_and_is_said(stack):
    drive(stack, "a", range(1))
    drive(stack, "b", range(2))
    log = Told()
    results, layer = run(ReadTracks, log, FILTER=FOUND)
    assert results["COUNT"] == 1 and column(layer, "id") == ["b"]
    assert "a: no two positions make a line" in log.lines


def test_a_cancelled_run_returns_nothing(stack):
    class Cancelling(QgsProcessingFeedback):
        def pushInfo(self, _info):
            self.cancel()

    drive(stack, "a")
    results, _ = run(ReadTracks, Cancelling(), FILTER=FOUND)
    assert results == {}
