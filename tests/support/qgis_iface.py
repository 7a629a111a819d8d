"""An ``iface`` for tests on real widgets: a QMainWindow with menus, canvas, layer tree, message bar and status bar.

pytest-qgis's stub answers what it lacks with a MagicMock, which hides mistakes; here an unknown method is an
AttributeError. Names and signatures are those of QgisInterface.
"""

from __future__ import annotations

from qgis.core import QgsApplication, QgsLayerTreeModel, QgsLocator, QgsMapLayer, QgsProject
from qgis.gui import QgsLayerTreeMapCanvasBridge, QgsLayerTreeView, QgsMapCanvas, QgsMessageBar, QgsStatusBar
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, QSize, QThreadPool, pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QMainWindow, QMenu, QToolBar, QVBoxLayout, QWidget

MENUS = (
    "project",
    "edit",
    "view",
    "layer",
    "settings",
    "plugin",
    "vector",
    "raster",
    "database",
    "web",
    "help",
)
TOOLBARS = ("plugin", "database", "vector", "selection", "attributes", "digitize", "mapNavTool")


def _forget(things, thing):
    """What was never registered is no mistake to QGIS."""
    if thing in things:
        things.remove(thing)


class RecordingMessageBar(QgsMessageBar):
    """A real message bar that also remembers what it was given, as (level, text)."""

    def __init__(self, parent):
        super().__init__(parent)
        self.messages: list[tuple[int, str]] = []
        self._shown: set[int] = set()
        self.widgetAdded.connect(self._remember)
        self.widgetRemoved.connect(lambda item: self._shown.discard(sip.unwrapinstance(item)))

    def _remember(self, item):
        """Once: what was below the message that has gone is added anew."""
        if sip.unwrapinstance(item) not in self._shown:
            self._shown.add(sip.unwrapinstance(item))
            self.messages.append((item.level(), item.text()))

    def take_messages(self, level=None):
        """The texts pushed so far (of one level), forgotten by this call."""
        taken = [text for at, text in self.messages if level is None or at == level]
        self.messages = [m for m in self.messages if level is not None and m[0] != level]
        return taken


class FakeIface(QObject):
    """QGIS's window side, real where a plugin touches it, and records of what the plugin registered."""

    currentLayerChanged = pyqtSignal(QgsMapLayer)
    projectRead = pyqtSignal()
    newProjectCreated = pyqtSignal()
    initializationCompleted = pyqtSignal()
    currentThemeChanged = pyqtSignal(str)
    layerSavedAs = pyqtSignal(object, str)

    def __init__(self):
        super().__init__()
        self.window = QMainWindow()
        self.window.setObjectName("QgisApp")
        self.window.resize(1200, 800)
        central = QWidget(self.window)
        layout = QVBoxLayout(central)
        self.bar = RecordingMessageBar(central)
        self.canvas = QgsMapCanvas(central)
        self.canvas.setObjectName("theMapCanvas")
        layout.addWidget(self.bar)
        layout.addWidget(self.canvas)
        self.window.setCentralWidget(central)
        self.menus = {name: self._menu(name) for name in MENUS}
        self.toolbars = {name: self.addToolBar(name) for name in TOOLBARS}
        self.status = QgsStatusBar(self.window)
        self.window.statusBar().addPermanentWidget(self.status, 10)
        self.locator = QgsLocator(self)
        self.tree_view = QgsLayerTreeView(self.window)
        self.tree_model = QgsLayerTreeModel(QgsProject.instance().layerTreeRoot(), self)
        self.tree_view.setModel(self.tree_model)
        self.tree_view.currentLayerChanged.connect(self.currentLayerChanged)
        self.bridge = QgsLayerTreeMapCanvasBridge(QgsProject.instance().layerTreeRoot(), self.canvas)
        self.add_ogr_layer = QAction("Add Vector Layer…", self.window)
        self.options_factories: list = []
        self.layer_config_factories: list = []
        self.project_properties_factories: list = []
        self.locator_filters: list = []
        self.drop_handlers: list = []
        self.exit_blockers: list = []
        self.main_window_actions: list = []
        self.actions_of_layers: list = []  # (action, id of the layer)
        self.layer_actions: list = []  # (action, menu, layer type)
        self.shown_options_pages: list[str] = []
        self.opened_forms: list = []
        self.log_opened = 0

    def _menu(self, name):
        menu = QMenu(name, self.window)
        menu.setObjectName(f"m{name.capitalize()}Menu")
        if name != "database":  # which QGIS keeps out of the bar while it is empty
            self.window.menuBar().addMenu(menu)
        return menu

    # The window and its places

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def mapCanvases(self):
        return [self.canvas]

    def messageBar(self):
        return self.bar

    def messageTimeout(self):
        return 5

    def statusBarIface(self):
        return self.status

    def layerTreeView(self):
        return self.tree_view

    def layerTreeCanvasBridge(self):
        return self.bridge

    def iconSize(self, dockedToolbar=False):
        return QSize(16, 16) if dockedToolbar else QSize(24, 24)

    def addToolBar(self, toolbar, area=None):
        if isinstance(toolbar, str):
            toolbar = QToolBar(toolbar, self.window)
        self.window.addToolBar(toolbar)
        return toolbar

    def addDockWidget(self, area, dock):
        self.window.addDockWidget(area, dock)
        dock.show()

    def addTabifiedDockWidget(self, area, dock, tabifyWith=(), raiseTab=False):
        self.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.window.removeDockWidget(dock)

    def databaseMenu(self):
        return self.menus["database"]

    def pluginMenu(self):
        return self.menus["plugin"]

    def vectorMenu(self):
        return self.menus["vector"]

    def actionAddOgrLayer(self):
        return self.add_ogr_layer

    def layerMenu(self):
        return self.menus["layer"]

    def helpMenu(self):
        return self.menus["help"]

    def pluginHelpMenu(self):
        return self.menus["help"]

    def databaseToolBar(self):
        return self.toolbars["database"]

    def selectionToolBar(self):
        return self.toolbars["selection"]

    def pluginToolBar(self):
        return self.toolbars["plugin"]

    def addPluginToDatabaseMenu(self, name, action):
        self.menus["database"].addAction(action)

    def removePluginDatabaseMenu(self, name, action):
        self.menus["database"].removeAction(action)

    def addDatabaseToolBarIcon(self, action):
        self.toolbars["database"].addAction(action)

    def removeDatabaseToolBarIcon(self, action):
        self.toolbars["database"].removeAction(action)

    def registerMainWindowAction(self, action, defaultShortcut):
        action.setShortcut(defaultShortcut)
        self.main_window_actions.append(action)
        return True

    def unregisterMainWindowAction(self, action):
        _forget(self.main_window_actions, action)
        return True

    # Layers

    def activeLayer(self):
        return self.tree_view.currentLayer()

    def setActiveLayer(self, layer):
        self.tree_view.setCurrentLayer(layer)
        return True

    def addVectorLayer(self, path, baseName, providerKey):
        from qgis.core import QgsVectorLayer

        return QgsProject.instance().addMapLayer(QgsVectorLayer(path, baseName, providerKey))

    def editableLayers(self, modified=False):
        return [x for x in QgsProject.instance().mapLayers().values() if getattr(x, "isEditable", bool)()]

    def newProject(self, promptToSaveFlag=False):
        QgsProject.instance().clear()
        self.newProjectCreated.emit()
        return True

    def zoomToActiveLayer(self):
        if self.activeLayer():
            self.canvas.setExtent(self.activeLayer().extent())

    def zoomFull(self):
        self.canvas.zoomToFullExtent()

    def openFeatureForm(self, layer, feature, updateFeatureOnly=False, showModal=True):
        self.opened_forms.append((layer, feature))
        return True

    def showAttributeTable(self, layer, filterExpression=""):
        return None

    def addCustomActionForLayerType(self, action, menu, layerType, allLayers):
        self.layer_actions.append((action, menu, layerType))

    def addCustomActionForLayer(self, action, layer):
        self.actions_of_layers.append((action, layer.id()))

    def removeCustomActionForLayerType(self, action):
        before = len(self.layer_actions)
        self.layer_actions = [x for x in self.layer_actions if x[0] is not action]
        self.actions_of_layers = [x for x in self.actions_of_layers if x[0] is not action]
        return len(self.layer_actions) < before

    # What plugins register

    def registerOptionsWidgetFactory(self, factory):
        self.options_factories.append(factory)

    def unregisterOptionsWidgetFactory(self, factory):
        _forget(self.options_factories, factory)

    def registerMapLayerConfigWidgetFactory(self, factory):
        self.layer_config_factories.append(factory)

    def unregisterMapLayerConfigWidgetFactory(self, factory):
        _forget(self.layer_config_factories, factory)

    def registerProjectPropertiesWidgetFactory(self, factory):
        self.project_properties_factories.append(factory)

    def unregisterProjectPropertiesWidgetFactory(self, factory):
        _forget(self.project_properties_factories, factory)

    def registerLocatorFilter(self, locator_filter):
        self.locator_filters.append(locator_filter)
        self.locator.registerFilter(locator_filter)

    def deregisterLocatorFilter(self, locator_filter):
        _forget(self.locator_filters, locator_filter)
        self.locator.deregisterFilter(locator_filter)

    def invalidateLocatorResults(self):
        pass

    def locatorSearch(self, searchText):
        self.locator.fetchResults(searchText, None)

    def registerCustomDropHandler(self, handler):
        self.drop_handlers.append(handler)

    def unregisterCustomDropHandler(self, handler):
        _forget(self.drop_handlers, handler)

    def registerApplicationExitBlocker(self, blocker):
        self.exit_blockers.append(blocker)

    def unregisterApplicationExitBlocker(self, blocker):
        _forget(self.exit_blockers, blocker)

    def showOptionsDialog(self, parent=None, currentPage=""):
        self.shown_options_pages.append(currentPage)

    def openMessageLog(self):  # newer versions also take a name of a tab
        self.log_opened += 1

    # For tests

    def registered(self):
        """Everything a plugin may forget to take back."""
        return {
            "options": len(self.options_factories),
            "layer config": len(self.layer_config_factories),
            "project properties": len(self.project_properties_factories),
            "locator": len(self.locator_filters),
            "drop": len(self.drop_handlers),
            "exit blockers": len(self.exit_blockers),
            "main window actions": len(self.main_window_actions),
            "layer actions": len(self.layer_actions),
        }

    def close(self):
        """End rendering, then delete the window."""
        self.canvas.stopRendering()
        self.canvas.setLayers([])
        QThreadPool.globalInstance().waitForDone(5000)
        QgsApplication.processEvents()
        self.tree_view.setModel(None)
        for child in (self.bridge, self.tree_model, self.locator):
            sip.delete(child)
        self.window.close()
        self.window.deleteLater()
        QgsApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
