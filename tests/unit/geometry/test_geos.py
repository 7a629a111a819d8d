"""The version of GEOS: which one computes, and whose results its name stands for."""

from __future__ import annotations

import pytest
import shapely

from redis_geo_plugin.core.geometry import geos
from redis_geo_plugin.core.operations import OPERATIONS, Buffer, Simplify

BOUND = (Buffer, Simplify)  # versions were found to differ


def test_shapelys_own_geos_computes_where_the_program_has_none():
    assert geos.full_version() == ".".join(map(str, shapely.geos_version))
    assert geos.version() == geos.release(geos.full_version())


@pytest.mark.parametrize(
    ("full", "name"),
    [("3.11.1", "3.11"), ("3.11.4", "3.11"), ("3.12.0", "3.12"), ("3.12.1", "3.12.1"), ("3.12.4", "3.12.3"),
     ("3.13.0", "3.13"), ("3.13.1", "3.13.1"), ("3.14.1", "3.14"), ("3.15.0beta1", "3.15"), ("3.15dev", "3.15")],
)  # fmt: skip
def test_a_patch_release_counts_where_it_changed_results(full, name):
    assert geos.release(full) == name


@pytest.mark.parametrize("kind", OPERATIONS.values())
def test_results_that_depend_on_it_have_keys_of_their_own(kind):
    own, older = kind(), kind().computed_by("3.1")  # which no Shapely has
    assert own.engine == (geos.version() if kind in BOUND else "")
    assert (own.fingerprint() != older.fingerprint()) == (kind in BOUND)
    assert kind.from_job(older.to_job()) == older, "a job says by which it is wanted"
    assert kind.from_job({}).engine == own.engine, "a job of the plain list is wanted by whichever works it"
