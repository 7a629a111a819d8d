"""A feed that could be made of what was found: with a preview, a confidence and the reasons for it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Optional

from .guess import mapping as guess_mapping
from .records import Decoder, Fix, Refusal, Row
from .spec import FeedSpec, Mapping

PREVIEW_ROWS = 5
SAMPLE_KEYS = 30


@dataclass(frozen=True)
class Family:
    """Keys that look alike: ``pattern`` with a star for what differs, ``keys`` as they stand on the server."""

    type: str
    pattern: str
    keys: list[bytes]


@dataclass
class Proposal:
    """``confidence`` from 0 to 1. ``reasons`` are (code, values) pairs; the words are made where they are shown."""

    spec: FeedSpec
    preview: list[Fix]
    confidence: float
    reasons: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    keys: int = 1
    rows: list[Row] = field(default_factory=list)


def judge(spec: FeedSpec, rows: list[Row], texts: bool, keys: int, with_id: bool = False) -> Optional[Proposal]:
    """A proposal from sampled rows, None where they hold no positions. A mapping that the spec has is kept."""
    chosen = spec.mapping
    if not chosen.has_position:
        chosen = guess_mapping([r.data for r in rows if r.data is not None], with_id)
        if not chosen.has_position:
            return None
        spec = spec.changed(mapping=chosen)
    fixes, refused = preview(rows, chosen, texts)
    if not fixes:
        return None
    share = len(fixes) / max(len(rows), 1)
    reasons: list[tuple[str, dict[str, Any]]] = [("positions", {"good": len(fixes), "rows": len(rows)})]
    confidence = 0.45 + 0.3 * share
    if chosen.pair:
        reasons.append(("pair_" + chosen.pair_order, {"field": chosen.pair}))
        confidence -= 0.05 if _order_is_sure(fixes, chosen) else 0.15
    else:
        reasons.append(("fields", {"lon": chosen.lon, "lat": chosen.lat}))
        short = {chosen.lon.lower(), chosen.lat.lower()} <= {"x", "y"}
        confidence -= 0.25 if short else 0.0
    if chosen.time:
        reasons.append(("time", {"field": chosen.time, "form": time_form(rows, chosen.time)}))
        confidence += 0.15
    else:
        reasons.append(("no_time", {}))
    if chosen.heading or chosen.speed:
        reasons.append(("motion", {"heading": chosen.heading, "speed": chosen.speed, "unit": chosen.speed_unit}))
        confidence += 0.05
    if keys >= 3:
        confidence += 0.05
    return Proposal(spec, fixes[:PREVIEW_ROWS], round(min(max(confidence, 0.05), 1.0), 2), reasons, refused, keys, rows)


def preview(rows: list[Row], chosen: Mapping, texts: bool) -> tuple[list[Fix], list[Refusal]]:
    """The fixes and refusals that a mapping makes of sampled rows."""
    decoder, now = Decoder(chosen, texts), time.time()
    found = [decoder.fix(row, now) for row in rows]
    return [f for f in found if isinstance(f, Fix)], [f for f in found if isinstance(f, Refusal)]


def time_form(rows: list[Row], path: str) -> str:
    """How times are written: ``s``, ``ms``, ``iso`` (with zone) or ``iso_utc`` (without, read as UTC)."""
    from .guess import lookup
    from .values import number

    for row in rows:
        value = lookup(row.data, path) if row.data is not None else None
        amount = number(value)
        if amount is not None:
            return "s" if abs(amount) < 1e11 else "ms"
        if isinstance(value, str) and len(value) >= 10:
            tail = value[10:]
            return "iso" if tail[-1:] in ("Z", "z") or "+" in tail or "-" in tail else "iso_utc"
    return ""


def _order_is_sure(fixes: list[Fix], chosen: Mapping) -> bool:
    """Whether the values alone tell which of the pair is the longitude."""
    return any(abs(fix.lon) > 90.0 for fix in fixes) or chosen.pair.lower().endswith("coordinates")
