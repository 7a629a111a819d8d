"""Motion from one fix to the next: speed, heading, and impossible speeds, on the WGS84 ellipsoid.

Distances and azimuths follow Karney (2013), as implemented by PROJ's geodesic routines. The short ways of
vehicles between two reports are measured with the radii of curvature halfway, which is the same to less than
a millimetre and takes a fifth of the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..geometry.arrays import Array
from .fleet import NAN, Fixes, bits_of
from .records import Fix

if TYPE_CHECKING:
    from ..geometry.projections import Geod

# no degree of the WGS84 ellipsoid is longer (111.694 km, of latitude at a pole)
METRES_PER_DEGREE = 111_700.0
SPEED_BIT, HEADING_BIT = bits_of("speed"), bits_of("heading")
STANDING = 3.0  # metres: below this, a change of position is noise and has no direction
SEMI_MAJOR, FLATTENING = 6_378_137.0, 1.0 / 298.257223563  # of the WGS84 ellipsoid; metres
SHORT, TOO_FAR_NORTH = 0.02, 75.0  # degrees: how long (2 km), and where, a way is measured by its middle


def too_fast(previous: Fix, fix: Fix, max_speed: float) -> bool:
    """Tell whether the way between two fixes needs more than ``max_speed`` (m/s).

    Reports less than a second apart count as a second: clocks are coarse.
    """
    west_east = abs(fix.lon - previous.lon)
    if west_east > 180.0:
        west_east = 360.0 - west_east
    seconds = fix.time - previous.time
    reach = max_speed * (seconds if seconds > 1.0 else 1.0)
    if (west_east + abs(fix.lat - previous.lat)) * METRES_PER_DEGREE <= reach:
        return False
    _, _, metres = geod().inv(previous.lon, previous.lat, fix.lon, fix.lat)
    return bool(metres > reach)


def surely_within(before: Fixes, fixes: Fixes, max_speed: float) -> Array:
    """Return where the distance to these fixes is certainly short enough (n booleans); see ``too_fast``."""
    west_east = np.abs(fixes.lon - before.lon)
    west_east = np.minimum(west_east, 360.0 - west_east)
    reach = max_speed * np.maximum(fixes.time - before.time, 1.0)
    within: Array = (west_east + np.abs(fixes.lat - before.lat)) * METRES_PER_DEGREE <= reach
    return within


def derive(pairs: list[tuple[Fix, Fix]]) -> None:
    """Fill in the speed (m/s) and heading (degrees from north) that the second fix of each pair lacks.

    They are computed from the first fix and marked in ``derived``. Standing still keeps the heading it had.
    Pairs of one vehicle stand in the order of its way.
    """
    if not pairs:
        return
    ways = [np.array([[one.lon, one.lat, one.time] for one in ends]).T for ends in zip(*pairs)]
    speeds, headings = (found.tolist() for found in _along(*ways))
    for (previous, fix), speed, heading in zip(pairs, speeds, headings):
        names = fix.derived or ""
        if fix.speed is None and speed == speed:
            fix.speed = speed
            names += " speed"
        if fix.heading is None:
            kept = previous.heading if previous.derived and "heading" in previous.derived else None
            fix.heading = heading if heading == heading else kept
            names += " heading" if fix.heading is not None else ""
        fix.derived = names.strip() or None


def derive_all(before: Fixes, fixes: Fixes, known: Array) -> None:
    """``derive`` for those of the fixes that have one before (``known``: n booleans)."""
    places = (known & (np.isnan(fixes.speed) | np.isnan(fixes.heading))).nonzero()[0]
    if not len(places):
        return
    ways = [np.array([f.lon[places], f.lat[places], f.time[places]]) for f in (before, fixes)]
    speeds, headings = _along(*ways)
    kept = np.where(before.derived[places] & HEADING_BIT, before.heading[places], NAN)
    headings = np.where(np.isnan(headings), kept, headings)
    for column, found, bit in ((fixes.speed, speeds, SPEED_BIT), (fixes.heading, headings, HEADING_BIT)):
        lacks = np.isnan(column[places]) & ~np.isnan(found)
        column[places[lacks]] = found[lacks]
        fixes.derived[places[lacks]] |= bit


def _along(starts: Array, ends: Array) -> tuple[Array, Array]:
    """The speeds (m/s) and headings (degrees from north) of ways, NaN where there is none.

    Args:
        starts: longitudes, latitudes and times of their first fixes (3, n).
        ends: those of their second fixes.
    """
    azimuths, metres = _measured(starts, ends)
    seconds = ends[2] - starts[2]
    speeds = np.full(len(seconds), NAN)
    np.divide(metres, seconds, out=speeds, where=seconds > 0.0)
    headings = np.where(metres < STANDING, NAN, np.round(azimuths % 360.0, 1) % 360.0)
    return np.round(speeds, 3), headings


def _measured(starts: Array, ends: Array) -> tuple[Array, Array]:
    """Azimuths (degrees from north) and lengths (metres) of ways; see ``_along``."""
    short = np.abs(ends[:2] - starts[:2]).sum(axis=0) < SHORT
    short &= np.abs(starts[1]) < TOO_FAR_NORTH
    if short.all():
        return _short(starts, ends)
    azimuths, metres = np.empty(short.shape), np.empty(short.shape)
    azimuths[short], metres[short] = _short(starts[:, short], ends[:, short])
    far = ~short
    azimuths[far], _, metres[far] = geod().inv(starts[0, far], starts[1, far], ends[0, far], ends[1, far])
    return azimuths, metres


def _short(starts: Array, ends: Array) -> tuple[Array, Array]:
    """``_measured`` of short ways: on the ellipsoid's two radii of curvature at their middle.

    The azimuth there is turned back to the start by half the convergence of the meridians.
    """
    eastward, northward = np.radians(ends[:2] - starts[:2])
    middle = np.radians((starts[1] + ends[1]) / 2.0)
    sine = np.sin(middle)
    squared = FLATTENING * (2.0 - FLATTENING)
    bend = 1.0 - squared * sine * sine
    across = SEMI_MAJOR / np.sqrt(bend)  # the radius across the meridian, and along it
    along = across * (1.0 - squared) / bend
    east, north = eastward * across * np.cos(middle), northward * along
    return np.degrees(np.arctan2(east, north) - eastward * sine / 2.0), np.hypot(east, north)


def geod() -> Geod:
    """Return the WGS84 Geod of this thread."""
    from ..geometry import projections

    return projections.geod_of()
