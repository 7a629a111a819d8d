"""Strings: a geometry, a feature, a document or a whole collection under a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...redis import sized
from ...redis.server import Server
from ...watch import Watch
from .base import LIMITS, FeatureSource, HowRead, Stored, too_large


class StringFeatures(FeatureSource):
    """One value a key, read by their sizes in pieces."""

    TYPE = "string"
    COMMANDS = ("GET", "STRLEN")

    def read(
        self, server: Server, keys: Sequence[bytes], how: HowRead, watch: Watch
    ) -> Iterator[list[Stored]]:
        """The values, piece by piece."""
        known = list(map(how.sizes.get, keys))
        sizes = [size for size in known if size is not None]
        fitting = keys
        if len(sizes) < len(keys):
            fit = sized.fitting(sized.asker(server), keys, self.TYPE, LIMITS)
            yield too_large(fit.skipped)
            fitting, sizes = fit.keys, fit.sizes
        for piece in sized.pieces(fitting, sizes, LIMITS):
            watch.check()
            values = server.mget(piece)
            yield [Stored(key, "", raw) for key, raw in zip(piece, values) if raw is not None]
