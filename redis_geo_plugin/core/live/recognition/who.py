"""Recognises the field for the identity: it repeats over time, is unique at a moment, and its vehicle
moves like one."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Optional

from . import names
from .motion import metres
from .role import NO_ROLE, SURE, Role
from .sample import Column, RecordSample

FASTEST = 400.0  # metres a second, as ``FeedSpec.max_speed``
PRESENT = 0.9  # share of the records that have to say who
JUMPING = 0.2  # share of the steps that may be impossible
SHORTER = 0.25  # of a usual step from record to record are most of those of one vehicle
STEPS, MOST = 4, 0.8  # of one vehicle that tell it, and the share of them that is so short
ENOUGH = 6  # records from which one can tell whether a value repeats

Track = Sequence[Optional[tuple[float, float, Optional[float]]]]  # lon, lat, time of each record


def find(sample: RecordSample, track: Track, is_history: bool) -> Role:
    """Return the likeliest identity.

    ``is_history``: the records are of a stream, in which a vehicle comes again and again. Otherwise they are
    of one moment, at which each vehicle has one record.
    """
    candidates = []
    columns = [one for one in sample.columns.values() if one.present >= PRESENT * len(sample)]
    repeating = is_history and any(
        _repeats(one) if _prior(one) > SURE else _tells_ways_apart(one, track) for one in columns
    )
    for column in columns:
        prior = _prior(column)
        if prior <= 0.0:
            continue
        values = column.scalars()
        if values.count(None) > (1.0 - PRESENT) * len(values):
            continue
        certainty = prior * (_over_time(column, values, track, repeating) if is_history else _at_once(values))
        if certainty > 0.3:
            candidates.append(
                Role({"id": column.path}, round(certainty, 3), [("identity", {"field": column.path})])
            )
    return max(
        candidates,
        key=lambda role: (role.certainty, -len(role.fields["id"]), role.fields["id"]),
        default=NO_ROLE,
    )


def is_one_vehicle(track: Track) -> bool:
    """Return whether records in the order of a stream are the track of a single vehicle.

    There are many of them, each at its own time, and there is no jump.
    """
    known = [here for here in track if here is not None]
    moments = [here[2] for here in known]
    if len(known) < ENOUGH or None in moments or len(set(moments)) < len(moments):
        return False
    return not any(_is_jump(before, here) for before, here in zip(known, known[1:]))


def glued(pattern: str) -> bool:
    """Return whether the star of a key pattern cuts through a name: ``vehicle7*`` but not ``vehicle:*``."""
    head, star, _ = pattern.partition("*")
    return bool(star) and head[-1:].isalnum()


def find_whole(sample: RecordSample) -> Role:
    """Return the field that holds the whole id, if the ``*`` of the key stands only for its end."""
    best = find(sample, [None] * len(sample), is_history=False)
    path = best.fields.get("id")
    if path is None or sample.idents is None:
        return NO_ROLE
    ends = [
        value is not None and str(value).endswith(ident) and len(str(value)) > len(ident)
        for value, ident in zip(sample.columns[path].scalars(), sample.idents)
    ]
    return best if ends and sum(ends) >= PRESENT * len(ends) else NO_ROLE


def _prior(column: Column) -> float:
    prior = names.IDS.get(column.name, 0.0)
    if not prior and column.words & {"id", "ref", "uuid"} and not column.words & names.GROUPS:
        prior = 0.7
    if prior and column.name in ("id", "name", "uid", "uuid", "label") and column.above & names.GROUPS:
        prior -= 0.4  # trip.id
    elif (
        prior
        and column.name in ("id", "name")
        and column.above & {"vehicle", "device", "driver", "tracker", "asset"}
    ):
        prior = 0.9
    return max(prior - 0.01 * column.depth, 0.0)


def _at_once(values: Sequence[object]) -> float:
    """Return whether each vehicle is there once at any moment."""
    known = [value for value in values if value is not None]
    return 1.0 if len(set(map(str, known))) == len(known) else 0.0


def _repeats(column: Column) -> bool:
    values = [value for value in column.scalars() if value is not None]
    return 1 < len(set(values)) < len(values) or (len(values) >= 3 and len(set(values)) == 1)


def _tells_ways_apart(column: Column, track: Track) -> bool:
    """Return whether a field without a telling name repeats as an identity does.

    The records of each of its values are one track without a jump, with steps far shorter than those from
    record to record.
    """
    if not _repeats(column) or column.words & names.GROUPS:
        return False
    last: dict[str, tuple[float, float, Optional[float]]] = {}
    within, across = [], []
    before: Optional[tuple[float, float, Optional[float]]] = None
    for value, here in zip(column.scalars(), track):
        if value is None or here is None:
            continue
        if before is not None:
            across.append(metres(before[:2], here[:2]))
        same = last.get(str(value))
        if same is not None:
            if _is_jump(same, here):
                return False
            within.append(metres(same[:2], here[:2]))
        last[str(value)] = before = here
    if len(last) < 2 or len(within) < STEPS:
        return False
    short = SHORTER * median(across)
    return sum(step < short for step in within) >= MOST * len(within)


def _over_time(column: Column, values: Sequence[object], track: Track, repeating: bool) -> float:
    if repeating and len(values) >= ENOUGH and not _repeats(column):
        return 0.3  # each row has its own, while others repeat: the row's number
    steps, jumps = 0, 0
    last: dict[str, tuple[float, float, Optional[float]]] = {}
    for value, here in zip(values, track):
        if value is None or here is None:
            continue
        before = last.get(str(value))
        if before is not None:
            steps += 1
            jumps += _is_jump(before, here)
        last[str(value)] = here
    share = jumps / steps if steps else 0.0
    return 1.0 if share <= JUMPING else max(0.0, 1.0 - 2.0 * share)


def _is_jump(
    before: tuple[float, float, Optional[float]], here: tuple[float, float, Optional[float]]
) -> bool:
    """Return whether nothing moves so far in that time. At one moment, two places are two vehicles."""
    away = metres(before[:2], here[:2])
    if before[2] is None or here[2] is None:
        return away > 50_000.0
    return away > 100.0 + FASTEST * abs(here[2] - before[2])
