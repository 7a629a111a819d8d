"""What the steps of a run did: gathered in the threads that run them, read by the window at any time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from enum import Enum
from typing import Callable, Optional

from ...core.redis.failures import Failure
from .outcome import StepOptions, StepOutcome
from .ways import Way

HITS, MISSES, KEPT, RUN = "HITS", "MISSES", "STEPS_KEPT", "STEPS_RUN"  # outputs beside the original's
SPARED, REPORT = "SPARED_SECONDS", "REPORT"
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
    ``spared`` what its hits had taken. A step that is not ``cached`` is left to its own algorithm."""

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

    @property
    def depth(self) -> int:
        """The number of models that enclose its own model."""
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
        self.title = title
        self.options = options or StepOptions()
        self.failure: Optional[Failure] = None  # the first of the server
        self._steps: dict[str, StepRecord] = {}
        self._lock = threading.Lock()
        self._cancel: Optional[Callable[[], object]] = None

    def __enter__(self) -> RunRecord:
        with _lock:
            _runs.add(self)
        return self

    def __exit__(self, *_error: object) -> None:
        with _lock:
            _runs.discard(self)

    def cancelled_by(self, cancel: Callable[[], object]) -> None:
        """What cancels the run, where the plugin is taken out of QGIS meanwhile."""
        self._cancel = cancel

    def plan(self, steps: list[StepRecord]) -> None:
        """Take the steps that are to be run. Those of a nested model stand behind it."""
        with self._lock:
            self._steps = {step.path: step for step in steps}

    def steps(self) -> list[StepRecord]:
        """The steps as they are now, in the order of the model."""
        with self._lock:
            return list(self._steps.values())

    def begin(self, path: str) -> None:
        """A step begins now."""
        self._change(path, state=State.RUNNING, started=time.monotonic())

    def end(self, path: str, outcome: StepOutcome) -> StepRecord:
        """A step has ended, with this outcome; returns it."""
        if self.failure is None:
            self.failure = outcome.failure
        step = self._step(path)
        return self._change(
            path,
            state=State.DONE,
            way=outcome.way,
            reason=outcome.reason if step.cached else step.reason,
            hits=outcome.hits,
            misses=outcome.misses,
            seconds=outcome.seconds,
            spared=outcome.spared_seconds,
        )

    def end_model(self, path: str) -> None:
        """The model that a step is has ended."""
        self._change(path, state=State.DONE, seconds=time.monotonic() - self._step(path).started)

    def leave_rest(self) -> None:
        """Nothing more is run."""
        with self._lock:
            for path, step in self._steps.items():
                if step.state is not State.DONE:
                    self._steps[path] = replace(step, state=State.LEFT)

    def _change(self, path: str, **values: object) -> StepRecord:
        with self._lock:
            step = self._steps[path] = replace(self._steps[path], **values)  # type: ignore[arg-type]
            return step

    def _step(self, path: str) -> StepRecord:
        with self._lock:
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


_runs: set[RunRecord] = set()  # that are under way
_lock = threading.Lock()


def counts(totals: Totals) -> dict[str, object]:
    """The sums of a run as outputs."""
    found: dict[str, object] = {HITS: totals.hits, MISSES: totals.misses, KEPT: totals.kept, RUN: totals.run}
    return {**found, SPARED: totals.spared}


def cancel_all() -> None:
    """Ask all runs to end: the plugin is being taken out of QGIS."""
    with _lock:
        running = list(_runs)
    for run in running:
        run.cancel()
