"""A banner over the map while it shows the past, so that nobody takes it for live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QEvent, QObject, QTimer
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QPushButton

from ...bridge.i18n import tr
from ..labels import Label
from .wording import utc_text

if TYPE_CHECKING:
    from qgis.gui import QgsMapCanvas

    from ...bridge.live.manager import FeedManager

EDGE = 8  # pixels from the lower edge of the map: messages stand at the upper one
STYLE = (
    "QFrame#redis_geo_live_banner { background: #ffb300; border: 1px solid #8a5a00; border-radius: 4px; }"
    "QFrame#redis_geo_live_banner QLabel { color: #1d1400; background: transparent; font-weight: bold; }"
)


class RewoundBanner(QFrame):
    """Stands over the map while a feed of the manager is rewound; its button goes back to live."""

    def __init__(self, canvas: QgsMapCanvas, manager: FeedManager):
        super().__init__(canvas)
        self.setObjectName("redis_geo_live_banner")
        self.setStyleSheet(STYLE)
        self._manager, self._canvas = manager, canvas
        self.label = Label(parent=self)
        self.button = QPushButton(tr("Back to live"), self)
        self.button.setObjectName("redis_geo_live_banner_back")
        self.button.clicked.connect(self.back_to_live)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 6, 4)
        row.addWidget(self.label)
        row.addWidget(self.button)
        self.hide()
        canvas.installEventFilter(self)
        manager.rewound.connect(self.show_state)
        manager.listed.connect(self.show_state)

    def back_to_live(self) -> None:
        """All feeds show again what is now."""
        for uid, feed in list(self._manager.feeds.items()):
            if feed.moment is not None and feed.running:
                feed.rewind(None)
            elif feed.moment is not None:  # stopped meanwhile: what is now has to be read
                self._manager.start(uid)

    def show_state(self, *_: object) -> None:
        """Say which feeds show which moment; hide where none does."""
        shown: dict[str, list[str]] = {}
        for feed in self._manager.feeds.values():
            if feed.moment is not None:
                shown.setdefault(utc_text(feed.moment), []).append(feed.spec.name)
        text = tr("Rewound to {moment} UTC: {feeds}")
        lines = [text.format(moment=moment, feeds=", ".join(feeds)) for moment, feeds in shown.items()]
        self.label.setText("\n".join(lines))
        self.setVisible(bool(lines))
        if lines:
            self._place()
            QTimer.singleShot(0, self._place)  # once its size is that of the text

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def close_banner(self) -> None:
        """Take it off the map for good."""
        self._canvas.removeEventFilter(self)
        self.hide()
        self.setParent(None)
        self.deleteLater()

    def _place(self) -> None:
        room = max(self._canvas.width() - 2 * EDGE, 100)
        self.label.setWordWrap(False)
        self.layout().activate()
        if self.sizeHint().width() <= room:
            self.resize(self.sizeHint())
        else:  # a narrow map
            self.label.setWordWrap(True)
            self.layout().activate()
            self.resize(room, max(self.layout().heightForWidth(room), self.minimumSizeHint().height()))
        left = max(0, (self._canvas.width() - self.width()) // 2)
        self.move(left, max(0, self._canvas.height() - self.height() - EDGE))
        self.raise_()
