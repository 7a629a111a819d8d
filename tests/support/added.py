"""What docs/development.md adds as one file and one line, in both languages."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "docs/development.md", ROOT / "docs/fr/development.md")


def steps(page: Path, folder: str, table: str, registry: str) -> tuple[re.Match, re.Match]:
    """The file that a page adds to ``folder`` (``path``, ``code``), and the ``line`` at the end of ``table`` in
    ``registry``."""
    text = page.read_text(encoding="utf-8")
    file = rf"^`(?P<path>{folder}/\w+\.py)`\n```python\n(?P<code>.*?)```\n"
    line = rf"^`{table}` \w+ `{re.escape(registry)}`[^\n]*\n```text\n(?P<line>.*?)```\n"
    return re.search(file, text, re.S | re.M), re.search(line, text, re.S | re.M)


def same_in_all_languages(folder: str, table: str, registry: str) -> str:
    """The line, after asserting that all pages add the same file and one line."""
    (file, line), *others = (steps(page, folder, table, registry) for page in PAGES)
    assert all((file[0], line["line"]) == (other[0], its["line"]) for other, its in others)
    assert line["line"].count("\n") == 1
    return line["line"].strip()


def load(file: re.Match, folder: Path, monkeypatch) -> ModuleType:
    """The module of the file, under the name that it would have in the package."""
    path = folder / Path(file["path"]).name
    path.write_text(file["code"], encoding="utf-8")
    name = file["path"].removesuffix(".py").replace("/", ".")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module
