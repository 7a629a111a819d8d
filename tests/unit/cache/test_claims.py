"""One computes and the others wait, for a bounded time; a claim is never a reason to wait for the dead."""

from __future__ import annotations

import threading
import time

import pytest
import shapely

from redis_geo_plugin.core.cache import claims as module
from redis_geo_plugin.core.cache.claims import Claims
from redis_geo_plugin.core.cache.store import CacheStore
from redis_geo_plugin.core.operations import Buffer
from redis_geo_plugin.core.watch import Cancelled
from tests.support.memory_link import MemoryLink

DISC = shapely.to_wkb(shapely.Point(1, 2).buffer(1))
DIGESTS = [bytes([n]) * 32 for n in range(1, 6)]


def claims_on(link):
    return Claims(link, CacheStore(link, Buffer(), "team"))


@pytest.fixture
def link():
    return MemoryLink()


@pytest.fixture
def ours(link):
    found = claims_on(link)
    yield found
    found.close()


@pytest.fixture
def others(link):
    found = claims_on(link)
    yield found
    found.close()


def collect(claims, digests, check=lambda: None):
    found = {}
    for ready in claims.rounds(digests, check):
        found.update(ready)
    return found


def test_who_asks_first_has_the_claim(ours, others):
    assert ours.take(DIGESTS[:3]) == (DIGESTS[:3], [])
    assert others.take(DIGESTS) == (DIGESTS[3:], DIGESTS[:3])


def test_a_released_claim_is_free_for_the_next(ours, others):
    ours.take(DIGESTS)
    ours.release(DIGESTS[:2])
    assert others.take(DIGESTS) == (DIGESTS[:2], DIGESTS[2:])


def test_the_claims_of_others_are_never_released(link, ours, others):
    ours.take(DIGESTS[:1])
    others.release(DIGESTS[:1])
    assert len(link.values) == 1


def test_closing_releases_everything(link, ours):
    ours.take(DIGESTS)
    ours.close()
    assert link.values == {}


def test_without_an_answer_all_are_ours(link, ours):
    link.refuses = True
    assert ours.take(DIGESTS) == (DIGESTS, [])
    link.away = True
    assert ours.take(DIGESTS) == (DIGESTS, [])


def test_who_waits_gets_what_the_other_stores(link, ours, others):
    ours.take(DIGESTS[:2])
    store = CacheStore(link, Buffer(), "team")
    timer = threading.Timer(0.1, lambda: link.write([store.entry(d, DISC) for d in DIGESTS[:2]]))
    timer.start()
    assert collect(others, DIGESTS[:2]) == dict.fromkeys(DIGESTS[:2], DISC)


def test_a_claim_that_is_released_without_a_value_is_taken_over(ours, others):
    ours.take(DIGESTS[:1])
    threading.Timer(0.1, lambda: ours.release(DIGESTS[:1])).start()
    assert collect(others, DIGESTS[:1]) == {DIGESTS[0]: None}
    assert others.take(DIGESTS[:1]) == ([], DIGESTS[:1])  # it has the claim itself now


def test_the_claim_of_a_dead_process_is_not_waited_for(link, others, monkeypatch):
    monkeypatch.setattr(module, "LOOK_EVERY", 0.05)
    key = link.server.key(f"{module.PREFIX}:{DIGESTS[0].hex()}")
    for milliseconds in (module.ALIVE_MS[0] - 500, module.ALIVE_MS[1] + 5000):
        link.values.clear()
        link.claim([key], b"dead", milliseconds)
        assert collect(others, DIGESTS[:1]) == {DIGESTS[0]: None}


def test_waiting_ends_at_a_deadline(link, ours, others, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.1)
    ours.take(DIGESTS)
    assert collect(others, DIGESTS) == dict.fromkeys(DIGESTS)


def test_waiting_ends_when_the_server_goes_away(link, ours, others):
    ours.take(DIGESTS)
    threading.Timer(0.1, lambda: setattr(link, "away", True)).start()
    assert collect(others, DIGESTS) == dict.fromkeys(DIGESTS)


def test_waiting_ends_when_the_user_cancels(ours, others):
    ours.take(DIGESTS)

    def check():
        raise Cancelled

    with pytest.raises(Cancelled):
        collect(others, DIGESTS, check)


def test_the_owner_renews_its_claims_while_it_computes(link, ours, monkeypatch):
    monkeypatch.setattr(module, "RENEW_EVERY", 0.05)
    ours.take(DIGESTS[:1])
    time.sleep(0.3)
    assert link.asked("renew") >= 2
    ours.release(DIGESTS[:1])


def test_a_damaged_value_is_not_taken_over(link, ours, others, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.1)
    ours.take(DIGESTS[:1])
    store = CacheStore(link, Buffer(), "team")
    link.write([store.entry(DIGESTS[0], b"not a shape")])
    assert collect(others, DIGESTS[:1]) == {DIGESTS[0]: None}
