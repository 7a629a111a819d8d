"""The books of the queue without a server: one interface, two implementations, scripts as files, records of others."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redis_geo_plugin.core.jobs import books, names, records, scripted
from redis_geo_plugin.core.jobs.model import MOST, Code, count_of, pause_before
from redis_geo_plugin.core.jobs.scripted import ScriptedBooks, denied, script
from redis_geo_plugin.core.jobs.transactions import TransactionBooks
from redis_geo_plugin.core.redis.redispy import exceptions

LUA = Path(scripted.__file__).parent / "lua"
METHODS = [
    name for name, _ in inspect.getmembers(books.Books, inspect.isfunction) if not name.startswith("_")
]


@pytest.mark.parametrize("kind", [ScriptedBooks, TransactionBooks])
@pytest.mark.parametrize("method", METHODS)
def test_both_ways_of_keeping_have_the_whole_interface(kind, method):
    wanted = inspect.signature(getattr(books.Books, method))
    assert list(inspect.signature(getattr(kind, method)).parameters) == list(wanted.parameters)


def test_each_change_is_one_script_and_each_script_is_used():
    assert {path.stem for path in LUA.glob("*.lua")} == {*METHODS, "common"}


@pytest.mark.parametrize("name", METHODS)
def test_a_script_names_no_stream_nor_part_of_a_batch_that_it_is_not_given(name):
    text, sha = script(name)
    code = re.sub(r"--[^\n]*", "", text)
    assert "flux:" not in code and "':taches', ':issues'" not in code
    assert re.fullmatch("[0-9a-f]{40}", sha) and text.startswith("-- What all scripts begin with.")


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (exceptions.NoPermissionError("User x has no permissions to run the 'evalsha' command"), True),
        (exceptions.ResponseError("NOPERM this user has no permissions to run the 'eval' command"), True),
        (exceptions.ResponseError("unknown command 'EVALSHA', with args beginning with:"), True),
        (exceptions.NoPermissionError("No permissions to access a key"), False),
        (exceptions.ResponseError("WRONGTYPE Operation against a key, script: evaluation"), False),
        (exceptions.ResponseError("OOM command not allowed when used memory > 'maxmemory'"), False),
    ],
)
def test_only_a_denied_script_leads_to_transactions(error, wanted):
    assert denied(error) is wanted


@given(st.binary(max_size=30) | st.integers().map(lambda n: str(n).encode()))
def test_a_count_is_never_negative_nor_beyond_what_is_kept(raw):
    assert 0 <= count_of(raw) <= MOST


@given(st.dictionaries(st.sampled_from([name.encode() for name in records.HEAD]), st.binary(max_size=40)))
def test_the_head_of_a_batch_is_read_whatever_stands_in_it(head):
    batch = records.batch_of("b", head)
    assert (batch is None) == (b"cree" not in head)
    if batch is not None:
        assert batch.done >= 0 and batch.priority in list(names.Priority) and batch.created <= records.LATEST
        assert batch.finished == (batch.total is not None and batch.done >= batch.total)


def test_lost_jobs_have_ended():
    head = {b"cree": b"1", b"total": b"5", b"c": b"3", Code.LOST.encode(): b"2"}
    batch = records.batch_of("b", head)
    assert (batch.lost, batch.done, batch.finished) == (2, 5, True)


def test_a_damaged_batch_never_counts_as_finished():
    batch = records.damaged_batch("b", "{q}:lot:b")
    assert batch.damaged and not batch.finished and batch.done == 0


def test_pauses_grow_to_a_minute():
    assert [pause_before(tries) for tries in range(1, 6)] == [1, 4, 16, 60, 60]


@pytest.mark.parametrize("name", ["", "a b", "{a}", "a*", "a\\b", "a\nb", "[a]"])
def test_a_queue_cannot_have_a_name_that_breaks_its_keys(name):
    with pytest.raises(ValueError, match="queue"):
        names.check_queue_name(name)


def test_every_book_has_the_queues_hash_tag():
    assert names.books_prefix("taches_spatiales") == "{taches_spatiales}:"
    assert names.priority_of("flux:haute" + names.AGAIN) == "flux:haute" == names.priority_of("flux:haute")
