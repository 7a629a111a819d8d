"""Names of settings (QgsSettings) that several parts of the plugin read."""

from __future__ import annotations

CACHE_ALL = "redis_geo/cache/cache_all"  # whether also what is quicker to compute than to fetch is stored
STEPS_IN_BACKGROUND = "redis_geo/steps/in_background"  # whether mirrors may run beside the window
STEPS_IN_TOOLBOX = "redis_geo/steps/in_toolbox"  # whether the toolbox shows the mirrored algorithms
