"""``python -m redis_geo_plugin.worker``, also ``redis-geo-worker``."""

from __future__ import annotations

import sys
from typing import Optional


def main(words: Optional[list[str]] = None) -> int:
    """Run a worker until it is told to end; returns its exit code."""
    from .options import parse

    options = parse(words)
    from .worker import Worker

    return Worker(options).run()


if __name__ == "__main__":
    sys.exit(main())
