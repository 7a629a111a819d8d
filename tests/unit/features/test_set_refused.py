"""What of a live set is not shown: counted whatever changes, listed as long as it is so."""

from __future__ import annotations

from redis_geo_plugin.core.features.refusals import REMEMBERED, Refusals, WhyRefused
from redis_geo_plugin.core.features.set_refused import RefusedOfSet

BAD, LARGE, BEYOND = WhyRefused.UNREADABLE, WhyRefused.TOO_LARGE, WhyRefused.OUT_OF_RANGE


def refusals(*given) -> Refusals:
    made = Refusals()
    for key, why in given:
        made.add(key, why, raw=b"x")
    return made


def keys(refused: RefusedOfSet) -> list[bytes]:
    return [one.key for one in refused.listed()]


def test_values_that_are_mended_go_also_beyond_those_that_are_listed():
    refused = RefusedOfSet()
    many = [b"%d" % number for number in range(3 * REMEMBERED)]
    refused.replace(refusals(*[(key, BAD) for key in many]))
    assert refused.reasons() == {BAD: 3 * REMEMBERED} and len(refused.listed()) == REMEMBERED
    refused.change(refusals(), many[REMEMBERED:])
    assert refused.reasons() == {BAD: REMEMBERED}
    refused.change(refusals((many[0], LARGE)), many[:2])
    assert refused.reasons() == {BAD: REMEMBERED - 2, LARGE: 1}
    assert keys(refused)[-1] == many[0] and many[1] not in keys(refused)
    refused.change(refusals(), many)
    assert not refused.reasons() and not refused.listed()


def test_several_of_one_key_are_counted_each():
    refused = RefusedOfSet()
    refused.replace(refusals((b"a", BAD), (b"a", BAD), (b"a", LARGE), (b"b", BAD)))
    refused.change(refusals((b"a", BAD)), [b"a"])
    assert refused.reasons() == {BAD: 2} and sorted(keys(refused)) == [b"a", b"b"]


def test_lost_features_stay_counted_when_all_is_read_again_until_they_are_shown_or_gone():
    refused = RefusedOfSet()
    refused.replace(refusals((b"a", BAD)))
    refused.lose([(b"c", "1", 0), (b"d", "1", 0)])
    refused.lose([(b"c", "1", 0)])
    refused.replace(refusals((b"a", BAD)))
    assert refused.reasons() == {BAD: 1, BEYOND: 2} and keys(refused) == [b"a", b"c", b"d"]
    refused.show([(b"c", "1", 0), (b"never", "1", 0)])
    assert refused.reasons() == {BAD: 1, BEYOND: 1}
    refused.show(list(refused.lost))
    assert refused.reasons() == {BAD: 1}


def test_refused_values_and_lost_features_share_what_is_listed():
    refused = RefusedOfSet()
    lost = [(b"lost%d" % number, "1", 0) for number in range(2 * REMEMBERED)]
    refused.lose(lost)
    assert keys(refused) == [key for key, _, _ in lost[-REMEMBERED:]]
    refused.change(refusals((b"a", BAD)), [b"a"])
    assert keys(refused) == [b"a", *(key for key, _, _ in lost[1 - REMEMBERED :])]
    refused.replace(refusals(*[(b"%d" % number, BAD) for number in range(REMEMBERED)]))
    half = REMEMBERED // 2
    assert keys(refused)[:half] == [b"%d" % number for number in range(half, REMEMBERED)]
    assert keys(refused)[half:] == [key for key, _, _ in lost[-half:]]
    refused.show(lost[:-1])
    assert len(keys(refused)) == REMEMBERED and keys(refused)[-1] == lost[-1][0]


def test_what_the_window_was_given_does_not_change():
    refused = RefusedOfSet()
    refused.replace(refusals((b"a", BAD)))
    reasons, listed = refused.reasons(), refused.listed()
    refused.change(refusals((b"b", BAD)), [b"b"])
    refused.lose([(b"c", "1", 0)])
    assert reasons == {BAD: 1} and [one.key for one in listed] == [b"a"]
