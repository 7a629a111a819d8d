"""Jobs that any program may write: read, or refused with the reason."""

from __future__ import annotations

import json

import pytest

from redis_geo_plugin.core.jobs import plain
from redis_geo_plugin.core.jobs.model import BadJob, JobReason
from redis_geo_plugin.core.operations import Buffer, ConvexHull, Intersection, Simplify


def read(**values):
    return plain.parse_job(json.dumps(values).encode())


def test_the_tutorials_job():
    job = plain.parse_job(b'{"type":"buffer","id":42,"distance":100}')
    assert (job.operation, job.ids, job.number) == (Buffer(), (42,), 100.0)
    assert (job.namespace, job.ttl) == (plain.NAMESPACE, None)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("tampon", Buffer), ("buffer", Buffer), ("enveloppe_convexe", ConvexHull), ("simplification", Simplify)],
)
def test_an_operation_may_be_called_by_its_other_names(name, kind):
    assert isinstance(read(type=name, id=1, distance=1, tolerance=1).operation, kind)
    assert plain.wanted(json.dumps({"type": name, "geos": "3.1"}).encode()) == (kind.name, "3.1")


def test_two_geometries_and_all_that_may_be_given():
    job = read(type="intersection", id="a", crs="EPSG:2154", namespace="mine", ttl=0, more=[1], **{"with": 7})
    assert (job.operation, job.ids) == (Intersection(crs="EPSG:2154"), ("a", 7))
    assert (job.number, job.namespace, job.ttl) == (None, "mine", 0)


REFUSED = [
    (b"", JobReason.BAD_JSON),
    (b"[1]", JobReason.BAD_JSON),
    (b'"buffer"', JobReason.BAD_JSON),
    (b'{"type":"buffer","id":"\\ud800","distance":1}', JobReason.BAD_JSON),
    (b"{" + b" " * plain.LONGEST + b"}", JobReason.BAD_JSON),
    (b'{"id":1}', JobReason.UNKNOWN_TYPE),
    (b'{"type":"","id":1}', JobReason.UNKNOWN_TYPE),
    (b'{"type":["buffer"],"id":1}', JobReason.UNKNOWN_TYPE),
    (b'{"type":"rotate","id":1}', JobReason.UNKNOWN_TYPE),
    (b'{"type":"buffer","distance":1}', JobReason.NO_GEOMETRY),
    (b'{"type":"buffer","id":true,"distance":1}', JobReason.NO_GEOMETRY),
    (b'{"type":"buffer","id":1.5,"distance":1}', JobReason.NO_GEOMETRY),
    (b'{"type":"buffer","id":"","distance":1}', JobReason.NO_GEOMETRY),
    (b'{"type":"intersection","id":1}', JobReason.NO_GEOMETRY),
    (b'{"type":"buffer","id":1}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":"100"}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":NaN}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1e999}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1' + b"0" * 400 + b"}", JobReason.BAD_PARAMETER),
    (b'{"type":"simplify","id":1,"tolerance":-1}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1,"segments":0}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1,"cap":"pointed"}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1,"namespace":"a:b"}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1,"namespace":""}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1,"ttl":-1}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1,"ttl":1.5}', JobReason.BAD_PARAMETER),
    (b'{"type":"buffer","id":1,"distance":1,"ttl":true}', JobReason.BAD_PARAMETER),
]


@pytest.mark.parametrize(("raw", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_worked_is_refused_with_its_reason(raw, reason):
    with pytest.raises(BadJob) as refused:
        plain.parse_job(raw)
    assert refused.value.kind == reason


def test_the_geometry_of_a_job_that_cannot_be_worked_is_still_named():
    assert plain.geometry_id(b'{"type":"rotate","id":"b7"}') == "b7"
