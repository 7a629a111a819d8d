"""Computing on all cores: GEOS runs outside the GIL, so threads suffice. Heavy multi-part geometries go part by part."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED as FIRST
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

import numpy as np
import shapely
from shapely.errors import ShapelyError

from .. import background
from ..cancelling import Cancelled
from ..operations.base import Geometries, Numbers, Operation

# A unit of work: enough vertices that handing it out costs nothing beside it, few enough that the cores finish together.
UNIT_VERTICES = 4000
UNIT_ITEMS = 500
NOT_FINITE = "a coordinate or distance is not a finite number"
POLL = 0.1  # seconds between looks at a cancel

_threads = os.cpu_count() or 1
_pool: Optional[ThreadPoolExecutor] = None
_pool_lock = threading.Lock()


def threads() -> int:
    """How many threads compute."""
    return _threads


def set_threads(count: int) -> None:
    """Have this many threads compute from now on (a worker's process is one of several on the machine)."""
    global _threads
    _close_pool()
    _threads = count


def pool() -> ThreadPoolExecutor:
    """The process's computing threads; ended when the plugin is unloaded."""
    global _pool
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


@dataclass
class Result:
    """The result of one item: a geometry, or None with the reason why there is none."""

    index: int
    geometry: Any
    cost_us: float
    error: str = ""


@dataclass
class _Divided:
    """An item whose parts are computed apart. ``largest``: vertices of its largest unit."""

    index: int
    open_units: int
    largest: int
    cost_us: float = 0.0
    parts: list[Any] = field(default_factory=list)
    error: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class _Unit:
    """Items, or parts of one item, that are computed in one call."""

    indices: list[int]
    columns: tuple[list[Any], ...]
    numbers: Optional[list[float]]
    vertices: int
    part_of: Optional[_Divided] = None

    @property
    def rank(self) -> tuple[int, int, int]:
        """Where it stands among the units: first many small items, which are soon done; then the largest, so that the threads
        end together. The parts of one item follow each other: it is done, and can be stored, long before the others are."""
        whole = self.part_of
        if whole is not None:
            return -whole.largest, whole.index, -self.vertices
        return (-self.vertices, -1, 0) if len(self.indices) == 1 else (-sys.maxsize, 0, -self.vertices)


def compute(
    operation: Operation,
    columns: tuple[Geometries, ...],
    numbers: Optional[Numbers],
    cancelled: Callable[[], bool] = lambda: False,
    advanced: Callable[[float], Any] = lambda share: None,
) -> Iterator[Result]:
    """Yield the result of every item as it is ready, in any order.

    ``columns``: ``arity`` arrays of n geometries; ``numbers``: n floats or None. ``advanced`` is told, now and then,
    the share of the whole that was done since (the shares add up to 1). Raises Cancelled, after the results that are ready.
    """
    vertices = sum(shapely.get_num_coordinates(column) for column in columns)
    units = sorted(_units(operation, columns, numbers, vertices), key=lambda unit: unit.rank)
    total = float(sum(unit.vertices for unit in units)) or 1.0
    executor = pool()
    waiting: dict[Future, _Unit] = {executor.submit(_work_and_join, operation, unit): unit for unit in units}
    try:
        while waiting:
            stop = cancelled()
            done, _ = wait(waiting, timeout=0 if stop else POLL, return_when=FIRST)
            for future in done:
                advanced(waiting.pop(future).vertices / total)
                yield from future.result()
            if stop and waiting:
                raise Cancelled
    finally:
        for future in waiting:
            future.cancel()


def in_this_thread(operation: Operation, columns: tuple[Geometries, ...], numbers: Optional[Numbers]) -> list[Result]:
    """The results of a few items, in any order, without the pool."""
    given = None if numbers is None else numbers.tolist()
    return _work(operation, _Unit(list(range(len(columns[0]))), tuple(list(c) for c in columns), given, 0))


def _units(
    operation: Operation, columns: tuple[Geometries, ...], numbers: Optional[Numbers], vertices: np.ndarray
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


def _part_units(index: int, geometry: Any, number: Optional[float]) -> list[_Unit]:
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
    items: list[int], columns: tuple[Geometries, ...], numbers: Optional[Numbers], vertices: np.ndarray
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


def _groups(items: Sequence[int], sizes: np.ndarray) -> Iterator[list[int]]:
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


def _work_and_join(operation: Operation, unit: _Unit) -> list[Result]:
    """Runs in the pool. Of an item in parts, the thread that computes the last of them joins all, and has the result."""
    results = _work(operation, unit)
    return results if unit.part_of is None else _join(unit.part_of, results)


def _work(operation: Operation, unit: _Unit) -> list[Result]:
    """One bad item does not take the others of its unit with it."""
    columns = tuple(np.array(column, dtype=object) for column in unit.columns)
    numbers = None if unit.numbers is None else np.array(unit.numbers)
    started = time.thread_time()
    wrong = _not_finite(columns, numbers)
    if wrong.any():
        return [result for k, single in enumerate(_singles(unit)) for result in _refused(operation, single, wrong[k])]
    try:
        geometries = operation.compute(columns, numbers)
    except (ShapelyError, ValueError) as error:
        if len(unit.indices) == 1:
            return [Result(unit.indices[0], None, _since(started), str(error))]
        return [result for single in _singles(unit) for result in _work(operation, single)]
    cost = _since(started) / len(unit.indices)
    return [Result(i, geometry, cost) for i, geometry in zip(unit.indices, geometries)]


def _refused(operation: Operation, single: _Unit, refused: bool) -> list[Result]:
    return [Result(single.indices[0], None, 0.0, NOT_FINITE)] if refused else _work(operation, single)


def _not_finite(columns: tuple[Geometries, ...], numbers: Optional[Numbers]) -> np.ndarray:
    """Which of n items have a coordinate or number that is NaN or infinite: of those GEOS makes wrong shapes, or never
    comes back."""
    wrong = np.zeros(len(columns[0]), dtype=bool) if numbers is None else ~np.isfinite(numbers)
    for column in columns:
        xy, owners = shapely.get_coordinates(column, return_index=True)
        wrong[owners[~np.isfinite(xy).all(axis=1)]] = True
    return wrong


def _singles(unit: _Unit) -> Iterator[_Unit]:
    for k, index in enumerate(unit.indices):
        numbers = None if unit.numbers is None else [unit.numbers[k]]
        yield _Unit([index], tuple([column[k]] for column in unit.columns), numbers, 0, unit.part_of)


def _join(whole: _Divided, results: list[Result]) -> list[Result]:
    """Take in the parts of one unit; when it was the last, the item's result."""
    with whole.lock:
        for result in results:
            whole.cost_us += result.cost_us
            whole.error = whole.error or result.error
            if result.geometry is not None:
                whole.parts.append(result.geometry)
        whole.open_units -= 1
        if whole.open_units:
            return []
    if whole.error:
        return [Result(whole.index, None, whole.cost_us, whole.error)]
    started = time.thread_time()
    try:
        geometry = shapely.union_all(np.array(whole.parts, dtype=object))
    except ShapelyError as error:
        return [Result(whole.index, None, whole.cost_us, str(error))]
    return [Result(whole.index, geometry, whole.cost_us + _since(started))]


def _since(started: float) -> float:
    return (time.thread_time() - started) * 1e6
