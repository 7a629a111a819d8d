"""New York harbour alive: the real AIS hour of resources/data, ten times as fast, over and over.

REDIS_GEO_URL=redis://… python -m tools.demo.feeds.live
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from redis_geo_plugin.core import keys
from redis_geo_plugin.core.live import ais
from redis_geo_plugin.core.live.publish import PositionReport, publish
from redis_geo_plugin.core.redis.redispy import exceptions
from redis_geo_plugin.core.redis.server import Server
from redis_geo_plugin.core.redis.settings import from_environment

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "data" / "nyharbor_ais.csv"
FASTER = 10.0
TTL = 900


def play_once(server: Server, reports: list[PositionReport]) -> None:
    """Every vessel at once where it was first, then the hour as it went; at its end the harbour is emptied."""
    first: dict[str, PositionReport] = {}
    for report in reports:
        first.setdefault(report.id, report)
    now = time.time()
    publish(
        server, [replace(r, time=now - 20.0) for r in first.values()], ttl=TTL, stream=keys.POSITION_STREAM
    )
    publish(server, reports, ttl=TTL, speed=FASTER, stream=keys.POSITION_STREAM)
    server.unlink(server.key(f"{keys.POSITIONS}:{ident}") for ident in first)


def main() -> int:
    settings = from_environment()
    if settings is None:
        print("demo: harbour: REDIS_GEO_URL is not set", file=sys.stderr)
        return 2
    server = Server(settings)
    reports = list(ais.read_reports(SAMPLE))
    while True:
        try:
            play_once(server, reports)
        except exceptions.RedisError as error:
            print(f"demo: harbour: {error}", file=sys.stderr)
            time.sleep(2.0)


if __name__ == "__main__":
    sys.exit(main())
