"""The table of results: a model over the columns of the hits, so that 100,000 rows cost no more than ten."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QLocale, QModelIndex, Qt

from ...bridge.compat import number
from ...bridge.geo.measuring import in_degrees
from ...bridge.i18n import tr
from ...bridge.plain import MOST_IN_A_TIP, cell_text, tool_tip
from ...core.readable import spreadsheet_cell

if TYPE_CHECKING:
    from qgis.PyQt.QtCore import QObject

    from ...bridge.geo.measuring import CrsPath
    from ...bridge.geo.requests import Answer, Place
    from ...core.geo.hits import Hits
    from ...core.json_types import JsonObject

NO_INDEX = QModelIndex()
MOST_COLUMNS = 100  # attributes shown; Qt measures each column
MOST_IN_A_CELL = 500  # characters shown, and
MOST_COPIED = 32_767  # characters copied of a cell: what spreadsheets take
SORTED_BY = 200  # characters that values are sorted by


def metres_text(metres: float) -> str:
    """A distance for people: metres to a tenth below 1 km, else kilometres to the metre."""
    if math.isnan(metres):
        return ""
    locale = QLocale()
    if metres < 1000.0:
        return tr("{value} m").format(value=locale.toString(metres, "f", 1))
    return tr("{value} km").format(value=locale.toString(metres / 1000.0, "f", 3))


def bearing_text(degrees: float) -> str:
    """A bearing for people, with the point of the compass."""
    if math.isnan(degrees):
        return ""
    points = (tr("N"), tr("NE"), tr("E"), tr("SE"), tr("S"), tr("SW"), tr("W"), tr("NW"))
    return tr("{degrees}° {point}").format(
        degrees=QLocale().toString(degrees % 360.0, "f", 1),
        point=points[int((degrees + 22.5) % 360.0 // 45.0)],
    )


class ResultColumn(Enum):
    """The columns before those of the attributes."""

    MEMBER = "member"
    CENTER = "center"  # or area: the name of the feature that a row belongs to
    CENTER_ID = "center_id"
    DISTANCE = "distance"
    BEARING = "bearing"


MEASURES = (ResultColumn.DISTANCE, ResultColumn.BEARING)


class ResultsModel(QAbstractTableModel):
    """Rows of hits. ``row_hit(row)`` is the index of the hit that stands in a row.

    Distances have columns where something was measured, centres or areas where there are several.
    """

    def __init__(self, parent: Optional[QObject] = None):
        super().__init__(parent)
        self.hits: Optional[Hits] = None
        self._fixed: list[ResultColumn] = [ResultColumn.MEMBER]
        self._names: list[str] = []
        self._attributes: list[str] = []
        self._places: Sequence[Place] = ()
        self._measured = self._of_index = False
        self._order: Any = None

    def show(self, answer: Optional[Answer]) -> None:
        """Put the hits of an answer into the table (None empties it)."""
        self.beginResetModel()
        self.hits = answer.hits if answer is not None else None
        self._order = None
        self._names = answer.names if answer is not None else []
        self._attributes = answer.attributes[:MOST_COLUMNS] if answer is not None else []
        self._places = answer.request.places if answer is not None else ()
        self._measured = answer is not None and answer.measured
        self._of_index = answer is not None and answer.request.kind.of_index
        self._fixed = self._columns()
        self.endResetModel()

    def _columns(self) -> list[ResultColumn]:
        several = len(self._places) > 1
        named = several and any(place.name for place in self._places)
        numbered = several and len({place.identity for place in self._places}) > 1
        return [
            ResultColumn.MEMBER,
            *([ResultColumn.CENTER] if named else []),
            *(MEASURES if self._measured else ()),
            *([ResultColumn.CENTER_ID] if numbered else []),
        ]

    def rowCount(self, parent: QModelIndex = NO_INDEX) -> int:  # noqa: N802 - Qt's names
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: QModelIndex = NO_INDEX) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._fixed) + len(self._attributes)

    def position(self, column: ResultColumn) -> int:
        """Where a column stands; -1 where it does not."""
        return self._fixed.index(column) if column in self._fixed else -1

    def row_hit(self, row: int) -> int:
        return int(self._order[row]) if self._order is not None else row

    def rows_of(self, hits: Iterable[int]) -> list[int]:
        """The rows in which these hits stand."""
        if self._order is None:
            return sorted(hits)
        wanted = set(hits)
        return [row for row, hit in enumerate(self._order.tolist()) if hit in wanted]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:  # noqa: N802
        if orientation != Qt.Orientation.Horizontal:
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(self.heading(section))
        return None

    def heading(self, column: int) -> str:
        """The title of a column."""
        if column >= len(self._fixed):
            return self._attributes[column - len(self._fixed)]
        return {
            ResultColumn.MEMBER: tr("Key") if self._of_index else tr("Member"),
            ResultColumn.CENTER: tr("Center") if self._measured else tr("Area"),
            ResultColumn.CENTER_ID: tr("Center id") if self._measured else tr("Area id"),
            ResultColumn.DISTANCE: tr("Distance"),
            ResultColumn.BEARING: tr("Bearing"),
        }[self._fixed[column]]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(self.cell(index.row(), index.column(), MOST_IN_A_TIP + 1))
        if role == Qt.ItemDataRole.TextAlignmentRole and self._kind(index.column()) in (
            *MEASURES,
            ResultColumn.CENTER_ID,
        ):
            return number(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def _kind(self, column: int) -> Optional[ResultColumn]:
        """Which column this is; None for one of an attribute."""
        return self._fixed[column] if column < len(self._fixed) else None

    def cell(self, row: int, column: int, most: int = MOST_IN_A_CELL) -> str:
        """A cell as text, of at most ``most`` characters."""
        hit, kind = self.row_hit(row), self._kind(column)
        if kind is ResultColumn.MEMBER:
            return cell_text(self._names[hit], most)
        if kind is ResultColumn.DISTANCE:
            return metres_text(float(self.hits.distance[hit]))
        if kind is ResultColumn.BEARING:
            return bearing_text(float(self.hits.bearing[hit]))
        if kind is None:
            return cell_text(self._value(hit, self._attributes[column - len(self._fixed)]), most)
        place = self._places[int(self.hits.origin[hit])]
        return cell_text(place.name, most) if kind is ResultColumn.CENTER else str(place.identity)

    def _value(self, hit: int, name: str) -> Any:
        found: Optional[JsonObject] = self.hits.attributes[hit] if self.hits.attributes else None
        return found.get(name) if found else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; equal ones keep their order by distance."""
        if self.hits is None or column < 0 or column >= self.columnCount():
            return
        self.layoutAboutToBeChanged.emit()
        earlier, kept = self._order, self.persistentIndexList()
        hits = [int(earlier[index.row()]) if earlier is not None else index.row() for index in kept]
        sequence = self._sequence(column)
        self._order = sequence if order == Qt.SortOrder.AscendingOrder else sequence[::-1]
        if kept:  # what is selected stays selected
            row_of = {hit: row for row, hit in enumerate(self._order.tolist())}
            moved = [self.index(row_of[hit], index.column()) for hit, index in zip(hits, kept)]
            self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()

    def _sequence(self, column: int) -> Any:
        """The hits in the ascending order of a column."""
        import numpy as np

        kind, hits = self._kind(column), self.hits
        if kind is ResultColumn.DISTANCE:
            return np.argsort(hits.distance, kind="stable")
        if kind is ResultColumn.BEARING:
            return np.argsort(hits.bearing, kind="stable")
        if kind in (ResultColumn.CENTER, ResultColumn.CENTER_ID):
            places = self._places
            keys = [(p.name.casefold() if kind is ResultColumn.CENTER else "", p.identity) for p in places]
            rank = {at: place for place, at in enumerate(sorted(range(len(keys)), key=keys.__getitem__))}
            return np.argsort([rank[at] for at in hits.origin.tolist()], kind="stable")
        if kind is ResultColumn.MEMBER:
            return np.array(sorted(range(len(self._names)), key=lambda i: self._names[i].casefold()), int)
        name = self._attributes[column - len(self._fixed)]
        return np.array(sorted(range(len(self._names)), key=lambda i: _sort_key(self._value(i, name))), int)

    def as_text(self, path: CrsPath, rows: Optional[list[int]] = None) -> str:
        """Rows (all without a choice) as tab-separated text with a line of titles: what spreadsheets paste.

        The last two columns are the position in the CRS of ``path`` (see bridge.geo.measuring), the
        project's.
        """
        chosen = range(self.rowCount()) if rows is None else rows
        columns = range(self.columnCount())
        crs, digits = path.crs.authid(), 7 if in_degrees(path.crs) else 3
        titles = [*map(self.heading, columns), f"x {crs}".strip(), f"y {crs}".strip()]
        lines = ["\t".join(map(spreadsheet_cell, titles))]
        for row in chosen:
            hit = self.row_hit(row)
            point = path.point(float(self.hits.lon[hit]), float(self.hits.lat[hit]))
            place = ["", ""] if point is None else [f"{point.x():.{digits}f}", f"{point.y():.{digits}f}"]
            cells = [self._plain(row, column) for column in columns] + place
            lines.append("\t".join(map(spreadsheet_cell, cells)))
        return "\n".join(lines)

    def _plain(self, row: int, column: int) -> str:
        """Distances in metres and bearings in degrees without units, so that they stay numbers."""
        kind = self._kind(column)
        if kind in MEASURES:
            values = self.hits.distance if kind is ResultColumn.DISTANCE else self.hits.bearing
            value = float(values[self.row_hit(row)])
            return "" if math.isnan(value) else f"{value:.3f}"
        return self.cell(row, column, MOST_COPIED)


def _sort_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return 2, ""
    if isinstance(value, (int, float)):
        return 0, value
    return 1, cell_text(value, SORTED_BY).casefold()
