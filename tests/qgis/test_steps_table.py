"""The table of ways: what stands in it is true on this QGIS."""

from __future__ import annotations

import json

import pytest
from qgis.core import QgsApplication

from redis_geo_plugin.bridge.steps import groups, nearby, ways
from redis_geo_plugin.bridge.steps.ways import Way
from tests.peers import battery

PROVED_HERE = ("native:simplifygeometries", "native:deletecolumn", "native:buffer", "native:intersection", "native:clip",
               "native:joinattributesbylocation", "native:dissolve", "native:multiparttosingleparts", "native:orderbyexpression")  # fmt: skip
REFUSED = (
    "native:addautoincrementalfield",
    "native:randompointsinpolygons",
    "qgis:executesql",
    "native:savefeatures",
)


@pytest.fixture(scope="module")
def layers(qgis_app):
    from processing.core.Processing import Processing

    Processing.initialize()
    return battery.Layers()


def found(name):
    return QgsApplication.processingRegistry().algorithmById(name)


@pytest.mark.parametrize("name", PROVED_HERE)
def test_the_battery_proves_the_line_of_the_table(layers, algorithms, one_server, name):
    line, why = battery.prove(found(name), layers, one_server.settings())
    proof = ways.table()[name]
    assert line == {"way": proof.way.value, **({"blind": True} if proof.blind else {})}, why
    assert ways.way_of(found(name)) == (proof.way, "")


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_proved_has_no_line(algorithms, name):
    assert name not in ways.table()
    if found(name) is not None:
        way, reason = ways.way_of(found(name))
        assert way is None and reason


def test_the_table_fits_the_engine(algorithms):
    table = ways.table()
    assert len(table) > 100
    for name, proof in table.items():
        if proof.way is Way.GROUPS:
            assert name in groups.ALGORITHMS
        if proof.way is Way.NEARBY:
            assert nearby.ALGORITHMS[name].overlay
        assert proof.versions and not (proof.blind and proof.way is not Way.ROWS)
        if proof.holds_on(ways.running_version()) and found(name) is not None:
            assert battery.candidate(found(name)) is not None, name


def test_the_table_is_written_in_one_form():
    text = ways.TABLE.read_text(encoding="utf-8")
    lines = json.loads(text)
    assert list(lines) == sorted(lines)
    assert text.count("\n") == len(lines) + 2


def test_a_table_that_is_missing_or_broken_proves_nothing(tmp_path, monkeypatch, algorithms):
    ways.table.cache_clear()
    try:
        for broken in (tmp_path / "none.json", tmp_path / "broken.json"):
            (tmp_path / "broken.json").write_text("{")
            monkeypatch.setattr(ways, "TABLE", broken)
            ways.table.cache_clear()
            assert ways.table() == {} and ways.way_of(found("native:buffer"))[0] is None
    finally:
        ways.table.cache_clear()
