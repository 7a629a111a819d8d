"""The form of an operation: which one, on which layer, with which settings, kept where. The Cache and the
Jobs panel stand on it."""

from __future__ import annotations

from typing import Union, cast

from qgis.core import QgsMapLayerProxyModel, QgsVectorLayer
from qgis.gui import QgsCollapsibleGroupBox, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QVBoxLayout, QWidget

from ...bridge.i18n import tr
from ...bridge.operations import OFFERED, Needs, Offered
from ..component import Context
from ..icons import icon
from ..selected_only import SelectedOnly
from ..wrapping import Tall, align
from .settings import BufferChoices, IntersectionChoices
from .simple_pages import SimpleChoices, SimpleFields
from .store_fields import BufferFields, IntersectionStoreFields, StoreFields

Page = Union["BufferFields", "IntersectionStoreFields", "SimpleFields"]
Choices = Union["BufferChoices", "IntersectionChoices", "SimpleChoices"]


class OperationForm(Tall):
    """Fields and their settings of last time. A subclass puts its rows and buttons below (``column``), and
    then calls ``_follow_fields``.

    Args:
        context: That of the panel.
        prefix: What the objectNames begin with.
        dissolves: Whether a buffer may be dissolved.
    """

    def __init__(self, context: Context, prefix: str, *, dissolves: bool = True):
        super().__init__()
        self._context, self._prefix = context, prefix
        self.column = QVBoxLayout(self._place())
        self.what = self._what()
        self.column.addLayout(self.what)
        self._below: list[QFormLayout] = []  # forms of the subclass, aligned with those above
        self.buffer = BufferFields(prefix, dissolves=dissolves)
        self.intersection = IntersectionStoreFields(prefix)
        own: dict[Needs, Page] = {Needs.BUFFER: self.buffer, Needs.PAIRS: self.intersection}
        self.pages: list[Page] = [
            own.get(offered.needs) or SimpleFields(offered, prefix) for offered in OFFERED.values()
        ]
        self.simple = [page for page in self.pages if isinstance(page, SimpleFields)]
        for page in self.pages:
            self.column.addWidget(page)
        group = QgsCollapsibleGroupBox(tr("Kept in the cache"))
        group.setObjectName(f"{prefix}_store_group")
        group.setCollapsed(True)  # seldom changed, and what is below stays in sight in a low window
        self.store = StoreFields(prefix)
        QVBoxLayout(group).addWidget(self.store)
        self.column.addWidget(group)

    def _place(self) -> QWidget:
        """What holds the fields."""
        return self

    def _what(self) -> QFormLayout:
        form = QFormLayout()
        self.operation = QComboBox()
        self.operation.setObjectName(f"{self._prefix}_operation")
        for offered in OFFERED.values():
            self.operation.addItem(icon(offered.icon), offered.label(), offered.name)
        self.layer = QgsMapLayerComboBox()
        self.layer.setObjectName(f"{self._prefix}_layer")
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry)
        self.selected_only = SelectedOnly(f"{self._prefix}_selected_only", self.layer)
        form.addRow(tr("Operation"), self.operation)
        form.addRow(tr("Layer"), self.layer)
        form.addRow("", self.selected_only)
        return form

    def _follow_fields(self) -> None:
        """Show what fits the operation and the layer from now on."""
        for combo in self.findChildren(QComboBox):  # long names of layers must not make the dock wide
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(9)
        self.buffer.unit.setMinimumContentsLength(10)
        self.layer.layerChanged.connect(self._layer_changed)
        self.operation.currentIndexChanged.connect(self._operation_changed)
        layer = self._context.iface.activeLayer()
        if isinstance(layer, QgsVectorLayer):
            self.layer.setLayer(layer)
        self._operation_changed()
        self._layer_changed(cast(QgsVectorLayer, self.layer.currentLayer()))

    def close_form(self) -> None:
        """Release the layers."""
        for box in self.findChildren(SelectedOnly):
            box.close_box()

    @property
    def offered(self) -> Offered:
        """The chosen operation."""
        return OFFERED[self.operation.currentData()]

    @property
    def page(self) -> Page:
        """The fields of the chosen operation."""
        return self.pages[self.operation.currentIndex()]

    def choices(self) -> Choices:
        """All that is chosen."""
        choices = self.page.choices()
        choices.store = self.store.choices()
        return choices

    def problem(self) -> str:
        """What keeps the operation from being done, in words; empty where nothing does."""
        layer = cast(QgsVectorLayer, self.layer.currentLayer())
        if layer is None:
            return tr("Add a vector layer to the project first.")
        return self.selected_only.problem() or self.page.problem(layer) or self.store.problem()

    def _operation_changed(self, *_index: int) -> None:
        for page in self.pages:  # not a QStackedWidget: it is as tall as its tallest page
            page.setVisible(page is self.page)
        align(self.what, self.page.layout(), *self._below)

    def _layer_changed(self, layer: QgsVectorLayer) -> None:
        self.buffer.set_layer(layer)
        for page in self.simple:
            page.set_layer(layer)
