"""The layer of a feed: differences only, and nothing of the user's is lost."""

from __future__ import annotations

import time
from random import Random

import pytest
from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsFeatureSource,
    QgsMarkerSymbol,
    QgsPointXY,
    QgsProject,
    QgsRelation,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
    QgsVectorLayerCache,
)
from qgis.gui import QgsAttributeForm, QgsAttributeTableModel
from qgis.PyQt import sip
from qgis.PyQt.QtCore import Qt

from redis_geo_plugin.bridge.compat import is_null
from redis_geo_plugin.bridge.live.layer import AGE_FIELD, OFFSET_VARIABLE, new_layer
from redis_geo_plugin.bridge.live.layer_writer import LayerWriter
from redis_geo_plugin.bridge.live.row_values import make_ready, moments_of, place
from redis_geo_plugin.bridge.live.style import apply_positions_style
from redis_geo_plugin.bridge.moments import moment
from redis_geo_plugin.core.live.fleet import Fixes, Fleet
from redis_geo_plugin.core.live.records import Fix, Schema

NOW = 1795348800.0


def fix(ident, lon=2.0, lat=48.0, when=NOW, **attributes):
    heading = attributes.pop("heading", None)
    return Fix(ident, b"k", lon, lat, when, when, 3.0, heading, attributes)


def give(writer, fixes, gone=(), schema=None):
    schema = schema or Schema({})
    for one in fixes:
        schema.observe(one.attributes)
    writer.offer(Fixes.of(fixes), gone, schema.kinds)
    while writer.write(0.05):
        pass
    return schema


@pytest.fixture
def layer(qgis_app):
    made = new_layer("fleet")
    QgsProject.instance().addMapLayer(made)
    return made


@pytest.fixture
def writer(layer):
    return LayerWriter(layer, "test")


def row(layer, ident):
    return next(f for f in layer.getFeatures() if f["id"] == ident)


def test_the_fields_of_the_layer(layer):
    assert [f.name() for f in layer.fields()] == [
        "id",
        "time",
        "speed_ms",
        "heading",
        "source",
        "derived",
        "age_s",
    ]
    assert layer.crs().authid() == "EPSG:4326"
    assert (
        layer.dataProvider().hasSpatialIndex() == QgsFeatureSource.SpatialIndexPresence.SpatialIndexNotPresent
    )
    assert layer.readOnly()


def test_only_differences_are_written_and_feature_ids_stay(layer, writer):
    schema = give(writer, [fix("a", line="T3"), fix("b", line="B")])
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    give(writer, [fix("a", 2.5, when=NOW + 1, line="T4")], schema=schema)
    moved = row(layer, "a")
    assert moved.id() == ids["a"]
    assert moved.geometry().asPoint() == QgsPointXY(2.5, 48.0)
    assert moved["line"] == "T4"
    assert moved["time"].timeSpec() == Qt.TimeSpec.UTC
    assert moved["time"].toMSecsSinceEpoch() == round((NOW + 1) * 1000)
    assert row(layer, "b")["line"] == "B"
    give(writer, [], gone=["b"], schema=schema)
    assert [f["id"] for f in layer.getFeatures()] == ["a"]
    give(writer, [fix("b")], schema=schema)
    assert row(layer, "b").id() != ids["b"]


def test_heading_zero_is_written_as_zero_and_none_as_null(layer, writer):
    give(writer, [fix("north", heading=0.0), fix("none")])
    assert row(layer, "north")["heading"] == 0.0
    assert is_null(row(layer, "none")["heading"])


def test_types_widen_without_losing_the_layer(layer, writer):
    schema = give(writer, [fix("a", n=1), fix("b", n=2)])
    layer.setFieldAlias(layer.fields().lookupField("n"), "number")
    layer.select(row(layer, "a").id())
    give(writer, [fix("b", when=NOW + 1, n=2.5)], schema=schema)
    assert [row(layer, i)["n"] for i in "ab"] == [1.0, 2.5]
    give(writer, [fix("b", when=NOW + 2, n="three", m=True)], schema=schema)
    assert [row(layer, i)["n"] for i in "ab"] == ["1", "three"]
    assert row(layer, "b")["m"] is True
    assert layer.selectedFeatureCount() == 1
    assert [f.name() for f in layer.fields()].count("n") == 1
    assert layer.fields().field("n").alias() == "number"


def test_age_is_computed_when_looked_at_and_corrected_by_the_clock(layer, writer):
    reported = time.time() - 100
    give(writer, [fix("a", when=reported)])
    assert 100 <= row(layer, "a")["age_s"] <= time.time() - reported + 1
    QgsExpressionContextUtils.setLayerVariable(layer, OFFSET_VARIABLE, -3600)
    expression = QgsExpression(AGE_FIELD)
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    context.setFeature(row(layer, "a"))
    assert 3700 <= expression.evaluate(context) <= time.time() - reported + 3601


def test_a_selected_vehicle_that_goes_away_leaves_the_selection(layer, writer):
    give(writer, [fix("a"), fix("b")])
    layer.selectAll()
    give(writer, [], gone=["a"])
    assert layer.selectedFeatureCount() == 1


@pytest.mark.parametrize("seed", range(20))
def test_whatever_changes_the_layer_shows_what_is(layer, writer, seed):
    chance, schema, shown = Random(seed), Schema({}), {}
    for turn in range(4):
        for ident in chance.sample("abcdef", chance.randint(1, 6)):
            names = chance.sample(("line", "load", "on", "count"), chance.randint(0, 4))
            kinds = {"line": ["T1", "T2", None], "load": [1.5, 2, None], "on": [True, False], "count": [0, 7]}
            shown[ident] = fix(
                ident,
                lon=chance.choice((2.0, 2.5)),
                when=NOW + turn * chance.randint(0, 1),
                heading=chance.choice((None, 0.0, 90.0)),
                **{name: chance.choice(kinds[name]) for name in names},
            )
        give(writer, list(shown.values()), schema=schema)
    for feature in layer.getFeatures():
        one = shown[feature["id"]]
        assert feature.geometry().asPoint() == QgsPointXY(one.lon, one.lat)
        assert feature["time"] == moment(one.time)
        said = {name: feature[name] for name in ("heading", *(n for n, k in schema.kinds.items() if k))}
        given = {"heading": one.heading, **one.attributes}
        assert {n: None if is_null(v) else v for n, v in said.items()} == {n: given.get(n) for n in said}


def test_a_newer_fix_wins_while_an_older_one_waits(layer, writer):
    writer.offer(Fixes.of([fix("a")]), [], {})
    writer.offer(Fixes.of([fix("a", 2.5)]), [], {})
    writer.offer(Fixes.of([]), ["b"], {})
    writer.offer(Fixes.of([fix("b")]), [], {})
    while writer.write(0.05):
        pass
    assert row(layer, "a").geometry().asPoint().x() == 2.5
    assert layer.featureCount() == 2


def test_a_layer_that_has_features_already_keeps_their_ids(layer, writer):
    give(writer, [fix("a"), fix("b")])
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    again = LayerWriter(layer, "test")
    again.only({"a"})
    give(again, [fix("a", 3.0)])
    assert {f["id"]: f.id() for f in layer.getFeatures()} == {"a": ids["a"]}
    assert row(layer, "a").geometry().asPoint().x() == 3.0


def test_features_behind_a_filter_are_found_again(layer, writer):
    schema = give(writer, [fix("a", line="T3"), fix("b", line="B")])
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    assert layer.setSubsetString("\"line\" = 'T3'")
    again = LayerWriter(layer, "test")
    give(again, [fix("a", 3.0, line="T3"), fix("b", 3.0, line="B")], schema=schema)
    assert layer.subsetString() == "\"line\" = 'T3'"
    assert [f["id"] for f in layer.getFeatures()] == ["a"]
    layer.setSubsetString("")
    assert {f["id"]: f.id() for f in layer.getFeatures()} == ids
    assert {f.geometry().asPoint().x() for f in layer.getFeatures()} == {3.0}


def test_an_open_table_shows_who_came_and_who_left(layer, writer):
    schema = give(writer, [fix("a"), fix("b")])
    cache = QgsVectorLayerCache(layer, 100)
    table = QgsAttributeTableModel(cache)
    table.loadLayer()

    def shown():
        column = layer.fields().lookupField("id")
        texts = [
            table.data(table.index(r, column), Qt.ItemDataRole.DisplayRole) for r in range(table.rowCount())
        ]
        return sorted(texts)

    assert shown() == ["a", "b"]
    give(writer, [fix("c"), fix("d")], gone=["a"], schema=schema)
    writer.tell_tables()
    assert shown() == ["b", "c", "d"]
    give(writer, [fix("e")], schema=schema)
    give(writer, [], gone=["e", "b"], schema=schema)  # it came and went between two ticks
    writer.tell_tables()
    assert shown() == ["c", "d"]


def test_everything_of_the_users_survives_ten_thousand_ticks(layer, writer):
    project = QgsProject.instance()
    schema = give(writer, [fix(str(i), line="T3", n=i) for i in range(20)])
    other = QgsVectorLayer("Point?field=id:string&field=note:string", "notes", "memory")
    project.addMapLayer(other)
    relation = QgsRelation()
    relation.setId("r")
    relation.setReferencingLayer(other.id())
    relation.setReferencedLayer(layer.id())
    relation.addFieldPair("id", "id")
    project.relationManager().addRelation(relation)
    assert project.relationManager().relation("r").isValid()
    layer.setRenderer(QgsSingleSymbolRenderer(QgsMarkerSymbol.createSimple({"name": "star"})))
    layer.setSubsetString("\"line\" = 'T3'")
    layer.selectByIds([row(layer, "3").id(), row(layer, "5").id()])
    selected = set(layer.selectedFeatureIds())
    other.startEditing()
    other.addFeature(QgsFeature(other.fields()))
    ids = {f["id"]: f.id() for f in layer.getFeatures()}
    cache = QgsVectorLayerCache(layer, 100)
    table = QgsAttributeTableModel(cache)
    table.loadLayer()
    form = QgsAttributeForm(layer, row(layer, "7"))
    for tick in range(1, 10_001):
        give(
            writer,
            [fix(str(tick % 20), 2.0 + tick * 1e-5, when=NOW + tick, line="T3", n=tick)],
            schema=schema,
        )
        writer.tell_tables()
    assert table.rowCount() == 20
    line = table.idToRow(ids["0"])
    shown = [
        table.data(table.index(line, c), Qt.ItemDataRole.DisplayRole) for c in range(table.columnCount())
    ]
    assert "10000" in [str(text).replace(",", "") for text in shown]
    assert form.feature().id() == ids["7"]
    assert {f["id"]: f.id() for f in layer.getFeatures()} == ids
    assert set(layer.selectedFeatureIds()) == selected
    assert row(layer, "0").geometry().asPoint().x() == pytest.approx(2.1)
    assert row(layer, "0")["n"] == 10_000
    assert layer.renderer().symbol().symbolLayer(0).shape() == layer.renderer().symbol().symbolLayer(0).Star
    assert layer.subsetString() == "\"line\" = 'T3'"
    assert other.isEditable()
    assert other.featureCount() == 1
    other.rollBack()
    assert project.relationManager().relation("r").isValid()
    assert not layer.isEditable()


def test_the_default_style_tells_heading_and_age_apart(layer, writer):
    apply_positions_style(layer)
    now = time.time()
    give(
        writer,
        [
            fix("north", when=now, heading=0.0),
            fix("none", when=now),
            fix("old", when=now - 400, heading=90.0),
            fix("old none", when=now - 400),
        ],
    )
    renderer = layer.renderer()
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    expression = QgsExpression(renderer.classAttribute())
    categories, classes = renderer.categories(), {}
    for feature in layer.getFeatures():
        context.setFeature(feature)
        value = expression.evaluate(context)
        classes[feature["id"]] = [
            i
            for i, c in enumerate(categories)
            if c.value() == value or (is_null(c.value()) and is_null(value))
        ]
    assert classes == {"north": [0], "none": [3], "old": [2], "old none": [5]}
    assert len({c.label() for c in categories}) == 6
    assert [c.label() for c in categories[:5]] == [c.value() for c in categories[:5]]  # words, and no numbers
    assert is_null(categories[5].value())  # all other values
    assert not renderer.filter(layer.fields())  # or QGIS computes it twice for each feature
    assert "With heading, under 1 min" in renderer.classAttribute()
    assert layer.labeling().settings().scaleVisibility


@pytest.mark.parametrize("count", [1, 2, 500])
def test_what_is_made_ready_is_what_would_be_written(writer, layer, count):
    fixes = [fix(f"v{i}", 2.1 + (i % 3) / 7.0, -48.3 + (i % 2) / 3.0, NOW + i / 9.0) for i in range(count)]
    made = make_ready(Fixes.of(fixes))
    assert [p.asWkb() for p in made] == [place(f).asWkb() for f in fixes]
    assert moments_of(Fixes.of(fixes)) == [moment(f.time) for f in fixes]
    give(writer, fixes)
    later = [fix(f.id, f.lon + 0.5, f.lat, f.time + 1.0) for f in fixes]
    moved = Fixes.of(later)
    moved.ready = make_ready(moved)
    moved.ready[count // 2] = None  # one that was read in another way: made when it is written
    writer.offer(moved, [], {})
    while writer.write(0.05):
        pass
    shown = {f["id"]: (f.geometry().asPoint(), f["time"]) for f in layer.getFeatures()}
    assert shown == {f.id: (QgsPointXY(f.lon, f.lat), moment(f.time)) for f in later}


@pytest.mark.parametrize("dead", [[0], [1], [0, 1, 2]])
def test_a_point_that_is_no_more_is_made_anew(layer, writer, dead):
    give(writer, [fix(str(i)) for i in range(3)])
    moved = Fixes.of([fix(str(i), lon=3.0 + i, when=NOW + 1) for i in range(3)])
    moved.ready = make_ready(moved)
    for place_of in dead:
        sip.delete(moved.ready[place_of])
    writer.offer(moved, [], {})
    assert not writer.write(1.0)
    assert {f["id"]: f.geometry().asPoint().x() for f in layer.getFeatures()} == {
        "0": 3.0,
        "1": 4.0,
        "2": 5.0,
    }


def test_a_slot_that_another_vehicle_has_by_now_is_not_taken_for_the_first_ones(layer, writer):
    """Where a vehicle was shown is remembered by its slot; who leaves, returns or comes in its place is looked up."""
    fleet = Fleet()

    def show(gone=(), **lats):
        fixes = Fixes.of([fix(ident, lat=lat) for ident, lat in lats.items()])
        for ident in gone:
            fleet.remove(ident)
        writer.offer(fleet.at(fleet.store(fixes)), list(gone), {})
        while writer.write(1.0):
            pass

    def shown():
        return {f["id"]: round(f.geometry().asPoint().y(), 3) for f in layer.getFeatures()}

    show(a=1.0, b=2.0)
    show(a=1.5, b=2.5)
    assert shown() == {"a": 1.5, "b": 2.5}
    show(gone=["b"], c=3.0)
    show(c=3.5, a=1.6)
    assert shown() == {"a": 1.6, "c": 3.5}
    show(gone=["a"], b=4.0)
    show(b=4.5, c=3.6)
    assert shown() == {"b": 4.5, "c": 3.6}
    show(gone=["b"], c=3.7)
    show(b=5.0)  # the same slot and the same text as before it left
    assert shown() == {"b": 5.0, "c": 3.7}
