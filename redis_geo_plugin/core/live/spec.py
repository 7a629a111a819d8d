"""What a feed is: where its positions stand in Redis and what their fields mean. Plain data, kept in the project."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .. import keys

# The clock rules: correct ages where the producer's clock runs ahead (an age below zero cannot be true), always, or never.
CLOCK_AUTO, CLOCK_CORRECT, CLOCK_AS_REPORTED = "auto", "correct", "reported"
SPEED_FACTORS = {"m/s": 1.0, "km/h": 1.0 / 3.6, "kn": 1852.0 / 3600.0, "mph": 1609.344 / 3600.0}


@dataclass(frozen=True)
class Mapping:
    """Which field of a record means what. A dot goes one level down (``location.lng``), a number into a list
    (``coordinates.0``). Everything empty: guessed from the first records."""

    id: str = ""  # empty: from the key, the hash field or the member
    lon: str = ""
    lat: str = ""
    pair: str = ""  # a field that holds both: [lon, lat] or "lat,lon"
    pair_order: str = "lonlat"
    time: str = ""
    time_unit: str = ""  # "": by size and form
    heading: str = ""
    speed: str = ""
    speed_unit: str = "m/s"

    @property
    def has_position(self) -> bool:
        return bool(self.pair or (self.lon and self.lat))


@dataclass(frozen=True)
class Fencing:
    """Which polygons a feed watches: a layer of the project by its id, the field of their names, whether events are said in
    the message bar, and the stream they are written to (empty: none)."""

    layer: str = ""
    name_field: str = ""
    say: bool = False
    stream: str = ""
    watched: bool = False

    def reads_otherwise(self, other: Fencing) -> bool:
        """Whether the polygons have to be read again."""
        mine, others = (self.watched, self.layer, self.name_field), (other.watched, other.layer, other.name_field)
        return mine != others


@dataclass(frozen=True)
class FeedSpec:
    """One feed. Without any argument: the tutorial's ``vehicule:<id>`` JSON strings.

    ``kind`` names a source class of ``core.live.sources``. ``pattern`` is a key pattern whose ``*`` is the id, or the
    name of a set, stream, list, hash or channel. ``details`` is a key template with ``{id}`` (GEO sets only). Times
    are seconds, speeds metres a second. Never holds a secret: ``connection`` is the name of a saved connection, empty
    for the active one.
    """

    name: str = ""
    kind: str = "json_keys"
    pattern: str = keys.POSITIONS + ":*"
    mapping: Mapping = field(default_factory=Mapping)
    details: str = ""
    details_kind: str = "hash"
    connection: str = ""
    interval: float = 1.0
    late_after: float = 60.0
    keep_gone: bool = False
    forget_after: float = 0.0  # seconds without a report after which a vehicle leaves; 0: never
    newest_last: bool = False  # lists only
    max_speed: float = 400.0
    max_future: float = 60.0
    clock: str = CLOCK_AUTO
    trail_minutes: float = 15.0
    trail_points: int = 500
    trail_gap: float = 120.0
    in_view: bool = False  # the layer holds only what the map shows
    fencing: Fencing = field(default_factory=Fencing)
    uid: str = field(default_factory=lambda: uuid.uuid4().hex)

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    def changed(self, **values: Any) -> FeedSpec:
        return replace(self, **values)

    def reads_otherwise(self, other: FeedSpec) -> bool:
        """Whether a running feed has to start anew to follow the other: it reads other keys, elsewhere, or otherwise."""
        return any(getattr(self, name) != getattr(other, name) for name in _READING)


_READING = ("kind", "pattern", "mapping", "details", "details_kind", "connection", "newest_last")


def from_json(text: str) -> FeedSpec:
    """Read a spec; unknown names are ignored (a newer version wrote them). Raises ValueError for anything else."""
    try:
        data = json.loads(text)
        mapping = Mapping(**_known(Mapping, data.pop("mapping", {})))
        fencing = Fencing(**_known(Fencing, data.pop("fencing", {})))
        return FeedSpec(mapping=mapping, fencing=fencing, **_known(FeedSpec, data))
    except (TypeError, AttributeError, ValueError) as error:
        raise ValueError("not a feed") from error


def _known(kind: Any, data: dict[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {name: value for name, value in data.items() if name in names}
