"""Tracks from time series by their labels, on Redis Stack and on a cluster of it."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live import series_tracks
from redis_geo_plugin.core.live.labelled import LabelRoles, SeriesProblem, find, roles_of, vehicles
from redis_geo_plugin.core.live.reader import reading
from redis_geo_plugin.core.live.series_tracks import Period, tracks
from redis_geo_plugin.core.redis import production
from redis_geo_plugin.core.redis.gate import check_command
from redis_geo_plugin.core.watch import Cancelled, Watch
from tests.support import layouts

START = 1_700_000_000


def add(client, vehicle, name, seconds, value, prefix="", **labels):
    pairs = [word for pair in {"vehicle": vehicle, "coord": name, **labels}.items() for word in pair]
    moment = round((START + seconds) * 1000)
    client.execute_command("TS.ADD", f"{prefix}s:{vehicle}:{name}:x", moment, value, "LABELS", *pairs)


def drive(client, vehicle, times=range(5), **more):
    for n in times:
        add(client, vehicle, "lon", n, 2.3 + n / 1000, **more)
        add(client, vehicle, "lat", n, 48.8 + n / 1000, **more)


def read(server, words=("coord=(lon,lat)",), period=None, given=None, watch=None, **settings):
    with reading(server.settings(**settings)) as reader:
        series = find(reader, list(words))
        roles = roles_of(series, given or LabelRoles())
        found = tracks(reader, vehicles(series, roles), roles.mapping, period or Period(), watch or Watch())
        return {one.vehicle.id: one for one in found}


def test_each_vehicle_is_a_line_with_its_times(with_modules):
    with with_modules.client() as client:
        for name in ("a", "b", "c"):
            drive(client, name, fleet="north")
        drive(client, "far", fleet="south")
        add(client, "a", "speed", 0, 12.5, fleet="north")
    found = read(with_modules, ("fleet=north",))
    assert list(found) == ["a", "b", "c"] and found["a"].vehicle.labels == {"fleet": "north"}
    (line,) = found["b"].lines
    assert line == [
        (pytest.approx(2.3 + n / 1000), pytest.approx(48.8 + n / 1000), START + n) for n in range(5)
    ]


def test_a_line_breaks_where_a_coordinate_is_missing(with_modules):
    with with_modules.client() as client:
        drive(client, "a", range(3))
        add(client, "a", "lon", 3, 2.4)
        drive(client, "a", range(4, 7))
        add(client, "a", "lat", 7, 48.9)
    (track,) = read(with_modules).values()
    assert [[round(place[2] - START) for place in line] for line in track.lines] == [[0, 1, 2], [4, 5, 6]]
    assert track.alone == 2 and not track.refused


def test_what_is_no_place_breaks_the_line(stack_server):
    with stack_server.client() as client:
        drive(client, "a", range(3))
        add(client, "a", "lon", 3, 0.0)
        add(client, "a", "lat", 3, 0.0)
        drive(client, "a", range(4, 6))
        add(client, "a", "lon", 6, 2.3)
        add(client, "a", "lat", 6, 95.0)
        drive(client, "a", range(7, 10))
        drive(client, "b")
    track = read(stack_server)["a"]
    assert [len(line) for line in track.lines] == [3, 2, 3] and track.refused == 2


def test_the_period_and_gaps(with_modules):
    with with_modules.client() as client:
        drive(client, "a", [0, 1, 2, 3, 60, 61, 62])
    (track,) = read(with_modules, period=Period(START + 1, START + 61, gap=30)).values()
    assert [[round(place[2] - START) for place in line] for line in track.lines] == [[1, 2, 3], [60, 61]]
    (track,) = read(with_modules, period=Period(START + 100, START + 50)).values()
    assert track.lines == [] and not track.alone


def test_coordinates_that_are_stored_a_little_apart(stack_server):
    with stack_server.client() as client:
        for n in range(4):
            add(client, "a", "lon", n, 2.3 + n / 1000)
            add(client, "a", "lat", n + 0.02, 48.8)
    (track,) = read(stack_server).values()
    assert track.lines == [] and track.alone == 8
    (track,) = read(stack_server, period=Period(apart=50)).values()
    assert [round(place[2] - START) for place in track.lines[0]] == [0, 1, 2, 3] and not track.alone


def test_a_long_series_comes_in_pages_and_too_long_a_one_is_left_out(with_modules, monkeypatch):
    monkeypatch.setattr(series_tracks, "FIRST", 4)
    monkeypatch.setattr(series_tracks, "PAGE", 7)
    with with_modules.client() as client:
        drive(client, "a", range(40))
        drive(client, "b", range(4))
    found = read(with_modules)
    assert [len(one.lines[0]) for one in found.values()] == [40, 4]
    monkeypatch.setattr(series_tracks, "MOST_SAMPLES", 20)
    found = read(with_modules)
    assert found["a"].too_long and not found["a"].lines and len(found["b"].lines[0]) == 4


def test_series_of_another_tenant_are_not_read(with_modules):
    with with_modules.client() as client:
        drive(client, "a", prefix="mine:")
        drive(client, "b", prefix="theirs:")
    assert list(read(with_modules, key_prefix="mine:")) == ["a"]


def test_lambert_93_is_put_into_degrees(stack_server):
    from redis_geo_plugin.core.live.spec import Mapping

    with stack_server.client() as client:
        for n in range(4):
            add(client, "a", "x", n, 652_000 + n)
            add(client, "a", "y", n, 6_862_000 + n)
    with pytest.raises(SeriesProblem) as caught:
        read(stack_server, ("vehicle=a",))
    assert (caught.value.what, caught.value.names) == ("unsure", ("crs",))
    given = LabelRoles(mapping=Mapping(crs="EPSG:2154"))
    (track,) = read(stack_server, ("vehicle=a",), given=given).values()
    assert track.lines[0][0][:2] == (pytest.approx(2.345, abs=0.01), pytest.approx(48.857, abs=0.01))


def test_rubbish_beside_is_left_out(stack_server):
    with stack_server.client() as client:
        drive(client, "a")
        drive(client, "b")
        client.execute_command("TS.CREATE", "empty", "LABELS", "vehicle", "c", "coord", "lat")
        add(client, "d", "lon", 1, 1e300)
        add(client, "d", "lat", 1, -1e300)
        client.execute_command("TS.ADD", b"s:\xff", 1, 1, "LABELS", b"vehicle", b"\xff", b"coord", b"lat")
    found = read(stack_server)
    assert list(found) == ["a", "b", "d"] and found["d"].refused == 1 and not found["d"].lines


@pytest.mark.parametrize("words, what", [(("a=b",), "none"), (("a=(",), "not_understood")])
def test_a_filter_that_finds_nothing_or_is_none_is_said(with_modules, words, what):
    with pytest.raises(SeriesProblem) as caught:
        read(with_modules, words)
    assert caught.value.what == what


def test_a_server_without_series_is_said(one_server):
    with pytest.raises(SeriesProblem) as caught:
        read(one_server)
    assert caught.value.what == "no_series"


def test_a_series_that_is_deleted_between_finding_and_reading_is_empty(stack_server):
    with stack_server.client() as client:
        drive(client, "a")
        with reading(stack_server.settings()) as reader:
            series = find(reader, ["coord=(lon,lat)"])
            roles = roles_of(series, LabelRoles())
            client.delete("s:a:lat:x")
            (track,) = tracks(reader, vehicles(series, roles), roles.mapping, Period(), Watch())
    assert track.lines == [] and track.alone == 5


def test_it_is_cancelled_between_vehicles(stack_server):
    with stack_server.client() as client:
        drive(client, "a")
    with pytest.raises(Cancelled):
        read(stack_server, watch=Watch(lambda: True))


def test_the_series_of_the_layouts(stack_server):
    layout = layouts.layout("series_per_coordinate", START + 300)
    with stack_server.client() as client:
        layout.write(client)
    found = read(stack_server)
    assert list(found) == list("01234") and [len(one.lines[0]) for one in found.values()] == [30] * 5
    assert found["3"].lines[0][-1] == (*map(pytest.approx, layout.right["3"]), START + 290)


def test_reading_passes_a_production_connection(stack_server):
    with stack_server.client() as client:
        drive(client, "a")
    settings = stack_server.settings(production=True)
    assert production.is_locked(settings)
    check_command(settings, ("TS.RANGE", "k", 0, 1))
    assert list(read(stack_server, production=True)) == ["a"]
