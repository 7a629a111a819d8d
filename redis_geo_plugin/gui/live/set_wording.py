"""Live sets in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...bridge.features import words
from ...bridge.i18n import tr
from ...bridge.words import failures
from ...bridge.words.quantities import duration as duration_text
from .wording import amount, state_text

if TYPE_CHECKING:
    from ...bridge.features.live_set import LiveSet


def set_state_text(one: LiveSet) -> str:
    """The lamp of a set in words."""
    if one.running and one.is_edited:
        return tr("being edited: what is new waits")
    return state_text(one.status())


def set_details_text(one: LiveSet) -> str:
    """One paragraph on a set for the dock."""
    status = one.status()
    if status is None:
        return tr("This set of features is stopped. The layers keep what they showed last.")
    parts = []
    if status.failure is not None:
        parts.append(failures.with_server_words(status.failure))
    elif status.tracking:
        parts.append(tr("The server tells what changes; only that is read."))
    else:
        why = f" ({failures.with_server_words(status.note)})" if status.note is not None else ""
        text = tr("The whole set is read each time, as the server does not tell what changes{why}.")
        parts.append(text.format(why=why))
    if not one.layers and status.full_reads:
        parts.append(
            tr("Nothing stands in {keys} yet; the layers come with it.").format(keys=one.spec.source)
        )
    if one.tick.at:
        text = tr("Last change {ago} ago (features: {rows}), in {ms} ms.")
        rows = amount(one.tick.rows + one.tick.gone)
        ago = duration_text(time.time() - one.tick.at)
        parts.append(text.format(ago=ago, rows=rows, ms=amount(one.tick.seconds * 1000)))
    return " ".join(parts + words.refused_lines(status.why_refused))
