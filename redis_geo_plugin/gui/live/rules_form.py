"""The form of a feed's rules: how often it reads, when it is late, what leaves the layer, and what cannot be
true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QWidget

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from .boxes import choice, interval, whole_number
from .wording import KMH

if TYPE_CHECKING:
    from ...core.json_types import JsonObject
    from ...core.live.spec import FeedSpec


class RulesForm(QWidget):
    """Edits what a FeedSpec says besides its name, keys and fields. Speeds are shown in km/h, kept in m/s."""

    def __init__(self, parent: Optional[QWidget] = None):
        super().__init__(parent)
        self._shown: JsonObject = {}
        self._form = QFormLayout(self)
        self._form.setVerticalSpacing(4)
        self.connection_box = choice("redis_geo_find_connection", ())
        self.interval_box = interval("redis_geo_find_interval")
        self.late_box = whole_number("redis_geo_find_late", 1, 7 * 86400, tr(" s"))
        self.keep_box = QCheckBox(tr("Keep vehicles whose key expired, as last seen"))
        self.keep_box.setObjectName("redis_geo_find_keep")
        self.forget_box = whole_number("redis_geo_find_forget", 0, 30 * 86400, tr(" s"), tr("never"))
        self.max_speed_box = whole_number(
            "redis_geo_find_max_speed", 0, 1_000_000, tr(" km/h"), tr("any speed")
        )
        self.max_future_box = whole_number("redis_geo_find_max_future", 0, 86400, tr(" s"))
        self.clock_box = choice(
            "redis_geo_find_clock",
            (
                ("auto", tr("corrected where it runs ahead")),
                ("correct", tr("corrected also where it is behind")),
                ("reported", tr("taken as it is")),
            ),
        )
        self.details_edit = QLineEdit()
        self.details_edit.setObjectName("redis_geo_find_details")
        self.details_edit.setPlaceholderText(tr("none"))
        self.details_kind_box = choice(
            "redis_geo_find_details_kind",
            (
                ("hash", tr("a hash for each member")),
                ("json", tr("a JSON string for each member")),
                ("one_hash", tr("one hash for all members")),
            ),
        )
        entries = ((False, tr("at the head of the list")), (True, tr("at its end")))
        self.newest_box = choice("redis_geo_find_newest", entries)
        self._add_rows()

    def _add_rows(self) -> None:
        late = tr("Without anything new for so long, the lamp says that the feed is late")
        silent = tr("So long after its last report a vehicle leaves the layer")
        speed = tr("A position that could only be reached faster than this is refused")
        ahead = tr(
            "A report that is further in the future is refused; a clock that runs ahead is allowed for"
        )
        clock = tr("Whether ages allow for a producer's clock that is off by more than a minute")
        details = tr(
            "The keys that hold the attributes; {id} stands for the member, {tail} for its last part"
        )
        tips = (
            (tr("Connection"), self.connection_box, tr("Which saved connection the feed uses")),
            (tr("Read every"), self.interval_box, self.interval_box.toolTip()),
            (tr("Late after"), self.late_box, late),
            (tr("Silent vehicles leave after"), self.forget_box, silent),
            (tr("Impossible above"), self.max_speed_box, speed),
            (tr("Time ahead allowed"), self.max_future_box, ahead),
            (tr("Producer's clock"), self.clock_box, clock),
            (tr("Details of members"), self.details_edit, details),
            (tr("Details are"), self.details_kind_box, ""),
            (tr("Newest entry"), self.newest_box, ""),
        )
        for label, widget, tip in tips:
            widget.setToolTip(tool_tip(tip))
            self._form.addRow(label, widget)
        self._form.insertRow(3, self.keep_box)

    def show_spec(self, spec: FeedSpec, connections: list[str]) -> None:
        """Fill the form; ``connections`` are the names of the saved ones."""
        self.connection_box.clear()
        self.connection_box.addItem(tr("the active one"), "")
        for name in dict.fromkeys((*connections, spec.connection)):
            if name:
                self.connection_box.addItem(name, name)
        self.connection_box.setCurrentIndex(self.connection_box.findData(spec.connection))
        self.interval_box.setValue(spec.interval)
        self.late_box.setValue(round(spec.late_after))
        self.keep_box.setChecked(spec.keep_gone)
        self.forget_box.setValue(round(spec.forget_after))
        self.max_speed_box.setValue(round(spec.max_speed * KMH))
        self.max_future_box.setValue(round(spec.max_future))
        self.clock_box.setCurrentIndex(max(self.clock_box.findData(spec.clock), 0))
        self.details_edit.setText(spec.details)
        self.details_kind_box.setCurrentIndex(max(self.details_kind_box.findData(spec.details_kind), 0))
        self.newest_box.setCurrentIndex(self.newest_box.findData(spec.newest_last))
        self.show_kind(spec.kind)
        self._shown = self._read()

    def show_kind(self, chosen: str) -> None:
        """Show the rules that concern sources of this kind."""
        for widget, kind in (
            (self.details_edit, "geoset"),
            (self.details_kind_box, "geoset"),
            (self.newest_box, "list_keys"),
        ):
            widget.setVisible(chosen == kind)
            self._form.labelForField(widget).setVisible(chosen == kind)

    def values(self) -> JsonObject:
        """The fields of the FeedSpec that were changed since ``show_spec``; what the form rounds stays exact
        otherwise.
        """
        return {name: value for name, value in self._read().items() if value != self._shown[name]}

    def _read(self) -> JsonObject:
        """The fields of the FeedSpec as the form has them."""
        return {
            "connection": self.connection_box.currentData(),
            "interval": self.interval_box.value(),
            "late_after": float(self.late_box.value()),
            "keep_gone": self.keep_box.isChecked(),
            "forget_after": float(self.forget_box.value()),
            "max_speed": self.max_speed_box.value() / KMH,
            "max_future": float(self.max_future_box.value()),
            "clock": self.clock_box.currentData(),
            "details": self.details_edit.text().strip(),
            "details_kind": self.details_kind_box.currentData(),
            "newest_last": self.newest_box.currentData(),
        }
