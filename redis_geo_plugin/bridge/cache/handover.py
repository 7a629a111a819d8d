"""Layers of which nothing is worth keeping: they are better left to the native algorithm, whose loop over the
features is not Python's.

Before that QGIS looks through the layer for features that are larger than what is known to be cheap. What is
found is remembered for some minutes: were the layer another, its results would be the same still.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Callable, Optional, TypeVar, cast

from qgis.core import QgsFeatureRequest

from ..operations import gathering
from ..sources import FrozenSource
from . import features

if TYPE_CHECKING:
    from ...core.cache.report import RunReport
    from ...core.cache.run import CachedRun

SPARE = 0.5  # vertices of larger features, for each feature, that are computed along with the small ones
_HEAD = 13  # bytes of WKB before the first vertex of a polygon
_VERTEX = 16
_REMEMBERED = 100  # what was found of layers ...
_FRESH = 300.0  # ... and seconds

_seen: OrderedDict[tuple[object, ...], tuple[float, object]] = OrderedDict()
Found = TypeVar("Found")


def instead(
    run: CachedRun, source: FrozenSource, number: Optional[float], native: Callable[[], object]
) -> Optional[RunReport]:
    """Have ``native`` do it all, where nothing of the layer is worth keeping.

    Args:
        run: what would be done otherwise; it has not begun.
        source: the whole layer.
        number: of all items; None where the operation has none.
        native: runs the native algorithm.

    Returns:
        What was done; None for nothing.
    """
    if not _is_in_question(run, source):
        return None
    started = time.perf_counter()
    small = _small(run, source, number)
    count = _count_of_small(source, (small - _HEAD) // _VERTEX) if small else None
    return _left_to(native, run, count, started)


def instead_of_groups(
    run: CachedRun, source: FrozenSource, fields: list[str], native: Callable[[], object]
) -> Optional[RunReport]:
    """The same where each item is a group of the features that share the values of these fields."""
    if not fields or not _is_in_question(run, source):
        return None
    started = time.perf_counter()
    return _left_to(native, run, _count_of_groups(run, source, fields), started)


def _is_in_question(run: CachedRun, source: FrozenSource) -> bool:
    from ...core.cache.costs import MANY

    return not run.keeps_all and source.count > MANY and source.is_whole


def _left_to(
    native: Callable[[], object], run: CachedRun, count: Optional[int], started: float
) -> Optional[RunReport]:
    """Run the native algorithm in the place of ``run``, which has so many items; not where that is None."""
    if count is None:
        return None
    native()
    run.report.add(direct=count, misses=count, computed=count)
    run.end(time.perf_counter() - started)
    return run.report


def _count_of_groups(run: CachedRun, source: FrozenSource, fields: list[str]) -> Optional[int]:
    """Count the groups; None where they are not as small as what is not worth keeping."""
    from ...core.cache.costs import SAMPLE, TRIAL

    sizes = _remembered(source, ("groups", *fields), lambda: gathering.sizes(source, fields))
    few = islice((features.plain_wkb(f.geometry(), with_z=True) for f in source.features()), SAMPLE)
    wkbs = [wkb for wkb in few if wkb is not None]
    usual = _usual(sizes, SPARE * source.count / max(1.0, sum(map(len, wkbs)) / _VERTEX / max(1, len(wkbs))))
    if len(wkbs) < usual * TRIAL:
        return None
    items = gathering.collected([wkbs[i : i + usual] for i in range(0, len(wkbs), usual)])
    small = run.probe([[item for item in items if item is not None]], None)
    count = _count_of_small(source, (small // usual - _HEAD) // _VERTEX) if small else None
    if count is None or (usual > 1 and count < source.count):  # is there a group without a geometry at all?
        return None
    return min(count, sum(sizes.values()))


def _usual(sizes: Mapping[int, int], spare: float) -> int:
    """How many features the groups have at most, but for groups of so many features together; of the sizes of
    groups, the number of each."""
    for size in sorted(sizes, reverse=True):
        spare -= size * sizes[size]
        if spare < 0:
            return size
    return 1


def _small(run: CachedRun, source: FrozenSource, number: Optional[float]) -> int:
    """Bytes up to which features are not worth keeping, by the first of them; 0 where they are."""
    from ...core.cache.costs import SAMPLE

    found = (features.plain_wkb(feature.geometry()) for feature in source.features())
    wkbs = [wkb for wkb in islice(found, SAMPLE) if wkb is not None]
    numbers = None if number is None else [number] * len(wkbs)
    if not wkbs or any(run.operation.at_once([wkbs], numbers) or ()):
        return 0  # what is computed at once is faster than the native algorithm
    return run.probe([wkbs], numbers)


def _count_of_small(source: FrozenSource, vertices: int) -> Optional[int]:
    """Count the features with a geometry; None where too many of them have more vertices than the limit."""
    return _remembered(source, (vertices,), lambda: _look_through(source, vertices))


def _remembered(source: FrozenSource, what: tuple[object, ...], look: Callable[[], Found]) -> Found:
    """What ``look`` finds in a layer, or found a short while ago."""
    if source.state is None:
        return look()
    key, now = (*source.state, *what), time.monotonic()
    when, found = _seen.pop(key, (-_FRESH, None))
    if now - when >= _FRESH:
        when, found = now, look()
    _seen[key] = when, found
    while len(_seen) > _REMEMBERED:
        _seen.popitem(last=False)
    return cast("Found", found)


def _look_through(source: FrozenSource, vertices: int) -> Optional[int]:
    middle, half = (vertices + 1) / 2, (vertices - 1) / 2  # of those from one vertex to so many
    strange = f"coalesce(abs(num_points($geometry) - {middle}) > {half}, true)"
    request = QgsFeatureRequest().setFilterExpression(strange)
    request.setSubsetOfAttributes([])
    without, spare = 0, SPARE * source.count
    for feature in source.features(request):
        if feature.geometry().isEmpty():
            without += 1
            continue
        spare -= feature.geometry().constGet().nCoordinates()
        if spare < 0:
            return None
    return int(source.count) - without


def forget() -> None:
    """Have every layer looked through anew."""
    _seen.clear()
