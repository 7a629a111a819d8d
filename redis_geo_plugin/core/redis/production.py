"""Connections marked as production are read only until someone allows changes, for this session of QGIS."""

from __future__ import annotations

from .failures import Failure, FailureKind, StoreError
from .settings import ConnectionSettings

_allowed: set[str] = set()  # names of connections


def allow(name: str, allowed: bool) -> None:
    """Allow changes on the connection of this name, or forbid them again."""
    if allowed:
        _allowed.add(name)
    else:
        _allowed.discard(name)


def is_locked(settings: ConnectionSettings) -> bool:
    """Whether nothing may be changed through this connection now."""
    return settings.production and settings.name not in _allowed


def check(settings: ConnectionSettings) -> None:
    """Raises StoreError (PRODUCTION) where nothing may be changed. Whatever writes calls this first."""
    if is_locked(settings):
        raise StoreError(Failure(FailureKind.PRODUCTION, settings.name))
