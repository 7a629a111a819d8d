"""The list of deliberate differences from native algorithms: what ``make test-peers`` tolerates is what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers import deliberate

ROOT = Path(__file__).resolve().parents[3]
PAGE = """Words.

<!-- deliberate differences -->
| algorithm | case | aspect | reason |
|---|---|---|---|
| `buffer` | `* / parameters / by *` | `messages` | it says more |
| `*` | `*` | `again: ids` | why |

| `nearest` | `*` | `*` | a row of another table |
"""


def page(tmp_path, text):
    path = tmp_path / "cache.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_read_up_to_the_end_of_the_table(tmp_path):
    first, second = deliberate.read(page(tmp_path, PAGE))
    assert first == deliberate.Deliberate("buffer", "* / parameters / by *", "messages", "it says more")
    assert second.algorithm == "*"


def test_a_row_covers_its_own_algorithm_cases_and_aspect_only(tmp_path):
    first, _ = deliberate.read(page(tmp_path, PAGE))
    assert first.covers("buffer", "polys / parameters / by field", "messages")
    assert not first.covers("dissolve", "polys / parameters / by field", "messages")
    assert not first.covers("buffer", "polys / format / SHP", "messages")
    assert not first.covers("buffer", "polys / parameters / by field", "again: messages")


def test_a_row_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="not a row"):
        deliberate.read(page(tmp_path, PAGE.replace("| `*` | `*` |", "| all | `*` |")))
    with pytest.raises(ValueError, match="has no"):
        deliberate.read(page(tmp_path, "no table"))


def test_both_languages_list_the_same_differences():
    english, french = (deliberate.read(ROOT / folder / "cache.md") for folder in ("docs", "docs/fr"))
    assert [(d.algorithm, d.case, d.aspect) for d in english] == [
        (d.algorithm, d.case, d.aspect) for d in french
    ]
