"""The plugin's messages in the bar above the map: each said once, gone when it no longer holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from qgis.core import Qgis
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QPushButton

from ..bridge import log
from ..bridge.plain import escaped, tool_tip
from ..core.readable import cut, one_line
from .fitted_text import LONGEST, FittedText

if TYPE_CHECKING:
    from qgis.gui import QgisInterface, QgsMessageBar, QgsMessageBarItem


SECONDS = 8  # that good news stand
SECONDS_WITH_BUTTONS = 20
LASTING = (Qgis.MessageLevel.Critical, Qgis.MessageLevel.Warning)  # stand until they are closed or outdated


@dataclass(frozen=True)
class Button:
    """A button of a message, which goes when it is pressed, and what it does."""

    text: str
    clicked: Callable[[], object]


class Message:
    """A message that was put into the bar."""

    def __init__(self, bar: QgsMessageBar, widget: QgsMessageBarItem, text: str, topic: str):
        self._bar, self._widget = bar, widget
        self.text, self.topic = text, topic
        self._dropped = False

    @property
    def widget(self) -> QgsMessageBarItem:
        """What stands in the bar."""
        return self._widget

    @property
    def shown(self) -> bool:
        """Whether the message is still shown."""
        return not self._dropped and not sip.isdeleted(self._widget)

    def drop(self, *_signal: object) -> None:
        """Take it away."""
        if self.shown:
            self._dropped = True
            self._bar.popWidget(self._widget)


class Messages:
    """Puts messages into QGIS's bar. One that says the same as an earlier one, or is about the same
    ``topic``, takes its place."""

    def __init__(self, iface: QgisInterface):
        self._iface = iface
        self._shown: list[Message] = []

    def widget(self, text: str) -> QgsMessageBarItem:
        """A message that is not in the bar yet; the text is shown as it is."""
        said = one_line(text)
        made = self._iface.messageBar().createMessage("Redis Geo", escaped(cut(said, LONGEST)))
        FittedText(made, said)
        return made

    def widgets(self) -> list[QgsMessageBarItem]:
        """What stands in the bar, oldest first."""
        return [message.widget for message in self._shown if message.shown]

    def show(
        self,
        text: str,
        level: Qgis.MessageLevel,
        *,
        details: str = "",
        buttons: Sequence[Button] = (),
        duration: int = -1,
        topic: str = "",
    ) -> Message:
        """Show a message, and write it to the log.

        Args:
            text: What is said.
            level: Warnings and errors stand until they are closed or outdated.
            details: The server's own words, for the tool tip and the log.
            buttons: What can be done about it.
            duration: Seconds; -1 for what is usual.
            topic: What it is about: takes the place of an earlier message of the same topic.
        """
        self.forget(topic)
        for earlier in [one for one in self._shown if one.shown and one.text == text]:
            earlier.drop()
        bar = self._iface.messageBar()
        widget = self.widget(text)
        message = Message(bar, widget, text, topic)
        if details:
            widget.setToolTip(tool_tip(details))
        for button in buttons:
            push = QPushButton(button.text)
            push.clicked.connect(message.drop)
            push.clicked.connect(lambda _checked=False, clicked=button.clicked: clicked())
            widget.layout().addWidget(push)
        if duration < 0:
            usual = SECONDS_WITH_BUTTONS if buttons else SECONDS
            duration = 0 if level in LASTING else usual
        bar.pushWidget(widget, level, duration)
        self._shown = [one for one in self._shown if one.shown]
        self._shown.append(message)
        _log(f"{text} {details}".strip(), level)
        return message

    def leave(self, text: str) -> None:
        """Show a warning that stays when the plugin goes, and write it to the log."""
        self._iface.messageBar().pushWidget(self.widget(text), Qgis.MessageLevel.Warning, 0)
        _log(text, Qgis.MessageLevel.Warning)

    def forget(self, topic: str) -> None:
        """Remove the messages about a topic that no longer hold."""
        for message in self._shown if topic else ():
            if message.topic == topic:
                message.drop()

    def close(self) -> None:
        """Take all messages away: their buttons would call parts that are gone."""
        shown, self._shown = self._shown, []
        for message in shown:
            message.drop()


def _log(line: str, level: Qgis.MessageLevel) -> None:
    if level == Qgis.MessageLevel.Critical:
        log.error(line)
    elif level == Qgis.MessageLevel.Warning:
        log.warning(line)
    else:
        log.info(line)
