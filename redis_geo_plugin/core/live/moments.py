"""Moments as texts: ISO 8601 and its relatives, mail dates, and days and times of day in fields of their
own.

Sources: ISO 8601-1, RFC 3339, RFC 2822 section 4.3 (names of zones), Go's ``time.Time.String``, Java's and
JavaScript's ``Date.toString``, NMEA 0183 (``ddmmyy``, ``hhmmss``). A text without a zone is UTC. What
cannot be read with certainty (an unknown zone, a day without a time, 03/04/2026) is no moment. Nothing here
raises.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Optional

LONGEST = 100  # characters of a text that can be a moment
EPOCH = datetime(1970, 1, 1)
DAY_FORMS = ("dmy", "mdy")
HOUR = 3600.0

# Names of zones that mean one offset (hours). CST, IST, BST and AST do not, outside of mail dates.
ZONES = {
    "": 0.0,
    "Z": 0.0,
    "UTC": 0.0,
    "GMT": 0.0,
    "UT": 0.0,
    "WET": 0.0,
    "WEST": 1.0,
    "CET": 1.0,
    "MEZ": 1.0,
    "CEST": 2.0,
    "MESZ": 2.0,
    "EET": 2.0,
    "EEST": 3.0,
    "MSK": 3.0,
    "EST": -5.0,
    "EDT": -4.0,
    "CDT": -5.0,
    "MST": -7.0,
    "MDT": -6.0,
    "PST": -8.0,
    "PDT": -7.0,
    "AKST": -9.0,
    "AKDT": -8.0,
    "HST": -10.0,
    "JST": 9.0,
    "KST": 9.0,
    "AEST": 10.0,
    "AEDT": 11.0,
    "NZST": 12.0,
    "NZDT": 13.0,
    "SAST": 2.0,
}
MAIL_ZONES = {**ZONES, "CST": -6.0}
MONTHS = {
    name: n
    for n, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}

_TIME = r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{1,2})(?:[.,](?P<f>[0-9]{1,12}))?)?"
_CLOCK = _TIME + r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
_TIME_OR_BASIC = (
    rf"(?:{_CLOCK}|(?P<bh>[0-9]{{2}})(?P<bm>[0-9]{{2}})(?P<bs>[0-9]{{2}})(?:[.,](?P<bf>[0-9]{{1,12}}))?)"
)
_ZONE = r"(?P<zone>.*)"
_BETWEEN = r"(?:\s*T\s*|\s+|,\s*|\s*-\s+)"
_ISO = re.compile(
    r"(?:(?P<y>[0-9]{4})(?:[-/.](?P<mo>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})|-W(?P<w>[0-9]{2})-(?P<wd>[1-7])"
    r"|-(?P<od>[0-9]{3}))|(?P<yb>[0-9]{4})(?P<mob>[0-9]{2})(?P<db>[0-9]{2}))"
    + _BETWEEN
    + _TIME_OR_BASIC
    + _ZONE,
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    r"(?P<a>[0-9]{1,2})(?P<sep>[-/.])(?P<b>[0-9]{1,2})(?P=sep)(?P<y>[0-9]{4})" + _BETWEEN + _CLOCK + _ZONE
)
_MAIL = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?P<d>[0-9]{1,2})[-\s](?P<mo>[A-Za-z]{3,9})[-\s](?P<y>[0-9]{4}|[0-9]{2}),?\s+"
    + _CLOCK
    + _ZONE
)
_C = re.compile(  # C's ctime, Java's and JavaScript's Date.toString
    r"(?:[A-Za-z]{3,9},?\s+)?(?P<mo>[A-Za-z]{3,9})\s+(?P<d>[0-9]{1,2}),?\s+(?:(?P<y>[0-9]{4}),?\s+)?"
    + _CLOCK
    + r"(?:\s+(?P<zy>[A-Za-z]{0,5}(?:[+-][0-9:]{4,5})?)\s*(?P<y2>[0-9]{4}))?"
    + _ZONE
)
_COMPACT = re.compile(
    r"(19[89][0-9]|20[0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{1,6})?)?"
)
_OFFSET = re.compile(
    r"(?:UTC|GMT)?\s*(?P<sign>[+-])(?P<h>[0-9]{2}):?(?P<m>[0-9]{2})?(?::?[0-9]{2})?(?P<rest>.*)",
    re.IGNORECASE,
)
_AFTER_OFFSET = re.compile(
    r"\s*(?:\[[A-Za-z_/+-]{1,40}\]|\(.{0,60}\)|[A-Za-z]{1,5}|[+-][0-9]{2,4})?(?:\s+m=[+-][0-9.]+)?"
)
_REGION = re.compile(r"\[?([A-Za-z_]{2,20}/[A-Za-z_]{2,30}(?:/[A-Za-z_]{2,30})?)\]?")
_SHORT = re.compile(r"(?:UTC|GMT)[+-][0-9]")
_DOT_NET = re.compile(
    r"\\?/Date\((-?[0-9]{1,15})(?:[+-][0-9]{4})?\)\\?/"
)  # milliseconds UTC; the zone is how to show it
_TIME_ONLY = re.compile(_TIME_OR_BASIC + _ZONE)
_DAY_ONLY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_DAY_ONLY_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_DAY_BASIC = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_SIX = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")


def parse(text: str, form: str = "") -> Optional[float]:
    """Seconds since 1970 UTC of a text, or None where it is no moment.

    ``form``: ``dmy`` or ``mdy`` tell which number of 03/04/2026 is the day; a pattern of ``strptime`` reads
    that and nothing else.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    if "%" in form:
        return _by_pattern(text, form)
    form = form if form in DAY_FORMS else ""
    found = _ISO.fullmatch(text)
    if found is not None:
        return _moment(_iso_day(found), found, ZONES)
    found = _DAY_FIRST.fullmatch(text)
    if found is not None:
        return _moment(_numbered_day(found["a"], found["b"], found["y"], found["sep"], form), found, ZONES)
    found = _MAIL.fullmatch(text) or _C.fullmatch(text)
    if found is not None:
        return _moment(_named_day(found), found, MAIL_ZONES)
    found = _DOT_NET.fullmatch(text)
    return compact(text) if found is None else int(found[1]) / 1e3


def compact(text: str) -> Optional[float]:
    """Seconds of ``20261128191610`` (or without seconds, or with a fraction), None for other texts."""
    found = _COMPACT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction = found.groups()
    clock = _clock(int(hour), int(minute), int(second or 0), fraction)
    start = _day(int(year), int(month), int(day))
    return None if start is None or clock is None else start + clock


def is_compact(amount: float) -> bool:
    """Whether a number may be year, month, day and time in its digits."""
    return 1.98e11 < amount < 2.1e11 or 1.98e13 < amount < 2.1e13 or 1.98e16 < amount < 2.1e16


def join(day: object, time: object, now: float, form: str = "") -> Optional[float]:
    """Seconds since 1970 UTC of a day and a time of day in two fields; None where one of them is none.

    A day of six digits is ``ddmmyy`` (NMEA) or ``yymmdd``, whichever is nearer to ``now``; ``form``
    (``dmy``, ``ymd``) tells.
    """
    day_text, clock_text = _plain(day), _digits_of_time(_plain(time))
    if not day_text or not clock_text or len(day_text) > 40 or len(clock_text) > 60:
        return None
    found = _TIME_ONLY.fullmatch(clock_text)
    start = parse_day(day_text, now, form)
    return None if found is None or start is None else _moment(start, found, ZONES)


def parse_day(text: str, now: float, form: str = "") -> Optional[float]:
    """The start of a day in seconds since 1970, None where the text is no day."""
    text = text.strip()
    found = _DAY_ONLY.fullmatch(text) or _DAY_BASIC.fullmatch(text)
    if found is not None:
        return _day(*map(int, found.groups()))
    found = _DAY_ONLY_LAST.fullmatch(text)
    if found is not None:
        return _numbered_day(found[1], found[3], found[4], found[2], form)
    found = _SIX.fullmatch(text.zfill(6)) if text.isascii() and text.isdecimal() else None
    if found is None:
        return None
    first, middle, last = map(int, found.groups())
    day_first, year_first = _day(2000 + last, middle, first), _day(2000 + first, middle, last)
    if form in ("dmy", "ymd"):
        return day_first if form == "dmy" else year_first
    known = [start for start in (day_first, year_first) if start is not None]
    return min(known, key=lambda start: abs(start - now), default=None)


def is_time_of_day(value: object) -> bool:
    """Whether a value is a time of day alone: ``14:00:05``, ``140005.00``."""
    text = _digits_of_time(_plain(value))
    found = _TIME_ONLY.fullmatch(text) if 0 < len(text) <= 40 else None
    return found is not None and _moment(0.0, found, ZONES) is not None


def _plain(value: object) -> str:
    """Return the characters of a number or text; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    if isinstance(value, int) and not -(10**12) < value < 10**12:
        return ""
    return str(value).strip()


def _digits_of_time(text: str) -> str:
    """hhmmss with the zeros in front that a number has lost."""
    whole, dot, rest = text.partition(".")
    return whole.zfill(6) + dot + rest if whole.isdecimal() and len(whole) in (3, 4, 5) else text


def _by_pattern(text: str, pattern: str) -> Optional[float]:
    try:
        moment = datetime.strptime(text, pattern)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError, re.error, OSError):
        return None


def _iso_day(found: re.Match[str]) -> Optional[float]:
    if found["w"]:
        try:
            day = date.fromisocalendar(int(found["y"]), int(found["w"]), int(found["wd"]))
        except ValueError:
            return None
        return _day(day.year, day.month, day.day)
    if found["od"]:
        start = _day(int(found["y"]), 1, 1)
        days = int(found["od"])
        return None if start is None or not 1 <= days <= 366 else start + (days - 1) * 24 * HOUR
    if found["yb"]:
        return _day(int(found["yb"]), int(found["mob"]), int(found["db"]))
    return _day(int(found["y"]), int(found["mo"]), int(found["d"]))


def _numbered_day(first: str, second: str, year: str, separator: str, form: str) -> Optional[float]:
    """28.11.2026 has its day first; with slashes or hyphens the form says, or a number above 12."""
    a, b = int(first), int(second)
    if form == "mdy" or (not form and separator != "." and b > 12 >= a):
        return _day(int(year), a, b)
    if form == "dmy" or separator == "." or a > 12 or a == b:
        return _day(int(year), b, a)
    return None


def _named_day(found: re.Match[str]) -> Optional[float]:
    names = found.groupdict()
    month, year = MONTHS.get(found["mo"][:3].lower()), names.get("y") or names.get("y2")
    if month is None or not year:
        return None
    whole = int(year)
    if len(year) == 2:  # RFC 2822, 4.3
        whole += 2000 if whole < 50 else 1900
    return _day(whole, month, int(found["d"]))


def _day(year: int, month: int, day: int) -> Optional[float]:
    try:
        return (datetime(year, month, day) - EPOCH).total_seconds()
    except ValueError:
        return None


def _moment(start: Optional[float], found: re.Match[str], zones: dict[str, float]) -> Optional[float]:
    """A day and what the expression found of the time and the zone."""
    if start is None:
        return None
    names = found.groupdict()
    if names.get("bh"):
        clock = _clock(int(found["bh"]), int(found["bm"]), int(found["bs"]), found["bf"])
    else:
        hour = _hour(int(found["h"]), (found["half"] or "").lower())
        clock = None if hour is None else _clock(hour, int(found["m"]), int(found["s"] or 0), found["f"])
    if clock is None:
        return None
    zone = (found["zone"] or "").strip()
    if names.get("zy"):
        zone = names["zy"] + zone
    offset = _offset(zone, zones, start + clock)
    return None if offset is None else start + clock - offset


def _hour(hour: int, half: str) -> Optional[int]:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half == "p" else 0)


def _clock(hour: int, minute: int, second: int, fraction: Optional[str]) -> Optional[float]:
    """Seconds since midnight; a leap second is the next."""
    if hour > 23 or minute > 59 or second > 60:
        return None
    return hour * HOUR + minute * 60.0 + second + (float("0." + fraction) if fraction else 0.0)


def _offset(zone: str, zones: dict[str, float], local: float) -> Optional[float]:
    """Seconds that a zone is ahead of UTC, None where it is not known."""
    if _SHORT.fullmatch(zone):
        zone = f"{zone[:4]}0{zone[4]}"  # UTC+2
    named = zones.get(zone.upper())
    if named is not None:
        return named * HOUR
    found = _OFFSET.fullmatch(zone)
    if found is not None:
        if not _AFTER_OFFSET.fullmatch(found["rest"]):
            return None
        hours, minutes = int(found["h"]), int(found["m"] or 0)
        if hours > 15 or minutes > 59:
            return None
        return (hours * HOUR + minutes * 60.0) * (1.0 if found["sign"] == "+" else -1.0)
    region = _REGION.fullmatch(zone)
    return _offset_of_region(region[1], local) if region is not None else None


def _offset_of_region(name: str, local: float) -> Optional[float]:
    """Of a name such as Europe/Paris, where the machine has the data of zones."""
    try:
        from zoneinfo import ZoneInfo

        zone: tzinfo = ZoneInfo(name)
        offset = zone.utcoffset(EPOCH + timedelta(seconds=local))
    except (ImportError, KeyError, ValueError, OSError, OverflowError):
        return None
    return None if offset is None else offset.total_seconds()
