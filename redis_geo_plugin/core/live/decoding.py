"""Decode the bytes of a value to a record: JSON, MessagePack, GTFS-realtime, text, or one of these
compressed."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from ..json_types import JsonObject
from .formats import one_report, several_of
from .formats.gtfs_protobuf import looks_like_feed, read_feed
from .json_text import parse_json, parse_many
from .msgpack import is_msgpack, read_msgpack
from .recognition.names import ELSEWHERE, words
from .records import Records, RefusalReason, Row, text_of
from .spec import Mapping

LARGEST = 1_000_000  # bytes of a record; nothing that says where a vehicle is needs more
LARGEST_FLEET = 64_000_000  # bytes of a value that holds a whole fleet
LONGEST_TEXT = 400  # characters of a text that can be a report: ``48.85,2.35,1795348800``, a row of a table
TOGETHER = 200  # JSON texts parsed in one go, about 0.2 ms: Python's lock is held so long
LIGHT = 64_000  # bytes; larger values are parsed one by one
KEPT = 2000  # bytes of a value that are kept to be shown with its refusal
MEMBERS = 10  # pieces of one gzip file, which may be several files in a row

_BRACKET = re.compile(r"[][{}]")  # of JSON that was cut off
VALUE = "value"  # the field of a record that is a bare text or number


class TooLarge(ValueError):
    """A value is larger than the limit once it is decompressed."""


def decode_value(raw: bytes, limit: int = LARGEST) -> object:
    """The object, list, text or number that a value holds.

    Args:
        raw: the value as it stands on the server.
        limit: bytes it may have, compressed or not.

    Raises:
        TooLarge: it has more.
        ValueError: it is nothing that a program writes positions in.
    """
    if len(raw) > limit:
        raise TooLarge(f"{len(raw)} bytes")
    if is_compressed(raw):
        raw = inflate(raw, limit)
    if looks_like_feed(raw):
        return read_feed(raw)
    if is_msgpack(raw):
        return read_msgpack(raw)
    try:
        return parse_json(raw)
    except ValueError:
        return _text(raw)


def inflate(raw: bytes, limit: int) -> bytes:
    """Decompress gzip or zlib data. Raises TooLarge beyond ``limit`` bytes, ValueError for what is damaged or
    cut off."""
    pieces: list[bytes] = []
    size = 0
    while raw and len(pieces) < MEMBERS:
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # tells the two by their heads
        try:
            pieces.append(unpacker.decompress(raw, limit - size + 1))
        except zlib.error as error:
            raise ValueError("damaged") from error
        size += len(pieces[-1])
        if size > limit:
            raise TooLarge(f"over {limit} bytes")
        if not unpacker.eof:
            raise ValueError("cut off")
        raw = unpacker.unused_data.lstrip(b"\0")
    return b"".join(pieces)


def may_hold_records(head: bytes) -> bool:
    """Whether a large value that begins so may hold records: JSON, MessagePack, or either compressed; no
    picture, no archive."""
    begin = head.lstrip(b" \r\n\t\xef\xbb\xbf")[:1]
    return begin in (b"{", b"[") or is_msgpack(head) or is_compressed(head) or head[:1] == b"\x0a"  # protobuf


def is_compressed(raw: bytes) -> bool:
    """Whether it is gzip or zlib, by the first two bytes (RFC 1952, RFC 1950); texts that begin like zlib's
    are no JSON."""
    if raw[:2] == b"\x1f\x8b":
        return True
    return len(raw) > 7 and raw[0] & 15 == 8 and raw[0] >> 4 <= 7 and int.from_bytes(raw[:2], "big") % 31 == 0


def _text(raw: bytes) -> str:
    """A short text that may hold numbers or a place. Raises ValueError for any other."""
    if len(raw) > LONGEST_TEXT:
        raise ValueError("no report")
    text = raw.decode().strip()
    if text[:1] in ("", "<") or _BRACKET.search(text) or not any(map(str.isdigit, text)):
        raise ValueError("no report")
    if text[0] == "$":
        text = " ".join(text.split("\n"))  # sentences of NMEA, one a line
    if not text.replace("\t", " ").replace("\r", " ").isprintable():
        raise ValueError("no report")
    return text


# --- rows ---------------------------------------------------------------------------------------------------


def record_of(value: object) -> Optional[JsonObject]:
    """A value as a record: an object as it is, a pair or a bare text or number under a name; None for
    anything else."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return one_report(value)
    if isinstance(value, list):
        return {"coordinates": value} if 2 <= len(value) <= 3 else None
    return {VALUE: value} if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


def value_rows(idents: list[str], keys: list[bytes], raws: list[bytes]) -> Sequence[Row]:
    """Make one row from each value."""
    datas: list[Any] = []
    rows: list[Row] = []  # of pieces with something odd in them
    for start in range(0, len(raws), TOGETHER):
        piece = raws[start : start + TOGETHER]
        values = parse_many(piece) if max(map(len, piece)) <= LIGHT else None
        if values is not None and set(map(type, values)) == {dict} and not rows:
            datas += values
            continue
        if not rows:
            rows += Records(idents[:start], keys[:start], datas, raws)
        each = zip(idents[start:], keys[start:], piece)
        if values is None:
            rows += [value_row(ident, key, raw) for ident, key, raw in each]
        else:
            rows += [_row(ident, key, raw, value) for (ident, key, raw), value in zip(each, values)]
    return rows or Records(idents, keys, datas, raws)


def value_row(ident: str, key: bytes, raw: bytes) -> Row:
    """Make a row from one value; where it cannot be read the row holds the reason."""
    try:
        value = decode_value(raw)
    except TooLarge:
        return Row(ident, key, None, raw[:KEPT], RefusalReason.TOO_LARGE)
    except ValueError:
        return Row(ident, key, None, raw[:KEPT], RefusalReason.UNREADABLE)
    return _row(ident, key, raw, value)


def _row(ident: str, key: bytes, raw: bytes, value: object) -> Row:
    record = record_of(value)
    if record is None:
        return Row(ident, key, None, raw[:KEPT], RefusalReason.UNREADABLE)
    return Row(ident, key, record, raw)


def each_row(rows: Sequence[Row], mapping: Mapping) -> Iterator[Row]:
    """Yield rows one by one, and of those that hold several records, each of another vehicle, each record.

    A row whose key says whose it is holds the record of that one only.
    """
    several = several_of(mapping.format)
    for row in rows:
        if several is None or row.id or type(row.data) is not dict:
            yield row
            continue
        for data in several(row.data):
            one = Row(row.id, row.key, data, row.raw, row.error)
            one.time = row.time
            yield one


# --- fields of hashes and streams ---------------------------------------------------------------------------

CARRIERS = (
    "data",
    "json",
    "payload",
    "message",
    "value",
    "body",
    "event",
    "msg",
    "record",
    "position",
    "doc",
)
FEW = 3  # fields beside which one that holds an object is the report, whatever its name
LONGEST_FIELD = 5000  # characters of a text field that are kept


def fields_record(flat: Sequence[bytes]) -> JsonObject:
    """The record of a flat reply of names and values: texts, or what the one field holds that carries the
    report.

    A change-data-capture stream may carry it under a name that is itself JSON, the row's key.
    """
    names = [text_of(name) for name in flat[::2]]
    values = list(flat[1::2])
    order = sorted(range(min(len(names), len(values))), key=lambda place: names[place] not in CARRIERS)
    objects = sum(value[:1] == b"{" for value in values)
    for place in order:
        if names[place] in CARRIERS or (
            len(names) <= FEW and objects <= 1 and not _is_elsewhere(names[place])
        ):
            inner = _object(values[place])
            if inner is not None:
                rest = {name: _field(value) for name, value in zip(names, values) if name[:1] != "{"}
                rest.pop(names[place], None)
                return {**inner, **{name: value for name, value in rest.items() if name not in inner}}
    return {name: _field(value) for name, value in zip(names, values)}


def _is_elsewhere(name: str) -> bool:
    """Whether a field is of another place (``pickup``) and not the report."""
    return bool(ELSEWHERE & set(words(name)))


def _field(raw: bytes) -> str:
    return text_of(raw[:LONGEST_FIELD])


def _object(raw: bytes) -> Optional[JsonObject]:
    """The object that a field holds, None for any other value."""
    if raw.lstrip(b" \r\n\t\xef\xbb\xbf")[:1] != b"{" and not is_compressed(raw) and not is_msgpack(raw):
        return None
    try:
        value = decode_value(raw)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
