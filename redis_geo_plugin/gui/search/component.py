"""The Search dock, its map tool and what they draw, wired to the searches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsGeometry, QgsPointXY, QgsProject
from qgis.PyQt.QtCore import QTimer

from ...bridge.geo import measuring, requests, search_words
from ...bridge.geo.announcements import NEWS
from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...bridge.tasks import watch_of
from ...bridge.words import failures
from ..component import Component, Context
from ..selected_only import nothing_selected, selected_count
from ..toolbox import history
from .dock import SearchDock

if TYPE_CHECKING:
    from qgis.core import QgsMapLayer, QgsVectorLayer
    from qgis.gui import QgsMapCanvas, QgsMapTool

    from ...bridge.geo.measuring import CrsPath
    from ...bridge.geo.requests import Answer
    from ...bridge.tasks import BackgroundTask
    from ...core.geo.measure import Ellipsoid
    from .drawing import Drawing
    from .map_tool import SearchMapTool
    from .polygon_tool import PolygonTool
    from .results import Results
    from .select_tool import SelectTool

LIVE_EVERY = 60  # ms between two searches of a drag
BUSY_AFTER = 250  # ms after which the progress bar replaces the button


class SearchComponent(Component):
    """Search on Enter, on a click on the map, or while dragging; one search runs at a time, the newest wish
    wins."""

    def __init__(self, context: Context):
        super().__init__(context)
        self.dock: Optional[SearchDock] = None
        self.tool: Optional[SearchMapTool] = None
        self.polygon_tool: Optional[PolygonTool] = None
        self.select_tool: Optional[SelectTool] = None
        self.drawing: Optional[Drawing] = None
        self.results: Optional[Results] = None
        self._task: BackgroundTask = None
        self._waiting: Optional[requests.Request] = None

    # -- coming and going ----------------------------------------------------------------------------------

    def install(self) -> None:
        """Add this part to the window."""
        self.dock = SearchDock(self.context.iface.mainWindow())
        self.dock.first_shown.connect(self._fill)
        self.context.ui.add_dock(self.dock, "search", shortcut="Ctrl+Shift+F4")
        self.pick = self.context.ui.add_action(
            "redis_geo_search_tool",
            tr("Search around a point"),
            "search_pick",
            self._pick,
            tip=tr("Click on the map to search a GEO set around the point; drag to draw the radius."),
            checkable=True,
        )

        self.context.services.search_set = self.show_set
        self.context.services.fly_to = self.fly_to
        self.context.services.search_around = self.show_around

    def show_set(self, name: str) -> None:
        """Show the dock with this set chosen."""
        self.dock.build()
        self.dock.form.sets.setEditText(name)
        self.dock.setUserVisible(True)

    def show_around(self, layer: QgsVectorLayer) -> None:
        """Show the dock, ready to search around the selected features of a layer, which becomes current."""
        self.dock.build()
        self.dock.setUserVisible(True)
        kind = self.dock.form.kind
        kind.setCurrentIndex(kind.findData("radius_features"))
        self.context.iface.setActiveLayer(layer)
        if not selected_count(layer):
            self._say(nothing_selected(layer))

    def fly_to(self, lon: float, lat: float) -> None:
        """Show a place on the map and let it flash."""
        from .results import zoom_to

        self.dock.build()
        place = measuring.project_path().point(lon, lat)
        if place is not None:
            zoom_to(self.context.iface.mapCanvas(), [place])
            self.drawing.flash(lon, lat)

    def uninstall(self) -> None:
        """Take this part out of the window again."""
        self.context.services.search_set = None
        self.context.services.fly_to = None
        self.context.services.search_around = None
        if self._task is not None:
            self._task.forget()
        self._undo.close()
        self._remove_tools()
        if self.drawing is not None:
            self.drawing.remove()
            self.drawing = None
        if self.dock is not None and self.dock.form is not None:
            self.dock.form.save()

    def _remove_tools(self) -> None:
        click, drawing = self.tool, (self.polygon_tool, self.select_tool)
        self.tool = self.polygon_tool = self.select_tool = None
        for tool in (click, *drawing):
            if tool is not None:
                self.context.iface.mapCanvas().unsetMapTool(tool)
                tool.deleteLater()
        for tool in drawing:
            if tool is not None:
                tool.remove()

    def _fill(self) -> None:
        """The dock is shown for the first time."""
        from ..first_steps.lead_on import LeadOn
        from . import index_list, sets_list
        from .drawing import Drawing
        from .meant import MeantLayer
        from .results import Results

        dock, form, canvas = self.dock, self.dock.form, self.context.iface.mapCanvas()
        self.drawing = Drawing(canvas)
        self.results = Results(self.context, dock, self.drawing)
        self.sets = sets_list.SetsList(self.context, form, self._say)
        self.index_list = index_list.IndexList(self.context, form, self._say)
        lead = LeadOn(self.context, dock, "search", lambda: self.sets.count != 0 or self.index_list.count > 0)
        self.sets.counted = self.index_list.counted = lead.look
        self._undo.callback(lead.detach)
        dock.search.clicked.connect(lambda _checked=False: self.search())
        dock.cancel.clicked.connect(self._cancel)
        dock.clear.clicked.connect(self._clear)
        form.wanted.connect(self.search)
        form.pick.toggled.connect(self._pick)
        form.figure_changed.connect(self._draw_circle)
        self._busy = QTimer(dock)
        self._busy.setSingleShot(True)
        self._busy.setInterval(BUSY_AFTER)
        self._busy.timeout.connect(lambda: dock.show_busy(True))
        self._live = QTimer(dock)
        self._live.setSingleShot(True)
        self._live.setInterval(LIVE_EVERY)
        self._live.timeout.connect(lambda: self.search(live=True))
        self._make_tools(canvas)
        self._path = measuring.project_path()
        self._listen(QgsProject.instance().crsChanged, self._crs_changed)
        self._listen(QgsProject.instance().cleared, self._project_closed)
        self._listen(NEWS.written, self.sets.written)
        meant = MeantLayer(form, self._layer)
        self._listen(self.context.iface.currentLayerChanged, meant.look)
        self._undo.callback(meant.close)
        self._listen(self.context.connections.changed, self._connection_changed)
        self.sets.refresh()

    # -- the map -------------------------------------------------------------------------------------------

    def _make_tools(self, canvas: QgsMapCanvas) -> None:
        from .map_tool import SearchMapTool
        from .polygon_tool import PolygonTool
        from .select_tool import SelectTool

        form, selecting = self.dock.form, self.results.selecting
        self.tool = SearchMapTool(canvas)
        self.tool.clicked.connect(self._clicked)
        self.tool.dragged.connect(self._dragged)
        self.tool.released.connect(self._released)
        self.tool.given_up.connect(lambda: self._pick(False))
        self.polygon_tool = PolygonTool(canvas)
        self.polygon_tool.drawn.connect(self._drawn)
        self.polygon_tool.given_up.connect(lambda: self._use(self.polygon_tool, False))
        form.draw.toggled.connect(lambda on: self._use(self.polygon_tool, on))
        self.select_tool = SelectTool(canvas)
        self.select_tool.clicked.connect(selecting.clicked)
        self.select_tool.dragged.connect(selecting.dragged)
        self.select_tool.given_up.connect(lambda: self._use(self.select_tool, False))
        self.dock.select.toggled.connect(lambda on: self._use(self.select_tool, on))
        self._listen(canvas.mapToolSet, self._tool_set)

    def _use(self, tool: QgsMapTool, on: bool) -> None:
        """Take or give back a map tool."""
        canvas = self.context.iface.mapCanvas()
        if on:
            canvas.setMapTool(tool)
        elif canvas.mapTool() is tool:
            canvas.unsetMapTool(tool)

    def _drawn(self, polygon: QgsGeometry) -> None:
        """A polygon was drawn on the map: it is searched at once."""
        from . import asking

        form, canvas = self.dock.form, self.context.iface.mapCanvas()
        place = asking.drawn_place(polygon, canvas)
        form.set_drawn(place, len(polygon.asPolygon()[0]) - 1)
        self._use(self.polygon_tool, False)
        self.search()

    def _pick(self, on: bool) -> None:
        """Take or give back the map tool."""
        self.dock.build()
        if on:
            self.dock.setUserVisible(True)
            self.dock.form.choose_around_point()
        self._use(self.tool, on)

    def _tool_set(self, new: QgsMapTool, _old: QgsMapTool = None) -> None:
        form = self.dock.form
        of_tools = ((self.pick, self.tool), (form.pick, self.tool), (form.draw, self.polygon_tool))
        for button, tool in (*of_tools, (self.dock.select, self.select_tool)):
            button.blockSignals(True)
            button.setChecked(new is not None and new is tool)
            button.blockSignals(False)

    def _clicked(self, point: QgsPointXY) -> None:
        self._set_center(point)
        self.search()

    def _dragged(self, center: QgsPointXY, cursor: QgsPointXY) -> None:
        self._set_center(center)
        self._set_radius(center, cursor)
        if self.dock.form.live.isChecked() and not self._live.isActive():
            self._live.start()

    def _released(self, center: QgsPointXY, cursor: QgsPointXY) -> None:
        self._live.stop()
        self._set_center(center)
        self._set_radius(center, cursor)
        self.search()

    def _set_center(self, point: QgsPointXY) -> None:
        self.dock.form.set_center(point.x(), point.y(), measuring.in_degrees(QgsProject.instance().crs()))
        self._draw_circle()

    def _set_radius(self, center: QgsPointXY, cursor: QgsPointXY) -> None:
        """The radius from the centre to the cursor, as the project's ruler measures it."""
        from ...core.geo import measure
        from . import asking

        start, end = asking.degrees_of(center.x(), center.y()), asking.degrees_of(cursor.x(), cursor.y())
        if start is None or end is None:
            return
        metres = measure.between(self._ellipsoid(), start, end)
        self.dock.form.set_metres(metres)

    def _ellipsoid(self) -> Optional[Ellipsoid]:
        return None if self.dock.form.on_sphere() else measuring.project_ellipsoid()

    def _draw_circle(self) -> None:
        """The circle of what is typed, before anything is searched."""
        from . import asking

        form = self.dock.form
        point, outline = form.center_point(), form.search_kind().outline
        if self.drawing is None or outline is None or not form.around_point() or point is None:
            return
        degrees = asking.degrees_of(*point)
        if degrees is None:
            return
        self.drawing.show_center(*degrees)
        figures = [outline(self._ellipsoid(), degrees, form.metres())] if form.metres() > 0 else []
        self.drawing.show_figures(figures)

    def _crs_changed(self) -> None:
        """The centre stays where it is: its coordinates, typed in the earlier CRS, are written in the new
        one."""
        self.polygon_tool.forget()  # its corners are in the earlier CRS
        earlier, self._path = self._path, measuring.project_path()
        self._move_center(earlier, self._path)
        if self.results.drawn:
            self.results.draw()
        elif self.drawing.center.isVisible():
            self._draw_circle()

    def _move_center(self, earlier: CrsPath, now: CrsPath) -> None:
        form = self.dock.form
        typed = form.center_point()
        degrees = None if typed is None else earlier.degrees(QgsPointXY(*typed))
        if degrees is None or not measuring.on_globe(degrees):
            return  # a member, or nothing that meant a place before
        place = now.point(*degrees)
        if place is None or not (math.isfinite(place.x()) and math.isfinite(place.y())):
            form.center.clear()
            self._say(tr("These coordinates lie outside of what the project's CRS can show."))
        else:
            form.set_center(place.x(), place.y(), measuring.in_degrees(now.crs))

    # -- searching -----------------------------------------------------------------------------------------

    def search(self, live: bool = False) -> None:
        """Search what the form says; while one runs, the newest wish waits for its end."""
        from . import asking

        self.dock.build()
        try:
            request = asking.request_of(self.dock.form, self.context.iface.mapCanvas(), self._layer(), live)
        except asking.CannotAsk as error:
            self._say(str(error))
            return
        if self._task is not None:
            self._waiting = request
            return
        self._start(request)

    def _layer(self) -> Optional[QgsMapLayer]:
        return self.context.iface.activeLayer()

    def _start(self, request: requests.Request) -> None:
        settings = self.context.connections.settings()
        self.dock.form.save()
        self._busy.start()
        self.dock.progress.setValue(0)
        title = tr("Searching {set}").format(set=request.key)
        self._task = self.context.tasks.start(
            title, lambda task: requests.run(request, settings, watch_of(task)), self._done
        )
        self._task.progressChanged.connect(self._progressed)

    def _progressed(self, percent: float) -> None:
        self.dock.progress.setValue(int(percent))

    def _cancel(self) -> None:
        self._waiting = None
        if self._task is not None:
            self._say(tr("Stopping…"))
            self._task.cancel()  # one that has not begun ends in here

    def _done(self, answer: Answer, error: Optional[BaseException]) -> None:
        cancelled, self._task = self._task.isCanceled(), None
        self._busy.stop()
        self.dock.show_busy(False)
        waiting, self._waiting = self._waiting, None
        if cancelled:  # before it began, on the way, or with its answer just ready
            shown = self.results.answer is not None
            self._say(tr("Stopped. The earlier results are still shown.") if shown else tr("Stopped."))
        elif error is not None:
            self._failed(error)
        else:
            self.results.take(answer, add=self.dock.form.add.isChecked() and not answer.request.live)
            again = None if answer.request.live else requests.as_parameters(answer)
            if again is not None:
                history.record(*again)
        if waiting is not None:
            self._start(waiting)

    def _failed(self, error: BaseException) -> None:
        """What went wrong, in the dock; the earlier results stay."""
        text, details = failure_text(error)
        self._say(text)
        self.dock.status.setToolTip(tool_tip(details))

    def _clear(self) -> None:
        self._say("")
        self.results.clear()

    def _project_closed(self) -> None:
        """What was searched goes with the project: its marks, its rows, and the polygon that was drawn."""
        self._waiting = None
        if self._task is not None:
            self._task.cancel()
        self.polygon_tool.forget()
        self.dock.form.set_drawn(None)
        self.dock.form.center.clear()
        self._clear()

    def _connection_changed(self) -> None:
        """What was found on the earlier connection goes, and so does what is still being searched there."""
        self._clear()
        self._waiting = None
        if self._task is not None:
            self._task.cancel()
        self.sets.refresh()
        self.index_list.forget()

    def _say(self, text: str) -> None:
        self.dock.status.setText(text)
        self.dock.status.setToolTip("")


def failure_text(error: BaseException) -> tuple[str, str]:
    """A failed search in words, and the server's own words."""
    from ...core.redis.failures import FailureKind, classify

    said = search_words.why_not(error)
    if said:
        return said, ""
    failure = classify(error)
    if failure.kind is FailureKind.OTHER:  # a query that the server does not understand: only it knows why
        return failures.with_server_words(failure), failure.words
    return failures.in_words(failure), failure.words
