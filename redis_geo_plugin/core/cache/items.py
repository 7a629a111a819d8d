"""Items: each stands for one result that a run asks the cache for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional, TypeVar

from ..operations.base import Operation
from .digests import item_digests


class Item:
    """One result to obtain. ``wkbs`` holds one WKB per geometry of the operation, ``number`` its number where
    it has one.

    ``place`` is the caller's own, such as the position in a chunk. ``digest`` names the result; ``result``
    (WKB) or ``error`` is filled in, with the microseconds that computing took or once took.
    """

    __slots__ = ("cost_us", "digest", "error", "number", "place", "result", "wkbs")

    def __init__(
        self, place: int, wkbs: tuple[bytes, ...], number: Optional[float] = None, digest: bytes = b""
    ):
        self.place = place
        self.wkbs = wkbs
        self.number = number
        self.digest = digest
        self.result: Optional[bytes] = None
        self.error = ""
        self.cost_us = 0.0

    @property
    def size(self) -> int:
        """Bytes of its geometries."""
        return sum(map(len, self.wkbs))

    def take(self, other: Item) -> None:
        """Copy the result of an equal item."""
        self.result, self.error = other.result, other.error


AnyItem = TypeVar("AnyItem", bound=Item)


def name_items(operation: Operation, items: Sequence[Item]) -> None:
    """Give each item its digest."""
    columns = [[item.wkbs[i] for item in items] for i in range(operation.arity)]
    numbers = [item.number or 0.0 for item in items] if operation.number_name else None
    for item, digest in zip(items, item_digests(operation, columns, numbers)):
        item.digest = digest
