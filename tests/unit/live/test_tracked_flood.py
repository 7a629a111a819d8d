"""Changes of keys that nobody reads do not fill the memory."""

from __future__ import annotations

from redis_geo_plugin.core.live import tracking
from redis_geo_plugin.core.live.tracking import ChangeWatch, TrackedChanges


def test_beyond_what_is_remembered_everything_is_read_anew(monkeypatch):
    monkeypatch.setattr(tracking, "MOST_CHANGES", 1000)
    watch = ChangeWatch.__new__(ChangeWatch)
    watch.changes, watch.everything, watch.pushed = TrackedChanges(), False, 0
    for start in range(0, 900, 100):
        watch._on_push([b"invalidate", [b"k%d" % number for number in range(start, start + 100)]])
    assert len(watch.changes) == 900 and not watch.everything
    watch._on_push([b"invalidate", [b"k%d" % number for number in range(900, 1200)]])
    assert len(watch.changes) == 0 and watch.everything


def test_pushes_of_another_shape_are_passed_over():
    watch = ChangeWatch.__new__(ChangeWatch)
    watch.changes, watch.everything, watch.pushed = TrackedChanges(), False, 0
    for push in (
        [],
        [b"invalidate"],
        [b"invalidate", 5],
        [b"invalidate", [5, [b"a"]]],
        [b"other", [b"a"]],
        [None, None],
    ):
        watch._on_push(push)
    assert len(watch.changes) == 0 and not watch.everything
