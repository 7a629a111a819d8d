"""The rules of the house that a machine can check: who imports whom, what is never written, which Python it must run on."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.source_tree import (
    FLOORS,
    NAME,
    PACKAGE,
    ROOT,
    SOURCES,
    circles,
    definitions,
    import_graph,
    imports_of,
    name_of,
    of_floors,
    rooms,
    text_of,
    tree_of,
)
from tools import translations

WITHOUT_QT = ("core", "worker")
NEVER_GUI = ("processing", "bridge")
LONGEST_FUNCTION = 50  # lines
SILENT = 0.03  # the share of what is public that may be without a docstring


def offenders(paths: list[Path], wrong) -> list[str]:
    return [
        f"{name_of(path)}: {module}" for path in paths for module in sorted(imports_of(path)) if wrong(module)
    ]


def test_core_and_worker_know_neither_qgis_nor_qt():
    assert of_floors("core")
    assert (
        offenders(
            of_floors(*WITHOUT_QT),
            lambda m: m.split(".")[0] in ("qgis", "PyQt5", "PyQt6", "processing", "osgeo"),
        )
        == []
    )
    assert (
        offenders(
            of_floors(*WITHOUT_QT),
            lambda m: m.startswith(tuple(f"redis_geo_plugin.{x}" for x in ("gui", "bridge"))),
        )
        == []
    )


def test_core_and_worker_are_imported_where_there_is_no_qgis():
    modules = [
        name_of(p)[:-3].replace("/", ".").removesuffix(".__init__")
        for p in of_floors(*WITHOUT_QT)
        if p.name != "__main__.py"
    ]
    code = (
        "import sys, importlib\n"
        "for name in ('qgis', 'PyQt5', 'PyQt6', 'processing', 'osgeo'): sys.modules[name] = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_processing_and_bridge_never_import_the_window():
    assert offenders(of_floors(*NEVER_GUI), lambda m: m.startswith("redis_geo_plugin.gui")) == []
    assert offenders(of_floors("bridge"), lambda m: m.startswith("redis_geo_plugin.processing")) == []


def test_qt_comes_through_qgis_only():
    everywhere = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "tools").rglob("*.py"))]
    assert offenders(everywhere, lambda m: m.split(".")[0] in ("PyQt5", "PyQt6", "sip")) == []


def test_redis_py_is_imported_in_one_place():
    others = [p for p in SOURCES if p.name != "redispy.py"]
    assert offenders(others, lambda m: m.split(".")[0] in ("redis", "hiredis", "valkey")) == []


def test_parts_of_the_plugin_are_loaded_by_name_in_one_way():
    """``import_module`` passes QGIS by, which then keeps the old module when the plugin is reloaded."""
    outside = {
        "redis_geo_plugin/core/geometry/projections.py",
        "redis_geo_plugin/worker/worker.py",
    }  # others' modules
    found = {name_of(path) for path in SOURCES if "import_module(" in text_of(path)}
    assert found == outside


def test_pyproj_is_imported_in_one_place():
    """By name, in a thread where it is safe: no other file may import it, not even within a function."""
    assert offenders(SOURCES, lambda m: m.split(".")[0] == "pyproj") == []


def test_python_3_9_can_read_every_file():
    assert [found for path in SOURCES for found in newer_than_3_9(path)] == []


def newer_than_3_9(path: Path) -> list[str]:
    text, found = text_of(path), []
    parsed = ast.parse(text, str(path), feature_version=(3, 9))
    has_future = "from __future__ import annotations" in text
    simple = ("int", "str", "bytes", "float", "list", "dict")
    for node in ast.walk(parsed):
        where = f"{name_of(path)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            sides = (node.left, node.right)
            none = any(isinstance(s, ast.Constant) and s.value is None for s in sides)
            types = all(isinstance(s, ast.Name) and s.id in simple for s in sides)
            if (none or types) and not (has_future and in_annotation(parsed, node)):
                found.append(f"{where}: X | Y is evaluated at run time")
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("zip", "dataclass")
        ):
            late = {"strict", "slots", "kw_only"} & {k.arg for k in node.keywords}
            found += [f"{where}: {name} came with Python 3.10" for name in late]
    return found


def in_annotation(parsed: ast.Module, wanted: ast.AST) -> bool:
    for node in ast.walk(parsed):
        notes = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if any(wanted is inner for note in notes if note is not None for inner in ast.walk(note)):
            return True
    return False


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]


def test_nothing_dangerous_is_called():
    assert [found for path in SOURCES for found in dangers(path)] == []


def dangers(path: Path) -> list[str]:
    found = [
        f"{name_of(path)}: {name}"
        for name in {"pickle", "marshal", "shelve", "dill", "cPickle"} & imports_of(path)
    ]
    for call in calls(path):
        called = ast.unparse(call.func)
        last = called.rpartition(".")[2]
        words = [
            a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, (str, bytes))
        ]
        sends = words[:1] if last in ("execute_command", "pack_command", "send_command") else []
        first = {(w if isinstance(w, str) else w.decode("latin-1")).upper().split(" ")[0] for w in sends}
        wrong = (
            called in ("eval", "exec", "os.system", "os.popen", "input"),
            last in ("flushdb", "flushall", "keys_pattern", "exec_"),
            last == "keys" and bool(call.args),  # KEYS blocks the server
            any(k.arg == "shell" and ast.unparse(k.value) != "False" for k in call.keywords),
            any(k.arg == "verify" and ast.unparse(k.value) == "False" for k in call.keywords),
            bool(first & {"KEYS", "FLUSHDB", "FLUSHALL", "DEL"}),
        )
        if any(wrong):
            found.append(f"{name_of(path)}:{call.lineno}: {ast.unparse(call)[:80]}")
    return found


# Inside QGIS on Debian 12, Shapely's calls reach QGIS's own GEOS 3.11: what came later would mix two libraries and crash.
NEWER_GEOS = {
    "contains_xy", "coverage_invalid_edges", "coverage_is_valid", "coverage_simplify", "disjoint_subset_union",
    "disjoint_subset_union_all", "equals_identical", "get_m", "has_m", "intersects_xy", "orient_polygons",
}  # fmt: skip


def test_nothing_is_asked_of_geos_that_3_11_does_not_know():
    found = []
    for path in SOURCES:
        for call in calls(path):
            if not isinstance(call.func, ast.Attribute):
                continue
            bare = call.func.attr == "to_wkb" and not any(k.arg == "output_dimension" for k in call.keywords)
            if call.func.attr in NEWER_GEOS or bare:
                found.append(f"{name_of(path)}:{call.lineno}: {call.func.attr}")
    assert found == []


def test_texts_are_literals():
    assert translations.find_texts(translations.package_files()).bad == []


# What Windows does not have; where it is used all the same, the system is asked first.
POSIX_ONLY = {"fork", "forkpty", "killpg", "getuid", "geteuid", "setsid", "mkfifo", "SIGKILL", "SIGSTOP", "SIGHUP", "SIGALRM",
              "SIGUSR1", "SIGUSR2", "SIGCHLD", "set_blocking"}  # fmt: skip
POSIX_MODULES = {
    "fcntl",
    "resource",
    "pwd",
    "grp",
    "termios",
    "multiprocessing",
}  # the last would fork on Linux


def test_workers_need_nothing_that_windows_lacks():
    found = {}
    for path in SOURCES:
        if path.parts[len(PACKAGE.parts)] not in WITHOUT_QT:
            continue
        names = {
            node.attr for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)
        } & POSIX_ONLY
        names |= {name for name in imports_of(path) if name.partition(".")[0] in POSIX_MODULES}
        if names:
            found[name_of(path)] = names
    guarded = {  # asked for where it is there
        "redis_geo_plugin/worker/child.py": {"SIGKILL"},
        "redis_geo_plugin/core/live/mapped/folder.py": {"fcntl"},
    }
    assert found == guarded


def test_files_and_functions_stay_short():
    assert {name_of(p): n for p in SOURCES if (n := len(text_of(p).splitlines())) > 450} == {}
    long = {
        f"{name_of(path)}: {name}": node.end_lineno - node.lineno + 1
        for path in SOURCES
        for name, node in definitions(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_module_imports_itself_by_a_way_round():
    """At the top, within functions and for types alone: a circle is two rooms that are one, or a part that wants out."""
    assert circles(import_graph()) == []


def test_a_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_class_names_stand_once():
    """In a traceback and in a search a name says which class is meant."""
    places = defaultdict(list)
    for path in SOURCES:
        for name, node in definitions(tree_of(path)):
            if isinstance(node, ast.ClassDef) and "." not in name:
                places[name].append(name_of(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


# Methods that Qt and QGIS call, and that they describe: their names are theirs, most of them in camel case.
OVERRIDES = {"run", "data", "flags", "name", "group", "event", "paint", "icon", "tags", "parent", "cancel", "finished",
             "clear", "type", "children", "func", "clone", "text", "load", "unload", "id", "index", "close"}  # fmt: skip


def is_public(name: str, node: ast.AST) -> bool:
    last = name.rpartition(".")[2]
    if any(part.startswith("_") for part in name.split(".")) or isinstance(node, ast.Module):
        return False
    override = "." in name and (last in OVERRIDES or last != last.lower())
    setter = any(ast.unparse(d).endswith(".setter") for d in getattr(node, "decorator_list", ()))
    signature = ast.unparse(node.body[0]) == "..."  # of a Protocol: whoever fills it in describes it
    return isinstance(node, ast.ClassDef) or not (override or setter or signature)


def test_there_is_one_way_to_stop_work():
    """A ``Watch`` (core/watch.py), which also tells the progress; no callables of each room's own."""
    own = [
        f"{name_of(path)}: {name}"
        for path in SOURCES
        for name, node in definitions(tree_of(path))
        if isinstance(node, ast.FunctionDef) and name_of(path) != f"{NAME}/core/watch.py"
        for one in (*node.args.args, *node.args.kwonlyargs)
        if one.arg in {"alive", "cancelled", "canceled", "is_cancelled", "progress", "tell"}
        and one.annotation is not None
        and "Callable" in ast.unparse(one.annotation)
    ]
    assert own == []


# What lives longer than the plugin: listening to it is ended by hand, else each reload leaves one listener more.
OF_QGIS = re.compile(
    r"(?:QgsProject\.instance\(\)|\b_?(?:project|iface|canvas)|mapCanvas\(\)|QgsApplication\.\w+\(\))\.(\w+)\.connect\("
)


def test_whoever_listens_to_qgis_stops_listening():
    """By ``_listen`` of a component, which ends with it, or in the same file."""
    listens = [(path, signal) for path in SOURCES for signal in OF_QGIS.findall(text_of(path))]
    assert len(listens) > 10
    left = [f"{name_of(path)}: {s}" for path, s in listens if f"{s}.disconnect(" not in text_of(path)]
    assert left == []


# How often ``Any`` may stand in a thousand lines: a type that says nothing. These numbers only shrink.
MOST_ANY = {"core": 5.0, "worker": 2.5, "bridge": 8.2, "processing": 3.5, "gui": 5.5}


@pytest.mark.parametrize("floor", MOST_ANY)
def test_types_say_what_is_passed(floor):
    """Clients, connections, queues and services have Protocols: core/redis/types.py, gui/component.py."""
    texts = [text_of(path) for path in SOURCES if name_of(path).startswith(f"{NAME}/{floor}/")]
    found = sum(len(re.findall(r"\bAny\b", text)) for text in texts)
    lines = sum(len(text.splitlines()) for text in texts)
    assert lines > 1000
    assert 1000.0 * found / lines <= MOST_ANY[floor]


# What is passed under these names has a class or a Protocol of its own everywhere.
NEVER_ANY = {"client", "connection", "fence_keeper", "feed", "iface", "manager", "pipeline", "queue", "server", "services",
             "settings", "spec", "tasks"}  # fmt: skip


def test_clients_connections_and_services_have_types():
    loose = {
        name_of(path).split("/", 1)[1]
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.arg) and node.arg.lstrip("_") in NEVER_ANY and node.annotation is not None
        if ast.unparse(node.annotation) in {"Any", "Optional[Any]"}
    }
    assert loose == set()


def test_what_is_public_says_what_it_does():
    public = [
        (f"{name_of(path)}: {name}", ast.get_docstring(node))
        for path in SOURCES
        for name, node in definitions(tree_of(path))
        if is_public(name, node)
    ]
    silent = [name for name, said in public if not said]
    assert len(silent) <= SILENT * len(public), "\n".join(silent)
    assert [
        name_of(path) for path in SOURCES if text_of(path).strip() and not ast.get_docstring(tree_of(path))
    ] == []


PAGES = ("docs/development.md", "docs/fr/development.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_picture_of_the_house_names_every_room(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    picture = re.search(r"<!-- house -->\n```\n(.*?)```", text, re.DOTALL)
    assert picture, "the picture of the house is missing"
    shown, above = [], []
    for line in picture[1].splitlines():
        found = re.match(r"( *)([a-z_]+)/ ", line)
        if found:
            above = [*above[: len(found[1]) // 2], found[2]]
            shown.append("/".join(above))
    assert sorted(shown) == sorted(rooms())


@pytest.mark.parametrize("page", PAGES)
def test_the_picture_of_the_house_shows_every_arrow(page):
    """Which floor imports which: no more, no less."""
    text = (ROOT / page).read_text(encoding="utf-8")
    shown = {
        (a, b)
        for a, many in re.findall(r"^(\w+) -> ([\w, ]+)$", text, re.MULTILINE)
        for b in many.split(", ")
    }
    drawn = set()
    for module, others in import_graph().items():
        for other in others:
            floors = tuple(name.split(".")[1] for name in (module, other) if name != NAME)
            if len(floors) == 2 and floors[0] != floors[1] and set(floors) <= set(FLOORS):
                drawn.add(floors)
    assert shown == drawn


def test_every_room_says_what_it_is_for():
    assert [room for room, said in rooms().items() if len(said) < 20] == []


def test_aliases_of_types_name_the_plugins_classes_as_text():
    """typing keeps what is named in ``Union[...]`` and the like for good: with the class its whole module, at each reload of the plugin."""
    classes = {node.name for path in SOURCES for node in tree_of(path).body if isinstance(node, ast.ClassDef)}
    held = []
    for path in SOURCES:
        tree = tree_of(path)
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        typing = {a.name for node in imports if node.module == "typing" for a in node.names}
        foreign = {a.name for node in imports if not node.level for a in node.names}
        for node in tree.body:
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            if isinstance(value, ast.Subscript) and getattr(value.value, "id", "") in typing:
                names = {n.id for n in ast.walk(value.slice) if isinstance(n, ast.Name)} & (classes - foreign)
                held += [f"{name_of(path)}:{node.lineno}: {name}" for name in names]
    assert held == []
