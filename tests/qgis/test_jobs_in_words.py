"""What the Jobs panel says of batches: when they end, how many were cancelled, and times as the language writes them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from redis_geo_plugin.bridge.jobs.job_words import duration, took_in_words


def test_the_end_is_estimated_from_the_work_done_and_not_before_there_is_some():
    from redis_geo_plugin.gui.jobs.batches import BatchPace

    now = [0.0]
    pace = BatchPace(lambda: now[0])

    def remaining(at, done, work_done):
        now[0] = at
        return pace.remaining(SimpleNamespace(id="b", total=100, done=done, work=1000, work_done=work_done))

    assert remaining(0, 0, 0) is None and remaining(60, 0, 0) is None, "it waits for a worker"
    assert remaining(61, 2, 100) is None and remaining(63, 6, 300) is None, "too early to tell"
    # The largest come first: by the number of jobs the end would be 45 s away.
    assert remaining(65, 12, 500) == pytest.approx(5.0)
    assert remaining(70, 100, 1000) == 0.0


def test_a_batch_says_how_many_of_its_jobs_were_cancelled():
    from redis_geo_plugin.bridge.jobs.job_words import state_in_words
    from redis_geo_plugin.core.jobs.records import Batch

    def state(cancelled, jobs, failed=0):
        done = SimpleNamespace(
            finished=True,
            done=60,
            cancelled=cancelled,
            cancelled_jobs=jobs,
            failed=failed,
            lost=0,
            damaged="",
        )
        assert set(vars(done)) <= set(dir(Batch)) | set(Batch.__dataclass_fields__)
        return state_in_words(done, None)

    assert (
        state(False, 0) == "done"
        and state(False, 1) == "done, 1 cancelled"
        and state(False, 60) == "cancelled"
    )
    assert state(True, 3) == "cancelled" and state(True, 3, failed=2) == "done, 2 failed"


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en_US", ["0.512 ms", "29.4 ms", "2,626 ms", "3.5 h"]),
        ("fr_FR", ["0,512 ms", "29,4 ms", "2 626 ms", "3,5 h"]),
    ],
)
def test_times_are_written_as_the_language_does(language, texts):
    from qgis.PyQt.QtCore import QLocale

    before = QLocale()
    try:
        QLocale.setDefault(QLocale(language))
        told = [took_in_words(us) for us in (512, 29_400, 2_626_300)] + [duration(12_600)]
        assert [" ".join(text.split()) for text in told] == texts  # some spaces are narrow
    finally:
        QLocale.setDefault(before)
