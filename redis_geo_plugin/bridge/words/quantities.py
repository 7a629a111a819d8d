"""Quantities in the user's language: counts, sizes, shares, durations. No other module formats them."""

from __future__ import annotations

from qgis.PyQt.QtCore import QLocale

from ..i18n import tr

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def number(value: float) -> str:
    """A count: ``12,345``."""
    return QLocale().toString(round(value))


def amount(value: float, decimals: int = 0) -> str:
    """A measure with the given number of decimals: ``12,345.6``."""
    return number(value) if decimals == 0 else QLocale().toString(float(value), "f", decimals)


def about(value: float, exact: bool) -> str:
    """A count that is exact, or an estimate with two or three figures and a sign that says so: ``≈
    240,000``."""
    if exact:
        return number(value)
    digits = 10 ** max(0, len(str(int(value))) - 2)
    return "≈ " + number(round(value / digits) * digits)


def size(value: float) -> str:
    """Bytes: ``54.2 MiB``."""
    return QLocale().formattedDataSize(int(value), 1)


def about_size(value: float, exact: bool) -> str:
    """Bytes that are exact, or an estimate with a sign that says so: ``≈ 54 MiB``."""
    return size(value) if exact else "≈ " + size(value)


def percent(share: float) -> str:
    """A share from 0 to 1: ``38 %``, with a decimal where it is small."""
    return tr("{value} %").format(value=amount(100.0 * share, 0 if share > 0.1 or not share else 1))


def milliseconds(value: float) -> str:
    """A latency: ``0.4 ms``, ``12 ms``."""
    return tr("{value} ms").format(value=amount(value, 1 if value < 10 else 0))


def duration(seconds: float) -> str:
    """A time span with its largest unit: ``45 s``, ``12 min``, ``3.5 h``, ``8 days``; none is negative."""
    seconds = max(0.0, seconds)
    if seconds < 1.5 * MINUTE:
        return tr("{n} s").format(n=round(seconds))
    if seconds < 1.5 * HOUR:
        return tr("{n} min").format(n=round(seconds / MINUTE))
    if seconds < 2 * DAY:
        hours = round(seconds / HOUR, 1)
        return tr("{n} h").format(n=amount(hours, 0 if hours == int(hours) else 1))
    return tr("{n} days").format(n=number(seconds / DAY))
