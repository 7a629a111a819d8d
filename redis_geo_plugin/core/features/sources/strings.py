"""Strings: a geometry, a feature, a document or a whole collection under a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

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
        fit = sized.fitting(sized.asker(server), keys, self.TYPE, LIMITS)
        yield too_large(fit.skipped)
        for piece in sized.pieces(fit.keys, fit.sizes, LIMITS):
            watch.check()
            yield stored(piece, server.mget(piece))


def stored(keys: Sequence[bytes], values: Sequence[Optional[bytes]]) -> list[Stored]:
    """Those of these strings that are there."""
    return [Stored(key, "", raw) for key, raw in zip(keys, values) if raw is not None]
