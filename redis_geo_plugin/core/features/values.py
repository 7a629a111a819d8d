"""The bytes of a value as an object, a text, or bytes: decompressed, and read as JSON where they are JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ..json_types import JsonObject, Value
from ..live.decoding import CARRIERS, FEW, LIGHT, TooLarge, inflate, is_compressed
from ..live.json_text import parse_json, parse_many
from ..live.records import text_of
from .refusals import Refused, WhyRefused

LARGEST = 64_000_000  # bytes of a value, compressed or not
_BLANK = b" \r\n\t"
_MARK = b"\xef\xbb\xbf"  # which some programs begin a text with
_GZIP = b"\x1f\x8b"


def decoded(raw: bytes, limit: int = LARGEST) -> Value:
    """What a value holds.

    Args:
        raw: the value as it stands on the server.
        limit: bytes that it may have, compressed or not.

    Returns:
        An object or a list of JSON; a text; else the bytes themselves.

    Raises:
        Refused: it is too large, damaged, or no JSON although it begins like it.
    """
    if len(raw) > limit:
        raise Refused(WhyRefused.TOO_LARGE)
    if is_compressed(raw):
        raw = _inflated(raw, limit)
    if raw[:1] in (b"\0", b"\1"):  # the byte order of WKB, which no text begins with
        return raw
    first = raw.lstrip(_BLANK + _MARK)[:1]
    if first in (b"{", b"[", b'"'):
        try:
            return parse_json(raw)
        except ValueError as error:
            if first == b"{":
                raise Refused(WhyRefused.UNREADABLE) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw


def _inflated(raw: bytes, limit: int) -> bytes:
    """What compressed bytes hold; bytes that only begin like zlib's are themselves."""
    try:
        return inflate(raw, limit)
    except TooLarge as error:
        raise Refused(WhyRefused.TOO_LARGE) from error
    except ValueError as error:
        if raw[:2] == _GZIP:
            raise Refused(WhyRefused.DAMAGED) from error
        return raw


def decoded_many(raws: Sequence[bytes]) -> Optional[list[Value]]:
    """``decoded`` of many small values that are all objects of JSON, in half the time; None where one of them
    is anything else."""
    if not raws or max(map(len, raws)) > LIGHT or not all(raw.startswith(b"{") for raw in raws):
        return None
    return parse_many(raws)


def fields_record(names: Sequence[bytes], values: Sequence[bytes]) -> tuple[JsonObject, bool]:
    """The record of the fields of a hash or of a stream's entry, and whether its values are bare texts.

    One field that holds an object may carry the whole record: by its name (``payload``), or where there are
    few others, or as change data capture has it, under a name that is itself JSON.
    """
    texts = [text_of(name) for name in names]
    record: JsonObject = {name: field_value(value) for name, value in zip(texts, values)}
    carrier, inner = carried(record, [name for name, value in zip(texts, values) if value[:1] == b"{"])
    if inner is None:
        return record, True
    rest = {other: value for other, value in record.items() if other[:1] != "{" and other != carrier}
    return {**inner, **{other: value for other, value in rest.items() if other not in inner}}, False


def carried(record: JsonObject, objects: Sequence[str]) -> tuple[str, Optional[JsonObject]]:
    """The field that carries the whole record, and that; None where none does. ``objects`` are the names of
    the fields that begin as objects."""
    for name in record:
        is_alone = len(record) <= FEW and list(objects) == [name]
        if not (name in CARRIERS or name[:1] == "{" or is_alone):
            continue
        inner = object_in(record[name])
        if inner is not None:
            return name, inner
    return "", None


def field_value(raw: bytes) -> Value:
    """The text of a field; the bytes where it is none, as WKB and what is compressed."""
    if raw[:1] in (b"\0", b"\1") or raw[:2] == _GZIP:
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def object_in(value: Value) -> Optional[JsonObject]:
    """The object that a text or bytes within a record hold; None for anything else."""
    if isinstance(value, str):
        if value[:1] != "{":
            return None
        value = value.encode("utf-8", "replace")
    if not isinstance(value, bytes):
        return None
    try:
        found = decoded(value)
    except Refused:
        return None
    return found if isinstance(found, dict) else None
