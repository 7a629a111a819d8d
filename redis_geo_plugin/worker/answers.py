"""The jobs of a chunk that are not answered yet: each gets an answer, whatever happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from .frames import Head

ENDS = frozenset({"done", "bad", "failed", "rest"})  # messages after which a job is no longer the process's


class Parent(Protocol):
    """The way to the parent process."""

    def say(self, head: Head) -> None:
        """Send a message."""


class Answers:
    """Sends messages to the parent and notes which jobs they answer."""

    def __init__(self, parent: Parent):
        self._parent = parent
        self.missing: set[int] = set()

    def expect(self, numbers: Iterable[int]) -> None:
        """Set the jobs of the next chunk."""
        self.missing = set(numbers)

    def say(self, head: Head) -> None:
        """Send a message."""
        self._parent.say(head)
        if head["t"] in ENDS:
            self.missing.difference_update(job if isinstance(job, int) else job[0] for job in head["jobs"])


def words_of(error: BaseException) -> str:
    """Describe an exception by its class and text: a KeyError's text alone says nothing."""
    text = str(error)
    name = type(error).__name__
    return f"{name}: {text}" if text else name
