"""What this QGIS shares about its runs, by the user's settings, and recent results as layers."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any, Callable, Optional

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

_listener: Optional[Callable[[Any], Any]] = None


def chosen_author() -> str:
    """The name that was set, or ''."""
    return str(QgsSettings().value(AUTHOR, "") or "").strip()


def author() -> str:
    """The name under which runs are listed and jobs are sent: as set, else the login name."""
    return chosen_author() or login_name()


def login_name() -> str:
    """The name of who is logged in to this computer."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user on this machine
        return tr("someone")


def is_enabled() -> bool:
    """Whether runs are entered into the list that everyone sees."""
    return bool(QgsSettings().value(ENABLED, True, type=bool))


def prove_one_in() -> int:
    """One hit in so many is computed anew; 0 for none."""
    from ..core.cache.statistics import ONE_IN

    try:
        return max(0, int(QgsSettings().value(PROVE_ONE_IN, ONE_IN)))
    except (TypeError, ValueError):  # edited by hand
        return ONE_IN


def keep(author: str, enabled: bool, one_in: int) -> None:
    """Remember these settings; an empty author is the login name."""
    settings = QgsSettings()
    settings.setValue(AUTHOR, author)
    settings.setValue(ENABLED, enabled)
    settings.setValue(PROVE_ONE_IN, one_in)


def recent_run(title: str) -> Optional[RecentRun]:
    """What enters a run into the list, None where the user does not want that."""
    from ..core.cache.recents import RecentRun

    return RecentRun(author(), title) if is_enabled() else None


def tell_differences(listener: Optional[Callable[[Outcome], Any]]) -> None:
    """Whom to tell, from a thread, that cached results were found to differ; None for nobody."""
    global _listener
    _listener = listener


def proof() -> Proof:
    """What computes one hit in n anew; a difference goes to the log, and to whoever listens."""
    from ..core.cache.proof import Proof

    def told(outcome: Outcome) -> None:
        if not outcome.differed:
            return
        log.warning(
            tr("Cached results computed anew as a test: {proved}; different, and replaced: {differed} ({keys})").format(
                proved=outcome.proved,
                differed=outcome.differed,
                keys=", ".join(key.decode("utf-8", "replace") for key in outcome.keys),
            )
        )
        if _listener is not None:
            _listener(outcome)

    return Proof(prove_one_in(), told)


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
