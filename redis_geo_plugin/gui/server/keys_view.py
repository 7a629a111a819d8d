"""The lower part of the Server dock: the tree of keys, the largest families, and lifetimes, all of one
survey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from qgis.PyQt.QtCore import QModelIndex, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFontMetrics, QResizeEvent
from qgis.PyQt.QtWidgets import (
    QHeaderView,
    QScrollArea,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ...core.admin import key_families
from ...core.readable import name_on_screen, printable
from ..labels import Label, TextRow
from . import wording
from .plot import Bars

if TYPE_CHECKING:
    from ...core.admin.survey import Survey
    from ...core.admin.tree import Key, Node

PREFIX = Qt.ItemDataRole.UserRole  # the branch's prefix, or the key's name, as bytes
NAMES_WIDTH = 160  # pixels, at least
LEAVES = 30  # keys shown under one branch
_WIDEST = (
    "≈ 240 000",
    "≈ 999.9 MiB",
    "≤ 30 days",
    "stream",
)  # room of the columns after the first
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class KeysView(QTabWidget):
    """Three tabs. ``chosen`` is emitted when another branch or key is selected in any of them."""

    chosen = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("redis_geo_server_tabs")
        self._widths: dict[QTreeWidget, int] = {}  # of the names, as they were set here
        self.tree = self._table(
            "redis_geo_server_tree", [tr("Key"), tr("Keys"), tr("Size"), tr("TTL"), tr("Type")]
        )
        self.tree.setRootIsDecorated(True)
        self.biggest = self._table("redis_geo_server_biggest", [tr("Family"), tr("Keys"), tr("Size")])
        self.bars = Bars()
        self.bars.setObjectName("redis_geo_server_lifetimes")
        self.unexpiring = self._table("redis_geo_server_unexpiring", [tr("Family"), tr("Keys")])
        self.unexpiring_note = Label()
        self.unexpiring_note.setObjectName("redis_geo_server_unexpiring_note")
        self.unexpiring_note.setWordWrap(True)
        self.addTab(self.tree, tr("Keys"))
        self.addTab(self.biggest, tr("Largest"))
        self.addTab(self._lifetimes(), tr("Lifetimes"))
        self.currentChanged.connect(lambda _index: self.chosen.emit())

    def _table(self, name: str, headers: list[str]) -> QTreeWidget:
        table = QTreeWidget()
        table.setObjectName(name)
        table.setHeaderLabels(headers)
        table.setRootIsDecorated(False)
        table.setAlternatingRowColors(True)
        table.setIndentation(12)  # the names are long, the dock is narrow
        table.setUniformRowHeights(True)
        header = table.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(36)
        table.setHorizontalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)  # a double click fits the names
        for column in range(1, len(headers)):
            wide = QFontMetrics(table.font()).horizontalAdvance(_WIDEST[column - 1]) + 14
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, wide)
        table.itemSelectionChanged.connect(self.chosen)
        return table

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_names_room()

    def _give_names_room(self) -> None:
        """Wide names with two figures beside them; the others are scrolled to. A width that the user chose
        stays."""
        for table in (self.tree, self.biggest, self.unexpiring):
            header = table.header()
            if self._widths.get(table, header.sectionSize(0)) == header.sectionSize(0):
                beside = sum(header.sectionSize(column) for column in range(1, min(header.count(), 3)))
                beside += table.verticalScrollBar().sizeHint().width()
                header.resizeSection(0, max(table.width() - beside, NAMES_WIDTH))
                self._widths[table] = header.sectionSize(0)

    def _lifetimes(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        title = Label(tr("Keys by what remains of their lifetime"), bold=True)
        title.setWordWrap(True)
        layout.addWidget(title)
        layout.addWidget(self.bars)
        layout.addWidget(self.unexpiring_note)
        layout.addWidget(self.unexpiring, 1)
        self.unexpiring.setMinimumHeight(70)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        return scroll

    def selected(self) -> Optional[bytes]:
        """The selected branch (ends in ``:``) or key of the tab in front, None without one."""
        tables = (self.tree, self.biggest, self.unexpiring)
        if self.currentIndex() >= len(tables):
            return None
        table = tables[self.currentIndex()]
        items = table.selectedItems()
        value = items[0].data(0, PREFIX) if items else None
        return bytes(value) if value is not None else None

    def show_survey(self, survey: Survey) -> None:
        """Replace what is shown; open branches and the selection stay where they were."""
        self._show_tree(survey)
        self._show_biggest(survey)
        self._show_lifetimes(survey)
        self._give_names_room()
        self.chosen.emit()

    def clear_all(self) -> None:
        for table in (self.tree, self.biggest, self.unexpiring):
            table.clear()
        self.bars.show_rows([])
        self.unexpiring_note.clear()

    def _show_tree(self, survey: Survey) -> None:
        before = {_data(item) for item in _items(self.tree) if item.isExpanded()}
        selected = {_data(item) for item in self.tree.selectedItems()}
        self.tree.clear()
        self._fill(self.tree.invisibleRootItem(), survey.root, survey)
        for item in _items(self.tree):
            item.setExpanded(_data(item) in before if before else self._open_at_first(item))
            item.setSelected(_data(item) in selected)

    @staticmethod
    def _open_at_first(item: QTreeWidgetItem) -> bool:
        """The plugin's own branches are open down to the namespaces."""
        return item.font(0).bold() and any(item.child(i).font(0).bold() for i in range(item.childCount()))

    def _fill(self, parent: QTreeWidgetItem, node: Node, survey: Survey) -> None:
        """The plugin's own branches and keys, then the others."""
        prefix = len(survey.root.prefix)
        leaves = [
            (key_families.family(key.name[prefix:]) is not None, _leaf(key, node.prefix))
            for key in node.keys[:LEAVES]
        ]
        for ours in (True, False):
            for child in node.children.values():
                if child.own is ours:
                    item = self._branch(child, survey)
                    parent.addChild(item)
                    self._fill(item, child, survey)
            for mine, leaf in leaves:
                if mine is ours:
                    _bold(leaf, ours and node is survey.root)
                    parent.addChild(leaf)
        if len(node.names) + len(node.singles) > len(leaves):
            count = wording.about(node.here(survey.scale) - len(leaves), survey.complete)
            rest = TextRow([tr("… {count} more").format(count=count)])
            rest.setFlags(Qt.ItemFlag.ItemIsEnabled)
            parent.addChild(rest)

    @staticmethod
    def _branch(node: Node, survey: Survey) -> QTreeWidgetItem:
        estimate = node.estimate(survey.scale)
        memory = node.bytes(survey.scale)
        name = tr("* (many others)") if node.collapsed else printable(node.name) + ":"
        kinds = ", ".join(wording.kind(kind) for kind in node.kinds())
        item = TextRow(
            [
                name,
                wording.about(estimate, survey.complete or not any(n.names for n in node.nodes())),
                wording.about_size(memory, node.is_exact(survey.scale)) if memory else "",
                wording.longest(node.known()),
                kinds,
            ]
        )
        for column in (1, 2, 3):
            item.setTextAlignment(column, _RIGHT)
        item.setData(0, PREFIX, None if node.collapsed else node.prefix)
        item.setToolTip(0, tool_tip(name_on_screen(node.prefix)))
        item.setToolTip(3, tool_tip(wording.lifetimes_of(node.known())))
        item.setToolTip(4, tool_tip(kinds))
        _bold(item, node.own)
        return item

    def _show_biggest(self, survey: Survey) -> None:
        self.biggest.clear()
        for share in survey.biggest():
            item = TextRow(
                [
                    name_on_screen(share.name),
                    wording.about(share.keys, survey.complete or share.keys == 1),
                    wording.about_size(share.bytes, share.exact) if share.bytes else tr("unknown"),
                ]
            )
            item.setTextAlignment(1, _RIGHT)
            item.setTextAlignment(2, _RIGHT)
            item.setData(0, PREFIX, share.name)
            item.setToolTip(0, tool_tip(item.text(0)))
            self.biggest.addTopLevelItem(item)

    def _show_lifetimes(self, survey: Survey) -> None:
        rows = [
            (label, value, wording.about(value, survey.complete), False)
            for label, value in zip(wording.lifetime_classes(), survey.lifetimes)
        ]
        rows.append(
            (tr("no TTL"), survey.without_ttl, wording.about(survey.without_ttl, survey.complete), False)
        )
        self.bars.show_rows([] if "PTTL" in survey.refused else rows)
        self.unexpiring.clear()
        for node, count in survey.unexpiring:
            item = TextRow([name_on_screen(node.prefix), wording.about(count, survey.complete)])
            item.setTextAlignment(1, _RIGHT)
            item.setData(0, PREFIX, node.prefix)
            self.unexpiring.addTopLevelItem(item)
        self.unexpiring.setVisible(bool(survey.unexpiring))
        self.unexpiring_note.setText(
            tr(
                "These have no TTL although such keys should expire; they stay until someone deletes them. "
                "Select one and press “Set TTL…”."
            )
            if survey.unexpiring
            else tr("All cached results and positions that were looked at expire.")
        )  # fmt: skip


def name_of(index: QModelIndex) -> str:
    """The whole name of the branch or key of a row, as it is shown; empty where the row stands for many."""
    name = index.data(PREFIX)
    return "" if name is None else name_on_screen(bytes(name))


def _leaf(key: Key, prefix: bytes) -> QTreeWidgetItem:
    name = name_on_screen(key.name[len(prefix) :])
    memory = wording.about_size(key.size, key.exact) if key.size is not None else ""
    item = TextRow([name, "", memory, wording.ttl(key.ttl), wording.kind(key.kind)])
    for column in (2, 3):
        item.setTextAlignment(column, _RIGHT)
    item.setData(0, PREFIX, key.name)
    item.setToolTip(0, tool_tip(name_on_screen(key.name)))
    item.setToolTip(4, tool_tip(item.text(4)))
    return item


def _bold(item: QTreeWidgetItem, bold: bool) -> None:
    font = item.font(0)
    font.setBold(bold)
    item.setFont(0, font)


def _data(item: QTreeWidgetItem) -> Optional[bytes]:
    value = item.data(0, PREFIX)
    return bytes(value) if value is not None else None


def _items(table: QTreeWidget) -> list[QTreeWidgetItem]:
    """Every item, parents before their children."""
    found, waiting = [], [table.topLevelItem(i) for i in range(table.topLevelItemCount())]
    while waiting:
        item = waiting.pop()
        found.append(item)
        waiting.extend(item.child(i) for i in range(item.childCount()))
    return found
