"""Whether every name that the plugin takes from Qt is one that PyQt6 knows. ``tools/matrix.sh`` runs it where there is a PyQt6.

QGIS 4 stands on Qt 6, and no build of it is at hand. Classes, enumerators and class methods are looked up in PyQt6 by
reading the sources; nothing of the plugin is imported. What an object of the class is asked for is not seen by this.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "redis_geo_plugin"
SHIM = "qgis.PyQt."
MOVED = {"QtWidgets": ("QtGui",)}  # qgis.PyQt offers QAction and others at their old place too
ONLY_QT5 = {"bridge/compat.py": {"QVariant.Type"}}  # taken only where QGIS is older than 3.38


def find(module: str, name: str) -> Any:
    """What PyQt6 has under this name of a module of Qt, else None."""
    for place in (module, *MOVED.get(module, ())):
        found = getattr(importlib.import_module(f"PyQt6.{place}"), name, None)
        if found is not None:
            return found
    return None


def imported(parsed: ast.Module) -> dict[str, tuple[str, str]]:
    """Local name -> (module of Qt, name there)."""
    return {
        alias.asname or alias.name: (node.module[len(SHIM) :], alias.name)
        for node in ast.walk(parsed)
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith(SHIM)
        and not node.level
        for alias in node.names
    }


def chains(parsed: ast.Module) -> Iterator[tuple[int, list[str]]]:
    """Every a.b.c of the source as its line and names."""
    for node in ast.walk(parsed):
        names: list[str] = []
        inner: ast.AST = node
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if names and isinstance(inner, ast.Name):
            yield node.lineno, [inner.id, *reversed(names)]


def unknown(text: str) -> list[str]:
    """The names of Qt in a source that PyQt6 does not have, each with its line."""
    parsed = ast.parse(text)
    names = imported(parsed)
    missing = {
        f"{name} of {module}"
        for module, name in names.values()
        if module != "sip" and find(module, name) is None
    }
    found = sorted(missing)
    for line, (root, *rest) in chains(parsed):
        module, name = names.get(root, ("", ""))
        value = find(module, name) if module not in ("", "sip") else None
        for i, attribute in enumerate(rest):
            if value is None:
                break
            if not hasattr(value, attribute):
                found.append(f"line {line}: {'.'.join([root, *rest[: i + 1]])}")
            value = getattr(value, attribute, None)
    return found


def main() -> int:
    count, wrong = 0, []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        if place.startswith(("_vendor/", "resources/")):
            continue
        count += 1
        for found in unknown(path.read_text(encoding="utf-8")):
            if not any(found.endswith(name) for name in ONLY_QT5.get(place, ())):
                wrong.append(f"{place}: {found}")
    print("\n".join(wrong) or f"qt6: every name of Qt in {count} files is one of PyQt6")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
