"""When a fleet is read in turn, and when the server tells of it again."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.live.resting import ABOVE, BELOW, CALM_FOR, LEAST, LONGEST_CALM, SOON, Resting

MANY = 30_000


@pytest.fixture
def resting():
    return Resting()


def rest(resting, now):
    """Let it rest from this moment on."""
    return [resting.begins(MANY, 0, MANY, now), resting.begins(MANY, 0, MANY, now)]


def calm(resting, since):
    """Seconds of calm until it ends."""
    for seconds in range(1000):
        if resting.ends(0, MANY, since + seconds):
            return seconds
    raise AssertionError("it never ends")


def test_one_burst_is_no_reason(resting):
    assert not resting.begins(MANY, 0, MANY, 0.0)
    assert not resting.begins(0, 0, MANY, 1.0)
    assert not resting.begins(MANY, 0, MANY, 2.0)


def test_more_than_a_third_twice_in_a_row_is(resting):
    assert rest(resting, 0.0) == [False, True]


def test_so_is_as_many_more_while_they_are_read(resting):
    assert not resting.begins(0, MANY, MANY, 0.0)
    assert resting.begins(MANY, MANY, MANY, 1.0)


@pytest.mark.parametrize(("changed", "keys"), [(int(MANY * ABOVE), MANY), (LEAST - 1, LEAST - 1), (0, 0)])
def test_a_third_is_not_yet_and_few_keys_never_are(resting, changed, keys):
    assert [resting.begins(changed, changed, keys, float(now)) for now in range(5)] == [False] * 5


def test_it_ends_after_a_while_of_calm(resting):
    rest(resting, 0.0)
    assert not resting.ends(0, MANY, 1.0)
    assert not resting.ends(MANY, MANY, 1.0 + CALM_FOR)
    assert not resting.ends(int(MANY * BELOW), MANY, 2.0 + CALM_FOR)
    assert resting.ends(0, MANY, 2.0 + 2.0 * CALM_FOR)


def test_it_goes_on_above_a_fifth(resting):
    rest(resting, 0.0)
    assert not any(resting.ends(int(MANY * BELOW) + 1, MANY, float(now)) for now in range(600))


def test_a_fleet_that_has_become_small_is_told_of_again(resting):
    rest(resting, 0.0)
    assert not resting.ends(LEAST - 1, LEAST - 1, 1.0)
    assert resting.ends(LEAST - 1, LEAST - 1, 1.0 + CALM_FOR)


def test_a_calm_that_does_not_last_has_to_be_longer_the_next_time(resting):
    now, waits = 0.0, []
    for _ in range(9):
        rest(resting, now)
        waits.append(calm(resting, now))
        now += waits[-1] + 1.0
    assert waits[:3] == [CALM_FOR, 2 * CALM_FOR, 4 * CALM_FOR]
    assert waits[-1] == LONGEST_CALM
    rest(resting, now + SOON)
    assert calm(resting, now + SOON) == CALM_FOR
