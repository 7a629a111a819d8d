"""Speeds and headings, by the values: their units, other angles, and the way driven."""

from __future__ import annotations

import math
import random

import pytest

from redis_geo_plugin.core.live.recognition import recognise
from redis_geo_plugin.core.live.records import Decoder, Row
from redis_geo_plugin.core.live.spec import SPEED_FACTORS
from tests.support.observed import NOW


def test_the_course_stands_in_where_a_heading_says_none():
    records = [
        {"lat": 48.0, "lon": 2.0, "heading": said, "cog": 90.5} for said in (511, -1, None, "None", 12)
    ]
    found = recognise(records, now=NOW).mapping
    assert (found.heading, found.course) == ("heading", "cog")
    headings = [Decoder(found).fix(Row("a", b"a", one), NOW).heading for one in records]
    assert headings == [90.5, 90.5, 90.5, 90.5, 12.0]
    none = [{"lat": 48.0, "lon": 2.0, "heading": 511, "cog": 10.0 * n} for n in range(4)]
    assert recognise(none, now=NOW).mapping.heading == "cog"


@pytest.mark.parametrize("name", ["direction", "dir", "DirectionNum", "direction_id"])
def test_which_way_along_a_line_is_no_heading(name):
    records = [{"lat": 48.0, "lon": 2.0, name: n % 2} for n in range(6)]
    assert recognise(records, now=NOW).mapping.heading == ""


def moving(unit, speeds, seconds=10.0):
    """One vehicle going north at these speeds (m/s), which it reports in a unit."""
    lat, records = 48.0, []
    for n, speed in enumerate(speeds):
        records.append(
            {"lat": lat, "lon": 2.0, "ts": NOW - 1000 + n * seconds, "speed": speed / SPEED_FACTORS[unit]}
        )
        lat += math.degrees(speed * seconds / 6_371_008.8)
    return records


@pytest.mark.parametrize("unit", sorted(SPEED_FACTORS))
def test_the_distances_tell_the_unit(unit):
    records = moving(unit, [10.0 + n % 3 * 0.5 for n in range(20)])
    found = recognise(records, ["a"] * 20, now=NOW)
    assert (found.mapping.speed_unit, found.unsure) == (unit, ())
    fix = Decoder(found.mapping).fix(Row("a", b"a", records[4]), NOW)
    assert fix.speed == pytest.approx(10.5)


def test_a_speed_of_which_nothing_tells_the_unit_is_not_shown():
    records = [{"lat": 48.0, "lon": 2.0 + n, "ts": NOW, "speed": 72} for n in range(5)]
    found = recognise(records, list("abcde"), now=NOW)
    assert found.unsure == ("speed_unit",)
    fix = Decoder(found.mapping).fix(Row("a", b"a", records[0]), NOW)
    assert (fix.speed, fix.attributes["speed"]) == (None, 72)
    said = Decoder(found.mapping.answered(speed_unit="km/h")).fix(Row("a", b"a", records[0]), NOW)
    assert said.speed == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("name", "unit"),
    [("speed_kmh", "km/h"), ("speedKph", "km/h"), ("speed_km_h", "km/h"), ("speed_ms", "m/s"), ("speedMps", "m/s"),
     ("sog", "kn"), ("speed_knots", "kn"), ("speedMph", "mph"), ("kmh", "km/h")],
)  # fmt: skip
def test_the_name_tells_the_unit(name, unit):
    records = [{"lat": 48.0, "lon": 2.0 + n, name: 7} for n in range(4)]
    found = recognise(records, now=NOW)
    assert (found.mapping.speed, found.mapping.speed_unit, found.unsure) == (name, unit, ())


def test_a_field_beside_names_the_unit():
    records = [{"lat": 48.0, "lon": 2.0 + n, "speed": 7, "speedUnit": "KPH"} for n in range(4)]
    assert recognise(records, now=NOW).mapping.speed_unit == "km/h"


@pytest.mark.parametrize(
    "name",
    [
        "wind_speed",
        "max_speed",
        "speed_limit",
        "fan_speed",
        "avg_speed",
        "speed_x",
        "velocityY",
        "speed_north",
    ],
)
def test_other_speeds_are_not_the_vehicles(name):
    assert recognise([{"lat": 48.0, "lon": 2.0 + n, name: 7} for n in range(4)], now=NOW).mapping.speed == ""


@pytest.mark.parametrize("turn", [math.pi / 9, -math.pi / 9, 1.0])
def test_radians_and_the_points_of_a_compass_are_no_degrees(turn):
    records = [{"id": n, "lat": 48.85, "lon": 2.35, "heading": turn * n, "ts": NOW} for n in range(8)]
    assert recognise(records, now=NOW).mapping.heading == ""


def test_a_fleet_that_goes_about_north_keeps_its_headings():
    records = [{"id": n, "lat": 48.85, "lon": 2.35, "heading": 3.0 + n / 10, "ts": NOW} for n in range(8)]
    assert recognise(records, now=NOW).mapping.heading == "heading"


def test_an_orientation_counted_from_the_east_is_no_heading():
    records = [{"id": n, "lat": 48.85, "lon": 2.35, "orientation": 40 * n, "ts": NOW} for n in range(8)]
    assert recognise(records, now=NOW).mapping.heading == ""


@pytest.mark.parametrize(
    "other",
    ["steering_angle", "tilt_angle", "sun_azimuth", "satellite.azimuth", "sun.azimuth", "panel_direction"],
)
def test_the_angle_of_a_part_or_of_the_sky_is_no_heading(other):
    outer, _, name = other.rpartition(".")
    records = [
        {
            "lat": 48.85,
            "lon": 2.35,
            "ts": NOW,
            **({outer: {name: 40 + 30 * n}} if outer else {other: 40 + 30 * n}),
        }
        for n in range(8)
    ]
    assert recognise(records, now=NOW).mapping.heading == ""


def turning(rounds=20, **more):
    """Two vehicles that turn, one record after the other, each with the direction in which it goes."""
    found, places = [], {"a": [2.35, 48.85], "b": [2.5, 48.9]}
    for n in range(rounds):
        for turn, (ident, place) in enumerate(places.items()):
            way = math.radians(25 * n + 90 * turn)
            place[0] += math.sin(way) * 1e-3 / math.cos(math.radians(place[1]))
            place[1] += math.cos(way) * 1e-3
            fields = {name: make(n, math.degrees(way) % 360) for name, make in more.items()}
            found.append(
                {"vehicle_id": ident, "lat": place[1], "lon": place[0], "ts": NOW - 500 + n * 10, **fields}
            )
    return found


@pytest.mark.parametrize("name", ["track", "course", "angle", "cap", "dir", "azimuth", "direction"])
@pytest.mark.parametrize("reverse", [False, True])
def test_vehicles_move_in_the_direction_of_a_heading(name, reverse):
    order = random.Random(name)
    makes = {
        "way": lambda n, way: round(way, 1),
        "number": lambda n, way: 17,
        "counted": lambda n, way: 10 + n,
        "odd": lambda n, way: order.randrange(360),
    }
    for kind, make in makes.items():
        records = turning(**{name: make})[:: -1 if reverse else 1]
        found = recognise(records, with_id=True, now=NOW).mapping
        assert found.heading == (name if kind == "way" else ""), kind


def test_a_heading_by_its_name_may_be_other_than_the_way():
    records = turning(heading=lambda n, way: (way + 180) % 360)  # a train that is pushed
    assert recognise(records, with_id=True, now=NOW).mapping.heading == "heading"


@pytest.mark.parametrize(
    "said",
    [{"speed": "72 km/h"}, {"speed": "72,0kph"}, {"speed": "20 m/s"}, {"speed": "38.8769 knots"}, {"speed": "44.7387mph"},
     {"speed": {"value": 72, "unit": "km/h"}}, {"speed": 38.8769, "units": "knots"}],
)  # fmt: skip
def test_the_values_themselves_or_a_field_beside_name_the_unit(said):
    records = [{"lat": 48.85, "lon": 2.35 + n, "ts": NOW, **said} for n in range(4)]
    found = recognise(records, now=NOW)
    assert found.unsure == ()
    assert Decoder(found.mapping).fix(Row("a", b"a", records[0]), NOW).speed == pytest.approx(20.0, abs=1e-4)


@pytest.mark.parametrize(
    "name", ["speed_kmh_x10", "speed_cms", "speed_cm_s", "velocity_mm_s", "speed_ft_s", "speed_fpm"]
)
def test_a_speed_in_a_unit_that_is_not_offered_is_not_asked(name):
    found = recognise([{"lat": 48.85, "lon": 2.35 + n, "ts": NOW, name: 72} for n in range(4)], now=NOW)
    assert (found.mapping.speed, found.unsure) == ("", ())


@pytest.mark.parametrize("said", [{"heading": "45°"}, {"heading": {"value": 45}}, {"course": "45.0 °"}])
def test_a_heading_with_its_sign_or_as_an_object(said):
    records = [{"lat": 48.85, "lon": 2.35 + n, "ts": NOW, **said} for n in range(4)]
    assert Decoder(recognise(records, now=NOW).mapping).fix(Row("a", b"a", records[0]), NOW).heading == 45.0
