"""Messages between a worker and its computing processes: a JSON head and raw bytes, each with its length
before it."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import BinaryIO, Optional

from ..core.json_types import JsonObject

Head = JsonObject  # of a message: its "t" tells what else is in it
_LENGTHS = struct.Struct(">II")
LONGEST = 1 << 30


def pack(head: Head, body: bytes = b"") -> bytes:
    """A message as bytes."""
    raw = json.dumps(head, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(raw), len(body)) + raw + body


def read_frame(stream: BinaryIO) -> Optional[tuple[Head, bytes]]:
    """The next message, or None at the end of the stream."""
    lengths = _exactly(stream, _LENGTHS.size)
    if lengths is None:
        return None
    head_length, body_length = _LENGTHS.unpack(lengths)
    if head_length > LONGEST or body_length > LONGEST:
        return None
    head, body = _exactly(stream, head_length), _exactly(stream, body_length)
    if head is None or body is None:
        return None
    return json.loads(head), body


# A job on its way: number, alone (computed by itself), again (without a claim: that of a dead process may
# still stand), fields.
Numbered = tuple[int, bool, bool, dict[bytes, bytes]]


def pack_jobs(jobs: Sequence[Numbered]) -> bytes:
    """One message with jobs and their fields."""
    head, body = [], bytearray()
    for number, alone, again, fields in jobs:
        head.append(
            [number, alone, again, [(name.decode("latin-1"), len(value)) for name, value in fields.items()]]
        )
        for value in fields.values():
            body += value
    return pack({"jobs": head}, bytes(body))


def unpack_jobs(head: Head, body: bytes) -> list[Numbered]:
    """The jobs of a message."""
    jobs: list[Numbered] = []
    at = 0
    for number, alone, again, sizes in head["jobs"]:
        fields = {}
        for name, size in sizes:
            fields[name.encode("latin-1")] = body[at : at + size]
            at += size
        jobs.append((number, alone, again, fields))
    return jobs


def _exactly(stream: BinaryIO, count: int) -> Optional[bytes]:
    parts = []
    while count:
        part = stream.read(count)
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
