"""Records that hold coordinates and are no vehicles: jobs and their results, caches of places and routes.
Recognised by evidence, proposed last.

Names of keys and fields are those of Celery, RQ, BullMQ, Sidekiq, Dramatiq and of geocoders' answers, as
their documentation has them; none of them decides alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..json_types import JsonObject
from .records import Fix, Row
from .spec import Mapping

JOB_KEYS = re.compile(
    r"(^|[^a-z])(jobs?|tasks?|queues?|celery|kombu|unacked|rq|bull|bullmq|sidekiq|dramatiq|resque|arq|huey|workers?|results?"
    r"|dead|retry|failed|taches|travaux)([^a-z]|$)",
    re.IGNORECASE,
)
JOB_FIELDS = frozenset(
    [
        "args",
        "attempts",
        "attemptsmade",
        "callbacks",
        "class",
        "children",
        "correlation_id",
        "data_done",
        "date_done",
        "delay",
        "enqueued_at",
        "eta",
        "exc_info",
        "failedreason",
        "finished_at",
        "finishedon",
        "func",
        "func_name",
        "headers",
        "hash_tag",
        "ended_at",
        "enqueue_time",
        "jid",
        "job_id",
        "job_try",
        "jobid",
        "kwargs",
        "max_retries",
        "opts",
        "origin",
        "processedon",
        "progress",
        "queue",
        "queue_name",
        "result",
        "result_ttl",
        "results",
        "retries",
        "retry",
        "return_value",
        "returnvalue",
        "score_time",
        "stacktrace",
        "started_at",
        "task",
        "task_id",
        "taskid",
        "timeout",
        "traceback",
        "worker",
        "worker_name",
    ]
)
JOB_PARTS = frozenset(
    [
        "args",
        "arguments",
        "body",
        "data",
        "input",
        "job",
        "kwargs",
        "output",
        "params",
        "payload",
        "request",
        "response",
        "result",
        "results",
        "returnvalue",
        "task",
    ]
)
CACHE_KEYS = re.compile(
    r"(^|[^a-z])(geocod\w*|reverse|address(es)?|adresses?|places?|poi|cache[ds]?|routes?_?cache|routing|directions|isochrones?"
    r"|elevation|tiles?|weather|lookup)([^a-z]|$)",
    re.IGNORECASE,
)
CACHE_FIELDS = frozenset(
    [
        "address",
        "address_components",
        "addresstype",
        "admin1",
        "boundingbox",
        "city",
        "country",
        "country_code",
        "countrycode",
        "display_name",
        "distance",
        "duration",
        "formatted",
        "formatted_address",
        "formattedaddress",
        "legs",
        "licence",
        "location_type",
        "osm_id",
        "osm_type",
        "place_id",
        "placeid",
        "plus_code",
        "polyline",
        "postal_code",
        "postcode",
        "postalcode",
        "state_code",
        "street",
        "viewport",
        "importance",
    ]
)
AS_JOB, AS_CACHE = 0.3, 0.5  # what remains of a proposal's confidence


def doubts(
    pattern: str, rows: Sequence[Row], chosen: Mapping, fixes: Sequence[Fix]
) -> list[tuple[str, float]]:
    """Reasons (codes) to doubt that these are vehicles, each with what it leaves of the confidence.

    Args:
        pattern: of the keys.
        rows: the sample.
        chosen: what its fields were taken for.
        fixes: what it makes of the sample.
    """
    records = [row.data for row in rows if row.data is not None]
    if not records:
        return []
    found = []
    if _are_jobs(pattern, records, chosen):
        found.append(("jobs", AS_JOB))
    if not chosen.time and not chosen.speed and not chosen.heading and _is_cache(pattern, records, fixes):
        found.append(("places", AS_CACHE))
    return found


def _are_jobs(pattern: str, records: Sequence[JsonObject], chosen: Mapping) -> bool:
    """Two of three: the key, several fields of jobs, a position inside of what a job is given or gives
    back."""
    fields = {name.lower() for record in records[:10] for name in record if isinstance(name, str)}
    path = (chosen.pair or chosen.lat).lower().split(".")
    signs = [
        bool(JOB_KEYS.search(pattern)),
        len(fields & JOB_FIELDS) >= 2,
        bool(JOB_PARTS.intersection(path[:-1])),
    ]
    return sum(signs) >= 2 or len(fields & JOB_FIELDS) >= 4


def _is_cache(pattern: str, records: Sequence[JsonObject], fixes: Sequence[Fix]) -> bool:
    fields = {name.lower() for record in records[:10] for name in record if isinstance(name, str)}
    if CACHE_KEYS.search(pattern) or len(fields & CACHE_FIELDS) >= 2:
        return True
    asked = [fix.id for fix in fixes if " " in fix.id or fix.id.count(",") > 0]
    return bool(fixes) and len(asked) >= 0.6 * len(fixes)
