"""WKB that many items share is read once, however many calls ask for it."""

from __future__ import annotations

import shapely

from redis_geo_plugin.core.geometry import wkb


def line(vertices):
    return wkb.write_one(shapely.LineString([(n, n % 2) for n in range(vertices)]))


def test_a_large_shared_value_is_read_once_while_it_is_in_use():
    large, small = line(5000), line(3)
    first, second = wkb.read([large, small, large]), wkb.read([small, large, small, large])
    assert first[0] is first[2] is second[1] is second[3]
    assert second[0] is second[2] is not first[1] and second[0] == first[1]
    wkb.forget_shared()
    assert wkb.read([large, large])[0] is not first[0]


def test_a_shared_value_is_let_go_with_its_geometry():
    wkb.forget_shared()
    for vertices in range(5000, 5005):
        large = line(vertices)
        kept = wkb.read([large, large])
        assert len(wkb._shared) == 1 and kept[0] is not None
        del kept
    assert not wkb._shared


def test_another_value_never_gives_a_remembered_geometry():
    large, other = line(5000), line(6000)
    kept = wkb.read([large, large])
    assert wkb.read([other, other])[0] != kept[0]
    wkb.forget_shared()


def test_a_large_shared_value_that_is_none_gives_no_geometry():
    rubbish = b"\x01\x63" + bytes(100_000)
    assert list(wkb.read([rubbish, rubbish, None])) == [None, None, None]
