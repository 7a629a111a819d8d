"""QGIS's cases and the matrix, native beside cached: ``python -m tests.peers [ALGORITHM...] [--kind KIND] [--only WORDS]``.

Ends with 1 where anything differs that docs/cache.md does not list. All differences stand in ``build/peers.txt``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.peers import deliberate, processes, source, table
from tests.support.servers import RealServer

KINDS = ("matrix", "cases", "definition")
NAMES = ("intersection", "buffer", "dissolve", "simplify", "nearest", "convexhull")
PROCESSES = 2


def main(words: list[str]) -> int:
    """Run what was asked for; return the status of the program."""
    parser = argparse.ArgumentParser(prog="tests.peers", description=__doc__)
    parser.add_argument("algorithms", nargs="*", metavar="ALGORITHM", help=", ".join(NAMES))
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--only", default="", help="only the cases that have these words in their name")
    given = parser.parse_args(words)
    if unknown := set(given.algorithms) - set(NAMES):
        parser.error(f"not an algorithm: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    started = time.monotonic()
    folder = source.fetch()
    chosen = [(name, kind) for kind in given.kind or KINDS for name in given.algorithms or NAMES]
    server = RealServer("valkey")
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        "REDIS_GEO_URL": server.url,
        "REDIS_GEO_PEERS_ONLY": given.only,
        "LANG": "C.UTF-8",
        "QT_HASH_SEED": "0",  # native takes selected features in the order of a hash
    }
    try:
        with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(PROCESSES) as pool:
            environment["QGIS_CUSTOM_CONFIG_PATH"] = environment["XDG_CONFIG_HOME"] = (
                work  # no settings of others
            )
            parts = pool.map(lambda one: processes.run(*one, folder, Path(work), environment), chosen)
            results = [result for part in parts for result in part]
    finally:
        server.close()
    listed = deliberate.read(source.ROOT / deliberate.PAGE)
    whole = not given.algorithms and not given.kind and not given.only
    good = table.tell(results, listed, whole)
    print(f"{len(results)} cases in {time.monotonic() - started:.0f} s: {'good' if good else 'NOT good'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
