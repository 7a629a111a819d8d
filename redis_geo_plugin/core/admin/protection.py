"""What data would be lost, judged from the eviction policy and from what is written to disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .health import EVICT_ALL, ServerHealth

NEARLY_FULL = 0.9


class Light(str, Enum):
    """The colour of the traffic light."""

    PROTECTED = "protected"
    PARTLY = "partly"
    NOT_PROTECTED = "not_protected"
    UNKNOWN = "unknown"


class Risk(str, Enum):
    """What would be lost, and when."""

    EVICTS_ALL = "evicts_all"  # a full server throws away any key: GEO sets and jobs too
    NOTHING_ON_DISK = "nothing_on_disk"  # gone at a restart
    SAVING_FAILS = "saving_fails"  # the last attempt to write to disk failed
    SNAPSHOTS_ONLY = "snapshots_only"  # what came after the last snapshot is gone at a crash
    WRITES_STOP = "writes_stop"  # nearly full and no eviction: nothing new is stored
    DISK_UNKNOWN = "disk_unknown"  # the user may not ask


_LIGHTS = {
    Risk.EVICTS_ALL: Light.NOT_PROTECTED,
    Risk.NOTHING_ON_DISK: Light.NOT_PROTECTED,
    Risk.SAVING_FAILS: Light.NOT_PROTECTED,
    Risk.SNAPSHOTS_ONLY: Light.PARTLY,
    Risk.WRITES_STOP: Light.PARTLY,
    Risk.DISK_UNKNOWN: Light.UNKNOWN,
}
_WORST_FIRST = (Light.NOT_PROTECTED, Light.PARTLY, Light.UNKNOWN)


@dataclass(frozen=True)
class Verdict:
    """The light and its reasons, the gravest first."""

    light: Light
    risks: tuple[Risk, ...] = ()


def judge(health: ServerHealth) -> Verdict:
    """Judge what a server's settings mean for the data on it."""
    if "INFO" in health.refused:
        return Verdict(Light.UNKNOWN, (Risk.DISK_UNKNOWN,))
    risks = []
    if health.policy.startswith(EVICT_ALL):
        risks.append(Risk.EVICTS_ALL)
    if health.saving_fails:
        risks.append(Risk.SAVING_FAILS)
    if not health.log_on_disk:
        if health.snapshots is None:
            risks.append(Risk.DISK_UNKNOWN)
        else:
            risks.append(Risk.SNAPSHOTS_ONLY if health.snapshots else Risk.NOTHING_ON_DISK)
    if health.policy == "noeviction" and (health.full or 0.0) > NEARLY_FULL:
        risks.append(Risk.WRITES_STOP)
    lights = {_LIGHTS[risk] for risk in risks}
    light = next((candidate for candidate in _WORST_FIRST if candidate in lights), Light.PROTECTED)
    return Verdict(light, tuple(sorted(risks, key=lambda risk: _WORST_FIRST.index(_LIGHTS[risk]))))
