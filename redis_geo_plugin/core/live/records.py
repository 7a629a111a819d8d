"""Decoding a producer's record to a fix (one position of one vehicle at one time), or to the reason why it is
none."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import isnan
from operator import itemgetter
from typing import Any, Optional, Union

from ..field_names import FieldNames
from ..json_types import JsonObject
from . import ages, formats, moments
from .angles import EAST_WEST, NORTH_SOUTH, coordinate
from .limits import EARLIEST, LATEST
from .paths import getter
from .place_reader import PlaceReader
from .spec import SPEED_FACTORS, Mapping
from .validity import denies
from .values import (
    COURSE_NAMES,
    LONGEST_WORD,
    MISSING_WORDS,
    Times,
    clean,
    heading,
    is_clean,
    is_missing,
    plain,
    speed,
)

RAW_LIMIT = 500  # characters of a refused record that are kept
TEXT_LIMIT = 4000  # characters of an attribute
SMALLEST, LARGEST = -(2**63), 2**63 - 1  # what a field of integers holds
MAX_ATTRIBUTES = 80
RESERVED = ("id", "time", "speed_ms", "heading", "source", "derived", "age_s")


class RefusalReason(str, Enum):
    """Why a record is not shown as the latest position."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NO_IDENTITY = "no_identity"  # nothing says whose position it is
    NO_POSITION = "no_position"
    APART = "apart"  # its coordinates are of different moments
    UNSURE = "unsure"  # the order, the CRS or the field of its position is not known yet
    OUT_OF_RANGE = "out_of_range"
    NULL_ISLAND = "null_island"  # 0/0 (or -1/-1): a receiver without a fix
    BAD_TIME = "bad_time"
    FUTURE = "future"
    IMPOSSIBLE_SPEED = "impossible_speed"
    LATE = "late"  # older than the latest: goes to the history only


@dataclass(frozen=True)
class Refusal:
    """A refused record, with its content."""

    reason: RefusalReason
    id: str
    key: str
    raw: str
    receipt: float
    lon: Optional[float] = None
    lat: Optional[float] = None


class Fix:
    """A position. ``lon``/``lat`` in degrees (EPSG:4326), ``time`` (report) and ``receipt`` in seconds
    since 1970 UTC, ``speed`` in m/s and ``heading`` in degrees from north or None, ``attributes`` what else
    the producer sent. ``derived`` names what was computed here rather than reported (``time``, ``speed``,
    ``heading``).
    """

    __slots__ = ("attributes", "derived", "heading", "id", "key", "lat", "lon", "receipt", "speed", "time")

    def __init__(
        self,
        ident: str,
        key: bytes,
        lon: float,
        lat: float,
        time: float,
        receipt: float,
        speed: Optional[float] = None,
        heading: Optional[float] = None,
        attributes: Optional[JsonObject] = None,
        derived: Optional[str] = None,
    ):
        self.id = ident
        self.key = key
        self.lon = lon
        self.lat = lat
        self.time = time
        self.receipt = receipt
        self.speed = speed
        self.heading = heading
        self.attributes = attributes if attributes is not None else {}
        self.derived = derived

    def __repr__(self) -> str:
        return f"Fix({self.id!r}, {self.lon}, {self.lat}, {self.time})"


class Row:
    """A record as a source hands it over: who, where it stood, and its fields (None: unreadable, see
    ``error``). ``id`` is empty where nothing but the record itself can say who (a stream, a channel).
    ``time`` is that of its storage (a stream's), for records that have none of their own.
    """

    __slots__ = ("data", "error", "id", "key", "raw", "time")

    def __init__(
        self,
        ident: str,
        key: bytes,
        data: Optional[JsonObject],
        raw: object = b"",
        error: Optional[RefusalReason] = None,
    ):
        self.id = ident
        self.key = key
        self.data = data
        self.raw = raw
        self.error = error
        self.time: Optional[float] = None


class Records(Sequence[Row]):
    """Records of which nothing is odd, in columns; as a sequence they are rows, made when asked for."""

    __slots__ = ("datas", "idents", "keys", "raws")

    def __init__(self, idents: list[str], keys: list[bytes], datas: list[JsonObject], raws: list[bytes]):
        self.idents, self.keys, self.datas, self.raws = idents, keys, datas, raws

    def __len__(self) -> int:
        return len(self.idents)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice):
            return Records(self.idents[which], self.keys[which], self.datas[which], self.raws[which])
        return Row(self.idents[which], self.keys[which], self.datas[which], self.raws[which])


_NO_FIELD: Any = object()  # equal to no name of a record


def _nothing(_data: object) -> None:
    return None


class Decoder:
    """Turns rows into fixes by a mapping. One per feed and thread. ``texts``: the values are texts of a
    hash or stream, so that numbers have to be read out of them. Never raises, whatever a record holds.
    """

    def __init__(self, mapping: Mapping, texts: bool = False):
        self.mapping = mapping
        self._texts = texts
        self.times = Times(mapping.time_unit)
        self._is_unsure = mapping.has_position and not mapping.shows_positions
        # a speed without a unit stays what it is, an attribute
        self.speed_path = "" if "speed_unit" in mapping.asks else mapping.speed
        self._unfold = formats.record_of(mapping.format)
        self._place = PlaceReader(mapping)
        self._denies = denies(mapping.valid)
        self._get_id = getter(mapping.id)
        self._get_time = getter(mapping.time) or _nothing
        self._get_heading, self._get_speed = (
            getter(mapping.heading) or _nothing,
            getter(self.speed_path) or _nothing,
        )
        self._get_course = getter(mapping.course)
        self._get_date = getter(mapping.date)
        self._age = ages.reader(mapping.age)
        self._joins = self._get_date is not None or self._age is not None
        self.is_course = mapping.heading.rpartition(".")[2].lower() in COURSE_NAMES
        self.factor = SPEED_FACTORS.get(mapping.speed_unit, 1.0)
        self.is_knots = mapping.speed_unit == "kn"
        names = (mapping.lon, mapping.lat, mapping.time, self.speed_path, mapping.heading)
        used = (*names, mapping.pair, mapping.date, mapping.course, mapping.id)
        self._used = frozenset(path for path in used if path)
        self._plain = _is_plain(mapping) and not any("." in path for path in used)
        self.is_plain = self._plain and not (mapping.id or texts)
        # an empty name is no field of ours, even where a record has one
        self._lon_name, self._lat_name, self._time_name, self._speed_name, self._heading_name = (
            name or _NO_FIELD for name in names
        )
        self._plans: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._names: dict[str, str] = {}
        self._field_names = FieldNames(RESERVED)
        # the attributes that alike records share; None for shapes of which hardly any are alike
        self.alike: dict[Any, Optional[dict[tuple[Any, ...], JsonObject]]] = {}

    def fix(self, row: Row, receipt: float) -> Union[Fix, Refusal]:  # noqa: C901, PLR0912  (one way for each record, no calls)
        """A Fix, or a Refusal. ``receipt`` is the moment of reading (seconds since 1970, our clock)."""
        data = row.data
        if type(data) is not dict:
            return refuse(row, row.error or RefusalReason.UNREADABLE, receipt)
        if self._unfold is not None:
            data = self._unfold(data)
            if data is None:
                return refuse(row, RefusalReason.NO_POSITION, receipt)
        ident = row.id if self._get_id is None else _ident(self._get_id(data)) or row.id
        if not ident and self._get_id is None:
            ident = text_of(row.key)  # all that a stream or channel holds is of one vehicle
        if not ident:
            return refuse(row, RefusalReason.NO_IDENTITY, receipt)
        if not ident.isascii() and not is_clean(ident):
            return refuse(row, RefusalReason.UNREADABLE, receipt)
        if self._is_unsure:
            return refuse(row, RefusalReason.UNSURE, receipt, ident)
        derived = None
        if self._plain:
            get = data.get
            lon, lat, value = get(self._lon_name), get(self._lat_name), get(self._time_name)
            said_speed, said_heading = get(self._speed_name), get(self._heading_name)
            if type(lon) is not float or type(lat) is not float or isnan(lon + lat):
                lon, lat = coordinate(lon, EAST_WEST), coordinate(lat, NORTH_SOUTH)
        else:
            (lon, lat), value, said_speed, said_heading = self._spread(data)
            derived = "position" if self._place.is_derived else None
        if lon is None or lat is None or (self._denies is not None and self._denies(data)):
            return refuse(row, RefusalReason.NO_POSITION, receipt, ident)
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):  # limits.is_place
            return refuse(row, RefusalReason.OUT_OF_RANGE, receipt, ident)
        if lon == lat and lon in (0.0, -1.0):  # limits.is_null_island
            return refuse(row, RefusalReason.NULL_ISLAND, receipt, ident, lon, lat)
        time: Optional[float]
        if value is None or value == "":
            time, derived = self._stored(row, data, receipt, derived)
        else:
            time = self._joined(data, value, receipt) if self._joins else self.times.read(value)
            if time is None and is_missing(value):
                time, derived = self._stored(row, data, receipt, derived)
            if time is None or not EARLIEST <= time <= LATEST:  # limits.is_moment
                return refuse(row, RefusalReason.BAD_TIME, receipt, ident, lon, lat)
        fast = None if said_speed is None else speed(said_speed, self.factor, self.is_knots)
        whither = None if said_heading is None else heading(said_heading, self.is_course)
        if whither is None and self._get_course is not None:
            whither = heading(self._get_course(data), True)
        return Fix(ident, row.key, lon, lat, time, receipt, fast, whither, self._attributes(data), derived)

    def denies(self, data: JsonObject) -> bool:
        """Return whether a record itself says that its position is none."""
        return self._denies is not None and self._denies(data)

    def _spread(self, data: JsonObject) -> tuple[Any, Any, Any, Any]:
        """Place, time, speed and heading of a record that has them anywhere."""
        place = self._place.read(data) or (None, None)
        return place, self._get_time(data), self._get_speed(data), self._get_heading(data)

    def _joined(self, data: JsonObject, value: object, receipt: float) -> Optional[float]:
        """The moment of a day and a time of day, or of a record and the age of its position."""
        if self._get_date is None:
            time = self.times.read(value)
        else:
            time = moments.join(self._get_date(data), value, receipt, self.mapping.time_unit)
        return time if self._age is None or time is None else time - self._age(data)

    def _stored(
        self, row: Row, data: JsonObject, receipt: float, derived: Optional[str]
    ) -> tuple[float, Optional[str]]:
        """The moment of storage, else of reading (which is derived), less the age that a record says."""
        age = 0.0 if self._age is None else self._age(data)
        if row.time is not None:
            return row.time - age, derived
        return receipt - age, "time position" if derived else "time"

    def _attributes(self, data: JsonObject) -> JsonObject:
        result: JsonObject = {}
        shape = tuple(data)
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._make_plan(shape)
        for raw_name, name in plan:
            value = data[raw_name]
            kind = type(value)
            if kind is dict:
                self._nested(raw_name, value, result)
                continue
            if self._texts and kind is str:
                value = plain(value[:TEXT_LIMIT] if value.isascii() else clean(value[:TEXT_LIMIT]))
            else:
                value = kept(value)
            field = name or self._names.get(raw_name) or self._name(raw_name)
            if field:
                result[field] = value
        return result

    def plan(self, shape: tuple[str, ...]) -> Optional[list[tuple[str, str]]]:
        """Which fields of such records become attributes, and under which names; None: not yet settled."""
        return self._plans.get(shape)

    def _make_plan(self, shape: tuple[str, ...]) -> list[tuple[str, str]]:
        """Which fields of records of this shape become attributes, and under which names (found when first
        needed).
        """
        if len(self._plans) > 1000:
            self._plans.clear()
        plan = [(name, self._names.get(name, "")) for name in shape if name not in self._used]
        if all(name for _, name in plan):
            self._plans[shape] = plan
        return plan

    def _nested(self, raw_name: str, value: JsonObject, result: JsonObject) -> None:
        """One level down becomes fields of its own (``status_code``); what lies deeper stays JSON text."""
        for inner, item in value.items():
            path = f"{raw_name}.{inner}"
            if path in self._used:
                continue
            name = self._names.get(path) or self._name(path)
            if name:
                result[name] = kept(item)

    def _name(self, path: str) -> str:
        """The name of the layer's field for this path: no two that differ by case only, none of the
        plugin's own. Empty when there are too many.
        """
        if len(self._names) >= MAX_ATTRIBUTES:
            return ""
        name = self._names[path] = self._field_names.name(clean(path.replace(".", "_")))
        return name


def kept(value: Any) -> object:
    """A value of JSON as an attribute holds it: nothing for NaN and the words that stand for it, integers
    of 64 bits, lists and objects as JSON text; texts of at most TEXT_LIMIT characters.
    """
    kind = type(value)
    if kind is str:
        if len(value) < LONGEST_WORD:
            if value.lower() in MISSING_WORDS:
                return None
        elif len(value) > TEXT_LIMIT:
            value = value[:TEXT_LIMIT]
        return value if value.isascii() else clean(value)
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is int:
        return value if SMALLEST <= value <= LARGEST else str(value)[:TEXT_LIMIT]
    return as_json(value) if kind is list or kind is dict else value


def refuse(
    row: Row,
    reason: RefusalReason,
    receipt: float,
    ident: str = "",
    lon: Optional[float] = None,
    lat: Optional[float] = None,
) -> Refusal:
    """Make the refusal of a row, with its content cut to a readable length."""
    return Refusal(
        reason, ident or row.id, text_of(row.key), raw_text(row.raw or row.data), receipt, lon, lat
    )


def raw_text(raw: object) -> str:
    """Return a producer's record as text of at most RAW_LIMIT characters."""
    if isinstance(raw, bytes):
        return text_of(raw[: RAW_LIMIT * 2])[:RAW_LIMIT]
    return as_json(raw)[:RAW_LIMIT]


def text_of(raw: bytes) -> str:
    """Bytes of a key or value as text; what is no UTF-8 is shown by its escape."""
    return raw.decode("utf-8", "backslashreplace")


def as_json(value: object) -> str:
    """JSON text of at most TEXT_LIMIT characters; never raises."""
    try:
        return clean(json.dumps(value, ensure_ascii=False, default=_printable)[:TEXT_LIMIT])
    except (ValueError, RecursionError, TypeError):
        return "…"


def _printable(value: object) -> str:
    return text_of(value) if isinstance(value, bytes) else str(value)


def _is_plain(mapping: Mapping) -> bool:
    """Whether longitude and latitude are two fields of degrees, and the time one of its own. A speed whose
    unit is not known is an attribute like others."""
    plain_place = not (mapping.pair or mapping.crs or mapping.scale != 1.0)
    return plain_place and mapping.shows_positions and not (mapping.date or mapping.age or mapping.format)


def _ident(own: Any) -> str:
    """Return the id of a record as text; empty where it has none."""
    kind = type(own)
    if kind is str:
        return own  # type: ignore[no-any-return]
    if kind is int:
        return str(own) if SMALLEST <= own <= LARGEST else ""
    return str(int(own)) if kind is float and own.is_integer() and abs(own) < 1e15 else ""


@dataclass
class Schema:
    """The types of the attributes seen so far: ``int`` widens to ``real``, anything else to ``text``."""

    kinds: dict[str, str]

    _OF = {int: "int", float: "real", str: "text", bool: "bool"}
    _WIDER = {("int", "real"): "real", ("real", "int"): "real"}

    def observe(self, attributes: JsonObject) -> None:
        """Widen the types by those of a record."""
        for name, value in attributes.items():
            self._observe(name, type(value))

    def observe_all(self, records: Sequence[JsonObject]) -> None:
        """Widen the types by those of many records; records of one shape are handled column by column."""
        shapes = set(map(tuple, records))
        if len(shapes) != 1:
            for record in records:
                self.observe(record)
            return
        for name in shapes.pop():
            for kind in set(map(type, map(itemgetter(name), records))):
                self._observe(name, kind)

    def _observe(self, name: str, kind: type) -> None:
        """Widen the type of one attribute by that of a value; the order of the types does not matter."""
        kinds = self.kinds
        if kind is type(None):
            kinds.setdefault(name, "")  # known by name, its type not yet
            return
        found, known = self._OF.get(kind, "text"), kinds.get(name)
        if known not in (found, "text") and not (known == "real" and found == "int"):
            kinds[name] = self._WIDER.get((known or "", found), "text") if known else found

    def convert(self, name: str, value: Any) -> object:
        """Convert a value to the type of its field."""
        kind = self.kinds.get(name)
        if value is None or not kind:
            return None
        if kind == "text":
            return value if type(value) is str else as_json(value)
        return float(value) if kind == "real" else value
