"""The report of a run: a page of HTML, and lines for the log of Processing."""

from __future__ import annotations

import html
import os
import secrets
import time
from pathlib import Path

from qgis.core import QgsApplication, QgsProcessingUtils

from .. import log
from ..i18n import locale, tr
from ..saving import replacing
from ..words import steps as words
from .records import RunRecord, StepRecord

FOLDER = "redis_geo/reports"  # in the user's profile
MOST = 50  # reports that are kept

_STYLE = (
    "body{font-family:sans-serif} table{border-collapse:collapse} th,td{padding:2px 8px;text-align:left;"
    "border-bottom:1px solid #aaa;vertical-align:top} td.n,th.n{text-align:right} .why{font-size:small}"
)


def lines(run: RunRecord) -> list[str]:
    """The run for a log: its summary, then a line for each step."""
    found = [words.summary(run)]
    for step in run.steps():
        title, way, hits, misses, taken, spared = words.cells(step)
        parts = [way]
        if hits or misses:
            parts.append(tr("found {found}, computed {computed}").format(found=hits, computed=misses))
        if taken:
            parts.append(tr("{seconds} s").format(seconds=taken))
        if spared:
            parts.append(tr("{spared} s of computing spared").format(spared=spared))
        parts += [step.reason] if step.reason else []
        found.append(f"{'    ' * (step.depth + 1)}{title}: {'; '.join(parts)}")
    return found


def page(run: RunRecord) -> str:
    """The run as a page of HTML. What others named is escaped."""
    head = "".join(f"<th{_number(at)}>{html.escape(one)}</th>" for at, one in enumerate(words.headings()))
    rows = "\n".join(_row(step) for step in run.steps())
    title, summary = html.escape(run.title), html.escape(words.summary(run))
    return (
        f'<!DOCTYPE html>\n<html lang="{locale() or "en"}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{summary}</p>\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></body></html>\n"
    )


def _row(step: StepRecord) -> str:
    texts = [html.escape(text) for text in words.cells(step)]
    texts[0] = f"{'&nbsp;&nbsp;&nbsp;' * step.depth}{texts[0]}"
    if step.reason:
        texts[1] += f'<br><span class="why">{html.escape(step.reason)}</span>'
    return "<tr>" + "".join(f"<td{_number(at)}>{text}</td>" for at, text in enumerate(texts)) + "</tr>"


def _number(column: int) -> str:
    return ' class="n"' if column >= 2 else ""


def write(run: RunRecord) -> str:
    """Write the page into the user's profile, where the newest reports are kept, and return its path; "" if
    it cannot be written."""
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}.html"
    profile = Path(QgsApplication.qgisSettingsDirPath()) / FOLDER
    for folder in (profile, Path(QgsProcessingUtils.tempFolder())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(str(folder / name)) as partial:
                Path(partial).write_text(page(run), encoding="utf-8")
        except OSError as error:
            log.warning(f"{folder}: {error}")
            continue
        if folder == profile:
            _prune(folder)
        return str(folder / name)
    return ""


def _prune(folder: Path) -> None:
    """Delete all but the newest reports."""
    for old in sorted(folder.glob("*-*-*.html"))[:-MOST]:
        try:
            os.unlink(old)
        except OSError:
            pass  # another QGIS deleted it, or shows it
