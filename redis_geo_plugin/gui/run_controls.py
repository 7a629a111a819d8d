"""What a panel of the Cache dock shows of a run: buttons to start and end it, its progress, its outcome."""

from __future__ import annotations

from typing import Callable

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QPushButton, QToolButton

from ..bridge.i18n import tr
from .drawing import TextBar
from .help import open_help
from .icons import icon
from .labels import Label


def help_button(name: str, page: str) -> QToolButton:
    """A button with this objectName that opens a page of the help."""
    button = QToolButton()
    button.setObjectName(name)
    button.setIcon(icon("help"))
    button.setToolTip(tr("Help"))
    button.setAutoRaise(True)
    button.clicked.connect(lambda: open_help(page))
    return button


class RunControls:
    """The widgets of one panel's runs; the panel lays them out and says when its buttons may be pressed.

    Args:
        prefix: What the objectNames begin with.
        text: That of the button which runs.
        page: The page of the help.
        run: Called when a run is wanted.
        cancel: Called when the run is to end.
    """

    def __init__(
        self, prefix: str, text: str, page: str, run: Callable[[], None], cancel: Callable[[], None]
    ):
        self.run_button = QPushButton(icon("start"), text)
        self.run_button.setObjectName(f"{prefix}_run")
        self.run_button.clicked.connect(run)
        self.cancel_button = QPushButton(icon("stop"), tr("Cancel"))
        self.cancel_button.setObjectName(f"{prefix}_cancel")
        self.cancel_button.setEnabled(False)
        self.cancel_button.clicked.connect(cancel)
        self.row = QHBoxLayout()
        self.row.addWidget(self.run_button, 2)
        self.row.addWidget(self.cancel_button, 1)
        self.row.addWidget(help_button(f"{prefix}_help", page))
        self.progress = TextBar()
        self.progress.setObjectName(f"{prefix}_progress")
        self.progress.hide()
        self.outcome = Label()
        self.outcome.setObjectName(f"{prefix}_outcome")
        self.outcome.setWordWrap(True)
        self.outcome.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.outcome.hide()

    def say(self, words: str) -> None:
        """Show what a run came to, or why there is none."""
        self.outcome.setText(words)
        self.outcome.show()

    def on_started(self) -> None:
        """Show that a run has begun, of which nothing is known yet."""
        had_focus = self.run_button.hasFocus()
        self.run_button.setEnabled(False)
        self.cancel_button.setEnabled(True)
        if had_focus:  # Qt would give it to Help
            self.cancel_button.setFocus()
        self.progress.setRange(0, 0)
        self.progress.show()
        self.outcome.hide()

    def on_progressed(self, percent: float) -> None:
        """Show how far the run is."""
        self.progress.setRange(0, 100)
        self.progress.setValue(int(percent))

    def on_ended(self, words: str, may_run: bool = True) -> None:
        """Show what the run came to; ``may_run``: whether another may begin."""
        had_focus = self.cancel_button.hasFocus()
        self.run_button.setEnabled(may_run)
        if had_focus:
            self.run_button.setFocus()
        self.cancel_button.setEnabled(False)
        self.progress.hide()
        self.say(words)
