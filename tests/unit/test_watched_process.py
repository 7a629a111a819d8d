"""A program that takes long: its words are returned, it ends when it is no longer wanted, and it is given no input."""

from __future__ import annotations

import os
import sys

from redis_geo_plugin.core import watched_process
from redis_geo_plugin.core.watch import Watch


def run(code, watch=None, most=60.0, **environment):
    words = [sys.executable, "-c", code]
    return watched_process.run(words, watch or Watch(), most, {**os.environ, **environment})


def test_what_it_says_on_both_outputs_and_its_status():
    status, said = run("import sys; print('one', flush=True); print('two', file=sys.stderr); sys.exit(3)")
    assert status == 3 and said.split() == [b"one", b"two"]


def test_it_has_the_environment_that_is_given_and_no_input():
    status, said = run("import os, sys; print(os.environ['WORD'], repr(sys.stdin.read()))", WORD="é")
    assert status == 0 and said.split() == ["é".encode(), b"''"]


def test_cancelled_it_is_killed():
    status, said = run("import time; time.sleep(600)", Watch(lambda: True))
    assert status < 0 and said == b""


def test_after_its_time_it_is_killed():
    status, said = run("import time; print('begun', flush=True); time.sleep(600)", most=0.5)
    assert status < 0 and said in (b"", b"begun\n")


def test_much_output_fills_no_pipe():
    status, said = run("print('x' * 1_000_000)")
    assert status == 0 and len(said) == 1_000_001
