"""The free taxis within 2 km, by an index of a Redis Stack of the scene's own: fetched once, so only played for the docs."""

from __future__ import annotations

import random

from qgis.core import QgsRectangle

from tools.demo import places

ORDER = 31
OPTIONAL = True
TIMES_SQUARE = (-73.9855, 40.7580)
MANHATTAN = (-74.05, 40.715, -73.93, 40.795)
CONNECTION = "Redis Stack"


def _fill(client) -> None:
    words = "FT.CREATE taxis ON HASH PREFIX 1 taxi: SCHEMA position GEO state TAG seats NUMERIC"
    client.execute_command(*words.split())
    chance = random.Random(11)
    for number in range(1500):
        lon, lat = TIMES_SQUARE[0] + chance.gauss(0, 0.03), TIMES_SQUARE[1] + chance.gauss(0, 0.025)
        fields = {
            "position": f"{lon:.6f},{lat:.6f}",
            "state": chance.choice(["free", "hired", "hired"]),
            "seats": chance.choice([3, 4, 4, 6]),
        }
        client.hset(f"taxi:{1000 + number}", mapping=fields)


def play(stage) -> None:
    from redis_geo_plugin.bridge.server import connections
    from redis_geo_plugin.bridge.server.connections import SavedConnection
    from redis_geo_plugin.core.redis.settings import ConnectionSettings
    from tests.support.stack import StackServer

    stack = StackServer()
    try:
        with stack.client() as client:
            _fill(client)
        settings = ConnectionSettings(name=CONNECTION, host=stack.host, port=stack.port)
        connections.save(SavedConnection(settings))
        stage.plugin.context.connections.activate(CONNECTION)
        _search(stage)
    finally:
        stage.plugin.context.connections.activate(places.CONNECTION)
        connections.remove(CONNECTION)
        stack.close()


def _search(stage) -> None:
    component = next(c for c in stage.plugin.components if type(c).__name__ == "SearchComponent")
    stage.show_dock("redis_geo_search_dock")
    form = component.dock.form
    form.kind.setCurrentIndex(form.kind.findData("index_radius"))
    stage.wait_until(lambda: form.indexes.box.count() == 1, 30, "the list of indexes")
    stage.iface.mapCanvas().setExtent(QgsRectangle(*MANHATTAN))
    stage.iface.mapCanvas().refresh()
    stage.settle()
    form.indexes.box.setCurrentIndex(0)
    form.indexes.filter.setText("@state:{free} @seats:[4 +inf]")
    form.center.setText(f"{TIMES_SQUARE[0]}, {TIMES_SQUARE[1]}")
    form.unit.setCurrentText("km")
    form.radius.setValue(2.0)
    form.limit.setValue(0)
    before = component.results.answer
    component.dock.search.click()
    stage.wait_until(lambda: component.results.answer is not before, 20, "the search in the index")
    answer = component.results.answer
    if not 20 < len(answer.hits) < 400 or {found["state"] for found in answer.hits.attributes} != {"free"}:
        stage.fail(f"{len(answer.hits)} taxis, and not only free ones")
    stage.picture("34-free-taxis")
    component.dock.clear.click()
