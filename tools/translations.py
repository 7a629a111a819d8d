"""The French of the plugin: several Qt .ts files, one an area, compiled into one .qm.

    python tools/translations.py update AREA [PATH...]   append what is missing to that area's file, drop what is stale
    python tools/translations.py check                   fail on missing, unfinished, stale, doubled or ill-formed entries
    python tools/translations.py build                   write resources/translations/redis_geo_fr.qm with lrelease

Texts are found by reading the source: every ``tr("literal")``. A text that several areas use stands in one file, that of
the first of them to be updated; where two branches added it to two, ``update`` keeps the one of the area that comes first in
``AREAS``. ``update`` leaves the texts of files that belong to another area (``CLAIMS``) to that area, unless the paths to
read are given.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "redis_geo_plugin"
FOLDER = ROOT / "resources" / "translations"
LANGUAGE = "fr"
CONTEXT = "RedisGeo"
AREAS = ("common", "connections", "cache", "live", "search", "jobs", "server", "steps", "models", "features")
FINDER = "tr"

# Files that plainly belong to an area, as starts of their path. What nobody claims goes to whoever updates.
CLAIMS = {
    "models": ("processing/cached/", "bridge/words/steps", "bridge/steps/model_", "bridge/steps/reports", "gui/models"),
    "common": ("plugin", "bridge/words", "bridge/i18n", "bridge/packages", "bridge/installing", "bridge/tasks", "processing/base",
               "gui/interface", "gui/packages", "gui/dialogs"),
    "connections": ("gui/connection", "gui/help", "gui/drawing", "bridge/server/connections"),
    "cache": ("gui/cache", "bridge/cache", "processing/cached", "processing/purge"),
    "live": ("gui/live", "bridge/live", "processing/snapshot", "processing/publish_positions", "processing/position", "processing/fleet",
             "processing/parameters/position"),
    "search": ("gui/search", "bridge/search", "processing/radius", "processing/area", "processing/nearest",
               "processing/load_geo", "processing/export_geo", "bridge/geo"),
    "jobs": ("gui/jobs", "bridge/jobs", "bridge/operations", "processing/cached_operation", "processing/parameters", "processing/enqueue", "processing/collect"),
    "server": ("gui/server", "bridge/server/export"),
    "steps": ("bridge/steps", "core/steps"),
    "features": ("bridge/features", "processing/read_features", "processing/read_tracks", "processing/publish_features"),
}  # fmt: skip


# Units that stay on the line of their number.
UNITS = r"km/h|m/s|km|min|mi|ms|ns|ft|Mo|ko|Go|%|s|h|m"
# Of each word that is not used in French windows the one that is.
ONE_WORD = {
    r"\b[Gg]rappes?\b": "cluster",
    r"\b[Hh]ashes\b|\b[Tt]ables? de hachage\b|^hachage$": "hash",
    r"\b[Mm]ulti-lignes?\b": "multiligne",
    r"\b[Ee]xécutants?\b": "travailleur",
    r"\b[Rr]afraîchir\b": "actualiser",
}


@dataclass
class Found:
    """The texts of the source, with where each first stands, and the calls of tr that cannot be read."""

    texts: dict[str, str] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)


@dataclass
class Entry:
    """One message of a .ts file."""

    source: str
    translation: str = ""
    finished: bool = False


def find_texts(files: Iterable[Path], base: Path = PACKAGE) -> Found:
    """Every literal that is passed to ``tr`` in these files, in their order."""
    found = Found()
    for path in files:
        name = path.relative_to(base).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            if not (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == FINDER
            ):
                continue
            place = f"{name}:{node.lineno}"
            argument = node.args[0] if len(node.args) == 1 and not node.keywords else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value:
                found.texts.setdefault(argument.value, place)
            else:
                found.bad.append(f"{place}: tr takes one literal text, nothing else")
    return found


def package_files(package: Path = PACKAGE) -> list[Path]:
    """The plugin's own Python files, without what is vendored."""
    return sorted(p for p in package.rglob("*.py") if "_vendor" not in p.parts and "resources" not in p.parts)


def ts_path(area: str, folder: Path = FOLDER) -> Path:
    return folder / f"redis_geo_{LANGUAGE}_{area}.ts"


def read_ts(path: Path) -> list[Entry]:
    """The messages of a .ts file; none where there is no file."""
    if not path.is_file():
        return []
    entries = []
    for message in ElementTree.parse(path).getroot().iter("message"):
        translation = message.find("translation")
        text = (translation.text or "") if translation is not None else ""
        unfinished = translation is None or translation.get("type") == "unfinished" or not text.strip()
        entries.append(Entry(message.findtext("source") or "", text, not unfinished))
    return entries


def write_ts(path: Path, entries: Iterable[Entry]) -> None:
    """Write a .ts file without places and line numbers, so that two branches seldom change the same line."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<!DOCTYPE TS>",
        f'<TS version="2.1" language="{LANGUAGE}" sourcelanguage="en">',
        "<context>",
        f"    <name>{CONTEXT}</name>",
    ]
    for entry in entries:
        kind = "" if entry.finished else ' type="unfinished"'
        lines += [
            "    <message>",
            f"        <source>{escape(entry.source)}</source>",
            f"        <translation{kind}>{escape(entry.translation)}</translation>",
            "    </message>",
        ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, "</context>", "</TS>", ""]), encoding="utf-8")


def french_spaces(text: str) -> str:
    """The text as French is printed: a no-break space before : ; ? ! », after « and before a unit, a narrow one
    between thousands, and the apostrophe that is curved."""
    text = re.sub("[ \u202f](?=»|[:;?!](?:\\s|$|<))", "\u00a0", text)
    text = re.sub("(?<=«)[ \u202f]", "\u00a0", text)
    text = re.sub(rf"(?:(?<=[\d}}])|^)[ \u202f](?=(?:{UNITS})(?![\w/]))", "\u00a0", text)
    text = re.sub("(?<=\\d)[ \u00a0](?=\\d{3}(?!\\d))", "\u202f", text)
    return re.sub(r"(?<=[^\W\d_])'(?=\w)", "’", text)


def other_words(text: str) -> list[str]:
    """Words for which the French has another one: a thing has one name in all windows."""
    return [
        f"{found[0]!r} is called {word!r}"
        for bad, word in ONE_WORD.items()
        for found in [re.search(bad, text)]
        if found
    ]


def placeholders(text: str) -> list[str]:
    """The names in braces, sorted."""
    return sorted(re.findall(r"\{([^{}]*)\}", text))


def claimed_by(place: str) -> Optional[str]:
    """The area to which a file of the package belongs, None where nobody claims it."""
    for area, starts in CLAIMS.items():
        if place.startswith(starts):
            return area
    return None


def update(
    area: str, files: Optional[list[Path]] = None, package: Path = PACKAGE, folder: Path = FOLDER
) -> tuple[int, int]:
    """Bring an area's file up to date with the source. Returns how many entries were added and dropped.

    Raises SystemExit for a call of tr that cannot be read.
    """
    everything = find_texts(package_files(package), package)
    if everything.bad:
        raise SystemExit("\n".join(everything.bad))
    wanted = find_texts(files, package).texts if files else everything.texts
    others = {other: {e.source for e in read_ts(ts_path(other, folder))} for other in AREAS if other != area}
    elsewhere = set().union(*others.values())
    earlier = set().union(*(others[other] for other in AREAS[: AREAS.index(area)]))
    before = read_ts(ts_path(area, folder))
    kept = [
        Entry(e.source, french_spaces(e.translation), e.finished)
        for e in before
        if e.source in everything.texts and e.source not in earlier
    ]
    here = {entry.source for entry in kept}
    added = [
        Entry(text)
        for text, place in wanted.items()
        if text not in here and text not in elsewhere and (files or claimed_by(place) in (None, area))
    ]
    write_ts(ts_path(area, folder), kept + added)
    return len(added), len(before) - len(kept)


def check(package: Path = PACKAGE, folder: Path = FOLDER) -> list[str]:
    """What is wrong with the translation, one line each; empty when all is well."""
    found = find_texts(package_files(package), package)
    problems = list(found.bad)
    seen: dict[str, str] = {}
    for path in sorted(folder.glob(f"redis_geo_{LANGUAGE}_*.ts")):
        for entry in read_ts(path):
            problems += [f"{path.name}: {what}: {entry.source!r}" for what in _faults(entry, found.texts)]
            if entry.source in seen:
                problems.append(
                    f"{path.name}: stands in {seen[entry.source]} too (update mends it): {entry.source!r}"
                )
            seen[entry.source] = path.name
    problems += [
        f"{place}: not translated: {text!r}" for text, place in found.texts.items() if text not in seen
    ]
    return problems


def _faults(entry: Entry, texts: dict[str, str]) -> list[str]:
    if entry.source not in texts:
        return ["stale"]
    if not entry.finished:
        return ["unfinished"]
    faults = []
    if placeholders(entry.source) != placeholders(entry.translation):
        faults.append("other placeholders than the source")
    if french_spaces(entry.translation) != entry.translation:
        faults.append("a plain space where French has a no-break space (update mends it)")
    return faults + other_words(entry.translation)


def lrelease() -> str:
    """The program of Qt that compiles translations. Raises SystemExit where it is not installed."""
    for name in (
        "lrelease",
        "lrelease-qt5",
        "lrelease-qt6",
        "/usr/lib/qt5/bin/lrelease",
        "/usr/lib/qt6/bin/lrelease",
    ):
        found = shutil.which(name)
        if found and subprocess.run([found, "-version"], capture_output=True, check=False).returncode == 0:
            return found
    raise SystemExit("translations: lrelease is missing; on Debian: apt install qttools5-dev-tools")


def build(folder: Path = FOLDER) -> Path:
    """Compile the files of all areas into one .qm and return it: in one step, as others may read or write it meanwhile."""
    target = folder / f"redis_geo_{LANGUAGE}.qm"
    sources = sorted(folder.glob(f"redis_geo_{LANGUAGE}_*.ts"))
    if not sources:
        raise SystemExit("translations: there is no .ts file yet")
    near = ROOT / "build" if folder == FOLDER else folder  # on the same disk, and in nothing that is packed
    near.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=near) as beside:
        made = Path(beside) / target.name
        words = [lrelease(), "-silent", "-nounfinished", *map(str, sources), "-qm", str(made)]
        subprocess.run(words, check=True)
        os.replace(made, target)
    return target


def main(words: list[str]) -> int:
    command, rest = (words[0], words[1:]) if words else ("", [])
    if command == "update" and rest and rest[0] in AREAS:
        added, dropped = update(rest[0], [Path(w).resolve() for w in rest[1:]] or None)
        print(f"{ts_path(rest[0]).name}: {added} added, {dropped} dropped")
        return 0
    if command == "check":
        problems = check()
        print("\n".join(problems) if problems else "translations: complete")
        return 1 if problems else 0
    if command == "build":
        print(build().relative_to(ROOT))
        return 0
    print(__doc__, f"Areas: {', '.join(AREAS)}", sep="\n", file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
