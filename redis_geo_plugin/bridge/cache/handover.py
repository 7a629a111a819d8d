"""Layers of which nothing is worth keeping: they are better left to the native algorithm, whose loop over the
features is not Python's.

QGIS looks through the layer for features that are larger than what is known to be cheap. Where the first of
them are small, native begins meanwhile, and is stopped where the look finds too many others. What is found is
remembered for some minutes: were the layer another, its results would be the same still.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Callable, Optional, Protocol, TypeVar, cast

from qgis.core import QgsFeatureRequest, QgsGeometry, QgsProcessingException, QgsWkbTypes

from ...core.watch import Watch
from ..operations import gathering
from ..sources import FrozenSource
from . import features

if TYPE_CHECKING:
    from ...core.cache.report import RunReport
    from ...core.cache.run import CachedRun

# What is no finite number, at which QGIS's expressions fail, where a coordinate is none; by kind of geometry,
# as all of them for each feature would take three times as long.
_SIZE = "coalesce(perimeter($geometry), length($geometry), abs(x($geometry)) + abs(y($geometry)))"
_SIZES = {
    QgsWkbTypes.GeometryType.PointGeometry: "abs(x($geometry)) + abs(y($geometry))",
    QgsWkbTypes.GeometryType.LineGeometry: "length($geometry)",
    QgsWkbTypes.GeometryType.PolygonGeometry: "perimeter($geometry)",
}
FINITE = ("finite",)  # the question whether all coordinates are
SPARE = 0.5  # vertices of larger features, for each feature, that are computed along with the small ones
_HEAD = 13  # bytes of WKB before the first vertex of a polygon
_VERTEX = 16
_REMEMBERED = 100  # what was found of layers ...
_FRESH = 300.0  # ... and seconds

_seen: OrderedDict[tuple[object, ...], tuple[float, object]] = OrderedDict()
Found = TypeVar("Found")


class Instead(Protocol):
    """The native algorithm in the place of ours."""

    def run(self) -> None:
        """Do it all, or until it is stopped."""

    def stop(self) -> None:
        """End it early, from another thread."""

    def undo(self) -> None:
        """Take back what it has made."""


def instead(
    run: CachedRun, source: FrozenSource, number: Optional[float], native: Instead, watch: Watch
) -> Optional[RunReport]:
    """Have ``native`` do it all, where nothing of the layer is worth keeping. Never with a number or a
    coordinate that is not finite, of which native makes wrong shapes, or QGIS dies.

    Args:
        run: what would be done otherwise; it has not begun.
        source: the whole layer.
        number: of all items; None where the operation has none.
        native: runs the native algorithm.
        watch: ends the look through the layer, as the run, which raises Cancelled.

    Returns:
        What was done; None for nothing.
    """
    from ...core.cache.costs import LARGE
    from ...core.geometry.guarded import LARGEST

    if not _is_in_question(run, source) or not abs(number or 0.0) <= LARGEST:
        return None
    started, first = time.perf_counter(), _first(source)
    if not _are_small(first, LARGE, source.count):
        return None
    small = _small(run, first, number)
    if not small or (run.operation.hangs_at_nan and not _all_finite(source, watch)):
        return None
    vertices = (small - _HEAD) // _VERTEX
    likely = _are_small(first, small, len(first)) and not _is_known(source, (vertices,))
    count = _left_to(native, lambda on: _count_of_small(source, vertices, on), watch, likely)
    return _report(run, count, started)


def instead_of_groups(
    run: CachedRun, source: FrozenSource, fields: list[str], native: Instead, watch: Watch
) -> Optional[RunReport]:
    """The same where each item is a group of the features that share the values of these fields."""
    from ...core.cache.costs import SAMPLE, TRIAL

    if not fields or not _is_in_question(run, source):
        return None
    started, first = time.perf_counter(), _first(source, with_z=True)
    question = ("groups", *fields)
    known: list[Mapping[int, int]] = []

    def sizes(on: Watch) -> Mapping[int, int]:
        if not known:
            known.append(_remembered(source, question, lambda: gathering.sizes(source, fields, on)))
        return known[0]

    count = None
    if not _is_known(source, question):
        usual = gathering.largest(source, fields, SAMPLE)
        small = _small_groups(run, first, usual)
        if _are_small(first, small // usual, len(first)) and len(first) >= usual * TRIAL:
            count = _left_to(
                native, lambda on: _count_of_groups(source, first, sizes(on), lambda _usual: small, on), watch
            )
    if count is None:
        count = _count_of_groups(
            source, first, sizes(watch), lambda usual: _small_groups(run, first, usual), watch
        )
        if count is not None:
            native.run()
    return _report(run, count, started)


def _is_in_question(run: CachedRun, source: FrozenSource) -> bool:
    from ...core.cache.costs import MANY

    return not run.keeps_all and source.count > MANY and source.is_whole


def _left_to(
    native: Instead, look: Callable[[Watch], Optional[int]], watch: Watch, likely: bool = True
) -> Optional[int]:
    """Have native do it all where ``look``, which looks at the whole layer, counts the items. Where that is
    likely, native begins while it looks, in a thread of its own; it is stopped, and what it has made is taken
    back, where ``look`` finds others than expected (None). The watch that ``look`` is given ends it where
    its answer is not waited for any more."""
    if not likely:
        count = look(watch)
        if count is not None:
            native.run()
        return count

    given_up = threading.Event()

    def answer() -> Optional[int]:
        count = None
        try:
            count = look(watch.until(given_up.is_set))
        finally:
            if count is None:
                native.stop()
        return count

    with ThreadPoolExecutor(1, thread_name_prefix="redis-geo-look") as thread:
        asked = thread.submit(answer)
        try:
            native.run()
        except QgsProcessingException:
            if asked.result() is not None:  # else it was stopped, whatever it says of that
                raise
        except BaseException:  # cancelled, that is
            given_up.set()
            raise
    if asked.result() is None:
        native.undo()
    return asked.result()


def _report(run: CachedRun, count: Optional[int], started: float) -> Optional[RunReport]:
    """What was done of so many items; None for nothing."""
    if count is None:
        return None
    run.report.add(direct=count, misses=count, computed=count)
    run.end(time.perf_counter() - started)
    return run.report


def _first(source: FrozenSource, with_z: bool = False) -> list[bytes]:
    """The geometries of the first features."""
    from ...core.cache.costs import SAMPLE

    found = (features.plain_wkb(feature.geometry(), with_z) for feature in source.features())
    return [wkb for wkb in islice(found, SAMPLE) if wkb is not None]


def _are_small(wkbs: list[bytes], small: int, count: int) -> bool:
    """Whether geometries are of so many bytes at most, but for what may be computed along with so many of
    them."""
    larger = sum(len(wkb) for wkb in wkbs if len(wkb) > small)
    return bool(wkbs) and larger <= SPARE * _VERTEX * count


def _count_of_groups(
    source: FrozenSource,
    first: list[bytes],
    sizes: Mapping[int, int],
    small_of: Callable[[int], int],
    watch: Watch,
) -> Optional[int]:
    """Count the groups; None where they are not as small as what is not worth keeping.

    Args:
        source: the whole layer.
        first: geometries of its first features.
        sizes: of groups, the number of each.
        small_of: gives the bytes up to which groups of so many features are not worth keeping.
        watch: ends the look through the layer.
    """
    from ...core.cache.costs import TRIAL

    usual = _usual(
        sizes, SPARE * source.count / max(1.0, sum(map(len, first)) / _VERTEX / max(1, len(first)))
    )
    if len(first) < usual * TRIAL:
        return None
    small = small_of(usual)
    count = _count_of_small(source, (small // usual - _HEAD) // _VERTEX, watch) if small else None
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


def _small(run: CachedRun, first: list[bytes], number: Optional[float]) -> int:
    """Bytes up to which features are not worth keeping, by the first of them; 0 where they are."""
    numbers = None if number is None else [number] * len(first)
    if not first or any(run.operation.at_once([first], numbers) or ()):
        return 0  # what is computed at once is faster than the native algorithm
    return run.probe([first], numbers)


def _small_groups(run: CachedRun, first: list[bytes], usual: int) -> int:
    """The same of groups of so many features."""
    items = gathering.collected([first[i : i + usual] for i in range(0, len(first), usual)])
    return run.probe([[item for item in items if item is not None]], None)


def _count_of_small(source: FrozenSource, vertices: int, watch: Watch) -> Optional[int]:
    """Count the features with a geometry; None where too many of them have more vertices than the limit."""
    return _remembered(source, (vertices,), lambda: _look_through(source, vertices, watch))


def _is_known(source: FrozenSource, what: tuple[object, ...]) -> bool:
    """Whether it was found a short while ago."""
    if source.state is None:
        return False
    return time.monotonic() - _seen.get((*source.state, *what), (-_FRESH, None))[0] < _FRESH


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


def _look_through(source: FrozenSource, vertices: int, watch: Watch) -> Optional[int]:
    """Raises Cancelled. QGIS passes over small features by itself, but for one now and then, at which it is
    asked whether to go on."""
    middle, half = (vertices + 1) / 2, (vertices - 1) / 2  # of those from one vertex to so many
    strange = f"coalesce(abs(num_points($geometry) - {middle}) > {half}, true)"
    if not _is_known(source, FINITE):
        strange += f" or {_not_finite(source)}"
    request = QgsFeatureRequest().setFilterExpression(f"{strange} or $id % {gathering.STEP} = 0")
    request.setSubsetOfAttributes([])
    without, spare = 0, SPARE * source.count
    for feature in source.features(request):
        watch.check()
        geometry = feature.geometry()
        if geometry.isEmpty():
            without += 1
            continue
        count = geometry.constGet().nCoordinates()
        spare -= count if count > vertices else 0
        if spare < 0 or not _is_finite(geometry):
            return None
    return int(source.count) - without


def _all_finite(source: FrozenSource, watch: Watch) -> bool:
    """Whether all coordinates of a layer are finite. Raises Cancelled."""

    def look() -> bool:
        request = QgsFeatureRequest().setFilterExpression(_not_finite(source))
        request.setSubsetOfAttributes([])
        for feature in source.features(request):
            watch.check()
            if not _is_finite(feature.geometry()):
                return False
        return True

    return _remembered(source, FINITE, look)


def _not_finite(source: FrozenSource) -> str:
    """The expression that is true where a coordinate of a feature may be no finite number."""
    size = _SIZES.get(QgsWkbTypes.geometryType(source.wkb_type), _SIZE)
    return f"try({size} < 0, true)"


def _is_finite(geometry: QgsGeometry) -> bool:
    return all(math.isfinite(vertex.x()) and math.isfinite(vertex.y()) for vertex in geometry.vertices())


def forget() -> None:
    """Have every layer looked through anew."""
    _seen.clear()
