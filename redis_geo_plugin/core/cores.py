"""The number of cores that this process may use: those of the machine within the limits of the administrator
or the container."""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath
from typing import Optional


def available_cores(root: Path = Path("/")) -> int:
    """At least 1. Looks at the process's CPU affinity and at the CPU quota of its cgroup, version 1 or 2, and
    of those above it.

    ``root`` is where ``proc`` and ``sys`` are found.
    """
    try:
        cores = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # not on Windows and macOS
        cores = os.cpu_count() or 1
    quota = _quota(root)
    return max(1, min(cores, math.ceil(quota)) if quota is not None else cores)


def _quota(root: Path) -> Optional[float]:
    """The cores' worth of time that the cgroups leave, None where nothing limits it."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found = []
    for line in lines:
        _number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            found += [_version_2(folder) for folder in _folders(root / "sys/fs/cgroup", path)]
        elif "cpu" in controllers.split(","):
            for mount in {controllers, "cpu", "cpu,cpuacct"}:
                found += [_version_1(folder) for folder in _folders(root / "sys/fs/cgroup" / mount, path)]
    limits = [quota for quota in found if quota is not None]
    return min(limits) if limits else None


def _folders(mount: Path, path: str) -> list[Path]:
    """The folder of a cgroup and of those above it. Within a container the path may be one that only the host
    has."""
    parts = [part for part in PurePosixPath(path).parts if part not in ("/", "..")]
    return [mount.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]


def _version_2(folder: Path) -> Optional[float]:
    """``cpu.max``: quota and period in microseconds, or the word max."""
    words = _read(folder / "cpu.max").split()
    return _share(words[0], words[1]) if len(words) == 2 else None


def _version_1(folder: Path) -> Optional[float]:
    return _share(_read(folder / "cpu.cfs_quota_us").strip(), _read(folder / "cpu.cfs_period_us").strip())


def _share(quota: str, period: str) -> Optional[float]:
    if not (quota.isdigit() and period.isdigit()) or int(period) == 0 or int(quota) == 0:
        return None  # "max" and -1 are no limit
    return int(quota) / int(period)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
