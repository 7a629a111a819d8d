"""Every way in which a connection does not come about, against real servers and peers: its kind, and within a second."""

from __future__ import annotations

import gc
import os
import socket
import ssl
import threading
import time
from dataclasses import replace

import pytest

from redis_geo_plugin.core.redis import probing
from redis_geo_plugin.core.redis.failures import FailureKind, StoreError, classify
from redis_geo_plugin.core.redis.probing import probe
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.redis.settings import ConnectionSettings, Deployment
from redis_geo_plugin.core.redis.tls_reasons import TlsReason, tls_reason
from tests.support import peers
from tests.support.patience import PATIENCE
from tests.support.positions import connections, wait_for
from tests.support.servers import free_port

SECRET = "geheim-7up"  # a word to search for


def at(port, **more):
    return ConnectionSettings(name="t", host="127.0.0.1", port=port, **more)


@pytest.fixture
def peer():
    made = []

    def make(behave):
        made.append(peers.Peer(behave))
        return made[-1]

    yield make
    for one in made:
        one.close()


def kind_of(settings):
    found = probe(settings)
    return found.failure.kind if found.failure else None


def test_a_server_that_answers(server):
    found = probe(server.settings())
    assert found.failure is None
    assert found.product == ("Redis" if server.flavour == "redis" else "Valkey")
    assert found.version.count(".") == 2
    assert found.latency_ms > 0
    assert (found.read_only, found.limited, found.clustered) == (False, False, False)


def test_refused():
    assert kind_of(at(free_port())) is FailureKind.REFUSED


def test_unknown_host():
    assert kind_of(ConnectionSettings(host="no-such-host.invalid")) is FailureKind.UNKNOWN_HOST


def test_a_name_server_that_hangs_does_not_hold_up_the_answer(monkeypatch):
    release, answered = threading.Event(), []

    def hang(*_words, **_options):
        release.wait(60)
        answered.append(True)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    try:
        assert kind_of(ConnectionSettings(host="slow.example.org")) is FailureKind.TOO_SLOW
        assert not answered  # the second itself is benched
    finally:
        release.set()


def test_a_web_server_is_no_redis(peer):
    assert kind_of(at(peer(peers.web_server).port)) is FailureKind.NOT_REDIS


def test_a_peer_that_hangs_up(peer):
    assert kind_of(at(peer(peers.hang_up).port)) is FailureKind.LOST


def test_a_black_hole(peer):
    assert kind_of(at(peer(peers.black_hole).port)) is FailureKind.TOO_SLOW
    assert kind_of(at(peer(peers.black_hole).port, tls=True)) is FailureKind.TOO_SLOW


def test_no_thread_is_left_of_a_black_hole(peer):
    assert kind_of(at(peer(peers.black_hole).port)) is FailureKind.TOO_SLOW
    deadline = time.monotonic() + PATIENCE
    while any(t.name == "redis-geo-probe" for t in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_stopped_server(make_server):
    server = make_server("valkey")
    server.stop()
    assert kind_of(server.settings()) is FailureKind.TOO_SLOW


@pytest.mark.parametrize("flavour", ["redis", "valkey"])
class TestSignIn:
    def test_password(self, make_server, flavour):
        server = make_server(flavour, "--requirepass", SECRET)
        assert kind_of(server.settings()) is FailureKind.PASSWORD_NEEDED
        assert kind_of(server.settings(password="wrong")) is FailureKind.WRONG_PASSWORD
        assert kind_of(server.settings(username="nobody", password=SECRET)) is FailureKind.WRONG_PASSWORD
        assert kind_of(server.settings(password=SECRET)) is None

    def test_a_password_where_none_is_set(self, server, flavour):
        assert kind_of(server.settings(username="nobody", password="x")) is FailureKind.WRONG_PASSWORD

    def test_a_user_without_rights(self, make_server, flavour):
        server = make_server(flavour)
        with server.client() as admin:
            admin.execute_command("ACL", "SETUSER", "mute", "on", ">pw", "-@all")
            admin.execute_command("ACL", "SETUSER", "some", "on", ">pw", "~vehicule:*", "+@all")
            admin.execute_command("ACL", "SETUSER", "noinfo", "on", ">pw", "~*", "+@all", "-info")
        assert kind_of(server.settings(username="mute", password="pw")) is FailureKind.NO_RIGHTS
        some = probe(server.settings(username="some", password="pw"))
        assert some.failure is None and some.limited
        noinfo = probe(server.settings(username="noinfo", password="pw"))
        assert noinfo.failure is None and (noinfo.product, noinfo.version) == ("", "")

    def test_no_such_database(self, make_server, flavour):
        server = make_server(flavour, "--databases", "4")
        assert kind_of(server.settings(database=3)) is None
        assert kind_of(server.settings(database=4)) is FailureKind.NO_DATABASE

    def test_too_many_clients(self, make_server, flavour):
        server = make_server(flavour, "--maxclients", "1")
        with server.client() as held:
            held.ping()
            assert kind_of(server.settings()) is FailureKind.TOO_MANY_CLIENTS

    def test_unix_socket(self, make_server, flavour, tmp_path):
        path = os.path.join("/tmp", f"rg-{os.getpid()}-{flavour}.sock")
        server = make_server(flavour, "--unixsocket", path)
        assert kind_of(server.settings(unix_socket=path)) is None
        server.kill()
        assert kind_of(server.settings(unix_socket=path)) is FailureKind.REFUSED
        assert kind_of(server.settings(unix_socket=str(tmp_path / "none"))) is FailureKind.REFUSED

    def test_a_replica_says_so(self, make_server, flavour):
        primary = make_server(flavour)
        replica = make_server(flavour, "--replicaof", f"127.0.0.1 {primary.port}")
        assert probe(replica.settings()).read_only

    def test_loading(self, make_server, flavour):
        server = make_server(flavour, persistent=True)
        with server.client() as client:
            client.mset({f"k{n}": "x" * 100 for n in range(500)})
            client.bgrewriteaof()
            while client.info("persistence")["aof_rewrite_in_progress"]:
                time.sleep(0.02)
        server.kill()
        server.words.extend(["--loading-process-events-interval-bytes", "1024", "--key-load-delay", "3000"])
        starter = threading.Thread(target=server.start)
        starter.start()
        try:
            seen = set()
            while starter.is_alive():
                seen.add(kind_of(server.settings()))
            assert FailureKind.LOADING in seen
        finally:
            starter.join()

    def test_a_cluster_node_reached_as_a_single_server(self, make_server, flavour):
        server = make_server(flavour, "--cluster-enabled", "yes")
        assert probe(server.settings()).clustered
        clustered = replace(server.settings(), deployment=Deployment.CLUSTER)
        assert kind_of(clustered) is FailureKind.CLUSTER_DOWN  # it serves no slots yet

    def test_a_single_server_reached_as_a_cluster(self, make_server, flavour):
        assert kind_of(make_server(flavour).settings(deployment=Deployment.CLUSTER)) is FailureKind.NO_CLUSTER

    def test_a_refused_cluster_leaves_no_connection(self, make_server, flavour):
        server = make_server(flavour)
        with server.client() as client:
            before = connections(client)
            gc.disable()  # what only the collector would close stays visible
            try:
                for _ in range(5):
                    kind_of(server.settings(deployment=Deployment.CLUSTER))
                wait_for(lambda: connections(client) <= before)
            finally:
                gc.enable()


class TestTls:
    def test_a_good_certificate(self, tls_server):
        _, settings = tls_server()
        assert kind_of(settings) is None
        assert kind_of(replace(settings, host="localhost")) is None

    def test_an_unknown_authority(self, tls_server):
        _, settings = tls_server()
        assert kind_of(replace(settings, tls_ca="")) is FailureKind.TLS_REFUSED

    @pytest.mark.parametrize("name", ["elsewhere", "expired", "self"])
    def test_a_bad_certificate(self, tls_server, name):
        _, settings = tls_server(name)
        assert kind_of(settings) is FailureKind.TLS_REFUSED

    @pytest.mark.parametrize(
        ("name", "reason"),
        [("elsewhere", TlsReason.NAME), ("expired", TlsReason.EXPIRED), ("self", TlsReason.ISSUER)],
    )
    def test_it_is_told_what_is_wrong_with_a_certificate(self, tls_server, name, reason):
        _, settings = tls_server(name)
        assert tls_reason(probe(settings, 5.0).failure.words) is reason

    def test_it_is_told_that_the_authority_is_unknown_or_ours_is_wanted(self, tls_server):
        _, settings = tls_server()
        assert tls_reason(probe(replace(settings, tls_ca=""), 5.0).failure.words) is TlsReason.ISSUER
        _, settings = tls_server("good", "--tls-auth-clients", "yes")
        assert tls_reason(probe(settings, 5.0).failure.words) is TlsReason.OURS

    def test_a_client_certificate_is_asked_for(self, tls_server, certificates):
        _, settings = tls_server("good", "--tls-auth-clients", "yes")
        assert kind_of(settings) is FailureKind.TLS_REFUSED
        own = {
            "tls_certificate": str(certificates / "client.crt"),
            "tls_key": str(certificates / "client.key"),
        }
        assert kind_of(replace(settings, **own)) is None

    def test_why_a_server_closed_is_read_before_the_connection_is_given_up(self, tls_server):
        _, settings = tls_server("good", "--tls-auth-clients", "yes")
        sock = open_server(settings).interactive.connection_pool.make_connection()._connect()
        with pytest.raises(ssl.SSLError, match=r"(?i)certificate"):
            for _ in range(200):  # the first writes may still go into the void
                sock.sendall(b"PING\r\n")
                time.sleep(0.01)
        sock.close()

    def test_a_client_certificate_is_asked_for_by_a_cluster(self, tls_server):
        words = ("--cluster-enabled", "yes", "--tls-cluster", "yes")
        _, settings = tls_server("good", "--tls-auth-clients", "yes", *words)
        assert kind_of(replace(settings, deployment=Deployment.CLUSTER)) is FailureKind.TLS_REFUSED

    def test_a_missing_certificate_file(self, tls_server):
        _, settings = tls_server()
        assert kind_of(replace(settings, tls_ca="/no/such/ca.pem")) is FailureKind.CERTIFICATE_FILE

    def test_plain_to_a_tls_port(self, tls_server):
        _, settings = tls_server()
        assert kind_of(replace(settings, tls=False)) in (FailureKind.LOST, FailureKind.NOT_REDIS)

    def test_tls_to_a_plain_port(self, tls_server):
        server, settings = tls_server()
        found = kind_of(replace(settings, port=server.port))
        assert found in (FailureKind.NO_TLS, FailureKind.TOO_SLOW, FailureKind.LOST)

    def test_tls_to_a_web_server(self, peer):
        assert kind_of(at(peer(peers.web_server).port, tls=True)) is FailureKind.NO_TLS


def test_sentinels_that_are_away():
    settings = at(free_port(), deployment=Deployment.SENTINEL, service="mymaster")
    assert kind_of(settings) is FailureKind.REFUSED


def test_no_text_of_a_failure_holds_the_password(make_server, peer):
    server = make_server("redis", "--requirepass", "another")
    for settings in (
        server.settings(password=SECRET),
        server.settings(username="u", password=SECRET),
        at(free_port(), password=SECRET),
        at(peer(peers.web_server).port, password=SECRET),
        at(peer(peers.hang_up).port, password=SECRET),
        at(server.port, password=SECRET, tls=True),
    ):
        found = probe(settings)
        assert found.failure is not None
        assert SECRET not in repr(found) + repr(settings) + repr(open_server(settings).interactive)
        assert SECRET not in str(StoreError(found.failure))


def test_the_limit_is_a_second():
    assert probing.ANSWER_WITHIN < 1.0


def test_classify_of_a_failure_already_named():
    error = StoreError(probe(at(free_port())).failure)
    assert classify(error).kind is FailureKind.REFUSED
