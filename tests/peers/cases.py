"""QGIS's own cases, run by QGIS's own test classes: with the native algorithm, ours from an empty cache, ours again."""

from __future__ import annotations

import copy
import importlib
import shutil
import sys
import traceback
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsMapLayer, QgsProcessingUtils

from tests.peers import outcome, source
from tests.peers.compare import Difference
from tests.peers.outcome import Outcome
from tests.peers.twins import Twin


@dataclass(frozen=True)
class QgisCase:
    """A case of a ``qgis_algorithm_tests*.yaml``; ``module`` is the module whose class runs that file."""

    twin: Twin
    module: str
    definition: dict[str, Any]

    @property
    def name(self) -> str:
        """As QGIS calls it."""
        return f"QGIS / {self.definition['name']}"

    def run(self, number: int) -> tuple[list[Difference], int]:
        """What failed, or differed from native's live output; and how many results the last run had from the cache."""
        native = self._run_once(self.twin.native, {})
        ours = {"NAMESPACE": f"qgis{number}"}
        first, again = self._run_once(self.twin.ours, ours), self._run_once(self.twin.ours, ours)
        found = self._differences(native, first)
        found += [
            Difference(f"again: {one.aspect}", one.native, one.ours)
            for one in self._differences(native, again)
            if one not in found
        ]
        return found, again.hits

    def _differences(self, native: _Run, ours: _Run) -> list[Difference]:
        # joinbynearest has other outputs: only its distances are compared
        distances = self.twin.name == "nearest" and native.outcome and ours.outcome
        # who passes QGIS's case is right, whatever native does here
        if ours.failure and ours.failure != native.failure and not distances:
            return [Difference("QGIS's case", native.failure or "passes", ours.failure or "passes")]
        if native.outcome is None or ours.outcome is None:
            return []
        return self.twin.differences(native.outcome, ours.outcome)

    def _run_once(self, id: str, more: dict[str, Any]) -> _Run:
        outcome.on_start(id)
        definition = copy.deepcopy(self.definition)
        definition["algorithm"] = id
        definition["params"].update(more)
        test = _class_of(self.module)("check_algorithm")
        test.cleanup_paths, test.in_place_layers, test.vector_layer_params = [], {}, {}
        found = _Run()
        checked = test.check_results

        def check_results(results: dict, context: Any, params: Any, expected: Any) -> None:
            found.hits = int(results.get("HITS", 0))
            value = results.get("OUTPUT")
            layer = value if isinstance(value, QgsMapLayer) else None
            if layer is None and value:
                layer = QgsProcessingUtils.mapLayerFromString(str(value), context)
            if layer is not None:
                found.outcome = outcome.read(layer)
            checked(results, context, params, expected)

        test.check_results = check_results
        try:
            test.check_algorithm(definition["name"], definition)
        except Exception as error:
            last = traceback.format_exception_only(type(error), error)[-1].strip()
            found.failure = last.splitlines()[0] if last else type(error).__name__
        for path in test.cleanup_paths:
            shutil.rmtree(path, ignore_errors=True)
        return found


@dataclass
class _Run:
    failure: str = ""
    outcome: Outcome | None = None
    hits: int = 0


def cases(twin: Twin, folder: Path) -> Iterator[QgisCase]:
    """The cases of an algorithm that are meant for this GEOS and GDAL, as QGIS's own class chooses them."""
    prepare(folder)
    for path in sorted((folder / source.PROCESSING).glob("QgisAlgorithmsTest*.py")):
        chosen = _class_of(path.stem)("check_algorithm")
        for _check, _name, definition in chosen.test_algorithms():
            if definition["algorithm"] == twin.native and isinstance(definition["params"], dict):
                yield QgisCase(twin, path.stem, definition)


def prepare(folder: Path) -> None:
    """Make QGIS's test modules importable; what they take from QGIS's build is stood in for."""
    tests = str(folder / source.PROCESSING)
    if tests in sys.path:
        return
    sys.path.insert(0, tests)
    utilities = types.ModuleType("utilities")
    utilities.unitTestDataPath = lambda *_: str(folder / "tests/testdata")  # type: ignore[attr-defined]
    sys.modules.setdefault("utilities", utilities)
    sys.modules.setdefault("nose2", types.ModuleType("nose2"))


def _class_of(module: str) -> Any:
    """The test class of a module of QGIS's."""
    base = importlib.import_module("AlgorithmsTestBase").AlgorithmsTest
    for one in vars(importlib.import_module(module)).values():
        if isinstance(one, type) and issubclass(one, base) and one is not base:
            return one
    raise LookupError(f"{module} has no class of cases")
