"""The provider ``redisgeocache``: what it mirrors is what QGIS has, and stays so."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterDefinition,
    QgsSettings,
)
from qgis.PyQt.QtGui import QIcon

from redis_geo_plugin.bridge.settings import STEPS_IN_TOOLBOX
from redis_geo_plugin.bridge.steps import mirrored

OURS = ["NAMESPACE", "TTL", "CONNECTION"]
OUR_OUTPUTS = ["HITS", "MISSES", "STEPS_KEPT", "STEPS_RUN", "SPARED_SECONDS", "REPORT"]
HIDDEN = QgsProcessingAlgorithm.Flag.FlagHideFromToolbox
IN_PLACE = QgsProcessingAlgorithm.Flag.FlagSupportsInPlaceEdits
KNOWN_UNCLONABLE = {"qgis:heatmapkerneldensityestimation"}


def originals():
    registry = QgsApplication.processingRegistry()
    return [one for name in mirrored.MIRRORED for one in registry.providerById(name).algorithms()]


def definition(parameter):
    kept = {key: value for key, value in parameter.toVariantMap().items() if key != "metadata"}
    return type(parameter), kept, parameter.help(), comparable(parameter.metadata())


def comparable(value):
    """Copies of an icon are other objects."""
    if isinstance(value, dict):
        return {key: comparable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [comparable(one) for one in value]
    return value.cacheKey() if isinstance(value, QIcon) else value


def outputs(algorithm, without=()):
    return [
        (
            type(one),
            one.name(),
            one.description(),
            one.dataType() if isinstance(one, QgsProcessingOutputVectorLayer) else None,
        )
        for one in sorted(algorithm.outputDefinitions(), key=lambda one: one.name())
        if one.name() not in without
    ]


def test_each_mirror_has_the_definition_of_its_original(mirrors):
    compared = 0
    for original in originals():
        mirror = mirrors.algorithm(mirrored.mirror_name(original.id()))
        if mirror is None:
            continue
        compared += 1
        theirs, mine = original.parameterDefinitions(), mirror.parameterDefinitions()
        assert [one.name() for one in mine] == [one.name() for one in theirs] + OURS, original.id()
        for one, other in zip(theirs, mine):
            assert definition(one) == definition(other), f"{original.id()} {one.name()}"
        have = {one.name() for one in original.outputDefinitions()}
        assert outputs(mirror, set(OUR_OUTPUTS) - have) == outputs(original), original.id()
        assert {one.name() for one in mirror.outputDefinitions()} >= set(OUR_OUTPUTS), original.id()
        assert mirror.flags() & ~HIDDEN == original.flags() & ~HIDDEN & ~IN_PLACE, original.id()
        assert original.displayName() in mirror.displayName(), original.id()
        assert mirror.groupId() == original.groupId() and mirror.shortHelpString(), original.id()
    assert compared > 150


def test_whatever_takes_and_gives_layers_of_features_is_mirrored(mirrors):
    """What is left out is hidden from models, takes no layer, gives none, or cannot be cloned."""
    left_out = {one.id() for one in originals() if mirrors.algorithm(mirrored.mirror_name(one.id())) is None}
    for name in ("native:buffer", "native:intersection", "native:union", "native:dissolve"):
        assert name not in left_out
    for one in originals():
        if one.id() in left_out and mirrored.can_be_copied(one):
            assert not mirrored.is_mirrored(one), one.id()
    assert {one.id() for one in originals() if not mirrored.can_be_copied(one)} <= KNOWN_UNCLONABLE
    assert "native:slope" in left_out, "a raster comes out of it"


def test_ours_are_optional_and_folded_away(mirrors):
    flags = QgsProcessingParameterDefinition.Flag
    for name in OURS:
        found = mirrors.algorithm("buffer").parameterDefinition(name)
        assert found.flags() & flags.FlagOptional and found.flags() & flags.FlagAdvanced and found.help()


@pytest.mark.parametrize("shown", [False, True])
def test_the_toolbox_shows_them_only_where_the_option_says_so(mirrors, shown):
    QgsSettings().setValue(STEPS_IN_TOOLBOX, shown)
    mirrors.refreshAlgorithms()
    hidden = [bool(one.flags() & HIDDEN) for one in mirrors.algorithms()]
    native = QgsApplication.processingRegistry().algorithmById("native:filter")
    assert native is None or mirrors.algorithm("filter") is None
    assert set(hidden) == {not shown}
