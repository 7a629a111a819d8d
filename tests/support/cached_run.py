"""A process that buffers the countries of the world map through the cache, and prints its report as JSON.

Arguments: port of the server, key to wait for, distance, whether to kill -9 itself when it has stored that many.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time

from redis_geo_plugin.core.cache.run import Chunk
from redis_geo_plugin.core.operations.buffer import Buffer
from redis_geo_plugin.core.redis.server import open_server
from redis_geo_plugin.core.redis.settings import ConnectionSettings
from tests.support.runs import cached_run
from tests.support.world import countries


def main(port: int, gate: str, distance: float, die_after: int) -> None:
    server = open_server(ConnectionSettings(name="child", host="127.0.0.1", port=port))
    wkbs = list(countries().values())
    run = cached_run(server, Buffer(segments=8, crs="EPSG:4326"), "together")
    print("ready", flush=True)
    while not server.interactive.exists(gate):
        time.sleep(0.005)
    if die_after:
        write = run.write

        def store_and_die(entries):
            write(entries)
            if run.report.stored >= die_after:
                os.kill(os.getpid(), signal.SIGKILL)

        run.write = store_and_die
    results = []
    for finished in run.run([Chunk((wkbs,), [distance] * len(wkbs))]):
        results.extend(finished.results)
    report = run.report
    digest = hashlib.sha256(b"".join(r or b"-" for r in results)).hexdigest()
    print(
        json.dumps(
            {
                "hits": report.hits,
                "misses": report.misses,
                "computed": report.computed,
                "waited": report.waited,
                "stored": report.stored,
                "failed": report.failed,
                "digest": digest,
                "failure": report.failure and report.failure.kind.value,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
