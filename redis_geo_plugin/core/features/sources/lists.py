"""Lists: a feature, or a document, in each entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...redis import sized
from ...redis.scanning import Entries
from ...redis.server import Server
from ...watch import Watch
from .base import LIMITS, FeatureSource, HowRead, Stored, too_large

STEP = 500  # entries of one LRANGE


class ListFeatures(FeatureSource):
    """The entries from the first to the last; the id of one that has none is its number."""

    TYPE = "list"
    COMMANDS = ("LRANGE", "LLEN", "MEMORY")

    def read(
        self, server: Server, keys: Sequence[bytes], how: HowRead, watch: Watch
    ) -> Iterator[list[Stored]]:
        """The entries, some at a time."""
        fit = sized.fitting(sized.asker(server), keys, self.TYPE, LIMITS)
        yield too_large(fit.skipped)
        for key in fit.keys:
            start, walk = 0, Entries(LIMITS.entries)
            while True:
                watch.check()
                entries = server.bulk.lrange(key, start, start + STEP - 1)
                walk.count(len(entries))
                yield [Stored(key, str(start + n), raw) for n, raw in enumerate(entries)]
                start += len(entries)
                if len(entries) < STEP:
                    break
