"""Every layout of other programs on a real server: found, proposed, and shown right, asked about, or not shown at all."""

from __future__ import annotations

import math
import time

import pytest

from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.snapshot import snapshot, spec_of
from tests.support import layouts

# What other keys of the server tell, so that it need not be asked, or is only then seen: the columns of a table.
ASKED = {"csv_line_per_ship": {"speed_unit"}}


def server_for(request, layout):
    return request.getfixturevalue("stack_server" if layout.needs else "one_server")


@pytest.mark.parametrize("name", layouts.names())
def test_what_a_user_types_shows_what_is_right(request, name):
    """Find, proposal, snapshot: as ``snapshotpositions`` does it."""
    layout = layouts.layout(name, time.time())
    server = server_for(request, layout)
    with server.client() as client:
        layout.write(client)
    settings = server.settings()
    spec = spec_of(settings, layout.pattern) if layout.pattern else None
    if not layout.count:
        assert spec is None or not spec.mapping.shows_positions or not snapshot(settings, spec).fixes
        return
    assert spec is not None, "nothing was proposed"
    assert ASKED.get(name, set(layout.asked)) == set(spec.mapping.asks)
    shown = snapshot(settings, spec)
    if not spec.mapping.shows_positions:
        assert not shown.fixes
        spec = answered(settings, layout, spec)
        shown = snapshot(settings, spec)
    fixes = {fix.id: fix for fix in shown.fixes}
    assert len(fixes) == layout.count, (spec, sorted(fixes)[:8], shown.refused)
    for ident, (lon, lat) in layout.right.items():
        fix = fixes[ident]
        assert (fix.lon, fix.lat) == pytest.approx((lon, lat), abs=2e-5), spec
        agrees(layout.speed, fix.speed)
        agrees(layout.heading, fix.heading)
        if layout.time is not None:
            assert fix.time == pytest.approx(layout.time, abs=1.5)


def answered(settings, layout, spec):
    """The feed after a user who knows has answered: the suggestion, or the other order; the CRS by its code."""
    if "crs" in layout.asked:
        return spec.changed(mapping=spec.mapping.answered(crs="EPSG:2154"))
    ident, right = next(iter(layout.right.items()))
    for order in ("lonlat", "latlon"):
        given = {"pair_order": order} if spec.mapping.pair else {}
        one = spec.changed(mapping=spec.mapping.answered(*spec.mapping.asks, **given))
        fixes = {fix.id: fix for fix in snapshot(settings, one).fixes}
        if (fixes[ident].lon, fixes[ident].lat) == pytest.approx(right, abs=2e-5):
            return one
    raise AssertionError("neither order is right")


def agrees(right, shown):
    if right is not None and math.isnan(right):
        assert shown is None
    elif right is not None:
        assert shown == pytest.approx(right, rel=1e-3, abs=0.01)


@pytest.mark.parametrize("name", [name for name in layouts.names() if name])
def test_what_is_no_fleet_is_not_proposed_unasked(request, name):
    layout = layouts.layout(name, time.time())
    server = server_for(request, layout)
    with server.client() as client:
        layout.write(client)
    found = find_positions(server.settings()).proposals
    if not layout.count:
        assert all(not one.preview for one in found), found
    else:
        assert found, "nothing was found"
