"""Which layer a search means, and how many of its features are selected, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from qgis.core import QgsVectorLayer, QgsWkbTypes
from qgis.PyQt.QtCore import QLocale, QObject

from ...bridge.geo.kinds.kind import Where
from ...bridge.i18n import tr
from ..selected_only import SelectionWatch, selected_count
from .form import SearchForm

if TYPE_CHECKING:
    from qgis.core import QgsMapLayer

_TYPES = {
    Where.LINES: QgsWkbTypes.GeometryType.LineGeometry,
    Where.POLYGONS: QgsWkbTypes.GeometryType.PolygonGeometry,
}


class MeantLayer(QObject):
    """Keeps a line of the form up to date when the active layer or its selection changes. ``active`` returns
    the active layer."""

    def __init__(self, form: SearchForm, active: Callable[[], Optional[QgsMapLayer]]):
        super().__init__(form)
        self._form, self._active = form, active
        self._watch = SelectionWatch(self)
        self._watch.changed.connect(self._show)
        form.kind.currentIndexChanged.connect(self._show)
        self.look()

    def look(self, *_: object) -> None:
        """Another layer may be the active one."""
        self._watch.watch(self._active())

    def close(self) -> None:
        """Watch nothing any more."""
        self._watch.close()

    def _show(self, *_: object) -> None:
        self._form.meant.setText(in_words(self._form.where(), self._active()))


def in_words(where: Where, layer: Optional[QgsMapLayer]) -> str:
    """ "Parcels: 3 selected", or what is missing."""
    if not isinstance(layer, QgsVectorLayer):
        return tr("No vector layer is active in the Layers panel.")
    wanted = _TYPES.get(where)
    if wanted is not None and layer.geometryType() != wanted:
        if where is Where.LINES:
            return tr("{layer}, which holds no lines").format(layer=layer.name())
        return tr("{layer}, which holds no polygons").format(layer=layer.name())
    count = selected_count(layer)
    if not count:
        return tr("{layer}: nothing selected").format(layer=layer.name())
    return tr("{layer}: {count} selected").format(layer=layer.name(), count=QLocale().toString(count))
