"""Every job of a chunk gets an answer."""

from __future__ import annotations

import pytest

from redis_geo_plugin.worker.answers import ENDS, Answers, words_of


class Parent:
    def __init__(self):
        self.heard = []

    def say(self, head):
        self.heard.append(head)


def test_jobs_are_missing_until_each_is_answered():
    parent = Parent()
    answers = Answers(parent)
    answers.expect([1, 2, 3, 4])
    messages = [
        {"t": "began", "jobs": [1, 2, 3, 4]},  # not an answer
        {"t": "done", "jobs": [[1, "c", 12]]},
        {"t": "bad", "jobs": [[2, "bad_json", "not an object"]]},
        {"t": "rest", "jobs": [4]},
    ]
    missing = []
    for message in messages:
        answers.say(message)
        missing.append(set(answers.missing))
    assert parent.heard == messages, "all of them are passed on"
    assert missing == [{1, 2, 3, 4}, {2, 3, 4}, {3, 4}, {3}]


@pytest.mark.parametrize("kind", sorted(ENDS))
def test_each_kind_of_answer_ends_its_jobs_only(kind):
    answers = Answers(Parent())
    answers.expect(range(3))
    answers.say({"t": kind, "jobs": [1, 99]})
    assert answers.missing == {0, 2}


def test_a_new_chunk_forgets_the_last_one():
    answers = Answers(Parent())
    answers.expect([1])
    answers.expect([2])
    assert answers.missing == {2}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyError("odd"), "KeyError: 'odd'"),
        (ValueError("no distance"), "ValueError: no distance"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_an_exception_is_told_with_its_class(error, words):
    assert words_of(error) == words
