"""Reading a source once, without a thread: its latest positions, or its history."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Optional

from ..json_types import JsonObject
from ..redis.scanning import Entries
from ..redis.settings import ConnectionSettings
from ..watch import Watch
from .decoding import each_row
from .discovery import find_positions
from .key_patterns import KeyPattern, readable_name
from .positions import Positions, refusal_of
from .proposals import SAMPLE_KEYS
from .proposals import judge as judge_proposal
from .reader import reading
from .records import Decoder, Fix, RefusalReason, Row, Schema, text_of
from .safely import fix_safely, judge_safely, recognise_safely
from .sources import KINDS, make_source, source_class
from .sources.stream import STEP, entry_row
from .spec import FeedSpec, Mapping
from .trails import History


@dataclass
class Snapshot:
    """The latest fix of each vehicle, the types of the attributes, and how many records were refused, by
    reason.
    """

    fixes: list[Fix] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    refused: dict[RefusalReason, int] = field(default_factory=dict)


def spec_of(
    settings: ConnectionSettings, source: str, kind: str = "", chosen: Optional[JsonObject] = None
) -> Optional[FeedSpec]:
    """Return the feed that a pattern, set, stream, list, hash or string makes.

    Args:
        settings: where it stands.
        source: a key pattern, or the name of a key.
        kind: one of ``core.live.sources.KINDS``; empty: told by what stands there.
        chosen: fields of its ``Mapping`` that are known; the others are recognised from the records.

    Returns:
        None where it holds no positions. A channel has nothing to look at.
    """
    values = dict(chosen or {})
    if not (values.get("pair") or values.get("lon")):
        found = _recognised(settings, source, kind)
        if found is not None:
            return found.changed(mapping=found.mapping.answered(**values))
    if not kind and not values:
        return None
    return _by_hand(settings, source, kind, Mapping().answered(**values))


def _recognised(settings: ConnectionSettings, source: str, kind: str) -> Optional[FeedSpec]:
    """Return the likeliest feed (of a kind) that is found there."""
    proposals = find_positions(settings, source).proposals
    proposal = next((one for one in proposals if kind in ("", one.spec.kind)), None)
    if proposal is None:
        return None
    spec = proposal.spec
    own = spec.kind == "stream" or source_class(spec.kind).is_found_by_name
    if "*" not in source or own or spec.pattern == source:
        return spec
    spec = spec.changed(pattern=source)
    pattern = KeyPattern(source, settings.key_prefix)
    rows = [
        Row(pattern.ident(row.key) or row.id, row.key, row.data, row.raw, row.error) for row in proposal.rows
    ]
    again = judge_proposal(
        spec.changed(mapping=Mapping()),
        rows,
        source_class(spec.kind).texts,
        proposal.keys,
        bool(spec.mapping.id),
    )
    return (
        spec if again is None else again.spec
    )  # a star that cuts through the id: a record may know itself better


def _by_hand(settings: ConnectionSettings, source: str, kind: str, mapping: Mapping) -> Optional[FeedSpec]:
    """Return a feed of which some fields are known; where the kind is not, of that which holds most
    positions.
    """
    best: Optional[tuple[int, FeedSpec]] = None
    for one in [kind] if kind else _kinds_of(settings, source):
        spec = FeedSpec(name=readable_name(source), kind=one, pattern=source, mapping=mapping)
        sampled = _sampled(settings, spec, Watch())
        proposal = judge_proposal(spec, sampled.rows, sampled.texts, len(sampled.rows), sampled.with_id)
        if proposal is not None:
            spec = proposal.spec
        good = len(proposal.preview) if proposal is not None else 0
        if sampled.rows and (best is None or good > best[0]):
            best = good, spec
    return best[1] if best is not None and best[1].mapping.has_position else None


def _kinds_of(settings: ConnectionSettings, source: str) -> list[str]:
    """Return the kinds of sources that read the type of the key, or of the first key that matches."""
    with reading(settings) as reader:
        found = next(
            (keys[0] for keys in reader.scan(KeyPattern(source, settings.key_prefix).glob) if keys), None
        )
        if found is None:
            return []
        kind = text_of(reader.ask("TYPE", found))
    return [one for one in KINDS if kind == source_class(one).TYPE]


def snapshot(
    settings: ConnectionSettings,
    spec: FeedSpec,
    max_age: float = 0.0,
    watch: Optional[Watch] = None,
) -> Snapshot:
    """The latest positions now.

    ``max_age`` (seconds, 0: any) leaves out older reports. Raises redis-py's errors.
    """
    positions, schema = Positions(spec), Schema({})
    now = time.time()
    for fixes in _fixes(settings, spec, positions, watch or Watch()):
        positions.clock.learn(fixes, live=False)
        for judged in judge_safely(positions, fixes, now):
            positions.keep(judged)
    for ident in positions.from_the_future(now):  # believed before the clock was known
        positions.refuse([refusal_of(positions.latest[ident], RefusalReason.FUTURE)])
        positions.forget(ident)
    oldest = now - max_age - positions.correction if max_age else float("-inf")
    found = [fix for fix in positions.latest.everything().each() if fix.time >= oldest]
    schema.observe_all([fix.attributes for fix in found])
    return Snapshot(found, dict(schema.kinds), dict(positions.refused))


def sample(settings: ConnectionSettings, spec: FeedSpec, watch: Optional[Watch] = None) -> list[Row]:
    """Some records of a feed as they stand there now; of a channel there are none.

    Raises redis-py's errors.
    """
    return _sampled(settings, spec, watch or Watch()).rows


@dataclass
class _Sample:
    """Records of a source, and how it reads them."""

    rows: list[Row]
    texts: bool
    with_id: bool


def _sampled(settings: ConnectionSettings, spec: FeedSpec, watch: Watch) -> _Sample:
    rows: list[Row] = []
    with reading(settings) as reader, closing(make_source(spec)) as source:
        source.open(reader)
        for found, _ in source.read_all(reader, watch):
            rows += found[:SAMPLE_KEYS]
            if len(rows) >= SAMPLE_KEYS:
                break
        return _Sample(rows[:SAMPLE_KEYS], source.texts, source.id_in_record)


def history(
    settings: ConnectionSettings,
    spec: FeedSpec,
    start: Optional[float] = None,
    end: Optional[float] = None,
    watch: Optional[Watch] = None,
) -> History:
    """The ways within [start, end] (seconds since 1970 UTC, None: open) that the source itself keeps: all of
    a stream or of the lists; of other kinds only the latest position.

    Raises redis-py's errors.
    """
    found = History()
    positions = Positions(spec)
    now = time.time()
    everything = _stream_fixes if spec.kind == "stream" else _fixes
    for fixes in everything(settings, spec, positions, watch or Watch()):
        wanted = [f for f in fixes if (start is None or f.time >= start) and (end is None or f.time <= end)]
        positions.clock.learn(wanted, live=False)
        for judged in judge_safely(positions, wanted, now):
            for ident in judged.disowned:
                found.drop_after(ident, judged.changed[ident].time)
            for believed in judged.believed:
                found.add_all(believed)
            positions.keep(judged)
    return found


def _fixes(
    settings: ConnectionSettings, spec: FeedSpec, positions: Positions, watch: Watch
) -> Iterator[list[Fix]]:
    """Batches of decoded fixes of a full read; refusals go to ``positions``."""
    with reading(settings) as reader, closing(make_source(spec)) as source:
        source.open(reader)
        batches = (rows for rows, _ in source.read_all(reader, watch))
        yield from _decoded(batches, spec, positions, source.texts, source.id_in_record)


def _stream_fixes(
    settings: ConnectionSettings, spec: FeedSpec, positions: Positions, watch: Watch
) -> Iterator[list[Fix]]:
    """All of a stream, oldest first, however long it is."""
    with reading(settings) as reader:
        key = reader.server.key(spec.pattern)

        def batches() -> Iterator[Sequence[Row]]:
            first, walk = b"-", Entries(2 * reader.ask("XLEN", key) + STEP)
            while not watch.cancelled():
                entries = reader.ask("XRANGE", key, first, "+", "COUNT", STEP) or []
                if not entries:
                    return
                walk.count(len(entries))
                walk.reach(entries[-1][0])
                yield [entry_row(key, entry) for entry in entries]
                head, _, tail = entries[-1][0].partition(b"-")
                first = head + b"-%d" % (int(tail) + 1)

        yield from _decoded(batches(), spec, positions, True, True)


def _decoded(
    batches: Iterator[Sequence[Row]], spec: FeedSpec, positions: Positions, texts: bool, with_id: bool
) -> Iterator[list[Fix]]:
    known: Optional[Decoder] = Decoder(spec.mapping, texts) if spec.mapping.has_position else None
    for rows in batches:
        decoder = known or Decoder(recognise_safely(rows, with_id, spec), texts)
        if decoder.mapping.has_position:
            known = decoder
        fixes, now = [], time.time()
        for row in each_row(rows, decoder.mapping):  # without a position each is refused, with its reason
            found = fix_safely(decoder, row, now)
            if isinstance(found, Fix):
                fixes.append(found)
            else:
                positions.refuse([found])
        yield fixes
