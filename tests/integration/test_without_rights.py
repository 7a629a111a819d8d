"""The tests that use rights of root (mounting, networks of their own) pass without them, by other means that are told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.rights import drop_all

ROOT = Path(__file__).resolve().parents[2]
DAY = "tests/integration/test_hostile_day.py::test_a_hostile_day[valkey]"
HOSTS = "tests/integration/test_jobs_faults.py::test_hosts_one_of_them_cut_off_and_coming_back"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("tests", [[DAY], [f"{HOSTS}[redis]", f"{HOSTS}[cluster]"]], ids=["day", "hosts"])
def test_it_passes_without_a_single_capability(tests, tmp_path):
    environment = {**os.environ, "REDIS_GEO_FULL": "", "REDIS_GEO_BUILD": str(tmp_path)}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    done = subprocess.run(
        [*(drop_all() or ()), sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"{len(tests)} passed" in done.stdout and "skipped" not in done.stdout
    told = [line for line in done.stdout.splitlines() if line.startswith("by other means: ")]
    assert len(told) == 3, done.stdout[:2000]
