"""The worker's options, and what each exit code means."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, replace
from typing import Optional

from ..core import keys
from ..core.cores import available_cores
from ..core.jobs.geometry_sources import KEY_TEMPLATE
from ..core.jobs.names import check_queue_name
from ..core.redis.settings import ENVIRONMENT_URL, ConnectionSettings, InvalidUrl, from_url
from .standard_input import read_lines


class Exit:
    """The worker's exit codes."""

    IN_ORDER = 0  # asked to end, or nothing left with --burst; all jobs finished or handed back
    FAILED = 1  # an error of the worker itself
    USAGE = 2
    NO_SERVER = 3  # with --no-wait: the server was not there
    REFUSED = 4  # what waiting does not mend: password, rights, certificate, database, or no Redis at all
    NO_SOURCE = 5  # the geometry source cannot be used
    NOW = 6  # asked twice to end: jobs under way were broken off and handed back where the server answered


@dataclass(frozen=True)
class Options:
    """The parsed command line."""

    settings: ConnectionSettings
    queues: tuple[str, ...] = (keys.JOB_LIST,)
    processes: int = 1
    job_seconds: float = 600.0
    job_memory_mb: int = 2048
    tries: int = 3
    take_over: float = 30.0
    beat: float = 1.0
    grace: float = 30.0
    template: str = KEY_TEMPLATE
    geometry_file: str = ""
    geometry_layer: str = ""
    id_field: str = ""
    modules: tuple[str, ...] = ()
    burst: bool = False
    wait: bool = True
    until_closed: bool = False  # ends when standard input closes
    log_format: str = "lines"
    log_level: str = "info"
    name: str = ""


def parse(words: Optional[list[str]] = None) -> Options:
    """Read the command line. Ends the program with status 2 and a word on what is wrong."""
    parser = _parser()
    given = parser.parse_args(words)
    try:
        url, secret = read_lines(2) if given.stdin else (_url(given, parser), _secret(given, parser))
        settings = replace(from_url(url, "worker"), cache_secret=secret)
        queues = tuple(check_queue_name(name) for name in given.queue or _default_queues(given.english))
    except InvalidUrl as error:
        parser.error(f"not a Redis address: {error}")
    except ValueError as error:
        parser.error(str(error))
    template = given.geometry_key or (_english_template() if given.english else KEY_TEMPLATE)
    if "{id}" not in template:
        parser.error("--geometry-key must hold {id}")
    return Options(
        settings=settings,
        queues=queues,
        processes=given.processes or available_cores(),
        job_seconds=given.job_seconds,
        job_memory_mb=given.job_memory,
        tries=given.tries,
        take_over=given.take_over,
        beat=min(1.0, given.take_over / 4.0),
        grace=given.grace,
        template=template,
        geometry_file=given.geometry_file,
        geometry_layer=given.geometry_layer,
        id_field=given.id_field,
        modules=tuple(given.operations),
        burst=given.burst,
        wait=not given.no_wait,
        until_closed=given.stdin,
        log_format=given.log_format,
        log_level=given.log_level,
        name=given.name,
    )


def _url(given: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    if given.url_file:
        try:
            with open(given.url_file, encoding="utf-8") as file:
                return file.read().strip()
        except OSError as error:
            parser.error(f"--url-file: {error.strerror}")
    return given.url or os.environ.get(ENVIRONMENT_URL, "") or "redis://127.0.0.1:6379/0"


def _secret(given: argparse.Namespace, parser: argparse.ArgumentParser) -> str:
    """The secret that cached results are sealed with; empty where none is wanted."""
    if not given.secret_file:
        return ""
    try:
        with open(given.secret_file, encoding="utf-8") as file:
            secret = file.read().strip()
    except (OSError, ValueError) as error:
        parser.error(f"--secret-file: {getattr(error, 'strerror', None) or error}")
    if not secret:
        parser.error("--secret-file: the file is empty")
    return secret


def _default_queues(english: bool) -> list[str]:
    return [keys.ENGLISH[keys.JOB_LIST] if english else keys.JOB_LIST]


def _english_template() -> str:
    return "entities:{id}"


def _positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError("must be greater than 0")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _parser() -> argparse.ArgumentParser:
    """The parser of the command line, its options in the groups that the help shows."""
    parser = argparse.ArgumentParser(
        prog="redis-geo-worker",
        description="Works the spatial jobs of Redis Geo. Ends in order on SIGTERM or Ctrl+C; a second one "
        "ends it now.",
        epilog="Exit codes: 0 in order, 1 failure, 2 wrong usage, 3 no server (--no-wait), 4 refused "
        "(password, "
        "rights, certificate or database), 5 geometry source not usable, 6 ended at once.",
    )
    _add_server(parser.add_argument_group("server"))
    _add_jobs(parser.add_argument_group("jobs"))
    _add_source(parser.add_argument_group("geometries of plain jobs"))
    _add_log(parser.add_argument_group("log"))
    return parser


def _add_server(server: argparse._ArgumentGroup) -> None:
    server.add_argument(
        "--url", help=f"redis://host:port/db, user and password before the host (default: ${ENVIRONMENT_URL})"
    )
    server.add_argument(
        "--url-file", help="read the URL from this file, so that no password stands in the process list"
    )
    server.add_argument(
        "--secret-file",
        help="file with the shared secret of cached results: what is not sealed with it is computed anew",
    )
    server.add_argument(
        "--stdin",
        action="store_true",
        help="read the URL and the shared secret from standard input, a line each, and end when it closes",
    )
    server.add_argument(
        "--no-wait", action="store_true", help="end with status 3 where the server is away at the start"
    )


def _add_jobs(jobs: argparse._ArgumentGroup) -> None:
    jobs.add_argument(
        "--queue", action="append", help=f"queue to work, may be repeated (default {keys.JOB_LIST})"
    )
    jobs.add_argument(
        "--english", action="store_true", help="the English key names: spatial_tasks, entities:<id>"
    )
    jobs.add_argument(
        "--processes", type=_count, help="computing processes (default: one per core that it may use)"
    )
    jobs.add_argument("--job-seconds", type=_positive, default=600.0, help="time limit per job (default 600)")
    jobs.add_argument(
        "--job-memory", type=_count, default=2048, help="memory limit per process in MB (default 2048)"
    )
    jobs.add_argument("--tries", type=_count, default=3, help="tries before a job is set aside (default 3)")
    jobs.add_argument(
        "--take-over", type=_positive, default=30.0, help="seconds after which silent workers lose jobs"
    )
    jobs.add_argument(
        "--grace", type=_positive, default=30.0, help="seconds to finish jobs after SIGTERM (default 30)"
    )
    jobs.add_argument("--burst", action="store_true", help="end when no job is left")
    jobs.add_argument(
        "--operations", action="append", default=[], metavar="MODULE", help="module with more operations"
    )


def _add_source(source: argparse._ArgumentGroup) -> None:
    source.add_argument("--geometry-key", help=f"template of the key (default {KEY_TEMPLATE})")
    source.add_argument(
        "--geometry-file", default="", help="take them from this GeoJSON or GeoPackage instead"
    )
    source.add_argument("--geometry-layer", default="", help="layer of the GeoPackage (default: the first)")
    source.add_argument("--id-field", default="", help="field that holds the id (default: the feature id)")


def _add_log(log: argparse._ArgumentGroup) -> None:
    log.add_argument("--log-format", choices=("lines", "json"), default="lines")
    log.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="info")
    log.add_argument(
        "--name", default="", help="a name for this worker in the health line (default: the host's)"
    )
