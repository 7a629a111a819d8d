"""Proposed feeds: each with a preview, a confidence and the reasons for it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ..json_types import JsonObject
from .decoding import each_row
from .other_uses import doubts
from .recognition import NO_ROLE, Recognition, recognise
from .records import Decoder, Fix, Refusal, Row
from .spec import FeedSpec
from .spec import Mapping as FieldMapping

PREVIEW_ROWS = 5
SAMPLE_KEYS = 30


@dataclass(frozen=True)
class Family:
    """Keys that look alike: ``pattern`` with a star for what differs, some ``keys`` as they stand on the
    server, and how many there are.
    """

    type: str
    pattern: str
    keys: list[bytes]
    total: int = 0
    orders: Mapping[str, str] = field(default_factory=dict)  # field -> order, as an index declares it

    @property
    def count(self) -> int:
        """The number of keys, as far as it is known."""
        return max(self.total, len(self.keys))


@dataclass
class Proposal:
    """``confidence`` from 0 to 1. ``reasons`` are (code, values) pairs; the words are made where they are
    shown.
    """

    spec: FeedSpec
    preview: list[Fix]
    confidence: float
    reasons: list[tuple[str, JsonObject]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    keys: int = 1
    rows: list[Row] = field(default_factory=list)


def judge(
    spec: FeedSpec,
    rows: list[Row],
    texts: bool,
    keys: int,
    with_id: bool = False,
    orders: Optional[Mapping[str, str]] = None,
) -> Optional[Proposal]:
    """A proposal from sampled rows.

    Args:
        spec: the feed; what its mapping says already is kept.
        rows: the sample.
        texts: whether the values are texts of a hash or stream.
        keys: how many keys, members or entries there are.
        with_id: whether the identity has to be found among the fields.
        orders: field -> ``lonlat`` or ``latlon``, as an index of the server declares it.

    Returns:
        None where the rows hold no positions, or do not say whose they are.
    """
    found = recognise_rows(rows, with_id, spec, orders)
    chosen = found.mapping
    if not chosen.has_position or (with_id and not (chosen.id or found.is_one_vehicle)):
        return None
    fixes, refused = preview(rows, chosen, texts)
    if not fixes and chosen.shows_positions:
        return None
    confidence = _confidence(found, len(fixes) / max(len(rows), 1), keys)
    reasons = _reasons(found, len(fixes), len(rows))
    for code, share in doubts(spec.pattern, rows, chosen, fixes):
        confidence = round(max(confidence * share, 0.05), 2)
        reasons.append((code, {}))
    return Proposal(
        spec.changed(mapping=chosen),
        fixes[:PREVIEW_ROWS],
        confidence,
        reasons,
        refused,
        keys,
        rows,
    )


def recognise_rows(
    rows: Sequence[Row], with_id: bool, spec: FeedSpec, orders: Optional[Mapping[str, str]] = None
) -> Recognition:
    """What the fields of sampled rows mean to a feed, of which what its mapping says is kept (see
    ``judge``)."""
    records = [row for row in rows if row.data is not None]
    return recognise(
        [row.data for row in records],
        idents=None if with_id else [row.id for row in records],
        with_id=with_id,
        orders=orders,
        pattern=spec.pattern,
        given=spec.mapping,
    )


def _reasons(found: Recognition, good: int, rows: int) -> list[tuple[str, JsonObject]]:
    chosen = found.mapping
    reasons = [("positions", {"good": good, "rows": rows}), *found.reasons]
    if not chosen.time:
        reasons.append(("no_time", {}))
    if chosen.heading or chosen.speed:
        reasons.append(
            ("motion", {"heading": chosen.heading, "speed": chosen.speed, "unit": chosen.speed_unit})
        )
    return reasons + [("ask_" + role, _asked(chosen)) for role in found.unsure]


def _confidence(found: Recognition, share: float, keys: int) -> float:
    """From 0.05 to 1: how sure the place is, how many of the records hold one, and what else was found."""
    chosen = found.mapping
    place = found.roles.get("place", NO_ROLE).certainty
    if not chosen.shows_positions:
        share, place = 0.0, min(place, 0.3)
    confidence = 0.2 + 0.25 * place + 0.3 * share
    confidence += 0.15 * bool(chosen.time) + 0.05 * bool(chosen.heading or chosen.speed) + 0.05 * (keys >= 3)
    return round(min(max(confidence, 0.05), 1.0), 2)


def _asked(chosen: FieldMapping) -> JsonObject:
    """The fields that a question is about."""
    place = chosen.pair or f"{chosen.lon}, {chosen.lat}"
    return {"field": place, "speed": chosen.speed, "time": chosen.time}


def preview(rows: list[Row], chosen: FieldMapping, texts: bool) -> tuple[list[Fix], list[Refusal]]:
    """The fixes and refusals that a mapping makes of sampled rows."""
    decoder, now = Decoder(chosen, texts), time.time()
    found = [decoder.fix(row, now) for row in each_row(rows, chosen)]
    return [f for f in found if isinstance(f, Fix)], [f for f in found if isinstance(f, Refusal)]
