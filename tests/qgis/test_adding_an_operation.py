"""A new cached operation is a new file and a line, twice, as docs/development.md has it; and every one there is is complete."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from qgis.core import QgsApplication

from redis_geo_plugin.bridge.operations import OFFERED
from redis_geo_plugin.core import operations
from tools import translations

# Without those that other tests register.
OPERATIONS = {n: k for n, k in operations.OPERATIONS.items() if k.__module__.startswith(operations.__name__)}
ROOT = Path(__file__).resolve().parents[2]
PAGES = ("docs/development.md", "docs/fr/development.md")
_STEP = re.compile(
    r"^(?P<registry>`REGISTERED` \w+ )?`(?P<path>\S+\.py)`\n```(?:python|text)\n(?P<code>.*?)```\n",
    re.S | re.M,
)


def add_as_told(page: Path, root: Path) -> list[str]:
    """Do what the page says of adding an operation, in the package below ``root``; returns the paths of the new files."""
    made = []
    section = re.search(
        r"\n## [^\n]*\n(?:(?!\n## ).)*core/operations/centroid\.py.*?(?=\n## |\nNo service|\nAucun service)",
        page.read_text(encoding="utf-8"),
        re.S,
    )
    for step in _STEP.finditer(section[0]):
        path = root / step["path"]
        if not step["registry"]:
            assert not path.exists()
            path.write_text(step["code"], encoding="utf-8")
            made.append(step["path"])
            continue
        assert step["code"].count("\n") == 1, "one line registers it"
        text = path.read_text(encoding="utf-8")
        start = text.index("REGISTERED = (")
        end = text.index("\n)", start) + 1
        path.write_text(text[:end] + step["code"] + text[end:], encoding="utf-8")
    return made


def copy_of_the_package(root: Path) -> None:
    for name in ("redis_geo_plugin", "resources", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", ".pytest_cache")
        shutil.copytree(ROOT / name, root / name, symlinks=True, ignore=ignored)
    for name in ("metadata.txt", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)


def test_an_operation_added_as_the_page_says_is_everywhere(tmp_path):
    copy_of_the_package(tmp_path)
    made = add_as_told(ROOT / PAGES[0], tmp_path)
    assert [Path(path).parts[1] for path in made] == ["core", "bridge"]
    shutil.copy(tmp_path / "tests/support/centroid_added.py", tmp_path / "tests/qgis/test_centroid_added.py")
    words = [*("-q", "-x", "-p", "no:cacheprovider"), "tests/qgis/test_centroid_added.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0 and "4 passed" in done.stdout, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_page_says_the_same_in_both_languages():
    english, french = (
        [step["code"] for step in _STEP.finditer((ROOT / page).read_text(encoding="utf-8"))] for page in PAGES
    )
    assert english == french and len(english) >= 4


def test_each_registry_has_the_same_operations():
    assert set(OFFERED) == set(OPERATIONS)
    assert [name for name, one in OFFERED.items() if one.name != name] == []


@pytest.mark.parametrize("name", OFFERED)
def test_each_operation_is_complete(algorithms, name):
    offered, kind = OFFERED[name], OPERATIONS[name]
    assert offered.label() and offered.what() and offered.result_type is not None
    assert re.fullmatch(r"calculs:[a-z]+", kind.family) and kind.version >= 1
    registry = QgsApplication.processingRegistry()
    assert registry.algorithmById(offered.algorithm) is not None
    assert registry.algorithmById(offered.native) is not None
    assert name in registry.algorithmById("redisgeo:enqueuejobs").parameterDefinition("OPERATION").options()
    french = {
        e.source: e.translation
        for area in translations.AREAS
        for e in translations.read_ts(translations.ts_path(area))
    }
    assert french[offered.label()] and french[offered.what()]
    for page in ("docs/jobs.md", "docs/fr/jobs.md"):
        assert f"`{name}`" in (ROOT / page).read_text(encoding="utf-8"), page


def test_no_two_operations_share_keys_or_names():
    families = [kind.family for kind in OPERATIONS.values()]
    names = [word for kind in OPERATIONS.values() for word in (kind.name, *kind.aliases)]
    assert len(set(families)) == len(families) and len(set(names)) == len(names)
