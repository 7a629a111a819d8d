"""The gate of the public plugin repository, on the built zip: its validator's rules and its security scan's rules.

The rules stand in the repository's own source (validator.py, security_scanner.py and the rule lists beside it). There a
finding of Bandit or of detect-secrets blocks a version; here too.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import zipfile
from urllib.parse import urlparse

import pytest

from tools import package

PACKAGE = "redis_geo_plugin"
LARGEST = 25_000_000
REQUIRED = (
    "name",
    "description",
    "version",
    "qgisMinimumVersion",
    "author",
    "email",
    "about",
    "tracker",
    "repository",
)
BANDIT = (
    "B101 B102 B103 B104 B105 B106 B107 B108 B110 B111 B112 B113 B201 B202 B301 B302 B303 B304 B305 B306 B307 B308 B310 "
    "B311 B312 B313 B314 B315 B316 B317 B318 B319 B320 B321 B323 B324 B401 B402 B403 B405 B406 B407 B408 B409 B412 B413 "
    "B501 B502 B503 B504 B505 B506 B507 B508 B509 B601 B602 B603 B604 B605 B606 B607 B608 B609 B610 B611 B612 B613 B614 "
    "B615 B701 B702 B703 B704"
)
NOT_ASKED = "IPPublicDetector"  # the one detector of detect-secrets that the repository switches off
BINARIES = (
    ".exe",
    ".dll",
    ".so",
    ".dylib",
    ".bat",
    ".sh",
    ".ps1",
    ".cmd",
    ".pyd",
    ".pyc",
    ".pyo",
    ".a",
    ".jar",
    ".whl",
)


@pytest.fixture(scope="module")
def entries(plugin_zip):
    with zipfile.ZipFile(plugin_zip) as archive:
        assert archive.testzip() is None
        return archive.infolist()


def test_size_folders_and_kinds_of_files(plugin_zip, entries):
    names = [entry.filename for entry in entries]
    assert plugin_zip.stat().st_size <= LARGEST
    assert {name.split("/")[0] for name in names} == {PACKAGE} and PACKAGE.isidentifier()
    assert [n for n in names if ".." in n or n.startswith("/") or "\\" in n or re.match("[A-Za-z]:", n)] == []
    assert [n for n in names if {"__MACOSX", ".git", "__pycache__", "tests"} & set(n.split("/"))] == []
    assert [n for n in names if n.lower().endswith(BINARIES) or ".pyc" in n] == []
    assert [n for n in names if n.rpartition("/")[2].startswith(".")] == []
    assert [e.filename for e in entries if (e.external_attr >> 16) & 0o111] == []
    assert [e.filename for e in entries if (e.external_attr >> 16) & 0o170000 == 0o120000] == []  # no links


def test_what_must_be_inside(entries):
    names = {entry.filename for entry in entries}
    wanted = (
        "__init__.py",
        "metadata.txt",
        "LICENSE",
        "resources/icons/redis_geo.svg",
        "_vendor/LICENSE-redis-py.txt",
    )
    wanted += ("resources/translations/redis_geo_fr.qm", "_vendor/redis/__init__.py")
    assert [name for name in wanted if f"{PACKAGE}/{name}" not in names] == []


def test_metadata(plugin_zip):
    with zipfile.ZipFile(plugin_zip) as archive:
        text = archive.read(f"{PACKAGE}/metadata.txt").decode("utf-8")
        names = archive.namelist()
        licence = archive.read(f"{PACKAGE}/LICENSE").decode("utf-8")
    parser = configparser.ConfigParser()  # interpolates, as there: a bare percent sign breaks it
    parser.optionxform = str
    parser.read_string(text)
    general = dict(parser.items("general"))
    assert [key for key in REQUIRED if not general.get(key, "").strip()] == []
    assert "%" not in text
    for key in ("tracker", "repository", "homepage"):
        parts = urlparse(general[key])
        assert parts.scheme == "https" and parts.netloc
    assert f"{PACKAGE}/{general['icon']}" in names
    assert "/" not in general["author"]
    assert "supportsQt6" not in general
    assert "GNU GENERAL PUBLIC LICENSE" in licence


def test_bandit(unpacked):
    command = [sys.executable, "-m", "bandit", "-r", str(unpacked), "-f", "json", "--quiet", "-t"]
    known = [
        rule for rule in BANDIT.split() if rule not in ("B111", "B320")
    ]  # gone from newer versions of Bandit
    done = subprocess.run(
        [*command, ",".join(known)], capture_output=True, text=True, check=False, cwd=unpacked
    )
    report = json.loads(done.stdout[done.stdout.index("{") :])
    assert report["errors"] == []
    assert report["metrics"]["_totals"]["loc"] > 10_000  # the vendored code was read too
    found = [
        f"{r['filename']}:{r['line_number']} {r['test_id']} {r['issue_text']}" for r in report["results"]
    ]
    assert found == []


def test_detect_secrets(unpacked):
    command = [
        "detect-secrets",
        "scan",
        "--all-files",
        "--exclude-files",
        r"metadata\.txt",
        "--disable-plugin",
        NOT_ASKED,
    ]
    command[:1] = [sys.executable, "-m", "detect_secrets"]
    done = subprocess.run([*command, "."], capture_output=True, text=True, check=True, cwd=unpacked)
    report = json.loads(done.stdout)
    assert len(report["plugins_used"]) > 20
    assert {path: [s["type"] for s in found] for path, found in report["results"].items()} == {}


def test_a_planted_secret_and_a_planted_pickle_are_found(tmp_path):
    """The two scans are the real ones: they do find something."""
    code = "import pickle\n\ndef read(data):\n    return pickle.loads(data)\n"
    (tmp_path / "bad.py").write_text(code + 'password = "hunter' + '2hunter2"\n', encoding="utf-8")
    with pytest.raises(AssertionError, match="B301"):
        test_bandit_of = [
            sys.executable,
            "-m",
            "bandit",
            "-r",
            str(tmp_path),
            "-f",
            "json",
            "--quiet",
            "-t",
            "B301,B403",
        ]
        done = subprocess.run(test_bandit_of, capture_output=True, text=True, check=False)
        report = json.loads(done.stdout[done.stdout.index("{") :])
        assert [r["test_id"] for r in report["results"]] == []
    with pytest.raises(AssertionError):
        test_detect_secrets(tmp_path)


def test_the_same_sources_make_the_same_bytes(plugin_zip, tmp_path):
    assert package.build(tmp_path / "again.zip").read_bytes() == plugin_zip.read_bytes()


def test_no_import_of_the_unvendored_name_is_left(unpacked):
    vendored = sorted((unpacked / PACKAGE / "_vendor").rglob("*.py"))
    assert len(vendored) > 30
    pattern = re.compile(r"^\s*(?:from|import)\s+(redis|async_timeout|typing_extensions)\b", re.MULTILINE)
    left = {p.name: pattern.findall(p.read_text(encoding="utf-8")) for p in vendored}
    assert {name: found for name, found in left.items() if found} == {}
