"""What is asked of publishing, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from .refusals import Refusals
from .writing import PublishFormat


class PublishMode(IntEnum):
    """How keys that are there already are treated: the values of the algorithm's MODE."""

    ADD = 0  # new ones are added, known ones changed
    NEW = 1  # known ones stay as they are
    REPLACE = 2  # the set holds nothing but these features afterwards


class NotFeatures(ValueError):
    """The one key holds something else than a collection of features in degrees. ``kind`` is its type;
    ``crs`` is the CRS of a collection in another one, empty for what is no collection."""

    def __init__(self, kind: str, crs: str = ""):
        super().__init__(kind)
        self.kind, self.crs = kind, crs


@dataclass(frozen=True)
class PublishRequest:
    """Where and how features are published.

    Args:
        template: the template of the keys, by which the set is known; the key itself for a collection.
        format: how they are written.
        mode: what happens to keys that are there.
        ttl: seconds after which they expire, 0 for never.
        srid: of the geometries, 0 where it has no number.
    """

    template: str
    format: PublishFormat = PublishFormat.GEOJSON
    mode: PublishMode = PublishMode.ADD
    ttl: int = 0
    srid: int = 4326


@dataclass
class PublishReport:
    """What was done: features that were ``added`` and ``changed``, ``kept`` as they were, keys that were
    ``deleted``, and what was refused."""

    added: int = 0
    changed: int = 0
    kept: int = 0
    deleted: int = 0
    refusals: Refusals = field(default_factory=Refusals)
