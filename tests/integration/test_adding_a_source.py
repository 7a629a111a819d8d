"""A new source is a new file and a line, as docs/development.md has it: found, proposed, read and followed by that."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("docs/development.md", "docs/fr/development.md")
REGISTRY = "redis_geo_plugin/core/live/sources/__init__.py"
NEW = "redis_geo_plugin/core/live/sources/set_members.py"

USE = """
import json, sys, time, redis
from redis_geo_plugin.core.live.discovery import find_positions
from redis_geo_plugin.core.live.snapshot import snapshot
from redis_geo_plugin.core.live.sources import KINDS, source_class
from redis_geo_plugin.core.redis.gate import changes_nothing
from redis_geo_plugin.core.redis.settings import ConnectionSettings

port = int(sys.argv[1])
client = redis.Redis(port=port)
for n in range(5):
    client.sadd("fleet", json.dumps({"id": f"v{n}", "lat": 48.0 + n, "lon": 2.35, "ts": time.time()}))
settings = ConnectionSettings(name="t", host="127.0.0.1", port=port)
(proposal,) = find_positions(settings).proposals
assert proposal.spec.kind == "set_members" == list(KINDS)[-1]
assert ("set_members", {}) in proposal.reasons
fixes = {fix.id: fix.lat for fix in snapshot(settings, proposal.spec).fixes}
assert fixes == {f"v{n}": 48.0 + n for n in range(5)}
assert KINDS["set_members"].label(str) == "set of records"
assert all(changes_nothing([name]) for name in source_class("set_members").COMMANDS)
print("whole")
"""


def add_as_told(page: Path, root: Path) -> None:
    """Do what the page says: one new file, one line."""
    text = page.read_text(encoding="utf-8")
    section = re.search(r"\n## [^\n]*\n(?:(?!\n## ).)*sources/set_members\.py.*?(?=\n## )", text, re.S)[0]
    code = re.search(rf"`{NEW}`\n```python\n(.*?)```\n", section, re.S)[1]
    line = re.search(rf"`{REGISTRY}`\n```text\n(.*?)```\n", section, re.S)[1]
    assert line.count("\n") == 1
    assert not (root / NEW).exists()
    (root / NEW).write_text(code, encoding="utf-8")
    registry = root / REGISTRY
    before = registry.read_text(encoding="utf-8")
    end = before.index("\n}", before.index("KINDS = {")) + 1
    registry.write_text(before[:end] + line + before[end:], encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_source_added_as_the_page_says_is_found_and_read(tmp_path, one_server, page):
    ignored = shutil.ignore_patterns("__pycache__", "resources")
    shutil.copytree(ROOT / "redis_geo_plugin", tmp_path / "redis_geo_plugin", ignore=ignored)
    add_as_told(ROOT / page, tmp_path)
    words = [sys.executable, "-c", USE, str(one_server.port)]
    done = subprocess.run(
        words,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "whole", done.stderr
