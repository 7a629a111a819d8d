"""Documents, hashes and texts as applications of their own keep positions (see layouts.py)."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections.abc import Callable
from typing import Any

from tests.support.layout import (
    NONE,
    Layout,
    Place,
    hset_command,
    iso,
    place,
    point,
    register,
    set_command,
)


@register
def json_document_with_geo_index(now: float) -> Layout:
    index = ("FT.CREATE", "idx:v", "ON", "JSON", "PREFIX", 1, "vehicle:", "SCHEMA")
    index += ("$.location", "AS", "location", "GEO", "$.speed", "AS", "speed", "NUMERIC")
    documents = [
        {"id": i, "plate": f"AB-{i}", "location": "{},{}".format(*place(i)), "timestamp": iso(now)}
        for i in range(20)
    ]
    commands = [index, *(("JSON.SET", f"vehicle:{d['id']}", "$", json.dumps(d)) for d in documents)]
    origin = "Redis query engine: a GEO field is 'longitude,latitude'"
    return Layout("json_document_with_geo_index", origin, commands, "vehicle:*", {"3": place(3)}, 20, needs="search")  # fmt: skip


@register
def hash_with_geo_index(now: float) -> Layout:
    index = ("FT.CREATE", "idx:s", "ON", "HASH", "PREFIX", 1, "store:", "SCHEMA")
    index += ("name", "TEXT", "location", "GEO")
    commands = [index, *_stores(place)]
    origin = "Redis query engine: a GEO field is 'longitude,latitude'"
    return Layout("hash_with_geo_index", origin, commands, "store:*", {"3": place(3)}, 20, needs="search")


def _stores(where: Callable[[int], Place]) -> list[tuple[Any, ...]]:
    return [
        hset_command(f"store:{i}", name=f"shop {i}", location="{},{}".format(*where(i))) for i in range(20)
    ]


@register
def hash_with_longitude_first_without_index(now: float) -> Layout:
    origin = "the same hashes on a server without the index: in Europe the order cannot be told"
    return Layout("hash_with_longitude_first_without_index", origin, _stores(place), "store:*", {"3": place(3)}, 20, asked=("order",))  # fmt: skip


@register
def hash_with_longitude_beyond_90(now: float) -> Layout:
    def denver(i: int) -> Place:
        return round(-104.99 - i / 100, 5), 39.74

    origin = "the same in the United States: a longitude beyond 90 tells the order"
    return Layout("hash_with_longitude_beyond_90", origin, _stores(denver), "store:*", {"3": denver(3)}, 20)


@register
def hash_with_wkt_point(now: float) -> Layout:
    commands = [
        hset_command(f"poi:{i}", name=f"z{i}", location="POINT({} {})".format(*place(i))) for i in range(10)
    ]
    origin = "OGC 06-103r4, well-known text: x (longitude) first"
    return Layout("hash_with_wkt_point", origin, commands, "poi:*", {"3": place(3)}, 10)


@register
def json_with_wkt_point(now: float) -> Layout:
    commands = [
        set_command(f"asset:{i}", {"name": f"z{i}", "position": "POINT ({} {})".format(*place(i)), "timestamp": iso(now)})
        for i in range(10)
    ]  # fmt: skip
    return Layout("json_with_wkt_point", "OGC 06-103r4", commands, "asset:*", {"3": place(3)}, 10, time=now)


@register
def series_per_coordinate(now: float) -> Layout:
    commands = [
        ("TS.ADD", f"ts:veh:{i}:{name}", int((now - 300 + s * 10) * 1000), value + s / 10000,
         "LABELS", "vehicle", i, "coord", name)
        for i in range(5)
        for name, value in zip(("lon", "lat"), place(i))
        for s in range(30)
    ]  # fmt: skip
    lon, lat = place(3)
    right = {"3": (lon + 29 / 10000, lat + 29 / 10000)}
    return Layout("series_per_coordinate", "Redis time series: a series per coordinate", commands, "ts:veh:*", right, 5, time=now - 10, needs="timeseries")  # fmt: skip


@register
def series_by_label(now: float) -> Layout:
    def add(number: int, i: int, name: str, value: float) -> tuple[Any, ...]:
        labels = ("vehicle", f"bus-{i}", "axis", name, "unit", "deg", "line", "T3")
        return ("TS.ADD", f"telemetry:{number}", int((now - 10) * 1000), value, "LABELS", *labels)

    commands = [
        add(10 * i + at, i, name, value)
        for i in range(5)
        for at, (name, value) in enumerate(zip(("longitude", "latitude"), place(i)))
    ]
    commands += [
        ("TS.ADD", f"telemetry:{n}", int(now * 1000), n, "LABELS", "host", f"h{n}") for n in range(90, 95)
    ]
    origin = "Redis time series: labels say what a series is, its key does not"
    return Layout("series_by_label", origin, commands, "telemetry:*", {"bus-3": place(3)}, 5, time=now - 10, needs="timeseries")  # fmt: skip


@register
def series_in_metres_by_label(now: float) -> Layout:
    commands = [
        (
            "TS.ADD",
            f"pos:{2 * i + at}",
            int((now - 10) * 1000),
            value,
            "LABELS",
            "asset",
            f"a{i}",
            "axis",
            name,
        )
        for i in range(5)
        for at, (name, value) in enumerate((("x", 652_381.0 + 500 * i), ("y", 6_862_047.0 + 500 * i)))
    ]
    origin = "the same in Lambert-93, which nothing says"
    right = {"a0": (2.350999, 48.856699)}
    return Layout("series_in_metres_by_label", origin, commands, "pos:*", right, 5, asked=("crs",), needs="timeseries")  # fmt: skip


@register
def feature_collection_of_points(now: float) -> Layout:
    features = [
        {"type": "Feature", "id": f"s{i}", "geometry": point(i), "properties": {"name": f"Station {i}", "bikes": i}}
        for i in range(30)
    ]  # fmt: skip
    commands = [set_command("geojson:stations", {"type": "FeatureCollection", "features": features})]
    return Layout(
        "feature_collection_of_points", "RFC 7946", commands, "geojson:stations", {"s3": place(3)}, 30
    )


@register
def large_feature_collection(now: float) -> Layout:
    features = [
        {"type": "Feature", "id": f"s{i}", "geometry": point(i % 90), "properties": {"tags": [[i]], "bikes": i}}
        for i in range(4000)
    ]  # fmt: skip
    commands = [set_command("geojson:all", {"type": "FeatureCollection", "features": features})]
    origin = "RFC 7946; more than 10,000 brackets, and none of them deep"
    return Layout("large_feature_collection", origin, commands, "geojson:all", {"s3": place(3)}, 4000)


@register
def feature_per_key(now: float) -> Layout:
    commands = [
        set_command(f"device:{i}", {"type": "Feature", "geometry": point(i),
                             "properties": {"id": f"d{i}", "speed": 3, "timestamp": iso(now)}})
        for i in range(20)
    ]  # fmt: skip
    return Layout("feature_per_key", "RFC 7946", commands, "device:*", {"3": place(3)}, 20, speed=NONE, time=now, asked=("speed_unit",))  # fmt: skip


@register
def geo_set_per_cell(now: float) -> Layout:
    cells = ("8928308280fffff", "89283082873ffff", "8928308283bffff", "891fb46622bffff", "891fb466257ffff")
    commands: list[tuple[Any, ...]] = []
    for i in range(40):
        commands.append(("GEOADD", "geo:drivers:" + cells[i % 5], *place(i), f"driver:{i}"))
        commands.append(("SET", f"driver:lastseen:{i}", int(now * 1000), "PX", 30000))
    return Layout("geo_set_per_cell", "GEO sets, one for each H3 cell", commands, "geo:drivers:*", {"driver:3": place(3)}, 40)  # fmt: skip


@register
def geohash_only(now: float) -> Layout:
    commands = [hset_command(f"sensor:{i}", geohash=f"u09tvw0f{i}", value=i, ts=int(now)) for i in range(10)]
    # the middle of the cell u09tvw0f3, of 4.8 m by 4.8 m
    right = {"3": (2.3521686, 48.8566089)}
    return Layout("geohash_only", "geohash texts (base 32)", commands, "sensor:*", right, 10, time=int(now))


@register
def geo_set_per_city_with_times_beside(now: float) -> Layout:
    commands: list[tuple[Any, ...]] = []
    for city, (east, north) in {"paris": (0.0, 0.0), "lyon": (2.5, -3.0)}.items():
        for i in range(10):
            lon, lat = place(i)
            commands.append(("GEOADD", f"drivers:{city}", lon + east, lat + north, f"{city}{i}"))
            commands.append(("ZADD", f"drivers:{city}:seen", now - i * 100, f"{city}{i}"))
    origin = "GEO sets with a sorted set of times beside each"
    return Layout(
        "geo_set_per_city_with_times_beside", origin, commands, "drivers:*", {"paris3": place(3)}, 20
    )


@register
def msgpack_per_key(now: float) -> Layout:
    def packed(values: dict[str, float]) -> bytes:
        out = bytes([0x80 | len(values)])
        for name, value in values.items():
            out += bytes([0xA0 | len(name)]) + name.encode() + b"\xcb" + struct.pack(">d", value)
        return out

    commands = [
        set_command(f"mp:{i}", packed({"lat": place(i)[1], "lon": place(i)[0], "ts": now})) for i in range(10)
    ]
    return Layout(
        "msgpack_per_key", "msgpack.org: a map of float 64", commands, "mp:*", {"3": place(3)}, 10, time=now
    )


@register
def gzip_per_key(now: float) -> Layout:
    commands = [set_command(f"gz:{i}", gzip.compress(json.dumps(_short(i, now)).encode())) for i in range(10)]
    return Layout("gzip_per_key", "RFC 1952 around JSON", commands, "gz:*", {"3": place(3)}, 10, time=now)


@register
def zlib_per_key(now: float) -> Layout:
    commands = [set_command(f"zl:{i}", zlib.compress(json.dumps(_short(i, now)).encode())) for i in range(10)]
    return Layout("zlib_per_key", "RFC 1950 around JSON", commands, "zl:*", {"3": place(3)}, 10, time=now)


def _short(i: int, now: float) -> dict[str, float]:
    return {"lat": place(i)[1], "lon": place(i)[0], "ts": now}


@register
def geocoder_cache(now: float) -> Layout:
    commands = [
        set_command(f"geocode:{i} rue de Rivoli, Paris",
             {"lat": place(i)[1], "lng": place(i)[0], "formatted_address": f"{i} rue de Rivoli"})
        for i in range(10)
    ]  # fmt: skip
    right = {"3 rue de Rivoli, Paris": place(3)}
    return Layout("geocoder_cache", "answers of a geocoder, kept", commands, "geocode:*", right, 10)


@register
def noise(now: float) -> Layout:
    commands = [
        set_command(f"widget:{i}", {"id": i, "x": i * 10, "y": i * 5, "w": 4, "h": 2}) for i in range(10)
    ]
    commands += [set_command(f"tileinfo:{i}", {"z": 4, "x": i, "y": 2, "bytes": 1000}) for i in range(10)]
    commands += [hset_command(f"player:{i}", name=f"p{i}", x=12.5 + i, y=60.1, hp=100) for i in range(10)]
    return Layout("noise", "pixels, map tiles and places in a game", commands, "")


@register
def projected(now: float) -> Layout:
    commands = [
        set_command(f"camion:{i}", {"id": i, "x": 652381.1 + i * 100, "y": 6862047.2, "srid": 2154, "timestamp": iso(now)})
        for i in range(10)
    ]  # fmt: skip
    # by pyproj: Lambert-93 is French, the Eiffel Tower is near
    right = {"3": (2.3550889, 48.8567230)}
    return Layout(
        "projected", "EPSG:2154 named by the record's srid", commands, "camion:*", right, 10, time=now
    )


@register
def projected_without_crs(now: float) -> Layout:
    commands = [
        set_command(f"lkw:{i}", {"id": i, "x": 652381.1 + i * 100, "y": 6862047.2, "timestamp": iso(now)})
        for i in range(10)
    ]
    right = {"3": (2.3550889, 48.8567230)}
    return Layout("projected_without_crs", "EPSG:2154 that only the user knows", commands, "lkw:*", right, 10, asked=("crs",))  # fmt: skip


@register
def packed_in_one_hash(now: float) -> Layout:
    texts = {f"bus{i}": f"{place(i)[1]},{place(i)[0]},{int(now)}" for i in range(20)}
    commands = [hset_command("bus_positions", **texts)]
    origin = "'lat,lon,ts' in the field of a vehicle: in Europe the order cannot be told"
    return Layout("packed_in_one_hash", origin, commands, "bus_positions", {"bus3": place(3)}, 20, time=int(now), asked=("order",))  # fmt: skip


@register
def pair_text_per_key(now: float) -> Layout:
    commands = [("SET", f"loc:user:{i}", f"{place(i)[1]},{place(i)[0]}", "EX", 300) for i in range(20)]
    return Layout("pair_text_per_key", "'lat,lon' as people write it", commands, "loc:user:*", {"3": place(3)}, 20, asked=("order",))  # fmt: skip


@register
def pair_list_per_key(now: float) -> Layout:
    commands = [set_command(f"marker:{i}", list(place(i)[::-1])) for i in range(20)]
    return Layout("pair_list_per_key", "[lat, lng] as Leaflet has it", commands, "marker:*", {"3": place(3)}, 20, asked=("order",))  # fmt: skip


@register
def csv_line_per_ship(now: float) -> Layout:
    commands = [set_command("ships:header", "LAT,LON,SPEED,COURSE,HEADING,ELAPSED,DESTINATION,FLAG")]
    commands += [
        set_command(
            f"ships:{i}",
            f"{place(i)[1]},{place(i)[0]},120,289,177,8,ROTTERDAM,NL,200,0,EXAMPLE,8,44001{i:02d}",
        )
        for i in range(20)
    ]
    return Layout("csv_line_per_ship", "lines of CSV, as in QGIS issue 57091", commands, "ships:*", {"3": place(3)}, 20, asked=("order",))  # fmt: skip


@register
def track_in_sorted_set(now: float) -> Layout:
    commands = []
    for i in range(5):
        for s in range(30):
            moment = now - 300 + s * 10
            said = {"lat": place(i)[1] + s / 1000, "lon": place(i)[0], "t": moment}
            commands.append(("ZADD", f"track:{i}", moment, json.dumps(said)))
    lon, lat = place(3)
    right = {"3": (lon, lat + 29 / 1000)}
    return Layout("track_in_sorted_set", "a sorted set by time, members are JSON", commands, "track:*", right, 5, time=now - 10)  # fmt: skip


@register
def rate_limiter(now: float) -> Layout:
    commands = [
        ("ZADD", f"ratelimit:10.0.0.{i}", int((now - 60 + s) * 1e6), f"req{s}")
        for i in range(5)
        for s in range(30)
    ]
    return Layout("rate_limiter", "a sorted set of microseconds", commands, "ratelimit:*")


@register
def leaderboard(now: float) -> Layout:
    commands = [("ZADD", "leaderboard", (1000 + s * 77) * 2**32 + int(now), f"u{s}") for s in range(30)]
    return Layout("leaderboard", "points and time packed in a score", commands, "leaderboard")


@register
def delayed_jobs(now: float) -> Layout:
    commands = [("ZADD", "bull:mail:delayed", int(now * 1000) * 4096 + s, s) for s in range(30)]
    return Layout(
        "delayed_jobs", "BullMQ: a sorted set of milliseconds x 4096", commands, "bull:mail:delayed"
    )


@register
def geo_set_with_json_members(now: float) -> Layout:
    commands = [
        ("GEOADD", "fleet:json", *place(i), json.dumps({"id": i, "speed": 20, "ts": int(now)}))
        for i in range(10)
    ]
    return Layout("geo_set_with_json_members", "GEO set whose members are JSON", commands, "fleet:json", {"3": place(3)}, 10, speed=NONE, asked=("speed_unit",))  # fmt: skip


@register
def array_per_line(now: float) -> Layout:
    commands = [
        set_command(f"line:{line}:vehicles", [
            {"id": f"{line}-{i}", "lat": place(i)[1], "lon": place(line)[0], "ts": int(now)} for i in range(5)])
        for line in range(30)
    ]  # fmt: skip
    right = {"7-3": (place(7)[0], place(3)[1])}
    return Layout("array_per_line", "an array of vehicles for each line", commands, "line:*:vehicles", right, 150, time=int(now))  # fmt: skip


@register
def two_keys_per_vehicle(now: float) -> Layout:
    commands = []
    for i in range(10):
        commands += [
            set_command(f"veh:{i}:lat", str(place(i)[1])),
            set_command(f"veh:{i}:lon", str(place(i)[0])),
        ]
    return Layout("two_keys_per_vehicle", "a key for each coordinate", commands, "veh:*", {"3": place(3)}, 10)


@register
def current_lat_lng(now: float) -> Layout:
    commands = [
        hset_command(f"rider:{i}", currentLat=place(i)[1], currentLng=place(i)[0], lastUpdate=int(now * 1000))
        for i in range(10)
    ]
    return Layout("current_lat_lng", "names of ride-hailing tutorials", commands, "rider:*", {"3": place(3)}, 10, time=int(now * 1000) / 1000)  # fmt: skip


@register
def latitud_longitud(now: float) -> Layout:
    commands = [
        hset_command(f"movil:{i}", latitud=place(i)[1], longitud=place(i)[0], fecha=iso(now))
        for i in range(10)
    ]
    return Layout("latitud_longitud", "Spanish names", commands, "movil:*", {"3": place(3)}, 10, time=now)


@register
def breitengrad_laengengrad(now: float) -> Layout:
    commands = [
        hset_command(f"wagen:{i}", breitengrad=place(i)[1], laengengrad=place(i)[0], zeit=iso(now))
        for i in range(10)
    ]
    return Layout(
        "breitengrad_laengengrad", "German names", commands, "wagen:*", {"3": place(3)}, 10, time=now
    )


@register
def pos_lat_pos_lng(now: float) -> Layout:
    commands = [
        hset_command(f"unit:{i}", pos_lat=place(i)[1], pos_lng=place(i)[0], lastUpdate=int(now * 1000))
        for i in range(10)
    ]
    return Layout("pos_lat_pos_lng", "names with a prefix", commands, "unit:*", {"3": place(3)}, 10, time=int(now * 1000) / 1000)  # fmt: skip


@register
def pickup_and_dropoff_only(now: float) -> Layout:
    commands = [
        set_command(f"trip:{i}", {"id": i, "pickup": {"lat": place(i)[1], "lng": place(i)[0]},
                           "dropoff": {"lat": 45.7, "lng": 4.8}, "status": "en_route", "createdAt": iso(now)})
        for i in range(10)
    ]  # fmt: skip
    origin = "trips: neither end is where the vehicle is"
    return Layout("pickup_and_dropoff_only", origin, commands, "trip:*", asked=("place",))


@register
def degrees_as_e7_integers(now: float) -> Layout:
    commands = [
        set_command(f"gl:{i}", {"latitudeE7": round(place(i)[1] * 1e7), "longitudeE7": round(place(i)[0] * 1e7),
                         "timestampMs": str(int(now * 1000))})
        for i in range(10)
    ]  # fmt: skip
    return Layout("degrees_as_e7_integers", "Google location history: degrees x 1e7", commands, "gl:*", {"3": place(3)}, 10, time=int(now * 1000) / 1000)  # fmt: skip


@register
def bare_speed_of_a_gateway(now: float) -> Layout:
    commands = [
        hset_command(
            f"gps:{86000 + i}",
            lat=place(i)[1],
            lng=place(i)[0],
            speed=72,
            angle=90,
            satellites=9,
            ts=int(now * 1000),
        )
        for i in range(10)
    ]
    return Layout("bare_speed_of_a_gateway", "a gateway of GPS trackers, speed in km/h unsaid", commands, "gps:*", {"86003": place(3)}, 10, speed=NONE, heading=90.0, asked=("speed_unit",))  # fmt: skip
