"""Where the plugin's own Python packages stand: in the profile, and in front of Python's path once there are
any.

Loaded at the start of QGIS, so it imports next to nothing; ``installing`` puts packages there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qgis.core import QgsApplication

from ..core.optional import SHAPELY


def folder() -> Path:
    """Where the profile keeps the plugin's own Python packages."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "redis_geo" / "python"


def use_folder() -> None:
    """Add the folder to Python's path. Called when the plugin loads; does nothing without the folder."""
    path = str(folder())
    if os.path.isdir(path) and path not in sys.path:
        sys.path.insert(0, path)


def forget_folder() -> None:
    """Undo ``use_folder``."""
    path = str(folder())
    if path in sys.path:
        sys.path.remove(path)


def shapely_is_missing() -> bool:
    """Whether Shapely 2 cannot be found. Looks at the disk only: importing it takes too long for the start of
    QGIS."""
    import importlib.util
    from importlib import metadata

    if importlib.util.find_spec(SHAPELY) is None:
        return True
    try:
        return int(metadata.version(SHAPELY).split(".")[0]) < 2
    except (metadata.PackageNotFoundError, ValueError):
        return False  # found, but without a record of its version; importing it will tell
