"""Where a vehicle is, by the values: axes, pairs and their order, other places, and what is asked."""

from __future__ import annotations

import sys
import types

import pytest

from redis_geo_plugin.core.live.recognition import recognise, unfold
from redis_geo_plugin.core.live.records import Decoder, Fix, RefusalReason, Row
from redis_geo_plugin.core.live.spec import Mapping
from tests.support.observed import NOW


@pytest.mark.parametrize("heard", ["rxInfo", "rx_metadata", "gateways", "hotspots"])
def test_where_a_report_was_heard_is_not_where_the_vehicle_is(heard):
    place = {"latitude": 45.1, "longitude": 5.7}
    report = {
        "id": "v7",
        "decoded": {"lat": 48.8, "lon": 2.3},
        heard: [{"gateway_id": "g", "location": place}] * 2,
    }
    assert unfold(report) == [("v7", report)]
    found = recognise([report], now=NOW).mapping
    assert (found.lon, found.lat) == ("decoded.lon", "decoded.lat")
    del report["decoded"]
    assert unfold(report) == []


@pytest.mark.parametrize("who", ["gateway", "receiver", "operator", "pilot"])
def test_the_place_of_who_hears_or_steers_is_asked(who):
    found = recognise(
        [{"id": f"v{i}", who: {"lat": 48.8 + i / 9, "lon": 2.3}, "ts": NOW} for i in range(5)], now=NOW
    )
    assert "place" in found.unsure


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("POINT(2.35 48.85)", (2.35, 48.85)),
        ("SRID=4326;POINT(2.35 48.85)", (2.35, 48.85)),
        ("geo:48.85,2.35", (2.35, 48.85)),
        ("48.85 N, 2.35 E", (2.35, 48.85)),
        ({"type": "Point", "coordinates": [2.35, 48.85]}, (2.35, 48.85)),
        ("0101000000CDCCCCCCCCCC0240CDCCCCCCCC6C4840", (2.35, 48.85)),
        ([2.35, 48.85], None),
        ("48.85,2.35", None),
        ("48,85;2,35", None),
        ("48,85,2,35", None),
        ("2.35,48.85", None),
    ],
)
def test_the_order_of_a_pair_is_that_of_its_form_or_asked(value, place):
    record = {"name": "a", "location": value}
    found = recognise([record] * 3, now=NOW)
    fix = Decoder(found.mapping).fix(Row("a", b"a", record), NOW)
    if place is None:
        assert not isinstance(fix, Fix)
        assert found.unsure == ("order",) or not found.mapping.has_position
    else:
        assert (fix.lon, fix.lat) == pytest.approx(place)


def test_decimal_commas():
    mapping = Mapping(pair="location", pair_order="latlon")
    fix = Decoder(mapping).fix(Row("a", b"a", {"location": "48,85;2,35"}), NOW)
    assert (fix.lat, fix.lon) == (48.85, 2.35)
    fix = Decoder(Mapping(lon="x", lat="y")).fix(Row("a", b"a", {"x": "2,35", "y": "48,85"}), NOW)
    assert (fix.lat, fix.lon) == (48.85, 2.35)


def test_an_index_declares_the_order():
    records = [{"name": str(n), "location": f"{2.3 + n / 10},48.85"} for n in range(5)]
    found = recognise(records, orders={"location": "lonlat"}, now=NOW)
    assert (found.mapping.pair_order, found.unsure) == ("lonlat", ())


def test_other_places_of_the_record_tell_the_order():
    records = [
        {"at": f"2.3{n},48.85", "position": f"2.3{n},48.85", "dest_lat": 48.9, "dest_lon": 2.4}
        for n in range(5)
    ]
    assert recognise(records, now=NOW).mapping.pair_order == "lonlat"


@pytest.mark.parametrize(
    "one",
    [
        {"x": 120, "y": 45},
        {"x": 12.5, "y": 60.1, "hp": 100},
        {"z": 4, "x": 3, "y": 2},
        {"x": 640.0, "y": 480.0, "ts": NOW},
    ],
)
def test_pixels_tiles_and_places_of_a_game_are_none(one):
    assert not recognise([dict(one, n=n) for n in range(5)], now=NOW).mapping.has_position


@pytest.mark.parametrize("prefix", ["pickup", "dropoff", "origin", "destination", "home", "start"])
def test_the_place_of_something_else_is_asked(prefix):
    for records in ([{prefix: {"lat": 48.0, "lng": 2.0 + n}} for n in range(4)],
                    [{f"{prefix}_lat": 48.0, f"{prefix}_lng": 2.0 + n} for n in range(4)],
                    [{f"{prefix}Location": [2.0 + n, 48.0]} for n in range(4)]):  # fmt: skip
        assert recognise(records, now=NOW).unsure == ("place",)
        own = [{**one, "lat": 47.0, "lon": 3.0} for one in records]
        assert recognise(own, now=NOW).mapping.shows_positions
        assert recognise(own, now=NOW).mapping.lat == "lat"


def test_a_cell_is_marked_as_derived():
    records = [{"geohash": f"u09tvw0f{n}", "ts": NOW} for n in range(5)]
    fix = Decoder(recognise(records, now=NOW).mapping).fix(Row("a", b"a", records[0]), NOW)
    assert fix.derived == "position"
    exact = [{**one, "lat": 48.0, "lon": 2.0} for one in records]
    assert recognise(exact, now=NOW).mapping.lat == "lat"


CELL = "8928308280fffff"  # of h3geo.org, in San Francisco
MIDDLE = (37.77670, -122.41845)  # latitude, longitude


@pytest.mark.parametrize("reads", ["cell_to_latlng", "h3_to_geo"])
def test_h3_cells_are_places_only_where_their_package_is(monkeypatch, reads):
    records = [{"h3": CELL, "ts": NOW}] * 4
    monkeypatch.setitem(sys.modules, "h3", None)  # not installed
    assert not recognise(records, now=NOW).mapping.has_position
    there = types.ModuleType("h3")
    setattr(there, reads, {CELL: MIDDLE}.__getitem__)  # of version 4, and of 3
    monkeypatch.setitem(sys.modules, "h3", there)
    fix = Decoder(recognise(records, now=NOW).mapping).fix(Row("a", b"a", records[0]), NOW)
    assert (fix.lat, fix.lon, fix.derived) == (*MIDDLE, "position")
    broken = Decoder(recognise(records, now=NOW).mapping).fix(
        Row("a", b"a", {"h3": "89283082fffffff", "ts": NOW}), NOW
    )
    assert broken.reason is RefusalReason.NO_POSITION


def test_x_and_y_by_themselves_are_asked():
    records = [{"id": n, "x": 2.35 + n / 100, "y": 48.85, "ts": NOW} for n in range(5)]
    assert recognise(records, now=NOW).unsure == ("place",)
    for more in ({"geolocation": {"x": 2.35, "y": 48.85}}, {"x": 2.35, "y": 48.85, "srid": 4326}):
        assert recognise([{**more, "ts": NOW}] * 3, now=NOW).mapping.shows_positions


@pytest.mark.parametrize("value", [[10, 20], "3,4", [1.5, 2.0], "10.0.0.1", "1920x1080", "1.2", [0, 0]])
def test_two_numbers_by_themselves_are_no_place(value):
    name = "value" if isinstance(value, str) else "coordinates"
    assert not recognise([{name: value}] * 5, now=NOW).mapping.has_position


@pytest.mark.parametrize(
    "where",
    [
        {"pose": {"pose": {"position": {"x": 12.51, "y": 40.12, "z": 0.0}}}},
        {"pos": {"x": 12.51, "y": 40.12}},
        {"location": {"x": 12.51, "y": 40.12, "z": 3.0}},
        {"location": {"x": 12.51, "y": 40.12}},
        {"coordinates": {"x": 12.345678, "y": 8.234567}},
        {"point": {"x": 12.51, "y": 40.12}},
    ],
)
def test_x_and_y_of_a_robot_or_a_game_are_asked(where):
    assert not recognise([{**where, "ts": NOW}] * 3, now=NOW).mapping.shows_positions


def two_places(one, other):
    here = {"lat": 48.85, "lng": 2.35}
    return [{one: here, other: {"lat": 45.0 + n, "lng": 4.0}, "ts": NOW + n} for n in range(5)]


@pytest.mark.parametrize("names", [("last_event", "last_telemetry"), ("camera", "vehicle1"), ("cell", "gps")])
def test_of_two_places_that_are_as_likely_it_is_asked_which(names):
    assert recognise(two_places(*names), now=NOW + 9).unsure == ("place",)
    assert recognise(two_places(*reversed(names)), now=NOW + 9).unsure == ("place",)


@pytest.mark.parametrize("other", ["old", "before_previous", "home", "destination", "last_data"])
def test_an_earlier_row_and_other_places_are_not_the_vehicles(other):
    found = recognise(two_places("data", other), now=NOW + 9)
    assert (found.mapping.lat, found.unsure) == ("data.lat", ())


def test_two_places_that_are_one_need_no_question():
    records = [{"best": {"lat": 48.85, "lon": 2.35}, "gnss": {"lat": 48.8501, "lon": 2.35}, "ts": NOW}] * 5
    assert recognise(records, now=NOW).mapping.shows_positions


@pytest.mark.parametrize("place", [(0.0, 0.0), (-1.0, -1.0), (-1, -1)])
def test_the_marks_of_no_position_are_refused(place):
    fix = Decoder(Mapping(lon="lon", lat="lat", time="ts")).fix(
        Row("a", b"a", {"lon": place[0], "lat": place[1], "ts": NOW}), NOW
    )
    assert fix.reason is RefusalReason.NULL_ISLAND


@pytest.mark.parametrize("beyond", [0, 1, 2, 5, 10])
def test_axes_under_each_others_names_are_shown_right_or_not_at_all(beyond):
    places = [(-100.0 - n / 10, 39.0 + n) if n < beyond else (-80.0 - n / 10, 39.0 + n) for n in range(10)]
    records = [{"lat": lon, "lon": lat, "ts": NOW} for lon, lat in places]
    mapping = recognise(records, now=NOW).mapping
    if beyond == 2:
        assert mapping.unsure == "place"
    if beyond > 2:
        for place, record in zip(places, records):
            fix = Decoder(mapping).fix(Row("a", b"a", record), NOW)
            assert (fix.lon, fix.lat) == place


def test_a_bad_latitude_does_not_exchange_the_axes_of_a_fleet():
    records = [{"lat": 48.0 + n / 10, "lon": 2.0, "ts": NOW} for n in range(30)] + [
        {"lat": 95.0, "lon": 9.0, "ts": NOW}
    ]
    mapping = recognise(records, now=NOW).mapping
    assert (mapping.lat, mapping.unsure) == ("lat", "")
    assert Decoder(mapping).fix(Row("a", b"a", records[-1]), NOW).reason is RefusalReason.OUT_OF_RANGE


@pytest.mark.parametrize(
    "amount", ["err", "std", "velocity", "accuracy", "variance", "acceleration", "offset"]
)
@pytest.mark.parametrize("form", ["{amount}_{axis}", "{axis}_{amount}", "{amount}.{axis}"])
def test_amounts_along_the_axes_are_no_place(amount, form):
    def record(n, with_place):
        odd = {form.format(amount=amount, axis=axis): 3.125 + n for axis in ("lat", "lon")}
        nested = (
            {amount: {name.rpartition(".")[2]: value for name, value in odd.items()}} if "." in form else odd
        )
        return {
            **nested,
            "ts": NOW,
            **({"fix": {"latitude": 48.85, "longitude": 2.35 + n}} if with_place else {}),
        }

    found = recognise([record(n, True) for n in range(4)], now=NOW).mapping
    assert (found.lat, found.lon, found.unsure) == ("fix.latitude", "fix.longitude", "")
    assert not recognise([record(n, False) for n in range(4)], now=NOW).mapping.has_position


@pytest.mark.parametrize(
    "other",
    ["predicted", "planned", "expected", "forecast", "desired", "incident", "centroid", "reference", "venue"],
)
def test_where_a_vehicle_will_be_and_other_places_are_not_where_it_is(other):
    there = {"lat": 48.95, "lon": 2.35}
    assert not recognise([{other: there, "ts": NOW}] * 4, now=NOW).mapping.shows_positions
    both = recognise([{other: there, "now": {"lat": 48.85, "lon": 2.35}, "ts": NOW}] * 4, now=NOW).mapping
    assert (both.lat, both.unsure) == ("now.lat", "")


@pytest.mark.parametrize("name", ["location", "position", "coords", "coordinates", "gps", "pos"])
def test_a_list_is_longitude_first_only_where_the_other_order_lies_in_the_sea(name):
    for lon, lat in ((2.35, 48.85), (-74.02, 40.71), (-43.21, -22.91), (0.4, 0.3), (-9.5, 47.6)):
        for pair in ((lon, lat), (lat, lon)):
            records = [{"truck": n, name: [pair[0] + n / 1e3, pair[1], 35.0], "ts": NOW} for n in range(4)]
            found = recognise(records, now=NOW)
            fix = Decoder(found.mapping).fix(Row("a", b"a", records[0]), NOW)
            assert not isinstance(fix, Fix) or (fix.lon, fix.lat) == (lon, lat)
            assert isinstance(fix, Fix) == (found.unsure == ())
            assert (found.unsure == ()) == (pair[0] == lon and lon in (2.35, -74.02, -43.21))


@pytest.mark.parametrize(
    ("more", "pattern"),
    [({name: 7}, "") for name in ("mmsi", "imo", "MMSI", "sog", "shipName", "vessel_id", "navStatus", "icao24", "squawk", "callsign")]
    + [({"flight": "AF1"}, ""), ({"ship": {"draught": 4.5}}, ""), ({}, "ships:*"), ({}, "ais"), ({}, "port:vessel:*:last"), ({}, "aircraft:*")],
)  # fmt: skip
def test_land_does_not_tell_the_order_of_what_is_at_sea(more, pattern):
    for place in ([34.5, 18.5], [18.5, 34.5], [2.35, 48.85]):
        records = [{"location": [place[0] + n / 1e3, place[1]], "ts": NOW, **more} for n in range(4)]
        found = recognise(records, now=NOW, pattern=pattern)
        assert found.unsure == ("order",)
        assert not isinstance(Decoder(found.mapping).fix(Row("a", b"a", records[0]), NOW), Fix)


@pytest.mark.parametrize("pattern", ["", "truck:*", "taxis:*", "asset:*"])
def test_land_tells_the_order_of_what_is_on_land(pattern):
    records = [{"location": [2.35 + n / 1e3, 48.85], "ts": NOW, "shift": 1} for n in range(4)]
    found = recognise(records, now=NOW, pattern=pattern)
    says_land = pattern in ("truck:*", "taxis:*")
    assert (found.unsure, found.mapping.pair_order) == (() if says_land else ("order",), "lonlat")


@pytest.mark.parametrize("bad", [[181.0, 91.0], [2.35, 95.0], [95.0, 2.35]])
def test_a_single_bad_list_does_not_tell_the_order_of_all(bad):
    records = [{"location": [2.35 + n / 100, 48.85], "ts": NOW} for n in range(9)] + [
        {"location": bad, "ts": NOW}
    ]
    found = recognise(records, now=NOW)
    assert found.unsure == ("order",)


def test_lists_by_themselves_are_asked_wherever_they_lie():
    for place in ([34.5, 18.5], [2.35, 48.85], [48.85, 2.35]):
        records = [{"coordinates": [place[0] + n / 1e3, place[1] + 0.0001]} for n in range(4)]
        found = recognise(records, now=NOW)
        assert (found.mapping.pair, found.unsure) == ("coordinates", ("order",))
