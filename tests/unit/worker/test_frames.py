"""Messages between a worker and its computing processes."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.worker import frames

heads = st.dictionaries(
    st.text(max_size=20), st.none() | st.booleans() | st.integers() | st.text(), max_size=5
)
fields = st.dictionaries(st.binary(max_size=20), st.binary(max_size=200), max_size=5)
jobs = st.lists(st.tuples(st.integers(0, 2**31), st.booleans(), st.booleans(), fields), max_size=5)


class Dribble(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data, most):
        self.data, self.most = io.BytesIO(data), most

    def read(self, count=-1):
        return self.data.read(min(count, self.most))


@given(st.lists(st.tuples(heads, st.binary(max_size=1000)), max_size=5), st.integers(1, 7))
def test_messages_are_read_as_they_were_written_however_the_pipe_cuts_them(messages, most):
    pipe = Dribble(b"".join(frames.pack(head, body) for head, body in messages), most)
    assert [frames.read_frame(pipe) for _ in messages] == messages
    assert frames.read_frame(pipe) is None, "the end of the pipe"


@given(heads, st.binary(max_size=50), st.data())
def test_a_message_that_breaks_off_is_the_end(head, body, data):
    raw = frames.pack(head, body)
    cut = data.draw(st.integers(0, len(raw) - 1))
    assert frames.read_frame(io.BytesIO(raw[:cut])) is None


@pytest.mark.parametrize("lengths", [(frames.LONGEST + 1, 0), (0, 2**32 - 1)])
def test_lengths_beyond_reason_are_not_waited_for(lengths):
    assert frames.read_frame(io.BytesIO(struct.pack(">II", *lengths) + b"x" * 100)) is None


@given(jobs)
def test_jobs_keep_their_number_marks_and_fields(sent):
    message = frames.read_frame(io.BytesIO(frames.pack_jobs(sent)))
    assert message is not None
    assert frames.unpack_jobs(*message) == sent
