"""The table of results: a model over the columns of the hits, so that 100,000 rows cost no more than ten."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import QAbstractTableModel, QLocale, QModelIndex, Qt

from ...bridge.compat import number
from ...bridge.geo.measuring import in_degrees
from ...bridge.i18n import tr

NO_INDEX = QModelIndex()


def metres_text(metres: float) -> str:
    """A distance for people: metres to a tenth below 1 km, else kilometres to the metre."""
    if metres != metres:
        return ""
    locale = QLocale()
    if metres < 1000.0:
        return tr("{value} m").format(value=locale.toString(metres, "f", 1))
    return tr("{value} km").format(value=locale.toString(metres / 1000.0, "f", 3))


def bearing_text(degrees: float) -> str:
    """A bearing for people, with the point of the compass."""
    if degrees != degrees:
        return ""
    points = (tr("N"), tr("NE"), tr("E"), tr("SE"), tr("S"), tr("SW"), tr("W"), tr("NW"))
    return tr("{degrees}° {point}").format(
        degrees=QLocale().toString(degrees % 360.0, "f", 1), point=points[int((degrees + 22.5) % 360.0 // 45.0)]
    )


class ResultsModel(QAbstractTableModel):
    """Rows of hits. ``row_hit(row)`` is the index of the hit that stands in a row."""

    MEMBER, DISTANCE, BEARING = range(3)

    def __init__(self, parent: Any = None):
        super().__init__(parent)
        self.hits: Any = None
        self._names: list[str] = []
        self._attributes: list[str] = []
        self._order: Any = None

    def show(self, answer: Any) -> None:
        """Put the hits of an answer into the table (None empties it)."""
        self.beginResetModel()
        self.hits = answer.hits if answer is not None else None
        self._order = None
        self._names = answer.names if answer is not None else []
        self._attributes = answer.attributes if answer is not None else []
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = NO_INDEX) -> int:  # noqa: N802 - Qt's names
        return 0 if parent.isValid() else len(self._names)

    def columnCount(self, parent: QModelIndex = NO_INDEX) -> int:  # noqa: N802
        return 0 if parent.isValid() else 3 + len(self._attributes)

    def row_hit(self, row: int) -> int:
        return int(self._order[row]) if self._order is not None else row

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        if orientation != Qt.Orientation.Horizontal:
            return str(section + 1) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heading(section)
        return None

    def heading(self, column: int) -> str:
        """The title of a column."""
        fixed = (tr("Member"), tr("Distance"), tr("Bearing"))
        return fixed[column] if column < 3 else self._attributes[column - 3]

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.cell(index.row(), index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (self.DISTANCE, self.BEARING):
            return number(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def cell(self, row: int, column: int) -> str:
        """A cell as text."""
        hit = self.row_hit(row)
        if column == self.MEMBER:
            return self._names[hit]
        if column == self.DISTANCE:
            return metres_text(float(self.hits.distance[hit]))
        if column == self.BEARING:
            return bearing_text(float(self.hits.bearing[hit]))
        value = self._value(hit, self._attributes[column - 3])
        return "" if value is None else str(value)

    def _value(self, hit: int, name: str) -> Any:
        found: Optional[dict] = self.hits.attributes[hit] if self.hits.attributes else None
        return found.get(name) if found else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; equal ones keep their order by distance."""
        import numpy as np

        if self.hits is None or column < 0 or column >= self.columnCount():
            return
        self.layoutAboutToBeChanged.emit()
        if column == self.MEMBER:
            ranked = sorted(range(len(self._names)), key=lambda i: self._names[i].casefold())
            sequence = np.array(ranked, int)
        elif column in (self.DISTANCE, self.BEARING):
            values = self.hits.distance if column == self.DISTANCE else self.hits.bearing
            sequence = np.argsort(values, kind="stable")
        else:
            name = self._attributes[column - 3]
            ranked = sorted(range(len(self._names)), key=lambda i: _sort_key(self._value(i, name)))
            sequence = np.array(ranked, int)
        self._order = sequence if order == Qt.SortOrder.AscendingOrder else sequence[::-1]
        self.layoutChanged.emit()

    def as_text(self, path: Any, rows: Optional[list[int]] = None) -> str:
        """Rows (all without a choice) as tab-separated text with a line of titles: what spreadsheets paste.

        The last two columns are the position in the CRS of ``path`` (see bridge.geo.measuring), the project's.
        """
        chosen = range(self.rowCount()) if rows is None else rows
        columns = range(self.columnCount())
        crs, digits = path.crs.authid(), 7 if in_degrees(path.crs) else 3
        lines = ["\t".join([*map(self.heading, columns), f"x {crs}".strip(), f"y {crs}".strip()])]
        for row in chosen:
            hit = self.row_hit(row)
            point = path.point(float(self.hits.lon[hit]), float(self.hits.lat[hit]))
            place = ["", ""] if point is None else [f"{point.x():.{digits}f}", f"{point.y():.{digits}f}"]
            cells = [self._plain(row, column) for column in columns] + place
            lines.append("\t".join(_one_line(cell) for cell in cells))
        return "\n".join(lines)

    def _plain(self, row: int, column: int) -> str:
        """Distances in metres and bearings in degrees without units, so that they stay numbers."""
        if column in (self.DISTANCE, self.BEARING):
            values = self.hits.distance if column == self.DISTANCE else self.hits.bearing
            value = float(values[self.row_hit(row)])
            return "" if value != value else f"{value:.3f}"
        return self.cell(row, column)


def _sort_key(value: Any) -> tuple[int, Any]:
    if value is None:
        return 2, ""
    if isinstance(value, (int, float)):
        return 0, value
    return 1, str(value).casefold()


def _one_line(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")
