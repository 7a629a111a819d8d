"""Connections marked as production are read only until someone allows changes, for this session of QGIS."""

from __future__ import annotations

from .failures import Failure, FailureKind, StoreError
from .settings import ConnectionSettings

_allowed: set[str] = set()  # names of connections
_marked: set[str] = set()  # marked in this session: clients with older settings know nothing of it


def allow(name: str, allowed: bool) -> None:
    """Allow changes on the connection of this name, or forbid them again."""
    if allowed:
        _allowed.add(name)
    else:
        _allowed.discard(name)


def mark(name: str, is_production: bool) -> None:
    """Note what the saved connection of this name is from now on.

    It holds at once for every client of that name, and what was allowed before is allowed no more: it was
    said of another server, or of another mark.
    """
    _allowed.discard(name)
    if is_production:
        _marked.add(name)
    else:
        _marked.discard(name)


def is_production(settings: ConnectionSettings) -> bool:
    """Whether the connection is marked as production, in these settings or since they were read."""
    return settings.production or settings.name in _marked


def is_locked(settings: ConnectionSettings) -> bool:
    """Whether nothing may be changed through this connection now."""
    return is_production(settings) and settings.name not in _allowed


def check(settings: ConnectionSettings) -> None:
    """Raises StoreError (PRODUCTION) where nothing may be changed. Whatever writes calls this first."""
    if is_locked(settings):
        raise StoreError(Failure(FailureKind.PRODUCTION, settings.name))
