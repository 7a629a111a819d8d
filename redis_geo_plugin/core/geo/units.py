"""The units of distances that Redis knows."""

from __future__ import annotations

# Metres in one, as the servers have it: 1 mi is 1609.34 m, not 1609.344. The order is that of the UNIT of
# algorithms.
UNITS = {"m": 1.0, "km": 1000.0, "mi": 1609.34, "ft": 0.3048}
