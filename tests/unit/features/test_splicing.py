"""A value with some of its members changed: those are what they are to be, and all else stays to the letter."""

from __future__ import annotations

import gzip
import json
import random
import zlib

import pytest

from redis_geo_plugin.core.features.refusals import Refused
from redis_geo_plugin.core.features.splicing import GONE, OPEN, Leaf, add, at, rewritten, spliced
from redis_geo_plugin.core.features.values import decoded

NAMES = ["a", "b", 'quo"te', "é\\", "", "with space", "properties"]


def value(chosen: random.Random, depth: int = 0):
    kind = chosen.randrange(9 if depth < 4 else 6)
    if kind < 6:
        return [None, True, chosen.randrange(-(10**20), 10**20), chosen.gauss(0, 1e9), 'é"\\\n,]}', "[{"][
            kind
        ]
    if kind == 6:
        return [value(chosen, depth + 1) for _ in range(chosen.randrange(4))]
    return {name: value(chosen, depth + 1) for name in chosen.sample(NAMES, chosen.randrange(5))}


def written(chosen: random.Random, made) -> str:
    """In one of the ways in which programs write JSON."""
    styles = [{}, {"indent": 2}, {"separators": (",", ":")}, {"indent": "\t", "ensure_ascii": False}]
    return (
        chosen.choice(["", " \n"]) + json.dumps(made, **chosen.choice(styles)) + chosen.choice(["", "\n\n"])
    )


def paths(made, before=()):
    yield before
    items = made.items() if isinstance(made, dict) else enumerate(made) if isinstance(made, list) else ()
    for step, inner in items:
        yield from paths(inner, (*before, step))


def changed(made, path, leaf):
    """The value with one change, as plain Python makes it."""
    made = json.loads(json.dumps(made))
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    if leaf is GONE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = leaf.value
    return made


@pytest.mark.parametrize("seed", range(300))
def test_a_change_changes_what_it_names_and_nothing_else(seed):
    chosen = random.Random(seed)
    made = {"top": value(chosen), "list": [value(chosen)], **{"n": 1}}
    text = written(chosen, made)
    path = chosen.choice([path for path in paths(made) if path])
    leaf = chosen.choice([GONE, Leaf(value(chosen))])
    tree = {}
    add(tree, path, leaf)
    assert json.loads(spliced(text, tree)) == changed(made, path, leaf)
    if leaf is not GONE:
        assert at(json.loads(spliced(text, tree)), path) == leaf.value


@pytest.mark.parametrize("seed", range(100))
def test_members_are_added(seed):
    chosen = random.Random(seed)
    made = {"properties": chosen.choice([{}, None, {"a": 1}, {"a": 1, "b": [2]}])}
    tree = {}
    add(tree, ("properties", "new é"), Leaf([1]))
    expected = {"properties": {**(made["properties"] or {}), "new é": [1]}}
    assert json.loads(spliced(written(chosen, made), tree)) == expected
    assert json.loads(spliced("{ }", tree)) == {"properties": {"new é": [1]}}


def test_what_is_not_changed_stays_to_the_letter():
    text = (
        '{"a" :1.50000000000000000001, "b":\t12345678901234567890123,"\\u00e9":"\\u00e9",  "c":[1 , 2,3.0]}'
    )
    assert spliced(text, {"c": {1: Leaf(7)}}) == text.replace("1 , 2", "1 , 7")
    assert spliced(text, {"c": {0: GONE, 1: GONE}}) == text.replace("1 , 2,", "")
    assert spliced(text, {"b": GONE}) == text.replace(' "b":\t12345678901234567890123,', "")
    assert spliced(text, {"é": Leaf("e")}) == text.replace('"\\u00e9"', '"e"').replace(
        '"e":', '"\\u00e9":', 1
    )


def test_of_members_of_one_name_the_last_counts_as_it_does_in_reading():
    assert spliced('{"a":1,"a":2}', {"a": Leaf(3)}) == '{"a":1,"a":3}'
    assert spliced('{"a":1,"b":0,"a":2}', {"a": GONE}) == '{"b":0}'


@pytest.mark.parametrize("pack, unpack", [(bytes, bytes), (gzip.compress, gzip.decompress),
                                          (zlib.compress, zlib.decompress)], ids=["plain", "gzip", "zlib"])  # fmt: skip
def test_compressed_values_stay_compressed_as_they_were(pack, unpack):
    raw = pack(b'\xef\xbb\xbf{"a": {"b": 1}}' if pack is bytes else b'{"a": {"b": 1}}')
    new = rewritten(raw, {"a": {"b": Leaf(2)}})
    assert unpack(new) == unpack(raw).replace(b"1", b"2")
    assert unpack(rewritten(pack(b"POINT(1 2)"), Leaf("POINT(3 4)"))) == b"POINT(3 4)"


def test_json_within_a_text_and_within_that():
    inner = json.dumps({"geom": json.dumps({"n": 1.0, "m": "é"})})
    text = json.dumps({"payload": inner, "kept": inner})
    new = json.loads(spliced(text, {"payload": {OPEN: {"geom": {OPEN: {"n": Leaf(2)}}}}}))
    assert new["kept"] == inner
    assert json.loads(json.loads(new["payload"])["geom"]) == {"n": 2, "m": "é"}


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "x\\ud83d"])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_half_a_surrogate_within_texts_within_texts_stays_what_it_was(half, depth):
    """At whichever of the levels its escape is read as one."""
    for level in range(depth + 1):
        text, tree = '{"kept": "HALF", "HALF": 1, "n": 1}', {"n": Leaf(2)}
        for _ in range(depth):
            text, tree = json.dumps({"n": text}), {"n": {OPEN: tree}}
        raw = text.replace("HALF", half.replace("\\", "\\" * 2**level)).encode()
        path = ("n", OPEN) * depth
        old, new = (at(decoded(one), path) for one in (raw, rewritten(raw, tree)))
        assert new == {**old, "n": 2} and len(new) == 3


@pytest.mark.parametrize("text, tree", [
    ("[1]", {1: Leaf(2)}), ("[1]", {"a": Leaf(2)}), ("7", {"a": Leaf(2)}), ('"x"', {"a": Leaf(2)}),
    ("[1]", {OPEN: Leaf(2)}), ('{"a": 1}', {"a": {"b": Leaf(1)}}), ('{"a": 1}', {"a": Leaf(float("nan"))}),
])  # fmt: skip
def test_a_value_of_another_shape_is_refused(text, tree):
    with pytest.raises(Refused):
        spliced(text, tree)
    with pytest.raises(Refused):
        rewritten(b"POINT(1 2)", {"a": Leaf(1)})
