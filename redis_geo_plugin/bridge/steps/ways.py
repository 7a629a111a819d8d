"""The way in which an algorithm is cached, from the table that the battery of tests has proved.

The table ``resources/steps/ways.json`` names for each algorithm its way, what the way needs to know of it,
and the versions of QGIS on which ``tests/peers/battery.py`` has found that the way gives what the algorithm
itself gives. Between two proved versions the algorithm counts as proved; before and after them it does not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Optional

from qgis.core import Qgis, QgsProcessingAlgorithm

from ..i18n import RESOURCES, tr

TABLE = RESOURCES / "steps" / "ways.json"


class Way(Enum):
    """What is looked up, and so what is computed anew after a change."""

    ROWS = "rows"  # the outputs of each feature
    GROUPS = "groups"  # the outputs of each group of features
    NEARBY = "nearby"  # those of each feature, which depend on the features of another layer near it
    WHOLE = "whole"  # all outputs at once


@dataclass(frozen=True)
class ProvedWay:
    """A line of the table. ``versions`` are the (major, minor) of QGIS on which the way was proved, in order.
    ``blind`` says that the outputs of a row do not depend on its attributes, which they pass on."""

    way: Way
    versions: tuple[tuple[int, int], ...]
    blind: bool = False

    def holds_on(self, version: tuple[int, int]) -> bool:
        """Whether it is proved on this version, or on one before and one after it."""
        return bool(self.versions) and self.versions[0] <= version <= self.versions[-1]


def running_version() -> tuple[int, int]:
    """The (major, minor) of this QGIS."""
    return Qgis.QGIS_VERSION_INT // 10000, Qgis.QGIS_VERSION_INT // 100 % 100


@lru_cache(maxsize=1)
def table() -> dict[str, ProvedWay]:
    """The proved algorithms by their id. A table that is missing proves nothing."""
    try:
        lines = json.loads(TABLE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        name: ProvedWay(
            Way(line["way"]),
            tuple(sorted((int(a), int(b)) for a, _, b in (v.partition(".") for v in line["proved"]))),
            bool(line.get("blind", False)),
        )
        for name, line in lines.items()
    }


def way_of(algorithm: QgsProcessingAlgorithm) -> tuple[Optional[Way], str]:
    """Return the way of an algorithm; or why it has none, in words for the user."""
    proof = table().get(algorithm.id())
    if proof is None:
        return None, tr("This algorithm is not among those that are proved to give equal results.")
    if not proof.holds_on(running_version()):
        return None, tr("This algorithm has not been proved on this version of QGIS.")
    return proof.way, ""
