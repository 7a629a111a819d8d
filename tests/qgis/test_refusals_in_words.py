"""Why a position was refused is said in the same words wherever it is said, in the user's language and never as a code."""

from __future__ import annotations

from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QWidget

from redis_geo_plugin.bridge import i18n
from redis_geo_plugin.bridge.live.words import reason_text, refused_lines
from redis_geo_plugin.core.live.records import RefusalReason
from tests.support.layers import layer_of
from tests.support.positions import position
from tests.support.told import Told

NULL_ISLAND, NO_PLACE = RefusalReason.NULL_ISLAND, RefusalReason.NO_POSITION


def run(name, **given):
    import processing  # noqa: QGS111 - exists once QGIS runs

    feedback = Told()
    processing.run(name, given, feedback=feedback)
    return [text for text in feedback.lines if text.startswith(i18n.tr("Refused ({reason}): {n}")[:6])]


def test_every_reason_has_words_of_its_own(qgis_app):
    words = [reason_text(reason) for reason in RefusalReason]
    assert len(set(words)) == len(words) and not any("_" in text for text in words)


def test_every_reason_has_french_words_of_its_own(french):
    words = {reason: reason_text(reason) for reason in RefusalReason}
    assert len(set(words.values())) == len(words) and words[NO_PLACE] == "sans position"
    assert not {reason.value for reason in RefusalReason} & set(words.values())


def test_a_log_names_the_commonest_reason_first(qgis_app):
    lines = refused_lines({NO_PLACE: 1, NULL_ISLAND: 3})
    assert lines == ["Refused (position 0/0): 3", "Refused (no position): 1"]


def test_window_and_algorithms_use_the_same_french_words(
    french, qgis_processing, live, feed, fleet, wait_until
):
    fleet.set("vehicule:zero", position(0, 0))
    wait_until(lambda: feed.status().refused == {NULL_ISLAND: 1})
    words = reason_text(NULL_ISLAND)
    line = f"Refus\u00e9s ({words})\u00a0: 1"

    assert run("redisgeo:snapshotpositions", OUTPUT="memory:") == [line]
    layer = layer_of(["POINT (0 0)", "POINT (2 48)"], "Point", crs="EPSG:4326")
    assert run("redisgeo:publishpositions", INPUT=layer, ID_FIELD="name", PREFIX="elsewhere") == [line]

    dock = live.dock
    dock._on_visible(True)
    dock.choose(feed.spec.uid)
    dock.tabs.setCurrentWidget(dock.tab("refused"))
    dock.refresh()
    box, model = dock.findChild(QWidget, "redis_geo_live_reason"), dock.tab("refused").model
    assert box.itemText(1) == f"{words} (1)"
    assert model.data(model.index(0, 1)) == words
    dock.tab("refused").layer_button.click()
    (shown,) = [one for one in QgsProject.instance().mapLayers().values() if "refus" in one.name()]
    (record,) = shown.getFeatures()
    assert words in record.attributes()
