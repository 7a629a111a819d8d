"""What features are written as is read back as the same: any geometry, in each text, to the last bit."""

from __future__ import annotations

import json
import random
import struct

import pytest

from redis_geo_plugin.core.features.formats.geojson import GeoJson
from redis_geo_plugin.core.features.formats.wkt import parse
from redis_geo_plugin.core.features.reader import FeatureReader
from redis_geo_plugin.core.features.refusals import WhyRefused
from redis_geo_plugin.core.features.writing import WRITERS, PublishFormat, PublishRow, feature_json
from redis_geo_plugin.core.geometry import build, lists
from redis_geo_plugin.core.geometry.build import Dimensions, Mended
from redis_geo_plugin.core.geometry.normal import kind_and_dimensions
from redis_geo_plugin.core.geometry.walk import Unsound

KINDS = range(1, 7)
DIMENSIONS = [Dimensions(), Dimensions(z=True), Dimensions(m=True), Dimensions(True, True)]


def shape(kind: int, dimensions: Dimensions, chosen: random.Random) -> bytes:
    """A geometry of random numbers of all their digits."""

    def position() -> list[float]:
        return [chosen.uniform(-180, 180), chosen.uniform(-90, 90),
                *[chosen.choice((0.0, chosen.gauss(0, 1e6), 1e-300)) for _ in range(dimensions.numbers - 2)]]  # fmt: skip

    def line(least: int) -> list:
        return [position() for _ in range(chosen.randrange(least, 6))]

    def ring() -> list:
        places = line(3)
        return [*places, places[0]]

    def rings() -> list:
        return [ring() for _ in range(chosen.randrange(1, 3))]

    one = {1: position, 2: lambda: line(2), 3: rings}
    made = {**one, 4: lambda: line(1), 5: lambda: [line(2), line(2)], 6: lambda: [rings(), rings()]}
    return build.geometry(kind, made[kind](), dimensions, Mended())


def shapes() -> list[tuple[str, bytes]]:
    chosen = random.Random(17)
    found = [(f"{kind} {tuple(dims)} {n}", shape(kind, dims, chosen)) for kind in KINDS for dims in DIMENSIONS
             for n in range(2)]  # fmt: skip
    found += [
        (f"empty {kind} {tuple(dims)}", build.empty(kind, dims))
        for kind in range(1, 8)
        for dims in DIMENSIONS
    ]
    for dims in DIMENSIONS:
        parts = [shape(kind, dims, chosen) for kind in KINDS]
        inner = build.several(7, parts[:2], dims)
        found.append((f"collection {tuple(dims)}", build.several(7, [*parts, inner], dims)))
    return found


SHAPES = dict(shapes())


@pytest.mark.parametrize("name", SHAPES)
def test_well_known_text_gives_the_same_bytes(name):
    wkb = SHAPES[name]
    assert parse(lists.wkt(lists.unfolded(wkb)), Mended()) == (wkb, 0)


@pytest.mark.parametrize("name", SHAPES)
def test_geojson_gives_the_same_bytes(name):
    wkb = SHAPES[name]
    row = PublishRow(b"k", "7", wkb, {"n": 1, "words": 'é"\n'})
    (found,) = GeoJson().read(json.loads(feature_json(row, with_id=True)), Mended())
    assert (found.id, found.attributes) == ("7", row.attributes)
    if name.startswith("empty"):  # which has no numbers that could tell of Z
        assert found.wkb == build.empty(kind_and_dimensions(wkb)[0])
    else:
        assert found.wkb == wkb


@pytest.mark.parametrize("form", [PublishFormat.HASH, PublishFormat.DOCUMENT, PublishFormat.WKB])
@pytest.mark.parametrize("name", SHAPES)
def test_the_other_formats_give_the_same_bytes(name, form):
    wkb, reader = SHAPES[name], FeatureReader()
    words = WRITERS[form](PublishRow(b"k", "7", wkb, {"n": 1}), 4326).words
    if form is PublishFormat.HASH:
        reader.add(
            b"k",
            "7",
            dict(zip((w.decode() for w in words[::2]), (w.decode() for w in words[1::2]))),
            "",
            True,
        )
    else:
        reader.add_raw(b"k", "7", words[-1])
    (found,) = reader.take()
    assert found.wkb == wkb and found.crs == "EPSG:4326"


def test_nothing_is_written_for_numbers_that_are_none():
    bad = struct.pack("<BIdd", 1, 1, float("inf"), 1.0)
    for write in WRITERS.values():
        with pytest.raises(Unsound):
            write(PublishRow(b"k", "1", bad, {}), 4326)


def test_heights_that_are_none_leave_the_others():
    wkb = build.geometry(2, [[1, 2, float("nan")], [3, 4, 5]], Dimensions(z=True), Mended())
    (found,) = GeoJson().read(json.loads(feature_json(PublishRow(b"k", "7", wkb, {}))), Mended())
    assert struct.unpack("<6d", found.wkb[9:])[3:] == (3, 4, 5) and found.wkb[:5] == wkb[:5]


NAN = float("nan")
FORMS = [PublishFormat.GEOJSON, PublishFormat.HASH]


def with_numbers(kind: int, dims: Dimensions, extra: list[list[float]]) -> bytes:
    """A geometry with these numbers behind x and y."""
    places = [[float(n), float(n * n), *more] for n, more in enumerate(extra)]
    content = {
        1: places[0],
        2: places,
        3: [[*places, places[0]]],
        4: places,
        5: [places],
        6: [[[*places, places[0]]]],
    }
    if kind == 7:
        return build.several(7, [build.several(7, [build.geometry(2, places, dims, Mended())], dims)], dims)
    return build.geometry(kind, content[kind], dims, Mended())


def written(wkb: bytes, form: PublishFormat) -> bytes:
    row = PublishRow(b"k", "7", wkb, {})
    if form is PublishFormat.HASH:
        return parse(WRITERS[form](row, 4326).words[1].decode(), Mended())[0]
    (found,) = GeoJson().read(json.loads(feature_json(row)), Mended())
    return found.wkb


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("kind", range(1, 8))
@pytest.mark.parametrize("z, m", [(NAN, 5.0), (5.0, NAN), (NAN, NAN), (5.0, 6.0)])
def test_a_dimension_without_any_number_is_not_written(form, kind, z, m):
    for dims in DIMENSIONS[1:]:
        numbers = [z] * dims.z + [m] * dims.m
        kept = Dimensions(dims.z and z == z, dims.m and m == m)
        right = with_numbers(kind, kept, [[number for number in numbers if number == number]] * 3)
        assert written(with_numbers(kind, dims, [numbers] * 3), form) == right


@pytest.mark.parametrize("kind", [2, 3, 4, 5, 6, 7])
def test_measures_of_some_positions_beside_heights_are_not_written(kind):
    wkb = with_numbers(kind, Dimensions(True, True), [[10, NAN], [11, 5], [12, 6]])
    assert "measures" not in feature_json(PublishRow(b"k", "7", wkb, {}))
    right = with_numbers(kind, Dimensions(z=True), [[10], [11], [12]])
    assert written(wkb, PublishFormat.GEOJSON) == right


def test_the_geometrys_names_are_not_taken_by_attributes():
    row = PublishRow(b"k", "1", build.empty(1), {"geom": "mine", "srid": 7, "none": None})
    words = WRITERS[PublishFormat.HASH](row, 4326)
    assert words.words == [b"geom", b"POINT EMPTY", b"srid", b"4326", b"geom_2", b"mine", b"srid_2", b"7"]
    assert words.without == [b"none"]
    assert json.loads(WRITERS[PublishFormat.DOCUMENT](row, 4326).words[1]) == {
        "geom": "POINT EMPTY", "srid": 4326, "geom_2": "mine", "srid_2": 7, "none": None}  # fmt: skip


def test_reasons_are_words_of_one_kind():
    assert len({one.value for one in WhyRefused}) == len(WhyRefused)
