"""What a place where features lie offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from ...json_types import Value
from ...redis.server import Server
from ...redis.sized import Oversize, SizeLimits
from ...watch import Watch
from ..refusals import Refused, WhyRefused
from ..values import LARGEST

LIMITS = SizeLimits(value_bytes=LARGEST, entries=2_000_000, batch_bytes=16_000_000)


class Stored(NamedTuple):
    """A value as it is stored: its key, the id of what it is (empty: that of the key), the part of the key
    that it is, and the value: bytes to be decoded, or a record that was, of bare texts or not. A value that
    cannot be read is a Refused."""

    key: bytes
    part: str
    value: Value
    is_texts: bool = False


class HowRead(NamedTuple):
    """How a set is read: ``has_field`` where the user named the member of records that is the geometry."""

    has_field: bool = False


class FeatureSource:
    """A type of key in which features lie. A new one is one file with a subclass and one line in
    ``REGISTERED``.

    ``TYPE`` is the type as the server names it, ``COMMANDS`` what it reads with, registered as commands that
    change nothing.
    """

    TYPE: ClassVar[str] = ""
    COMMANDS: ClassVar[tuple[str, ...]] = ()

    def read(
        self, server: Server, keys: Sequence[bytes], how: HowRead, watch: Watch
    ) -> Iterator[list[Stored]]:
        """The values under these keys, some at a time. Raises redis-py's errors, and Cancelled."""
        raise NotImplementedError


def too_large(skipped: Sequence[Oversize]) -> list[Stored]:
    """The keys that are not read, as refusals."""
    return [Stored(one.key, "", Refused(WhyRefused.TOO_LARGE)) for one in skipped]
