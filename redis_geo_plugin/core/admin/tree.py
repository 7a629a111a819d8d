"""A tree of key names by ``:``, made of a sample and scaled up to the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Optional

from . import own

DEEPEST = 5  # levels; what is deeper belongs to the name of the key
WIDEST = 40  # more branches than that under one node are shown as one, named *
LOOSE = "*"


@dataclass(frozen=True)
class Key:
    """One key that was looked at closely. ``ttl`` in seconds, None for none; ``size`` in bytes, None where unknown."""

    name: bytes
    kind: str
    ttl: Optional[float]
    size: Optional[int]


@dataclass
class Node:
    """A start of key names. ``prefix`` ends in ``:`` (empty for the root); ``names`` are the sampled keys right here,
    ``keys`` those among them that were looked at closely."""

    name: str
    prefix: bytes
    children: dict[str, Node] = field(default_factory=dict)
    names: list[bytes] = field(default_factory=list)
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
        """Sampled keys here and below."""
        return sum(len(node.names) for node in self.nodes())

    def known(self) -> list[Key]:
        """The keys looked at closely, here and below."""
        return [key for node in self.nodes() for key in node.keys]

    def bytes_seen(self) -> float:
        """The memory of the sampled keys, from the mean size of those looked at closely."""
        return sum(len(node.names) * node.mean_size() for node in self.nodes())

    def mean_size(self) -> float:
        """Bytes per key right here; 0 where no size is known."""
        sizes = [key.size for key in self.keys if key.size is not None]
        return sum(sizes) / len(sizes) if sizes else 0.0

    def kinds(self) -> list[str]:
        """The types here and below, sorted."""
        return sorted({key.kind for key in self.known()})


def build(names: list[bytes], tenant: bytes = b"") -> Node:
    """The tree of these names, which all begin with the tenant's prefix. The plugin's own branches come first, then the
    fullest."""
    root, prefix_length = Node("", tenant), len(tenant)
    for name in names:
        node = root
        for part in name[prefix_length:].split(b":")[:-1][: DEEPEST - 1]:
            text = part.decode("utf-8", "backslashreplace")
            child = node.children.get(text)
            if child is None:
                child = node.children[text] = Node(text, node.prefix + part + b":")
            node = child
        node.names.append(name)
    _tidy(root, prefix_length)
    return root


def _tidy(node: Node, prefix_length: int) -> None:
    node.own = own.is_own_prefix(node.prefix[prefix_length:]) and len(node.prefix) > prefix_length
    if len(node.children) > WIDEST:
        _collapse(node, prefix_length)
    for child in node.children.values():
        _tidy(child, prefix_length)
    order = sorted(node.children.values(), key=lambda child: (not child.own, -child.seen, child.name))
    node.children = {child.name: child for child in order}


def _collapse(node: Node, prefix_length: int) -> None:
    """Join the thin branches, such as the ids of a thousand users, into one."""
    by_size = sorted(
        node.children.values(),
        key=lambda child: (not own.is_own_prefix(child.prefix[prefix_length:]), -child.seen),
    )
    kept, thin = by_size[: WIDEST // 2], by_size[WIDEST // 2 :]
    loose = Node(LOOSE, node.prefix, collapsed=True)
    for branch in thin:
        for inner in branch.nodes():
            loose.names.extend(inner.names)
    node.children = {child.name: child for child in [*kept, loose]}
