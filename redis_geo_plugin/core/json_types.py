"""What JSON holds, as types: jobs, health lines, attributes, and what others wrote, are of these."""

from __future__ import annotations

from typing import Any, Union

JsonValue = Union[
    None, bool, int, float, str, "list[JsonValue]", "dict[str, JsonValue]"
]  # of others: unknown
JsonObject = dict[str, Any]  # its members are of the types that its reader checks, or its writer knows
Value = Any  # of others, decoded: bytes, a text, an object or a list of JSON; narrowed by whoever reads it
