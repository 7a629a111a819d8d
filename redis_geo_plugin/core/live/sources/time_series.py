"""A time series per vehicle and coordinate: ``ts:veh:7:lat`` and ``ts:veh:7:lon``. The latest sample of
each is the position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ...json_types import JsonObject
from ...redis.types import Reply
from ..labelled import are_together, record_of_samples, sample_of
from ..proposals import Family, Proposal
from ..reader import Reader
from .base import Tr
from .paired_keys import PairedKeys


class TimeSeries(PairedKeys):
    """One series for each coordinate of a vehicle.

    A position is as old as the older of its two samples; those of different moments are none.
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
        return [sample_of(reply) for reply in replies]

    def _is_apart(self, said: Sequence[Reply]) -> bool:
        return not are_together(said[:2])

    def _record(self, said: Sequence[Reply]) -> JsonObject:
        return record_of_samples(dict(zip(self._fields, said)), self._fields[:2])
