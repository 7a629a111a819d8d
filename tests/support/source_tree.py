"""The plugin's own source, parsed once, for the tests of its architecture: who imports whom, what stands where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "redis_geo_plugin"
NAME = PACKAGE.name
FLOORS = ("core", "worker", "bridge", "processing", "gui")


def _is_ours(path: Path) -> bool:
    return not {"_vendor", "resources"} & set(path.parts)


SOURCES = [path for path in sorted(PACKAGE.rglob("*.py")) if _is_ours(path)]


def name_of(path: Path) -> str:
    """``redis_geo_plugin/core/keys.py``"""
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    """``redis_geo_plugin.core.keys``; of a folder's ``__init__.py`` the folder's."""
    return name_of(path)[:-3].replace("/", ".").removesuffix(".__init__")


def of_floors(*floors: str) -> list[Path]:
    """The sources below these folders of the package."""
    return [path for path in SOURCES if path.relative_to(PACKAGE).parts[0] in floors]


@cache
def text_of(path: Path) -> str:
    """The text of a source."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a source."""
    return ast.parse(text_of(path), str(path))


@cache
def imports_of(path: Path) -> frozenset[str]:
    """The absolute names of all that a file imports, at its top, within functions and for types alone."""
    package = list(path.relative_to(ROOT).parent.parts)
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def import_graph() -> dict[str, set[str]]:
    """Module -> the modules of the package that it imports. A folder's own ``__init__`` is none of them: Python imports it
    before, whoever asks."""
    modules = {module_of(path): path for path in SOURCES}
    return {
        module: {
            other
            for other in imports_of(path)
            if other in modules and other != module and not module.startswith(other + ".")
        }
        for module, path in modules.items()
    }


def rooms() -> dict[str, str]:
    """Folder below the package (``core/redis``) -> the first line of its docstring."""
    return {
        path.parent.relative_to(PACKAGE).as_posix(): (ast.get_docstring(tree_of(path)) or "").split("\n")[0]
        for path in SOURCES
        if path.name == "__init__.py" and path.parent != PACKAGE
    }


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of nodes that reach each other (Tarjan's strongly connected components of more than one node)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def definitions(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """(dotted name, node) of every class and function that is not within a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{name}", inner) for name, inner in definitions(node))
