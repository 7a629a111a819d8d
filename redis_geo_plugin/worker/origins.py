"""Where the results of this process come from: who sent the batch, which worker computed it, with what.

A result carries the id of a run (``core/cache/recents.py``). Here a run is what one process computes of one
batch with the same parameters; it is described on the server when its first result is stored.
"""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from collections.abc import Iterable
from typing import Optional

from ..core.cache import recents
from ..core.jobs.queue import JobQueue
from ..core.json_types import JsonObject
from ..core.operations import Operation
from ..core.redis.server import Server
from .items import JobItem

REMEMBERED = 1000  # runs
DISTANCES = 20  # of one batch; where there are more, its runs are not told apart by them

Run = tuple[str, str, Operation, str, Optional[float]]  # queue, batch, operation, namespace, number


class Origins:
    """The runs of one computing process. ``worker`` is the name that the Jobs panel shows."""

    def __init__(self, server: Server, queues: dict[str, JobQueue], worker: str):
        self._server, self._queues, self._worker = server, queues, worker
        self._runs: OrderedDict[Run, bytes] = OrderedDict()
        self._described: set[bytes] = set()
        self._distances: OrderedDict[tuple[str, str], set[float]] = OrderedDict()

    def run_of(self, item: JobItem) -> bytes:
        """The id that the result of this job carries."""
        run = self._run(item)
        if run not in self._runs:
            self._runs[run] = os.urandom(8)
            if len(self._runs) > REMEMBERED:
                self._described.discard(self._runs.popitem(last=False)[1])
        return self._runs[run]

    def new(self, items: Iterable[JobItem]) -> dict[bytes, str]:
        """The descriptions, by run id, of those runs of these items that are not described yet. Asks the
        server for the heads of their batches; raises redis-py's errors."""
        found: dict[bytes, str] = {}
        for item in items:
            id = self.run_of(item)
            if id not in self._described and id not in found:
                found[id] = self._description(item)
        return found

    def written(self, ids: Iterable[bytes]) -> None:
        """Note that these descriptions are stored on the server."""
        self._described.update(ids)

    def _run(self, item: JobItem) -> Run:
        number = item.number
        if number is not None:
            seen = self._distances.setdefault((item.queue, item.batch), set())
            if len(seen) < DISTANCES:
                seen.add(number)
            number = number if number in seen else None
            if len(self._distances) > REMEMBERED:
                self._distances.popitem(last=False)
        return item.queue, item.batch, item.operation, item.namespace, number

    def _description(self, item: JobItem) -> str:
        number = self._run(item)[4]
        who, title = self._sender(item)
        return recents.description(
            item.operation,
            item.namespace,
            None if number is None else (number, number),
            who=who,
            title=title,
            worker=self._worker,
        )

    def _sender(self, item: JobItem) -> tuple[str, str]:
        """Who sent the batch and what it is called; for a plain job nobody, and the name of the list."""
        queue = self._queues.get(item.queue)
        if not item.batch or queue is None:
            return "", item.queue
        name, raw = queue.client.hmget(queue.batch_key(item.batch), "nom", "details")
        try:
            details: JsonObject = json.loads(raw or b"{}")
            who = details.get("who", "")
        except (ValueError, AttributeError, RecursionError):  # others may write there too
            who = ""
        return str(who), (name or b"").decode("utf-8", "replace")
