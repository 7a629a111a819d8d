"""A tree of key names by ``:``, made of a sample and scaled up to the whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Optional

from . import key_families

DEEPEST = 5  # levels; what is deeper belongs to the name of the key
WIDEST = 40  # more branches than that under one node are shown as one, named *
NOTABLE = 0.02  # a branch with that share of its parent's keys keeps its own line
LOOSE = "*"


@dataclass(frozen=True)
class Key:
    """One key that was looked at closely. ``ttl`` in seconds, None for none; ``size`` in bytes, None where
    unknown; ``ours``: the plugin itself would write it, so that it may be changed from the window."""

    name: bytes
    kind: str
    ttl: Optional[float]
    size: Optional[int]
    ours: bool = False

    @property
    def exact(self) -> bool:
        """Whether its size is exact: of values of many parts the server measures a few."""
        return self.size is not None and self.kind == "string"


@dataclass
class Node:
    """A start of key names. ``prefix`` ends in ``:`` (empty for the root); ``names`` are the sampled keys
    right here, each of which stands for ``scale`` keys of the server, ``singles`` keys that are known to be
    there and stand for themselves, and ``keys`` those of both that were looked at closely."""

    name: str
    prefix: bytes
    children: dict[str, Node] = field(default_factory=dict)
    names: list[bytes] = field(default_factory=list)
    singles: list[bytes] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    own: bool = False
    collapsed: bool = False  # stands for many branches: its prefix is its parent's

    def nodes(self) -> Iterator[Node]:
        """This node and all below."""
        yield self
        for child in self.children.values():
            yield from child.nodes()

    @property
    def seen(self) -> int:
        """Keys seen here and below."""
        return sum(len(node.names) + len(node.singles) for node in self.nodes())

    def estimate(self, scale: float) -> float:
        """The keys of the server here and below."""
        return sum(node.here(scale) for node in self.nodes())

    def here(self, scale: float) -> float:
        """The keys of the server right here."""
        return len(self.names) * scale + len(self.singles)

    def known(self) -> list[Key]:
        """The keys looked at closely, here and below."""
        return [key for node in self.nodes() for key in node.keys]

    def bytes(self, scale: float) -> float:
        """The memory of the keys of the server here and below."""
        return sum(node.bytes_here(scale) for node in self.nodes())

    def bytes_here(self, scale: float) -> float:
        """The memory of the keys right here, from the mean size of the sampled keys looked at closely."""
        alone = set(self.singles)
        known = sum(key.size or 0 for key in self.keys if key.name in alone)
        return len(self.names) * self.mean_size() * scale + known

    def is_exact(self, scale: float) -> bool:
        """Whether the memory of the keys here and below is exact: each was seen, and measured as a whole."""
        return scale == 1.0 and all(node._is_exact_here() for node in self.nodes())

    def is_exact_here(self, scale: float) -> bool:
        """The same of the keys right here."""
        return scale == 1.0 and self._is_exact_here()

    def _is_exact_here(self) -> bool:
        measured = {key.name for key in self.keys if key.exact}
        return measured.issuperset(self.names) and measured.issuperset(self.singles)

    def mean_size(self) -> float:
        """Bytes per sampled key right here; 0 where no size is known."""
        alone = set(self.singles)
        sizes = [key.size for key in self.keys if key.size is not None and key.name not in alone]
        return sum(sizes) / len(sizes) if sizes else 0.0

    def kinds(self) -> list[str]:
        """The types here and below, sorted."""
        return sorted({key.kind for key in self.known()})


def build(names: Iterable[bytes], singles: Iterable[bytes] = (), tenant: bytes = b"") -> Node:
    """The tree of a sample of names and of single keys, which all begin with the tenant's prefix. The
    plugin's own branches come first, then the fullest."""
    root, prefix_length = Node("", tenant), len(tenant)
    alone = set(singles)
    for name in alone:
        _place(root, name, prefix_length).singles.append(name)
    for name in names:
        if name not in alone:
            _place(root, name, prefix_length).names.append(name)
    _tidy(root, prefix_length)
    return root


def _place(node: Node, name: bytes, prefix_length: int) -> Node:
    """The branch of a name, made where it is missing."""
    for part in name[prefix_length:].split(b":")[:-1][: DEEPEST - 1]:
        text = part.decode("utf-8", "backslashreplace")
        child = node.children.get(text)
        if child is None:
            child = node.children[text] = Node(text, node.prefix + part + b":")
        node = child
    return node


def _tidy(node: Node, prefix_length: int) -> None:
    node.own = key_families.is_own_prefix(node.prefix[prefix_length:]) and len(node.prefix) > prefix_length
    if len(node.children) > WIDEST:
        _collapse(node, prefix_length)
    for child in node.children.values():
        _tidy(child, prefix_length)
    order = sorted(node.children.values(), key=lambda child: (not child.own, -child.seen, child.name))
    node.children = {child.name: child for child in order}


def _collapse(node: Node, prefix_length: int) -> None:
    """Join the thin branches, such as the ids of a thousand users, into one."""
    enough = max(2, NOTABLE * node.seen)
    loose = Node(LOOSE, node.prefix, collapsed=True)
    kept: list[Node] = []
    for child in sorted(node.children.values(), key=lambda branch: -branch.seen):
        notable = key_families.is_own_prefix(child.prefix[prefix_length:]) or child.seen >= enough
        if notable and len(kept) < WIDEST:
            kept.append(child)
            continue
        for inner in child.nodes():
            loose.names.extend(inner.names)
            loose.singles.extend(inner.singles)
    node.children = {child.name: child for child in [*kept, loose]}
