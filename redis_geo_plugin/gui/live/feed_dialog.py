"""The settings of a feed that is on the map: its name, fields and rules, with a preview of what stands in Redis now."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from ...bridge import words
from ...bridge.i18n import tr
from ..dialogs import buttons
from .feed_form import FeedForm


class FeedDialog(QDialog):
    """``changed(FeedSpec)`` when the analyst agrees to other settings. ``settings`` (None: no connection) are those the
    preview is read with."""

    changed = pyqtSignal(object)

    def __init__(self, tasks: Any, settings: Optional[Any], spec: Any, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self.setObjectName("redis_geo_feed_dialog")
        self.setWindowTitle(tr("Settings of the feed {name}").format(name=spec.name))
        self.resize(1040, 520)
        self._tasks, self._settings, self._spec = tasks, settings, spec
        self._task: Optional[Any] = None
        self.form = FeedForm(self)
        self.form.show_spec(spec)
        self.state_label = QLabel()
        self.state_label.setObjectName("redis_geo_feed_state")
        self.state_label.setWordWrap(True)
        box, self.ok_button = buttons(tr("Apply"))
        self.ok_button.setObjectName("redis_geo_feed_ok")
        box.accepted.connect(self._accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.form, 1)
        layout.addWidget(self.state_label)
        layout.addWidget(box)
        if settings is not None:
            QTimer.singleShot(0, self._look)

    def _look(self) -> None:
        """Read a sample for the preview, in the background."""
        settings, spec = self._settings, self._spec

        def work(task: Any) -> Any:
            from ...core.live.snapshot import sample

            return sample(settings, spec, lambda: not task.isCanceled())

        self.state_label.setText(tr("Looking at what stands in Redis…"))
        self._task = self._tasks.start(tr("Look at a feed in Redis"), work, self._on_read)

    def _on_read(self, rows: Any, error: Optional[BaseException]) -> None:
        self._task = None
        if error is not None:
            from ...core.failures import classify

            self.state_label.setText(words.with_server_words(classify(error)))
        elif rows:
            self.state_label.setText("")
            self.form.show_rows(rows)
        else:
            self.state_label.setText(
                tr("There is nothing to preview just now; the settings can be changed all the same.")
            )

    def _accept(self) -> None:
        spec = self.form.spec()
        if spec != self._spec:
            self.changed.emit(spec)
        self.accept()

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.forget()
            self._task = None
        super().done(result)
