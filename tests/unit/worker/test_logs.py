"""One event is one line, whatever a job of others is called."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.worker.logs import Log

FORGED = "x\n2026-01-01T00:00:00.000Z ERROR   refused why=hacked"


def written(form: str, **values) -> str:
    stream = io.StringIO()
    Log(form, stream=stream).warning("job failed", **values)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["lines", "json"])
@given(
    st.text()
    | st.sampled_from([FORGED, "a\r\x1b[2Kb", "\u2028", "\x85", "\u202egnorw", "\ud800", "a=b", 'say "x"'])
)
def test_no_value_can_begin_another_line_or_move_on_a_terminal(form, text):
    line = written(form, job=text, why="error")
    assert line.endswith("\n") and len(line.splitlines()) == 1 and line[:-1].isprintable()
    line.encode()  # half a character cannot be written


@given(st.text())
def test_a_value_reads_back(text):
    assert json.loads(written("json", job=text))["job"] == text
    word = written("lines", job=text, why="error").partition(" job=")[2].rpartition(" why=")[0]
    assert (json.loads(word) if word.startswith('"') else word) == text


def test_a_value_cannot_pass_for_another():
    assert written("lines", job="1 why=none", why="error").count(" why=") == 2
    assert 'job="1 why=none" why=error' in written("lines", job="1 why=none", why="error")


def test_words_of_people_stay_readable():
    assert "job=bâtiment" in written("lines", job="bâtiment") and "bâtiment" in written(
        "json", job="bâtiment"
    )
