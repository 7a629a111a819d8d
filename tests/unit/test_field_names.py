"""Names of fields: each once, whatever others wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.field_names import LONGEST_NAME, TAKEN_BY_FORMATS, FieldNames


@given(
    st.lists(st.text(max_size=80) | st.sampled_from(["geom", "GEOM", "fid", "name", "Name", "", " name "]))
)
def test_no_two_names_are_alike_and_none_is_taken(wanted):
    names = FieldNames(["id"])
    given_names = [names.name(one).casefold() for one in wanted]
    assert len(set(given_names)) == len(given_names)
    assert not set(given_names) & (TAKEN_BY_FORMATS | {"id"})
    assert all(name and "\0" not in name and len(name) <= LONGEST_NAME + 10 for name in given_names)


@pytest.mark.parametrize(
    ("wanted", "name"), [("line", "line"), ("geom", "geom_2"), ("ID", "ID_2"), ("", "field")]
)
def test_a_name_stays_what_it_is_where_it_can(wanted, name):
    assert FieldNames(["id"]).name(wanted) == name


class Counted(set):
    """A set that counts how often it is asked."""

    asked = 0

    def __contains__(self, one):
        Counted.asked += 1
        return super().__contains__(one)


@pytest.mark.parametrize("wanted", ["", "geom", "x" * 100])
def test_thousands_of_names_that_would_be_alike_take_no_longer_each(wanted):
    names = FieldNames()
    names._taken, Counted.asked = Counted(names._taken), 0
    found = [names.name(f"{wanted}{number}" if wanted[:1] == "x" else wanted) for number in range(3000)]
    assert len(set(found)) == 3000 and Counted.asked < 3 * 3000
