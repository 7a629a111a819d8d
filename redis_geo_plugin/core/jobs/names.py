"""The keys of one queue. All its books carry the list's name as a hash tag, so that a cluster keeps them on
one shard.

For the list ``taches_spatiales`` (or ``spatial_tasks``, or a name of one's own):

=====================================  =====================================================================
``taches_spatiales``                   the plain list that any producer may LPUSH
``{taches_spatiales}:flux[:haute|:basse]``  waiting and running jobs, a stream per priority
``{…}:flux[:haute|:basse]:reprises``     those of each priority that are tried again
``{…}:differee:<job>``, ``{…}:echeances``  a job to be tried again (hash), and when (sorted set)
``{…}:ecartees``                       jobs set aside, whole, with the reason (stream)
``{…}:travailleurs``                   health line of each worker (hash)
``{…}:vus``                            when each worker was last heard of (sorted set)
``{…}:en_cours``                       what each worker computes right now (hash)
``{…}:faits``                          how many jobs each worker has done (hash)
``{…}:cote:<worker>``                  where the list is bridged without scripts: items on their way
``{…}:jamais``                         never there: what scripts name to know that the slot of the queue moves
``{…}:lots``                           the batches by time (sorted set)
``{…}:abimes:<book>:<ms>``             a book of the queue that was of another type, set aside
``{…}:lot:<batch>[:taches|:issues|:fini|:morceaux|:annulees|:geometries]``  the books of one batch
``<list>:resultats:<type>:<id>[:<name>=<value>…]``  the result of a job of the plain list (hash)
=====================================  =====================================================================
"""

from __future__ import annotations

from enum import IntEnum

from ..json_types import JsonObject

GROUP = "travailleurs"
RETURNED = "rendues"  # the consumer that jobs are handed back to: nobody
NEVER = b"jamais"  # after <queue>: a key that never exists, see scripted.py
# The books of one batch, after <queue>:lot:<batch>, and what kind of value each is.
BATCH_PARTS = {
    "": "hash",
    ":taches": "hash",
    ":issues": "hash",
    ":fini": "stream",
    ":morceaux": "set",
    ":annulees": "set",
    ":geometries": "hash",
}
KEEP_SECONDS = 604800  # that the books of a batch are kept after its last job has ended
LONGEST_KEPT = 10 * 366 * 86400


class Priority(IntEnum):
    """The three priorities; a worker claims a job only when none of a higher priority waits."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


BY_PRIORITY = ("flux:haute", "flux", "flux:basse")
# After the name of a priority's stream: its jobs to be tried again, read before the others, so that none
# waits for ever.
AGAIN = ":reprises"
STREAMS = tuple(stream + again for stream in BY_PRIORITY for again in (AGAIN, ""))  # as workers read them


# The books of a queue that all its batches share, and what kind of value each is.
QUEUE_BOOKS = {
    **dict.fromkeys(STREAMS, "stream"),
    "ecartees": "stream",
    "echeances": "zset",
    "vus": "zset",
    "lots": "zset",
    "travailleurs": "hash",
    "en_cours": "hash",
    "faits": "hash",
}
# Fields that a job has got on its way, and loses where it is sent again as if new.
DROPPED = ("flux", "raison", "mots", "essais", "soupcons", "travailleur", "quand")


def priority_of(stream: str) -> str:
    """The stream of the same priority where jobs wait for their first try."""
    return stream[: -len(AGAIN)] if stream.endswith(AGAIN) else stream


def check_queue_name(name: str) -> str:
    """The name of a queue. Raises ValueError where it would break the hash tag or the keys."""
    if not name or any(c in name for c in "{}*?[]\\ \n\r\t"):
        raise ValueError(
            "a queue's name must not be empty nor hold braces, brackets, stars, backslashes or spaces"
        )
    return name


def books_prefix(queue: str) -> str:
    """The start of the keys of a queue's books."""
    return "{" + check_queue_name(queue) + "}:"


def result_key(queue: str, job: JsonObject) -> str:
    """Where the result of a plain job is put: ``<list>:resultats:<type>:<id>`` and, sorted by name, its other
    members.

    ``{"type":"buffer","id":42,"distance":100}`` -> ``taches_spatiales:resultats:buffer:42:distance=100``
    """
    import json

    def word(value: object) -> str:
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), sort_keys=True)

    others = sorted(k for k in job if k not in ("type", "id"))
    parts = [word(job.get("type")), word(job.get("id")), *(f"{k}={word(job[k])}" for k in others)]
    return f"{queue}:resultats:" + ":".join(parts)
