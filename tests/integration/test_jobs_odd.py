"""Ordinary jobs with odd values or odd results: each gets an answer, and none ends its computing process."""

from __future__ import annotations

import json
import struct

import pytest
import shapely

from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server
from tests.support.jobs import WorkerProcess, send, squares, wait_finished, wait_until

SQUARE = "POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))"
DONE, ASIDE = "done", "aside"
GEOMETRIES = {
    "square": SQUARE,
    "far": "POINT(50 50)",
    "line": "LINESTRING(0 0, 9 9)",
    "bow tie": "POLYGON((0 0, 4 4, 4 0, 0 4, 0 0))",
    "spike": "POLYGON((0 0, 4 0, 0 0, 0 0))",
    "one point line": "LINESTRING(1 1, 1 1)",
    "empty": "POINT EMPTY",
    "empty area": "POLYGON EMPTY",
    "empty mixture": "GEOMETRYCOLLECTION EMPTY",
    "mixture": "GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(0 0, 1 1), " + SQUARE + ")",
    "z": "POINT Z(1 2 3)",
    "z m": "LINESTRING ZM(1 2 3 4, 5 6 7 8)",
    "areas, one empty": "MULTIPOLYGON(((0 0, 4 0, 4 4, 0 0)), EMPTY)",
    "lines, one empty": "MULTILINESTRING((0 0, 9 9), EMPTY)",
    "curve": "CIRCULARSTRING(0 0, 1 1, 2 0)",
    "huge": "POINT(1e308 -1e308)",
    "huge among others": "MULTIPOINT((0 0), (1 1), (1e300 5))",
    "tiny": "POLYGON((0 0, 1e-300 0, 1e-300 1e-300, 0 0))",
    "nan": "POINT(nan nan)",
    "north": "POINT(10 95)",
    "north line": "LINESTRING(10 0, 10 95)",
    "east": "POLYGON((0 0, 900 0, 900 4, 0 0))",
    "nan line": b"\x01" + struct.pack("<IIdddd", 2, 2, float("nan"), 0.0, 1.0, 1.0),
    "infinite": b"\x01" + struct.pack("<Idd", 1, float("inf"), 0.0),
    "nested": "GEOMETRYCOLLECTION(" * 3000 + "POINT(1 1)" + ")" * 3000,
    "nested bytes": (b"\x01" + struct.pack("<II", 7, 1)) * 200_000 + shapely.to_wkb(shapely.Point(1, 1)),
    "promises": b"\x01" + struct.pack("<II", 2, 1_000_000_000),
    "cut": shapely.to_wkb(shapely.box(0, 0, 1, 1))[:-3],
    "nothing": b"",
    "rubbish": b"\xff\x00rubbish",
    "half a character": '{"type":"Point","coordinates":[1,2],"x":"\\ud800"}',
    "deep json": '{"a":' * 3000 + "1" + "}" * 3000,
    "no coordinates": '{"type":"Point"}',
    "feature without": '{"type":"Feature","geometry":null}',
}
ON_THE_ELLIPSOID = {"distance": 100, "geodesic": True, "crs": "EPSG:4326"}
AT_ONCE = ("bad_geometry", "bad_parameter", "no_geometry", "bad_json")
# The plain job (its geometry by name) and whether it is done or set aside.
JOBS = [
    ({"type": "intersection", "id": "far", "with": "square"}, DONE),
    ({"type": "intersection", "id": "square", "with": "far"}, DONE),
    ({"type": "intersection", "id": "bow tie", "with": "square"}, None),
    ({"type": "intersection", "id": "mixture", "with": "square"}, None),
    ({"type": "intersection", "id": "empty", "with": "empty area"}, DONE),
    ({"type": "intersection", "id": "line", "with": "line"}, DONE),
    ({"type": "intersection", "id": "square"}, ASIDE),
    ({"type": "nearest", "id": "empty", "with": "square"}, DONE),
    ({"type": "nearest", "id": "square", "with": "empty mixture"}, DONE),
    ({"type": "nearest", "id": "square", "with": "square"}, DONE),
    ({"type": "buffer", "id": "square", "distance": 1, "crs": "garbage"}, DONE),
    ({"type": "buffer", "id": "square", "distance": 1, "crs": "garbage", "geodesic": True}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1, "crs": "", "geodesic": True}, None),
    ({"type": "buffer", "id": "square", "distance": 1, "crs": "EPSG:999999", "geodesic": True}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1, "crs": "+proj=geocent", "geodesic": True}, None),
    ({"type": "buffer", "id": "huge", "distance": 100, "crs": "EPSG:4326", "geodesic": True}, None),
    ({"type": "buffer", "id": "square", "distance": 2e7, "crs": "EPSG:4326", "geodesic": True}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1e300}, None),
    ({"type": "buffer", "id": "square", "distance": -1e300}, None),
    ({"type": "buffer", "id": "square", "distance": -100}, DONE),
    ({"type": "buffer", "id": "square", "distance": 0}, DONE),
    ({"type": "buffer", "id": "square", "distance": True}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": "100"}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1, "segments": 1e9}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1, "segments": "many"}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1, "mitre_limit": -5, "join": "mitre"}, None),
    ({"type": "buffer", "id": "square", "distance": 1, "cap": "pointed"}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1, "namespace": "a:b"}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1, "ttl": -1}, ASIDE),
    ({"type": "buffer", "id": "square", "distance": 1, "ttl": 10**15}, ASIDE),
    ({"type": "simplify", "id": "line", "tolerance": -3}, ASIDE),
    ({"type": "simplify", "id": "mixture", "tolerance": 1e300}, None),
    ({"type": "convexhull", "id": "empty"}, DONE),
    ({"type": "dissolve", "id": "mixture"}, None),
    ({"type": "dissolve", "id": "square"}, DONE),
    *(({"type": "convexhull", "id": name}, None) for name in GEOMETRIES),
    *(({"type": "simplify", "id": name, "tolerance": 1}, None) for name in GEOMETRIES),
    *(({"type": "buffer", "id": name, **ON_THE_ELLIPSOID}, None) for name in GEOMETRIES),
    *(({"type": "buffer", "id": name, "distance": 2}, None) for name in GEOMETRIES),
    *(({"type": "buffer", "id": name, "distance": 1.7e308}, None) for name in GEOMETRIES),
]


@pytest.fixture
def worker(one_server):
    made = WorkerProcess(one_server.url)
    yield made
    made.close()


def aside(queue):
    """The plain jobs that were set aside, by their text, with the reason."""
    return {job.fields[b"brut"].decode(): job for job in queue.set_aside(limit=5000) if b"brut" in job.fields}


def test_each_odd_job_is_answered_and_none_ends_its_process(one_server, worker):
    queue = JobQueue(open_server(one_server.settings()))
    with one_server.client() as client:
        for name, value in GEOMETRIES.items():
            client.set(f"entites:{name}", value)
        for job, _wanted in JOBS:
            client.lpush("taches_spatiales", json.dumps(job))
        batch = send(queue, squares(20))
        assert wait_finished(queue, batch).computed == 20
        wait_until(lambda: not sum(n for name, n in queue.depths().items() if name != "ecartees"), 90)
        from redis_geo_plugin.core.jobs.names import result_key

        refused = aside(queue)
        for job, wanted in JOBS:
            done = bool(client.exists(result_key("taches_spatiales", job)))
            text = json.dumps(job)
            assert done != (text in refused), (job, done, refused.get(text))
            if wanted is not None:
                assert (DONE if done else ASIDE) == wanted, (job, refused.get(text))
        again = [text for text, job in refused.items() if job.reason not in AT_ONCE]
        assert all("intersection" in text for text in again), "what cannot be computed is tried once"
        for name in ("north", "north line", "east", "nan line", "infinite"):
            text = json.dumps({"type": "buffer", "id": name, **ON_THE_ELLIPSOID})
            assert refused[text].reason == "bad_geometry" and refused[text].words
        assert {job.reason for job in refused.values()} & {"crash", "over_memory", "over_time"} == set()
    (line,) = queue.alive()
    assert line["restarts"] == 0, worker.read_log()[-3000:]
    assert worker.process.poll() is None and "Traceback" not in worker.read_log()


def test_an_empty_result_is_geojson_that_others_can_read(one_server, worker):
    with one_server.client() as client:
        client.set("entites:1", "POINT(50 50)")
        client.set("entites:2", SQUARE)
        client.lpush("taches_spatiales", '{"type":"intersection","id":1,"with":2}')
        key = "taches_spatiales:resultats:intersection:1:with=2"
        found = wait_until(lambda: client.hgetall(key))
    assert json.loads(found[b"geojson"])["coordinates"] == [] and shapely.from_wkb(found[b"wkb"]).is_empty


def test_a_result_that_the_server_refuses_is_a_failed_job_and_its_neighbours_are_done(one_server, worker):
    """The key of the result is somebody else's string: the answer of the server names it."""
    queue = JobQueue(open_server(one_server.settings()))
    with one_server.client() as client:
        client.set("entites:1", SQUARE)
        client.set("taches_spatiales:resultats:buffer:1:distance=7", "mine")
        for distance in (5, 6, 7, 8):
            client.lpush("taches_spatiales", json.dumps({"type": "buffer", "id": 1, "distance": distance}))
        others = [f"taches_spatiales:resultats:buffer:1:distance={distance}" for distance in (5, 6, 8)]
        wait_until(lambda: client.exists(*others) + len(aside(queue)) == 4, 60)
        (failed,) = aside(queue).values()
        assert failed.reason == "error" and "WRONGTYPE" in failed.words
        assert client.get("taches_spatiales:resultats:buffer:1:distance=7") == b"mine"
    assert queue.alive()[0]["restarts"] == 0


def test_an_operation_that_raises_anything_fails_its_own_job_only(one_server):
    queue = JobQueue(open_server(one_server.settings()))
    worker = WorkerProcess(one_server.url, "--operations", "tests.support.raising_operation", "--tries", "1")
    try:
        with one_server.client() as client:
            for i in range(12):
                client.set(f"entites:{i}", f"POINT({i} 0)")
                client.lpush("taches_spatiales", json.dumps({"type": "raising", "id": i}))
            keys = [f"taches_spatiales:resultats:raising:{i}" for i in range(12)]
            wait_until(lambda: len(aside(queue)) + client.exists(*keys) == 12, 60)
            assert [bool(client.exists(key)) for key in keys] == [i % 3 != 0 for i in range(12)]
        assert {job.words for job in aside(queue).values()} == {"KeyError: 'odd'"}
        assert queue.alive()[0]["restarts"] == 0
    finally:
        worker.close()
