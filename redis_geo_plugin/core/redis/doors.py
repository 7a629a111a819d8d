"""redis-py's clients and pipelines behind a Door: the gate of production, and one deadline for each whole
call."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Callable, Optional, TypeVar

from . import gate
from .calls import Aborted, Call, CallLimits, DeadlinePassed, Lines
from .closings import ClosedAt, persist
from .connections import ClusterTransaction
from .redispy import Pipeline, cluster, exceptions, redis
from .settings import ConnectionSettings
from .types import ClusterNode, RedisPipeline, RedisPool, Reply

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Door:
    """What all clients of one kind share: the settings, the limits of a call, and what is open."""

    settings: ConnectionSettings
    limits: CallLimits
    lines: Lines = field(default_factory=Lines)

    def call(self, callers_code: bool = False) -> Call:
        """One call, to be entered; ``callers_code`` where it holds more than redis-py's code."""
        return Call(self.limits, self.lines, callers_code)

    def check(self, words: Sequence[object]) -> None:
        """Raises StoreError (PRODUCTION) for a command that may not pass."""
        gate.check_command(self.settings, words)


class TimedClient(redis.Redis):
    """redis-py's client behind a Door."""

    def __init__(self, door: Door, pool: RedisPool):
        self.door = door
        super().__init__(connection_pool=pool)

    def execute_command(self, *words: object, **options: object) -> Reply:
        """One command, checked by the gate, within one call."""
        self.door.check(words)
        with self.door.call():
            return persist(partial(super().execute_command, *words, **options))

    def pipeline(self, transaction: bool = True, shard_hint: object = None) -> RedisPipeline:
        """Commands sent together, each checked by the gate."""
        return TimedPipeline(
            self.door, self.connection_pool, self.response_callbacks, transaction, shard_hint
        )


class TimedPipeline(Pipeline):
    """redis-py's pipeline behind a Door."""

    def __init__(self, door: Door, *words: object):
        self.door = door
        super().__init__(*words)

    def execute_command(self, *words: object, **options: object) -> Reply:
        """Queue a command (or, while keys are watched, send it)."""
        self.door.check(words)
        return super().execute_command(*words, **options)

    def immediate_execute_command(self, *words: object, **options: object) -> Reply:
        """Send a command while keys are watched, within one call."""
        with self.door.call():
            return super().immediate_execute_command(*words, **options)

    def execute(self, raise_on_error: bool = True) -> list[Reply]:
        """All of them, within one call."""
        with self.door.call():
            once = partial(super().execute, raise_on_error)
            queued = list(self.command_stack)
            if not all(gate.changes_nothing(words) for words, _ in queued):
                return list(once())

            def again() -> list[Reply]:  # redis-py forgets what was queued, whatever comes of it
                self.command_stack[:] = queued
                return list(once())

            return persist(again)


class ClusterAway(exceptions.ConnectionError):
    """No node of a cluster tells the layout. redis-py's own exception for it is none of its errors, and would
    pass by everyone who expects a server to fail now and then."""


_MOVES = 0.05  # seconds between two attempts while a slot moves


def until_moved(call: Call, attempt: Callable[[], _Answer]) -> _Answer:
    """Make the same attempt again while the slot of its keys is on its way to another node. What such an
    attempt asked for has not been done: the nodes look at the keys first. Raises DeadlinePassed, Aborted."""
    while True:
        try:
            return attempt()
        except exceptions.RedisError as error:
            # After sixteen such answers redis-py raises a ClusterError that is none of its subclasses.
            redirected = isinstance(error, (exceptions.TryAgainError, exceptions.AskError))
            if not redirected and type(error) is not exceptions.ClusterError:
                raise
        time.sleep(min(_MOVES, call.left()))


class TimedCluster(cluster.RedisCluster):
    """redis-py's client of a cluster behind a Door. Raises ClusterAway where no node tells the layout."""

    def __init__(
        self,
        door: Door,
        seeds: Sequence[tuple[str, int]],
        make_pool: Callable[..., RedisPool],
        **options: object,
    ):
        self.door = door
        self._seeds = list(seeds)
        self._strangers: dict[str, ClusterNode] = {}
        self._pools: list[RedisPool] = []
        host, port = self._seeds[0]
        nodes = [cluster.ClusterNode(*seed) for seed in self._seeds]

        def pool(**more: object) -> RedisPool:
            made = make_pool(**more)
            self._pools.append(made)
            return made

        try:
            with door.call():
                super().__init__(
                    startup_nodes=nodes,
                    url=f"redis://{f'[{host}]' if ':' in host else host}:{port}",
                    connection_pool_class=pool,
                    **options,
                )
        except BaseException as error:
            self.close()
            if isinstance(error, exceptions.RedisClusterException):
                raise ClusterAway(str(error)) from error
            raise
        self._ask_again = self.nodes_manager.initialize
        self.nodes_manager.initialize = self._learn
        self._known_node = self.nodes_manager.get_node  # of pipelines too, which have no client of their own
        self.nodes_manager.get_node = self._node

    def _learn(self, *words: object, **options: object) -> None:
        """The layout anew. Nodes that did not answer are forgotten by redis-py; without any, the seeds are
        asked again."""
        if not self.nodes_manager.startup_nodes:
            self.nodes_manager.populate_startup_nodes([cluster.ClusterNode(*seed) for seed in self._seeds])
        try:
            self._ask_again(*words, **options)
        except exceptions.RedisClusterException as error:
            raise ClusterAway(str(error)) from error

    def _node(
        self, host: Optional[str] = None, port: Optional[int] = None, node_name: Optional[str] = None
    ) -> Optional[ClusterNode]:
        """A node of the layout, None for another; by its name, which is how redis-py looks up where an ASK
        leads, also one that has just joined and stands in no layout yet."""
        known: Optional[ClusterNode] = self._known_node(host, port, node_name)
        if known is not None or not node_name:
            return known
        if node_name not in self._strangers:
            at, _, number = node_name.rpartition(":")
            self._strangers[node_name] = cluster.ClusterNode(at, int(number))
        return self._strangers[node_name]

    def execute_command(self, *words: object, **options: object) -> Reply:
        """One command, checked by the gate, within one call."""
        self.door.check(words)
        with self.door.call() as call:
            once = partial(super().execute_command, *words, **options)
            reply = until_moved(call, partial(persist, once))
            call.check()
            return reply

    def pipeline(self, transaction: Optional[bool] = None, shard_hint: object = None) -> RedisPipeline:
        """Commands sent together, each checked by the gate."""
        pipe = super().pipeline(transaction, shard_hint)
        queue, run, door = pipe.execute_command, pipe.execute, self.door
        once_only = ClusterTransaction(pipe, self.nodes_manager) if transaction else None
        queued: list[tuple[tuple[object, ...], dict[str, object]]] = []

        def execute_command(*words: object, **options: object) -> Reply:
            door.check(words)
            queued.append((words, options))
            reply = queue(*words, **options)
            if words[0] == "WATCH" and once_only is not None:
                once_only.watches()
            return reply

        def once(raise_on_error: bool) -> list[Reply]:
            replies = list(run(raise_on_error))
            for reply in replies:
                if isinstance(reply, (DeadlinePassed, Aborted, ClosedAt)):
                    raise reply
            return replies

        def execute(raise_on_error: bool = True) -> list[Reply]:
            sent = False

            def attempt() -> list[Reply]:
                nonlocal sent
                if sent:  # redis-py forgets what was queued, whatever comes of it
                    for words, options in queued:
                        queue(*words, **options)
                sent = True
                return once(raise_on_error)

            reads = all(gate.changes_nothing(words) for words, _ in queued)
            whole = transaction and not any(words[0] == "WATCH" for words, _ in queued)
            try:
                with door.call() as call:
                    again = partial(persist, attempt) if reads else attempt
                    replies = until_moved(call, again) if reads or whole else attempt()
                    call.check()
                    return replies
            finally:
                queued.clear()

        pipe.execute_command, pipe.execute = execute_command, execute
        guarded: RedisPipeline = pipe
        return guarded

    def node_client(self, node: ClusterNode) -> TimedClient:
        """A client of one node, behind the same Door."""
        return TimedClient(self.door, self.get_redis_connection(node).connection_pool)

    def close(self) -> None:
        """Close every connection to every node."""
        super().close()
        for pool in self._pools:
            pool.disconnect()
        self._pools.clear()
