"""The queue that the window uses, and words that several of its places share. Imports none of the forms."""

from __future__ import annotations

from ...bridge.i18n import tr
from ...bridge.settings import kept
from ...core import keys

QUEUE_SETTING = "redis_geo/jobs/queue"
PRIORITY_SETTING = "redis_geo/jobs/priority"


def queue_name() -> str:
    """The queue in use, as the user set it."""
    return kept(QUEUE_SETTING, "") or keys.JOB_LIST


def start_worker_text() -> str:
    """The words of buttons that start a worker on this computer."""
    return tr("Start a worker here")
