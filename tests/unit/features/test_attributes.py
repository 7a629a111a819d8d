"""Fields are typed by all values of a set, widened where they differ, and named for any file."""

from __future__ import annotations

from datetime import date, time

import pytest

from redis_geo_plugin.core.features.attributes import MOST_FIELDS, OTHERS, TEXT, SetSchema, values_of

CASES = {
    "whole numbers": ([1, 2, None], "int", [1, 2, None]),
    "numbers": ([1, 2.5], "real", [1.0, 2.5]),
    "no number": ([float("nan"), 2.5], "real", [None, 2.5]),
    "too large": ([2**70], "text", [str(2**70)]),
    "truths": ([True, False], "bool", [True, False]),
    "truth and number": ([True, 1], "text", ["true", "1"]),
    "words": (["a", None, ""], "text", ["a", None, ""]),
    "words for nothing are words": (["none", "nan", "-"], "text", ["none", "nan", "-"]),
    "digits in quotes": (["12"], "text", ["12"]),
    "word and number": (["a", 1], "text", ["a", "1"]),
    "days": (["2026-11-29"], "date", [date(2026, 11, 29)]),
    "no day": (["2026-13-29"], "text", ["2026-13-29"]),
    "moments": (
        ["2026-11-29T10:00:00Z", "2026-11-29 11:00:00+01:00"],
        "datetime",
        [1795946400.0, 1795946400.0],
    ),
    "days and moments": (["1970-01-02", "1970-01-01T00:00:01"], "datetime", [86400.0, 1.0]),
    "times": (["10:20:30.5", "23:59:59"], "time", [time(10, 20, 30, 500000), time(23, 59, 59)]),
    "lists": ([[1, 2], {"a": 1}], "text", ["[1, 2]", '{"a": 1}']),
    "nothing at all": ([None], "text", [None]),
    "half a surrogate pair": (["\ud800"], "text", ["?"]),
}
TEXTS = {
    "whole numbers": (["1", "-2", ""], "int", [1, -2, None]),
    "numbers": (["1", "2.5", "1e3"], "real", [1.0, 2.5, 1000.0]),
    "leading zeros": (["007", "8"], "text", ["007", "8"]),
    "truths": (["true", "False"], "bool", [True, False]),
    "words": (["a", ""], "text", ["a", ""]),
    "too large": (["99999999999999999999"], "text", ["99999999999999999999"]),
    "days": (["2026-11-29"], "date", [date(2026, 11, 29)]),
    "bytes": ([b"\xff"], "text", ["\\xff"]),
}


def learnt(values: list, texts: bool):
    schema = SetSchema()
    for value in values:
        schema.learn({"x": value}, texts)
    return schema.fields()


@pytest.mark.parametrize("name", CASES)
def test_values_of_json(name):
    check(*CASES[name], texts=False)


@pytest.mark.parametrize("name", TEXTS)
def test_bare_texts_are_what_all_of_them_could_be(name):
    check(*TEXTS[name], texts=True)


def check(values: list, kind: str, expected: list, texts: bool) -> None:
    fields = learnt(values, texts)
    assert [one.kind for one in fields] == [kind]
    found = [values_of(fields, {"x": value})[0] for value in values]
    assert found == expected and list(map(type, found)) == list(map(type, expected))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", CASES)
def test_a_number_that_is_none_is_no_value_of_any_type(name, value):
    values, kind, expected = CASES[name]
    fields = learnt([*values, value], False)
    assert [one.kind for one in fields] == [kind]
    assert [values_of(fields, {"x": one})[0] for one in values] == expected
    found = values_of(fields, {"x": value})[0]
    assert type(found) is str if kind == TEXT else found is None


def test_the_order_of_the_values_does_not_matter():
    for values, kind, _ in CASES.values():
        assert learnt(values[::-1], False)[0].kind == kind


def test_names_that_files_reserve_are_changed():
    schema = SetSchema()
    schema.learn({"fid": 1, "geom": "a", "Name": 1, "name": 2, "redis_id": 3, "": 4})
    assert [one.field for one in schema.fields()] == [
        "fid_2",
        "geom_2",
        "Name",
        "name_2",
        "redis_id_2",
        "field",
    ]


def test_too_many_fields_stand_together():
    schema, record = SetSchema(), {f"f{n}": n for n in range(MOST_FIELDS + 5)}
    schema.learn(record)
    fields = schema.fields()
    assert len(fields) == MOST_FIELDS + 1 and fields[-1].field == OTHERS
    assert values_of(fields, record)[-1].startswith('{"f500": 500')
