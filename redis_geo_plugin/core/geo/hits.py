"""What a search found, in columns, and how whoever waits for it is told of the progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

import numpy as np

from ..cancelling import Cancelled


class Watch:
    """Told how far the work is, asked whether to go on. This one tells nobody and always goes on."""

    def progress(self, percent: float) -> None:
        """0 to 100."""

    def canceled(self) -> bool:
        return False

    def check(self) -> None:
        """Raise Cancelled if the user stopped it."""
        if self.canceled():
            raise Cancelled


@dataclass
class Hits:
    """n hits, those of each centre or area together and sorted by distance.

    ``lon`` and ``lat`` are degrees, ``distance`` metres (NaN for an area, which has no centre), ``bearing`` degrees from north as
    seen from the centre, ``origin`` the index of the centre or area, ``rank`` from 1 within it. ``attributes`` are what stands in
    the set's ``:attributs`` hash, None where nothing does; ``exact`` tells whose coordinates come from there. ``notes`` are names of
    things the user should know (see NOTES).
    """

    members: list[bytes] = field(default_factory=list)
    lon: np.ndarray = field(default_factory=lambda: np.zeros(0))
    lat: np.ndarray = field(default_factory=lambda: np.zeros(0))
    distance: np.ndarray = field(default_factory=lambda: np.zeros(0))
    bearing: np.ndarray = field(default_factory=lambda: np.zeros(0))
    origin: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    rank: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    attributes: list[Optional[dict[str, Any]]] = field(default_factory=list)
    exact: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    notes: frozenset[str] = frozenset()

    @classmethod
    def unmeasured(cls, members: list[bytes], lon: np.ndarray, lat: np.ndarray, origin: int = 0) -> Hits:
        """Members of one centre or area at these degrees: distances and bearings NaN, no ranks, no attributes."""
        count = len(members)
        hits = cls(members, lon, lat, np.full(count, np.nan), np.full(count, np.nan), np.full(count, origin, np.int64))
        hits.rank, hits.exact = np.zeros(count, np.int64), np.zeros(count, bool)
        return hits

    def __len__(self) -> int:
        return len(self.members)

    def take(self, index: np.ndarray) -> Hits:
        """The hits of these indexes (or of a boolean mask), in that order."""
        index = np.flatnonzero(index) if index.dtype == bool else index
        chosen = index.tolist()
        return Hits(
            [self.members[i] for i in chosen],
            self.lon[index],
            self.lat[index],
            self.distance[index],
            self.bearing[index],
            self.origin[index],
            self.rank[index],
            [self.attributes[i] for i in chosen] if self.attributes else [],
            self.exact[index],
            self.notes,
        )

    def names(self) -> list[str]:
        """The members as text: see ``text``."""
        return [text(m) for m in self.members]


def concatenate(parts: Sequence[Hits]) -> Hits:
    """Hits one after the other, with the notes of all."""
    if len(parts) < 2:
        return parts[0] if parts else Hits()
    result = Hits([m for part in parts for m in part.members])
    for name in ("lon", "lat", "distance", "bearing", "origin", "rank", "exact"):
        setattr(result, name, np.concatenate([getattr(part, name) for part in parts]))
    if any(part.attributes for part in parts):
        result.attributes = [a for part in parts for a in (part.attributes or [None] * len(part))]
    result.notes = frozenset().union(*(part.notes for part in parts))
    return result


def together(first: Hits, second: Hits, shift: int) -> Hits:
    """The hits of both, sorted by distance; the origins of the second are counted on by ``shift``.

    A member that both found comes once for each of its origins.
    """
    result = concatenate([first, second])
    result.origin[len(first) :] += shift
    return result.take(np.argsort(result.distance, kind="stable"))


# What the user should be told beside the hits.
EDGE_FOUND = "edge_found"  # members that the server itself never finds are among the hits
NO_ATTRIBUTES_RIGHT = "no_attributes_right"  # the user may not read the attributes
NO_EDGE_RIGHT = "no_edge_right"  # the user may not read ranges, so members on the very edge may be missing


def text(member: bytes) -> str:
    """A member for people and for fields: UTF-8, other bytes as ``\\xNN``, and a backslash before x doubled.

    ``member_bytes`` gives back the very bytes.
    """
    try:
        decoded = member.decode("utf-8")
    except UnicodeDecodeError:
        decoded = None
    if decoded is not None and "\\x" not in decoded and "\x00" not in decoded:
        return decoded
    return member.replace(b"\\x", b"\\x5cx").replace(b"\x00", b"\\x00").decode("utf-8", "backslashreplace")


def member_bytes(shown: str) -> bytes:
    """The bytes of a member from the text that ``text`` made of it."""
    if "\\x" not in shown:
        return shown.encode("utf-8")
    result = bytearray()
    position = 0
    while position < len(shown):
        code = shown[position + 2 : position + 4]
        if shown[position : position + 2] == "\\x" and len(code) == 2 and _is_hex(code):
            result.append(int(code, 16))
            position += 4
        else:
            result += shown[position].encode("utf-8")
            position += 1
    return bytes(result)


def _is_hex(code: str) -> bool:
    return all(c in "0123456789abcdef" for c in code)
