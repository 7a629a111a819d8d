"""Jobs, deliveries and outcomes as plain values. A job travels as the fields of one stream entry, readable
from any language: text in UTF-8, geometries as WKB."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional

from ..json_types import JsonObject, JsonValue

FORMAT = b"1"
MAX_TRIES = 3  # of a job that fails, crashes its process or runs over its time
MAX_SUSPICIONS = 5  # whole workers that died while they computed it
MAX_DELIVERIES = 100  # a backstop: handed out this often without an end
FIRST_PAUSE = 1.0  # seconds before the second try, then doubled (times four) up to
LONGEST_PAUSE = 60.0
MOST_SECONDS = 10_000_000_000  # that a result may be kept; a server refuses what its clock cannot count
TOO_FAR_MS = (
    600_000  # a job that is due later than in so many milliseconds was put off by a clock that was wrong
)


MOST = 2**53  # of a count that others may have written: also sums of some are shown right


class BadJob(ValueError):
    """A job that can never succeed: unknown type, broken JSON, missing geometry, bad parameter. Its text is
    the reason."""

    def __init__(self, kind: str, text: str):
        super().__init__(text)
        self.kind = kind


class Code:
    """How a job ended, one letter each."""

    COMPUTED = "c"
    CACHED = "h"
    FAILED = "f"
    CANCELLED = "x"
    LOST = "l"  # its stream was trimmed or evicted: nothing holds it any more
    REQUEUED = "r"  # only in the feed of a batch: a failed job was sent again


WORKED = (Code.COMPUTED, Code.CACHED)  # what counts as done by the worker that books it


class JobReason:
    """Why a try failed; the text for users is made where it is shown."""

    ERROR = "error"  # the computation raised
    CRASH = "crash"  # the process ended
    OVER_TIME = "over_time"
    OVER_MEMORY = "over_memory"
    WORKER_DIED = "worker_died"  # the whole worker, too often
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_GEOS = "unknown_geos"  # no worker has the version of GEOS that is wanted
    NO_GEOMETRY = "no_geometry"
    BAD_GEOMETRY = "bad_geometry"
    BAD_JSON = "bad_json"
    BAD_PARAMETER = "bad_parameter"


def json_of(raw: bytes) -> Any:
    """Parse JSON whose texts can stand in keys and messages. Raises BadJob for anything else, also for half a
    surrogate pair."""
    try:
        values = json.loads(raw)
        json.dumps(values, ensure_ascii=False).encode()  # "\ud800" can be read, but not written
    except (ValueError, RecursionError) as error:
        raise BadJob(JobReason.BAD_JSON, str(error)) from error
    return values


@dataclass(frozen=True)
class Job:
    """One job of a batch, as the desktop sends it.

    ``index`` is its place in the batch, ``digest`` the 32 bytes that name its result in the cache,
    ``geometries`` its WKB values (one per arity; ``None`` where the batch keeps a shared one under
    ``shared[i]``), ``number`` the item's number (a buffer's distance) or None. ``attributes`` and ``extent``
    (xmin, ymin, xmax, ymax) are kept for the desktop.
    """

    index: int
    digest: bytes
    geometries: tuple[Optional[bytes], ...]
    number: Optional[float] = None
    shared: tuple[Optional[bytes], ...] = ()
    attributes: JsonValue = None
    extent: Optional[Sequence[float]] = None


@dataclass(frozen=True)
class Descriptor:
    """What the jobs of a batch have in common: operation, version, parameters, namespace and life time of
    results."""

    operation: str
    version: int
    parameters: JsonObject
    namespace: str
    ttl: int

    def encode(self) -> bytes:
        """The bytes that travel with each job."""
        short = {
            "op": self.operation,
            "v": self.version,
            "par": self.parameters,
            "ns": self.namespace,
            "ttl": self.ttl,
        }
        return json.dumps(short, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @classmethod
    def decode(cls, raw: bytes) -> Descriptor:
        """Raises BadJob for what is not a descriptor."""
        values = json_of(raw)
        try:
            made = cls(
                str(values["op"]),
                int(values["v"]),
                dict(values["par"]),
                str(values["ns"]),
                int(values["ttl"]),
            )
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise BadJob(JobReason.BAD_JSON, f"not a job's description: {error}") from error
        if not 0 <= made.ttl <= MOST_SECONDS:
            raise BadJob(JobReason.BAD_PARAMETER, f"results kept for {made.ttl} seconds")
        return made


def shared_fields(batch: str, descriptor: bytes) -> dict[bytes, bytes]:
    """The fields that the stream entries of all jobs of a batch begin with."""
    return {b"f": FORMAT, b"lot": batch.encode(), b"d": descriptor}


def own_fields(job: Job) -> dict[bytes, bytes]:
    """The fields of the stream entry of one job, after the shared ones."""
    fields = {b"n": b"%d" % job.index, b"cle": job.digest}
    if job.number is not None:
        fields[b"num"] = repr(float(job.number)).encode()
    for i, wkb in enumerate(job.geometries):
        shared = job.shared[i] if i < len(job.shared) else None
        if shared is not None:
            fields[b"r%d" % i] = shared
        elif wkb is not None:
            fields[b"g%d" % i] = wkb
    return fields


@dataclass(frozen=True)
class JobRow:
    """One job as it is sent. ``meta`` is what its batch keeps of it; with a ``code`` it is done at once and
    has no fields."""

    index: bytes
    meta: bytes
    code: str
    fields: dict[bytes, bytes]


def bytes_sent(shared: Mapping[bytes, bytes], rows: Iterable[JobRow]) -> int:
    """Bytes of the values of all entries: the measure of a batch's work, as ``Delivery.size`` is of one
    job's."""
    common = sum(map(len, shared.values()))
    return sum(common + sum(map(len, row.fields.values())) for row in rows if row.fields)


def pack_rows(rows: Iterable[JobRow]) -> bytes:
    """All rows in one value, for a script: index and meta, each with its length before it in four bytes (the
    first the highest), the code in one byte (a space for none), the number of words in one byte, and the
    words: names
    and values."""
    packed = bytearray()
    length = struct.Struct(">I").pack
    for row in rows:
        for value in (row.index, row.meta):
            packed += length(len(value))
            packed += value
        packed += (row.code or " ").encode()
        packed.append(2 * len(row.fields))
        for pair in row.fields.items():
            for value in pair:
                packed += length(len(value))
                packed += value
    return bytes(packed)


class SettleRow(NamedTuple):
    """A job that ends: its entry in a stream, its batch and its number there, how it ended, and its
    bytes."""

    stream: str
    id: str
    batch: str
    number: str
    code: str
    detail: str
    size: int


Place = tuple[str, str]  # stream, id of an entry


@dataclass
class Delivery:
    """A job as a worker claims it: its stream and entry, its fields, and its earlier tries."""

    stream: str
    id: str
    fields: dict[bytes, bytes]
    suspect: bool = False  # its last owner died while computing it
    deliveries: int = 1
    tries: int = field(init=False)
    suspicions: int = field(init=False)
    size: int = field(
        init=False
    )  # bytes of what it brings along, which tells more than anything how long it takes

    def __post_init__(self) -> None:
        self.size = sum(map(len, self.fields.values()))
        self.tries = count_of(self.fields.get(b"essais"))
        self.suspicions = count_of(self.fields.get(b"soupcons"))

    @property
    def name(self) -> str:
        """The entry, as the books name it."""
        return f"{self.stream}|{self.id}"

    @property
    def batch(self) -> str:
        """The batch, empty for a job of the plain list."""
        return self.fields.get(b"lot", b"").decode("utf-8", "replace")

    @property
    def index(self) -> str:
        """The place in the batch, as text."""
        return self.fields.get(b"n", b"").decode("utf-8", "replace")

    @property
    def label(self) -> str:
        """A few words for logs and the health line."""
        raw = self.fields.get(b"brut")
        if raw is not None:
            return raw[:120].decode("utf-8", "replace")
        try:
            kind = Descriptor.decode(self.fields.get(b"d", b"")).operation
        except BadJob:
            kind = "?"
        return f"{kind} {self.batch}:{self.index}"


@dataclass(frozen=True)
class Done:
    """A delivery whose result is stored (or that was cancelled): ``code`` is one of Code."""

    delivery: Delivery
    code: str
    detail: str = ""


def pause_before(tries: int) -> float:
    """Seconds to wait before the next try of a job that failed ``tries`` times: 1, 4, 16, then 60."""
    return float(min(FIRST_PAUSE * 4.0 ** max(tries - 1, 0), LONGEST_PAUSE))


def count_of(raw: Optional[bytes]) -> int:
    """Parse a count; 0 for anything else, never more than ``MOST``."""
    return min(int(raw), MOST) if raw and len(raw) < 20 and raw.isdigit() else 0
