"""By what programs multiply degrees to keep them as integers."""

from __future__ import annotations

E7 = 1e-7
SEMICIRCLES = 180.0 / 2**31  # of Garmin and GPS: 32 bits for the whole circle
# What makes degrees of integers again: the commonest first. 1/3,600,000 is milliseconds of arc, 1/600,000 the
# ten thousandths of minutes of AIS (ITU-R M.1371). Algorithms number them: new ones come last.
FACTORS = (E7, 1e-6, 1e-5, 1.0 / 600_000.0, 1.0 / 3_600_000.0, SEMICIRCLES)
