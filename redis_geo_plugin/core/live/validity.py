"""Fields by which a record itself says that its position is none: a receiver without a fix.

Sources: NMEA 0183 (https://gpsd.gitlab.io/gpsd/NMEA.html: RMC and GLL status A or V, GGA quality 0, GSA
mode 1; 99.9 and 99.99 for a dilution that is not known), ``GPS_FIX_TYPE`` of MAVLink, and Apple's
CLLocation (an accuracy below zero: the place is not valid). The same rules find such a field in a sample
and judge each record by it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Callable, Optional

from .paths import lookup
from .recognition.names import ELSEWHERE, normal, words
from .values import number

_ABOUT = frozenset("fix gnss gps gpsfix location loc pos position positioning rmc nmea".split())  # noqa: SIM905
_RECEIVER = frozenset({"fix", "gnss", "gps", "gpsfix", "nmea", "rmc"})
_VALID = frozenset(["isvalid", "ok", "valid", "validity"])
_INVALID = frozenset(["invalid", "isinvalid", "nofix"])
# Whole names: beside other words (needs_fix, fixed_route) such a word means something else.
_LEVEL = frozenset(
    """
    fix fixdimension fixed fixquality fixtype gnssfix gnssfixed gnssfixquality gnssfixtype gpsfix gpsfixed
    gpsfixquality gpsfixtype locationfix positionfix
    """.split()  # noqa: SIM905
)
_HAS = re.compile(r"(has|have|got)(a|valid|good)?(gps|gnss)?(fix|gps|gnss|loc|location|lock|pos|position)")
_KIND = frozenset({"level", "quality", "state", "status"})
_MODE = frozenset({"mode"})
_DILUTION = frozenset(["hdop", "pdop"])
_OTHER = frozenset(
    words(
        "accuracy age ago alt altitude bits count distance duration error heading id interval last mask"
        " method ms name number ratio rate since source speed time timestamp ts"
    )
)
# Words beside which a name is still one of the position or of its receiver, and of objects around a report.
_FILLING = frozenset(words("current currently data is lock module receiver sensor signal"))
_AROUND = frozenset(
    words(
        "after attributes attrs body current data device event feature gps item message msg object params"
        " payload properties record report reported sensor state status telemetry tracker unit value values"
        " vehicle"
    )
)
_ELSEWHERE = ELSEWHERE - {"max", "min", "receiver", "rx", "source", "work"}
_NO = frozenset({"false", "0", "0.0", "no", "n", "v", "f", "off", "invalid", "none", "not valid", "void"})
_YES = frozenset({"true", "1", "yes", "y", "a", "t", "on", "valid", "ok", "active", "1.0"})
_NONE = frozenset(
    {"0", "0.0", "-1", "false", "none", "no fix", "nofix", "no_fix", "no-fix", "invalid", "nf", "v"}
)
MOST_DENIED = 0.5  # share of the numbers of a sample that mean no fix, where only the values tell it
# 99 and more of receivers, 655.35 and 65535 of MAVLink, which has it in hundredths.
_NO_DILUTION = (99.0, 99.9, 99.99, 655.35, 9999.0, 9999.99, 65535.0)
_LARGEST_DILUTION = 50.0  # of receivers that count it in ones: larger ones are tenths or hundredths
_LOST = frozenset(
    {
        "acquiring",
        "lost",
        "nogps",
        "no gps",
        "no_gps",
        "no signal",
        "no_signal",
        "nosignal",
        "not fixed",
        "notfixed",
        "not_fixed",
        "searching",
        "unavailable",
        "unlocked",
    }
)
_NO_FIX = _NONE | _LOST

Test = Callable[[object], bool]


def test_of(path: str) -> Optional[Test]:
    """Return what tells of the values of a field whether they deny the position; None for other fields.

    A word such as ``valid`` or ``fixed`` says something of the position only by itself or beside words of
    the position: ``location.hasBearing``, ``needs_fix``, ``fixed_price`` and ``ticket.valid`` say of others.
    """
    *above, name = path.split(".")
    parents = [frozenset(words(parent)) for parent in above]
    own, whole = frozenset(words(name)) | {normal(name)}, normal(name)
    around = frozenset().union(*parents)
    if own & {"horizontalaccuracy", "hacc", "haccuracy"}:
        return _is_below_zero
    if own & _OTHER or len(above) > 2 or (own | around) & _ELSEWHERE:
        return None
    is_report = all(parent & (_ABOUT | _AROUND) for parent in parents)
    if own & _DILUTION:
        return _is_no_dilution
    if own & _MODE:
        return _is_no_mode if (own | around) & _RECEIVER else None
    said = _truth_test(own, around, whole, is_report)
    if said is not None:
        return said
    if (whole in _LEVEL and (is_report or whole != "fixed")) or (own & _KIND and (own | around) & _RECEIVER):
        return _is_none
    if whole == "quality" and not above:
        return _is_no_quality
    return _is_void if whole in ("status", "rmcstatus") and not above else None


def _truth_test(own: frozenset[str], around: frozenset[str], whole: str, is_report: bool) -> Optional[Test]:
    """Return the test of a field that says yes or no to its position being good.

    Args:
        own: the words of its name, and the name as one word.
        around: the words of the objects that it stands in.
        whole: its name as one word.
        is_report: whether those are of the report and its position.
    """
    rest = own - {whole} - _FILLING - _VALID - _INVALID
    is_own = rest <= _ABOUT and bool(rest or is_report)
    if own & _INVALID:
        return _is_yes if is_own or whole == "nofix" else None
    if own & _VALID and not own & {"has"}:
        about = bool(rest or around & _ABOUT)
        return _is_no if is_own and (about or whole != "ok") else None
    return _is_no if _HAS.fullmatch(whole) else None


def denies(paths: str) -> Optional[Callable[[Any], bool]]:
    """Return what tells whether one of these fields (separated by spaces) denies the position of a record;
    None where there is no such field."""
    tests = [(path, test) for path in paths.split() for test in (test_of(path),) if test is not None]
    if not tests:
        return None
    if len(tests) == 1 and "." not in tests[0][0]:
        (name, only), *_ = tests
        return lambda data: only(data.get(name))
    return lambda data: any(test(lookup(data, path)) for path, test in tests)


def column_test(path: str, values: Sequence[object]) -> Optional[Test]:
    """Return the test of a field by its values over a sample: they must be such as the field would have.

    A text ``V`` may be anything; beside ``A`` alone, or where nothing else stands, it is the void of NMEA. A
    number of a state, mode or quality is only what it is taken for where few records have it: by some, 0 is
    the best, or a fix without corrections.
    """
    test = test_of(path)
    known = [value for value in values if value is not None and value != ""]
    if test is None or not known or any(isinstance(value, (dict, list)) for value in known):
        return None
    if test is _is_no_dilution and not (any(map(test, known)) and _are_dilutions(known)):
        return None  # every receiver says how precise it is; only some say so that they have nothing
    if test is _is_void and not {_text(value) for value in known} <= {"a", "v"}:
        return None
    if test is _is_no_quality and not {_text(value) for value in known} <= set("012345678"):
        return None
    if test in (_is_yes, _is_no) and not all(_text(value) in _NO | _YES for value in known):
        return None
    if test in (_is_none, _is_no_mode) and not all(map(_is_code, known)):
        return None
    if _is_of_unknown_order(path, test):
        numbers = [value for value in known if number(value) is not None]
        return test if sum(map(test, numbers)) <= MOST_DENIED * len(numbers) else None
    return test


def _is_of_unknown_order(path: str, test: Test) -> bool:
    """Whether the numbers of a field are of some order, of which the name does not say that it is the fix."""
    if test is _is_no_quality:
        return True
    own = frozenset(words(path.rpartition(".")[2]))
    return test in (_is_none, _is_no_mode) and bool(own & (_KIND | _MODE)) and not own & {"fix", "gpsfix"}


def _is_code(value: object) -> bool:
    """Whether a value can be one of a few kinds of fixes: a small whole number, a word, or yes and no."""
    amount = number(value)
    return amount is None or (amount.is_integer() and -1.0 <= amount <= 10.0)


def _text(value: object) -> str:
    return str(value).strip().lower() if isinstance(value, (str, int, float)) else ""


def _is_no(value: object) -> bool:
    return value is False or (value is not None and _text(value) in _NO)


def _is_yes(value: object) -> bool:
    return value is True or _text(value) in _YES


def _is_none(value: object) -> bool:
    return value is False or (value is not None and _text(value) in _NO_FIX)


def _is_no_quality(value: object) -> bool:
    return _text(value) == "0"


def _is_void(value: object) -> bool:
    return _text(value) == "v"


def _is_no_mode(value: object) -> bool:
    return _text(value) in ("0", "1", "none", "no fix", "nofix", "no_fix", "n")


def _is_no_dilution(value: object) -> bool:
    try:
        return not isinstance(value, bool) and float(value) in _NO_DILUTION  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _are_dilutions(values: Sequence[object]) -> bool:
    """Whether dilutions are counted in ones: none but the marks is so large."""
    numbers = [number(value) for value in values]
    return not any(one is not None and one > _LARGEST_DILUTION and one not in _NO_DILUTION for one in numbers)


def _is_below_zero(value: object) -> bool:
    try:
        return not isinstance(value, bool) and float(value) < 0.0  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
