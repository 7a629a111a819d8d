"""Texts of other programs in places that Qt and QGIS draw as HTML: tool tips, the message bar, the log,
titles of tasks.

Every widget of the plugin shows plain text (``gui/labels.py``, ``gui/dialogs.py``); these places know rich
text only, or guess. Whatever goes there passes one of these functions; a test forbids the raw calls.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from ..core.readable import cut, one_line, printable

if TYPE_CHECKING:
    from qgis.core import QgsVectorLayer

MOST_IN_A_TIP = 1000  # characters: a tool tip is read at a glance, and Qt lays out 10 MB of it for seconds
_LONG_LINE = 100  # characters: a plain tool tip is not wrapped
_LOOKS_RICH = re.compile(r"<\s*[!/?a-zA-Z]|&#?\w+;")  # all that Qt.mightBeRichText answers yes to, and more
_OPENING = re.compile(r"<(?!\u2060)|&(?=#?\w+;)")
_MAP_TIP = "[% replace(replace(coalesce(to_string(display_expression()), ''), '&', '&amp;'), '<', '&lt;') %]"
JOINER = "\u2060"  # shows nothing; behind a < there is no tag


def escaped(text: str) -> str:
    """A text for a place that takes HTML: it is shown as it is, its lines apart."""
    return escape(printable(text), quote=False).replace("\n", "<br>")


def tool_tip(text: str) -> str:
    """A text as a tool tip: never taken for HTML, long lines wrapped, cut where it is longer than anybody
    reads."""
    shown = cut(text, MOST_IN_A_TIP)
    if max(map(len, shown.splitlines()), default=0) <= _LONG_LINE and not _looks_rich(shown):
        return printable(shown)
    return f"<p>{escaped(shown)}</p>"


def tip_of(title: str, *lines: str) -> str:
    """A tool tip with a title in bold and lines below; all of them texts of others."""
    shown = [escaped(cut(line, MOST_IN_A_TIP)) for line in (title, *lines) if line]
    return "<br>".join([f"<b>{shown[0]}</b>", *shown[1:]]) if shown else ""


def unmarked(text: str) -> str:
    """A text for a place that shows it plain in one spot and guesses in another: no tag is left, nothing is
    seen of it."""
    return (
        _OPENING.sub(lambda found: found[0] + JOINER, printable(text))
        if _looks_rich(text)
        else printable(text)
    )


def cell_text(value: object, most: int = 500) -> str:
    """A value of others in a cell of a table: one line, cut, as Qt lays out all of it at every drawing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return printable(one_line(cut(value, most)))
    if isinstance(value, (dict, list)):
        return printable(_json_start(value, most))
    return printable(cut(str(value), most))


def plain_map_tip(layer: QgsVectorLayer) -> None:
    """Make the map tip of a layer show its display name as plain text. QGIS takes a text of others there for
    HTML, with pictures of any address; a template of the user's stays."""
    if not layer.mapTipTemplate():
        layer.setMapTipTemplate(_MAP_TIP)


def _json_start(value: object, most: int) -> str:
    """The first characters of a value as JSON; no more of it is written than is shown."""
    import json

    written, parts = 0, []
    for part in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        parts.append(part[: most + 1])
        written += len(part)
        if written > most:
            break
    return cut("".join(parts), most)


def _looks_rich(text: str) -> bool:
    return _LOOKS_RICH.search(text) is not None
