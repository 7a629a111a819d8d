"""Which label of time series says the coordinate and which the vehicle, and which samples are one position."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live import labelled
from redis_geo_plugin.core.live.labelled import (
    APART,
    LabelRoles,
    Series,
    SeriesProblem,
    are_together,
    record_of,
    roles_of,
    vehicles,
    words_of,
)
from redis_geo_plugin.core.live.series_tracks import paired
from redis_geo_plugin.core.live.spec import Mapping

NOTHING = LabelRoles()


def fleet(field="coord", ident="vehicle", names=("lon", "lat"), places=None, **more):
    """The series of five vehicles in Paris, or at these places."""
    places = places or [(2.30 + n / 100, 48.80 + n / 200) for n in range(5)]
    return [
        Series(b"%d:%d" % (n, at), {ident: f"v{n}", field: name, **more}, (1_700_000_000_000, value))
        for n, place in enumerate(places)
        for at, (name, value) in enumerate(zip(names, place))
    ]


def problem(series, given=NOTHING):
    with pytest.raises(SeriesProblem) as caught:
        roles_of(series, given)
    return caught.value


@pytest.mark.parametrize("names", [("lon", "lat"), ("longitude", "latitude"), ("pos.lng", "pos.lat")])
def test_labels_are_told_by_names_and_values(names):
    found = roles_of(fleet(names=names, region="north"), NOTHING)
    assert (found.coordinate, found.id) == ("coord", "vehicle")
    assert (found.mapping.lon, found.mapping.lat) == names


def test_of_a_large_fleet_some_hundred_vehicles_from_all_parts_tell_the_coordinates(monkeypatch):
    """Half of them, at the end, have what no latitude can be."""
    asked = []

    def recognise(records, **how):
        asked.append(len(records))
        return labelled_recognise(records, **how)

    labelled_recognise = labelled.recognise
    monkeypatch.setattr(labelled, "recognise", recognise)
    places = [(2.0 + n / 1000, 48.0) if n < 500 else (91.0 + n / 1000, 48.0) for n in range(1000)]
    found = roles_of(fleet(places=places), NOTHING)
    assert (found.mapping.lon, found.mapping.lat) == ("lon", "lat")
    assert asked and all(100 < count <= labelled.MOST_RECOGNISED for count in asked)
    assert len(vehicles(fleet(places=places), found)) == 1000


def test_the_vehicle_is_no_label_that_a_fleet_shares():
    """One vehicle in each fleet: both labels tell the series apart, and only one of them is an identity."""
    series = fleet()
    for one in series:
        one.labels["fleet"] = "f" + one.labels["vehicle"]
    series[0].labels["fleet"] = series[1].labels["fleet"] = "f9"
    assert roles_of(series, NOTHING).id == "vehicle"


def test_labels_that_part_the_series_otherwise_are_asked():
    series = fleet(ident="alpha")
    for one in series:
        one.labels["beta"] = one.labels["alpha"]
    assert roles_of(series, NOTHING).id == "alpha"  # both tell the same vehicles apart: no question
    series[0].labels["beta"], series[2].labels["beta"] = "v1", "v0"
    found = problem(series)
    assert (found.what, found.names) == ("which_id", ("alpha", "beta"))
    assert roles_of(series, LabelRoles(id="alpha")).id == "alpha"


def test_plane_coordinates_ask_for_their_crs():
    places = [(652_000.0 + n, 6_862_000.0 + n) for n in range(5)]
    found = problem(fleet(names=("x", "y"), places=places))
    assert (found.what, found.names) == ("unsure", ("crs",))
    told = roles_of(fleet(names=("x", "y"), places=places), LabelRoles(mapping=Mapping(crs="EPSG:2154")))
    assert (told.mapping.lon, told.mapping.lat, told.mapping.crs) == ("x", "y", "EPSG:2154")


def test_values_that_are_named_are_taken():
    series = fleet(names=("a1", "a2"))
    given = LabelRoles(mapping=Mapping(lon="a1", lat="a2"))
    found = roles_of(series, given)
    assert (found.coordinate, found.id) == ("coord", "vehicle")
    assert [(one.id, one.lon.key) for one in vehicles(series, found)][:2] == [("v0", b"0:0"), ("v1", b"1:0")]


def test_what_is_no_coordinate_is_asked():
    series = fleet(names=("temperature", "humidity"))
    assert problem(series).what == "no_place"
    assert problem(series, LabelRoles(coordinate="sort")).names[0] == "sort"


def test_two_series_of_one_coordinate_are_no_vehicle():
    series = [*fleet(), Series(b"again", {"vehicle": "v0", "coord": "lat"}, (1, 2.0))]
    with pytest.raises(SeriesProblem) as caught:
        vehicles(series, LabelRoles("coord", "vehicle", Mapping(lon="lon", lat="lat")))
    assert caught.value.what == "which_id"


def test_labels_of_a_vehicle_are_those_of_both_series():
    series = fleet(line="T3")
    series[0].labels["unit"] = "degrees east"
    (first, *_) = vehicles(series, roles_of(series, NOTHING))
    assert first.labels == {"line": "T3"}


@pytest.mark.parametrize(
    "text, words",
    [
        ("fleet=north coord=(lon,lat)", ["fleet=north", "coord=(lon,lat)"]),
        ('name="my car" x!=', ["name=my car", "x!="]),
    ],
)
def test_filters_are_words(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize("text", ["", "north", "a=1 LIMIT", 'a="1'])
def test_what_is_no_filter_is_said(text):
    with pytest.raises(SeriesProblem) as caught:
        words_of(text)
    assert caught.value.what == "not_understood"


def test_samples_of_one_time_are_a_position():
    lons, lats = [(1, 2.0), (2, 2.1), (4, 2.3)], [(1, 48.0), (3, 48.2), (4, 48.3)]
    assert list(paired(lons, lats, 0)) == [(1, 2.0, 48.0), (2, 2.1, None), (3, None, 48.2), (4, 2.3, 48.3)]


def test_the_nearer_sample_is_the_partner():
    assert list(paired([(100, 1.0), (190, 2.0)], [(200, 3.0)], 150)) == [(100, 1.0, None), (190, 2.0, 3.0)]
    assert list(paired([(200, 1.0)], [(100, 2.0), (190, 3.0)], 150)) == [(100, None, 2.0), (190, 1.0, 3.0)]
    assert list(paired([(200, 1.0)], [(351, 2.0)], 150)) == [(200, 1.0, None), (351, None, 2.0)]


def test_a_sample_that_is_no_number_is_missing():
    from redis_geo_plugin.core.live.labelled import sample_of

    assert sample_of([5, b"2.5"]) == (5, 2.5)
    assert [sample_of(one) for one in ([], [5, b"NaN"], [5, b"x"], None, [b"5", b"1"])] == [None] * 5


def of_one(**samples):
    return {name: Series(name.encode(), {}, sample) for name, sample in samples.items()}


def test_coordinates_are_of_one_position_up_to_the_tolerance():
    assert are_together([(1000, 2.0), (1000 + APART, 48.0)])
    assert not are_together([(1000 + APART + 1, 2.0), (1000, 48.0)])


def test_a_position_is_as_old_as_its_older_coordinate_and_what_is_older_is_left_out():
    now = 1_700_000_000_000
    group = of_one(
        lon=(now, 2.0), lat=(now - 500, 48.0), speed=(now - 600 - APART, 30.0), heading=(now - APART, 90.0)
    )
    assert record_of(group, ("lon", "lat")) == {"lon": 2.0, "lat": 48.0, "heading": 90.0, "time": now - 500}
    assert record_of(of_one(lon=None, lat=None)) == {}
