"""Jobs in words: why one failed, the state of a batch, what a worker does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QLocale

from ..i18n import tr
from ..operations import label
from ..words.quantities import duration
from .worker_words import worker_words

if TYPE_CHECKING:
    from ...core.jobs.listing import JobLine
    from ...core.jobs.records import Batch
    from ...core.json_types import JsonObject


def reason_in_words(reason: str, words: str = "") -> str:
    """One sentence on a failed job; ``words`` is what the worker added."""
    text = _reasons().get(reason, reason)
    return tr("{reason} ({words})").format(reason=text, words=worker_words(words)) if words else text


def _reasons() -> dict[str, str]:
    return {
        "error": tr("The computation failed"),
        "crash": tr("The computation ended its process"),
        "over_time": tr("It ran longer than the worker allows"),
        "over_memory": tr("It took more memory than the worker allows"),
        "worker_died": tr("Workers died while they computed it"),
        "unknown_type": tr("No worker knows this operation"),
        "unknown_version": tr("No worker has this version of the operation"),
        "unknown_geos": tr("No worker has the version of GEOS that was asked for"),
        "no_geometry": tr("Its geometry was not found"),
        "bad_geometry": tr("Its geometry cannot be read or computed"),
        "bad_json": tr("It is not readable as a job"),
        "bad_parameter": tr("A parameter is wrong"),
    }


def state_in_words(batch: Batch, remaining: float | None, begun: bool = False) -> str:
    """Describe the state of a batch. ``remaining`` is the estimate in seconds, None where there is none yet;
    ``begun`` says that a worker computes one of its jobs just now. Jobs that were in the cache when it was
    sent do not count as begun."""
    if batch.damaged:
        return tr("not readable: {key}").format(key=batch.damaged)
    if batch.finished:
        if batch.lost:
            return tr("ended, {lost} lost").format(lost=batch.lost)
        if batch.failed:
            return tr("done, {failed} failed").format(failed=batch.failed)
        if batch.cancelled or batch.cancelled_jobs == batch.done > 0:
            return tr("cancelled")
        return (
            tr("done, {cancelled} cancelled").format(cancelled=batch.cancelled_jobs)
            if batch.cancelled_jobs
            else tr("done")
        )
    if batch.cancelled:
        return tr("being cancelled")
    if batch.total is None:
        return tr("being sent")
    if remaining is None:
        under_way = begun or batch.computed or batch.failed
        return tr("under way") if under_way else tr("waiting")
    return tr("about {time} left").format(time=duration(remaining))


def end_in_words(batch: Batch) -> str:
    """Say that a batch has ended: its name, how many of its jobs were done, what became of the others, and
    how long it took."""
    show = QLocale().toString
    done = batch.computed + batch.cached
    names = {"name": batch.name, "done": show(done), "total": show(batch.total or batch.sent)}
    if batch.cancelled or batch.cancelled_jobs:
        text = tr("{name} was cancelled; {done} of {total} jobs were done.").format(**names)
    elif done == (batch.total or batch.sent):
        text = tr("{name} is done. Jobs: {total}.").format(**names)
    else:
        text = tr("{name} has ended; {done} of {total} jobs were done.").format(**names)
    if batch.failed:
        text += " " + tr("Failed: {count}.").format(count=show(batch.failed))
    if batch.lost:
        text += " " + tr("Lost: {count}.").format(count=show(batch.lost))
    if batch.ended is not None and batch.created and round(batch.ended - batch.created) > 0:
        text += " " + tr("It took {time}.").format(time=duration(batch.ended - batch.created))
    return text


def job_in_words(line: JobLine) -> str:
    """Describe the state of one job of a batch."""
    if line.state == "failed":
        return reason_in_words(line.reason, line.words)
    return {
        "waiting": tr("waiting"),
        "running": tr("being computed"),
        "cancelling": tr("being cancelled"),
        "computed": tr("computed"),
        "cached": tr("from the cache"),
        "cancelled": tr("cancelled"),
        "lost": tr("lost"),
    }[line.state]


def took_in_words(cost_us: int) -> str:
    """How long computing one job took; empty where it was not computed."""
    if not cost_us:
        return ""
    if cost_us < 10_000_000:
        places = 3 if cost_us < 100_000 else 4
        return tr("{n} ms").format(n=QLocale().toString(cost_us / 1000, "g", places))
    return duration(cost_us / 1e6)


def worker_in_words(line: JsonObject) -> str:
    """Describe what a worker does now."""
    state = line.get("state")
    current = line.get("current") or []
    if not line["alive"]:
        if state == "ended":
            return tr("ended {time} ago").format(time=duration(line["seen"]))
        return tr("silent for {time}").format(time=duration(line["seen"]))
    if state == "no_memory":
        return tr("waits: the server's memory is full")
    if state == "draining":
        return tr("finishes what it has")
    if current:
        longest = max(current, key=lambda job: job.get("seconds", 0))
        job = label(str(longest.get("job", "")).split(" ")[0])
        seconds = longest.get("seconds", 0) + line["seen"]  # told when it was last heard of
        return tr("{job}, for {time}").format(job=job, time=duration(seconds))
    return tr("idle") if not line.get("held") else tr("working")
