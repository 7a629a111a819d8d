"""How long the test of a connection takes to answer, for everything that it tells apart: a second at most."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks.harness import figure

RUNS = 5
LIMIT_MS = 1000.0


def benchmarks():
    yield answers


def answers():
    """A row for each answer: the slowest of the runs."""
    from redis_geo_plugin.core.redis.local_server import free_port
    from redis_geo_plugin.core.redis.settings import ConnectionSettings
    from tests.support import peers
    from tests.support.servers import RealServer

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="redis-geo-bench-")))
        keys = peers.certificates(folder)
        tls_port = free_port()
        words = [
            "--tls-port",
            str(tls_port),
            "--tls-auth-clients",
            "no",
            "--tls-ca-cert-file",
            str(keys / "ca.crt"),
        ]
        words += ["--tls-cert-file", str(keys / "good.crt"), "--tls-key-file", str(keys / "good.key")]
        server = RealServer("redis", *words)
        stack.callback(server.close)
        guarded = RealServer("redis", "--requirepass", "right")
        stack.callback(guarded.close)
        web, mute = peers.Peer(peers.web_server), peers.Peer(peers.black_hole)
        stack.callback(web.close)
        stack.callback(mute.close)
        with server.client() as admin:
            admin.execute_command("ACL", "SETUSER", "mute", "on", ">pw", "-@all")
        here = ConnectionSettings(name="bench", host="127.0.0.1")
        cases = {
            "connected": (server.settings(), ""),
            "refused": (replace(here, port=free_port()), "refused"),
            "wrong password": (guarded.settings(password="wrong"), "wrong_password"),
            "not a Redis": (replace(here, port=web.port), "not_redis"),
            "no rights": (server.settings(username="mute", password="pw"), "no_rights"),
            "TLS refused": (replace(here, port=tls_port, tls=True), "tls_refused"),
            "too slow": (replace(here, port=mute.port), "too_slow"),
        }
        return [row(name, settings, kind) for name, (settings, kind) in cases.items()]


def row(name, settings, kind):
    from redis_geo_plugin.core.redis.probing import probe

    slowest = 0.0
    for _ in range(RUNS):
        started = time.perf_counter()
        found = probe(settings)
        slowest = max(slowest, time.perf_counter() - started)
        told = found.failure.kind.value if found.failure else ""
        assert told == kind, f"{name}: {told}"
    return figure(f"connection test: {name}", f"slowest of {RUNS}", slowest * 1000, "ms", at_most=LIMIT_MS)
