"""What this QGIS shares about its runs, by the user's settings, and recent results as layers."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Optional

from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsSettings, QgsVectorLayer, QgsWkbTypes

from . import log
from .i18n import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..core.cache.proof import Outcome, Proof
    from ..core.cache.recents import Recent, RecentRun

AUTHOR = "redis_geo/sharing/author"
ENABLED = "redis_geo/sharing/enabled"
PROVE_ONE_IN = "redis_geo/cache/prove_one_in"


def author() -> str:
    """The name under which runs are listed: as set, else the login name."""
    name = str(QgsSettings().value(AUTHOR, "") or "").strip()
    if name:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user on this machine
        return tr("someone")


def is_enabled() -> bool:
    """Whether runs are entered into the list that everyone sees."""
    return bool(QgsSettings().value(ENABLED, True, type=bool))


def recent_run(title: str) -> Optional[RecentRun]:
    """What enters a run into the list, None where the user does not want that."""
    from ..core.cache.recents import RecentRun

    return RecentRun(author(), title) if is_enabled() else None


def proof() -> Proof:
    """What computes one hit in n anew; a difference goes to the log."""
    from ..core.cache.proof import ONE_IN, Proof

    def told(outcome: Outcome) -> None:
        if outcome.differed:
            log.warning(
                tr(
                    "Cached results computed anew as a test: {proved}; different, and replaced: {differed} ({keys})"
                ).format(
                    proved=outcome.proved,
                    differed=outcome.differed,
                    keys=", ".join(key.decode("utf-8", "replace") for key in outcome.keys),
                )
            )

    return Proof(max(0, int(QgsSettings().value(PROVE_ONE_IN, ONE_IN))), told)


def layer_of(entry: Recent, wkbs: Sequence[Optional[bytes]], title: str) -> QgsVectorLayer:
    """The results of a run as a temporary layer, with their position in it. Main thread."""
    geometries = []
    for wkb in wkbs:
        geometry = QgsGeometry()
        if wkb is not None:
            geometry.fromWkb(wkb)
        geometries.append(geometry)
    types = {QgsWkbTypes.multiType(QgsWkbTypes.flatType(g.wkbType())) for g in geometries if not g.isEmpty()}
    kind = QgsWkbTypes.displayString(types.pop()) if len(types) == 1 else "Geometry"
    layer = QgsVectorLayer(f"{kind}?field=rank:integer", title, "memory")
    crs = QgsCoordinateReferenceSystem(str(entry.parameters.get("crs", "")))
    if crs.isValid():
        layer.setCrs(crs)
    features = []
    for rank, geometry in enumerate(geometries):
        if geometry.isEmpty():
            continue
        if kind.startswith("Multi"):
            geometry.convertToMultiType()
        feature = QgsFeature(layer.fields())
        feature.setAttributes([rank])
        feature.setGeometry(geometry)
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer
