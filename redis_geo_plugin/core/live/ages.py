"""How old a position was when its record was written: ``seen_pos``, ``secsSinceReport``, ``fix_age_ms``.

Such a field is in seconds unless its name says otherwise. It is taken off the time of the record or, where
the record has none, off that of its storage (of a stream's entry), or else off the moment of reading
(marked as derived).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, Optional

from .paths import lookup
from .recognition.names import normal, words
from .values import number

OLDEST = 10 * 365 * 86_400.0  # seconds: more is no age
_FACTORS = {
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "milliseconds"), 1e-3),
    **dict.fromkeys(("s", "sec", "secs", "seconds"), 1.0),
    **dict.fromkeys(("min", "mins", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hours"), 3600.0),
}
_AGES = frozenset(["age", "ago", "since"])
_OF_PLACE = frozenset(
    ["fix", "gnss", "gps", "location", "pos", "position", "report", "reported", "seen", "update"]
)
_NOT = frozenset(["boot", "driver", "install", "person", "start", "status", "stop", "vehicle"])
_WHOLE = frozenset({"seen", "seenpos", "age", "agems", "ageseconds", "secssincereport", "secsago"})
# Of these a record may also speak without meaning its position: another field has to bear them out.
BARE = frozenset({"age", "seen", "ageseconds", "agems", "secsago"})


def is_age(path: str) -> bool:
    """Return whether the name of a field is that of an age of a position or report."""
    name = path.rpartition(".")[2]
    own = set(words(name))
    if own & _NOT:
        return False
    return normal(name) in _WHOLE or bool(own & _AGES and own & _OF_PLACE) or bool({"seconds", "ago"} <= own)


def factor_of(path: str) -> float:
    """Return the seconds of one unit of an age, by its name."""
    own = words(path.rpartition(".")[2])
    return next((_FACTORS[word] for word in own if word in _FACTORS), 1.0)


def reader(path: str) -> Optional[Callable[[Any], float]]:
    """Return what reads the age of a record in seconds: 0 where it has none. None without a field."""
    if not path:
        return None
    factor = factor_of(path)

    def age(data: Any) -> float:
        found = number(lookup(data, path))
        return found * factor if found is not None and 0.0 <= found * factor <= OLDEST else 0.0

    return age


def are_ages(values: Sequence[object]) -> bool:
    """Return whether all values of a field may be ages."""
    known = [number(value) for value in values if value is not None]
    return bool(known) and all(value is not None and 0.0 <= value <= OLDEST for value in known)


def is_taken_off(path: str, ages: Sequence[float], moments: Sequence[Optional[float]]) -> bool:
    """Return whether the time of a record is that of its writing, so that its age has to be taken off.

    It is where all have the same time and not the same age. It is not where time and age add up to one
    moment: the time is that of the position already. Otherwise the name decides.
    """
    both = [(moment, age) for moment, age in zip(moments, ages) if moment is not None]
    if not both:
        return False
    if len(both) > 1:
        times = [moment for moment, _ in both]
        sums = [moment + age for moment, age in both]
        spread, total, of_ages = _spread(times), _spread(sums), _spread([age for _, age in both])
        if of_ages > 1.0 and total < 0.2 * of_ages:
            return False
        if spread <= 1.0 < of_ages:
            return True
    return is_of_position(path)


def is_of_position(path: str) -> bool:
    """Return whether a name says by itself whose age it is: ``age`` alone may be that of a driver."""
    return normal(path.rpartition(".")[2]) not in BARE


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values)
