"""What FT.INFO says, in the shapes of several versions, and what the query engine is sent."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.features import covering, documents, indexes
from redis_geo_plugin.core.features.indexes import Index, IndexField, IndexProblem

STACK = [
    *(b"index_name", b"cars", b"index_options", []),
    *(b"index_definition", [b"key_type", b"JSON", b"prefixes", [b"car:", b"bus:"], b"default_score", b"1"]),
    b"attributes",
    [
        [b"identifier", b"$.at", b"attribute", b"at", b"type", b"GEO", b"SORTABLE"],
        [b"identifier", b"$.s", b"attribute", b"s", b"type", b"GEOSHAPE", b"coord_system", b"FLAT"],
        [b"identifier", b"$.t", b"attribute", b"t", b"type", b"TEXT", b"WEIGHT", b"1", b"NOSTEM"],
    ],
    *(b"num_docs", 7, b"hash_indexing_failures", 2, b"indexing", 1, b"percent_indexed", b"0.25"),
    *(
        b"Index Errors",
        [b"indexing failures", 2, b"last indexing error", b"bad", b"last indexing error key", b"car:9"],
    ),
    *(
        b"field statistics",
        [[b"identifier", b"$.at", b"attribute", b"at", b"Index Errors", [b"indexing failures", 2]]],
    ),
]
OLDER = [
    *(b"index_name", b"cars", b"index_definition", [b"key_type", b"HASH", b"prefixes", [b"car:"]]),
    *(b"attributes", [[b"identifier", b"at", b"attribute", b"at", b"type", b"GEO"]]),
    *(b"num_docs", b"7", b"hash_indexing_failures", b"2", b"percent_indexed", b"nan"),
]
RESP3 = {
    b"index_definition": {b"key_type": b"JSON", b"prefixes": [b"car:"]},
    b"attributes": [{b"identifier": b"$.at", b"attribute": b"at", b"type": b"GEO", b"flags": [b"SORTABLE"]}],
    b"num_docs": 7.0,
    b"percent_indexed": 1.0,
    b"Index Errors": {
        b"indexing failures": 0,
        b"last indexing error": b"N/A",
        b"last indexing error key": b"N/A",
    },
}


def test_what_redis_stack_says():
    index = indexes.read_info("cars", STACK)
    assert (index.kind, index.prefixes, index.documents) == ("JSON", ("car:", "bus:"), 7)
    assert (index.failures, index.reason, index.failed_key, index.done) == (2, "bad", "car:9", 0.25)
    assert index.fields == (
        IndexField("at", "$.at", "GEO", failures=2),
        IndexField("s", "$.s", "GEOSHAPE", flat=True),
        IndexField("t", "$.t", "TEXT"),
    )


def test_what_older_ones_and_resp3_say():
    older, newer = indexes.read_info("cars", OLDER), indexes.read_info("cars", RESP3)
    assert (older.kind, older.documents, older.failures, older.done) == ("HASH", 7, 2, 1.0)
    assert (newer.kind, newer.documents, newer.failures, newer.done, newer.reason) == ("JSON", 7, 0, 1.0, "")
    assert [one.fields[0].path for one in (older, newer)] == ["at", "$.at"]


@pytest.mark.parametrize(
    "said", [None, [], {}, b"OK", 7, [b"attributes"], [b"attributes", [[], 7, b""]], [[[]]]]
)
def test_rubbish_is_an_index_of_nothing(said):
    index = indexes.read_info("x", said)
    assert index.fields == () and index.documents == 0
    with pytest.raises(IndexProblem, match="no_geo"):
        index.geometry()


@pytest.mark.parametrize(
    "query, unknown",
    [
        ("@state:{free} @at:[2 48 1 km]", ()),
        ("@sate:{free} | -@nix:[1 2]", ("sate", "nix")),
        ("*", ()),
        (r"@a\ b:{x}", ()),
        ("mail me@home", ()),
        ("@__key:{x}", ()),
    ],
)
def test_fields_of_a_query_that_the_index_does_not_have(query, unknown):
    fields = tuple(IndexField(name, name, "TAG") for name in ("state", "at", "a b"))
    assert Index("cars", fields=fields).unknown_fields(query) == unknown


@pytest.mark.parametrize(
    "name, sent", [("at", "at"), ("a-b c", r"a\-b\ c"), ("é:{}|", r"é\:\{\}\|"), ("$.x", r"\$\.x")]
)
def test_names_of_fields_are_escaped(name, sent):
    assert indexes.escaped(name) == sent


@pytest.mark.parametrize(
    "wanted, query",
    [("", "(@at:[1])"), (" * ", "(@at:[1])"), ("@a:{x} | @b:{y}", "(@a:{x} | @b:{y}) (@at:[1])")],
)
def test_the_query_of_the_user_stands_in_brackets(wanted, query):
    assert covering.Cover("@at:[1]").within(wanted) == query
    assert covering.EVERYTHING.within("") == "*"


@pytest.mark.parametrize(
    "shown, place",
    [
        ("2.35,48.85", (2.35, 48.85)),
        ("2.35 48.85", (2.35, 48.85)),
        (" 2.35 , 48.85 ", (2.35, 48.85)),
        ("2.35", None),
        ("a,b", None),
        ("1,2,3", None),
        ("nan,1", None),
        ("1,91", None),
        ("1e999,1", None),
    ],
)
def test_positions(shown, place):
    assert documents.position(shown) == place


def test_texts_of_a_path():
    assert documents.texts_of(b'["1,2",["3,4"],5,null]', True) == ["1,2", "3,4"]
    assert documents.texts_of(b"1,2", True) == documents.texts_of(b"1,2", False) == ["1,2"]
    assert documents.texts_of(b"[[[[", True) == ["[[[["]
