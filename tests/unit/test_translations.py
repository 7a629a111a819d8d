"""The tool that keeps the French in step with the source, and the state of the French itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools import translations


@pytest.fixture
def package(tmp_path) -> Path:
    folder = tmp_path / "package"
    (folder / "gui" / "cache").mkdir(parents=True)
    return folder


def write(package: Path, name: str, text: str) -> None:
    (package / name).write_text(text, encoding="utf-8")


def finish(area: str, folder: Path, **words: str) -> None:
    """Translate every entry of an area's file: by source where given, else by itself."""
    path = translations.ts_path(area, folder)
    entries = [
        translations.Entry(e.source, words.get(e.source, e.source), True) for e in translations.read_ts(path)
    ]
    translations.write_ts(path, entries)


def test_literals_are_found_whole(package):
    write(package, "a.py", 'x = tr("one " "two")\ny = tr("{n} <of> & them").format(n=3)\nz = other("no")\n')
    found = translations.find_texts(translations.package_files(package), package)
    assert list(found.texts) == ["one two", "{n} <of> & them"]


@pytest.mark.parametrize(
    "call", ['tr(f"a {b}")', "tr(text)", 'tr("a" + b)', 'tr("a", "b")', 'tr("")', "tr()"]
)
def test_what_is_no_literal_is_refused(package, call):
    write(package, "a.py", f"x = {call}\n")
    assert translations.check(package, package) == ["a.py:1: tr takes one literal text, nothing else"]


def test_update_adds_and_drops_and_check_follows(package, tmp_path):
    folder = tmp_path / "ts"
    write(package, "a.py", 'tr("one")\ntr("two <b>&</b>")\n')
    missing = ["a.py:1: not translated: 'one'", "a.py:2: not translated: 'two <b>&</b>'"]
    assert translations.check(package, folder) == missing
    assert translations.update("common", None, package, folder) == (2, 0)
    assert [p.split(": ")[1] for p in translations.check(package, folder)] == ["unfinished", "unfinished"]
    finish("common", folder)
    assert translations.check(package, folder) == []
    write(package, "a.py", 'tr("two <b>&</b>")\n')
    assert translations.check(package, folder) == ["redis_geo_fr_common.ts: stale: 'one'"]
    assert translations.update("common", None, package, folder) == (0, 1)
    assert translations.check(package, folder) == []


def test_a_text_stands_in_one_file_and_areas_keep_to_their_own(package, tmp_path):
    folder = tmp_path / "ts"
    write(package, "gui/cache/dock.py", 'tr("mine")\n')
    write(package, "new.py", 'tr("anyone\'s")\n')
    assert translations.update("live", None, package, folder) == (1, 0)
    assert translations.update("cache", None, package, folder) == (1, 0)
    assert [e.source for e in translations.read_ts(translations.ts_path("cache", folder))] == ["mine"]


def test_a_text_that_two_branches_added_is_told_and_kept_in_one_file(package, tmp_path):
    folder = tmp_path / "ts"
    write(package, "gui/cache/dock.py", 'tr("both")\ntr("mine")\n')
    (package / "gui" / "live").mkdir(parents=True)
    write(package, "gui/live/dock.py", 'tr("both")\n')
    entry = translations.Entry("both", "les deux", True)
    for area in ("cache", "live"):
        translations.write_ts(translations.ts_path(area, folder), [entry])
    doubled = "redis_geo_fr_live.ts: stands in redis_geo_fr_cache.ts too (update mends it): 'both'"
    assert doubled in translations.check(package, folder)
    assert translations.update("cache", None, package, folder) == (1, 0)
    assert translations.update("live", None, package, folder) == (0, 1)
    finish("cache", folder)
    assert translations.check(package, folder) == []
    assert [e.source for e in translations.read_ts(translations.ts_path("cache", folder))] == ["both", "mine"]
    assert translations.update("live", None, package, folder) == (0, 0)


def test_placeholders_and_french_spaces(package, tmp_path):
    folder = tmp_path / "ts"
    write(package, "a.py", 'tr("{n} of {m}")\ntr("Why?")\n')
    translations.update("common", None, package, folder)
    finish("common", folder, **{"{n} of {m}": "{n} sur {x}", "Why?": "Pourquoi ?"})
    assert [p.split(": ")[1] for p in translations.check(package, folder)] == [
        "other placeholders than the source",
        "a plain space where French has a no-break space (update mends it)",
    ]
    translations.update("common", None, package, folder)
    assert "Pourquoi\u00a0?" in translations.ts_path("common", folder).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Oui : « {n} » ; non ?", "Oui\u00a0: «\u00a0{n}\u00a0»\u00a0; non\u00a0?"),
        ("le champ «\u202f{n}\u202f».", "le champ «\u00a0{n}\u00a0»."),
        (
            "en {ms} ms, 4 Mo et 0,6 % de 10 000 km",
            "en {ms}\u00a0ms, 4\u00a0Mo et 0,6\u00a0% de 10\u202f000\u00a0km",
        ),
        (" min", "\u00a0min"),
        ("l'heure d'ici, 'redis' et {x}'y", "l’heure d’ici, 'redis' et {x}'y"),
        ("1 000 EPSG:4326 redis://hote:6379", "1\u202f000 EPSG:4326 redis://hote:6379"),
        ("1 membre, 3 minutes, 2 hashs", "1 membre, 3 minutes, 2 hashs"),
    ],
)
def test_french_is_written_as_it_is_printed(typed, printed):
    assert translations.french_spaces(typed) == printed
    assert translations.french_spaces(printed) == printed


def test_a_thing_has_one_name_in_all_windows():
    assert translations.other_words("les hashs du cluster, par les travailleurs") == []
    assert translations.other_words("une table de hachage de la grappe") == [
        "'grappe' is called 'cluster'",
        "'table de hachage' is called 'hash'",
    ]


def test_two_files_make_one_compiled_file(package, tmp_path):
    folder = tmp_path / "ts"
    for area, text in (("common", "one"), ("live", "two")):
        translations.write_ts(
            translations.ts_path(area, folder), [translations.Entry(text, text + " fr", True)]
        )
    compiled = translations.build(folder)
    content = compiled.read_bytes()
    assert "one fr".encode("utf-16-be") in content and "two fr".encode("utf-16-be") in content


def test_the_french_of_the_plugin_is_complete():
    assert translations.check() == []


def test_the_colon_between_two_texts_is_that_of_the_language():
    """In windows a name and what is said of it are joined by ``labelled``: French puts a space before the colon."""
    joined = []
    for path in sorted((translations.PACKAGE / "gui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.values if isinstance(node, ast.JoinedStr) else []
            if "log." in path.read_text(encoding="utf-8").splitlines()[getattr(node, "lineno", 1) - 1]:
                continue  # for those who read logs, in English
            if any(isinstance(part, ast.Constant) and part.value in (": ", " : ") for part in parts):
                joined.append(f"{path.relative_to(translations.PACKAGE)}:{node.lineno}")
    assert joined == []
