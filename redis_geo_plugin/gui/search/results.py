"""What the last searches found: in the table, over the map, as layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.core import QgsPointXY, QgsRectangle
from qgis.PyQt.QtCore import QLocale

from ...bridge.geo import measuring, requests, search_words
from ...bridge.i18n import tr
from .. import new_layers
from ..component import Context
from . import keeping
from .dock import SearchDock
from .drawing import MOST_FIGURES, MOST_POINTS, Drawing
from .model import MOST_COLUMNS
from .selecting import Selecting

if TYPE_CHECKING:
    from qgis.core import QgsVectorLayer
    from qgis.gui import QgsMapCanvas

ZOOM_MARGIN = 1.15
ONE_POINT_SCALE = 5000.0  # the map's scale after zooming to a single hit


class Results:
    """Holds the answer that is shown; a further one replaces it or is added to it."""

    def __init__(self, context: Context, dock: SearchDock, drawing: Drawing):
        self.context, self.dock, self.drawing = context, dock, drawing
        self.answer: Optional[requests.Answer] = None
        self._in_layer: Optional[requests.Answer] = None  # what a layer now shows
        self.selecting = Selecting(dock, drawing)
        dock.hovered.connect(self.flash)
        dock.zoom_wanted.connect(self.zoom)
        dock.as_layer.clicked.connect(self.keep)

    def take(self, answer: requests.Answer, add: bool) -> None:
        """Show an answer, instead of the earlier one or together with it."""
        if add and self.answer is not None and len(self.answer.hits):
            from ...core.geo.hits import together

            answer = requests.joined(
                self.answer, answer, together(self.answer.hits, answer.hits, len(self.answer.request.places))
            )
        self.answer = answer
        self.selecting.unlink()
        self.dock.show_answer(answer)
        if answer.request.live:  # the circle is already further than the answer
            self.drawing.show_hits(answer.hits)
        else:
            self.draw()
        self.dock.status.setText(summary(answer))

    @property
    def drawn(self) -> bool:
        """Whether there is an answer that stands over the map, and not in a layer."""
        return self.answer is not None and self.answer is not self._in_layer

    def draw(self) -> None:
        """Circles, areas, centre and hits over the map, in the project's CRS as it now is."""
        answer = self.answer
        if answer is None:
            return
        self.drawing.show_figures([figure.wkb for figure in answer.figures])
        if len(answer.centers) == 1:
            self.drawing.show_center(*answer.centers[0])
        else:
            self.drawing.center.hide()
        self.drawing.show_hits(answer.hits)
        self.drawing.show_chosen(self.selecting.hits())
        self.dock.allow_select(len(answer.hits) > 0)

    def clear(self) -> None:
        """Nothing was found yet: empty table, no marks on the map."""
        self.answer = self._in_layer = None
        self.selecting.unlink()
        self.dock.show_answer(None)
        self.drawing.clear()

    def flash(self, hit: int) -> None:
        if self.answer is not None and hit < len(self.answer.hits):
            self.drawing.flash(float(self.answer.hits.lon[hit]), float(self.answer.hits.lat[hit]))

    def zoom(self, chosen: list[int]) -> None:
        """Show these hits, or all of them."""
        if self.answer is None:
            return
        hits, path = self.answer.hits, measuring.project_path()
        which = chosen or range(len(hits))
        places = [path.point(float(hits.lon[i]), float(hits.lat[i])) for i in which]
        zoom_to(self.context.iface.mapCanvas(), [p for p in places if p is not None])

    def keep(self) -> None:
        """Keep what is shown as layers, built in the background."""
        answer, path = self.answer, measuring.project_path()
        if answer is None or not len(answer.hits):
            return
        self.dock.as_layer.setEnabled(False)
        self.context.tasks.start(
            tr("Making the layer {name}").format(name=answer.request.title),
            lambda task: keeping.build(answer, path, task),
            lambda made, error: self._kept(answer, made, error),
        )

    def _kept(
        self, answer: requests.Answer, made: list[QgsVectorLayer], error: Optional[BaseException]
    ) -> None:
        self.dock.as_layer.setEnabled(self.answer is not None and len(self.answer.hits) > 0)
        if made:
            before = self.context.iface.activeLayer()
            keeping.add(made, self.context.iface)
            new_layers.say_added(self.context, made, before=before, undone=lambda: self._undone(answer))
            if answer is self.answer:  # not what was searched in the meantime
                self._in_layer = answer
                self.drawing.clear()
                self.dock.allow_select(False, in_layer=True)  # QGIS's own tools select in the layer
                if made[-1].featureCount() == len(answer.hits):  # not one of two, of points and of areas
                    self.selecting.link(made[-1])
        elif error is not None:
            self.context.ui.error(tr("The layer could not be made."), str(error))

    def _undone(self, answer: requests.Answer) -> None:
        """The layers are gone again: what they showed stands over the map, if it is still the answer."""
        if answer is self.answer:
            self._in_layer = None
            self.selecting.unlink()
            self.draw()


def zoom_to(canvas: QgsMapCanvas, points: list[QgsPointXY]) -> None:
    """Show points of the canvas's CRS, all of them; a single one at a scale that shows its surroundings."""
    if not points:
        return
    extent = QgsRectangle(points[0], points[0])
    for point in points[1:]:
        extent.combineExtentWith(point.x(), point.y())
    if extent.width() == 0 and extent.height() == 0:
        canvas.setCenter(points[0])
        canvas.zoomScale(min(ONE_POINT_SCALE, canvas.scale()))
    else:
        extent.scale(ZOOM_MARGIN)
        canvas.setExtent(extent)
    canvas.refresh()


def summary(answer: requests.Answer) -> str:
    """One line: how many, how far, how long; and what the user must know about them."""
    locale, hits = QLocale(), answer.hits
    count = locale.toString(len(hits))
    of_index = answer.request.kind.of_index
    found = tr("Documents found: {count}") if of_index else tr("Members found: {count}")
    parts = [found.format(count=count)]
    if len(answer.request.places) > 1:
        parts.append(tr("centers or areas: {count}").format(count=len(answer.request.places)))
    parts.append(tr("{milliseconds} ms").format(milliseconds=locale.toString(round(answer.seconds * 1000))))
    text = " · ".join(parts)
    if len(hits) > MOST_POINTS:
        text += "\n" + tr("The map shows the first {count}; keep them as a layer to see all.").format(
            count=locale.toString(MOST_POINTS)
        )
    if len(answer.figures) > MOST_FIGURES:
        text += "\n" + tr(
            "The map shows the first areas only: {count}. Keep them as a layer to see more."
        ).format(count=locale.toString(MOST_FIGURES))
    if answer.attribute_count > MOST_COLUMNS:
        text += "\n" + tr("The table shows the first {most} of {count} attributes.").format(
            most=locale.toString(MOST_COLUMNS), count=locale.toString(answer.attribute_count)
        )
    if in_layer := search_words.too_many_attributes(answer.attribute_count):
        text += "\n" + in_layer
    return "\n".join([text, *search_words.sentences(hits.notes), *search_words.about_index(answer.found)])
