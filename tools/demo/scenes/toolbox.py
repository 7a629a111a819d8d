"""The algorithms: a form with lists of what the server has, a purge that wants a name, and the help."""

from __future__ import annotations

from qgis.core import QgsApplication, QgsProcessingContext
from qgis.gui import QgsGui
from qgis.PyQt.QtWidgets import QDialogButtonBox

ORDER = 50


def play(stage) -> None:
    from processing.gui.AlgorithmDialog import AlgorithmDialog

    form = _form(AlgorithmDialog, "loadgeoset")
    sets = form.mainWidget().wrappers["KEY"].wrappedWidget()
    stage.wait_until(lambda: sets.findText("locations") >= 0, 30, "the list of GEO sets in the form")
    sets.setCurrentText("locations")
    stage.picture("50-load-a-layer", form)
    form.close()
    form = _form(AlgorithmDialog, "purgecache")
    spaces = form.mainWidget().wrappers["NAMESPACE"].wrappedWidget()
    stage.wait_until(lambda: spaces.findText("demo") >= 0, 30, "the list of namespaces in the form")
    stage.say(f"namespaces to choose from: {', '.join(spaces.itemText(n) for n in range(spaces.count()))}")
    algorithm = form.algorithm()
    ok, why = algorithm.checkParameterValues(form.createProcessingParameters(), QgsProcessingContext())
    if ok:
        stage.fail("untouched, the form would delete results")
    stage.say(f"run untouched, it says: {why}")
    stage.picture("51-purge", form)
    form.buttonBox().button(QDialogButtonBox.StandardButton.Help).click()
    _show_help(stage)
    form.close()
    _say_history(stage)


def _say_history(stage) -> None:
    """What the panels ran stands in the history of Processing."""
    registry = getattr(QgsGui, "historyProviderRegistry", lambda: None)()
    if registry is not None:
        runs = [str(entry.entry) for entry in registry.queryEntries()]
    else:  # before QGIS 3.24
        from processing.core.ProcessingLog import ProcessingLog

        runs = [str(entry.text) for entry in ProcessingLog.getLogEntries()]
    ours = [run for run in runs if "redisgeo:cachedbuffer" in run]
    if not ours:
        stage.fail("the buffers of the Cache panel are not in the history of Processing")
    stage.say(f"in the history of Processing: {len(ours)} buffers of the Cache panel")


def _form(dialog, name: str):
    made = dialog(QgsApplication.processingRegistry().algorithmById(f"redisgeo:{name}").create())
    made.resize(860, 560)
    made.show()
    return made


def _show_help(stage) -> None:
    from redis_geo_plugin.gui import help as help_module

    window = stage.wait_until(lambda: help_module._window, 10, "the window of the help")
    stage.wait_until(lambda: window.tree.topLevelItemCount() > 3, 20, "the contents of the help")
    if window.browser.source().fileName() != "cache.md":
        stage.fail(f"Help of the purge shows {window.browser.source().fileName()}")
    stage.picture("52-help", window)
    help_module.close_help()
