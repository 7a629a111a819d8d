"""A disk that is full, without any rights: the system lets this process write no file beyond a size."""

from __future__ import annotations

import resource
from contextlib import contextmanager


@contextmanager
def full_disk(size: int = 200_000):
    """No file may grow beyond ``size`` bytes; a write beyond it fails as on a full disk (Python ignores the signal)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
