"""Districts from Redis beside the ships, live: found, added, counted by another program, and one of them moved in QGIS."""

from __future__ import annotations

import json

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsPalLayerSettings,
    QgsRendererCategory,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
    edit,
)
from qgis.PyQt.QtGui import QColor

from . import live
from .live import _component, _look_at_the_harbour

ORDER = 23
KEYS, NAME = "district:*", "Districts"
MOVED = 0.02  # degrees to the east


def arrange(stage) -> None:
    """Where a person sits in front: the districts are there when the window opens."""
    from redis_geo_plugin.core.features.set_spec import SetSpec

    features = _component(stage).features
    if not features.sets.sets:
        one = features.add(SetSpec(name=NAME, source=KEYS))
        _style(stage, one)


def play(stage) -> None:
    component = _component(stage)
    live.arrange(stage)
    dock = stage.show_dock("redis_geo_live_dock")
    dock.features_button.click()
    dialog = component.features.dialog
    stage.wait_until(lambda: any(one.source == KEYS for one in dialog.found), 30, "proposals of features")
    row = next(row for row, one in enumerate(dialog.found) if one.source == KEYS)
    dialog.table.selectRow(row)
    dialog.form.name_edit.setText(NAME)
    stage.wait_until(dialog.add_button.isEnabled, 30, "the preview of the districts")
    stage.picture("26-add-features", dialog)
    dialog.add_button.click()
    (one,) = component.features.sets.sets.values()
    layer = _style(stage, one)
    _look_at_the_harbour(stage)
    stage.wait_until(lambda: all(f.layer.featureCount() >= 200 for f in component.manager.feeds.values()), 30,
                     "the vessels")  # fmt: skip
    counts = stage.wait_until(lambda: _counts(layer, any), 30, "vessels counted in the districts")
    stage.wait_until(lambda: _counts(layer, any) != counts, 90, "another count of vessels")
    dock.choose(one.spec.uid)
    dock.refresh()
    stage.say(f"{layer.featureCount()} districts, vessels: {_counts(layer, any)}")
    stage.picture("27-districts-live")
    _move(stage, layer)
    _settings(stage, component, one)


def _style(stage, one) -> QgsVectorLayer:
    stage.wait_until(lambda: "polygons" in one.layers and one.layers["polygons"].featureCount() >= 8, 30,
                     "the districts")  # fmt: skip
    layer = one.layers["polygons"]
    colors = {"busy": "#e0702060", "quiet": "#3070b040"}
    layer.setRenderer(QgsCategorizedSymbolRenderer("state", [
        QgsRendererCategory(state, _fill(color), state) for state, color in colors.items()]))  # fmt: skip
    labels = QgsPalLayerSettings()
    labels.fieldName, labels.isExpression = '"name" || \'\\n\' || "vessels"', True
    layer.setLabeling(QgsVectorLayerSimpleLabeling(labels))
    layer.setLabelsEnabled(True)
    layer.triggerRepaint()
    return layer


def _fill(color: str) -> QgsFillSymbol:
    symbol = QgsFillSymbol.createSimple({"outline_color": color[:7], "outline_width": "0.4"})
    filled = QColor(color[:7])
    filled.setAlpha(int(color[7:], 16))
    symbol.setColor(filled)
    return symbol


def _counts(layer, has_some) -> dict[str, int]:
    """The vessels in each district; nothing where there are none."""
    found = {row["name"]: row["vessels"] for row in layer.getFeatures()}
    return found if has_some(found.values()) else {}


def _move(stage, layer) -> None:
    """One district is moved on the map, and written into Redis when it is saved."""
    key = b"district:lower-bay"
    server = _server(stage)
    before = json.loads(server.bulk.get(key))["geometry"]
    stage.iface.setActiveLayer(layer)
    edits = next(c for c in stage.plugin.components if type(c).__name__ == "FeatureEditsComponent")
    edits.toggle()
    row = next(row for row in layer.getFeatures() if row["redis_id"] == "lower-bay")
    moved = row.geometry()
    moved.translate(MOVED, 0.0)
    with edit(layer):
        layer.changeGeometry(row.id(), moved)
    stage.wait_until(
        lambda: json.loads(server.bulk.get(key))["geometry"] != before, 20, "the moved district in Redis"
    )
    stage.wait_until(lambda: not any(edits._waiting.values()), 20, "the write to end")
    moved.translate(-MOVED, 0.0)
    with edit(layer):
        layer.changeGeometry(row.id(), moved)
    stage.wait_until(
        lambda: json.loads(server.bulk.get(key))["geometry"] == before, 20, "the district to be back"
    )
    stage.wait_until(lambda: not any(edits._waiting.values()), 20, "the write to end")
    edits.toggle()
    stage.say("a district that was moved in QGIS is there in Redis, and back")
    server.close()


def _server(stage):
    from redis_geo_plugin.core.redis.server import Server

    return Server(stage.plugin.context.connections.settings())


def _settings(stage, component, one) -> None:
    """What may be set of a set that is on the map."""
    component.settings(one.spec.uid)
    dialog = component.features.dialog
    stage.wait_until(lambda: "8" in dialog.form.preview_label.text(), 20, "the preview of the settings")
    stage.picture("28-set-settings", dialog)
    dialog.reject()
    stage.wait_until(lambda: component.features.dialog is None, 10, "the settings to close")
