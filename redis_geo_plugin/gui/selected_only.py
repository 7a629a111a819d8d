"""The box "Selected features only", which follows the selection of a layer."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Optional, cast

from qgis.core import QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QLocale, QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QCheckBox

from ..bridge.i18n import tr

if TYPE_CHECKING:
    from qgis.core import QgsMapLayer


def selected_count(layer: Optional[QgsMapLayer]) -> int:
    """Count the selected features of a layer; 0 for other layers than vector layers."""
    return layer.selectedFeatureCount() if isinstance(layer, QgsVectorLayer) else 0


def nothing_selected(layer: QgsVectorLayer) -> str:
    """What is said where the selected features are wanted and there are none."""
    return tr("No feature of {layer} is selected. Select the features first, then try again.").format(
        layer=layer.name()
    )


class SelectionWatch(QObject):
    """Emits ``changed`` when another layer is watched, and when the selection of the watched one changes."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self._layer: Optional[QgsVectorLayer] = None

    def watch(self, layer: Optional[QgsMapLayer]) -> None:
        """Watch this layer; None or another kind of layer ends it."""
        earlier, self._layer = self._layer, layer if isinstance(layer, QgsVectorLayer) else None
        if earlier is not None:
            with suppress(RuntimeError, TypeError):  # the layer was deleted in the meantime
                earlier.selectionChanged.disconnect(self._selection_changed)
        if self._layer is not None:
            self._layer.selectionChanged.connect(self._selection_changed)
        self.changed.emit()

    def close(self) -> None:
        """Watch nothing any more, and say nothing of it."""
        self.blockSignals(True)
        self.watch(None)

    def _selection_changed(self, *_ids: object) -> None:
        self.changed.emit()


class SelectedOnly(QCheckBox):
    """Checked when features come to be selected, greyed while none is; in between the user's to change.

    It follows the layer of a combo box. ``close_box`` ends that.
    """

    def __init__(self, name: str, layers: QgsMapLayerComboBox):
        super().__init__()
        self.setObjectName(name)
        self._layers = layers
        self._count = 0
        self._watch = SelectionWatch(self)
        self._watch.changed.connect(self._show)
        layers.layerChanged.connect(self._layer_changed)
        self._layer_changed(layers.currentLayer())

    def close_box(self) -> None:
        """Release the layer."""
        self._watch.close()

    def problem(self) -> str:
        """Describe the problem where the box is checked and nothing is selected; else empty."""
        layer = cast(QgsVectorLayer, self._layers.currentLayer())
        return nothing_selected(layer) if self.isChecked() and not selected_count(layer) else ""

    def _layer_changed(self, layer: QgsMapLayer) -> None:
        self._count = 0
        self.setChecked(False)
        self._watch.watch(layer)

    def _show(self) -> None:
        before, self._count = self._count, selected_count(self._layers.currentLayer())
        self.setText(tr("Selected features only ({count})").format(count=QLocale().toString(self._count)))
        self.setEnabled(self._count > 0)
        if not self._count or not before:
            self.setChecked(self._count > 0)
