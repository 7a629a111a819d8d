"""Members of GEO sets in the locator and in expressions, on a real server; and that all of it goes with the plugin."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsExpression,
    QgsExpressionContext,
    QgsFeedback,
    QgsLocatorContext,
    QgsLocatorResult,
    QgsProject,
    QgsRectangle,
)

from redis_geo_plugin.gui.search import functions
from tests.support.patience import PATIENCE
from tests.support.search_dock import part
from tests.support.slow_link import SlowLink


def test_the_locator_finds_members_and_flies_there(plugin, places, iface, wait_until):
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    iface.mapCanvas().setExtent(QgsRectangle(-8260000, 4950000, -8220000, 4990000))
    found = []
    mine = part(plugin, "LocatorComponent").filter
    clone = mine.clone()
    clone.resultFetched.connect(lambda result: found.append(QgsLocatorResult(result)))
    clone.fetchResults("PARK", QgsLocatorContext(), QgsFeedback())
    assert [(r.displayString, r.description) for r in found] == [("Central Park", "locations")]
    clone.triggerResult(found[0])
    wait_until(lambda: abs(iface.mapCanvas().extent().center().x() + 8233913) < 10)
    clone.fetchResults("*", QgsLocatorContext(), QgsFeedback())
    clone.fetchResults("no[such", QgsLocatorContext(), QgsFeedback())
    assert len(found) == 1 and mine.prefix() == "geo"


@pytest.fixture
def names_found(plugin, places):
    """Calls the locator, as QGIS does, and returns the members that it found."""
    mine = part(plugin, "LocatorComponent").filter.clone()
    found = []
    mine.resultFetched.connect(lambda result: found.append(QgsLocatorResult(result).displayString))

    def find(text):
        found.clear()
        mine.fetchResults(text, QgsLocatorContext(), QgsFeedback())
        return found

    return find


@pytest.mark.parametrize("typed", ["cafe", "CAFÉ", "cafe\u0301", "fe de f"])
def test_the_locator_asks_for_neither_accents_nor_case(places, names_found, typed):
    places.geoadd("bars", (2.33, 48.85, "Café de Flore"))
    places.geoadd("bars", (2.34, 48.86, "CAFE\u0301 DE FLORE 2"))
    places.geoadd("bars", (2.35, 48.87, "Cafe de flore 3"))
    places.geoadd("bars", (2.36, 48.88, "Cave à vin"))
    found = names_found(typed)
    assert sorted(found) == sorted(["Café de Flore", "CAFE\u0301 DE FLORE 2", "Cafe de flore 3"])


def test_the_locator_finds_any_script_in_any_case(places, names_found):
    places.geoadd("cities", (37.6, 55.75, "Москва"))
    assert names_found("МОСК") == ["Москва"]


def evaluate(text):
    expression = QgsExpression(text)
    value = expression.evaluate(QgsExpressionContext())
    return value, expression.evalErrorString()


def answered(text):
    """As ``evaluate``, again until the server has answered: on a busy machine that takes longer than the window waits."""
    end = time.monotonic() + PATIENCE
    while True:
        value, error = evaluate(text)
        if "The server has not answered yet." not in error or time.monotonic() > end:
            return value, error
        time.sleep(0.05)


def test_functions_of_expressions(plugin, places):
    value, error = answered("x(redis_position('locations', 'Central Park'))")
    assert not error and abs(value + 73.9665) < 1e-5
    value, _ = answered("redis_geodist('locations', 'Central Park', 'Times Square')")
    assert abs(value - 3035) < 2
    value, _ = answered("redis_geodist('locations', 'Central Park', make_point(-73.9855, 40.758))")
    assert abs(value - 3035) < 2
    value, error = answered(
        "array_to_string(redis_within('locations', make_point(-74.0445, 40.6892), 10000))"
    )
    assert value == "Statue of Liberty,Times Square", error
    assert answered("redis_position('locations', 'nobody') is null") == (1, "")
    assert answered("redis_position('locations', NULL) is null") == (1, "")
    assert answered("redis_within('locations', 'text', 5)")[1]
    assert answered("redis_within('locations', make_point(1, 2), -5)")[1]
    places.set("text", "x")
    assert answered("redis_position('text', 'a')")[1]
    for name in ("redis_position", "redis_geodist", "redis_within"):
        assert name in QgsExpression.helpText(name)


def test_functions_never_wait_long_for_a_server(plugin, make_server, monkeypatch):
    real = make_server()
    monkeypatch.setattr(plugin.context.connections, "_settings", real.settings())
    assert answered("redis_position('s', 'a') is null") == (1, "")
    asker = part(plugin, "FunctionsComponent").asker
    asker._known.clear()
    real.stop()
    try:
        questions = []
        original = asker._server_of
        monkeypatch.setattr(asker, "_server_of", lambda s: (questions.append(s), original(s))[1])
        for number in range(200):  # one question, then silence: no 200 waits
            assert evaluate(f"redis_position('s', 'a{number}')")[1]
        assert len(questions) == 1
    finally:
        real.resume()


@pytest.mark.timed
@pytest.mark.parametrize("fault", ["stopped", "drips", "cut"])
def test_the_window_is_not_held_up_whatever_the_server_does(plugin, make_server, monkeypatch, fault):
    real = make_server()
    with real.client() as client:
        client.geoadd("s", (2.0, 48.0, "a"))
    link = SlowLink((real.host, real.port))
    settings = replace(real.settings(), port=link.port)
    monkeypatch.setattr(plugin.context.connections, "_settings", settings)
    known, error = answered("x(redis_position('s', 'a'))")
    assert not error and abs(known - 2.0) < 1e-4
    {"stopped": real.stop, "cut": link.cut, "drips": lambda: setattr(link, "drip", 0.2)}[fault]()
    asker = part(plugin, "FunctionsComponent").asker
    for key, (told, answer) in list(asker._known.items()):
        asker._known[key] = (told - functions.FRESH, answer)
    longest = 0.0
    try:
        for number in range(300):
            started = time.monotonic()
            stale, error = evaluate("x(redis_position('s', 'a'))")
            assert not error and stale == known  # the last known, for a while
            assert evaluate(f"redis_position('s', 'b{number}')")[1]
            longest = max(longest, time.monotonic() - started)
    finally:
        link.close()
    assert longest < 0.5  # a tenth of a second, on a busy machine


@pytest.mark.timed
def test_an_answer_that_comes_late_is_there_the_next_time(plugin, make_server, monkeypatch, wait_until):
    real = make_server()
    with real.client() as client:
        client.geoadd("s", [value for n in range(50) for value in (2.0, 48.0, f"m{n}")])
    link = SlowLink((real.host, real.port))
    link.delay = 0.02
    monkeypatch.setattr(plugin.context.connections, "_settings", replace(real.settings(), port=link.port))
    monkeypatch.setattr(functions, "TIMEOUT", 5.0)
    started = time.monotonic()
    first = [evaluate(f"redis_position('s', 'm{n}') is null")[1] for n in range(50)]
    assert time.monotonic() - started < 2.0
    assert any(first)  # not all of them in the time that the window may wait
    wait_until(lambda: not evaluate("redis_position('s', 'm49') is null")[1])
    link.close()


def test_everything_goes_with_the_plugin(plugin, places, iface):
    names = ("redis_position", "redis_geodist", "redis_within")
    assert all(QgsExpression.isFunctionName(n) for n in names)
    assert iface.locator_filters and iface.drop_handlers
    part(plugin, "SearchComponent").dock.show()
    plugin.unload()
    assert not any(QgsExpression.isFunctionName(n) for n in names)
    assert not iface.locator_filters and not iface.drop_handlers
