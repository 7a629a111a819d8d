"""A fleet of which most changes between two readings is read in turn, and told of again when it calms: nothing is
missed at either switch, nor while it rests."""

from __future__ import annotations

import json
import threading
import time

import pytest

from redis_geo_plugin.core.live import resting
from redis_geo_plugin.core.live.tracking import ChangeWatch
from redis_geo_plugin.core.redis import scanning
from tests.support.positions import Watched, wait_for
from tests.support.sources_watched import spec_in, watch

FLEET = [str(n) for n in range(12)]
WAYS = ["server", "valkey_cluster"]


@pytest.fixture(autouse=True)
def small_fleets_rest_too(monkeypatch):
    monkeypatch.setattr(resting, "LEAST", 5)
    monkeypatch.setattr(resting, "CALM_FOR", 0.3)


@pytest.fixture(params=WAYS)
def place(request):
    """An empty server, and a cluster."""
    if request.param == "server":
        return request.getfixturevalue("make_server")("valkey")
    cluster = request.getfixturevalue("shared_cluster")
    cluster.flush()
    return cluster


def report(north, **more):
    return {"lat": north, "lon": 2.35, "ts": time.time(), **more}


def json_string(client, ident, north):
    client.set(f"vehicule:{ident}", json.dumps(report(north)))


def a_hash(client, ident, north):
    client.hset(f"vehicule:{ident}", mapping=report(north))


def a_list(client, ident, north):
    client.lpush(f"vehicule:{ident}", json.dumps(report(north)))
    client.ltrim(f"vehicule:{ident}", 0, 20)


def set_by_time(client, ident, north):
    client.zadd(f"vehicule:{ident}", {json.dumps(report(north)): time.time()})
    client.zremrangebyrank(f"vehicule:{ident}", 0, -20)


def key_per_coordinate(client, ident, north):
    for name, value in report(north).items():
        client.set(f"vehicule:{ident}:{name}", value)


def field_of_its_lines_hash(client, ident, north):
    client.hset(f"vehicule:{ident}", f"v{ident}", json.dumps(report(north)))
    client.hset(f"vehicule:{ident}", f"w{ident}", json.dumps(report(north)))


def geo_set_with_details(client, ident, north):
    client.geoadd("vehicule", (2.35, north, ident))
    client.hset(f"details:{ident}", mapping={"ts": time.time(), "speed": 3})


def document(client, ident, north):
    client.execute_command("JSON.SET", f"vehicule:{ident}", "$", json.dumps(report(north)))


KINDS = {
    "json_keys": json_string,
    "hash_keys": a_hash,
    "list_keys": a_list,
    "track_sets": set_by_time,
    "paired_keys": key_per_coordinate,
    "hash_fields": field_of_its_lines_hash,
    "geoset": geo_set_with_details,
}
NAMED = {"hash_fields": "v{}"}  # the id of a vehicle, where it is not the last part of its key


class Storm:
    """All vehicles of ``FLEET`` change all the time, but for those of ``left_out``."""

    def __init__(self, place, write):
        self.left_out = set()
        self._place, self._write = place, write
        self._over = threading.Event()
        self._round = threading.Lock()  # held while all are written once
        self._thread = threading.Thread(target=self._blow)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._over.set()
        self._thread.join()

    end = __exit__

    def leave_out(self, idents):
        """Write these no more, from now on: also not in a round that has begun."""
        with self._round:
            self.left_out.update(idents)

    def _blow(self):
        turn = 0
        with self._place.client() as client:
            while not self._over.wait(0.005):
                turn += 1
                with self._round:
                    for ident in [ident for ident in FLEET if ident not in self.left_out]:
                        self._write(client, ident, 48.0 + turn % 50 / 1000)


def rests(watched):
    status = watched.feed.status()
    return status.resting and not status.tracking


def is_told(watched):
    status = watched.feed.status()
    return status.tracking and not status.resting


def is_at(ident, north):
    return lambda fixes: ident in fixes and abs(fixes[ident].lat - north) < 1e-5


def through_a_rest(place, kind, write, gone):
    """What comes, changes and goes is seen while the fleet is told of, rests, and is told of again."""
    name = NAMED.get(kind, "{}").format
    with place.client() as client:
        for ident in FLEET:
            write(client, ident, 48.0)
        with watch(place, spec_in(place, kind)) as watched:
            watched.until(is_at(name("3"), 48.0))
            assert is_told(watched)
            with Storm(place, write) as storm:
                wait_for(lambda: rests(watched))
                storm.leave_out("34")
                time.sleep(0.2)
                write(client, "3", 49.0)
                write(client, "20", 49.5)
                watched.until(lambda fixes: is_at(name("3"), 49.0)(fixes) and is_at(name("20"), 49.5)(fixes))
                gone(client, "4")
                watched.until(lambda fixes: name("4") not in fixes)
                assert rests(watched)
            wait_for(lambda: is_told(watched))
            write(client, "5", 50.0)
            watched.until(is_at(name("5"), 50.0))
            assert watched.state == "live" and not watched.refused


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_source_rests_and_is_told_again(place, kind):
    def gone(client, ident):
        if kind == "geoset":
            client.zrem("vehicule", ident)
        else:
            client.delete(f"vehicule:{ident}:lat" if kind == "paired_keys" else f"vehicule:{ident}")

    through_a_rest(place, kind, KINDS[kind], gone)


def test_documents_of_redis_json_rest_too(stack_server):
    through_a_rest(stack_server, "json_documents", document, lambda client, i: client.delete(f"vehicule:{i}"))


@pytest.fixture
def storm(place):
    with place.client() as client:
        for ident in FLEET:
            json_string(client, ident, 48.0)
    with Storm(place, json_string) as blowing:
        yield blowing


def test_a_key_that_expires_leaves_while_the_fleet_rests(place, storm):
    with place.client() as client, Watched(place.settings()) as watched:
        wait_for(lambda: rests(watched))
        json_string(client, "20", 49.0)
        client.pexpire("vehicule:20", 700)
        watched.until(lambda fixes: "20" in fixes)
        watched.until(lambda fixes: "20" not in fixes)
        assert rests(watched)


@pytest.mark.parametrize("switch", ["rest", "wake"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_changes_in_the_moment_of_a_switch_is_seen(place, storm, monkeypatch, switch, moment):
    """A known vehicle, one that is new and one that goes, each by a key that is written only then."""
    original = getattr(ChangeWatch, switch)
    switched = []

    def happen():
        with place.client() as client:
            json_string(client, "known", 49.0)
            json_string(client, "new", 49.5)
            client.delete("vehicule:goes")

    def at_the_switch(self):
        if moment == "before":
            happen()
        original(self)
        if moment == "after":
            happen()
        switched.append(switch)

    with place.client() as client:
        json_string(client, "known", 47.0)
        json_string(client, "goes", 47.0)
        with Watched(place.settings()) as watched:
            watched.until(lambda fixes: {"known", "goes"} <= set(fixes))
            if switch == "wake":
                wait_for(lambda: rests(watched))
            monkeypatch.setattr(ChangeWatch, switch, at_the_switch)
            if switch == "wake":
                storm.end()
            watched.until(
                lambda fixes: is_at("known", 49.0)(fixes) and "new" in fixes and "goes" not in fixes
            )
            assert switched


def test_a_flush_while_it_rests_empties_the_layer(place, storm):
    with place.client() as client, Watched(place.settings()) as watched:
        wait_for(lambda: rests(watched))
        storm.end()
        if hasattr(place, "flush"):
            place.flush()
        else:
            client.flushall()
        watched.until(lambda fixes: not fixes)


@pytest.mark.parametrize("which", ["the one that is told", "all"])
def test_a_connection_lost_while_it_rests_is_made_anew(make_server, which):
    place = make_server("valkey")
    with place.client() as client:
        for ident in FLEET:
            json_string(client, ident, 48.0)
        with Storm(place, json_string) as storm, Watched(place.settings()) as watched:
            wait_for(lambda: rests(watched))
            full_reads = watched.feed.status().full_reads
            mine = [one for one in client.client_list() if which == "all" or one["resp"] == "3"]
            storm.leave_out(FLEET)
            for one in mine:
                if int(one["id"]) != client.client_id():
                    client.client_kill_filter(_id=one["id"])
            json_string(client, "1", 49.0)
            json_string(client, "new", 49.5)
            watched.until(lambda fixes: is_at("1", 49.0)(fixes) and "new" in fixes, 20.0)
            # both are shown as soon as they are read, before the full read comes to its end
            wait_for(lambda: is_told(watched) and watched.feed.status().full_reads > full_reads)


def test_a_right_withdrawn_while_it_rests_leaves_it_polling_and_it_says_why(make_server):
    place = make_server("valkey")
    with place.client() as client:
        client.execute_command("ACL SETUSER", "analyst", "on", ">secret", "~*", "&*", "+@all")
        for ident in FLEET:
            json_string(client, ident, 48.0)
        settings = place.settings(username="analyst", password="secret")
        with Storm(place, json_string), Watched(settings) as watched:
            wait_for(lambda: rests(watched))
            client.execute_command("ACL SETUSER", "analyst", "-client|tracking")
        with Watched(settings) as watched:
            assert not watched.feed.status().resting and not watched.feed.status().tracking


def test_the_right_is_missed_when_it_calms(make_server):
    place = make_server("valkey")
    with place.client() as client:
        client.execute_command("ACL SETUSER", "analyst", "on", ">secret", "~*", "&*", "+@all")
        for ident in FLEET:
            json_string(client, ident, 48.0)
        with Watched(place.settings(username="analyst", password="secret")) as watched:
            with Storm(place, json_string):
                wait_for(lambda: rests(watched))
                client.execute_command("ACL SETUSER", "analyst", "-client|tracking")
            wait_for(lambda: watched.feed.status().note is not None)
            status = watched.feed.status()
            assert status.note.kind.value == "no_rights"
            assert not status.tracking and not status.resting
            json_string(client, "1", 49.0)
            watched.until(is_at("1", 49.0))


def test_without_the_right_it_polls_and_never_rests(make_server):
    place = make_server("valkey")
    with place.client() as client:
        client.execute_command(
            "ACL SETUSER", "analyst", "on", ">secret", "~*", "&*", "+@all", "-client|tracking"
        )
        for ident in FLEET:
            json_string(client, ident, 48.0)
        settings = place.settings(username="analyst", password="secret")
        with Storm(place, json_string), Watched(settings) as watched:
            wait_for(lambda: watched.feed.status().reads > 20)
            status = watched.feed.status()
            assert not status.resting and not status.tracking and status.note.kind.value == "no_rights"


def test_looking_for_new_vehicles_takes_as_many_breaks_as_it_likes(make_server, monkeypatch):
    """Every piece of the walk is late for one without breaks: while it polls, and while it rests."""
    place = make_server("valkey")
    with place.client() as client:
        client.mset({f"other:{n}": "" for n in range(20_000)})
        client.execute_command(
            "ACL SETUSER", "analyst", "on", ">secret", "~*", "&*", "+@all", "-client|tracking"
        )
        for ident in FLEET:
            json_string(client, ident, 48.0)
        polling = Watched(place.settings(username="analyst", password="secret"))
        with polling, Watched(place.settings()) as resting_one, Storm(place, json_string):
            wait_for(lambda: rests(resting_one))
            with monkeypatch.context() as late:
                late.setattr(scanning, "LONGEST", -1.0)
                json_string(client, "new", 49.5)
                polling.until(is_at("new", 49.5))
                resting_one.until(is_at("new", 49.5))
                assert (polling.state, resting_one.state) == ("live", "live")
                assert polling.feed.status().full_reads == resting_one.feed.status().full_reads == 1


def test_a_production_server_is_let_rest_and_woken(make_server):
    place = make_server("valkey")
    with place.client() as client:
        for ident in FLEET:
            json_string(client, ident, 48.0)
        with Watched(place.settings(production=True)) as watched:
            with Storm(place, json_string):
                wait_for(lambda: rests(watched))
            wait_for(lambda: is_told(watched))
            json_string(client, "1", 49.0)
            watched.until(is_at("1", 49.0))


def test_a_pause_while_it_rests_takes_up_nothing_and_resuming_all_of_it(place, storm):
    with place.client() as client, Watched(place.settings()) as watched:
        wait_for(lambda: rests(watched))
        watched.feed.pause()
        time.sleep(0.2)
        storm.end()
        json_string(client, "1", 49.0)
        json_string(client, "new", 49.0)
        time.sleep(0.2)
        assert "new" not in watched.look().fixes
        watched.feed.resume()
        watched.until(lambda fixes: is_at("1", 49.0)(fixes) and "new" in fixes)
        assert watched.state == "live"
