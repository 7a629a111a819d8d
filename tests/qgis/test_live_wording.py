"""How the dock says by which way a feed learns of changes."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from redis_geo_plugin.bridge.live.filling import Tick
from redis_geo_plugin.core.live.status import FeedState, Status
from redis_geo_plugin.core.redis.failures import Failure, FailureKind
from redis_geo_plugin.gui.live.wording import details_text

NO_RIGHT = Failure(FailureKind.NO_RIGHTS, "NOPERM")
AWAY = Failure(FailureKind.CLUSTER_DOWN, "10.0.0.7:6379")


def words(tracking, resting, note):
    status = Status(
        state=FeedState.LIVE,
        since=time.time(),
        failure=None,
        tracking=tracking,
        resting=resting,
        note=note,
        vehicles=5,
        updates_per_second=1.0,
        refused={},
        offset=None,
        correction=0.0,
        last_data=None,
        reads=1,
        full_reads=1,
    )
    feed = SimpleNamespace(status=lambda: status, tick=Tick(), is_mapped=False, unmapped=None, needs_rows="")
    return details_text(feed)


@pytest.mark.parametrize(
    ("tracking", "resting", "note", "said"),
    [
        (True, False, None, "The server tells what changes"),
        (False, True, None, "all are read in turn until it calms"),
        (False, False, NO_RIGHT, "Polling, because"),
        (True, False, AWAY, "10.0.0.7:6379"),
        (False, True, AWAY, "Part of the cluster is away (10.0.0.7:6379)"),
    ],
)
def test_each_way_has_its_words(qgis_app, tracking, resting, note, said):
    assert said in words(tracking, resting, note)
