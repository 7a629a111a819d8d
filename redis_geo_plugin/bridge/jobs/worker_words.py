"""What workers add to the reason of a failed job, in the user's language.

A worker knows no language: it writes English words into the books of the queue. The plugin's own are known
here; what libraries say (GEOS, JSON) stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Callable

from ..i18n import tr

Known = tuple[str, Callable[[], str]]


def worker_words(words: str) -> str:
    """The words of a worker in the user's language, or as they are where they are not the plugin's own."""
    for pattern, text in _patterns():
        found = pattern.fullmatch(words)
        if found:
            return text().format(**found.groupdict())
    return words


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Callable[[], str]], ...]:
    return tuple((re.compile(pattern, re.DOTALL), text) for pattern, text in (*_OF_JOBS, *_OF_OPERATIONS))


_OF_JOBS: tuple[Known, ...] = (
    (r"(?P<n>\d+)", lambda: tr("{n} times")),
    (r"exit code (?P<code>-?\d+)", lambda: tr("exit code {code}")),
    (
        r"GEOS (?P<wanted>\S+) is wanted, here is (?P<here>\S+)",
        lambda: tr("GEOS {wanted} is wanted, the worker has {here}"),
    ),
    (
        r"the key is not that of the geometry and the parameters",
        lambda: tr("the key is not that of the geometry and the parameters"),
    ),
    (r"the job has none", lambda: tr("the job has none")),
    (
        r"the batch no longer holds its overlay",
        lambda: tr("the batch no longer holds the geometries of its other layer"),
    ),
    (r"no result", lambda: tr("no result")),
    (r"no (?P<name>\w+)", lambda: tr("{name} is missing")),
    (r"not a job's description: (?P<why>.*)", lambda: tr("not the description of a job: {why}")),
    (r"results kept for (?P<n>-?\d+) seconds", lambda: tr("results kept for {n} seconds")),
    (r"(?P<n>\d+) characters", lambda: tr("{n} characters")),
    (r"not an object", lambda: tr("not a JSON object")),
    (r"neither WKB, WKT nor GeoJSON", lambda: tr("neither WKB, WKT nor GeoJSON")),
    (r"coordinates that are not numbers", lambda: tr("coordinates that are not numbers")),
    (r"namespace must be a word without a colon", lambda: tr("namespace must be a word without a colon")),
    (
        r"ttl must be a number of seconds, 0 to keep",
        lambda: tr("ttl must be a number of seconds, 0 to keep"),
    ),
    (r"(?P<name>\w+) must be a number", lambda: tr("{name} must be a number")),
)
_OF_OPERATIONS: tuple[Known, ...] = (
    (r"a tolerance must not be negative", lambda: tr("a tolerance must not be negative")),
    (r"not a buffer's parameter: (?P<why>.*)", lambda: tr("not a parameter of a buffer: {why}")),
    (r"not a CRS: (?P<why>.*)", lambda: tr("not a CRS: {why}")),
    (r"segments must be from 1 to (?P<most>\d+)", lambda: tr("segments must be from 1 to {most}")),
    (r"not a size of a grid: (?P<why>.*)", lambda: tr("not a size of a grid: {why}")),
    (r"the size of a grid must not be negative", lambda: tr("the size of a grid must not be negative")),
    (r"not a parameter of this operation: (?P<why>.*)", lambda: tr("not a parameter of it: {why}")),
    (
        r"neighbors must be at least 1, and the distance not negative",
        lambda: tr("neighbors must be at least 1, and the distance not negative"),
    ),
)
