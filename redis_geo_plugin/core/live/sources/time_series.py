"""A time series per vehicle and coordinate: ``ts:veh:7:lat`` and ``ts:veh:7:lon``. The latest sample of
each is the position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...json_types import JsonObject
from ...redis.types import Reply
from ..proposals import Family, Proposal
from ..reader import Reader
from ..values import number
from .base import Tr
from .paired_keys import PairedKeys

TIME = "time"  # the field of a record with the moment of its samples, in milliseconds


class TimeSeries(PairedKeys):
    """One series for each coordinate of a vehicle.

    A position is as old as the older of its two samples.
    """

    KIND = "time_series"
    TYPE = "TSDB-TYPE"
    COMMANDS: tuple[str, ...] = ("TS.GET", "SCAN")

    @staticmethod
    def words(tr: Tr) -> dict[str, str]:
        """Return the sentences of its reasons."""
        return {
            "latest": tr("The latest sample of each series is shown, with its time."),
        }

    @classmethod
    def propose(cls, reader: Reader, family: Family, families: list[Family]) -> Optional[Proposal]:
        """Propose a feed of this kind from a family of keys; None where it holds none."""
        proposal = super().propose(reader, family, families)
        if proposal is not None:
            proposal.reasons.append(("latest", {}))
        return proposal

    def _oversize(self, reader: Reader, keys: list[bytes]) -> dict[bytes, int]:
        """Return no key: a sample is two numbers, however long its series is."""
        return {}

    def _values(self, reader: Reader, keys: list[bytes]) -> list[Reply]:
        """Return (milliseconds, value) of each series, None for an empty one."""
        replies = reader.ask_many([("TS.GET", key) for key in keys])
        return [_sample(reply) for reply in replies]

    def _record(self, said: Sequence[Reply]) -> JsonObject:
        record: JsonObject = {
            name: sample[1] for name, sample in zip(self._fields, said) if sample is not None
        }
        return {**record, TIME: min(said[0][0], said[1][0])}


def _sample(reply: Reply) -> Optional[tuple[int, float]]:
    if not isinstance(reply, list) or len(reply) != 2 or not isinstance(reply[0], int):
        return None
    value = number(reply[1].decode() if isinstance(reply[1], bytes) else reply[1])
    return None if value is None else (reply[0], value)
