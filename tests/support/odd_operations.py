"""Operations that misbehave, for the tests of the workers. Importing this registers none of them."""

from __future__ import annotations

import ctypes
import os
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely

from redis_geo_plugin.core.operations import Operation


@dataclass(frozen=True)
class Sleep(Operation):
    """The geometry itself, after a while during which no Python runs, as in a long GEOS call."""

    name: ClassVar[str] = "sleep"
    family: ClassVar[str] = "calculs:buffers"
    seconds: float = 1.0

    def canonical(self) -> bytes:
        return repr(float(self.seconds)).encode()

    def compute(self, geometries, numbers):
        if os.name == "nt":
            ctypes.PyDLL("kernel32").Sleep(int(self.seconds * 1e3))
        else:
            ctypes.PyDLL(None).usleep(int(self.seconds * 1e6))  # PyDLL keeps the GIL
        return np.asarray(geometries[0], dtype=object)

    def to_job(self) -> dict[str, Any]:
        return {"seconds": self.seconds}

    @classmethod
    def from_job(cls, values):
        return cls(seconds=float(values.get("seconds", 1.0)))


@dataclass(frozen=True)
class Bare(Operation):
    """An operation without parameters."""

    family: ClassVar[str] = "calculs:buffers"

    def canonical(self) -> bytes:
        return b""

    def to_job(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_job(cls, values):
        return cls()


@dataclass(frozen=True)
class Crash(Bare):
    """Ends the process where the geometry lies at x > 0; else gives it back."""

    name: ClassVar[str] = "crash"

    def compute(self, geometries, numbers):
        if (shapely.bounds(geometries[0])[:, 0] > 0).any():
            os.abort()
        return np.asarray(geometries[0], dtype=object)


@dataclass(frozen=True)
class Devour(Bare):
    """Takes all the memory it can get."""

    name: ClassVar[str] = "devour"

    def compute(self, geometries, numbers):
        devour()
        return np.asarray(geometries[0], dtype=object)


@dataclass(frozen=True)
class SlowBuffer(Operation):
    """A buffer that takes its time, so that work lasts as long as the faults of a test."""

    name: ClassVar[str] = "slowbuffer"
    family: ClassVar[str] = "calculs:buffers"
    number_name: ClassVar[str] = "distance"
    pause: float = 0.005

    def canonical(self) -> bytes:
        return repr(float(self.pause)).encode()

    def compute(self, geometries, numbers):
        time.sleep(self.pause * len(geometries[0]))
        return self.planar(geometries[0], numbers)

    def planar(self, geometries, distances):
        return np.asarray(shapely.buffer(geometries, distances, quad_segs=8), dtype=object)

    def to_job(self) -> dict[str, Any]:
        return {"pause": self.pause}

    @classmethod
    def from_job(cls, values):
        return cls(pause=float(values.get("pause", 0.005)))


@dataclass(frozen=True)
class CrashRead(Crash):
    """Ends the process before anything is computed, when the job is read."""

    name: ClassVar[str] = "crashread"

    @classmethod
    def from_job(cls, values):
        os.abort()


@dataclass(frozen=True)
class DevourRead(Devour):
    """Takes the memory before anything is computed, when the job is read."""

    name: ClassVar[str] = "devourread"

    @classmethod
    def from_job(cls, values):
        devour()
        return cls()


def devour() -> None:
    """4 GB, in two seconds or more."""
    taken = []
    while len(taken) < 400:
        taken.append(np.ones(1_250_000))
        time.sleep(0.002)


ODD = {kind.name: kind for kind in (Sleep, Crash, CrashRead, Devour, DevourRead, SlowBuffer)}
