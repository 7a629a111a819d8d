"""Expression functions on GEO sets: ``redis_position``, ``redis_geodist``, ``redis_within``.

QGIS may evaluate them on the main thread, for every feature that it draws: so a server gets a quarter of a second, an
answer is kept for a moment, and after a failure nothing is asked for a while.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Any, Callable, Optional

from qgis.core import QgsExpression, QgsExpressionFunction, QgsGeometry, QgsPointXY

from ...bridge import words
from ...bridge.i18n import tr
from ..component import Component

GROUP = "Redis Geo"
TIMEOUT = 0.25  # seconds that a server gets
FRESH = 2.0  # seconds that an answer is kept
SILENCE = 5.0  # seconds without a question after a failure
REMEMBERED = 20_000
MOST_MEMBERS = 10_000


class FunctionsComponent(Component):
    """Registers the functions and takes them back."""

    asker: Optional[Asker] = None

    def install(self) -> None:
        self.asker = Asker(self.context.connections.settings)
        self.functions = [Position(self.asker), Distance(self.asker), Within(self.asker)]
        for function in self.functions:
            QgsExpression.registerFunction(function)

    def uninstall(self) -> None:
        if self.asker is None:
            return
        for function in self.functions:
            QgsExpression.unregisterFunction(function.name())
        self.asker.close()
        self.asker = None


class Silent(Exception):
    """No answer now; the text says why."""


class QuickServer:
    """A server as core's functions want it, whose every client gives up after TIMEOUT."""

    def __init__(self, settings: Any):
        from ...core.server import Server

        self._server = Server(settings)
        self.settings = settings
        self.is_cluster = self._server.is_cluster
        self.key = self._server.key
        self.client = self._server.blocking(0, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        self.bulk = self.interactive = self.client
        self.reading = self

    def close(self) -> None:
        from ...core.server import close_client

        close_client(self.client)
        self._server.close()


class Asker:
    """Answers from memory or from the server. May be used by several threads at once."""

    def __init__(self, settings: Callable[[], Any]):
        self._settings = settings
        self._server: Optional[QuickServer] = None
        self._known: OrderedDict[Any, tuple[float, Any]] = OrderedDict()
        self._silent_until, self._why = 0.0, ""
        self._lock = threading.Lock()

    def ask(self, question: Any, work: Callable[[QuickServer], Any]) -> Any:
        """The answer to a question (anything hashable). Raises Silent."""
        settings = self._settings()
        if settings is None:
            raise Silent(tr("No Redis connection is set up."))
        now = time.monotonic()
        with self._lock:
            known = self._known.get((settings, question))
            if known is not None and known[0] > now:
                return known[1]
            if now < self._silent_until:
                raise Silent(self._why)
            server = self._server_of(settings)
        try:
            answer = work(server)
        except Exception as error:
            raise Silent(self._failed(error)) from error
        with self._lock:
            self._known[(settings, question)] = (time.monotonic() + FRESH, answer)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return answer

    def close(self) -> None:
        with self._lock:
            server, self._server = self._server, None
            self._known.clear()
        if server is not None:
            server.close()

    def _server_of(self, settings: Any) -> QuickServer:
        if self._server is None or self._server.settings != settings:
            if self._server is not None:
                self._server.close()
            self._server = QuickServer(settings)
        return self._server

    def _failed(self, error: BaseException) -> str:
        from ...core.failures import classify
        from ...core.geo.search import BadQuery

        if isinstance(error, BadQuery):
            return tr("This is no position or no radius.")
        failure = classify(error)
        if failure.passing:
            with self._lock:
                self._silent_until, self._why = time.monotonic() + SILENCE, words.in_words(failure)
        return words.with_server_words(failure)


class _Function(QgsExpressionFunction):
    """A function that answers NULL and sets the error where there is no answer."""

    def __init__(self, asker: Asker, name: str, parameters: list[Any], help_text: str):
        super().__init__(name, parameters, GROUP, help_text)
        self.asker = asker

    def func(self, values: Any, _context: Any, parent: Any, _node: Any = None) -> Any:
        if any(v is None or (hasattr(v, "isNull") and v.isNull()) for v in values):
            return None
        try:
            return self.answer(values)
        except Silent as silent:
            parent.setEvalErrorString(str(silent))
        except (TypeError, ValueError) as error:
            parent.setEvalErrorString(str(error))
        return None

    def answer(self, values: Any) -> Any:
        raise NotImplementedError

    def position(self, key: str, member: str) -> Optional[tuple[float, float]]:
        from ...core.geo import hits, sets

        return self.asker.ask(
            ("position", key, member),
            lambda server: sets.member_position(server, server.key(key), hits.member_bytes(member)),
        )


def _parameter(name: str) -> Any:
    return QgsExpressionFunction.Parameter(name)


class Position(_Function):
    def __init__(self, asker: Asker):
        super().__init__(asker, "redis_position", [_parameter("set"), _parameter("member")], _position_help())

    def answer(self, values: Any) -> Any:
        place = self.position(str(values[0]), str(values[1]))
        return None if place is None else QgsGeometry.fromPointXY(QgsPointXY(*place))


class Distance(_Function):
    def __init__(self, asker: Asker):
        parameters = [_parameter("set"), _parameter("member"), _parameter("other")]
        super().__init__(asker, "redis_geodist", parameters, _distance_help())

    def answer(self, values: Any) -> Any:
        from ...core.geo import measure

        key = str(values[0])
        start = self.position(key, str(values[1]))
        other = values[2]
        if isinstance(other, QgsGeometry):
            end: Optional[tuple[float, float]] = _degrees(other)
        else:
            end = self.position(key, str(other))
        return None if start is None or end is None else measure.between(measure.WGS84, start, end)


class Within(_Function):
    def __init__(self, asker: Asker):
        parameters = [_parameter("set"), _parameter("point"), _parameter("metres")]
        super().__init__(asker, "redis_within", parameters, _within_help())

    def answer(self, values: Any) -> Any:
        from ...core.geo import search

        key, metres = str(values[0]), float(values[2])
        lon, lat = _degrees(values[1])

        def work(server: Any) -> list[str]:
            query = search.Query(server.key(key), limit=MOST_MEMBERS)
            return search.radius(server, query, [lon], [lat], metres).names()

        return self.asker.ask(("within", key, lon, lat, metres), work)


def _degrees(geometry: Any) -> tuple[float, float]:
    if not isinstance(geometry, QgsGeometry):
        raise ValueError(tr("A geometry in degrees (WGS 84) is expected."))
    point = geometry.centroid().asPoint()
    return point.x(), point.y()


def _help(text: str, syntax: str, example: str) -> str:
    return "<p>{}</p><h4>{}</h4><code>{}</code><h4>{}</h4><code>{}</code>".format(
        text, tr("Syntax"), syntax, tr("Example"), example
    )


def _position_help() -> str:
    return _help(
        tr(
            "The position of a member of a Redis GEO set, as a point in WGS 84: the exact one where it is kept beside the "
            "set. NULL where the set has no such member."
        ),
        "redis_position(set, member)",
        "redis_position('locations', 'Central Park') → POINT(-73.9665 40.7812)",
    )


def _distance_help() -> str:
    return _help(
        tr(
            "The distance in metres, on the ellipsoid of WGS 84, between a member of a Redis GEO set and another member "
            "or a point in WGS 84. NULL where there is no such member."
        ),
        "redis_geodist(set, member, other)",
        "redis_geodist('locations', 'Central Park', 'Times Square') → 3035.5<br>"
        "redis_geodist('locations', \"name\", transform($geometry, @layer_crs, 'EPSG:4326'))",
    )


def _within_help() -> str:
    return _help(
        tr(
            "The members of a Redis GEO set within a distance in metres of a point in WGS 84, nearest first, as an array. "
            "At most the 10,000 nearest."
        ),
        "redis_within(set, point, metres)",
        "array_length(redis_within('locations', make_point(-74.0445, 40.6892), 10000)) → 2",
    )
