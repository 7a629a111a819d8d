"""What *Find positions* costs a server that holds a million keys: seconds, and the share of the server's time."""

from __future__ import annotations

import json
import socket
import time
import uuid

from benchmarks.harness import figure

KEYS = 1_000_000
AT_ONCE = 2_000  # pairs of one MSET
MOST_SECONDS, MOST_SHARE = 5.0, 2.0


def benchmarks():
    for flavour in ("valkey", "redis"):
        yield lambda flavour=flavour: find_among_a_million(flavour)


def find_among_a_million(flavour):
    """Rows: a fleet of 1,000 among a million sessions."""
    from redis_geo_plugin.core.live.discovery import find_positions
    from tests.support.servers import RealServer

    server = RealServer(flavour)
    try:
        with server.client() as client:
            fill(server.host, server.port)
            for n in range(1_000):
                said = {"lat": 48.8 + n / 1e5, "lon": 2.35, "ts": time.time()}
                client.set(f"vehicle:{n}", json.dumps(said))
            client.config_resetstat()
            started = time.perf_counter()
            findings = find_positions(server.settings())
            seconds = time.perf_counter() - started
            used = sum(one["usec"] for one in client.info("commandstats").values()) / 1e6
        given = f"{flavour}, {KEYS:,} keys, {findings.looked_at:,} names read"
        found = [one.spec.pattern for one in findings.proposals]
        return [
            figure("finding positions", given, seconds, "s", at_most=MOST_SECONDS),
            figure("of the server's time meanwhile", given, 100.0 * used / seconds, "%", at_most=MOST_SHARE),
            figure("feeds found", ", ".join(found), len(found), "feeds", at_least=1),
        ]
    finally:
        server.close()


def fill(host, port):
    """Sessions by MSET, the next sent before the last is answered."""
    with socket.create_connection((host, port)) as line:
        pending = 0
        for _ in range(KEYS // AT_ONCE):
            words = [b"MSET"]
            for _ in range(AT_ONCE):
                words += [b"session:" + str(uuid.uuid4()).encode(), b"x" * 24]
            line.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words))
            pending += 5  # +OK
        while pending > 0:
            pending -= len(line.recv(min(pending, 4096)))
