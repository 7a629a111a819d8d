"""Values changed in the key that holds them: what writes a string, a document, fields of a hash, entries of a
list, with the lifetimes that they have."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from typing import Optional

from ..json_types import Value
from ..live.records import text_of
from ..redis.sized import Ask
from ..redis.types import Word
from .refusals import Refused, WhyRefused
from .sources import Stored
from .splicing import GONE, OPEN, Changes, Leaf, Tree, rewritten
from .values import carried, field_value

Commands = list[Sequence[Word]]
State = list[tuple[str, object]]  # what a key holds: each part and its value
ROOT = -2  # the step that means the whole value


def print_of(state: State) -> bytes:
    """What tells whether a key holds the same again."""
    digest = hashlib.sha256()
    for part, value in state:
        raw = value if isinstance(value, bytes) else repr(value).encode("utf-8", "backslashreplace")
        digest.update(f"{part!r} {len(raw)} ".encode("utf-8", "backslashreplace"))
        digest.update(raw)
    return digest.digest()


class Container:
    """A key that holds one value; ``change`` and ``delete`` it, then ask for the ``commands``."""

    def __init__(self, ask: Ask, key: bytes):
        self._ask, self.key = ask, key
        self._new: Optional[bytes] = None
        self._is_deleted = False

    def change(self, stored: Stored, tree: Tree) -> None:
        """Change members of a value. Raises Refused, and nothing is changed."""
        self._new = rewritten(stored.value, _changes(tree))

    def delete(self, _stored: Stored) -> None:
        """Delete a value."""
        self._is_deleted = True

    def commands(self) -> Commands:
        """What does all of it."""
        written = self._written(self._new) if self._new is not None else []
        return [*written, ("UNLINK", self.key)] if self._is_deleted else written

    def _written(self, new: bytes) -> Commands:
        return [("SET", self.key, new, "KEEPTTL")]

    def before(self, stored: Sequence[Stored]) -> State:
        """What the key holds now, by what was read of it."""
        return [(one.part, self._comparable(one.value)) for one in stored]

    def after(self, stored: Sequence[Stored]) -> State:
        """What it will hold when the commands were done."""
        if self._is_deleted:
            return []
        return self.before(stored) if self._new is None else [("", self._comparable(self._new))]

    def _comparable(self, value: Value) -> object:
        return value


class DocumentContainer(Container):
    """A document of the server's own type."""

    def _written(self, new: bytes) -> Commands:
        return [("JSON.SET", self.key, "$", new)]

    def _comparable(self, value: Value) -> object:
        """What it says: the server writes it in its own way."""
        try:
            return json.dumps(json.loads(value), sort_keys=True)
        except (ValueError, TypeError, RecursionError):
            return value


class ListContainer(Container):
    """A list. Entries that go become a word that nobody else writes, and then all go at once, so that the
    places of the others hold until then."""

    def __init__(self, ask: Ask, key: bytes):
        super().__init__(ask, key)
        self._changed: dict[int, bytes] = {}
        self._gone: list[int] = []

    def change(self, stored: Stored, tree: Tree) -> None:
        """Change an entry."""
        self._changed[int(stored.part)] = rewritten(stored.value, _changes(tree))

    def delete(self, stored: Stored) -> None:
        """Delete an entry."""
        self._gone.append(int(stored.part))

    def commands(self) -> Commands:
        """What does all of it."""
        changed: Commands = [("LSET", self.key, place, new) for place, new in self._changed.items()]
        if not self._gone:
            return changed
        word = b"redis_geo:" + secrets.token_hex(16).encode()
        gone: Commands = [("LSET", self.key, place, word) for place in self._gone]
        return [*changed, *gone, ("LREM", self.key, len(gone), word)]

    def after(self, stored: Sequence[Stored]) -> State:
        """The entries that stay, with their new numbers."""
        kept = [
            self._changed.get(int(one.part), one.value) for one in stored if int(one.part) not in self._gone
        ]
        return [(str(number), value) for number, value in enumerate(kept)]


class HashContainer(Container):
    """A hash: one record, or a value in each field."""

    def __init__(self, ask: Ask, key: bytes):
        super().__init__(ask, key)
        self._put: dict[bytes, bytes] = {}
        self._gone: list[bytes] = []
        self._there: Optional[dict[bytes, bytes]] = None

    def change(self, stored: Stored, tree: Tree) -> None:
        """Change a field, or fields of the record."""
        if stored.part:
            self._put[_name(stored)] = rewritten(stored.value, _changes(tree))
            return
        new, gone = _of_record(self._fields(), tree)
        self._put.update(new)
        self._gone += gone

    def delete(self, stored: Stored) -> None:
        """Delete a field, or the hash where it is one record."""
        if stored.part:
            self._gone.append(_name(stored))
        else:
            super().delete(stored)

    def commands(self) -> Commands:
        """What does all of it; a field with a lifetime of its own keeps it."""
        if self._is_deleted:
            return [("UNLINK", self.key)]
        found: Commands = []
        if self._put:
            found.append(("HSET", self.key, *[word for pair in self._put.items() for word in pair]))
            found += self._lifetimes(list(self._put))
        if self._gone:
            found.append(("HDEL", self.key, *self._gone))
        return found

    def before(self, stored: Sequence[Stored]) -> State:
        """Its fields: one that is left alone may be taken for a record, and another for a feature."""
        if stored and all(one.part and isinstance(one.value, bytes) for one in stored):
            return sorted((one.part, one.value) for one in stored)
        return sorted((text_of(name), value) for name, value in self._fields().items())

    def after(self, stored: Sequence[Stored]) -> State:
        """Its fields as they will be."""
        if self._is_deleted:
            return []
        found = dict(self.before(stored))
        found.update((text_of(name), value) for name, value in self._put.items())
        gone = set(map(text_of, self._gone))
        return sorted((name, value) for name, value in found.items() if name not in gone)

    def _fields(self) -> dict[bytes, bytes]:
        if self._there is None:
            reply = self._ask([("HGETALL", self.key)])[0]
            if isinstance(reply, Exception):
                raise reply
            self._there = reply if isinstance(reply, dict) else dict(zip(reply[::2], reply[1::2]))
        return self._there

    def _lifetimes(self, names: list[bytes]) -> Commands:
        """What gives fields the end again that they have now: HSET takes it from them. Servers before Redis
        7.4 and Valkey 9 have no such lifetimes, and do not know the question."""
        ends = self._ask([("HPEXPIRETIME", self.key, "FIELDS", len(names), *names)])[0]
        if not isinstance(ends, list):
            return []
        return [
            ("HPEXPIREAT", self.key, end, "FIELDS", 1, name)
            for name, end in zip(names, ends)
            if isinstance(end, int) and end > 0
        ]


_BY_TYPE = {"string": Container, "ReJSON-RL": DocumentContainer, "list": ListContainer, "hash": HashContainer}


def container_of(kind: str, ask: Ask, key: bytes) -> Container:
    """What changes a key of a type."""
    return _BY_TYPE[kind](ask, key)


def _changes(tree: Tree) -> Changes:
    return tree.get(ROOT, tree)


def _name(stored: Stored) -> bytes:
    """The field that a value stands in. Raises Refused for a name that is no text."""
    name = stored.part.encode("utf-8", "surrogateescape")
    if text_of(name) != stored.part:
        raise Refused(WhyRefused.NOT_WRITTEN)
    return name


def _of_record(fields: dict[bytes, bytes], tree: Tree) -> tuple[dict[bytes, bytes], list[bytes]]:
    """The fields that get a new value, and those that go."""
    names = {text_of(name): name for name in fields}
    record = {name: field_value(fields[raw]) for name, raw in names.items()}
    objects = [name for name, raw in names.items() if fields[raw][:1] == b"{"]
    carrier, inner = carried(record, objects)
    new: dict[bytes, bytes] = {}
    gone: list[bytes] = []
    of_carrier: Tree = {}
    for step, change in tree.items():
        name = str(step)
        if inner is not None and (name in inner or name not in names):
            of_carrier[name] = change
            continue
        raw = names.get(name, name.encode("utf-8", "replace"))
        if change is GONE:
            gone.append(raw)
        elif isinstance(change, Leaf):
            new[raw] = _bytes(change)
        elif raw in fields and set(change) == {OPEN}:
            new[raw] = rewritten(fields[raw], change[OPEN])
        else:
            raise Refused(WhyRefused.CHANGED)
    if of_carrier:
        new[names[carrier]] = rewritten(fields[names[carrier]], of_carrier)
    return new, gone


def _bytes(leaf: Leaf) -> bytes:
    value = leaf.value
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise Refused(WhyRefused.NOT_WRITTEN)
    return value.encode()
