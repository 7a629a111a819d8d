"""Feeds of each kind of source on a server or a cluster, watched."""

from __future__ import annotations

import time

import pytest

from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.snapshot import snapshot
from tests.support.positions import Watched


def record(n, north=48.0, **more):
    return {"lat": north + n / 100, "lon": 2.35, "ts": time.time(), **more}


def spec_in(place, kind):
    found = [one.spec for one in find_positions(place.settings()).proposals if one.spec.kind == kind]
    assert len(found) == 1, found
    return found[0]


def watch(place, spec):
    names = ("kind", "pattern", "mapping", "details", "details_kind", "newest_last")
    return Watched(place.settings(), **{name: getattr(spec, name) for name in names})


def check(place, kind, write, ident="3", gone=None):
    """Found by its kind; shows what was written, then what is written anew, and no more what is taken away."""
    with place.client() as client:
        for n in range(5):
            write(client, n, 48.0)
        spec = spec_in(place, kind)
        with watch(place, spec) as watched:
            watched.until(lambda fixes: len(fixes) == 5 and abs(fixes[ident].lat - 48.03) < 1e-5)
            assert watched.fixes[ident].lon == pytest.approx(2.35, abs=1e-5)
            write(client, 3, 49.0)
            # between two commands of a producer it may be away
            watched.until(lambda fixes: ident in fixes and abs(fixes[ident].lat - 49.03) < 1e-5)
            if gone is not None:
                gone(client)
                watched.until(lambda fixes: set(fixes) == {"0", "1", "2", "4"})
            assert not watched.refused
        return snapshot(place.settings(), spec)
