"""The bench's own sums: ratios, limits, rows that fail, and what is kept from an earlier run."""

from __future__ import annotations

import json
import mmap
import time

from benchmarks import harness


def test_ratio_and_limit():
    row = harness.compare("a", "b", ours=2.0, other=10.0, at_least=5)
    assert (row["ratio"], row["ok"]) == (5.0, True)
    assert not harness.compare("a", "b", ours=2.0, other=9.9, at_least=5)["ok"]
    assert (
        harness.compare("a", "b", ours=30, other=10, at_least=3, unit="/s", higher_is_better=True)["ratio"]
        == 3.0
    )
    assert not harness.figure("a", "b", 101, "ms", at_most=100)["ok"]
    assert not harness.figure("a", "b", 99, "/s", at_least=100)["ok"]
    assert harness.figure("a", "b", 99, "MB")["ok"]


def test_what_is_measured_in_turn():
    called = []

    def returning(name, values):
        return lambda: (called.append(name), values.pop(0))[1]

    assert harness.in_turn(3, returning("a", [1, 9, 2]), returning("b", [5, 4, 30])) == [2, 5]
    assert called == ["a", "b", "b", "a", "a", "b"]


def test_one_that_fails_does_not_hide_the_others(capsys):
    def broken():
        raise OSError("no server")

    made = [
        broken,
        lambda: {"name": "by hand", "ours_s": 1.0, "other_s": 3.0, "ratio": 3.0, "limit": 2, "ok": True},
    ]
    rows = harness.collect("some", made)
    assert [(r["ok"], r["area"]) for r in rows] == [(False, "some"), (True, "some")]
    assert (rows[1]["ours"], rows[1]["unit"]) == (1.0, "s")
    assert "no server" in capsys.readouterr().out


def test_rows_of_other_areas_are_kept(tmp_path):
    path = tmp_path / "bench.json"
    harness.write(harness.collect("one", [harness.figure("f", "", 1, "s")]), path)
    harness.write(harness.collect("two", [harness.figure("g", "", 2, "s")]), path)
    harness.write(harness.collect("one", [harness.figure("h", "", 3, "s")]), path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert [(r["area"], r["name"]) for r in document["rows"]] == [("one", "h"), ("two", "g")]
    assert document["machine"]["cores"] > 0 and document["versions"]["python"]


def test_memory_meter_sees_what_was_held():
    # pages of its own: what Python frees it may keep, and take again unseen
    with harness.MemoryMeter() as meter, mmap.mmap(-1, 60_000_000) as block:
        for page in range(0, len(block), mmap.PAGESIZE):
            block[page] = 1
        time.sleep(0.2)  # long enough for a sample
    assert 50 <= meter.added_mb <= 200
