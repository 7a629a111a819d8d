"""The limits of believable values, used both to guess what a field means and to judge records."""

from __future__ import annotations

from datetime import datetime, timezone

# Nothing was positioned by satellite before the GPS epoch; clocks that were never set say 1970.
EARLIEST = datetime(1980, 1, 6, tzinfo=timezone.utc).timestamp()
LATEST = 1e11  # seconds: the year 5138
FURTHEST_AHEAD = (
    27 * 3600.0
)  # seconds: more than any time zone and a day is no clock that is off but another thing

# ITU-R M.1371: what stands for "not available", as scaled values and as the raw integers of a message.
AIS_NO_HEADING = 511.0
AIS_NO_COURSE = 360.0
AIS_NO_SPEED_KNOTS = 102.3
AIS_NO_SPEED_RAW = 1023.0
NO_HEADING = -1.0  # phones: CLLocation.course and others write it for "invalid"


def is_place(lon: float, lat: float) -> bool:
    """Whether these are degrees of longitude and latitude (EPSG:4326)."""
    return -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0


def is_null_island(lon: float, lat: float) -> bool:
    """0/0 or -1/-1: a receiver without a fix."""
    return lon == lat and lon in (0.0, -1.0)


def is_moment(seconds: float) -> bool:
    """Whether seconds since 1970 UTC can be the time of a report. False for NaN."""
    return EARLIEST <= seconds <= LATEST
