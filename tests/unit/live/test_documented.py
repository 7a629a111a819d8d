"""The faults and traps of the live positions that the documentation names have the tests it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted([*ROOT.glob("tests/unit/live/test_*.py"), *ROOT.glob("tests/*/test_live_*.py")])


@pytest.mark.parametrize("page", ["docs/development.md", "docs/fr/development.md"])
def test_every_test_that_is_named_stands_there(page):
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", (ROOT / page).read_text(encoding="utf-8")))
    there = {
        name
        for path in FILES
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.M)
    }
    assert len(named) > 25
    assert named <= there
