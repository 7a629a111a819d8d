"""The first look: the menu, panels that come to the front, and what an empty one leads to."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QLabel

from .. import places

ORDER = 3


def play(stage) -> None:
    ui = stage.plugin.context.ui
    _show_menu(stage, ui.menu)
    for dock in ui._docks:
        if not dock.isUserVisible():
            dock.toggleViewAction().trigger()
        stage.wait_until(dock.isUserVisible, 10, f"{dock.windowTitle()} in front")
        stage.wait(0.2)
    _show_without_connection(stage)


def _show_menu(stage, menu) -> None:
    """Below *Database* of the window."""
    bar = stage.window.menuBar()
    menu.popup(bar.mapToGlobal(bar.rect().bottomLeft()))
    stage.wait(0.3)
    stage.picture("01-menu", menu)
    menu.close()


def _show_without_connection(stage) -> None:
    """The Live panel of someone who has set up nothing yet."""
    from redis_geo_plugin.gui.connection_monitor import ConnectionState

    connections = stage.plugin.context.connections
    dock = stage.show_dock("redis_geo_live_dock")
    connections.activate("")
    words = stage.wait_until(lambda: dock.findChild(QLabel, "redis_geo_live_empty"), 10, "the empty panel")
    stage.wait_until(words.isVisible, 10, "what the empty panel says")
    stage.say(f"without a connection: {words.text()}")
    stage.picture("01-no-connection", dock)
    connections.activate(places.CONNECTION)
    stage.wait_until(
        lambda: connections.state is ConnectionState.CONNECTED, 20, "the connection to the embedded server"
    )
