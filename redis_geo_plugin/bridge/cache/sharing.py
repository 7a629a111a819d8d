"""What this QGIS shares about its runs, by the user's settings, and recent results as layers."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any, Callable, Optional

from qgis.core import (
    Qgis,
    QgsFeature,
    QgsGeometry,
    QgsSettings,
    QgsVectorLayer,
    QgsWkbTypes,
)

from .. import log
from ..compat import NULL
from ..crs import from_text
from ..i18n import tr
from ..settings import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.cache.link import Link
    from ...core.cache.proof import Proof, ProofOutcome
    from ...core.cache.recents import Recent, RecentRun
    from .attribution import Attribution

AUTHOR = "redis_geo/sharing/author"
ENABLED = "redis_geo/sharing/enabled"
PROVE_ONE_IN = "redis_geo/cache/prove_one_in"

_listener: Optional[Callable[[Any], object]] = None


def chosen_author() -> str:
    """The author name in the settings, or ''."""
    return kept(AUTHOR, "").strip()


def author() -> str:
    """The name under which runs are listed and jobs are sent: as set, else the login name."""
    return chosen_author() or login_name()


def login_name() -> str:
    """The login name of the user on this computer."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no such user on this machine
        return tr("someone")


def is_enabled() -> bool:
    """Whether runs are entered into the list that everyone sees."""
    return kept(ENABLED, True)


def prove_one_in() -> int:
    """How many hits there are for each one that is computed again; 0 for none."""
    from ...core.cache.statistics import ONE_IN

    return kept(PROVE_ONE_IN, ONE_IN, 0)


def keep(author: str, enabled: bool, one_in: int) -> None:
    """Save these settings; an empty author stands for the login name."""
    settings = QgsSettings()
    settings.setValue(AUTHOR, author)
    settings.setValue(ENABLED, enabled)
    settings.setValue(PROVE_ONE_IN, one_in)


def recent_run(title: str) -> Optional[RecentRun]:
    """What enters a run into the list, None where the user does not want that."""
    from ...core.cache.recents import RecentRun

    return RecentRun(author(), title) if is_enabled() else None


def enter_model(link: Link, title: str, namespace: str, total: int, computed: int) -> None:
    """Enter a run of a model into the list, where the user wants that. Off the main thread."""
    from ...core.cache import recents

    if is_enabled():
        program = f"QGIS {Qgis.QGIS_VERSION}, GEOS {Qgis.geosVersion()}"
        recents.enter_model(link, author(), title, namespace, total, computed, program)


def tell_differences(listener: Optional[Callable[[ProofOutcome], object]]) -> None:
    """Set the function that is called, from a thread, when cached results were found to differ; None for
    none."""
    global _listener  # noqa: PLW0603 - one of the process
    _listener = listener


def proof() -> Proof:
    """Make the proof that computes one hit in n again. A difference is logged and passed to the listener."""
    from ...core.cache.proof import Proof

    def told(outcome: ProofOutcome) -> None:
        if not outcome.differed:
            return
        log.warning(
            tr(
                "Cached results computed anew as a test: {proved}; "
                "different, and replaced: {differed} ({keys})"
            ).format(
                proved=outcome.proved,
                differed=outcome.differed,
                keys=", ".join(key.decode("utf-8", "replace") for key in outcome.keys),
            )
        )
        if _listener is not None:
            _listener(outcome)

    return Proof(prove_one_in(), told)


def layer_of(
    entry: Recent, wkbs: Sequence[Optional[bytes]], title: str, origin: Optional[Attribution] = None
) -> QgsVectorLayer:
    """The results of a run as a temporary layer, with their position in it, and the attributes of the
    features that they were made of where those were found. Main thread."""
    geometries = []
    for wkb in wkbs:
        geometry = QgsGeometry()
        if wkb is not None:
            geometry.fromWkb(wkb)
        geometries.append(geometry)
    types = {QgsWkbTypes.multiType(QgsWkbTypes.flatType(g.wkbType())) for g in geometries if not g.isEmpty()}
    kind = QgsWkbTypes.displayString(types.pop()) if len(types) == 1 else "Geometry"
    layer = QgsVectorLayer(f"{kind}?field=rank:integer", title, "memory")
    crs = from_text(str(entry.parameters.get("crs", "")))
    if crs.isValid():
        layer.setCrs(crs)
    columns = _columns(origin)
    if origin is not None and columns:
        layer.dataProvider().addAttributes([origin.fields[column] for column in columns])
        layer.updateFields()
    features = []
    for rank, geometry in enumerate(geometries):
        if geometry.isEmpty():
            continue
        if kind.startswith("Multi"):
            geometry.convertToMultiType()
        feature = QgsFeature(layer.fields())
        row = origin.rows[rank] if origin is not None else None
        feature.setAttributes([rank, *([row[c] for c in columns] if row else [NULL] * len(columns))])
        feature.setGeometry(geometry)
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


def _columns(origin: Optional[Attribution]) -> list[int]:
    """The columns of the attributes that the layer takes: one of the name of its own field it cannot."""
    if origin is None or not origin.found:
        return []
    return [column for column, one in enumerate(origin.fields) if one.name().lower() != "rank"]
