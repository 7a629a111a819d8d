"""The form of a live set, with a preview of what it makes of some keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsCoordinateReferenceSystem
from qgis.gui import QgsProjectionSelectionWidget
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

from ...bridge import crs
from ...bridge.features import words
from ...bridge.geo.search_words import why_no_index
from ...bridge.i18n import tr
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ..labels import Label
from .boxes import choice, interval, select
from .wording import amount

if TYPE_CHECKING:
    from ...bridge.tasks import BackgroundTask, TaskKeeper
    from ...core.features.reading import FeatureSet
    from ...core.features.set_spec import SetSpec
    from ...core.redis.settings import ConnectionSettings

TYPING_MS = 500  # after the last key, the preview is read


class SetForm(QWidget):
    """``judged(bool)`` after each change: whether features were found by what the form says now.

    ``settings`` (None: no connection) are those the preview is read with.
    """

    judged = pyqtSignal(bool)

    def __init__(
        self, tasks: TaskKeeper, settings: Optional[ConnectionSettings], parent: Optional[QWidget] = None
    ):
        super().__init__(parent)
        self._tasks, self._settings = tasks, settings
        self._previewing: Optional[BackgroundTask] = None
        self._spec: Optional[SetSpec] = None  # that it was given
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._preview)
        self._build()

    def _build(self) -> None:
        from ...core.features.formats import FORMATS

        self.name_edit = self._edit("redis_geo_set_name", tr("As the keys"))
        self.source_edit = self._edit("redis_geo_set_keys", tr("zone:*, one key, or the name of an index"))
        self.geometry_edit = self._edit("redis_geo_set_geometry", tr("found by itself"))
        self.id_edit = self._edit("redis_geo_set_id", tr("its own id, else what changes in the key"))
        titles = zip(["", *(one.NAME for one in FORMATS)], words.format_titles())
        self.format_box = choice("redis_geo_set_format", titles)
        self.format_box.currentIndexChanged.connect(lambda _index: self._on_edited())
        self.crs_box = QgsProjectionSelectionWidget()
        self.crs_box.setObjectName("redis_geo_set_crs")
        self.crs_box.setOptionVisible(QgsProjectionSelectionWidget.CrsOption.CrsNotSet, True)
        self.crs_box.setCrs(QgsCoordinateReferenceSystem())
        self.crs_box.crsChanged.connect(self._on_crs)
        self._crs_chosen = False  # since a set was shown
        self.interval_box = interval("redis_geo_set_interval")
        self.interval_box.setValue(2.0)
        self.preview_label = Label()
        self.preview_label.setObjectName("redis_geo_set_preview")
        self.preview_label.setWordWrap(True)
        self.preview_label.setMinimumHeight(90)
        form = QFormLayout()
        form.addRow(Label(tr("Keys")), self.source_edit)
        form.addRow(Label(tr("Name")), self.name_edit)
        form.addRow(Label(tr("Format")), self.format_box)
        form.addRow(Label(tr("Field of the geometry")), self.geometry_edit)
        form.addRow(Label(tr("Field of the id")), self.id_edit)
        form.addRow(Label(tr("CRS of values that name none")), self.crs_box)
        form.addRow(Label(tr("Every")), self.interval_box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(form)
        layout.addWidget(self.preview_label)

    def _edit(self, name: str, empty: str) -> QLineEdit:
        edit = QLineEdit()
        edit.setObjectName(name)
        edit.setPlaceholderText(empty)
        if name != "redis_geo_set_name":
            edit.textChanged.connect(lambda _text: self._on_edited())
        return edit

    def show_keys(self, source: str, geometry_field: str = "") -> None:
        """Say other keys, or an index, whose format and ids are found by themselves."""
        select(self.format_box, "")
        self.geometry_edit.setText(geometry_field)
        self.id_edit.clear()
        self.source_edit.setText(source)

    def show_spec(self, spec: SetSpec) -> None:
        """Say what a set says that is there already: of its keys it stays."""
        self._spec = spec
        self.source_edit.setText(spec.source)
        self.source_edit.setReadOnly(True)
        self.source_edit.setFrame(False)
        self.name_edit.setFocus()
        self.name_edit.setText(spec.name)
        select(self.format_box, spec.format)
        self.geometry_edit.setText(spec.geometry_field)
        self.id_edit.setText(spec.id_field)
        known = crs.from_text(spec.crs) if spec.crs else QgsCoordinateReferenceSystem()
        self.crs_box.setCrs(known)
        self._crs_chosen = False
        self.interval_box.setValue(spec.interval)

    def spec(self, connection: str = "") -> SetSpec:
        """The set as the form says it; a new one has this connection."""
        from ...core.features.set_spec import SetSpec
        from ...core.live.key_patterns import readable_name

        before = self._spec or SetSpec(connection=connection)
        source = self.source_edit.text().strip()
        given = self.interval_box.value()
        lowest = max(before.interval, self.interval_box.minimum())  # what the box makes of it
        return before.changed(
            name=self.name_edit.text().strip() or readable_name(source),
            source=source,
            format=before.format if self.format_box.currentIndex() < 0 else self.format_box.currentData(),
            geometry_field=self.geometry_edit.text().strip(),
            crs=self._crs(before.crs),
            id_field=self.id_edit.text().strip(),
            interval=before.interval if given == lowest else given,
        )

    def _crs(self, before: str) -> str:
        """The chosen CRS as text, that of before where it is the same, or unknown to QGIS and none was chosen
        since."""
        chosen = self.crs_box.crs()
        if not chosen.isValid():
            return "" if self._crs_chosen or crs.from_text(before).isValid() else before
        return before if before and crs.from_text(before) == chosen else crs.pyproj_text(chosen)

    # --- the preview ----------------------------------------------------------------------------------------

    def _on_crs(self, _crs: QgsCoordinateReferenceSystem) -> None:
        self._crs_chosen = True
        self._on_edited()

    def _on_edited(self) -> None:
        self.judged.emit(False)
        self._typing.start()

    def _preview(self) -> None:
        """Read some of the features that the form says."""
        if self._previewing is not None:
            self._previewing.forget()
            self._previewing = None
        settings, spec = self._settings, self.spec()
        if not spec.source or settings is None:
            self.preview_label.setText("")
            return

        def read_preview(task: BackgroundTask) -> FeatureSet:
            from ...core.features.finding import look_at
            from ...core.redis.server import open_server

            return look_at(open_server(settings), spec.request, watch_of(task))

        self.preview_label.setText(tr("Looking at what stands in Redis…"))
        self._previewing = self._tasks.start(tr("Looking at features"), read_preview, self._on_previewed)

    def _on_previewed(self, found: Optional[FeatureSet], error: Optional[BaseException]) -> None:
        self._previewing = None
        if error is not None or found is None:
            self.preview_label.setText(problem_text(error))
            return
        from ...core.features.finding import kinds_of

        lines = [tr("Nothing stands there.")]
        if found.features:
            fields = ", ".join(one.field for one in found.schema.fields()) or "–"
            kinds = words.kinds_text(kinds_of(found.features))
            text = tr("Of {n} keys that were looked at: {kinds}. Attributes: {fields}")
            lines = [text.format(n=amount(found.keys), kinds=kinds, fields=fields)]
        if found.refusals.total:
            lines = lines if found.features else []
            lines += words.refused_lines(found.refusals.reasons)
        self.preview_label.setText("\n".join(lines))
        self.judged.emit(bool(found.features))

    def stop(self) -> None:
        """Read no preview any more."""
        self._typing.stop()
        if self._previewing is not None:
            self._previewing.forget()
            self._previewing = None


def problem_text(error: Any) -> str:
    """Why nothing was read, in words."""
    if error is None:
        return tr("Cancelled.")
    from ...core.features.indexes import IndexProblem
    from ...core.redis.failures import classify

    if isinstance(error, IndexProblem):
        return why_no_index(error)
    return failures.with_server_words(classify(error))
