"""What a source registers with itself: its words, its reasons and the commands it reads with."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from redis_geo_plugin.core.live import declared, sources
from redis_geo_plugin.core.live.sources import KINDS, source_class
from redis_geo_plugin.core.live.spec import FeedSpec
from redis_geo_plugin.core.redis.gate import changes_nothing

FOLDER = Path(sources.__file__).parent
NO_SOURCES = {"__init__", "base", "members", "set_details"}
ASKING = ("ask", "ask_many", "_pack")


def files_of(kind):
    """The files in which a source's class and those it is made of stand."""
    return [
        Path(inspect.getfile(one))
        for one in source_class(kind).__mro__
        if one.__module__.startswith(sources.__name__)
    ]


def commands_in(path):
    """The commands that stand in a file as the first word of a tuple or of a call that asks."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        first = None
        if isinstance(node, ast.Tuple) and node.elts:
            first = node.elts[0]
        elif isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] in ASKING:
            first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and is_command(first.value):
            found.add(first.value)
    return found


def is_command(word):
    return word.replace(".", "").isalpha() and word == word.upper() and len(word) > 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_has_its_words(kind):
    words = source_class(kind).words(lambda text: text)
    assert KINDS[kind].label(str.upper).isupper()
    assert all(isinstance(sentence, str) and sentence for sentence in words.values())
    assert kind == source_class(kind).KIND
    assert sources.make_source(FeedSpec(kind=kind)).spec.kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_source_asks_passes_the_gate_of_production_connections(kind):
    """A command that a source reads with and does not register would be refused on a production connection."""
    asked = {word for path in files_of(kind) for word in commands_in(path)}
    registered = {name.partition("|")[0] for name in source_class(kind).COMMANDS}
    assert asked, "the test finds no command in this source"
    for word in asked | registered:
        assert word in registered or changes_nothing([word, "USAGE"]), f"{word}: add it to COMMANDS of {kind}"
    assert not changes_nothing(["JSON.SET", "k", "$", "1"]) and not changes_nothing(["TS.ADD", "k", "*", "1"])


def test_every_file_is_a_source_and_every_source_has_its_line():
    files = {path.stem for path in FOLDER.glob("*.py")} - NO_SOURCES
    assert files == {one.module for one in KINDS.values()}


def test_indexes_are_read_through_the_gate_too():
    assert commands_in(Path(declared.__file__)) <= set(declared.COMMANDS)
    assert all(changes_nothing([name, "x"]) for name in declared.COMMANDS)


def test_an_unknown_kind_is_said():
    with pytest.raises(ValueError, match="no_such"):
        source_class("no_such")


def test_kinds_are_named_without_a_client_of_redis():
    code = "import sys; from redis_geo_plugin.core.live import sources; print('redis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
