"""The server of this profile from the window: start, stop, find again, and what to do where no program is
found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QApplication

from ...bridge.i18n import tr
from ...bridge.server import connections
from ...bridge.server.connections import SavedConnection
from ...bridge.settings import kept
from ...bridge.words import failures
from ...core.redis.failures import FailureKind, StoreError, classify
from ...core.redis.settings import ConnectionSettings
from ..component import Context
from ..connection_monitor import ConnectionState
from ..dialogs import choice
from .server_offer import TITLES, ServerOffer

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask
    from ...core.redis.failures import Failure
    from ...core.redis.local_server import LocalServer


AUTOSTART = "redis_geo/local_server/autostart"
MEMORY_MB = "redis_geo/local_server/memory_mb"
DEFAULT_MEMORY_MB = 512


def autostart() -> bool:
    """Whether the local server is started with QGIS when its connection is the active one."""
    return kept(AUTOSTART, True)


def memory_mb() -> int:
    """How much memory the local server may use, in MB, by the settings."""
    return kept(MEMORY_MB, DEFAULT_MEMORY_MB, 1)


def saved_local() -> str:
    """The name of the local server's connection, empty where there is none."""
    for name in connections.names():
        connection = connections.load(name)
        if connection is not None and connection.local_server:
            return name
    return ""


class LocalServerControl(QObject):
    """Starts and stops the profile's server in the background. ``changed`` is emitted when ``running`` or
    ``busy`` do."""

    changed = pyqtSignal()

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self.running: Optional[bool] = None  # None: not looked yet
        self.busy = False
        self.offer = ServerOffer(context, self.start, lambda busy: self._set(busy=busy))
        context.connections.state_changed.connect(self._state_changed)

    def close(self) -> None:
        """Disconnect from the connection's signals."""
        self._context.connections.state_changed.disconnect(self._state_changed)

    def _state_changed(self, state: ConnectionState, _failure: Failure) -> None:
        """It may have crashed: find out, so that the lamp offers to start it."""
        if (
            state not in (ConnectionState.CONNECTED, ConnectionState.CONNECTING)
            and connections.active_is_local()
        ):
            self.look()

    def copy_address(self) -> None:
        """Put its address on the clipboard, for other programs on this computer; with the password only if
        the user says so."""
        try:
            server = connections.local_server()
        except StoreError:
            self._context.ui.warning(tr("The local server was never started, so it has no address yet."))
            return
        with_password, without = tr("With the password"), tr("Without it")
        chosen = choice(
            self._context.iface.mainWindow(),
            tr("Copy the address"),
            tr(
                "The address for other programs on this computer is {url}. Whoever reads the password can "
                "read and change everything on this server. Copy it with the password?"
            ).format(url=server.url(password=False)),
            [with_password, without],
        )
        if chosen:
            QApplication.clipboard().setText(server.url(password=chosen == with_password))
            self._context.ui.success(tr("The address is on the clipboard."))

    def look(self) -> None:
        """Find out in the background whether it runs."""
        directory = connections.local_directory()
        if not directory.is_dir():
            self._set(running=False)
            return

        def find_server(_task: BackgroundTask) -> bool:
            from ...core.redis import local_server

            return local_server.find(directory) is not None

        def done(running: bool, error: Optional[BaseException]) -> None:
            if not self.busy:
                self._set(running=bool(running) and error is None)

        self._context.tasks.start(tr("Looking for the local Redis server"), find_server, done)

    def start(self, *, quiet: bool = False) -> None:
        """Start it (or find it running) and make it the active connection; ``quiet``: only say what went
        wrong."""
        if self.busy:
            return
        self._set(busy=True)
        directory, memory = connections.local_directory(), f"{memory_mb()}mb"

        def start_server(_task: BackgroundTask) -> tuple[LocalServer, str]:
            from ...core.redis import local_server, programs

            earlier = local_server.read_state(directory)
            server = local_server.start(directory, memory=memory)
            return server, programs.left_behind(earlier.way if earlier else server.way, server.way)

        def done(answer: tuple[LocalServer, str], error: Optional[BaseException]) -> None:
            self._set(busy=False, running=error is None)
            if error is not None:
                self._failed(error)
                return
            server, left = answer
            self._use(server, quiet)
            if left:
                self._say_left(left)

        self._context.tasks.start(tr("Starting the local Redis server"), start_server, done)

    def stop(self) -> None:
        """Have it save its data and end."""
        if self.busy:
            return
        self._set(busy=True)
        directory = connections.local_directory()

        def stop_server(_task: BackgroundTask) -> bool:
            from ...core.redis import local_server

            return local_server.stop(directory)

        def done(stopped: bool, error: Optional[BaseException]) -> None:
            self._set(busy=False, running=not stopped)
            if error is not None or not stopped:
                self._context.ui.error(tr("The local server did not stop."), str(error or ""))
                return
            self._context.ui.message(
                tr("The local server has stopped. Its data are kept for the next start.")
            )
            self._context.connections.retry_now()

        self._context.tasks.start(tr("Stopping the local Redis server"), stop_server, done)

    def _use(self, server: LocalServer, quiet: bool) -> None:
        name = saved_local()
        if not name:
            name = connections.free_name(tr("Local server"))
            connections.save(SavedConnection(ConnectionSettings(name=name), local_server=True))
            self._context.connections.saved.emit()
        self._context.connections.activate(name)
        if server.moved:
            self._context.ui.message(
                tr(
                    "Another program holds port {kept}, so the local server has port {port} this time. "
                    "Programs that use its address need the new one."
                ).format(kept=server.kept, port=server.port),
                Qgis.MessageLevel.Warning,
                button=tr("Copy the address…"),
                clicked=self.copy_address,
            )
        if not quiet:
            self._context.ui.success(
                tr("The local server runs (port {port}) and “{name}” is the active connection.").format(
                    port=server.port, name=name
                )
            )

    def _say_left(self, way: str) -> None:
        self._context.ui.warning(
            tr(
                "The local server begins without data this time: those of before are in {program}, which was "
                "not found."
            ).format(program=TITLES.get(way, way))
        )

    def _failed(self, error: BaseException) -> None:
        failure = classify(error)
        if failure.kind is FailureKind.MISSING_PACKAGE:
            self.offer.show()
            return
        self._context.ui.error(
            tr("The local server did not start. {why}").format(why=failures.in_words(failure)), failure.words
        )

    def _set(self, *, running: Optional[bool] = None, busy: Optional[bool] = None) -> None:
        before = (self.running, self.busy)
        if running is not None:
            self.running = running
        if busy is not None:
            self.busy = busy
        if (self.running, self.busy) != before:
            self.changed.emit()
