"""Patterns of keys whose ``*`` is the id of a vehicle, and the names that are made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import methodcaller
from typing import Optional

from ..keys import glob_escape
from ..readable import bytes_of, text, texts

SEPARATORS = (":", "/", ".", "|", "_", "-")  # between the parts of a name: the first of them that it holds
GLUED = re.compile(r"^(.*?[A-Za-z_-])(\d+)$")


class KeyPattern:
    """A key pattern with ``*`` for the id, behind the tenant's prefix: ``vehicle:*:status``. What stands
    between the stars, and the ids, are as ``readable.text`` shows names."""

    def __init__(self, pattern: str, key_prefix: str):
        self.lead = key_prefix.encode()
        parts = [bytes_of(part) for part in pattern.split("*")]
        self.glob = (self.lead and _escape(self.lead)) or b""
        self.glob += b"*".join(_escape(part) for part in parts)
        self.literal = self.lead + parts[0]
        self._simple = len(parts) == 2 and not parts[1]
        # ``vehicle7*`` holds vehicle 71: the digits before the star belong to its id
        own = self.literal[len(self.lead) :]
        self._start = len(self.lead) + len(own.rstrip(b"0123456789"))
        self._regex = re.compile(re.escape(self.lead) + b"(.+)".join(re.escape(p) for p in parts), re.DOTALL)

    def idents(self, keys: Sequence[bytes]) -> list[Optional[str]]:
        """``ident`` of many keys, those of a pattern with its star at the end together."""
        if self._simple and all(map(methodcaller("startswith", self.literal), keys)):
            found: list[Optional[str]] = [*texts([key[self._start :] for key in keys])]
            if "" not in found:  # no key ends where the id begins
                return found
        return list(map(self.ident, keys))

    def ident(self, key: bytes) -> Optional[str]:
        """The id in a key, None for a key that does not match. Several stars are joined by a colon."""
        if self._simple:
            if len(key) <= self._start or not key.startswith(self.literal):
                return None
            return text(key[self._start :])
        found = self._regex.fullmatch(key)
        if found is None:
            return None
        groups = found.groups()
        return text(b":".join(groups)) if groups else text(key[len(self.lead) :])


def _escape(raw: bytes) -> bytes:
    return glob_escape(raw.decode("latin-1")).encode("latin-1")


def readable_name(pattern: str) -> str:
    """A name for a feed: ``vehicule:*:status`` -> ``vehicule status``."""
    words = [w for w in re.split(r"[:./|*{}]+", pattern) if w]
    return " ".join(words) or pattern


def starred(pattern: str) -> str:
    """A literal key with its last part as a star: a lone vehicle is the first of a family."""
    for separator in (":", "/", "."):
        head, found, _ = pattern.rpartition(separator)
        if found:
            return head + separator + "*"
    glued = GLUED.match(pattern)
    return glued.group(1) + "*" if glued else pattern
