"""The files of the checkout: its links, its metadata, and no place of one machine in any of them."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.source_tree import (
    PACKAGE,
    ROOT,
    name_of,
)


def tracked() -> list[Path]:
    """The files of the repository; in a copy without .git, every file that is not built."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
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
        p
        for p in ROOT.rglob("*")
        if p.is_file() and not skipped & set(p.parts) and p.suffix not in (".pyc", ".qm")
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
        found += [
            f"{name_of(path)}: {m.group(0)}" for m in LOCAL.finditer(text) if path != Path(__file__).resolve()
        ]
    assert found == []


@pytest.mark.parametrize("link", ["LICENSE", "docs", "metadata.txt", "resources"])
def test_links_of_the_checkout(link):
    assert (PACKAGE / link).is_symlink()
    assert (PACKAGE / link).resolve() == ROOT / link


def test_metadata():
    parser = configparser.ConfigParser()
    parser.read(
        ROOT / "metadata.txt", encoding="utf-8"
    )  # with interpolation, as the public repository reads it
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
