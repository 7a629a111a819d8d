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
    monkeypatch.setattr(
        run_tests, "words_of", lambda _kind, _timed, _again: [run_tests.sys.executable, "-c", code]
    )
    return run_tests.run("unit", shown=False)[0]


def test_the_closing_line_is_counted(monkeypatch):
    found = ran(monkeypatch, "print('=== 2 failed, 3 passed, 1 error in 1.00s ==='); raise SystemExit(1)")
    assert found[:3] == ("tests/unit", 1, {"failed": 2, "passed": 3, "error": 1})


def test_a_process_that_ends_in_the_middle_is_no_success(monkeypatch):
    assert ran(monkeypatch, "print('....')").status == 1
    assert ran(monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)").status == -9


def test_lanes_run_beside_each_other_and_what_is_timed_when_all_have_ended(monkeypatch):
    ended, both = [], threading.Barrier(2, timeout=30)

    def run(kind, shown=True, timed=False, again=False):
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


@pytest.fixture
def checkout(monkeypatch, tmp_path):
    """A checkout of its own: its folder of unit tests."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:valkey\nmarkers = timed\n")
    tests = tmp_path / "tests" / "unit"
    tests.mkdir(parents=True)
    monkeypatch.setattr(run_tests, "ROOT", tmp_path)
    monkeypatch.setattr(run_tests, "MEMORY", tmp_path / "build" / "tests")
    monkeypatch.chdir(tmp_path)
    return tests


ONCE = """
from pathlib import Path
import pytest

def test_good():
    pass

@pytest.mark.parametrize("word", ["a - b", "[c] ::d"])
def test_once(word):
    seen = Path(__file__).with_name("seen" + str(len(word)))
    first = not seen.exists()
    seen.write_text("")
    assert not first
"""


def test_what_fails_beside_others_and_passes_alone_is_named(checkout, capsys):
    (checkout / "test_some.py").write_text(ONCE)
    assert run_tests.main(["unit"]) == 0
    said = capsys.readouterr().out
    assert "3 passed in" in said.splitlines()[-3]
    assert {line for line in said.splitlines() if line.startswith("passed only when run again alone")} == {
        f"passed only when run again alone: tests/unit/test_some.py::test_once[{word}]"
        for word in ("a - b", "[c] ::d")
    }


def test_what_fails_twice_fails(checkout, capsys):
    (checkout / "test_some.py").write_text(ONCE + "\ndef test_bad():\n    assert 1 == 2\n")
    assert run_tests.main(["unit"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == [
        "failed: tests/unit/test_some.py::test_bad",
        "failed: tests/unit (status 1)",
    ]
    assert "1 failed, 3 passed" in lines[-5]


@pytest.mark.parametrize(
    "code",
    [
        "import os, signal\ndef test_crash():\n    os.kill(os.getpid(), signal.SIGKILL)\n",
        "import pytest\n@pytest.mark.parametrize('n', range(11))\ndef test_bad(n):\n    assert n < 0\n",
    ],
    ids=["a crash", "many"],
)
def test_a_crash_and_many_failures_are_not_tried_again(checkout, capsys, code):
    (checkout / "test_some.py").write_text(code)
    assert run_tests.main(["unit"]) == 1
    assert "again" not in capsys.readouterr().out
