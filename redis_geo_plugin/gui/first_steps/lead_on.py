"""An empty panel leads on: a sentence and buttons above, or in place of, what the panel holds."""

from __future__ import annotations

from typing import Any, Callable, Optional

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QDockWidget, QFrame, QPushButton, QVBoxLayout, QWidget

from ...bridge.plain import tool_tip
from ...bridge.words import failures
from ..component import Context
from ..connection_monitor import ConnectionState
from ..icons import icon
from ..labels import Label
from ..wrapping import Scrolled, WrapLayout
from . import leads
from .leads import Lack

AWAY_AFTER = 2000  # ms: a short interruption moves nothing on screen
AWAY = (ConnectionState.RECONNECTING, ConnectionState.FAILED)


class LeadOn(QWidget):
    """Holds what the dock held. ``has_data`` says whether there is anything of the panel's kind; ``look`` is
    to be called when its answer may have changed."""

    def __init__(
        self, context: Context, dock: QDockWidget, name: str, has_data: Callable[[], bool] = lambda: True
    ):
        super().__init__()
        self._context, self._name, self._has_data = context, name, has_data
        self.lack: Optional[Lack] = None
        held = dock.widget()
        # What is said above must not make the window higher than the screen: then the rest scrolls.
        self._body = held if isinstance(held, Scrolled) else Scrolled(held)
        self._buttons: dict[str, QPushButton] = {}
        self._build()
        dock.setWidget(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(AWAY_AFTER)
        self._later.timeout.connect(self._look)
        project = QgsProject.instance()
        self._signals: tuple[Any, ...] = (
            context.connections.state_changed,
            context.connections.changed,
            project.layersAdded,
            project.layersRemoved,
        )
        for signal in self._signals:
            signal.connect(self.look)
        self._look()

    def detach(self) -> None:
        """Disconnect from what outlives the panel."""
        self._later.stop()
        signals, self._signals = self._signals, ()
        for signal in signals:
            signal.disconnect(self.look)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.lead = QFrame()
        self.lead.setObjectName(f"redis_geo_{self._name}_lead")
        inner = QVBoxLayout(self.lead)
        inner.setContentsMargins(9, 9, 9, 4)
        self.words = Label()
        self.words.setObjectName(f"redis_geo_{self._name}_empty")
        self.words.setWordWrap(True)
        inner.addWidget(self.words)
        row = WrapLayout()
        row.setSpacing(6)
        wanted = {step for lead in leads.LEADS[self._name].values() for step in lead.steps}
        for name in [step for step in leads.STEPS if step in wanted]:
            row.addWidget(self._button(name))
        inner.addLayout(row)
        column.addWidget(self.lead)
        column.addWidget(self._body, 1)
        column.addStretch(0)

    def _button(self, name: str) -> QPushButton:
        step = leads.STEPS[name]
        button = QPushButton(icon(step.icon), step.text())
        button.setObjectName(f"redis_geo_{self._name}_empty_{name}")
        button.clicked.connect(lambda _checked=False: step.do(self._context))
        self._buttons[name] = button
        return button

    def look(self, *_news: object) -> None:
        """Show what is missing now; that the server is away, only once it has been for a while."""
        if self._lacking() is Lack.AWAY and self.lack is not Lack.AWAY:
            if not self._later.isActive():
                self._later.start()
            return
        self._later.stop()
        self._look()

    def _lacking(self) -> Optional[Lack]:
        monitor = self._context.connections
        none = monitor.settings() is None and monitor.state is ConnectionState.NONE
        holds = {
            Lack.CONNECTION: none,
            Lack.AWAY: monitor.state in AWAY,
            Lack.LAYER: not leads.has_layer(),
            Lack.DATA: not self._has_data(),
        }
        return next((lack for lack in leads.LEADS[self._name] if holds[lack]), None)

    def _look(self) -> None:
        self.lack = lack = self._lacking()
        lead = leads.LEADS[self._name].get(lack) if lack is not None else None
        self.lead.setVisible(lead is not None)
        alone = lead is not None and lead.alone and (self._name != "live" or not self._has_data())
        self._body.setVisible(not alone)
        if lead is None:
            return
        from ..connections.lamp import state_in_words

        self.words.setText(lead.words() if lead.words else state_in_words(self._context.connections))
        why = failures.why_locked(self._context.connections.settings())
        for name, button in self._buttons.items():
            step = leads.STEPS[name]
            offered = not step.service or getattr(self._context.services, step.service) is not None
            button.setVisible(name in lead.steps and offered and step.fits())
            button.setEnabled(not (step.writes and why))
            button.setToolTip(tool_tip(why) if step.writes else "")
        self.layout().activate()  # at once: else what is below would move again a moment later
