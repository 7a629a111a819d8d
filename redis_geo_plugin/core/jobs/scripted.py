"""The books kept by Lua scripts on the server, one round trip a step. The scripts are the files in ``lua``.

They are run by their hash (EVALSHA), and sent whole (EVAL) where the server has not seen them: a server
forgets scripts when it restarts or fails over, and SCRIPT LOAD is a right of its own, which users with a
right to scripts may lack.

While a cluster moves the slot of the queue to another node, each node has a part of its keys, and a script
that meets a missing one would fail in the middle, or begin a book anew beside the one on its way. So each
script also names a key that never exists: as long as the slot moves, both nodes answer TRYAGAIN before it
begins, and the client asks again (``redis/doors``).
"""

from __future__ import annotations

import hashlib
import json
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache

from ..redis.expect import integer, list_of, wrong
from ..redis.redispy import exceptions
from ..redis.reply_checks import is_stream_id
from ..redis.types import RedisClient, Reply, Word
from . import names
from .model import TOO_FAR_MS, WORKED, JobRow, Place, SettleRow, bytes_sent, pack_rows

_NAMES = json.dumps(
    {
        "group": names.GROUP,
        "returned": names.RETURNED,
        "again": names.AGAIN,
        "parts": names.BATCH_PARTS,
        "dropped": names.DROPPED,
        "worked": dict.fromkeys(WORKED, True),
        "keep": names.KEEP_SECONDS,
        "longest": names.LONGEST_KEPT,
    }
)


_STREAMS = frozenset(stream.encode() for stream in names.STREAMS)


class ScriptsDenied(Exception):
    """This user may not run scripts, or the server has none."""


@cache
def script(name: str) -> tuple[str, str]:
    """The text of a script of the folder ``lua``, and its SHA-1."""
    parts = [pkgutil.get_data(__package__, f"lua/{part}.lua") or b"" for part in ("common", name)]
    text = b"\n".join(parts).decode()
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class ScriptedBooks:
    """``client``: a redis-py client or cluster client; ``p``: the start of the keys of the queue's books."""

    def __init__(self, client: RedisClient, p: bytes):
        """As ``Books.__init__``."""
        self._client, self.p = client, p
        self._streams = [p + stream.encode() for stream in names.STREAMS]

    def run(self, name: str, *arguments: Word, keys: Sequence[bytes] = ()) -> Reply:
        """Run a script. Raises ScriptsDenied, RedisError."""
        text, sha = script(name)
        named = [*self._streams, *keys, self.p + names.NEVER]
        words = [*named, self.p, _NAMES, *arguments]
        try:
            try:
                return self._client.evalsha(sha, len(named), *words)
            except exceptions.NoScriptError:
                return self._client.eval(text, len(named), *words)
        except exceptions.ResponseError as error:
            if denied(error):
                raise ScriptsDenied(str(error)) from error
            raise

    def enqueue(
        self, batch: str, chunk: int, stream: str, shared: Mapping[bytes, bytes], rows: Sequence[JobRow]
    ) -> int:
        """As ``Books.enqueue``."""
        words = [word for pair in shared.items() for word in pair]
        size = bytes_sent(shared, rows)
        return integer(self.run("enqueue", batch, chunk, stream, size, pack_rows(rows), *words))

    def seal(self, batch: str, total: int) -> None:
        """As ``Books.seal``."""
        self.run("seal", batch, total)

    def settle(self, worker: str, rows: Sequence[SettleRow]) -> list[int]:
        """As ``Books.settle``."""
        reply = self.run("settle", worker, *(word for row in rows for word in row))
        return list_of(int, reply, len(rows))

    def put_off(
        self, worker: str, verdict: str, row: SettleRow, pause_ms: int, changes: Mapping[bytes, bytes]
    ) -> int:
        """As ``Books.put_off``."""
        stream, id, batch, index, _code, detail, _size = row
        words = [word for pair in changes.items() for word in pair]
        return integer(
            self.run("put_off", worker, verdict, stream, id, batch, index, pause_ms, detail, *words)
        )

    def promote(self, count: int) -> int:
        """As ``Books.promote``."""
        return integer(self.run("promote", count, TOO_FAR_MS))

    def requeue(self, ids: Sequence[str]) -> int:
        """As ``Books.requeue``."""
        return integer(self.run("requeue", *ids))

    def lose(self, batch: str, put: bytes, indexes: Sequence[int]) -> int:
        """As ``Books.lose``."""
        return integer(self.run("lose", batch, put, *indexes))

    def renew(self, worker: str, places: Sequence[Place]) -> list[int]:
        """As ``Books.renew``."""
        return list_of(int, self.run("renew", worker, *_flat(places)), len(places))

    def hand_back(self, worker: str, places: Sequence[Place]) -> int:
        """As ``Books.hand_back``."""
        return integer(self.run("hand_back", worker, *_flat(places)))

    def take_over(self, worker: str, idle_ms: int, count: int, returned: str) -> list[list[Reply]]:
        """As ``Books.take_over``."""
        rows: list[list[Reply]] = list_of(list, self.run("take_over", worker, idle_ms, count, returned))
        for row in rows:
            if not _is_claimed(row):
                raise wrong(row, "a job that was taken over")
        return rows

    def beat(self, worker: str, line: str, current: str) -> int:
        """As ``Books.beat``."""
        return integer(self.run("beat", worker, line, current))

    def bridge(self, list_key: bytes, name: str, side: bytes, count: int) -> int:  # noqa: ARG002 - Books
        """As ``Books.bridge``."""
        return integer(self.run("bridge", name, count, keys=[list_key]))

    def prune(self, seconds: float) -> int:
        """As ``Books.prune``."""
        return integer(self.run("prune", int(seconds)))


def _is_claimed(row: list[Reply]) -> bool:
    """Stream, id of the entry, suspicion, deliveries, names and values of its fields in turn."""
    if [type(value) for value in row] != [bytes, bytes, int, int, list]:
        return False
    stream, id, _, _, flat = row
    words = len(flat) % 2 == 0 and all(type(word) is bytes for word in flat)
    return words and is_stream_id(id) and stream in _STREAMS


def denied(error: Exception) -> bool:
    """Whether the error says that scripts are not for this user, or that there are none."""
    words = str(error).lower()
    about_scripts = "eval" in words
    refused = "noperm" in words or "no permissions" in words or "unknown command" in words
    return about_scripts and (refused or type(error).__name__ == "NoPermissionError")


def _flat(places: Sequence[Place]) -> list[str]:
    return [word for place in places for word in place]
