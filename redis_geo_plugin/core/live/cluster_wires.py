"""Commands to the nodes of a cluster, on one connection each, with replies as the servers send them.

redis-py's cluster client shapes replies by the command (a dict for HGETALL, pairs for XRANGE), which a single
server's connection does not, and drops connections that are in use when it learns the layout anew.
Redirections: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Optional

from ..redis.cluster_map import ClusterMap
from ..redis.redispy import exceptions
from ..redis.types import Reply
from .connection import Wire, Word

MOST_REDIRECTIONS = 8  # of one command: a slot moves once, and a node may hear of it late
PAUSE = 0.1  # seconds before a command is sent again whose keys are between two nodes
AT_ONCE = 500  # commands sent to a node before its replies are read
# Commands without a key, which a node answers for itself.
_OF_EVERY_NODE = frozenset({"DBSIZE", "PUBSUB"})
_OF_ANY_NODE = frozenset({"PING", "INFO", "CLUSTER", "COMMAND", "TIME", "CONFIG", "ACL"})
_OF_MANY_KEYS = {"MGET": 0, "JSON.MGET": 1}  # and how many words follow the keys
_KEY_SECOND = frozenset({"MEMORY", "OBJECT", "XINFO", "DEBUG"})  # after a word that says what is asked


class ClusterWires:
    """Routes commands to the nodes of a cluster. For one thread, but for ``close``.

    ``moved`` is set when a node sent a command elsewhere: the layout is another than it was.
    """

    def __init__(self, cluster_map: ClusterMap):
        self._map = cluster_map
        self._wires: dict[str, Wire] = {}  # by the name of their node
        self._layout: tuple[Any, ...] = ()
        self.moved = False

    def ask(self, *words: Word) -> Reply:
        """Send one command; returns its reply.

        Raises redis-py's errors, ResponseError for the server's no.
        """
        name = _name(words)
        if name in _OF_EVERY_NODE:
            return _merged([self.ask_node(node, *words) for node in self.nodes])
        if name in _OF_MANY_KEYS:
            return self._ask_for_each(words, _OF_MANY_KEYS[name])
        reply = self.ask_many([words])[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _ask_for_each(self, words: Sequence[Word], after: int) -> list[Reply]:
        """Ask for each key of a command by itself, as they may lie on different nodes; ``after`` words follow
        them.
        """
        end = len(words) - after
        replies = self.ask_many([(words[0], key, *words[end:]) for key in words[1:end]])
        for reply in replies:
            if isinstance(reply, Exception):
                raise reply
        return [item for reply in replies for item in reply]

    def ask_many(self, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """Send commands, those of each node together; returns the replies in the order of the commands.

        A refused one gives its ResponseError in its place. Raises ConnectionError and TimeoutError where a
        node is away, and ClusterDownError where nobody serves a slot.
        """
        replies: list[Reply] = [None] * len(commands)
        by_node: dict[str, list[int]] = defaultdict(list)
        for place, words in enumerate(commands):
            by_node[self._node_of(words)].append(place)
        for node, places in by_node.items():
            for start in range(0, len(places), AT_ONCE):
                some = places[start : start + AT_ONCE]
                for place, reply in zip(some, self._send(node, [commands[place] for place in some])):
                    replies[place] = reply
        for place, reply in enumerate(replies):
            if isinstance(reply, exceptions.ResponseError):
                replies[place] = self._redirected(commands[place], reply)
        return replies

    def ask_node(self, node: str, *words: Word) -> Reply:
        """Send one command to one of ``nodes``. Raises redis-py's errors."""
        reply = self._send(node, [words])[0]
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def nodes(self) -> list[str]:
        """The names (host:port) of the primaries that serve slots."""
        return self._map.nodes()

    def look_for_changes(self) -> bool:
        """Learn who serves which slots; returns whether it is another layout than at the last call.

        The connections to nodes that serve none any more are closed.
        """
        self._map.doubt()
        serving = set(self._map.nodes())
        before, self._layout = self._layout, self._map.layout()
        changed, self.moved = self.moved or bool(before and self._layout != before), False
        for node in set(self._wires) - serving:
            self._wires.pop(node).close()
        return changed

    def close(self) -> None:
        """Close all connections; a read that waits in another thread ends at once."""
        for wire in list(self._wires.values()):
            wire.close()

    def _redirected(self, words: Sequence[Word], reply: Reply) -> Reply:
        """Follow the redirections of a command; returns the reply of the node that answers it."""
        for _ in range(MOST_REDIRECTIONS):
            kind, node = _redirection(reply)
            if kind == "MOVED":
                self.moved = True
                self._map.doubt()
                reply = self._send(node, [words])[0]
            elif kind == "ASK":
                reply = self._send(node, [("ASKING",), words])[1]
            elif kind == "TRYAGAIN":
                time.sleep(PAUSE)
                reply = self._send(self._node_of(words), [words])[0]
            elif kind == "CLUSTERDOWN":
                raise exceptions.ClusterDownError(str(reply))
            else:
                return reply
            if not isinstance(reply, exceptions.ResponseError):
                return reply
        raise exceptions.ConnectionError(f"no node of the cluster answers: {reply}")

    def _node_of(self, words: Sequence[Word]) -> str:
        """Return the node that a command goes to."""
        key = key_of(words)
        return self._map.any_node() if key is None else self._map.node_of(key)

    def _send(self, node: str, commands: Sequence[Sequence[Word]]) -> list[Reply]:
        """Send commands to a node; a connection that fails in the middle is not used again."""
        wire = self._wires.get(node)
        if wire is None or wire.closed:
            wire = self._wires[node] = Wire(self._map.client(node))
        try:
            return wire.ask_many(commands)
        except BaseException:
            self._wires.pop(node, None)
            wire.close()
            raise


def _redirection(reply: Reply) -> tuple[str, str]:
    """Return the first word of a redirection error, and the node that it names."""
    said = str(reply).split()
    kind = said[0] if said else ""
    if kind in ("MOVED", "ASK"):
        port = said[2].rpartition(":")[2] if len(said) > 2 else ""
        if not (port.isascii() and port.isdigit() and len(port) <= 5):
            return "", ""
        return kind, said[2]
    return kind, ""


def key_of(words: Sequence[Word]) -> Optional[bytes]:
    """Return the key of a command, by which it finds its node; None for one without a key."""
    name = _name(words)
    if name in _OF_ANY_NODE or name in _OF_EVERY_NODE or len(words) < 2:
        return None
    if name in ("XREAD", "XREADGROUP"):
        upper = [_text(word).upper() for word in words]
        return _bytes(words[upper.index("STREAMS") + 1])
    if name in _KEY_SECOND:
        return _bytes(words[2]) if len(words) > 2 else None
    return _bytes(words[1])


def _name(words: Sequence[Word]) -> str:
    return _text(words[0]).upper()


def _text(word: Word) -> str:
    return word.decode("latin-1") if isinstance(word, bytes) else str(word)


def _bytes(word: Word) -> bytes:
    return word if isinstance(word, bytes) else str(word).encode()


def _merged(replies: list[Reply]) -> Reply:
    """Merge the replies of the nodes of a cluster: counts are added, lists are joined."""
    if all(isinstance(reply, int) for reply in replies):
        return sum(replies)
    return list(dict.fromkeys(item for reply in replies for item in reply or []))
