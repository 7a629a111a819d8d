"""Workers start as many processes, and the window as many threads, as they may use cores, not as the machine has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from redis_geo_plugin.core import cores
from redis_geo_plugin.core.cache import compute
from redis_geo_plugin.worker import options


def machine(tmp_path, cgroup: str, files: dict[str, str]):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(cgroup)
    for name, text in files.items():
        path = tmp_path / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture(autouse=True)
def _sixteen_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(16)), raising=False)


@pytest.mark.parametrize(
    ("cgroup", "files", "wanted"),
    [
        ("0::/", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/", {"cpu.max": "10000 100000\n"}, 1),
        ("0::/", {"cpu.max": "max 100000\n"}, 16),
        (
            "0::/a.slice/b.service",
            {"a.slice/cpu.max": "300000 100000", "a.slice/b.service/cpu.max": "max 100000"},
            3,
        ),
        ("0::/../../host", {"cpu.max": "400000 100000"}, 4),
        ("0::/", {"cpu.max": "rubbish"}, 16),
        ("0::/", {"cpu.max": "9900000 100000"}, 16),
        ("0::/", {}, 16),
        (
            "4:memory:/x\n3:cpu,cpuacct:/docker/1\n",
            {
                "cpu,cpuacct/docker/1/cpu.cfs_quota_us": "250000\n",
                "cpu,cpuacct/docker/1/cpu.cfs_period_us": "100000\n",
            },
            3,
        ),
        ("3:cpu:/docker/1\n", {"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ("3:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 16),
        ("not a cgroup file\n\xff", {}, 16),
    ],
)
def test_the_quota_of_the_container_counts(tmp_path, cgroup, files, wanted):
    assert cores.available_cores(machine(tmp_path, cgroup, files)) == wanted


def test_the_affinity_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {1, 5}, raising=False)
    assert cores.available_cores(tmp_path) == 2


def test_where_no_affinity_is_known_it_is_what_the_machine_has(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores.available_cores(tmp_path) == 1


def test_the_option_takes_them_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(options, "available_cores", lambda: 3)
    assert options.parse([]).processes == 3
    assert options.parse(["--processes", "2"]).processes == 2


def test_computing_takes_them_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr(compute, "_threads", None)
    monkeypatch.setattr(compute, "available_cores", lambda: 3)
    assert compute.threads() == 3


def test_no_other_room_counts_cores():
    package = Path(cores.__file__).parents[1]
    assert [
        path.name
        for path in package.rglob("*.py")
        if "cpu_count" in path.read_text(encoding="utf-8") and "vendor" not in path.parts
    ] == ["cores.py"]
