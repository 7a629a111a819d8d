"""What Find positions proposes, and feeds of it."""

from __future__ import annotations

from redis_geo_plugin.core.live.discovery import find_positions
from tests.support.positions import Watched


def proposals(server, **more):
    return proposals_of(server.settings(), **more)


def proposals_of(settings, **more):
    return {p.spec.kind + " " + p.spec.pattern: p for p in find_positions(settings, **more).proposals}


def watch(server, kind, pattern, **more):
    return Watched(server.settings(), kind=kind, pattern=pattern, **more)
