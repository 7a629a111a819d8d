"""The one order in which the items of a step get their outputs: look up, claim, look up again, compute."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Callable, Optional, Protocol, TypeVar

from .step_run import StepRun

_log = logging.getLogger("redis_geo")
TOGETHER = 2000  # items that are looked up at once


class StepItem(Protocol):
    """What is looked up and computed as one: its key, its outputs, and the microseconds that these took."""

    digest: bytes
    outputs: Any
    cost_us: float


_Item = TypeVar("_Item", bound=StepItem)


def obtain(
    run: StepRun,
    items: list[_Item],
    claim: Any,
    restored: Callable[[_Item, bytes], Optional[object]],
    compute: Callable[[list[_Item]], None],
) -> None:
    """Give every item its outputs: stored ones, others' that are just being computed, or computed here.

    Args:
        run: the step under way; its hits and misses are counted.
        items: what needs outputs.
        claim: a SHA-256 to be gone on with, of all that the results of the step share.
        restored: makes outputs of a stored value; None for one that cannot be used.
        compute: computes and stores items.
    """
    missing = _look_up(run, items, restored)
    if not missing:
        return
    if run.store.up:
        whole = claim.copy()
        for item in missing:
            whole.update(item.digest)
        with run.claimed(whole.digest()) as waited:
            if waited:
                missing = _look_up(run, missing, restored)
            compute(missing)
    else:
        compute(missing)
    run.counts.misses += len(missing)


def _look_up(
    run: StepRun, items: Sequence[_Item], restored: Callable[[_Item, bytes], Optional[object]]
) -> list[_Item]:
    """Restore the items that are stored; returns the others."""
    missing = []
    for start in range(0, len(items), TOGETHER):
        some = items[start : start + TOGETHER]
        for item, kept in zip(some, run.store.rows([one.digest for one in some])):
            item.outputs = None if kept is None else _restored(item, kept.body, restored)
            if item.outputs is None or kept is None:
                missing.append(item)
                continue
            item.cost_us = float(kept.cost_us)
            run.counts.hits += 1
            run.counts.spared_us += kept.cost_us
        run.watch.check()
    return missing


def _restored(
    item: _Item, body: bytes, restored: Callable[[_Item, bytes], Optional[object]]
) -> Optional[object]:
    """The outputs of a stored value; None for one that cannot be used, whatever it holds."""
    try:
        return restored(item, body)
    except Exception as error:
        _log.debug("a stored value could not be read", exc_info=error)
        return None
