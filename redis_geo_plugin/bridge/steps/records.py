"""What the steps of a run did: gathered in the threads that run them, read by the window at any time.

A run has a token, which the run-time copy of a model carries in the configuration of its steps
(``model_copy``). So a step finds the run that it belongs to, however QGIS starts it.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Callable, Optional

from ...core.redis.failures import Failure
from .outcome import StepOptions, StepOutcome
from .ways import Way

TOKEN, STEP = "redis_geo_run", "redis_geo_step"  # of a step's configuration
SEPARATOR = "/"  # between the steps of nested models


class State(Enum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    LEFT = "left"  # it is never reached: it failed, was cancelled, or stands in a branch that is not taken


@dataclass(frozen=True)
class StepRecord:
    """One step. ``path`` names it in its model, and the models around it; ``title`` is what the user calls
    it. ``way`` is None where nothing was cached, and ``reason`` then says why. ``seconds`` is what it took,
    ``spared`` what its hits had taken. ``after`` are the paths of the steps whose results it takes. A step
    that is not ``cached`` is left to its own algorithm, which does not tell how long it takes."""

    path: str
    title: str
    algorithm: str
    cached: bool = True
    is_model: bool = False
    state: State = State.WAITING
    way: Optional[Way] = None
    reason: str = ""
    hits: int = 0
    misses: int = 0
    seconds: float = 0.0
    spared: float = 0.0
    started: float = 0.0
    after: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """How many models are around its own."""
        return self.path.count(SEPARATOR)

    @property
    def kept(self) -> bool:
        """Whether all of it was read."""
        return self.state is State.DONE and self.way is not None and not self.misses and bool(self.hits)


@dataclass(frozen=True)
class Totals:
    """The sums over the steps of a run."""

    hits: int = 0
    misses: int = 0
    kept: int = 0
    run: int = 0
    spared: float = 0.0


class RunRecord:
    """A run of a model, or of a single algorithm. Every method may be called from any thread."""

    def __init__(self, title: str, options: Optional[StepOptions] = None):
        self.token = secrets.token_hex(8)
        self.title = title
        self.options = options or StepOptions()
        self.failure: Optional[Failure] = None  # the first of the server
        self.nested: dict[str, object] = {}  # the copies of the models in it, by path; see ``model_copy``
        self._steps: dict[str, StepRecord] = {}
        self._lock = threading.Lock()
        self._cancel: Optional[Callable[[], object]] = None

    def __enter__(self) -> RunRecord:
        with _lock:
            _runs[self.token] = self
        return self

    def __exit__(self, *_error: object) -> None:
        with _lock:
            _runs.pop(self.token, None)

    def cancelled_by(self, cancel: Callable[[], object]) -> None:
        """What cancels the run, where the plugin is taken out of QGIS meanwhile."""
        self._cancel = cancel

    def plan(self, steps: list[StepRecord]) -> None:
        """Add steps that are to be run. Those of a nested model stand behind it."""
        with self._lock:
            for step in steps:
                self._steps.setdefault(step.path, step)
            ordered = _in_order(self._steps)
            self._steps = {path: self._steps[path] for path in ordered}

    def steps(self) -> list[StepRecord]:
        """The steps as they are now, in the order of the model."""
        with self._lock:
            return list(self._steps.values())

    def begin(self, path: str) -> None:
        """A step begins now: those whose results it takes have ended."""
        with self._lock:
            self._ended(self._steps[path].after if path in self._steps else ())
        self._change(path, state=State.RUNNING, started=time.monotonic())

    def _ended(self, paths: Iterable[str]) -> None:
        """Note that these have ended, of those that do not tell it themselves, and what they depend on."""
        for path in paths:
            step = self._steps.get(path)
            if step is not None and not step.cached and step.state is State.WAITING:
                self._steps[path] = replace(step, state=State.DONE)
                self._ended(step.after)

    def end(self, path: str, outcome: StepOutcome) -> StepRecord:
        """A step has ended, with this outcome; returns it."""
        if self.failure is None:
            self.failure = outcome.failure
        return self._change(
            path,
            state=State.DONE,
            way=outcome.way,
            reason=outcome.reason,
            hits=outcome.hits,
            misses=outcome.misses,
            seconds=outcome.seconds,
            spared=outcome.spared_seconds,
        )

    def end_model(self, path: str, results: Mapping[str, object]) -> None:
        """A model has ended, the outermost ("") or one in it; ``results`` are those of its steps by their
        ids."""
        inside = f"{path}{SEPARATOR}" if path else ""
        with self._lock:
            self._ended(inside + child for child in results)
            step = self._steps.get(path)
            if step is not None:
                seconds = time.monotonic() - step.started
                self._steps[path] = replace(step, state=State.DONE, seconds=seconds)

    def leave_rest(self) -> None:
        """Nothing more is run."""
        with self._lock:
            for path, step in self._steps.items():
                if step.state is not State.DONE:
                    self._steps[path] = replace(step, state=State.LEFT)

    def _change(self, path: str, **values: object) -> StepRecord:
        with self._lock:
            step = self._steps.get(path) or StepRecord(path, path, "")
            self._steps[path] = replace(step, **values)  # type: ignore[arg-type]
            return self._steps[path]

    def totals(self, inside: str = "") -> Totals:
        """The sums over the steps that have run, those whose path begins with ``inside``; a nested model
        counts by its steps."""
        done = [
            step
            for step in self.steps()
            if step.state is State.DONE and not step.is_model and step.path.startswith(inside)
        ]
        return Totals(
            hits=sum(step.hits for step in done),
            misses=sum(step.misses for step in done),
            kept=sum(step.kept for step in done),
            run=sum(not step.kept for step in done),
            spared=sum(step.spared for step in done),
        )

    def cancel(self) -> None:
        """Ask the run to end."""
        if self._cancel is not None:
            self._cancel()


_runs: dict[str, RunRecord] = {}
_lock = threading.Lock()


def run_of(token: object) -> Optional[RunRecord]:
    """The run that is under way with this token."""
    with _lock:
        return _runs.get(str(token))


def cancel_all() -> None:
    """Ask all runs to end: the plugin is being taken out of QGIS."""
    with _lock:
        running = list(_runs.values())
    for run in running:
        run.cancel()


def _in_order(steps: dict[str, StepRecord]) -> list[str]:
    """The paths, the steps of each nested model behind the step that it is."""
    below: dict[str, list[str]] = {}
    for path in steps:
        below.setdefault(path.rpartition(SEPARATOR)[0], []).append(path)

    def walk(parent: str) -> list[str]:
        return [one for path in below.get(parent, ()) for one in (path, *walk(path))]

    return walk("")
