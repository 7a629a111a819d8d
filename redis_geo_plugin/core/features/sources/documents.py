"""Documents of the server's own type (RedisJSON), with a geometry somewhere in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...redis import sized
from ...redis.server import Server
from ...watch import Watch
from ..values import LARGEST
from .base import LIMITS, FeatureSource, HowRead, Stored, too_large

ROOT = "."  # the whole document, as it is: ``$`` would put it into a list


class DocumentFeatures(FeatureSource):
    """One document a key, read as its text."""

    TYPE = "ReJSON-RL"
    COMMANDS = ("JSON.GET", "JSON.MGET", "MEMORY")

    def read(
        self, server: Server, keys: Sequence[bytes], how: HowRead, watch: Watch
    ) -> Iterator[list[Stored]]:
        """The documents, piece by piece."""
        ask = sized.asker(server)
        sizes = [size if isinstance(size, int) else 0
                 for size in sized.ask_all(ask, [("MEMORY", "USAGE", key) for key in keys])]  # fmt: skip
        skipped = [sized.Oversize(key, size) for key, size in zip(keys, sizes) if size > 3 * LARGEST]
        yield too_large(skipped)
        fitting = [(key, size) for key, size in zip(keys, sizes) if size <= 3 * LARGEST]
        for piece in sized.pieces([key for key, _ in fitting], [size for _, size in fitting], LIMITS):
            watch.check()
            replies = ask([("JSON.GET", key, ROOT) for key in piece])
            yield [Stored(key, "", raw) for key, raw in zip(piece, replies) if isinstance(raw, bytes)]
