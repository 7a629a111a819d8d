"""Two workers on the demo's server, as an administrator would run them on other machines.

REDIS_GEO_URL=redis://… python -m tools.demo.feeds.workers
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

NAMES = ("atlas", "borea")


def main() -> int:
    if not os.environ.get("REDIS_GEO_URL"):
        print("demo: workers: REDIS_GEO_URL is not set", file=sys.stderr)
        return 2
    command = [sys.executable, "-m", "redis_geo_plugin.worker", "--processes", "1", "--log-level", "warning"]
    workers = [subprocess.Popen([*command, "--name", name]) for name in NAMES]

    def end(*_signal: object) -> None:
        for worker in workers:
            worker.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return max(abs(worker.wait()) for worker in workers)


if __name__ == "__main__":
    sys.exit(main())
