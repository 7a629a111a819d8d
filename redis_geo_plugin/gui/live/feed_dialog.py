"""The settings of a feed that is on the map: its name, fields and rules, with a preview of what stands in
Redis now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtWidgets import QWidget

from ...bridge.i18n import tr
from ...bridge.words import failures
from ..dialogs import open_at
from ..labels import Label
from .feed_form import FeedForm, nothing_text
from .sampling import FeedSampler
from .settings_dialog import SettingsDialog

if TYPE_CHECKING:
    from ...bridge.tasks import TaskKeeper
    from ...core.live.records import Row
    from ...core.live.spec import FeedSpec
    from ...core.redis.settings import ConnectionSettings


class FeedDialog(SettingsDialog):
    """``changed(FeedSpec)`` when the analyst agrees to other settings.

    ``settings`` (None: no connection) are those the preview is read with.
    """

    def __init__(
        self,
        tasks: TaskKeeper,
        settings: Optional[ConnectionSettings],
        spec: FeedSpec,
        parent: Optional[QWidget] = None,
    ):
        super().__init__(parent)
        self.setObjectName("redis_geo_feed_dialog")
        self.setWindowTitle(tr("Settings of the feed {name}").format(name=spec.name))
        open_at(self, 1040, 520)
        self._tasks, self._settings, self._spec = tasks, settings, spec
        self.form = FeedForm(self)
        self.form.show_spec(spec)
        self.state_label = Label()
        self.state_label.setObjectName("redis_geo_feed_state")
        self.state_label.setWordWrap(True)
        self._lay_out(self.form, self.state_label, name="redis_geo_feed_ok", page="live")
        self._sampler = FeedSampler(tasks, settings, self)
        self._sampler.began.connect(lambda: self.state_label.setText(tr("Looking at what stands in Redis…")))
        self._sampler.read.connect(self._on_read)
        self.form.moved.connect(lambda: self._sampler.ask(self.form.spec()))
        self._sampler.ask(spec, 0)

    def _on_read(self, rows: list[Row], error: Optional[BaseException]) -> None:
        if error is not None:
            from ...core.redis.failures import classify

            self.state_label.setText(failures.with_server_words(classify(error)))
            return
        self.state_label.setText("" if rows else nothing_text())
        self.form.show_rows(rows or [])

    def done(self, result: int) -> None:
        self._sampler.stop()
        super().done(result)
