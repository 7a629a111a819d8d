"""Expression functions on GEO sets: ``redis_position``, ``redis_geodist``, ``redis_within``.

QGIS may evaluate them on the main thread, for every feature that it draws. So a thread of its own asks the
server, which gets a quarter of a second; the main thread waits for it less than a tenth of a second in all,
each second, then does with what was last known.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Optional, cast

from qgis.core import QgsExpression, QgsExpressionFunction, QgsGeometry, QgsPointXY

from ...bridge.i18n import tr
from ...bridge.words import failures
from ...core.readable import bytes_of
from ..component import Component

GROUP = "Redis Geo"
TIMEOUT = 0.25  # seconds that a server gets
FRESH = 2.0  # seconds that an answer is kept
STALE = 30.0  # seconds that it is given where the server has no newer one in time
PATIENCE = 2 * TIMEOUT  # seconds that a thread of the renderer or of Processing waits
ALLOWED = 0.08  # seconds that the main thread waits in all, per second
MOST_WAITING = 10_000  # questions that wait to be asked
SILENCE = 5.0  # seconds without a question after a failure
REMEMBERED = 20_000
MOST_MEMBERS = 10_000

if TYPE_CHECKING:
    from ...core.redis.server import Server
    from ...core.redis.settings import ConnectionSettings


class FunctionsComponent(Component):
    """Registers the functions and takes them back."""

    asker: Optional[Asker] = None
    functions: tuple[QgsExpressionFunction, ...] = ()

    def install(self) -> None:
        """Add this part to the window."""
        self.asker = Asker(self.context.connections.settings)
        self.functions = (Position(self.asker), Distance(self.asker), Within(self.asker))
        for function in self.functions:
            QgsExpression.unregisterFunction(function.NAME)  # one left behind by a load that failed half-way
            QgsExpression.registerFunction(function)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        if self.asker is None:
            return
        for function in self.functions:
            QgsExpression.unregisterFunction(function.NAME)
        self.asker.close()
        self.asker = None


class Silent(Exception):
    """No answer now; the text says why."""


class QuickServer:
    """A server as core's functions want it, whose every client gives up after TIMEOUT."""

    def __init__(self, settings: ConnectionSettings):
        from ...core.redis.server import Server

        self._server = Server(settings)
        self.settings = settings
        self.is_cluster = self._server.is_cluster
        self.key = self._server.key
        self.client = self._server.blocking(0, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        self.bulk = self.interactive = self.client
        self.reading = self

    def close(self) -> None:
        from ...core.redis.server import close_client

        close_client(self.client)
        self._server.close()


class Allowance:
    """How long the main thread may still wait in this second."""

    def __init__(self) -> None:
        self._second, self._left = 0.0, ALLOWED

    def wait(self, event: threading.Event) -> None:
        """Wait for the event as long as is left."""
        now = time.monotonic()
        if now - self._second >= 1.0:
            self._second, self._left = now, ALLOWED
        if self._left > 0.001:
            event.wait(self._left)
            self._left -= time.monotonic() - now


@dataclass
class _Question:
    """A question under way. ``answer`` holds when there is no ``why``."""

    settings: ConnectionSettings
    subject: Any
    work: Callable[[QuickServer], object]
    answered: threading.Event = field(default_factory=threading.Event)
    answer: Any = None
    why: str = ""


class Asker:
    """Answers from memory or from the server, which a thread of its own asks. Several threads may use it."""

    def __init__(self, settings: Callable[[], Optional[ConnectionSettings]]):
        self._settings = settings
        self._server: Optional[QuickServer] = None
        self._known: OrderedDict[Any, tuple[float, Any]] = OrderedDict()  # when it was told, and what
        self._asked: dict[Any, _Question] = {}
        self._waiting: queue.Queue[Optional[_Question]] = queue.Queue()
        self._thread: Optional[threading.Thread] = None
        self._silent_until, self._why = 0.0, ""
        self._allowance = Allowance()
        self._lock = threading.Lock()
        self._closed = False

    def ask(self, subject: Any, work: Callable[[QuickServer], object]) -> Any:
        """The answer to a question on a subject (anything hashable). Raises Silent."""
        settings = self._settings()
        if settings is None:
            raise Silent(tr("No Redis connection is set up."))
        key = (settings, subject)
        with self._lock:
            told, answer = self._known.get(key, (-STALE, None))
            age = time.monotonic() - told
            if age <= FRESH:
                return answer
            if time.monotonic() < self._silent_until:
                if age <= STALE:
                    return answer
                raise Silent(self._why)
            question = self._put(key, settings, subject, work)
        if question is not None:
            self._wait(question)
            if question.answered.is_set() and not question.why:
                return question.answer
        if age <= STALE:
            return answer
        raise Silent(
            question.why if question is not None and question.why else tr("The server has not answered yet.")
        )

    def _put(self, key: Any, settings: ConnectionSettings, subject: Any, work: Any) -> Optional[_Question]:
        """Put the question to the thread, unless it waits already; None where too many do. Holds the lock."""
        question = self._asked.get(key)
        if question is None and len(self._asked) < MOST_WAITING and not self._closed:
            question = self._asked[key] = _Question(settings, subject, work)
            self._waiting.put(question)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="redis-geo-functions", daemon=True)
                self._thread.start()
        return question

    def _wait(self, question: _Question) -> None:
        if threading.current_thread() is threading.main_thread():
            self._allowance.wait(question.answered)
        else:
            question.answered.wait(PATIENCE)

    def _run(self) -> None:
        while (question := self._waiting.get()) is not None and not self._closed:
            self._answer(question)
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def _answer(self, question: _Question) -> None:
        key = (question.settings, question.subject)
        if time.monotonic() < self._silent_until:
            question.why = self._why
        else:
            try:
                question.answer = question.work(self._server_of(question.settings))
            except Exception as error:
                question.why = self._failed(error)
        with self._lock:
            self._asked.pop(key, None)
            if not question.why:
                self._known[key] = (time.monotonic(), question.answer)
                self._known.move_to_end(key)
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        question.answered.set()

    def close(self) -> None:
        """Stop the requests; the thread is not waited for."""
        self._closed = True
        self._waiting.put(None)
        with self._lock:
            self._known.clear()
            self._asked.clear()

    def _server_of(self, settings: ConnectionSettings) -> QuickServer:
        if self._server is None or self._server.settings != settings:
            if self._server is not None:
                self._server.close()
            self._server = QuickServer(settings)
        return self._server

    def _failed(self, error: BaseException) -> str:
        from ...core.geo.search import BadQuery
        from ...core.redis.failures import classify

        if isinstance(error, BadQuery):
            return tr("This is no position or no radius.")
        failure = classify(error)
        if failure.passing:
            with self._lock:
                self._silent_until, self._why = time.monotonic() + SILENCE, failures.in_words(failure)
        return failures.with_server_words(failure)


class _Function(QgsExpressionFunction):
    """A function that answers NULL and sets the error where there is no answer."""

    NAME = ""

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
        from ...core.geo import sets

        return self.asker.ask(
            ("position", key, member),
            lambda server: sets.member_position(
                cast("Server", server), server.key(bytes_of(key)), bytes_of(member)
            ),
        )


def _parameter(name: str) -> Any:
    return QgsExpressionFunction.Parameter(name)


class Position(_Function):
    """``redis_position(set, member)``: a point in WGS 84."""

    NAME = "redis_position"

    def __init__(self, asker: Asker):
        super().__init__(asker, self.NAME, [_parameter("set"), _parameter("member")], _position_help())

    def answer(self, values: Any) -> Any:
        place = self.position(str(values[0]), str(values[1]))
        return None if place is None else QgsGeometry.fromPointXY(QgsPointXY(*place))


class Distance(_Function):
    """``redis_geodist(set, member, other)``: metres on the ellipsoid."""

    NAME = "redis_geodist"

    def __init__(self, asker: Asker):
        parameters = [_parameter("set"), _parameter("member"), _parameter("other")]
        super().__init__(asker, self.NAME, parameters, _distance_help())

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
    """``redis_within(set, point, metres)``: members, nearest first."""

    NAME = "redis_within"

    def __init__(self, asker: Asker):
        parameters = [_parameter("set"), _parameter("point"), _parameter("metres")]
        super().__init__(asker, self.NAME, parameters, _within_help())

    def answer(self, values: Any) -> Any:
        from ...core.geo import search

        key, metres = str(values[0]), float(values[2])
        lon, lat = _degrees(values[1])

        def find_members(server: QuickServer) -> list[str]:
            query = search.Query(server.key(bytes_of(key)), limit=MOST_MEMBERS)
            quick = cast("Server", server)  # it has what a search uses of a server
            return search.radius(quick, query, [lon], [lat], metres).names()

        return self.asker.ask(("within", key, lon, lat, metres), find_members)


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
            "The position of a member of a Redis GEO set, as a point in WGS 84: the exact one where it is "
            "kept beside the "
            "set. NULL where the set has no such member."
        ),
        "redis_position(set, member)",
        "redis_position('locations', 'Central Park') → POINT(-73.9665 40.7812)",
    )


def _distance_help() -> str:
    return _help(
        tr(
            "The distance in metres, on the ellipsoid of WGS 84, between a member of a Redis GEO set and "
            "another member "
            "or a point in WGS 84. NULL where there is no such member."
        ),
        "redis_geodist(set, member, other)",
        "redis_geodist('locations', 'Central Park', 'Times Square') → 3035.5<br>"
        "redis_geodist('locations', \"name\", transform($geometry, @layer_crs, 'EPSG:4326'))",
    )


def _within_help() -> str:
    return _help(
        tr(
            "The members of a Redis GEO set within a distance in metres of a point in WGS 84, nearest first, "
            "as an array. "
            "At most the 10,000 nearest."
        ),
        "redis_within(set, point, metres)",
        "array_length(redis_within('locations', make_point(-74.0445, 40.6892), 10000)) → 2",
    )
