"""Computing on all cores: GEOS runs outside the GIL, so threads suffice. Heavy multi-part geometries go part
by part."""

from __future__ import annotations

import sys
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED as FIRST
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Optional

import numpy as np
import shapely
from shapely.errors import ShapelyError

from .. import background
from ..cores import available_cores
from ..geometry import wkb
from ..geometry.arrays import Array
from ..geometry.guarded import LARGEST
from ..operations.base import Columns, Geometries, Numbers, Operation
from ..watch import Cancelled, Watch

# A unit of work: enough vertices that handing it out costs nothing beside it, few enough that the cores
# finish together.
UNIT_VERTICES = 4000
UNIT_ITEMS = 500
LEAST_TOGETHER = 250  # small items that are worth a call of their own
NO_GEOMETRY = "not a geometry"
NOT_FINITE = "a coordinate or distance is not a finite number, or too large to compute with"
POLL = 0.1  # seconds between looks at a cancel

_REMEMBERED = 16
_finite: dict[tuple[int, float], tuple[weakref.ref[shapely.Geometry], bool]] = {}
_finite_lock = threading.Lock()
# What an item may raise: what GEOS says, and what is refused, such as an ellipsoid of no size.
_FAILED = (ShapelyError, ValueError, ArithmeticError)

_threads: Optional[int] = None  # as many as there are cores to use
_pool: Optional[ThreadPoolExecutor] = None
_pool_lock = threading.Lock()


def threads() -> int:
    """How many threads compute: as many as the process may use cores, until told otherwise."""
    global _threads  # noqa: PLW0603 - one of the process
    if _threads is None:
        _threads = available_cores()
    return _threads


def set_threads(count: int) -> None:
    """Set the number of threads that compute from now on (a worker's process is one of several on the
    machine)."""
    global _threads  # noqa: PLW0603 - one of the process
    _close_pool()
    _threads = count


def pool() -> ThreadPoolExecutor:
    """The process's computing threads; ended when the plugin is unloaded."""
    global _pool  # noqa: PLW0603 - one of the process
    with _pool_lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(threads(), thread_name_prefix="redis-geo-compute")
            background.at_close(_close_pool)
        return _pool


def _close_pool() -> None:
    global _pool
    with _pool_lock:
        closing, _pool = _pool, None
    if closing is not None:
        closing.shutdown(wait=False, cancel_futures=True)


Together = tuple[list[Optional[bytes]], dict[int, str]]


@dataclass
class ComputedResult:
    """The result of one item: a geometry, or None with the reason why there is none. ``refused``: the item
    itself cannot be computed (``ValueError``), however often it is tried."""

    index: int
    geometry: shapely.Geometry
    cost_us: float
    error: str = ""
    refused: bool = False


@dataclass
class _Divided:
    """An item whose parts are computed apart. ``largest``: vertices of its largest unit."""

    index: int
    open_units: int
    largest: int
    cost_us: float = 0.0
    parts: list[shapely.Geometry] = field(default_factory=list)
    error: str = ""
    refused: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class _Unit:
    """Items, or parts of one item, that are computed in one call."""

    indices: list[int]
    columns: tuple[list[shapely.Geometry], ...]
    numbers: Optional[list[float]]
    vertices: int
    part_of: Optional[_Divided] = None

    @property
    def rank(self) -> tuple[int, int, int]:
        """Where it stands among the units: first many small items, which are soon done; then the largest, so
        that the threads end together. The parts of one item follow each other: it is done, and can be stored,
        long before the others are."""
        whole = self.part_of
        if whole is not None:
            return -whole.largest, whole.index, -self.vertices
        return (-self.vertices, -1, 0) if len(self.indices) == 1 else (-sys.maxsize, 0, -self.vertices)


def compute(
    operation: Operation,
    columns: tuple[Geometries, ...],
    numbers: Optional[Numbers],
    watch: Optional[Watch] = None,
) -> Iterator[ComputedResult]:
    """Compute n items on all cores and yield each result as soon as it is ready, in any order.

    ``columns``: ``arity`` arrays of n geometries; ``numbers``: n floats or None. Raises Cancelled, after the
    results that are ready.
    """
    watch = watch or Watch()
    vertices = np.sum([_vertices(column) for column in columns], axis=0)
    units = sorted(_units(operation, columns, numbers, vertices), key=lambda unit: unit.rank)
    total = float(sum(unit.vertices for unit in units)) or 1.0
    executor = pool()
    waiting: dict[Future[list[ComputedResult]], _Unit] = {
        executor.submit(_work_and_join, operation, unit): unit for unit in units
    }
    try:
        while waiting:
            stop = watch.cancelled()
            done, _ = wait(waiting, timeout=0 if stop else POLL, return_when=FIRST)
            for future in done:
                watch.advance(waiting.pop(future).vertices / total)
                yield from future.result()
            if stop and waiting:
                raise Cancelled
    finally:
        for future in waiting:
            future.cancel()


def together(
    operation: Operation, columns: Columns, numbers: Optional[Sequence[float]], least: int = LEAST_TOGETHER
) -> Together:
    """Compute many small items, from WKB to WKB, in as few calls as there are threads.

    Args:
        operation: what to compute.
        columns: ``arity`` lists of n WKB values.
        numbers: n numbers, or None.
        least: items that are worth a thread of their own.

    Returns:
        The results, and the reasons for those that are None by their position.
    """
    n = len(columns[0])
    step = max(-(-n // threads()), least)
    starts = range(0, n, step)
    if len(starts) == 1:
        return _together(operation, columns, numbers)
    executor = pool()
    futures = [
        executor.submit(
            _together,
            operation,
            [column[start : start + step] for column in columns],
            None if numbers is None else numbers[start : start + step],
        )
        for start in starts
    ]
    results: list[Optional[bytes]] = []
    errors: dict[int, str] = {}
    for start, future in zip(starts, futures):
        found, wrong = future.result()
        results.extend(found)
        errors.update((start + i, words) for i, words in wrong.items())
    return results, errors


def _together(operation: Operation, columns: Columns, numbers: Optional[Sequence[float]]) -> Together:
    geometries = tuple(wkb.read(column) for column in columns)
    given = None if numbers is None else np.array(numbers, dtype=float)
    try:
        if not _not_finite(geometries, given, _most(operation)).any():
            values = wkb.write(operation.compute(geometries, given))
            return values, {i: NO_GEOMETRY for i, value in enumerate(values) if value is None}
    except _FAILED:
        pass  # one bad item: it is found by itself
    found = in_this_thread(operation, geometries, given)
    results: list[Optional[bytes]] = [None] * len(found)
    values = wkb.write(np.array([result.geometry for result in found], dtype=object))
    for result, value in zip(found, values):
        results[result.index] = value
    return results, {r.index: r.error or NO_GEOMETRY for r in found if r.geometry is None}


def in_this_thread(
    operation: Operation, columns: tuple[Geometries, ...], numbers: Optional[Numbers]
) -> list[ComputedResult]:
    """Compute a few items in the calling thread; returns the results in any order."""
    given = None if numbers is None else numbers.tolist()
    return _work(operation, _Unit(list(range(len(columns[0]))), tuple(list(c) for c in columns), given, 0))


def _units(
    operation: Operation, columns: tuple[Geometries, ...], numbers: Optional[Numbers], vertices: Array
) -> list[_Unit]:
    units: list[_Unit] = []
    plain: list[int] = []
    for i, count in enumerate(vertices.tolist()):
        number = float(numbers[i]) if numbers is not None else 0.0
        geometry = columns[0][i]
        if (
            count > UNIT_VERTICES
            and len(columns) == 1
            and shapely.get_num_geometries(geometry) > 1
            and operation.divisible(geometry, number)
        ):
            units.extend(_part_units(i, geometry, number if numbers is not None else None))
        else:
            plain.append(i)
    units.extend(_plain_units(plain, columns, numbers, vertices))
    return units


def _part_units(index: int, geometry: shapely.Geometry, number: Optional[float]) -> list[_Unit]:
    parts = shapely.get_parts(geometry)
    sizes = shapely.get_num_coordinates(parts)
    groups = list(_groups(list(range(len(parts))), sizes))
    whole = _Divided(index, len(groups), max(int(sizes[group].sum()) for group in groups))
    units = []
    for group in groups:
        numbers = None if number is None else [number] * len(group)
        size = int(sizes[group].sum())
        units.append(_Unit([index] * len(group), ([parts[j] for j in group],), numbers, size, whole))
    return units


def _plain_units(
    items: list[int], columns: tuple[Geometries, ...], numbers: Optional[Numbers], vertices: Array
) -> list[_Unit]:
    return [
        _Unit(
            group,
            tuple([column[i] for i in group] for column in columns),
            None if numbers is None else [float(numbers[i]) for i in group],
            int(vertices[group].sum()) + len(group),
        )
        for group in _groups(items, vertices)
    ]


def _groups(items: Sequence[int], sizes: Array) -> Iterator[list[int]]:
    group: list[int] = []
    size = 0
    for i in items:
        if group and (size + sizes[i] > UNIT_VERTICES or len(group) >= UNIT_ITEMS):
            yield group
            group, size = [], 0
        group.append(i)
        size += int(sizes[i])
    if group:
        yield group


def _work_and_join(operation: Operation, unit: _Unit) -> list[ComputedResult]:
    """Compute a unit (in the pool). Where an item is divided, the thread that computes its last part joins
    all parts and returns the result."""
    results = _work(operation, unit)
    return results if unit.part_of is None else _join(unit.part_of, results)


def _work(operation: Operation, unit: _Unit) -> list[ComputedResult]:
    """Compute the items of a unit. An item that fails does not fail the others."""
    columns = tuple(np.array(column, dtype=object) for column in unit.columns)
    numbers = None if unit.numbers is None else np.array(unit.numbers)
    started = time.thread_time()
    wrong = _not_finite(columns, numbers, _most(operation))
    if wrong.any():
        return [
            result
            for k, single in enumerate(_singles(unit))
            for result in _refused(operation, single, wrong[k])
        ]
    try:
        geometries = operation.compute(columns, numbers)
    except _FAILED as error:
        if len(unit.indices) == 1:
            refused = not isinstance(error, ShapelyError)
            return [ComputedResult(unit.indices[0], None, _since(started), str(error), refused)]
        return [result for single in _singles(unit) for result in _work(operation, single)]
    cost = _since(started) / len(unit.indices)
    return [ComputedResult(i, geometry, cost) for i, geometry in zip(unit.indices, geometries)]


def _vertices(column: Geometries) -> Array:
    """The vertices of n geometries; those of one that many items share are divided among them."""
    counts: Array = shapely.get_num_coordinates(column)
    shared = Counter(map(id, column))
    if len(shared) < len(column):
        counts = counts // np.array([shared[id(one)] for one in column])
    return counts


def _refused(operation: Operation, single: _Unit, refused: bool) -> list[ComputedResult]:
    return (
        [ComputedResult(single.indices[0], None, 0.0, NOT_FINITE, True)]
        if refused
        else _work(operation, single)
    )


def _most(operation: Operation) -> float:
    """The largest coordinate or number that GEOS may be given."""
    return LARGEST if operation.ends_at_huge else sys.float_info.max


def _not_finite(columns: tuple[Geometries, ...], numbers: Optional[Numbers], most: float) -> Array:
    """Find which of n items have a coordinate or number that is NaN, infinite or beyond ``most``. GEOS gives
    wrong shapes for them, never returns, or ends the process."""
    wrong = np.zeros(len(columns[0]), dtype=bool) if numbers is None else ~(np.abs(numbers) <= most)
    for column in columns:
        once = {id(one): one for one in column}
        if len(once) < len(column) and None not in once.values():
            fine = {identity for identity, one in once.items() if _is_finite(one, most)}
            wrong |= np.fromiter((id(one) not in fine for one in column), dtype=bool, count=len(column))
            continue
        xy, owners = shapely.get_coordinates(column, return_index=True)
        wrong[owners[~(np.abs(xy) <= most).all(axis=1)]] = True
    return wrong


def _is_finite(shared: shapely.Geometry, most: float) -> bool:
    """Whether a geometry that many items share has no such coordinate. The last large ones are remembered."""
    if shapely.get_num_coordinates(shared) <= UNIT_VERTICES:
        return bool((np.abs(shapely.get_coordinates(shared)) <= most).all())
    with _finite_lock:  # while one thread looks, the others need not
        known = _finite.get((id(shared), most))
        if known is not None and known[0]() is shared:
            return known[1]
        finite = bool((np.abs(shapely.get_coordinates(shared)) <= most).all())
        if len(_finite) >= _REMEMBERED:
            _finite.clear()
        _finite[id(shared), most] = weakref.ref(shared), finite
        return finite


def _singles(unit: _Unit) -> Iterator[_Unit]:
    for k, index in enumerate(unit.indices):
        numbers = None if unit.numbers is None else [unit.numbers[k]]
        yield _Unit([index], tuple([column[k]] for column in unit.columns), numbers, 0, unit.part_of)


def _join(whole: _Divided, results: list[ComputedResult]) -> list[ComputedResult]:
    """Add the parts of one unit to their item. Returns the item's result after the last one."""
    with whole.lock:
        for result in results:
            whole.cost_us += result.cost_us
            whole.error = whole.error or result.error
            whole.refused |= result.refused
            if result.geometry is not None:
                whole.parts.append(result.geometry)
        whole.open_units -= 1
        if whole.open_units:
            return []
    if whole.error:
        return [ComputedResult(whole.index, None, whole.cost_us, whole.error, whole.refused)]
    started = time.thread_time()
    try:
        geometry = shapely.union_all(np.array(whole.parts, dtype=object))
    except ShapelyError as error:
        return [ComputedResult(whole.index, None, whole.cost_us, str(error))]
    return [ComputedResult(whole.index, geometry, whole.cost_us + _since(started))]


def _since(started: float) -> float:
    return (time.thread_time() - started) * 1e6
