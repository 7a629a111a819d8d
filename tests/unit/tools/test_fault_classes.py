"""The table of the classes of faults names tests that there are, and is made from what they did."""

from __future__ import annotations

import json

from tools import fault_classes, reliability

TESTS = fault_classes.ROOT / "tests"
A_TEST = "tests/integration/test_jobs_odd.py::test_a[redis]"


def test_every_test_that_a_class_names_is_there():
    assert list(fault_classes.CLASSES) == list(range(15))
    for one in fault_classes.CLASSES.values():
        for name in one.tests:
            file, _, test = name.partition("::")
            assert (TESTS / file).is_file(), name
            assert f"def {test}" in (TESTS / file).read_text(encoding="utf-8"), name


def test_a_row_says_what_was_tried_how_often_how_long_and_whether_it_went_well():
    found = {
        A_TEST: {"cases": 1200, "seconds": 2.25, "passed": True},
        A_TEST.replace("redis", "valkey"): {"cases": 1, "seconds": 0.5, "passed": True},
        "tests/qgis/test_saving.py::test_b": {"cases": 1, "seconds": 0.5, "passed": False},
    }
    english, french = (fault_classes.rows(found, language) for language in (0, 1))
    assert english[4].endswith("| 2 | 1,201 | 2.2 s | all good |")
    assert english[7].endswith("| 1 failed |") and english[12].endswith("| not run |")
    assert french[4].endswith("| 2 | 1\u202f201 | 2,2 s | tout va bien |")


def test_the_table_takes_the_place_of_the_earlier_one():
    once = reliability.with_classes("# Reliability\n\ntext\n", {}, 0)
    assert reliability.with_classes(once, {}, 0) == once and once.count("## Classes of faults") == 1
    assert once.startswith("# Reliability\n\ntext\n")


def test_outcomes_of_several_runs_are_kept_together(tmp_path):
    path = tmp_path / "found.json"
    fault_classes.keep({"a": {"cases": 1}, "b": {"cases": 1}}, path)
    fault_classes.keep({"b": {"cases": 2}}, path)
    assert json.loads(path.read_text()) == {"a": {"cases": 1}, "b": {"cases": 2}}
