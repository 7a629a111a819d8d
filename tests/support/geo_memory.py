"""A server of GEO sets in memory: replies as they come over the wire, for tests of the arithmetic without a server.

It knows the few commands that searches send, measures as Redis does (on its sphere, between cells), and loses what Redis
loses: members at longitude 180 or at the latitude limit exactly. ``tests/integration/test_geo_search.py`` holds the same
searches to real servers.
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Optional

import numpy as np

from redis_geo_plugin.core.geo import cells, measure
from redis_geo_plugin.core.redis.redispy import exceptions


class GeoMemory:
    """Stands for ``core.redis.server.Server`` and its clients at once. ``denied`` are commands that the user may not use."""

    is_cluster = False

    def __init__(self, denied: tuple[str, ...] = ()):
        self.sets: dict[bytes, dict[bytes, float]] = {}
        self.hashes: dict[bytes, dict[bytes, bytes]] = {}
        self.known: dict[str, bool] = {"BYPOLYGON": False}
        self.denied = denied
        self.asked: list[str] = []
        self.bulk = self.interactive = self.reading = self

    def key(self, name: Any) -> bytes:
        return name.encode() if isinstance(name, str) else name

    def add(self, key: bytes, members: dict[bytes, tuple[float, float]]) -> None:
        """GEOADD."""
        for member, (lon, lat) in members.items():
            score = cells.encode(np.array([lon]), np.array([lat]))[0]
            self.sets.setdefault(key, {})[member] = float(score)

    # -- redis-py's side --------------------------------------------------------------------------------------

    def execute_command(self, name: str, *words: Any) -> Any:
        reply = self._reply(name, words)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def pipeline(self, transaction: bool = False) -> Any:
        return contextlib.nullcontext(_Pipeline(self._reply))

    def zscan(self, key: bytes, cursor: int, **options: Any) -> tuple[int, list[tuple[bytes, Any]]]:
        cast = options.get("score_cast_func", float)
        found = sorted(self.sets.get(key, {}).items())
        part, following = found[cursor : cursor + 7], cursor + 7
        repeated = found[max(0, cursor - 1) : cursor]  # a scan may bring a member twice
        return (following if following < len(found) else 0), [
            (m, cast(b"%.17g" % s)) for m, s in repeated + part
        ]

    def hscan(self, key: bytes, cursor: int, **_options: Any) -> tuple[int, dict[bytes, bytes]]:
        return 0, dict(self.hashes.get(key, {}))

    # -- commands ---------------------------------------------------------------------------------------------

    def _reply(self, name: str, words: tuple[Any, ...]) -> Any:
        self.asked.append(name)
        if name in self.denied:
            return exceptions.NoPermissionError(f"this user has no permissions to run '{name.lower()}'")
        command: Callable[..., Any] = getattr(self, f"_{name.split()[0].lower()}")
        return command(*words)

    def _type(self, key: bytes) -> bytes:
        return b"zset" if key in self.sets else b"hash" if key in self.hashes else b"none"

    def _exists(self, key: bytes) -> int:
        return int(key in self.sets or key in self.hashes)

    def _zcard(self, key: bytes) -> int:
        return len(self.sets.get(key, {}))

    def _zscore(self, key: bytes, member: bytes) -> Optional[bytes]:
        score = self.sets.get(key, {}).get(member)
        return None if score is None else b"%.17g" % score

    def _hget(self, key: bytes, member: bytes) -> Optional[bytes]:
        return self.hashes.get(key, {}).get(member)

    def _hmget(self, key: bytes, *members: bytes) -> list[Optional[bytes]]:
        return [self.hashes.get(key, {}).get(member) for member in members]

    def _hlen(self, key: bytes) -> int:
        return len(self.hashes.get(key, {}))

    def _memory(self, key: bytes, *_samples: Any) -> Optional[int]:
        values = self.hashes.get(key)
        return None if values is None else sum(len(value) + 64 for value in values.values())

    def _hstrlen(self, key: bytes, member: bytes) -> int:
        return len(self.hashes.get(key, {}).get(member, b""))

    def _zrandmember(self, key: bytes, count: int, _with: str) -> list[bytes]:
        return self._flat(sorted(self.sets.get(key, {}).items())[: abs(count)])

    def _within(self, key: bytes, first: Any, last: Any) -> list[tuple[bytes, float]]:
        low, high = float(first), float(last)
        found = [(s, m) for m, s in self.sets.get(key, {}).items() if low <= s <= high]
        return [(m, s) for s, m in sorted(found)]

    def _zcount(self, key: bytes, first: Any, last: Any) -> int:
        return len(self._within(key, first, last))

    def _zrangebyscore(self, key: bytes, first: Any, last: Any, _with: str) -> list[bytes]:
        return self._flat(self._within(key, first, last))

    @staticmethod
    def _flat(pairs: list[tuple[bytes, float]]) -> list[bytes]:
        return [word for member, score in pairs for word in (member, b"%.17g" % score)]

    def _geosearch(self, key: bytes, *words: Any) -> list[Any]:
        lon, lat, metres = float(words[1]), float(words[2]), float(words[4])
        inside = [(m, s) for m, s in self.sets.get(key, {}).items() if s < cells.SCORES]
        if not inside:
            return []
        lons, lats = cells.decode(np.array([s for _, s in inside]).astype(np.uint64))
        far = measure.sphere_distances(np.full(len(lons), lon), np.full(len(lons), lat), lons, lats)
        hits = [(d, m, int(s)) for d, (m, s) in zip(far.tolist(), inside) if d <= metres]
        if "COUNT" in words:
            hits = sorted(hits)[: int(words[words.index("COUNT") + 1])]
        return [[member, score] for _, member, score in hits]


class _Pipeline:
    def __init__(self, reply: Callable[[str, tuple[Any, ...]], Any]):
        self._answer = reply
        self._commands: list[tuple[Any, ...]] = []

    def execute_command(self, *words: Any) -> None:
        self._commands.append(words)

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        assert not raise_on_error, "one command that fails must not hide the others"
        return [self._answer(command[0], command[1:]) for command in self._commands]
