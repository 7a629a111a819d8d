"""One layout of positions in Redis as data, and the registry of all of them (see layouts.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Optional

Place = tuple[float, float]
KNOT = 1852.0 / 3600.0  # metres a second


@dataclass(frozen=True)
class Layout:
    """One way of keeping positions. ``commands`` are as the server gets them; ``pattern`` is what a user types (empty: only
    what is found unasked matters). ``count`` is the number of vehicles, 0 where nothing may be shown. ``speed`` (m/s),
    ``heading`` (degrees) and ``time`` (seconds since 1970) are those of the vehicles of ``right``, NONE where none may be
    shown, None where nothing is said. ``needs`` names the module a server must have."""

    name: str
    origin: str
    commands: list[tuple[Any, ...]]
    pattern: str
    right: dict[str, Place] = field(default_factory=dict)
    count: int = 0
    speed: Any = None
    heading: Any = None
    time: Optional[float] = None
    asked: tuple[str, ...] = ()
    needs: str = ""

    def write(self, client: Any) -> None:
        """Send the commands with a redis-py client."""
        for command in self.commands:
            client.execute_command(*command)

    @property
    def values(self) -> dict[str, Any]:
        """Key -> value of those commands that set one (SET, JSON.SET: the value; HSET: a dict; lists and streams: a list)."""
        found: dict[str, Any] = {}
        for name, key, *rest in self.commands:
            if name == "SET":
                found[key] = rest[0]
            elif name == "JSON.SET":
                found[key] = rest[1]
            elif name == "HSET":
                found.setdefault(key, {}).update(zip(map(str, rest[::2]), map(str, rest[1::2])))
            elif name == "LPUSH":
                found[key] = [*rest[::-1], *found.get(key, [])]
            elif name == "XADD":
                found.setdefault(key, []).append(dict(zip(map(str, rest[1::2]), map(str, rest[2::2]))))
        return found


NONE = float("nan")  # a value that must not be shown
MADE: dict[str, Callable[[float], Layout]] = {}


def register(make: Callable[[float], Layout]) -> Callable[[float], Layout]:
    MADE[make.__name__] = make
    return make


def place(i: int) -> Place:
    """Longitude and latitude of the i-th vehicle, in Paris."""
    return round(2.30 + i / 100, 5), round(48.80 + i / 200, 5)


def iso(moment: float) -> str:
    """ISO 8601 with the zone UTC."""
    return datetime.fromtimestamp(moment, timezone.utc).isoformat()


def set_command(key: str, value: Any) -> tuple[Any, ...]:
    return ("SET", key, value if isinstance(value, (str, bytes)) else json.dumps(value))


def hset_command(key: str, **values: Any) -> tuple[Any, ...]:
    return ("HSET", key, *(part for pair in values.items() for part in pair))


def point(i: int) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(place(i))}
