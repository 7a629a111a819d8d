"""Every job of core before a sound server of which one command's replies are altered: right in form, wrong in what they hold.

A server that gives one answer to everything fails at the first question. Here a job gets far: nothing of what it reads may
raise anything but what tells of a server.
"""

from __future__ import annotations

import os
import random
import threading
import traceback

import pytest

from redis_geo_plugin.core.geo import fill
from redis_geo_plugin.core.redis.calls import LIMITS, CallLimits
from redis_geo_plugin.core.redis.failures import classify
from redis_geo_plugin.core.redis.reply_checks import CHECKS
from redis_geo_plugin.core.redis.server import Server
from tests.support import cases
from tests.support.altering import Altering
from tests.support.every_job import ALLOWED, JOBS, NOT_OF_THE_SERVER, stored
from tests.support.noted import noted
from tests.support.patience import at_least

FULL = bool(os.environ.get("REDIS_GEO_FULL"))
SEEDS = range(12 if FULL else 1)  # for each command of a job
MOST = None if FULL else 6  # commands of a job that are tried
LONGEST = 60.0  # seconds of one job
SHORT = CallLimits(2.0, 2.0)
UNREAD = {  # what the answers are is of no concern, or each is looked at where it is read
    *(b"CLIENT", b"CLIENT|SETNAME", b"CLIENT|TRACKING", b"HELLO", b"PING", b"SUBSCRIBE", b"PSUBSCRIBE"),
    *(
        b"MULTI",
        b"EXEC",
        b"WATCH",
        b"UNWATCH",
        b"DISCARD",
        b"XGROUP",
        b"EVAL",
        b"EVALSHA",
        b"TS.GET",
        b"FT.CREATE",
    ),
}


@pytest.fixture(scope="module")
def real():
    """A Redis Stack: with it every job has something to read."""
    from tests.support.stack import StackServer

    server = StackServer()
    with pytest.MonkeyPatch.context() as patched:
        for kind in list(LIMITS):
            patched.setitem(LIMITS, kind, SHORT)
        patched.setattr(fill, "ANSWER_SECONDS", 0.0)
        yield server
    server.close()


@pytest.fixture
def between(real):
    with Altering(real.port) as server:
        yield server


class Refilled:
    """Puts on the server what the jobs find, and again only once something was changed."""

    def __init__(self, real):
        self._real, self._changes = real, -1

    def __call__(self):
        if self._counted() != self._changes:
            refill(self._real)
            self._changes = self._counted()

    def _counted(self):
        """How many changes the server has seen: it saves none of them. What expires is one too."""
        with self._real.client() as client:
            return client.info("persistence")["rdb_changes_since_last_save"]


def refill(real):
    with real.client() as client:
        for index in client.execute_command("FT._LIST"):
            client.execute_command("FT.DROPINDEX", index)
        client.flushall()
        server = Server(real.settings())
        stored(client, server)
        server.close()


def tried(job, settings):
    """The errors that nobody expects."""
    with noted() as errors:
        done = threading.Event()

        def run():
            try:
                job(settings)
            except BaseException as error:
                errors.append(error)
            done.set()

        threading.Thread(target=run, daemon=True).start()
        if not done.wait(at_least(LONGEST)):
            errors.append(TimeoutError("the job does not end"))
    for error in errors:
        assert not isinstance(error, ALLOWED) or isinstance(error, NOT_OF_THE_SERVER) or classify(error).words
    return [where(error) for error in errors if not isinstance(error, ALLOWED)]


def where(error):
    return [repr(error)[:200], *traceback.format_list(traceback.extract_tb(error.__traceback__)[-3:])]


@pytest.mark.timeout(3600 if FULL else 300)
@pytest.mark.parametrize("name", JOBS)
def test_whatever_one_reply_holds_a_job_ends_or_says_what_is_wrong(real, between, name):
    refilled = Refilled(real)
    refilled()
    assert tried(JOBS[name], between.settings()) == []
    asked = sorted(between.asked)
    chosen = asked if MOST is None else random.Random(name).sample(asked, min(MOST, len(asked)))
    chosen = sorted(
        {*chosen, *(command for command in asked if b"." in command)}
    )  # of the modules always all
    found = {}
    for command in chosen:
        refilled()
        for seed in SEEDS:
            between.alter(command, seed)
            errors = tried(JOBS[name], between.settings())
            if errors:
                found[command, seed] = errors
    cases.count(len(chosen) * len(SEEDS))
    assert found == {}
    assert set(asked) - set(CHECKS) - UNREAD == set(), "give each its line in core/redis/reply_checks.py"
