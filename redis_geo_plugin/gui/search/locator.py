"""The locator filter (Ctrl+K, ``geo``): finds members of GEO sets by name and flies there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import QgsLocatorFilter, QgsLocatorResult

from ...bridge import log
from ...bridge.geo.announcements import NEWS
from ...bridge.i18n import tr
from ...bridge.plain import unmarked
from ...core.readable import one_line
from ...core.readable import text as text_of
from ..component import Component
from ..icons import icon

if TYPE_CHECKING:
    from qgis.core import QgsFeedback, QgsLocatorContext

    from ...core.geo.names import Names
    from ...core.redis.settings import ConnectionSettings


PREFIX = "geo"
SHORTEST = 2  # letters
MOST = 50


class LocatorComponent(Component):
    """Registers the filter and takes it back."""

    filter: Optional[MemberFilter] = None

    def install(self) -> None:
        """Add this part to the window."""
        self.filter = MemberFilter(self.context.connections.settings, self._go)
        self.context.iface.registerLocatorFilter(self.filter)
        self._listen(NEWS.written, self.filter.forget_sets)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self._undo.close()
        if self.filter is not None:
            self.context.iface.deregisterLocatorFilter(self.filter)
            self.filter = None

    def _go(self, lon: float, lat: float) -> None:
        fly = self.context.services.fly_to
        if fly is not None:
            fly(lon, lat)


class MemberFilter(QgsLocatorFilter):
    """QGIS works with clones of it, in threads of its own; the list of sets is shared between them."""

    def __init__(
        self,
        settings: Callable[[], Optional[ConnectionSettings]],
        go: Callable[[float, float], None],
        names: Optional[dict[str, Names]] = None,
    ):
        super().__init__()
        self._settings, self._go = settings, go
        self._names: dict[str, Names] = names if names is not None else {}
        self._shown = icon("geoset")

    def name(self) -> str:
        return "redis_geo_members"

    def displayName(self) -> str:
        return tr("Members of Redis GEO sets")

    def prefix(self) -> str:
        return PREFIX

    def priority(self) -> Any:
        return QgsLocatorFilter.Priority.Low

    def clone(self) -> QgsLocatorFilter:
        return MemberFilter(self._settings, self._go, self._names)

    def forget_sets(self, *_: object) -> None:
        """There are new sets: look for them the next time."""
        finder = self._names.get("finder")
        if finder is not None:
            finder.forget()

    def fetchResults(self, text: str, _context: QgsLocatorContext, feedback: QgsFeedback) -> None:
        settings = self._settings()
        if settings is None or len(text.strip()) < SHORTEST:
            return
        try:
            self._fetch(settings, text.strip(), feedback)
        except Exception as error:  # an exception here would reach QGIS's own thread
            from ...core.watch import Cancelled

            if not isinstance(error, Cancelled):
                log.info(f"{type(error).__name__}: {error}")

    def _fetch(self, settings: ConnectionSettings, text: str, feedback: QgsFeedback) -> None:
        from ...bridge.tasks import watch_of
        from ...core.geo import names
        from ...core.redis.server import open_server

        finder = self._names.setdefault("finder", names.Names())
        server = open_server(settings)
        prefix = len(settings.key_prefix.encode())
        for found in finder.find(server, text, MOST, watch_of(feedback)):
            result = QgsLocatorResult()
            result.filter = self
            result.displayString = unmarked(one_line(text_of(found.member)))
            result.description = unmarked(one_line(text_of(found.key[prefix:])))
            result.icon = self._shown
            _set_data(result, f"{found.lon!r} {found.lat!r}")
            self.resultFetched.emit(result)

    def triggerResult(self, result: QgsLocatorResult) -> None:
        lon, lat = str(_data(result)).split()
        self._go(float(lon), float(lat))


def _set_data(result: QgsLocatorResult, data: Any) -> None:
    if hasattr(result, "setUserData"):  # QGIS 3.36 made the attribute a method
        result.setUserData(data)
    else:
        result.userData = data


def _data(result: QgsLocatorResult) -> Any:
    return result.userData() if callable(result.userData) else result.userData
