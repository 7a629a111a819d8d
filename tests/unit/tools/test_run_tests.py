"""How the tests are run: every kind in one lane, timed tests apart and last, and a process that dies is no success."""

from __future__ import annotations

import re
import threading

import pytest

from tests import conftest
from tools import run_tests

KINDS = ["lint", "unit", "qgis", "integration", "packaging"]


@pytest.fixture(autouse=True)
def ordinary(monkeypatch):
    monkeypatch.setattr(run_tests, "FULL", False)


def test_each_kind_is_in_one_lane():
    lanes = run_tests.lanes_of(KINDS)
    assert sorted(kind for lane in lanes for kind in lane) == sorted(KINDS)
    assert lanes[0] == ["unit", "qgis"] and ["integration"] in lanes
    assert run_tests.lanes_of(["integration"]) == [["integration"]]
    assert run_tests.lanes_of(["peers", "lint"]) == [["peers"], ["lint"]]
    assert run_tests.lanes_of([]) == []


def test_in_their_full_length_all_run_one_after_the_other(monkeypatch):
    monkeypatch.setattr(run_tests, "FULL", True)
    assert run_tests.lanes_of(KINDS) == [KINDS]


@pytest.mark.parametrize("kind", ["unit", "qgis", "integration", "packaging"])
def test_timed_tests_are_left_out_and_run_apart(kind):
    words = run_tests.words_of(kind)
    assert words[words.index("-m", 3) + 1] == "not timed" and f"tests/{kind}" in words
    files = run_tests.timed_files(kind)
    assert all(
        re.search(r"mark\.timed", (run_tests.ROOT / name).read_text(encoding="utf-8")) for name in files
    )
    if files:
        apart = run_tests.words_of(kind, timed=True)
        assert (
            apart[apart.index("-m", 3) + 1] == "timed"
            and set(files) <= set(apart)
            and f"tests/{kind}" not in apart
        )


def test_leaving_and_closing_are_timed():
    assert {name.rpartition("/")[2] for name in run_tests.timed_files("integration")} == {
        "test_closing_a_server.py",
        "test_misbehaving_servers.py",
        "test_quitting_in_real_qgis.py",
    }
    assert run_tests.timed_files("lint") == []


def ran(monkeypatch, code):
    """What becomes of a kind whose command is this Python."""
    monkeypatch.setattr(run_tests, "words_of", lambda _kind, _timed: [run_tests.sys.executable, "-c", code])
    return run_tests.run("unit", shown=False)[0]


def test_the_closing_line_is_counted(monkeypatch):
    found = ran(monkeypatch, "print('=== 2 failed, 3 passed, 1 error in 1.00s ==='); raise SystemExit(1)")
    assert found == ("tests/unit", 1, {"failed": 2, "passed": 3, "error": 1})


def test_a_process_that_ends_in_the_middle_is_no_success(monkeypatch):
    assert ran(monkeypatch, "print('....')").status == 1
    assert ran(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)").status == -9


def test_lanes_run_beside_each_other_and_what_is_timed_when_all_have_ended(monkeypatch):
    ended, both = [], threading.Barrier(2, timeout=30)

    def run(kind, shown=True, timed=False):
        if kind in ("unit", "integration") and not timed:
            both.wait()  # neither ends before the other has begun
        ended.append((kind, timed))
        return run_tests.Outcome(kind, 0, {}), ""

    monkeypatch.setattr(run_tests, "run", run)
    found = run_tests.run_all(KINDS)
    assert len(found) == len(ended) and {kind for kind, timed in ended if not timed} == set(KINDS)
    assert [timed for _, timed in ended] == sorted(timed for _, timed in ended)
    assert ("integration", True) in ended and ("qgis", True) in ended


def test_files_that_take_long_are_there():
    names = {path.name for path in (run_tests.ROOT / "tests").glob("*/**/test_*.py")}
    assert set(conftest.LONG) <= names
