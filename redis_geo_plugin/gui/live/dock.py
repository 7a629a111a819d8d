"""The Live dock: the feeds and live sets with their lamps above, the chosen feed's vehicles and refused
records below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, Union

from qgis.gui import QgsDockWidget
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSplitter,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...bridge.i18n import tr
from ...bridge.plain import tool_tip
from ..icons import icon
from ..labels import Label
from ..row_menu import RowMenu
from ..wrapping import ScrolledTabs, Tall, WrapLayout, beside, room_for_headings
from .boxes import interval
from .feed_tab import FeedTab, TabTools
from .feeds_model import FEED, STATE, FeedsModel
from .set_wording import set_details_text
from .wording import details_text

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from ...bridge.features.live_set import LiveSet
    from ...bridge.features.live_sets import LiveSets
    from ...bridge.live.densities import Densities
    from ...bridge.live.fence_keeper import FenceKeeper
    from ...bridge.live.live_feed import LiveFeed
    from ...bridge.live.manager import FeedManager
    from .actions import LiveActions, OnFeed

REFRESH_MS = 1000
NAME_WIDTH = 110  # pixels
STATE_WIDTH = 120  # pixels: longer states are cut, and in the tool tip, so that the figures stay in sight


class LiveDock(QgsDockWidget):
    """Builds its content when it is first shown, and tells so."""

    first_shown = pyqtSignal()

    def __init__(
        self,
        manager: FeedManager,
        sets: LiveSets,
        fence_keeper: FenceKeeper,
        densities: Densities,
        iface: QgisInterface,
        actions: LiveActions,
        parent: Optional[QWidget] = None,
    ):
        super().__init__(tr("Live"), parent)
        self.setObjectName("redis_geo_live_dock")
        self.manager, self.sets = manager, sets
        self._fence_keeper, self._densities = fence_keeper, densities
        self._iface = iface
        self._actions = actions
        self._built = False
        self._is_set = False  # what is chosen is a live set
        self._before_set = 0  # the tab in front before one was chosen
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self.visibilityChanged.connect(self._on_visible)

    def _on_visible(self, visible: bool) -> None:
        if visible and not self._built:
            self._build()
        if self._built:
            if visible:
                self._timer.start()
                self.refresh()
            else:
                self._timer.stop()

    def _build(self) -> None:
        self._built = True
        self.model = FeedsModel(self.manager, self.sets, self)
        self.model.modelReset.connect(lambda: QTimer.singleShot(0, self._choose_some))
        self.feeds_view = self._make_feeds_view()
        self.details = Label()
        self.details.setObjectName("redis_geo_live_details")
        self.details.setWordWrap(True)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._make_tabs()
        self._lay_out()
        RowMenu(
            self.feeds_view,
            [
                self.start_button,
                self.pause_button,
                self.stop_button,
                self.settings_button,
                self.remove_button,
            ],
        )
        self.first_shown.emit()
        self._choose_some()

    def _make_tabs(self) -> None:
        from . import tabs

        tools = TabTools(self._iface, self._fence_keeper, self._densities, self._actions, self.chosen)
        self._tabs = {kind.NAME: kind(tools) for kind in tabs.TABS}
        self.tabs = ScrolledTabs()
        self.tabs.setObjectName("redis_geo_live_tabs")
        for tab in self._tabs.values():
            self.tabs.addTab(tab, tab.title())
        self.tabs.currentChanged.connect(lambda _index: self.refresh())

    def _lay_out(self) -> None:
        above = Tall()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._make_buttons())
        column.addWidget(self.feeds_view, 1)
        column.addWidget(self.details)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(above)
        splitter.addWidget(self.tabs)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([190, 460])  # room for two feeds where the buttons take two lines
        content = QWidget()
        QVBoxLayout(content).addWidget(splitter)
        content.layout().setContentsMargins(6, 6, 6, 6)
        self.setWidget(content)

    def _make_feeds_view(self) -> QTableView:
        view = QTableView()
        view.setObjectName("redis_geo_live_feeds")
        view.setModel(self.model)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setMinimumHeight(90)  # two of them
        view.setWordWrap(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(24)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        room_for_headings(header)
        header.setSectionResizeMode(FEED, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(False)
        view.selectionModel().currentRowChanged.connect(lambda *_: self.refresh())
        view.doubleClicked.connect(lambda _index: self._actions.settings(self.chosen()))
        return view

    def _fit_names(self) -> None:
        """The names take the room that the figures leave, and never less than can be read."""
        header = self.feeds_view.horizontalHeader()
        state = max(self.feeds_view.sizeHintForColumn(STATE), header.sectionSizeHint(STATE))
        header.resizeSection(STATE, min(state, STATE_WIDTH))
        figures = sum(header.sectionSize(column) for column in range(FEED + 1, self.model.columnCount()))
        header.resizeSection(FEED, max(NAME_WIDTH, self.feeds_view.viewport().width() - figures))

    def _make_buttons(self) -> WrapLayout:
        row, actions = WrapLayout(), self._actions
        self.find_button = self._button("find", tr("Find positions…"), lambda _uid: actions.find())
        self.find_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.start_button = self._button("start", tr("Start"), actions.start)
        self.pause_button = self._button("pause", tr("Pause"), actions.pause)
        self.stop_button = self._button("stop", tr("Stop"), actions.stop)
        self.settings_button = self._button("settings", tr("Settings of the feed…"), actions.settings)
        self.remove_button = self._button("remove", tr("Remove the feed and its layers"), actions.remove)
        self.features_button = self._button("features", tr("Add features…"), lambda _uid: actions.features())
        self.features_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        row.addWidget(self.find_button)
        row.addWidget(self.features_button)
        for button in (
            self.start_button,
            self.pause_button,
            self.stop_button,
            self.settings_button,
            self.remove_button,
        ):
            row.addWidget(button)
        self.interval_box = interval("redis_geo_live_interval")
        self.interval_box.setKeyboardTracking(False)
        self.interval_box.valueChanged.connect(self._on_interval)
        row.addWidget(beside(Label(tr("Every")), self.interval_box))
        return row

    def _button(self, name: str, text: str, action: OnFeed) -> QToolButton:
        """Return a button for an action on the chosen feed, which also has the icon ``name``."""
        button = QToolButton()
        button.setObjectName(f"redis_geo_live_{name}")
        button.setIcon(icon(name))
        button.setText(text)
        button.setToolTip(tool_tip(text))
        button.setAutoRaise(True)
        button.clicked.connect(lambda: action(self.chosen()))
        return button

    def chosen(self) -> Optional[str]:
        """The uid of the chosen feed."""
        if not self._built:
            return next(iter([*self.manager.feeds, *self.sets.sets]), None)
        return self.model.uid(self.feeds_view.currentIndex().row())

    def choose(self, uid: str) -> None:
        if self._built:
            row = self.model.row_of(uid)
            if row >= 0:
                self.feeds_view.selectRow(row)

    def _choose_some(self) -> None:
        if self.chosen() is None and self.model.rowCount():
            self.feeds_view.selectRow(0)
        self.refresh()

    def _on_interval(self, seconds: float) -> None:
        feed = self._shown()
        if feed is not None and feed.spec.interval != seconds:
            feed.set_interval(seconds)

    def _shown(self) -> Union[LiveFeed, LiveSet, None]:
        """The feed or the set that is chosen."""
        uid = self.chosen() or ""
        return self.manager.feeds.get(uid) or self.sets.sets.get(uid)

    def refresh(self) -> None:
        """Show the state of now; called once a second while the dock is visible."""
        if not self._built:
            return
        self.model.refresh()
        self._fit_names()
        uid = self.chosen() or ""
        positions, one_set = self.manager.feeds.get(uid), self.sets.sets.get(uid)
        feed = self._shown()
        self.feeds_view.setVisible(bool(self.manager.feeds or self.sets.sets))
        running = feed is not None and feed.running
        paused = feed is not None and feed.is_paused
        self.start_button.setEnabled(feed is not None and (not running or paused))
        self.pause_button.setEnabled(running and not paused)
        self.stop_button.setEnabled(running)
        self.settings_button.setEnabled(feed is not None)
        self.remove_button.setEnabled(feed is not None)
        self.interval_box.setEnabled(feed is not None)
        if feed is not None and not self.interval_box.hasFocus():
            self.interval_box.blockSignals(True)
            self.interval_box.setValue(feed.spec.interval)
            self.interval_box.blockSignals(False)
        text = details_text(positions) if positions is not None else ""
        self.details.setText(set_details_text(one_set) if one_set is not None else text)
        self._offer_tabs(one_set is not None)
        tab = self.tabs.currentWidget()
        if one_set is None:
            tab.show_feed(positions)
        elif tab.SHOWS_SETS:
            tab.show_set(one_set)

    def _offer_tabs(self, is_set: bool) -> None:
        """Only the tabs that say something of what is chosen; the one that was in front before a set was
        chosen comes back with a feed."""
        if is_set == self._is_set:
            return
        self._is_set = is_set
        self.tabs.blockSignals(True)
        if is_set:
            self._before_set = self.tabs.currentIndex()
        for number in range(self.tabs.count()):
            self.tabs.setTabEnabled(number, not is_set or self.tabs.widget(number).SHOWS_SETS)
        if not is_set:
            self.tabs.setCurrentIndex(self._before_set)
        elif not self.tabs.currentWidget().SHOWS_SETS:
            shown = (n for n in range(self.tabs.count()) if self.tabs.widget(n).SHOWS_SETS)
            self.tabs.setCurrentIndex(next(shown, self._before_set))
        self.tabs.blockSignals(False)

    def tab(self, name: str) -> FeedTab:
        """Return the tab of this name, once the dock was shown."""
        return self._tabs[name]

    def show_following(self, following: bool) -> None:
        """Show whether the chosen vehicle is kept in the middle of the map."""
        if self._built:
            self._tabs["vehicles"].follow_button.setChecked(following)

    def detach(self) -> None:
        """Stop timers and threads before the dock is deleted."""
        self._timer.stop()
        self.visibilityChanged.disconnect(self._on_visible)
        if self._built:
            self.model.detach()
            for tab in self._tabs.values():
                tab.close_models()
