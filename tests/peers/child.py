"""One algorithm in a process of its own: ``python -m tests.peers.child ALGORITHM KIND SOURCE OUT AFTER``.

Writes a line of JSON for each case and each of its runs, before and after: where QGIS dies, the last line says in which.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main(name: str, kind: str, folder: Path, out: Path, after: int) -> None:
    """Run the cases of ``kind`` from the number ``after`` on."""
    from qgis.testing import start_app

    start_app()
    from qgis.core import QgsApplication

    sys.path.append(f"{QgsApplication.pkgDataPath()}/python/plugins")
    from processing.core.Processing import Processing

    Processing.initialize()
    from redis_geo_plugin.processing.provider import RedisGeoProvider

    provider = RedisGeoProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    with tempfile.TemporaryDirectory() as work, open(out, "a", buffering=1) as log:
        _run_all(name, kind, folder, Path(work), after, lambda **told: log.write(json.dumps(told) + "\n"))
    sys.stdout.flush()
    os._exit(0)  # not the slow end of QGIS, in which it may die


def _run_all(name: str, kind: str, folder: Path, work: Path, after: int, tell: Any) -> None:
    from qgis.core import QgsSettings

    from redis_geo_plugin.bridge.settings import CACHE_ALL
    from tests.peers import outcome
    from tests.peers.twins import TWINS

    QgsSettings().setValue(CACHE_ALL, True)  # else what is quick to compute would not come from the cache

    outcome.on_start = lambda id: tell(step=id)
    only = os.environ.get("REDIS_GEO_PEERS_ONLY", "")
    for number, (case, run) in enumerate(_cases(TWINS[name], kind, folder, work)):
        if number < after or only not in f"{name} / {case}":
            continue
        tell(number=number, case=case)
        try:
            found, hits = run(number)
        except Exception as error:
            tell(broken=repr(error))
            continue
        tell(found=[(one.aspect, one.native, one.ours) for one in found], hits=hits)
    tell(ended=True)


def _cases(twin: Any, kind: str, folder: Path, work: Path) -> Iterator[tuple[str, Any]]:
    from tests.peers import cases, definition, matrix
    from tests.peers.layers import Layers

    if kind == "definition":
        yield from definition.checks(twin)
    elif kind == "cases":
        for one in cases.cases(twin, folder):
            yield one.name, one.run
    else:
        layers = Layers(folder, work)
        for case in matrix.cases(twin):
            yield case.name, lambda number, case=case: _in_folder(case, layers, number)


def _in_folder(case: Any, layers: Any, number: int) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return case.run(layers, Path(folder), number)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
