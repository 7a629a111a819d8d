"""Joined by nearest, cached and native: the same neighbours, fields and lines."""

from __future__ import annotations

import ast
import math

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsPoint,
)

from tests.support.twin_layers import BOW_TIE, CHECK, made
from tests.support.twins import CHECKS, index_takes_boxes_for_geometries, layer, outcome

# -- nearest -----------------------------------------------------------------------------------------------------------
TOWNS = ["Point(0 0)", "Point(3 4)", "Point(3 -4)", "Point(10 0)"]


@pytest.fixture
def equal_join(algorithms, saved_connection):
    """The same of the join by nearest, whose geometries are lines: counts, fields and attributes. The order of what is
    equally near is that of QGIS's index: ``n`` is left out."""

    def rows(found):
        names = [name for name, *_ in found["OUTPUT"]["fields"]]
        place = names.index(next(name for name in names if name in ("n", "n_2")))
        values = (ast.literal_eval(text) for text, _ in found["OUTPUT"]["features"])
        found["OUTPUT"]["features"] = sorted(
            repr([v for i, v in enumerate(row) if i != place]) for row in values
        )
        found["OUTPUT"]["type"] = ""
        return found

    def equal_join(check=CHECKS.GeometryNoCheck, **parameters):
        wanted = outcome("native:joinbynearest", parameters, check)
        wanted = wanted if "exception" in wanted else rows(wanted)
        if "MAX_DISTANCE" in parameters and index_takes_boxes_for_geometries():
            return nearest_by_hand(**parameters)  # native errs
        for _time in ("computed", "cached"):
            found = outcome("redisgeo:cachednearest", parameters, check)
            assert (found if "exception" in found else rows(found)) == wanted
        return wanted

    return equal_join


def towns(wkts=tuple(TOWNS), rows=None, fields="name:string", kind="Point"):
    return layer(kind, wkts, rows, fields)


def nearest_by_hand(INPUT, INPUT_2, NEIGHBORS=1, MAX_DISTANCE=math.inf, **more):
    """Who is nearest to whom, and how far, by the distances of all pairs, beside what the drop-in gives. An empty text is a
    distance of 0."""
    others, wanted = [f for f in INPUT_2.getFeatures() if f.hasGeometry()], []
    for one in (f for f in INPUT.getFeatures() if f.hasGeometry()):
        to = [f for f in others if INPUT is not INPUT_2 or f.id() != one.id()]
        far = sorted((one.geometry().distance(f.geometry()), f["name"]) for f in to)
        most = min(float(MAX_DISTANCE or 0), far[min(NEIGHBORS, len(far)) - 1][0])
        wanted += [(one["name"], name, round(d, 6)) for d, name in far if d <= most]
    given = {"INPUT": INPUT, "INPUT_2": INPUT_2, "NEIGHBORS": NEIGHBORS, **more}
    if math.inf != MAX_DISTANCE:
        given["MAX_DISTANCE"] = MAX_DISTANCE
    for _time in ("computed", "cached"):
        found = outcome("redisgeo:cachednearest", given)
        names = [name for name, *_ in found["OUTPUT"]["fields"]]
        rows = [dict(zip(names, ast.literal_eval(text))) for text, _ in found["OUTPUT"]["features"]]
        joined = [row for row in rows if row["distance"] is not None]
        assert sorted((r["name"], r["name_2"], round(r["distance"], 6)) for r in joined) == sorted(wanted)
        assert found["JOINED_COUNT"] == len({name for name, *_ in wanted})
        assert found["JOINED_COUNT"] + found["UNJOINABLE_COUNT"] == INPUT.featureCount()
        left_out = INPUT.featureCount() - found["JOINED_COUNT"]
        assert len(rows) - len(joined) == (0 if more.get("DISCARD_NONMATCHING") else left_out)
        if "NON_MATCHING" in more:
            assert len(found["NON_MATCHING"]["features"]) == left_out


@pytest.mark.parametrize("more", [{}, {"NEIGHBORS": 2}, {"MAX_DISTANCE": 4.5}, {"MAX_DISTANCE": 0},
                                  {"DISCARD_NONMATCHING": True, "MAX_DISTANCE": 1}])  # fmt: skip
def test_nearest_by_the_distances_of_all_pairs(algorithms, saved_connection, more):
    areas = layer("Polygon", ["Polygon((0 10,10 0,10 1,0 10))", "Polygon((2 2,3 2,3 3,2 2))", BOW_TIE])
    for other in (areas, towns(), towns(["LineString(0 10,10 0)", "LineString(2 2,2 3)"], kind="LineString")):
        nearest_by_hand(towns([*TOWNS, None]), other, **more)
        nearest_by_hand(other, areas, **more)


@pytest.mark.parametrize(
    "more",
    [{}, {"NEIGHBORS": 2}, {"NEIGHBORS": 9}, {"MAX_DISTANCE": 4.5}, {"MAX_DISTANCE": 0}, {"PREFIX": "p_"},
     {"DISCARD_NONMATCHING": True, "MAX_DISTANCE": 1}, {"FIELDS_TO_COPY": ["w"]}, {"FIELDS_TO_COPY": ["nothing"]},
     {"NON_MATCHING": "memory:", "MAX_DISTANCE": 1}, {"NEIGHBORS": 2, "MAX_DISTANCE": 5.5}],
    ids=str,
)  # fmt: skip
def test_joined_by_nearest(equal_join, more):
    others = towns(
        ["Point(1 1)", "Point(3 0)", None, "Point(3 9)"],
        [(f"o{i}", i) for i in range(4)],
        "name:string,w:integer",
    )
    places = towns([*TOWNS, None])
    equal_join(INPUT=places, INPUT_2=others, **more)
    more.pop("FIELDS_TO_COPY", None)
    equal_join(INPUT=places, INPUT_2=places, **more)


def test_fields_that_are_named_twice_are_copied_once(equal_join):
    """native:joinbynearest of QGIS 3.44 gives their values to the fields behind them, which cannot hold them."""
    given = {"INPUT": towns(), "INPUT_2": towns(TOWNS[2:], [("o", 1), ("p", 2)], "name:string,w:integer")}
    once = {**given, "FIELDS_TO_COPY": ["name", "w"]}
    twice = {**given, "FIELDS_TO_COPY": ["name", "w", "NAME", "w"]}
    if "exception" not in outcome("native:joinbynearest", twice):
        equal_join(**twice)
    equal_join(**once)
    assert outcome("redisgeo:cachednearest", twice) == outcome("redisgeo:cachednearest", once)


def test_a_distance_that_is_an_empty_text_is_the_one_that_native_takes(equal_join):
    equal_join(INPUT=towns(), INPUT_2=towns(["Point(3 4)", "Point(3 0)"]), MAX_DISTANCE="")


def test_a_layer_joined_to_itself_leaves_each_feature_itself_out(equal_join):
    places = towns()
    wanted = equal_join(INPUT=places, INPUT_2=places)
    assert all("0.0, 0.0, 0.0, 0.0, 0.0]" not in row for row in wanted["OUTPUT"]["features"])
    found = outcome("redisgeo:cachednearest", {"INPUT": places.id(), "INPUT_2": places})
    assert len(found["OUTPUT"]["features"]) == len(wanted["OUTPUT"]["features"])


def test_an_own_field_distance_keeps_its_values_and_the_result_gets_another_name(equal_join):
    fields = "distance:double,n:integer"
    places, others = (
        towns(TOWNS[:2], [(7.0, 1), (8.0, 2)], fields),
        towns(TOWNS[2:], [(1.0, 3), (2.0, 4)], fields),
    )
    wanted = equal_join(INPUT=places, INPUT_2=others)
    names = [name for name, *_ in wanted["OUTPUT"]["fields"]]
    assert names[0] == "distance" and "distance_2" in names and "distance_3" in names


@pytest.mark.parametrize("check", CHECK)
def test_an_invalid_geometry_is_joined_or_not_as_the_native_one_does(equal_join, check):
    if check != "stop" and index_takes_boxes_for_geometries():
        return  # and native:joinbynearest errs with it
    equal_join(CHECK[check], INPUT=made("bow tie"), INPUT_2=towns())
    equal_join(CHECK[check], INPUT=towns(), INPUT_2=made("bow tie"))


def test_the_lines_lead_to_the_nearest(algorithms, saved_connection):
    found = outcome(
        "redisgeo:cachednearest",
        {"INPUT": towns(["Point(0 0)"]), "INPUT_2": towns(["Point(3 4)", "Point(9 9)"])},
    )
    assert found["OUTPUT"]["type"] == "MultiLineString"
    assert [geometry for _, geometry in found["OUTPUT"]["features"]] == [
        "MultiLineString ['LineString (0 0, 3 4)']"
    ]


def test_a_neighbour_without_a_finite_place_is_nobodys_and_spoils_no_others(algorithms, saved_connection):
    others = towns(["Point(9 9)", "Point(3 4)"])
    lost = QgsFeature(others.fields())
    lost.setGeometry(QgsGeometry(QgsPoint(math.inf, 1)))
    others.dataProvider().addFeatures([lost])
    found = outcome("redisgeo:cachednearest", {"INPUT": towns(["Point(0 0)"]), "INPUT_2": others})
    assert [geometry for _, geometry in found["OUTPUT"]["features"]] == [
        "MultiLineString ['LineString (0 0, 3 4)']"
    ]
