"""20,000 rubbish values among features: no window stands still, no feature is lost, each of them is counted."""

from __future__ import annotations

import json
import time

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from redis_geo_plugin.core.features.set_spec import SetSpec
from redis_geo_plugin.processing.read_features import ReadFeatures
from tests.support import feature_rubbish
from tests.support.main_thread import MainThread
from tests.support.patience import PATIENCE
from tests.support.zones import zone

RUBBISH, GOOD = 20_000, 500
STALL = 0.25  # seconds that the main thread computes in one turn: a busy machine has slower ones


@pytest.fixture
def client(one_server):
    with one_server.client() as client:
        feature_rubbish.write(client, RUBBISH)
        for number in range(GOOD):
            client.set(f"zone:{number}", json.dumps(zone(number % 100, id=f"z{number}")))
        yield client


def idents(layer):
    return {row["redis_id"] for row in layer.getFeatures()}


ALL = {f"z{number}" for number in range(GOOD)}


def test_a_live_set_shows_each_feature_and_counts_the_rest(live, client):
    dock = live.dock
    dock.setUserVisible(True)
    if not dock._built:
        dock._build()
    with MainThread() as main:

        def spin_until(done):
            deadline = time.monotonic() + 4 * PATIENCE
            while not done():
                assert time.monotonic() < deadline
                main.spin(0.05)

        one = main.turn(
            "add", lambda: live.features.add(SetSpec(name="zones", source="zone:*", interval=0.05))
        )
        spin_until(lambda: "polygons" in one.layers and one.layers["polygons"].featureCount() == GOOD)
        dock.choose(one.spec.uid)
        main.turn("show the refused ones", dock.refresh)
        spin_until(lambda: one.status().state.value == "live")
        refused = one.status().why_refused
        assert sum(refused.values()) == RUBBISH
        assert len(refused) >= 8
        tab = dock.tab("refused")
        assert tab.model.rowCount() == 1000
        for row in range(0, 1000, 10):
            for column in range(tab.model.columnCount()):
                str(tab.model.data(tab.model.index(row, column))).encode()  # nothing that cannot be shown
        client.delete(*[f"zone:bad{number}" for number in range(15_000)])
        spin_until(lambda: sum(one.status().why_refused.values()) == RUBBISH - 15_000)
        client.set("zone:bad19999", json.dumps(zone(1, id="late")))
        spin_until(lambda: "late" in idents(one.layers["polygons"]))
        assert sum(one.status().why_refused.values()) == RUBBISH - 15_001
        assert idents(one.layers["polygons"]) == ALL | {"late"} and set(one.layers) == {"polygons"}
        main.turn("refresh", dock.refresh)
    slowest = main.longest("computed")
    assert slowest.computed + slowest.waited < STALL, (slowest.name, slowest.computed, slowest.waits)
    assert not any(turn.network for turn in main.turns)


def test_read_features_writes_each_feature_and_counts_the_rest(client, one_server, monkeypatch, qgis_app):
    monkeypatch.setenv("REDIS_GEO_URL", one_server.url)
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    results, good = ReadFeatures().create().run(
        {"SOURCE": "zone:*", "OUTPUT_POLYGONS": "memory:"}, context, feedback)  # fmt: skip
    assert good and results["COUNT"] == GOOD and results["REFUSED"] == RUBBISH
    assert idents(context.getMapLayer(results["OUTPUT_POLYGONS"])) == ALL
    log = feedback.textLog()
    assert log.count("zone:bad") <= 110  # the first of them by name, all of them by number
