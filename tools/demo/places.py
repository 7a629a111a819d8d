"""Where the demo keeps its things. Never the user's own profile, and never a server that is not the demo's."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = Path(os.environ.get("REDIS_GEO_DEMO_DIR") or ROOT / "build" / "demo")
PICTURES = DEMO.parent
PROFILES = DEMO / "profile"  # for qgis --profiles-path
PROFILE_NAME = "demo"
PROFILE = PROFILES / "profiles" / PROFILE_NAME
SERVER = PROFILE / "redis_geo" / "server"  # where the plugin looks for the local server of this profile
RESULT = DEMO / "result.txt"
CONNECTION = "Demo"
EXTENT = (-14.0, 33.0, 44.0, 71.0)  # Europe, degrees: west, south, east, north
