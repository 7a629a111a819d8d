"""The result of recognition for one role: the choice, how sure it is, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...json_types import JsonObject

SURE = 0.5  # below, the user is asked

Reason = tuple[str, JsonObject]


@dataclass
class Role:
    """The result for one role. ``fields`` are fields of ``Mapping`` with values; ``certainty`` is from 0
    to 1; ``reasons`` are codes with values."""

    fields: JsonObject = field(default_factory=dict)
    certainty: float = 0.0
    reasons: list[Reason] = field(default_factory=list)
    asks: tuple[str, ...] = ()  # the roles that have to be asked


NO_ROLE = Role()
