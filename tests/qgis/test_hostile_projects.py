"""Projects of others: whatever stands in the properties that the plugin reads, it keeps no other layer from working, and names
no algorithm and no file that is not the cache's."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import asdict

import pytest
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer

from redis_geo_plugin.bridge.cache.remembered import PROPERTY, RememberedRun
from redis_geo_plugin.bridge.features import origin
from redis_geo_plugin.bridge.features.set_layer import KIND_PROPERTY, SET_PROPERTY, SET_RUNNING_PROPERTY
from redis_geo_plugin.bridge.live.density_layer import CELL_FIELDS, CLASSES_PROPERTY, DENSITY_PROPERTY
from redis_geo_plugin.bridge.live.layer import FEED_PROPERTY, RUNNING_PROPERTY, new_layer
from redis_geo_plugin.bridge.live.refused import REFUSED_PROPERTY, add_refused_layer
from redis_geo_plugin.bridge.live.trail_layer import TRAIL_PROPERTY
from redis_geo_plugin.core.features.attributes import IDENT, KEY
from redis_geo_plugin.core.features.set_spec import SetSpec, from_json
from redis_geo_plugin.core.live.density import DensitySpec
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.gui.cache import result_layers
from redis_geo_plugin.gui.jobs import filler
from tests.support import cases
from tests.support.source_tree import SOURCES, text_of

READ = (FEED_PROPERTY, RUNNING_PROPERTY, TRAIL_PROPERTY, REFUSED_PROPERTY, PROPERTY)
READ += (SET_PROPERTY, KIND_PROPERTY, SET_RUNNING_PROPERTY, origin.PROPERTY)
READ += (DENSITY_PROPERTY, CLASSES_PROPERTY)
READ += (filler.BATCH, filler.QUEUE, filler.CONNECTION)
ODD = [
    *(
        None,
        True,
        False,
        0,
        -1,
        10**400,
        1.5,
        1e308,
        float("nan"),
        "",
        "x",
        "a/b{}*?[]\\ \n",
        "\ud800",
        "<b>x</b>",
    ),
    *(
        [],
        [[]],
        ["a"],
        {},
        {"a": {"b": []}},
        [1, "2", None],
        "9" * 5000,
        "é\u202e",
        "EPSG:0",
        "../../etc/passwd",
    ),
]
PLAIN = ["", "x", 5, 2.5, True, ["a", "b"], {"a": 1}, "[]", "{", "null", '{"uid": ["a"]}', "é" * 100_000]
KINDS = (
    "Point?crs=EPSG:4326",
    "Point?crs=EPSG:4326&field=id:integer&field=time:string&field=age_s:string",
    "Polygon?crs=EPSG:2154&field=name:string",
    "MultiLineString",
    "NoGeometry?field=id:string",
    "Geometry",
)


def run_of(**values):
    made = RememberedRun("redisgeo:cachedbuffer", "buffer", "default", parameters={"DISTANCE": 1.0}, count=3)
    rows = [base64.b64encode(bytes(range(32))).decode(), [1], []]
    return {**json.loads(made.to_json()), "rows": rows, **values}


def a_set(name):
    return SetSpec(name=name, source="zone:*", crs="EPSG:4326", interval=0.2)


def origin_of():
    request = asdict(a_set("odd").request)
    return {
        "connection": "",
        "request": request,
        "kind": "points",
        "crs": "EPSG:4326",
        "columns": [["a", "a", "int"]],
    }


def is_plain(value):
    return isinstance(value, (str, bool))


def mutations(whole):
    """The same with each of its members, and each member of its members, replaced by each odd value."""
    for name, inner in whole.items():
        for value in ODD:
            yield {**whole, name: value}
        for key in inner if isinstance(inner, dict) else range(len(inner)) if isinstance(inner, list) else ():
            for value in ODD:
                changed = dict(inner) if isinstance(inner, dict) else list(inner)
                changed[key] = value
                yield {**whole, name: changed}
        yield {other: value for other, value in whole.items() if other != name}


def odd_layer(chance, number):
    layer = QgsVectorLayer(chance.choice(KINDS), f"odd {number}", "memory")
    for _ in range(chance.choice((0, 1, 3))):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromWkt("POINT(2 48)"))
        layer.dataProvider().addFeature(feature)
    return layer


def saved_and_opened(project, path):
    assert project.write(str(path))
    project.clear()
    assert project.read(str(path))


def test_each_property_that_is_read_is_tried():
    """A new one gets its line above."""
    names = set(READ)
    used = "".join(text_of(path) for path in SOURCES).split("customProperty(")[1:]
    constants = {"FEED_PROPERTY", "RUNNING_PROPERTY", "TRAIL_PROPERTY", "REFUSED_PROPERTY", "PROPERTY"}
    constants |= {"DENSITY_PROPERTY", "SET_PROPERTY", "KIND_PROPERTY", "SET_RUNNING_PROPERTY"}
    constants |= {"CLASSES_PROPERTY"}
    constants |= {"BATCH", "QUEUE", "CONNECTION", "filler.BATCH"}
    assert {use.split(",")[0].split(")")[0] for use in used} <= constants and len(names) == 14


@pytest.mark.parametrize("seed", range(6))
def test_a_project_of_odd_layers_keeps_no_feed_from_starting(
    plugin, live, fleet, iface, wait_until, tmp_path, seed
):
    """Wrong types and values in every property at once, on layers of every kind."""
    chance, project = random.Random(seed), QgsProject.instance()
    feeds, runs = list(mutations(asdict(FeedSpec(name="f", interval=0.2)))), list(mutations(run_of()))
    sets, origins = list(mutations(asdict(a_set("odd")))), list(mutations(origin_of()))
    spec = FeedSpec(name="good", interval=0.05)
    densities = list(mutations(asdict(DensitySpec(spec.uid, size=0.5))))
    layers = []
    for number in range(60):
        layer = odd_layer(chance, number)
        for name in chance.sample(READ, chance.randint(1, 4)):
            layer.setCustomProperty(name, chance.choice(PLAIN))
        if number % 2:
            layer.setCustomProperty(FEED_PROPERTY, _json(chance.choice(feeds)))
        if number % 3 == 0:
            layer.setCustomProperty(PROPERTY, _json(chance.choice(runs)))
        if number % 5 == 0:
            layer.setCustomProperty(SET_PROPERTY, _json(chance.choice(sets)))
            layer.setCustomProperty(KIND_PROPERTY, chance.choice(("points", "lines", "polygons", "x")))
            layer.setCustomProperty(origin.PROPERTY, _json(chance.choice(origins)))
        if number % 4 == 0:
            layer.setCustomProperty(DENSITY_PROPERTY, _json(chance.choice(densities)))
        layers.append(layer)
    for number, text in enumerate(chance.sample(densities, 20)):
        fields = "&".join(f"field={name}:string" for name, _ in CELL_FIELDS)  # some of other types
        layers.append(QgsVectorLayer(f"Polygon?crs=EPSG:4326&{fields}", f"density {number}", "memory"))
        layers[-1].setCustomProperty(DENSITY_PROPERTY, _json(text))
    good = new_layer("good")
    good.setCustomProperty(FEED_PROPERTY, spec.to_json())
    for name in (TRAIL_PROPERTY, REFUSED_PROPERTY):  # as if these were its trails, and what it refused
        chance.choice(layers).setCustomProperty(name, spec.uid)
    layers.insert(chance.randrange(60), good)
    shown = QgsVectorLayer("Point?crs=EPSG:4326", "shown", "memory")
    shown.setCustomProperty(SET_PROPERTY, a_set("shown").to_json())
    shown.setCustomProperty(KIND_PROPERTY, "points")
    layers.insert(chance.randrange(60), shown)
    fleet.set("zone:1", "POINT (2 48)")
    project.addMapLayers(layers)
    saved_and_opened(project, tmp_path / "odd.qgs")
    iface.projectRead.emit()
    found = next(layer for layer in project.mapLayers().values() if layer.name() == "good")
    wait_until(lambda: found.featureCount() == 5)
    shown = next(layer for layer in project.mapLayers().values() if layer.name() == "shown")
    wait_until(lambda: shown.featureCount() == 1)
    for component in plugin.components:
        dock = getattr(component, "dock", None)
        if dock is not None:
            dock.setUserVisible(True)
    feed = next(one for one in live.manager.feeds.values() if one.spec.name == "good")
    fleet.set("vehicule:refused", '{"latitude": 99.0, "longitude": 2.0}')
    wait_until(lambda: feed.core.positions.refused)
    live.manager.add_trails(feed.spec.uid)
    add_refused_layer(feed)
    wait_until(lambda: feed.trail is not None)
    ids = [layer.id() for layer, _run in result_layers.remembered_layers()]
    results = next(
        one.results
        for one in plugin.components
        if hasattr(one, "results") and hasattr(one.results, "compute_again")
    )
    results.compute_again(ids)
    wait_until(lambda: results._again is None, 30)
    cases.count(len(layers))
    iface.bar.take_messages()
    assert plugin.context.connections.state.value == "connected"


@pytest.mark.parametrize(
    "values",
    [
        {"algorithm": "native:savefeatures", "parameters": {"OUTPUT": "{path}"}},
        {
            "algorithm": "native:filedownloader",
            "parameters": {"URL": "http://127.0.0.1:1/x", "OUTPUT": "{path}"},
        },
        {"algorithm": "redisgeo:purgecache", "parameters": {}},
        {"algorithm": "redisgeo:cachednearest", "parameters": {}},
        {"operation": "of another version", "parameters": {}},
        {"parameters": {"OUTPUT": "{path}", "DISTANCE": 1.0}},
        {
            "algorithm": "redisgeo:cachednearest",
            "operation": "nearest",
            "parameters": {"NON_MATCHING": "{path}", "INPUT_2": "x"},
        },
    ],
    ids=range(7),
)
def test_a_project_runs_no_other_algorithm_and_writes_no_file(
    plugin, iface, wait_until, spin, tmp_path, values
):
    """Layers whose results were not kept are computed again without a question."""
    path = tmp_path / "victim.gpkg"
    path.write_bytes(b"precious")
    source = QgsVectorLayer(KINDS[2], "source", "memory")
    feature = QgsFeature(source.fields())
    feature.setGeometry(QgsGeometry.fromWkt("POLYGON((0 0,1 0,1 1,0 0))"))
    source.dataProvider().addFeature(feature)
    layer = QgsVectorLayer(KINDS[2], "result", "memory")
    text = json.dumps(run_of(rows=None, source=source.id(), **values)).replace("{path}", str(path))
    run = json.loads(text)
    run["parameters"].setdefault("INPUT", source.id())
    layer.setCustomProperty(PROPERTY, json.dumps(run))
    QgsProject.instance().addMapLayers([source, layer])
    results = next(
        one.results
        for one in plugin.components
        if hasattr(one, "results") and hasattr(one.results, "compute_again")
    )
    results.look()
    wait_until(lambda: results._task is None and results._again is None)
    spin(0.1)
    cases.count(1)
    said = " ".join(iface.bar.take_messages())
    assert path.read_bytes() == b"precious" and [one.name for one in tmp_path.iterdir()] == ["victim.gpkg"]
    allowed = run["algorithm"] == f"redisgeo:cached{run['operation']}"
    assert allowed or "names no algorithm of the cache" in said


@pytest.mark.parametrize("part", range(4))
def test_the_description_of_a_run_is_sound_or_refused(qgis_app, part):
    for number, values in enumerate(mutations(run_of())):
        if number % 4 != part:
            continue
        cases.count(1)
        try:
            run = RememberedRun.from_json(_json(values))
        except ValueError:
            continue
        json.loads(run.to_json())
        assert 0 <= run.count < 2**31 and all(-(2**63) <= one < 2**63 for one in run.rows.firsts)
        (run.algorithm + run.namespace + run.source + run.other + run.connection).encode()


def test_the_set_that_a_layer_follows_is_sound_or_refused(qgis_app):
    for values in mutations(asdict(a_set("zones"))):
        cases.count(1)
        try:
            spec = from_json(_json(values))
        except ValueError:
            continue
        assert spec.source and spec.uid and 0 < spec.interval < 1e6
        assert all(map(is_plain, (*asdict(spec.request).values(), spec.name, spec.connection)))
        (spec.to_json() + spec.uid + spec.source).encode()


def test_where_the_features_of_a_layer_come_from_is_sound_or_unknown(qgis_app):
    """Edits are written back there."""
    layer = QgsVectorLayer(f"Point?field={KEY}:string&field={IDENT}:string&field=a:int", "x", "memory")
    known = 0
    for values in (origin_of(), *mutations(origin_of())):
        cases.count(1)
        layer.setCustomProperty(origin.PROPERTY, _json(values))
        found = origin.origin_of(layer)
        if found is not None:
            known += 1
            texts = (*asdict(found.request).values(), found.connection, found.crs)
            assert all(map(is_plain, texts)) and found.kind == "points"
            assert all(isinstance(part, str) for column in found.columns for part in column)
    assert 0 < known < 100


def _json(value):
    return json.dumps(value)
