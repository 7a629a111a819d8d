"""docs/widgets.md lists the object names of the window, all of them, and none that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"redis_geo_[a-z0-9_]+")
BEGINNINGS = {
    "redis_geo_cache",
    "redis_geo_jobs",
    "redis_geo_models",
    "redis_geo_options_cache",
}  # of what docks and the Options page have alike
NO_WIDGETS = {"redis_geo_members"}  # the locator filter's name


def texts():
    """(the whole texts, the beginnings of formatted texts) in the sources of the window."""
    whole, beginnings = set(), set()
    for path in (ROOT / "redis_geo_plugin" / "gui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(node.values[0].value)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
    return whole, {text for text in beginnings if text.startswith("redis_geo_")} | BEGINNINGS


def listed():
    """What the page lists, entry by entry, as the names that it can stand for: ``_cancel`` after ``redis_geo_cache_run``
    is ``redis_geo_cache_cancel`` (or ``redis_geo_cancel``)."""
    entries = []
    for line in (ROOT / "docs" / "widgets.md").read_text(encoding="utf-8").splitlines():
        cells = line.split("|")
        full = ""
        for name in re.findall(r"`([a-z0-9_]+)`", cells[1]) if len(cells) > 2 else []:
            full = full if name.startswith("_") else name
            cuts = [i for i, letter in enumerate(full) if letter == "_" and i > len("redis_geo")]
            entries.append({name} if name == full else {full + name, *(full[:i] + name for i in cuts)})
    return entries


def test_every_name_of_the_window_is_listed():
    whole, beginnings = texts()
    names = {text for text in whole if NAME.fullmatch(text)} - NO_WIDGETS - beginnings
    assert len(names) > 150
    assert sorted(names - set().union(*listed())) == []


def test_every_name_listed_is_one_of_the_window():
    whole, beginnings = texts()

    def is_there(name):
        return name in whole or any(name.startswith(b) and name[len(b) :] in whole for b in beginnings)

    assert [sorted(names) for names in listed() if not any(map(is_there, names))] == []
