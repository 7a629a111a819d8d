"""The specification of a feed: where its positions are in Redis and what their fields mean. Plain data,
stored in the project."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .. import keys
from ..json_types import JsonObject
from .json_text import escaped

# The clock rules: correct ages where the producer's clock runs ahead (an age below zero cannot be true),
# always, or never.
CLOCK_AUTO, CLOCK_CORRECT, CLOCK_AS_REPORTED = "auto", "correct", "reported"
SPEED_FACTORS = {"m/s": 1.0, "km/h": 1.0 / 3.6, "kn": 1852.0 / 3600.0, "mph": 1609.344 / 3600.0}


@dataclass(frozen=True)
class Mapping:
    """Which field of a record means what.

    A dot goes one level down (``location.lng``), a number into a list (``coordinates.0``) or a text
    (``value.2`` of ``48.85,2.35,1795348800``). Everything empty: recognised from the first records.

    ``unsure`` names the roles (``id``, ``order``, ``crs``, ``place``, ``scale``, ``time``, ``speed_unit``)
    that nothing in the records decides; what stands here for them is a suggestion, and is not shown until
    ``answered``.
    """

    id: str = ""  # empty: from the key, the hash field or the member
    lon: str = ""
    lat: str = ""
    pair: str = ""  # a field that holds both: [lon, lat], "lat,lon", a geometry, or a cell
    pair_order: str = "lonlat"  # or "latlon"; "geohash" and "h3" where the field names a cell
    time: str = ""
    time_unit: str = ""  # "": by size and form; s, ms, us, ns; dmy, mdy; a pattern of strptime
    heading: str = ""
    speed: str = ""
    speed_unit: str = "m/s"
    date: str = ""  # the day, where ``time`` is only the time of day
    course: str = ""  # what is taken where a record's ``heading`` says none
    crs: str = ""  # of the coordinates, as EPSG:2154; empty: degrees (EPSG:4326)
    scale: float = 1.0  # what coordinates are multiplied by: 1e-7 of integers
    format: str = ""  # a known format (core.live.formats), which says how a record is unfolded
    unsure: str = ""  # roles that have to be asked, separated by spaces
    age: str = ""  # how old the position was when the record was written (core.live.ages)
    valid: str = ""  # fields by which a record denies its position (core.live.validity), separated by spaces

    @property
    def has_position(self) -> bool:
        """Whether it names the fields of the position."""
        return bool(self.pair or (self.lon and self.lat))

    @property
    def asks(self) -> tuple[str, ...]:
        """The roles that have to be asked before what depends on them is shown."""
        return tuple(role for role in self.unsure.split() if role != "crs" or not self.crs)

    @property
    def shows_positions(self) -> bool:
        """Whether nothing that a position depends on has to be asked first."""
        return self.has_position and not set(self.asks) & {"order", "crs", "place", "id", "scale", "time"}

    def answered(self, *roles: str, **values: Any) -> Mapping:
        """This mapping with what the user said: ``values`` of fields, and ``roles`` that are right as they
        stand.

        A value answers the role it belongs to: ``pair_order`` the order, ``lon``, ``lat`` or ``pair`` the
        place.
        """
        if values.get("pair"):
            values = {"lon": "", "lat": "", **values}
        elif values.get("lon") or values.get("lat"):
            # two fields in place of one: nothing is left of what was thought of that one
            values = {"pair": "", **values}
            roles = (*roles, *(("order",) if self.pair else ()))
        known = {*roles, *(_ROLE_OF.get(name, name) for name in values)}
        left = " ".join(role for role in self.unsure.split() if role not in known)
        return replace(self, **{"unsure": left, **values})


_ROLE_OF = {"pair_order": "order", "lon": "place", "lat": "place", "pair": "place"}


@dataclass(frozen=True)
class Fencing:
    """Which polygons a feed watches: a layer of the project by its id, the field of their names, whether
    events are said in the message bar, and the stream they are written to (empty: none).
    """

    layer: str = ""
    name_field: str = ""
    say: bool = False
    stream: str = ""
    watched: bool = False

    def reads_otherwise(self, other: Fencing) -> bool:
        """Whether the polygons have to be read again."""
        mine, others = (
            (self.watched, self.layer, self.name_field),
            (other.watched, other.layer, other.name_field),
        )
        return mine != others


@dataclass(frozen=True)
class FeedSpec:
    """One feed.

    Without any argument: the tutorial's ``vehicule:<id>`` JSON strings.

    ``kind`` names a source class of ``core.live.sources``. ``pattern`` is a key pattern whose ``*`` is the
    id, or the name of a set, stream, list, hash or channel. ``details`` is a key template with ``{id}`` (GEO
    sets only). Times are seconds, speeds metres a second. Never holds a secret: ``connection`` is the name of
    a saved connection, empty for the active one.
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
        """Return the spec as it is kept in a project."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    def changed(self, **values: Any) -> FeedSpec:
        """Return the spec with other values."""
        return replace(self, **values)

    def reads_otherwise(self, other: FeedSpec) -> bool:
        """Whether a running feed has to start anew to follow the other: it reads other keys, elsewhere, or
        otherwise.
        """
        return any(getattr(self, name) != getattr(other, name) for name in _READING)


_READING = ("kind", "pattern", "mapping", "details", "details_kind", "connection", "newest_last")


# The smallest and largest value of numbers; what is beyond would stop or starve the window.
_LIMITS = {
    "interval": (0.01, 86_400.0),
    "late_after": (0.0, 1e9),
    "forget_after": (0.0, 1e9),
    "max_speed": (0.0, 1e9),
    "max_future": (0.0, 1e9),
    "trail_minutes": (0.0, 1e7),
    "trail_points": (0, 1_000_000),
    "trail_gap": (0.0, 1e9),
    "scale": (1e-12, 1e12),
    "size": (1e-7, 1e8),
}


def from_json(text: str) -> FeedSpec:
    """Read a spec; unknown names are ignored (a newer version wrote them).

    Raises ValueError for what is none: no JSON, a value of the wrong type, a number that is none or out of
    bounds.
    """
    try:
        data = escaped(json.loads(text))
        mapping = Mapping(**known_fields(Mapping, data.pop("mapping", {})))
        fencing = Fencing(**known_fields(Fencing, data.pop("fencing", {})))
        return FeedSpec(mapping=mapping, fencing=fencing, **known_fields(FeedSpec, data))
    except (TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"not a feed: {error}") from error


def known_fields(kind: Any, data: JsonObject) -> JsonObject:
    """Return the fields of a dataclass that stand in an object of JSON, each of the right type.

    Raises ValueError for a value of another type, or a number out of bounds.
    """
    types = {f.name: str(f.type) for f in fields(kind)}
    return {name: _checked(name, value, types[name]) for name, value in data.items() if name in types}


def _checked(name: str, value: Any, kind: str) -> object:
    """Return a value of a field. Raises ValueError where it is of another type or out of bounds."""
    if kind == "float" and type(value) is int:
        value = float(value)
    if type(value).__name__ != kind:
        raise ValueError(f"{name} is {type(value).__name__}, not {kind}")
    low, high = _LIMITS.get(name, (None, None))
    if low is not None and high is not None and not low <= value <= high:
        raise ValueError(f"{name} is {value}")
    return value
