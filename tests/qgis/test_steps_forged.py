"""Stored steps that others forged: behind right headers stands anything. QGIS lives on, and what does not fit is computed."""

# ruff: noqa: F811 - a fixture of another file is an argument here
from __future__ import annotations

import hashlib
import json
import os
import random
import struct
from contextlib import suppress

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsProject,
)

from redis_geo_plugin.core.steps import columns
from redis_geo_plugin.core.steps.frames import Frames
from redis_geo_plugin.core.steps.shapes import _PARTS, is_sound
from tests.peers.battery import same
from tests.support import cases as tried
from tests.support.steps_runner import cases, native, proved, runner  # noqa: F401

FULL = bool(os.environ.get("REDIS_GEO_FULL"))
ODD = (0.0, 1.0, -1.0, 2.5, 1e308, float("nan"), float("inf"), -float("inf"), 5e-324, 180.0, 1e15)
FRAMES = Frames()
KINDS = sorted({1, 2, 3, 8, 17} | set(_PARTS))


class Shapes:
    """Geometries of every kind within every kind, with odd counts and coordinates."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self):
        return self.random.choice(ODD) if self.random.random() < 0.03 else self.random.uniform(-10, 10)

    def head(self, kind, dimensions):
        code = {2: kind, 3: self.random.choice([1000, 2000]) + kind, 4: 3000 + kind}[dimensions]
        return b"\1" + struct.pack("<I", code)

    def vertices(self, count, dimensions, is_closed=False):
        rows = [[self.number() for _ in range(dimensions)] for _ in range(count)]
        if is_closed and rows:
            rows[-1][:2] = rows[0][:2]
        return struct.pack("<I", count) + b"".join(struct.pack(f"<{dimensions}d", *row) for row in rows)

    def make(self, kind, dimensions, depth=0):
        head, choice = self.head(kind, dimensions), self.random.choice
        if kind == 1:
            return head + self.vertices(1, dimensions)[4:]
        if kind in (2, 8):
            return head + self.vertices(choice([0, 1, 2, 3, 4, 5]), dimensions, choice([True, False]))
        if kind in (3, 17):
            rings = [
                self.vertices(choice([0, 1, 2, 3, 4, 5]), dimensions, True)
                for _ in range(choice([0, 1, 1, 2]))
            ]
            return head + struct.pack("<I", len(rings)) + b"".join(rings)
        count = choice([0, 1, 1, 2, 3]) if depth < 4 else 0
        parts = [self.make(choice(sorted(_PARTS[kind])), dimensions, depth + 1) for _ in range(count)]
        return head + struct.pack("<I", count) + b"".join(parts)

    def any(self):
        return self.make(self.random.choice(KINDS), self.random.choice([2, 3, 4]))


def used(geometry, transform):
    """What happens to what a step gives: written, drawn, selected, transformed. (QGIS 3.22 ends at ``vertices`` of any polygon that
    is nested in two, whoever made it.)"""
    geometry.asJson(), geometry.asWkt(), geometry.boundingBox(), geometry.isGeosValid(), geometry.length()
    geometry.simplify(0.1), geometry.constGet().segmentize(), geometry.area()
    QgsGeometry(geometry).convertToMultiType()
    with suppress(QgsCsException):
        QgsGeometry(geometry).transform(transform)
    return geometry.asWkb().data()


@pytest.mark.parametrize("seed", range(40 if FULL else 4))
def test_every_geometry_that_is_let_through_can_be_used(qgis_app, seed):
    """A crash of QGIS here ends the run of the tests."""
    transform = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:4326"),
        QgsCoordinateReferenceSystem("EPSG:3857"),
        QgsProject.instance(),
    )
    shapes, sound = Shapes(seed), 0
    for _ in range(200):
        raw = shapes.any()
        if not is_sound(raw):
            continue
        geometry = QgsGeometry()
        geometry.fromWkb(raw)
        if not geometry.isNull():
            sound += 1
            assert len(used(geometry, transform)) > 4
    tried.count(200)
    assert sound > 20


ATTRIBUTES = [10**400, 2**64, {}, {"a": 1}, [[]], "\ud800", {columns.TAG: ["date-time", [1, 2, 7, 0, 5]]}, {columns.TAG: ["map", [[1, 1]]]},
              {columns.TAG: ["date", 10**30]}, True, None, 1.5, "x" * 10_000, [1] * 1000]  # fmt: skip
POINT = struct.pack("<BIdd", 1, 1, 1.0, 2.0)
GEOMETRIES = [POINT, None, struct.pack("<BII", 1, 6, 1) + struct.pack("<BII", 1, 3, 0), struct.pack("<BII", 1, 3, 0),
              struct.pack("<BII", 1, 16, 0), struct.pack("<BII", 1, 7, 1) + POINT]  # fmt: skip
HEADS = [None, 0, 1, -1, [], [3], [10**20], [-1, 1], {}, "x", [True], [0, 0, 0, 0, 0]]


def forged_columns(chance, most=6):
    """Columns of bytes of the right form, with odd values."""
    count = chance.randrange(most)
    rows = [[chance.choice(ATTRIBUTES) for _ in range(chance.randrange(6))] for _ in range(count)]
    wkbs = [chance.choice(GEOMETRIES) for _ in range(count)]
    return columns.pack(wkbs, rows, chance.choice(HEADS))


def forged_head(raw, chance, pieces):
    """The head of a step with another value somewhere, or naming forged pieces."""
    outputs = json.loads(raw)
    if chance.random() < 0.5:
        outputs["pieces"] = [hashlib.sha256(piece).hexdigest() for piece in pieces]
        for layer in outputs["layers"].values():
            layer.update({"from": 0, "to": len(pieces)})
    else:
        odd = chance.choice(
            [
                None,
                [],
                {},
                10**400,
                "x",
                {"OUTPUT": "/etc/passwd"},
                {"LAYER": "https://x.invalid/a.gpkg"},
                {"N": 2**64},
            ]
        )
        place = chance.choice([outputs, *outputs["layers"].values()])
        place[chance.choice([*place, "values"])] = odd
    return json.dumps(outputs).encode()


def forge(client, chance):
    """Write other values behind right headers under all keys of rows and steps."""
    pieces = [forged_columns(chance) for _ in range(3)]
    for piece in pieces:
        digest = hashlib.sha256(piece).digest()
        client.set(f"calculs:morceaux:defaut:{digest.hex()}", FRAMES.encode(digest, piece))
    for key in list(client.scan_iter("calculs:*")):
        family, digest = key.split(b":")[1], bytes.fromhex(key[-64:].decode()) if len(key) > 64 else b""
        if family == b"lignes":
            client.set(key, FRAMES.encode(digest, forged_columns(chance), chance.choice([0.0, 1e12])))
        elif family == b"etapes":
            body = FRAMES.decode(digest, client.get(key)).body
            client.set(key, FRAMES.encode(digest, forged_head(body, chance, pieces)))


@pytest.mark.parametrize(
    "name", ["simplifygeometries", "buffer", "intersection", "dissolve", "orderbyexpression"]
)
def test_what_was_forged_ends_no_run(runner, one_server, name):
    """It cannot be told from a result (docs/cache.md): but it is of the layer's form, or is computed."""
    given = cases()[name]
    wanted = native(name, given)
    for seed in range(30 if FULL else 4):
        with one_server.client() as client:
            client.flushall()
            assert same(wanted, runner.cached(name, given)[0])
            forge(client, random.Random(seed))
        found, outcome = runner.cached(name, given)
        (head, features), (right, _) = found["OUTPUT"], wanted["OUTPUT"]
        assert head == right and len(features) >= 0 and outcome.failure is None
        runner.context.temporaryLayerStore().removeAllMapLayers()
        tried.count()


def test_an_output_that_names_a_file_of_others_is_none(runner, one_server):
    """A model would open it as the layer of its next step."""
    given = cases()["orderbyexpression"]
    runner.cached("orderbyexpression", given)
    with one_server.client() as client:
        (key,) = client.scan_iter("calculs:etapes:*")
        digest = bytes.fromhex(key[-64:].decode())
        outputs = json.loads(FRAMES.decode(digest, client.get(key)).body)
        outputs["values"] = {"NON_MATCHING": "https://x.invalid/a.gpkg"}
        client.set(key, FRAMES.encode(digest, json.dumps(outputs).encode()))
    algorithm_outputs, outcome = runner.cached("orderbyexpression", given)
    assert (
        outcome.misses == 1
        and "NON_MATCHING" not in outcome.outputs
        and algorithm_outputs.keys() == {"OUTPUT"}
    )
