"""Packages that not every QGIS ships. The plugin loads without them; whatever needs one names it in its
error."""

from __future__ import annotations

from .redis.failures import Failure, FailureKind, StoreError

SHAPELY = "shapely"
SHAPELY_REQUIREMENT = "shapely>=2,<3"


def shapely_problem() -> str:
    """Empty where Shapely 2 can be imported, else ``shapely`` and the version found, if any."""
    try:
        import shapely
    except ImportError:
        return SHAPELY
    if hasattr(shapely, "from_wkb"):  # came with 2.0; a Debian build names its version "0+unknown"
        return ""
    return f"{SHAPELY} {getattr(shapely, '__version__', '')}".strip()


def require_shapely() -> None:
    """Raise StoreError (MISSING_PACKAGE, words that begin with ``shapely``) where Shapely 2 is missing."""
    problem = shapely_problem()
    if problem:
        raise StoreError(Failure(FailureKind.MISSING_PACKAGE, problem))
