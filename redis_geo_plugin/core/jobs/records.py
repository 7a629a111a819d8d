"""What stands in the books of a queue, read as it comes: others may write there too, and older versions have.

What cannot be read is left out or taken as zero, never an error: the list of batches must not fail for one
that is damaged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional

from ..json_types import JsonObject, JsonValue
from ..live.json_text import parse_json
from ..readable import cut
from .model import MOST, BadJob, Code, Descriptor, count_of
from .names import Priority

MOST_SHOWN = 2000  # characters of a name or of words: others may have written megabytes
LATEST = 32_503_680_000_000  # milliseconds since 1970: the year 3000


@dataclass(frozen=True)
class Batch:
    """What is known of a batch. Times are seconds since 1970 by the server's clock; counts are of jobs."""

    id: str
    name: str
    created: float
    descriptor: Optional[Descriptor]
    total: Optional[int]  # None while it is still being sent
    sent: int
    computed: int
    cached: int
    failed: int
    cancelled_jobs: int
    cancelled: bool
    ended: Optional[float]
    priority: Priority = Priority.NORMAL
    details: JsonObject = field(default_factory=dict)
    # bytes of all jobs, a measure of the work that goes with the time it takes better than their number
    work: int = 0
    work_done: int = 0
    lost: int = 0  # jobs that nothing holds any more
    put: Optional[int] = None  # when a job of it was last put anywhere, in ms; None where that was not noted
    damaged: str = ""  # the key of a book of it that is of another type

    @property
    def done(self) -> int:
        """Jobs that have ended, one way or another."""
        return self.computed + self.cached + self.failed + self.cancelled_jobs + self.lost

    @property
    def finished(self) -> bool:
        """Whether all jobs were sent and have ended."""
        return self.total is not None and self.done >= self.total


class Task(NamedTuple):
    """What a batch keeps of a job: the digest that names its result, the attributes and the extent it was
    sent with."""

    digest: bytes
    attributes: JsonValue
    extent: Optional[list[float]]


@dataclass(frozen=True)
class JobOutcome:
    """How one job of a batch ended: its index, a Code, for a failure the reason (a Reason, and words), and
    for one that was computed the microseconds it took."""

    index: int
    code: str
    reason: str = ""
    words: str = ""
    cost_us: int = 0


@dataclass(frozen=True)
class SetAside:
    """A job that was set aside, with its reason; ``fields`` is the job, whole."""

    id: str
    reason: str
    words: str
    tries: int
    when: float
    batch: str
    index: Optional[int]
    fields: dict[bytes, bytes]


HEAD = (
    *(
        "nom",
        "cree",
        "d",
        "details",
        "priorite",
        "total",
        "envoyees",
        "annule",
        "fin",
        "octets",
        "octets_finis",
    ),
    *("dernier", Code.COMPUTED, Code.CACHED, Code.FAILED, Code.CANCELLED, Code.LOST),
)  # the fields of a batch's head that are read
LARGE = ("nom", "d", "details")  # and those of them that may be large


def head_of(values: Sequence[Optional[bytes]]) -> dict[bytes, bytes]:
    """The head of a batch, of the values of the fields of ``HEAD``."""
    return {name.encode(): value for name, value in zip(HEAD, values) if value is not None}


def batch_of(id: str, head: dict[bytes, bytes]) -> Optional[Batch]:
    """The batch of this head (a hash), None for what is none."""
    if b"cree" not in head:
        return None

    def number(name: str) -> int:
        return count_of(head.get(name.encode()))

    def moment(name: str) -> float:
        return min(number(name), LATEST) / 1000.0

    try:
        descriptor = Descriptor.decode(head[b"d"]) if b"d" in head else None
    except BadJob:
        descriptor = None
    priority = number("priorite")
    return Batch(
        id=id,
        name=cut(_text(head.get(b"nom")), MOST_SHOWN),
        created=moment("cree"),
        descriptor=descriptor,
        total=number("total") if b"total" in head else None,
        sent=number("envoyees"),
        computed=number(Code.COMPUTED),
        cached=number(Code.CACHED),
        failed=number(Code.FAILED),
        cancelled_jobs=number(Code.CANCELLED),
        cancelled=b"annule" in head,
        ended=moment("fin") if b"fin" in head else None,
        priority=Priority(priority) if priority in list(Priority) else Priority.NORMAL,
        details=_object(head.get(b"details")),
        work=number("octets"),
        work_done=number("octets_finis"),
        lost=number(Code.LOST),
        put=number("dernier") if b"dernier" in head else None,
    )


def damaged_batch(id: str, key: str) -> Batch:
    """A batch whose books cannot be read, as one of them (``key``) is of another type."""
    return Batch(id, id, 0.0, None, None, 0, 0, 0, 0, 0, False, None, damaged=key)


def task_of(raw: bytes) -> Task:
    """A job as its batch keeps it: 32 bytes of digest, then [attributes, extent] as JSON."""
    try:
        attributes, extent = parse_json(raw[32:])
    except (ValueError, TypeError):
        return Task(raw[:32], None, None)
    box = extent if isinstance(extent, list) and len(extent) == 4 and all(map(_is_number, extent)) else None
    return Task(raw[:32], attributes, box)


def outcome_of(index: int, raw: bytes) -> JobOutcome:
    """How a job ended, as its batch keeps it."""
    text = _text(raw)
    if text[:1] != Code.FAILED:
        return JobOutcome(index, text[:1], cost_us=count_of(raw[1:]))
    reason, _, words = text[1:].partition("|")
    return JobOutcome(index, text[:1], reason, words)


def event_of(fields: dict[bytes, bytes]) -> Optional[tuple[int, str]]:
    """Which job of a batch ended, and how; None for what says neither."""
    raw = fields.get(b"n", b"")
    return (count_of(raw), _text(fields[b"c"])) if raw.isdigit() and b"c" in fields else None


def set_aside_of(id: str, fields: dict[bytes, bytes]) -> SetAside:
    """A job of the stream of those that were set aside."""
    index = fields.get(b"n", b"")
    return SetAside(
        id=id,
        reason=cut(_text(fields.get(b"raison")), MOST_SHOWN),
        words=cut(_text(fields.get(b"mots")), MOST_SHOWN),
        tries=count_of(fields.get(b"essais")),
        when=min(count_of(id.partition("-")[0].encode()), LATEST) / 1000.0,
        batch=cut(_text(fields.get(b"lot")), MOST_SHOWN),
        index=count_of(index) if index.isdigit() else None,
        fields=fields,
    )


_TEXTS = ("host", "version", "state", "geos")
_NUMBERS = ("pid", "processes", "started", "done", "cached", "failed", "restarts", "rate", "held")


def health_of(raw: bytes) -> JsonObject:
    """The health line of a worker, every member of the type that ``Health.line`` gives it."""
    values = _object(raw)
    line: JsonObject = {name: str(values.get(name, ""))[:200] for name in _TEXTS}
    line.update({name: values[name] if _is_number(values.get(name)) else 0 for name in _NUMBERS})
    line["operations"] = [str(one)[:200] for one in _list(values.get("operations"))]
    line["current"] = [_current(one) for one in _list(values.get("current")) if isinstance(one, dict)]
    return line


def _current(values: JsonObject) -> JsonObject:
    of = values.get("of")
    places = {
        str(batch): [int(n) for n in _list(indexes) if _is_place(n)]
        for batch, indexes in (of.items() if isinstance(of, dict) else ())
    }
    seconds = values.get("seconds", 0)
    return {
        "job": str(values.get("job", ""))[:200],
        "seconds": seconds if _is_number(seconds) else 0,
        "of": places,
    }


def _is_place(value: object) -> bool:
    """Workers write the place of a job in its batch as its stream entry has it: as text."""
    if isinstance(value, str):
        return value.isascii() and value.isdigit() and len(value) < 19
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST


def _is_number(value: object) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) < MOST
        and math.isfinite(value)
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(raw: Optional[bytes]) -> JsonObject:
    try:
        value = parse_json(raw or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _text(raw: Optional[bytes]) -> str:
    return (raw or b"").decode("utf-8", "replace")
