"""Members of GEO sets in the locator and in expressions, on a real server; and that all of it goes with the plugin."""

from __future__ import annotations

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

from tests.support.search_dock import part


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


def evaluate(text):
    expression = QgsExpression(text)
    value = expression.evaluate(QgsExpressionContext())
    return value, expression.evalErrorString()


def test_functions_of_expressions(plugin, places):
    value, error = evaluate("x(redis_position('locations', 'Central Park'))")
    assert not error and abs(value + 73.9665) < 1e-5
    value, _ = evaluate("redis_geodist('locations', 'Central Park', 'Times Square')")
    assert abs(value - 3035) < 2
    value, _ = evaluate("redis_geodist('locations', 'Central Park', make_point(-73.9855, 40.758))")
    assert abs(value - 3035) < 2
    value, error = evaluate("array_to_string(redis_within('locations', make_point(-74.0445, 40.6892), 10000))")
    assert value == "Statue of Liberty,Times Square", error
    assert evaluate("redis_position('locations', 'nobody') is null") == (1, "")
    assert evaluate("redis_position('locations', NULL) is null") == (1, "")
    assert evaluate("redis_within('locations', 'text', 5)")[1]
    assert evaluate("redis_within('locations', make_point(1, 2), -5)")[1]
    places.set("text", "x")
    assert evaluate("redis_position('text', 'a')")[1]
    for name in ("redis_position", "redis_geodist", "redis_within"):
        assert name in QgsExpression.helpText(name)


def test_functions_never_wait_long_for_a_server(plugin, make_server, monkeypatch):
    real = make_server()
    monkeypatch.setattr(plugin.context.connections, "_settings", real.settings())
    assert evaluate("redis_position('s', 'a') is null") == (1, "")
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


def test_everything_goes_with_the_plugin(plugin, places, iface):
    names = ("redis_position", "redis_geodist", "redis_within")
    assert all(QgsExpression.isFunctionName(n) for n in names)
    assert iface.locator_filters and iface.drop_handlers
    part(plugin, "SearchComponent").dock.show()
    plugin.unload()
    assert not any(QgsExpression.isFunctionName(n) for n in names)
    assert not iface.locator_filters and not iface.drop_handlers
