"""A small reader of GTFS Realtime as protobuf. It reads only vehicle positions, and returns the dict that the
JSON form of protobuf would have.

Source of truth: gtfs-realtime.proto (https://gtfs.org/documentation/realtime/proto/) and
https://protobuf.dev/programming-guides/encoding/. It reads only what ``FIELDS`` names, and skips unknown
fields. Bytes that are not a FeedMessage raise ValueError, and nothing else.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Union

from ...json_types import JsonObject

LARGEST = 64_000_000  # bytes
MOST_ENTITIES = 500_000
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

# message -> number -> (name, kind); a kind in capitals is a message
FIELDS: dict[str, dict[int, tuple[str, str]]] = {
    "FEED": {1: ("header", "HEADER"), 2: ("entity", "ENTITY")},
    "HEADER": {1: ("gtfs_realtime_version", "text"), 3: ("timestamp", "number")},
    "ENTITY": {1: ("id", "text"), 2: ("is_deleted", "bool"), 4: ("vehicle", "VEHICLE_POSITION")},
    "VEHICLE_POSITION": {
        1: ("trip", "TRIP"),
        2: ("position", "POSITION"),
        3: ("current_stop_sequence", "number"),
        4: ("current_status", "number"),
        5: ("timestamp", "number"),
        7: ("stop_id", "text"),
        8: ("vehicle", "VEHICLE"),
        9: ("occupancy_status", "number"),
    },
    "TRIP": {
        1: ("trip_id", "text"),
        2: ("start_time", "text"),
        3: ("start_date", "text"),
        5: ("route_id", "text"),
        6: ("direction_id", "number"),
    },
    "POSITION": {
        1: ("latitude", "float"),
        2: ("longitude", "float"),
        3: ("bearing", "float"),
        4: ("odometer", "double"),
        5: ("speed", "float"),
    },
    "VEHICLE": {1: ("id", "text"), 2: ("label", "text"), 3: ("license_plate", "text")},
}
_WIRE = {"text": BYTES, "number": VARINT, "bool": VARINT, "float": FIXED32, "double": FIXED64}


def looks_like_feed(raw: bytes) -> bool:
    """Return whether bytes begin like a FeedMessage: with a header that has a version such as ``2.0``."""
    if len(raw) < 6 or raw[0] != 0x0A or raw[2] != 0x0A:
        return False
    length = raw[3]
    return 1 <= length <= 8 and raw[1] >= length + 2 and raw[4 : 4 + length].replace(b".", b"").isdigit()


def read_feed(raw: bytes) -> JsonObject:
    """Return the FeedMessage as a dict with the names of the proto file. Raises ValueError for anything
    else."""
    if not looks_like_feed(raw) or len(raw) > LARGEST:
        raise ValueError("no GTFS Realtime feed")
    feed = _message(memoryview(raw), "FEED")
    feed.setdefault("entity", [])
    return feed


def _message(raw: memoryview, name: str) -> JsonObject:
    found: JsonObject = {}
    known = FIELDS[name]
    for number, wire, content in _fields(raw):
        if number not in known:
            continue
        field, kind = known[number]
        if kind.isupper():
            if wire != BYTES or not isinstance(content, memoryview):
                raise ValueError("no message where one belongs")
            value = _message(content, kind)
            if field == "entity":
                found.setdefault(field, []).append(value)
                if len(found[field]) > MOST_ENTITIES:
                    raise ValueError("too many entities")
                continue
        else:
            value = _plain(wire, content, kind)
        found[field] = value
    return found


def _plain(wire: int, content: Union[int, memoryview], kind: str) -> Any:
    if wire != _WIRE[kind]:
        raise ValueError("a field of another type")
    if isinstance(content, int):
        return bool(content) if kind == "bool" else content
    if kind == "text":
        return bytes(content).decode("utf-8", "replace")
    value = struct.unpack("<f" if kind == "float" else "<d", content)[0]
    # the shortest decimal that gives the same 32 bits: 48.85, not 48.849998474121094
    return _shortest(value) if kind == "float" else value


def _shortest(value: float) -> float:
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        try:
            if struct.pack("<f", short) == struct.pack("<f", value):
                return short
        except OverflowError:
            break
    return value


def _fields(raw: memoryview) -> Iterator[tuple[int, int, Union[int, memoryview]]]:
    """Yield (number, wire type, content) of each field."""
    at, end = 0, len(raw)
    while at < end:
        tag, at = _varint(raw, at)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("no field has the number 0")
        if wire == VARINT:
            value, at = _varint(raw, at)
            yield number, wire, value
            continue
        if wire == BYTES:
            length, at = _varint(raw, at)
        elif wire in (FIXED32, FIXED64):
            length = 4 if wire == FIXED32 else 8
        else:  # groups are a thing of proto1
            raise ValueError("an unknown type of field")
        if at + length > end:
            raise ValueError("cut off")
        yield number, wire, raw[at : at + length]
        at += length


def _varint(raw: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(raw):
            raise ValueError("cut off")
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise ValueError("a number of more than 64 bits")
