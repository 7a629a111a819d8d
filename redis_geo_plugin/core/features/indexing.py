"""An index of the query engine over features that were published as hashes or documents.

https://redis.io/docs/latest/commands/ft.create/
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..redis import production
from ..redis.redispy import exceptions
from ..redis.server import Server
from ..redis.types import Word
from .indexes import check_coordinator
from .writing import GEOMETRY, PublishFormat

CREATED, EXISTS, NO_ENGINE = "created", "exists", "no_engine"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_TYPES = {"int": "NUMERIC", "real": "NUMERIC", "bool": "TAG", "text": "TEXT"}


def create_index(
    server: Server, name: str, form: PublishFormat, prefix: bytes, fields: Sequence[tuple[str, str]]
) -> str:
    """Create an index over the keys that begin with a prefix.

    Args:
        server: where.
        name: of the index.
        form: HASH or DOCUMENT.
        prefix: of the keys, with the tenant's.
        fields: attributes with their types (int, real, bool, text); those with odd names are left out.

    Returns:
        CREATED, EXISTS where one of the name is there, NO_ENGINE where the server has no query engine.

    Raises:
        IndexProblem: a cluster whose nodes each know an index of their own keys only.
        ResponseError: the engine's own refusal.
    """
    production.check(server.settings)
    check_coordinator(server)
    is_document = form is PublishFormat.DOCUMENT

    def named(field: str) -> list[Word]:
        return [f"$.{field}", "AS", field] if is_document else [field]

    words: list[Word] = ["FT.CREATE", name, "ON", "JSON" if is_document else "HASH", "PREFIX", 1, prefix]
    words += ["SCHEMA", *named(GEOMETRY), "GEOSHAPE", "SPHERICAL"]
    for field, kind in fields:
        if _PLAIN.match(field) and field != GEOMETRY and kind in _TYPES:
            words += [*named(field), _TYPES[kind]]
    try:
        server.bulk.execute_command(*words)
    except exceptions.ResponseError as error:
        said = str(error).lower()
        if "already exists" in said:
            return EXISTS
        if "unknown command" in said:
            return NO_ENGINE
        raise
    return CREATED
