"""Decoding and judging in which a record that raises is refused alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Optional, Union

from .columns import decode
from .fences import Event, Fences
from .fleet import Fixes
from .positions import Judged, Positions, refusal_of
from .proposals import recognise_rows
from .records import Decoder, Fix, Refusal, RefusalReason, Row, raw_text, text_of
from .spec import FeedSpec, Mapping

_log = logging.getLogger("redis_geo")


def decode_safely(decoder: Decoder, rows: Sequence[Row], receipt: float) -> Optional[Fixes]:
    """``columns.decode``; None also where it raises, as then each record has to be looked at by itself."""
    try:
        return decode(decoder, rows, receipt)
    except Exception:
        _log.debug("records could not be decoded together", exc_info=True)
        return None


def fix_safely(decoder: Decoder, row: Row, receipt: float) -> Union[Fix, Refusal]:
    """``Decoder.fix``; a record that makes it raise is refused as unreadable."""
    try:
        found: Union[Fix, Refusal] = decoder.fix(row, receipt)
        return found
    except Exception:
        _log.debug("a record could not be decoded", exc_info=True)
        return Refusal(
            RefusalReason.UNREADABLE, row.id, text_of(row.key), _raw_text(row.raw or row.data), receipt
        )


def recognise_safely(rows: Sequence[Row], with_id: bool, spec: FeedSpec) -> Mapping:
    """Return what the fields of sampled rows mean to a feed; records that break recognition are left out."""
    known = [row for row in rows if row.data is not None]
    try:
        return recognise_rows(known, with_id, spec).mapping
    except Exception:
        _log.debug("the meaning of the fields could not be told from all records", exc_info=True)
        good = [row for row in known if _can_be_recognised(row, with_id, spec)]
        return recognise_rows(good, with_id, spec).mapping


def _can_be_recognised(row: Row, with_id: bool, spec: FeedSpec) -> bool:
    try:
        recognise_rows([row], with_id, spec)
    except Exception:
        return False
    return True


def judge_safely(
    positions: Positions, fixes: Union[list[Fix], Fixes], now: float, with_moves: bool = False
) -> Iterator[Judged]:
    """``Positions.judge``; where it raises, each fix is judged by itself and one that raises is refused.

    Each judgement has to be kept before the next is asked for.
    """
    try:
        judged = positions.judge(fixes, now, with_moves)
    except Exception:
        _log.debug("fixes could not be judged together", exc_info=True)
        for fix in list(fixes.each() if isinstance(fixes, Fixes) else fixes):
            yield _judge_alone(positions, fix, now, with_moves)
    else:
        yield judged


def _judge_alone(positions: Positions, fix: Fix, now: float, with_moves: bool) -> Judged:
    try:
        return positions.judge([fix], now, with_moves)
    except Exception:
        _log.debug("a fix could not be judged", exc_info=True)
        nothing = Fixes.of([])
        refusal = refusal_of(fix, RefusalReason.UNREADABLE)
        return Judged(nothing, positions.latest.find([]), refusals=[refusal])


def events_safely(fences: Fences, moves: list[tuple[Fix, Fix]]) -> list[Event]:
    """``Fences.events``; where it raises, each way is judged by itself and those that raise are left out."""
    try:
        return fences.events(moves)
    except Exception:
        _log.debug("ways could not be judged together", exc_info=True)
    found: list[Event] = []
    for move in moves:
        try:
            found += fences.events([move])
        except Exception:
            _log.debug("a way could not be judged", exc_info=True)
    return found


def _raw_text(raw: object) -> str:
    try:
        return raw_text(raw)
    except Exception:
        return "…"
