"""Every job of core for users who may do all but one of its commands: it goes on without, or says what it may not do."""

from __future__ import annotations

import os
import random
from dataclasses import replace

import pytest

from tests.integration.test_altered_replies import Refilled, between, real, tried  # noqa: F401 - fixtures
from tests.support import cases
from tests.support.every_job import JOBS

FULL = bool(os.environ.get("REDIS_GEO_FULL"))
MOST = None if FULL else 5  # commands of a job that are denied
OF_THE_CONNECTION = {b"HELLO", b"AUTH", b"QUIT", b"RESET"}  # which a server lets everyone send


@pytest.mark.timeout(3600 if FULL else 300)
@pytest.mark.parametrize("name", JOBS)
def test_a_job_goes_on_without_what_it_may_not_do_or_says_so(real, between, name):  # noqa: F811
    refilled = Refilled(real)
    refilled()
    between.alter(b"", 0)
    assert tried(JOBS[name], between.settings()) == []
    asked = sorted({command.split(b" ")[0] for command in between.asked} - OF_THE_CONNECTION)
    chosen = asked if MOST is None else random.Random(name).sample(asked, min(MOST, len(asked)))
    found, user = {}, replace(real.settings(), username="narrow", password="pw")
    with real.client() as client:
        for command in chosen:
            refilled()
            denied = "-" + command.decode().lower()
            client.execute_command(
                "ACL", "SETUSER", "narrow", "reset", "on", ">pw", "~*", "&*", "+@all", denied
            )
            errors = tried(JOBS[name], user)
            if errors:
                found[command] = errors
        client.execute_command("ACL", "DELUSER", "narrow")
    cases.count(len(chosen))
    assert found == {}
