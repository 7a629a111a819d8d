"""The specification of a live set of features: where they lie and how they are read. Plain data, stored in
the project."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..live.json_text import escaped
from ..live.spec import known_fields
from .reading import ReadRequest

INTERVAL = 2.0  # seconds


@dataclass(frozen=True)
class SetSpec:
    """One live set.

    ``source``, ``format``, ``geometry_field``, ``crs`` and ``id_field`` are those of a ReadRequest;
    ``interval`` (seconds) is the shortest time from one reading to the next. Never holds a secret:
    ``connection`` is the name of a saved connection, empty for the active one.
    """

    name: str = ""
    source: str = ""
    format: str = ""
    geometry_field: str = ""
    crs: str = ""
    id_field: str = ""
    connection: str = ""
    interval: float = INTERVAL
    uid: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def request(self) -> ReadRequest:
        """What is read."""
        return ReadRequest(self.source, self.format, self.geometry_field, self.crs, self.id_field)

    def reads_otherwise(self, other: SetSpec) -> bool:
        """Whether a running set has to start anew to follow the other: it reads elsewhere, or otherwise."""
        return (self.request, self.connection) != (other.request, other.connection)

    def to_json(self) -> str:
        """Return the spec as it is kept in a project."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    def changed(self, **values: Any) -> SetSpec:
        """Return the spec with other values."""
        return replace(self, **values)


def from_json(text: str) -> SetSpec:
    """Read a spec; unknown names are ignored (a newer version wrote them).

    Raises ValueError for what is none: no JSON, a value of the wrong type, a number that is none or out of
    bounds, no source.
    """
    try:
        spec = SetSpec(**known_fields(SetSpec, escaped(json.loads(text))))
    except (TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"not a set of features: {error}") from error
    if not spec.source or not spec.uid:
        raise ValueError("not a set of features: it names no keys")
    return spec
