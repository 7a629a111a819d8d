"""One look at a source, without a thread: the latest positions, or the history it holds."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Callable, Optional

from ..settings import ConnectionSettings
from .discovery import find_positions
from .guess import mapping as guess_mapping
from .positions import Positions
from .proposals import SAMPLE_KEYS
from .reader import reading
from .records import Decoder, Fix, Reason, Row, Schema
from .sources import make_source
from .sources.stream import STEP, entry_row
from .spec import FeedSpec
from .trails import History


@dataclass
class Snapshot:
    """The latest fix of each vehicle, the types of the attributes, and how many records were refused, by reason."""

    fixes: list[Fix] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    refused: dict[Reason, int] = field(default_factory=dict)


def spec_of(settings: ConnectionSettings, source: str) -> Optional[FeedSpec]:
    """The feed that a pattern, set, stream, list, hash or string makes; None where it holds no positions. A channel has
    nothing to look at."""
    proposals = find_positions(settings, source).proposals
    if not proposals:
        return None
    chosen = proposals[0].spec
    return chosen.changed(pattern=source) if "*" in source and chosen.kind != "stream" else chosen


def snapshot(
    settings: ConnectionSettings,
    spec: FeedSpec,
    max_age: float = 0.0,
    alive: Callable[[], bool] = lambda: True,
) -> Snapshot:
    """The latest positions now. ``max_age`` (seconds, 0: any) leaves out older reports. Raises redis-py's errors."""
    positions, schema = Positions(spec), Schema({})
    now = time.time()
    for fixes in _fixes(settings, spec, positions, alive):
        positions.note_delays(fixes, live=False)
        positions.accept(fixes, now)
    oldest = now - max_age - positions.correction if max_age else float("-inf")
    found = [fix for fix in positions.latest.everything().each() if fix.time >= oldest]
    for fix in found:
        schema.observe(fix.attributes)
    return Snapshot(found, dict(schema.kinds), dict(positions.refused))


def sample(settings: ConnectionSettings, spec: FeedSpec, alive: Callable[[], bool] = lambda: True) -> list[Row]:
    """Some records of a feed as they stand there now; of a channel there are none. Raises redis-py's errors."""
    rows: list[Row] = []
    with reading(settings) as reader, closing(make_source(spec)) as source:
        source.open(reader)
        for found, _ in source.read_all(reader, alive):
            rows += found[:SAMPLE_KEYS]
            if len(rows) >= SAMPLE_KEYS:
                break
    return rows[:SAMPLE_KEYS]


def history(
    settings: ConnectionSettings,
    spec: FeedSpec,
    start: Optional[float] = None,
    end: Optional[float] = None,
    alive: Callable[[], bool] = lambda: True,
) -> History:
    """The ways within [start, end] (seconds since 1970 UTC, None: open) that the source itself keeps: all of a stream
    or of the lists; of other kinds only the latest position. Raises redis-py's errors."""
    found = History()
    positions = Positions(spec, found.add_all)
    now = time.time()
    everything = _stream_fixes if spec.kind == "stream" else _fixes
    for fixes in everything(settings, spec, positions, alive):
        wanted = [f for f in fixes if (start is None or f.time >= start) and (end is None or f.time <= end)]
        positions.note_delays(wanted, live=False)
        positions.accept(wanted, now)
    return found


def _fixes(
    settings: ConnectionSettings, spec: FeedSpec, positions: Positions, alive: Callable[[], bool]
) -> Iterator[list[Fix]]:
    """Batches of decoded fixes of a full read; refusals go to ``positions``."""
    with reading(settings) as reader, closing(make_source(spec)) as source:
        source.open(reader)
        batches = (rows for rows, _ in source.read_all(reader, alive))
        yield from _decoded(batches, spec, positions, source.texts, source.id_in_record)


def _stream_fixes(
    settings: ConnectionSettings, spec: FeedSpec, positions: Positions, alive: Callable[[], bool]
) -> Iterator[list[Fix]]:
    """All of a stream, oldest first, however long it is."""
    with reading(settings) as reader:
        key = reader.server.key(spec.pattern)

        def batches() -> Iterator[Sequence[Row]]:
            first = b"-"
            while alive():
                entries = reader.ask("XRANGE", key, first, "+", "COUNT", STEP) or []
                if not entries:
                    return
                yield [entry_row(key, entry) for entry in entries]
                head, _, tail = entries[-1][0].partition(b"-")
                first = head + b"-%d" % (int(tail) + 1)

        yield from _decoded(batches(), spec, positions, True, True)


def _decoded(
    batches: Iterator[Sequence[Row]], spec: FeedSpec, positions: Positions, texts: bool, with_id: bool
) -> Iterator[list[Fix]]:
    decoder: Optional[Decoder] = Decoder(spec.mapping, texts) if spec.mapping.has_position else None
    for rows in batches:
        if decoder is None:
            guessed = guess_mapping([row.data for row in rows if row.data is not None], with_id)
            if not guessed.has_position:
                continue
            decoder = Decoder(guessed, texts)
        fixes, now = [], time.time()
        for row in rows:
            found = decoder.fix(row, now)
            if isinstance(found, Fix):
                fixes.append(found)
            else:
                positions.refuse(found)
        yield fixes
