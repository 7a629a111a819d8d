"""From a producer's record to a fix: one position of one vehicle at one time, or the reason why it is none."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from operator import itemgetter
from typing import Any, Callable, Optional

from .guess import lookup, split_pair
from .spec import SPEED_FACTORS, Mapping
from .values import COURSE_NAMES, EARLIEST, LATEST, LONGEST_WORD, MISSING_WORDS, Times, heading, number, plain, speed

RAW_LIMIT = 500  # characters of a refused record that are kept
TEXT_LIMIT = 4000  # characters of an attribute
SMALLEST, LARGEST = -(2**63), 2**63 - 1  # what a field of integers holds
MAX_ATTRIBUTES = 80
RESERVED = ("id", "time", "speed_ms", "heading", "source", "derived", "age_s", "fid")


class Reason(str, Enum):
    """Why a record is not shown as the latest position."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NO_POSITION = "no_position"
    OUT_OF_RANGE = "out_of_range"
    NULL_ISLAND = "null_island"  # 0/0: a receiver without a fix
    BAD_TIME = "bad_time"
    FUTURE = "future"
    IMPOSSIBLE_SPEED = "impossible_speed"
    LATE = "late"  # older than the latest: goes to the history only


@dataclass(frozen=True)
class Refusal:
    """A record that was refused, with what it said."""

    reason: Reason
    id: str
    key: str
    raw: str
    receipt: float
    lon: Optional[float] = None
    lat: Optional[float] = None


class Fix:
    """A position. ``lon``/``lat`` in degrees (EPSG:4326), ``time`` (report) and ``receipt`` in seconds since 1970 UTC,
    ``speed`` in m/s and ``heading`` in degrees from north or None, ``attributes`` what else the producer sent.
    ``derived`` names what was computed here rather than reported (``time``, ``speed``, ``heading``)."""

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
        attributes: Optional[dict[str, Any]] = None,
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
    """A record as a source hands it over: who, where it stood, and its fields (None: unreadable, see ``error``).
    ``time`` is that of its storage (a stream's), for records that have none of their own."""

    __slots__ = ("data", "error", "id", "key", "raw", "time")

    def __init__(
        self, ident: str, key: bytes, data: Optional[dict[str, Any]], raw: Any = b"", error: Optional[Reason] = None
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

    def __init__(self, idents: list[str], keys: list[bytes], datas: list[dict[str, Any]], raws: list[bytes]):
        self.idents, self.keys, self.datas, self.raws = idents, keys, datas, raws

    def __len__(self) -> int:
        return len(self.idents)

    def __getitem__(self, which: Any) -> Any:
        if isinstance(which, slice):
            return Records(self.idents[which], self.keys[which], self.datas[which], self.raws[which])
        return Row(self.idents[which], self.keys[which], self.datas[which], self.raws[which])


_NO_FIELD: Any = object()  # equal to no name of a record


def _nothing(_data: Any) -> None:
    return None


class Decoder:
    """Turns rows into fixes by a mapping. One per feed and thread. ``texts``: the values are texts of a hash or stream,
    so that numbers have to be read out of them."""

    def __init__(self, mapping: Mapping, texts: bool = False):
        self.mapping = mapping
        self._texts = texts
        self.times = Times(mapping.time_unit)
        self._get_pair = _getter(mapping.pair)
        self._get_lon, self._get_lat = _getter(mapping.lon), _getter(mapping.lat)
        self._get_id = _getter(mapping.id)
        self._get_time = _getter(mapping.time) or _nothing
        self._get_heading, self._get_speed = _getter(mapping.heading) or _nothing, _getter(mapping.speed) or _nothing
        self.is_course = mapping.heading.rpartition(".")[2].lower() in COURSE_NAMES
        self.factor = SPEED_FACTORS.get(mapping.speed_unit, 1.0)
        self.is_knots = mapping.speed_unit == "kn"
        used = (mapping.lon, mapping.lat, mapping.pair, mapping.time, mapping.heading, mapping.speed, mapping.id)
        self._used = frozenset(path for path in used if path)
        self._plain = not mapping.pair and not any("." in path for path in used)
        self.is_plain = self._plain and not (mapping.id or texts)
        # an empty name is no field of ours, even where a record has one
        names = (mapping.lon, mapping.lat, mapping.time, mapping.speed, mapping.heading)
        self._lon_name, self._lat_name, self._time_name, self._speed_name, self._heading_name = (
            name or _NO_FIELD for name in names
        )
        self._plans: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        self._names: dict[str, str] = {}
        self._taken: set[str] = set(RESERVED)
        self.alike: dict[Any, dict[tuple[Any, ...], dict[str, Any]]] = {}  # the attributes that alike records share

    def fix(self, row: Row, receipt: float) -> Any:
        """A Fix, or a Refusal. ``receipt`` is the moment of reading (seconds since 1970, our clock)."""
        data = row.data
        if data is None:
            return refuse(row, row.error or Reason.UNREADABLE, receipt)
        ident = row.id
        if self._get_id is not None:
            own = self._get_id(data)
            if own is not None and own != "":
                ident = own if type(own) is str else str(own)
        if self._plain:
            get = data.get
            lon, lat, value = get(self._lon_name), get(self._lat_name), get(self._time_name)
            said_speed, said_heading = get(self._speed_name), get(self._heading_name)
            if type(lon) is not float or type(lat) is not float or lon != lon or lat != lat:
                lon, lat = number(lon), number(lat)
        else:
            lon, lat = self._position(data)
            value, said_speed, said_heading = self._get_time(data), self._get_speed(data), self._get_heading(data)
        if lon is None or lat is None:
            return refuse(row, Reason.NO_POSITION, receipt, ident)
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            return refuse(row, Reason.OUT_OF_RANGE, receipt, ident)
        if lon == 0.0 and lat == 0.0:
            return refuse(row, Reason.NULL_ISLAND, receipt, ident, lon, lat)
        derived = None
        if value is None or value == "":
            time, derived = (receipt, "time") if row.time is None else (row.time, None)
        else:
            reported = self.times.read(value)
            if reported is None or reported < EARLIEST or reported > LATEST:
                return refuse(row, Reason.BAD_TIME, receipt, ident, lon, lat)
            time = reported
        return Fix(
            ident,
            row.key,
            lon,
            lat,
            time,
            receipt,
            None if said_speed is None else speed(said_speed, self.factor, self.is_knots),
            None if said_heading is None else heading(said_heading, self.is_course),
            self._attributes(data),
            derived,
        )

    def _position(self, data: dict[str, Any]) -> tuple[Optional[float], Optional[float]]:
        if self._get_pair is not None:
            pair = split_pair(self._get_pair(data))
            if pair is None:
                return None, None
            return pair if self.mapping.pair_order == "lonlat" else (pair[1], pair[0])
        if self._get_lon is None or self._get_lat is None:
            return None, None
        lon, lat = self._get_lon(data), self._get_lat(data)
        return (
            lon if type(lon) is float and math.isfinite(lon) else number(lon),
            lat if type(lat) is float and math.isfinite(lat) else number(lat),
        )

    def _attributes(self, data: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
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
            value = plain(value[:TEXT_LIMIT]) if self._texts and kind is str else kept(value)
            if not name:
                name = self._names.get(raw_name) or self._name(raw_name)
            if name:
                result[name] = value
        return result

    def plan(self, shape: tuple[str, ...]) -> Optional[list[tuple[str, str]]]:
        """Which fields of records of this shape become attributes, and under which names; None: not yet settled."""
        return self._plans.get(shape)

    def _make_plan(self, shape: tuple[str, ...]) -> list[tuple[str, str]]:
        """Which fields of records of this shape become attributes, and under which names (found when first needed)."""
        if len(self._plans) > 1000:
            self._plans.clear()
        plan = [(name, self._names.get(name, "")) for name in shape if name not in self._used]
        if all(name for _, name in plan):
            self._plans[shape] = plan
        return plan

    def _nested(self, raw_name: str, value: dict[str, Any], result: dict[str, Any]) -> None:
        """One level down becomes fields of its own (``status_code``); what lies deeper stays JSON text."""
        for inner, item in value.items():
            path = f"{raw_name}.{inner}"
            if path in self._used:
                continue
            name = self._names.get(path) or self._name(path)
            if name:
                result[name] = kept(item)

    def _name(self, path: str) -> str:
        """The name of the layer's field for this path: no two that differ by case only, none of the plugin's own.
        Empty when there are too many."""
        if len(self._names) >= MAX_ATTRIBUTES:
            return ""
        base = path.replace(".", "_").strip()[:60] or "field"
        name, count = base, 1
        while name.lower() in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._taken.add(name.lower())
        self._names[path] = name
        return name


def kept(value: Any) -> Any:
    """A value of JSON as an attribute holds it: nothing for NaN and the words that stand for it, integers of 64 bits, lists and
    objects as JSON text; texts of at most TEXT_LIMIT characters."""
    kind = type(value)
    if kind is str:
        if len(value) < LONGEST_WORD:
            return None if value.lower() in MISSING_WORDS else value
        return value[:TEXT_LIMIT]
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is int:
        return value if SMALLEST <= value <= LARGEST else str(value)[:TEXT_LIMIT]
    return as_json(value) if kind is list or kind is dict else value


def refuse(
    row: Row, reason: Reason, receipt: float, ident: str = "", lon: Optional[float] = None, lat: Optional[float] = None
) -> Refusal:
    """The refusal of a row, with what it said cut to a readable length."""
    return Refusal(reason, ident or row.id, text_of(row.key), raw_text(row.raw or row.data), receipt, lon, lat)


def raw_text(raw: Any) -> str:
    """What a producer wrote, as text of at most RAW_LIMIT characters."""
    if isinstance(raw, bytes):
        return text_of(raw[: RAW_LIMIT * 2])[:RAW_LIMIT]
    return as_json(raw)[:RAW_LIMIT]


def text_of(raw: bytes) -> str:
    """Bytes of a key or value as text; what is no UTF-8 is shown by its escape."""
    return raw.decode("utf-8", "backslashreplace")


def as_json(value: Any) -> str:
    """JSON text of at most TEXT_LIMIT characters; never raises."""
    try:
        return json.dumps(value, ensure_ascii=False, default=_printable)[:TEXT_LIMIT]
    except (ValueError, RecursionError, TypeError):
        return "…"


def _printable(value: Any) -> str:
    return text_of(value) if isinstance(value, bytes) else str(value)


_raw_decode = json.JSONDecoder().raw_decode
MOST_BRACKETS = 10_000  # a report has a handful


def parse_json(raw: bytes) -> Any:
    """The JSON value of these bytes. Raises ValueError for everything that is none, too deep nesting included."""
    text = raw.decode("utf-8-sig") if raw[:3] == b"\xef\xbb\xbf" else raw.decode()
    if text.count("{") + text.count("[") > MOST_BRACKETS:  # newer versions of Python follow any depth
        raise ValueError("nested too deeply")
    try:
        value, end = _raw_decode(text, 0)
    except ValueError:
        value, end = _raw_decode(text, len(text) - len(text.lstrip()))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if end != len(text) and text[end:].strip():
        raise ValueError("more than one value")
    return value


_BETWEEN = json.dumps(f"between {uuid.uuid4()}")  # nobody else writes this
_JOIN = f",{_BETWEEN},".encode()


def parse_many(raws: Sequence[bytes]) -> Optional[list[Any]]:
    """The JSON values of these bytes, read as one text, in less than half the time; None when not each of them is one
    value of reasonable depth (then ``parse_json`` tells which)."""
    try:
        text = (b"[" + _JOIN.join(raws) + b"]").decode()
        if text.count("{") + text.count("[") > MOST_BRACKETS:
            return None
        values, end = _raw_decode(text, 0)
    except (ValueError, RecursionError):
        return None
    # every mark stands between two values, so that no value ran over its end
    marks = values[1::2]
    if end != len(text) or len(values) != 2 * len(raws) - 1 or marks.count(_MARK) != len(marks):
        return None
    return values[::2]  # type: ignore[no-any-return]


_MARK = json.loads(_BETWEEN)


def _getter(path: str) -> Optional[Callable[[Any], Any]]:
    if not path:
        return None
    if "." not in path:
        fetch = itemgetter(path)

        def plain_name(data: Any) -> Any:
            try:
                return fetch(data)
            except KeyError:
                return None

        return plain_name
    return lambda data: lookup(data, path)


@dataclass
class Schema:
    """The types of the attributes seen so far: ``int`` widens to ``real``, anything else to ``text``."""

    kinds: dict[str, str]
    version: int = 0

    _OF = {int: "int", float: "real", str: "text", bool: "bool"}
    _WIDER = {("int", "real"): "real", ("real", "int"): "real"}

    def observe(self, attributes: dict[str, Any]) -> None:
        """Take up the types of a record."""
        kinds, of = self.kinds, self._OF
        for name, value in attributes.items():
            if value is None:
                if name not in kinds:
                    kinds[name] = ""  # known by name, its type not yet
                continue
            kind = of.get(type(value), "text")
            known = kinds.get(name)
            if known != kind and known != "text" and not (known == "real" and kind == "int"):
                kinds[name] = self._WIDER.get((known or "", kind), "text") if known else kind
                self.version += 1

    def convert(self, name: str, value: Any) -> Any:
        """The value as the field's type holds it."""
        kind = self.kinds.get(name)
        if value is None or not kind:
            return None
        if kind == "text":
            return value if type(value) is str else as_json(value)
        return float(value) if kind == "real" else value
