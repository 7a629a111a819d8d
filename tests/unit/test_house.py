"""The rules of the house that a machine can check: who imports whom, what is never written, which Python it must run on."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools import translations

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "redis_geo_plugin"
SOURCES = [p for p in sorted(PACKAGE.rglob("*.py")) if not {"_vendor", "resources"} & set(p.parts)]
WITHOUT_QT = ("core", "worker")
NEVER_GUI = ("processing", "bridge")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> set[str]:
    """The absolute names of all modules that a file imports, at its top or anywhere else."""
    package = list(path.relative_to(ROOT).parent.parts)
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def of(*folders: str) -> list[Path]:
    return [p for p in SOURCES if p.relative_to(PACKAGE).parts[0] in folders]


def offenders(paths: list[Path], wrong) -> list[str]:
    return [f"{name_of(path)}: {module}" for path in paths for module in sorted(imports(path)) if wrong(module)]


def test_core_and_worker_know_neither_qgis_nor_qt():
    assert of("core")
    assert (
        offenders(of(*WITHOUT_QT), lambda m: m.split(".")[0] in ("qgis", "PyQt5", "PyQt6", "processing", "osgeo")) == []
    )
    assert (
        offenders(of(*WITHOUT_QT), lambda m: m.startswith(tuple(f"redis_geo_plugin.{x}" for x in ("gui", "bridge"))))
        == []
    )


def test_core_and_worker_are_imported_where_there_is_no_qgis():
    modules = [
        name_of(p)[:-3].replace("/", ".").removesuffix(".__init__") for p in of(*WITHOUT_QT) if p.name != "__main__.py"
    ]
    code = (
        "import sys, importlib\n"
        "for name in ('qgis', 'PyQt5', 'PyQt6', 'processing', 'osgeo'): sys.modules[name] = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_processing_and_bridge_never_import_the_window():
    assert offenders(of(*NEVER_GUI), lambda m: m.startswith("redis_geo_plugin.gui")) == []
    assert offenders(of("bridge"), lambda m: m.startswith("redis_geo_plugin.processing")) == []


def test_qt_comes_through_qgis_only():
    everywhere = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "tools").rglob("*.py"))]
    assert offenders(everywhere, lambda m: m.split(".")[0] in ("PyQt5", "PyQt6", "sip")) == []


def test_redis_py_is_imported_in_one_place():
    others = [p for p in SOURCES if p.name != "redispy.py"]
    assert offenders(others, lambda m: m.split(".")[0] in ("redis", "hiredis", "valkey")) == []


def test_pyproj_is_imported_in_one_place():
    """By name, in a thread where it is safe: no other file may import it, not even within a function."""
    assert offenders(SOURCES, lambda m: m.split(".")[0] == "pyproj") == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_python_3_9_can_read_it(path):
    text = path.read_text(encoding="utf-8")
    parsed = ast.parse(text, str(path), feature_version=(3, 9))
    has_future = "from __future__ import annotations" in text
    for node in ast.walk(parsed):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = (node.left, node.right)
            none = any(isinstance(s, ast.Constant) and s.value is None for s in sides)
            types = all(
                isinstance(s, ast.Name) and s.id in ("int", "str", "bytes", "float", "list", "dict") for s in sides
            )
            if none or types:
                assert has_future and in_annotation(parsed, node), f"line {node.lineno}: X | Y is evaluated at run time"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("zip", "dataclass"):
            late = {"strict", "slots", "kw_only"} & {k.arg for k in node.keywords}
            assert not late, f"line {node.lineno}: {late} came with Python 3.10"


def in_annotation(parsed: ast.Module, wanted: ast.AST) -> bool:
    for node in ast.walk(parsed):
        notes = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if any(wanted is inner for note in notes if note is not None for inner in ast.walk(note)):
            return True
    return False


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_dangerous_is_called(path):
    for call in calls(path):
        called = ast.unparse(call.func)
        last = called.rpartition(".")[2]
        where = f"line {call.lineno}: {called}"
        assert called not in ("eval", "exec", "os.system", "os.popen", "input"), where
        assert last not in ("flushdb", "flushall", "keys_pattern", "exec_"), where
        assert not (last == "keys" and call.args), f"{where}: KEYS blocks the server"
        assert not any(k.arg == "shell" and ast.unparse(k.value) != "False" for k in call.keywords), where
        assert not any(k.arg == "verify" and ast.unparse(k.value) == "False" for k in call.keywords), where
        words = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, (str, bytes))]
        for word in words[:1] if last in ("execute_command", "pack_command", "send_command") else []:
            first = (word if isinstance(word, str) else word.decode("latin-1")).upper().split(" ")[0]
            assert first not in ("KEYS", "FLUSHDB", "FLUSHALL", "DEL"), f"{where} {word!r}"
    assert not {"pickle", "marshal", "shelve", "dill", "cPickle"} & imports(path)


# Inside QGIS on Debian 12, Shapely's calls reach QGIS's own GEOS 3.11: what came later would mix two libraries and crash.
NEWER_GEOS = {
    "contains_xy", "coverage_invalid_edges", "coverage_is_valid", "coverage_simplify", "disjoint_subset_union",
    "disjoint_subset_union_all", "equals_identical", "get_m", "has_m", "intersects_xy", "orient_polygons",
}  # fmt: skip


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_is_asked_of_geos_that_3_11_does_not_know(path):
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in NEWER_GEOS:
                found.append(node.func.attr)
            if node.func.attr == "to_wkb" and not any(k.arg == "output_dimension" for k in node.keywords):
                found.append("to_wkb without output_dimension")
    assert found == []


def test_texts_are_literals():
    assert translations.find_texts(translations.package_files()).bad == []


def tracked() -> list[Path]:
    """The files of the repository; in a copy without .git, every file that is not built."""
    done = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        return [ROOT / name for name in done.stdout.split("\0") if name]
    skipped = {
        ".venv",
        ".cache",
        "build",
        "__pycache__",
        ".git",
        ".pytest_cache",
        ".mypy_cache",
        ".ruff_cache",
        ".hypothesis",
    }
    return [
        p for p in ROOT.rglob("*") if p.is_file() and not skipped & set(p.parts) and p.suffix not in (".pyc", ".qm")
    ]


# Put together here, so that this file does not hold what it looks for.
REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "registry.npmjs" + ".org", "proxy.golang" + ".org",
              "deb.debian" + ".org", "files.python" + "hosted")  # fmt: skip
LOCAL = re.compile(
    "(?<![\\w.])/(?:"
    + "|".join(("work/(?:wt|main|shared|wheels)", "roo" + "t/", "home/[a-z]+/", "Users/[A-Za-z]+/"))
    + ")"
)


def test_no_file_names_a_place_of_one_machine_or_a_registry():
    found = []
    for path in tracked():
        if path.suffix in (".png", ".gpkg", ".zip", ".ico", ".gz") or path.is_symlink() or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name_of(path)}: {host}" for host in REGISTRIES if host in text]
        found += [f"{name_of(path)}: {m.group(0)}" for m in LOCAL.finditer(text) if path != Path(__file__).resolve()]
    assert found == []


@pytest.mark.parametrize("link", ["LICENSE", "docs", "metadata.txt", "resources"])
def test_links_of_the_checkout(link):
    assert (PACKAGE / link).is_symlink()
    assert (PACKAGE / link).resolve() == ROOT / link


def test_metadata():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "metadata.txt", encoding="utf-8")  # with interpolation, as the public repository reads it
    general = dict(parser["general"])
    required = ["name", "description", "version", "qgisMinimumVersion", "author", "email", "about", "tracker"]
    required += ["repository", "homepage"]
    assert [key for key in required if not general.get(key.lower(), "").strip()] == []
    assert "%" not in (ROOT / "metadata.txt").read_text(encoding="utf-8")
    assert general["name"] == "Redis Geo"
    assert general["qgisminimumversion"] == "3.22" and general["qgismaximumversion"] == "4.99"
    assert re.fullmatch(r"\d+\.\d+\.\d+", general["version"])
    assert general["hasprocessingprovider"] == "yes" and "supportsqt6" not in general
    assert "Redis" in general["about"] and "Valkey" in general["about"]  # the external server is named
    assert (ROOT / general["icon"]).is_file()


# What Windows does not have; where it is used all the same, the system is asked first.
POSIX_ONLY = {"fork", "forkpty", "killpg", "getuid", "geteuid", "setsid", "mkfifo", "SIGKILL", "SIGSTOP", "SIGHUP", "SIGALRM",
              "SIGUSR1", "SIGUSR2", "SIGCHLD", "set_blocking"}  # fmt: skip
POSIX_MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "multiprocessing"}  # the last would fork on Linux


def test_workers_need_nothing_that_windows_lacks():
    found = {}
    for path in SOURCES:
        if path.parts[len(PACKAGE.parts)] not in WITHOUT_QT:
            continue
        names = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)} & POSIX_ONLY
        names |= {name for name in imports(path) if name.partition(".")[0] in POSIX_MODULES}
        if names:
            found[name_of(path)] = names
    assert found == {"redis_geo_plugin/worker/child.py": {"SIGKILL"}}, "asked for on Linux alone"


def test_files_stay_short():
    long = {name_of(p): n for p in SOURCES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 450}
    assert long == {}
