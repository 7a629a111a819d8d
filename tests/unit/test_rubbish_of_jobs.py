"""Whatever stands in the books of the queue, each is read or set aside with a reason."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from redis_geo_plugin.core.jobs import plain, records
from redis_geo_plugin.core.jobs.geometry_sources import decode_geometry
from redis_geo_plugin.core.jobs.model import BadJob, Delivery, Descriptor
from tests.support.rubbish import FULL, as_text, can_be_written, raws, rubbish, spoiled, values

pytestmark = pytest.mark.timeout(7200 if FULL else 180)


@rubbish
@given(raws)
@example(b'{"type":""}')
def test_a_job_of_the_plain_list_is_read_or_set_aside_with_a_reason(value):
    forms = list(spoiled(value))
    for read, one in itertools.product(
        (plain.parse_job, plain.wanted, plain.geometry_id, Descriptor.decode), forms
    ):
        try:
            found = read(one)
        except BadJob as error:
            assert str(error)
            continue
        if read is plain.parse_job:
            assert (
                all(str(id).encode() for id in found.ids)
                and found.namespace.encode()
                and (found.ttl or 0) >= 0
            )
            assert found.number is None or math.isfinite(found.number)


@rubbish
@given(st.dictionaries(st.sampled_from([b"d", b"lot", b"n", b"brut", b"essais", b"soupcons", b"g0"]), raws))
def test_an_entry_of_the_queue(fields):
    delivery = Delivery("flux", "1-0", fields)
    assert isinstance(delivery.label, str) and delivery.tries >= 0 and delivery.suspicions >= 0


HEAD = (b"cree", b"nom", b"d", b"total", b"envoyees", b"c", b"a", b"f", b"x", b"fin", b"priorite", b"details", b"annule",
        b"octets", b"octets_finis")  # fmt: skip
counts = st.integers().map(lambda n: str(n).encode()) | raws


@rubbish
@given(st.dictionaries(st.sampled_from(HEAD), counts))
def test_the_head_of_a_batch(head):
    for one in heads(head):
        found = records.batch_of("20261122-120000-00000000", one)
        assert (found is None) == (b"cree" not in one)
        if found is not None:
            assert found.created >= 0 and found.done >= 0 and found.sent >= 0
            assert isinstance(found.details, dict) and isinstance(found.finished, bool)
            assert can_be_written([found.details, found.name])
            assert found.ended is None or found.ended >= 0


def heads(head):
    """The head of a batch, and with each of its values damaged."""
    forms = [list(spoiled(value)) for value in head.values()]
    return [dict(zip(head, one)) for one in zip(*forms)] if forms else [head]


@rubbish
@given(
    raws | st.binary(min_size=32, max_size=32).flatmap(lambda head: values.map(lambda v: head + as_text(v)))
)
def test_what_a_batch_keeps_of_a_job(raw):
    for one in spoiled(raw):
        task = records.task_of(one)
        assert len(task.digest) <= 32 and can_be_written(task.attributes)
        assert task.extent is None or (len(task.extent) == 4 and all(map(math.isfinite, task.extent)))
        outcome = records.outcome_of(7, one)
        assert outcome.index == 7 and len(outcome.code) <= 1 and outcome.cost_us >= 0


@rubbish
@given(
    st.dictionaries(
        st.sampled_from([b"n", b"c", b"raison", b"mots", b"essais", b"lot", b"g0", b"brut"]), counts
    )
)
def test_a_job_that_ended_or_was_set_aside(fields):
    event = records.event_of(fields)
    assert event is None or (event[0] >= 0 and isinstance(event[1], str))
    aside = records.set_aside_of("1700000000000-0", fields)
    assert aside.tries >= 0 and (aside.index is None or aside.index >= 0) and aside.when == 1.7e9


workers = st.dictionaries(
    st.sampled_from(
        ["host", "pid", "version", "state", "processes", "operations", "done", "rate", "held", "current"]
    ),
    values | st.lists(st.dictionaries(st.sampled_from(["job", "seconds", "of"]), values), max_size=3),
)


@rubbish
@given(raws | workers.map(as_text))
def test_the_health_line_of_a_worker(raw):
    line = records.health_of(raw)
    assert all(math.isfinite(line[name]) for name in ("pid", "processes", "done", "rate", "held"))
    assert all(isinstance(name, str) for name in (line["state"], line["host"], *line["operations"]))
    assert can_be_written(line)
    assert all(math.isfinite(job["seconds"]) and isinstance(job["job"], str) for job in line["current"])
    assert all(isinstance(n, int) for job in line["current"] for places in job["of"].values() for n in places)


@rubbish
@given(raws)
def test_the_geometry_of_a_plain_job(value):
    try:
        found = decode_geometry(value)
    except BadJob:
        return
    assert np.isfinite(shapely.get_coordinates(shapely.from_wkb(found))).all()
