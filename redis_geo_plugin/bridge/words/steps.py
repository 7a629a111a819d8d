"""Steps of a run in words: the way in which a step is cached, how far it is, what it read and computed."""

from __future__ import annotations

import time
from typing import Optional

from qgis.PyQt.QtCore import QLocale

from ..i18n import tr
from ..steps.records import RunRecord, State, StepRecord
from ..steps.ways import Way


def headings() -> list[str]:
    """The titles of the columns of ``cells``."""
    return [tr("Step"), tr("Way"), tr("Found"), tr("Computed"), tr("Seconds"), tr("Spared")]


def cells(step: StepRecord) -> list[str]:
    """A step as a row of a table."""
    if step.state in (State.WAITING, State.LEFT):
        return [step.title, state_name(step), "", "", "", ""]
    if step.state is State.RUNNING:
        return [step.title, state_name(step), "", "", seconds(time.monotonic() - step.started), ""]
    counted = bool(step.hits or step.misses)
    found = [number(step.hits), number(step.misses)] if counted else ["", ""]
    spared = seconds(step.spared) if step.spared else ""
    return [step.title, way_name(step), *found, seconds(step.seconds), spared]


def state_name(step: StepRecord) -> str:
    """How far a step is that has not ended."""
    if step.state is State.RUNNING:
        return tr("under way")
    return tr("not run") if step.state is State.LEFT else tr("waiting")


def way_name(step: StepRecord) -> str:
    """The way of a step that has ended, in a word or two."""
    if step.is_model:
        return tr("model")
    names = {
        Way.ROWS: tr("by feature"),
        Way.GROUPS: tr("by group"),
        Way.NEARBY: tr("nearby"),
        Way.WHOLE: tr("as a whole"),
    }
    return names[step.way] if step.way is not None else tr("not cached")


def way_explained(way: Optional[Way], reason: str = "") -> str:
    """What is kept of an algorithm with this way, and what is computed anew after a change."""
    texts = {
        Way.ROWS: tr(
            "Kept for each feature: after a change only the features that changed are computed, where "
            "computing them takes longer than reading them."
        ),
        Way.GROUPS: tr("Kept for each group of features: after a change only its group is computed."),
        Way.NEARBY: tr(
            "Kept for each feature together with the features of the other layer that are near it: after a "
            "change in either layer only what is near the change is computed."
        ),
        Way.WHOLE: tr("Kept as a whole: it is computed again when anything in its layers changes."),
    }
    if way is None:
        return tr("Not cached: the algorithm of QGIS runs each time.") + (f" {reason}" if reason else "")
    return texts[way]


def summary(run: RunRecord) -> str:
    """ "Steps read from the cache: 7 of 9. Results found: 4,500, computed: 12. 38 s of computing
    spared." """
    totals = run.totals()
    text = tr("Steps read from the cache: {kept} of {steps}.").format(
        kept=number(totals.kept), steps=number(totals.kept + totals.run)
    )
    if totals.hits + totals.misses:
        text += " " + tr("Results found: {found}, computed: {computed}.").format(
            found=number(totals.hits), computed=number(totals.misses)
        )
    if totals.spared:
        text += " " + tr("{spared} s of computing spared.").format(spared=seconds(totals.spared))
    return text


def number(value: float) -> str:
    """A count, as the user writes it."""
    return QLocale().toString(int(value))


def seconds(value: float) -> str:
    """A duration in seconds, as the user writes it."""
    return QLocale().toString(float(value), "f", 2 if value < 10 else 1 if value < 100 else 0)
