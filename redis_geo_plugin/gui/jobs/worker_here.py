"""The worker on this computer, from the window: start, stop, its log, packages for it where they lack.

It ends with the window. Nothing waits for it: it finishes or hands back its jobs and ends by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QFontDatabase, QHideEvent, QShowEvent, QTextCursor
from qgis.PyQt.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ...bridge.i18n import tr
from ...bridge.jobs.worker_here_words import ended_in_words, other_geos_in_words
from ...bridge.plain import tool_tip
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ...core.readable import printable
from ...core.redis.failures import classify
from ..component import Context
from ..dialogs import buttons, confirmed, open_at
from ..icons import icon
from ..labels import Label
from ..messages import Button
from ..wrapping import WrapLayout
from .queue_in_use import queue_name, start_worker_text

if TYPE_CHECKING:
    from ...bridge.jobs.worker_here import WorkerHere
    from ...bridge.tasks import BackgroundTask
    from ...core.redis.settings import ConnectionSettings

TOPIC = "worker here"  # of messages
LOOK_MS = 500


class WorkerHereControl(QObject):
    """``changed`` is emitted when ``pid``, ``connection`` or ``busy`` change."""

    changed = pyqtSignal()

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._worker: Optional[WorkerHere] = None
        self._stopping = False
        self.has_log = False  # whether a worker was started in this session
        self.connection = ""  # the name of the one that it works for
        self._settings: Optional[ConnectionSettings] = None  # of that connection
        self.busy = False  # about to be started, or its packages to be installed
        self._log: Optional[LogDialog] = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def pid(self) -> int:
        """The number of its process, 0 where none runs."""
        return self._worker.pid if self._worker is not None else 0

    def close(self) -> None:
        """End it, and show nothing more."""
        self.blockSignals(True)
        self._timer.stop()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()
        if self._log is not None:
            self._log.close()
            self._log.deleteLater()
            self._log = None

    def start(self, *_checked: object) -> None:
        """Start it for the active connection, or say what is in the way."""
        if self.busy or self._worker is not None:
            return
        settings, queue = self._context.connections.settings(), queue_name()
        why = failures.why_locked(settings) if settings is not None else tr("No connection is set up.")
        if why:
            self._context.ui.warning(why, topic=TOPIC)
            return
        name = self._context.connections.name

        def start_worker(_task: BackgroundTask) -> WorkerHere:
            from ...bridge.jobs import worker_here

            runner = worker_here.find_runner()
            return worker_here.WorkerHere(runner, settings, queue, worker_here.processes_here())

        def done(worker: WorkerHere, error: Optional[BaseException]) -> None:
            self._set_busy(False)
            if error is not None:
                self._not_started(error)
                return
            self._worker, self.connection, self._stopping = worker, name, False
            self._settings = settings
            self.has_log = True
            self._timer.start()
            self._context.ui.forget(TOPIC)
            self.changed.emit()

        self._set_busy(True)
        self._context.tasks.start(tr("Starting a worker"), start_worker, done)

    def stop(self, *_checked: object) -> None:
        """Let it finish what it computes, and end."""
        if self._worker is not None:
            self._stopping = True
            self._worker.close()
            self.changed.emit()

    @property
    def stopping(self) -> bool:
        """Whether it was told to end and still runs."""
        return self._stopping and self._worker is not None

    def _look(self) -> None:
        code = self._worker.exit_code if self._worker is not None else 0
        if code is None:
            self._end_where_locked()
            return
        self._timer.stop()
        self._worker, asked = None, self._stopping
        self._stopping = False
        self.changed.emit()
        if not asked:
            self._context.ui.message(
                ended_in_words(code),
                Qgis.MessageLevel.Warning,
                button=tr("Show its log"),
                clicked=self.show_log,
                topic=TOPIC,
            )

    def _end_where_locked(self) -> None:
        """Its process knows nothing of what the window forbids: where that may change nothing, it ends."""
        why = failures.why_locked(self._settings)
        if why and not self._stopping:
            self.stop()
            self._context.ui.warning(
                tr("The worker on this computer is told to end. {why}").format(why=why), topic=TOPIC
            )

    def _not_started(self, error: BaseException) -> None:
        from ...bridge.jobs.worker_here import OtherGeos

        ui = self._context.ui
        if not isinstance(error, OtherGeos):
            failure = classify(error)
            text = tr("The worker did not start. {why}").format(why=failures.in_words(failure))
            ui.error(text, failure.words, topic=TOPIC)
            return
        text = other_geos_in_words(error.wanted, error.theirs)
        offers = []
        if error.can_be_installed:
            wanted = error.wanted
            offers.append(Button(tr("Install them…"), lambda: self.ask_and_install(wanted)))
        ui.message(text, Qgis.MessageLevel.Warning, details=error.words, buttons=offers, topic=TOPIC)

    def ask_and_install(self, wanted: str) -> None:
        """Ask, install the packages for a worker with this GEOS into the profile, and start it."""
        from ...bridge.jobs import worker_here

        agreed = not self.busy and confirmed(
            self._context.iface.mainWindow(),
            tr("Redis Geo"),
            tr(
                "Install {package}, pyproj and redis with pip into the folder of your QGIS profile, for the "
                "worker alone? About 40 MB are fetched from the package index that your Python is set to "
                "use. QGIS itself does not use them, and nothing outside this folder changes:\n{folder}"
            ).format(package=worker_here.shapely_of(wanted), folder=worker_here.folder()),
            tr("Install"),
        )
        if not agreed:
            return
        self._set_busy(True)

        def done(_result: object, error: Optional[BaseException]) -> None:
            self._set_busy(False)
            if error is None:
                self.start()
            else:
                text = tr("The packages could not be installed. The reason is in the log.")
                self._context.ui.error(text, classify(error).words, topic=TOPIC)

        self._context.tasks.start(
            tr("Installing packages for a worker"),
            lambda task: worker_here.make_environment(wanted, watch_of(task)),
            done,
            shown=True,
        )

    def show_log(self, *_checked: object) -> None:
        """Show the log of the worker that runs, or ran last."""
        if self._log is None:
            self._log = LogDialog(self._context)
        self._log.show()
        self._log.raise_()

    def _set_busy(self, busy: bool) -> None:
        self.busy = busy
        self.changed.emit()


class WorkerHereRow(QWidget):
    """Below the table of workers: buttons, and what the worker here does. ``lock`` says why none may be
    started."""

    def __init__(self, control: WorkerHereControl):
        super().__init__()
        self._control, self._locked = control, ""
        row = WrapLayout()
        self.setLayout(row)
        self.start_button = QPushButton(icon("start"), start_worker_text())
        self.stop_button = QPushButton(icon("stop"), tr("Stop the worker here"))
        self.log_button = QPushButton(tr("Show its log"))
        self.state = Label()
        for name, widget, act in (
            ("start", self.start_button, control.start),
            ("stop", self.stop_button, control.stop),
            ("log", self.log_button, control.show_log),
        ):
            widget.setObjectName(f"redis_geo_worker_{name}")
            widget.clicked.connect(act)
            row.addWidget(widget)
        self.state.setObjectName("redis_geo_worker_state")
        row.addWidget(self.state)
        control.changed.connect(self.show_state)
        self.show_state()

    def lock(self, why: str) -> None:
        """Say why nothing may be changed on this connection; '' where it may."""
        if why != self._locked:
            self._locked = why
            self.show_state()

    def show_state(self) -> None:
        """Show what is so now."""
        control = self._control
        runs = bool(control.pid)
        self.start_button.setVisible(not runs)
        self.start_button.setEnabled(not control.busy and not self._locked)
        self.start_button.setToolTip(tool_tip(self._locked or _start_tip()))
        self.stop_button.setVisible(runs)
        self.stop_button.setEnabled(not control.stopping)
        self.log_button.setVisible(control.has_log)
        self.state.setText(self._words())

    def _words(self) -> str:
        control = self._control
        if control.busy:
            return tr("Starting…")
        if control.stopping:
            return tr("Finishes what it has…")
        if control.pid:
            return tr("Process {pid} works for “{connection}” until QGIS ends.").format(
                pid=control.pid, connection=control.connection
            )
        return ""


def _start_tip() -> str:
    return tr(
        "A process of its own on this computer that takes jobs from the queue, with the GEOS of this QGIS. "
        "It leaves one core to QGIS and ends with it."
    )


class LogDialog(QDialog):
    """The log, read anew every second while it is open."""

    def __init__(self, context: Context):
        super().__init__(context.iface.mainWindow())
        self.setObjectName("redis_geo_worker_log")
        self.setWindowTitle(tr("Log of the worker"))
        open_at(self, 760, 400)
        self._context = context
        self._text = ""
        self._reading: Optional[BackgroundTask] = None
        layout = QVBoxLayout(self)
        self.lines = QPlainTextEdit()
        self.lines.setObjectName("redis_geo_worker_log_lines")
        self.lines.setReadOnly(True)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.lines.setPlaceholderText(tr("Nothing stands in the log yet."))
        layout.addWidget(self.lines)
        box, _close = buttons(tr("Refresh"), tr("Close"))
        box.accepted.connect(self.read_log)
        box.rejected.connect(self.reject)
        layout.addWidget(box)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.read_log)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self.read_log()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def read_log(self) -> None:
        """Read the log in the background, and show it."""
        if self._reading is not None and self._reading.isActive():
            return

        def read_lines(_task: BackgroundTask) -> str:
            from ...bridge.jobs.worker_here import read_log

            return read_log()

        self._reading = self._context.tasks.start(tr("Reading the log of the worker"), read_lines, self._show)

    def _show(self, text: Optional[str], _error: Optional[BaseException]) -> None:
        if text is None or text == self._text:
            return
        self._text = text
        self.lines.setPlainText("\n".join(map(printable, text.splitlines())))
        self.lines.moveCursor(QTextCursor.MoveOperation.End)
