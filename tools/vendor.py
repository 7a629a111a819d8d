"""Puts redis-py under the package with rewritten imports, so that no other plugin's redis is touched or needed.

The wheel is fetched by name, version and hash (requirements-vendor.txt) and kept in .cache/vendor. Left out is what the
plugin never uses and what would want further packages: asyncio, several databases at once, OCSP. Each change to the
text is listed here, and one that no longer fits stops the build.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements-vendor.txt"
DOWNLOADS = ROOT / ".cache" / "vendor"
PREFIX = "redis_geo_plugin._vendor"
NAME = "redis"
LEFT_OUT = ("redis/asyncio/", "redis/multidb/", "redis/http/", "redis/ocsp.py", "redis/auth/token_manager.py")

# (file, text, replacement)
CHANGES = (
    ("redis/__init__.py", "from redis import asyncio  # noqa\n", ""),
    ("redis/_parsers/base.py", "from async_timeout import timeout as async_timeout", "async_timeout = None"),
    (
        "redis/_parsers/hiredis.py",
        "from async_timeout import timeout as async_timeout",
        "async_timeout = None",
    ),
    ("redis/utils.py", '        libver = metadata.version("redis")\n', '        libver = "{version}"\n'),
)

# What the public repository's scan reports in this code, with why it is right there: (line, reason). The lines are
# marked for the scanner; anything else that it finds fails the tests of the zip.
MARKS = (
    (
        re.compile(r"\brandom\.(?:uniform|random|choice|randrange|randint)\("),
        "B311 - spreads load, guards no secret",
    ),
    (re.compile(r"\bhashlib\.sha1\(script\)"), "B324 - the server's own name for a script"),
)
PASSED_OVER = re.compile(r"^(\s*except Exception:)\n(\s*)((?:#[^\n]*\n\s*)*)pass$", re.MULTILINE)


def wheel() -> Path:
    """The wheel of requirements-vendor.txt, from .cache/vendor or by pip. Raises SystemExit where it cannot be had."""
    digest = _digest()
    for path in DOWNLOADS.glob("*.whl"):
        if hashlib.sha256(path.read_bytes()).hexdigest() == digest:
            return path
    DOWNLOADS.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    words += ["--only-binary=:all:", "--require-hashes", "-r", str(REQUIREMENTS), "-d", str(DOWNLOADS)]
    if subprocess.run(words, check=False).returncode:
        raise SystemExit(
            "package: pip could not fetch redis-py; is there a network, and does pip's index answer?"
        )
    return next(p for p in DOWNLOADS.glob("*.whl") if hashlib.sha256(p.read_bytes()).hexdigest() == digest)


def _digest() -> str:
    found = re.search(r"--hash=sha256:([0-9a-f]{64})", REQUIREMENTS.read_text(encoding="utf-8"))
    assert found, f"no hash in {REQUIREMENTS.name}"
    return found.group(1)


def _version() -> str:
    found = re.search(rf"^{NAME}==([\d.]+)", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"no version in {REQUIREMENTS.name}"
    return found.group(1)


def vendored_files() -> dict[str, bytes]:
    """The files to put under ``_vendor``, by their path there."""
    files: dict[str, bytes] = {
        "__init__.py": b'"""Other projects\' packages, with imports rewritten; see the licences beside."""\n'
    }
    changes = list(CHANGES)
    with zipfile.ZipFile(wheel()) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith("/licenses/LICENSE"):
                files[f"LICENSE-{NAME}-py.txt"] = archive.read(name)
            if not name.startswith(NAME + "/") or not name.endswith(".py") or name.startswith(LEFT_OUT):
                continue
            text = archive.read(name).decode("utf-8")
            for change in [c for c in changes if c[0] == name]:
                if text.count(change[1]) != 1:
                    raise SystemExit(f"package: {name} no longer holds {change[1]!r}")
                text = text.replace(change[1], change[2].format(version=_version()))
                changes.remove(change)
            files[name] = mark(rewrite(text)).encode("utf-8")
    if changes or f"LICENSE-{NAME}-py.txt" not in files:
        raise SystemExit(f"package: the wheel lacks {changes or 'its licence'}")
    return files


def rewrite(text: str) -> str:
    """The same module with ``redis`` imported from where it now stands."""
    text = re.sub(rf"^(\s*)from {NAME}(?=[.\s])", rf"\1from {PREFIX}.{NAME}", text, flags=re.MULTILINE)
    text = re.sub(rf"^(\s*)import {NAME}$", rf"\1from {PREFIX} import {NAME}", text, flags=re.MULTILINE)
    return re.sub(rf"^(\s*)import ({NAME}\.[\w.]+)$", rf"\1import {PREFIX}.\2", text, flags=re.MULTILINE)


def mark(text: str) -> str:
    """The same module with the scanner's known findings marked."""
    text = PASSED_OVER.sub(r"\1  # nosec B110 - it is being closed or reported elsewhere\n\2\g<3>pass", text)
    lines = []
    for line in text.split("\n"):
        for pattern, reason in MARKS:
            if pattern.search(line) and "nosec" not in line:
                line += f"  # nosec {reason}"
        lines.append(line)
    return "\n".join(lines)
