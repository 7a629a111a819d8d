"""A worker that a program started reads its first lines, and learns that the other end has closed."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from redis_geo_plugin.worker import standard_input


@pytest.fixture
def other_end(monkeypatch):
    """What the program writes to; this process's standard input is the other end of the pipe."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as mine, os.fdopen(writing, "wb", buffering=0) as theirs:
        monkeypatch.setattr(sys, "stdin", mine)
        yield theirs


def test_the_first_lines_and_empty_ones_where_there_are_fewer(other_end):
    other_end.write("redis://h/0\r\n  mot de passe é\n".encode())
    other_end.close()
    assert standard_input.read_lines(3) == ["redis://h/0", "mot de passe é", ""]


def test_bytes_that_are_no_text_raise_nothing(other_end):
    other_end.write(b"\xff\xfe\n")
    assert standard_input.read_lines(1) == ["\ufffd\ufffd"]


def test_when_the_other_end_closes_it_acts_and_not_before(other_end):
    closed = threading.Event()
    standard_input.when_closed(closed.set)
    other_end.write(b"more words that nobody reads\n")
    assert not closed.wait(0.05)
    other_end.close()
    assert closed.wait(30)
