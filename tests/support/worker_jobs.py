"""Squares for workers, and their queue."""

from __future__ import annotations

import os

import shapely

from redis_geo_plugin.core.jobs.queue import JobQueue
from redis_geo_plugin.core.redis.server import open_server

SQUARE = shapely.box(0, 0, 10, 10)
MANY = 3000 if os.environ.get("REDIS_GEO_FULL") else 900  # so that a worker is at work for a while


def queue_of(place, **options):
    return JobQueue(open_server(place.settings()), **options)


def slow_work(seconds):
    from tests.support.slow_operations import Sleep

    return Sleep(seconds=seconds)
