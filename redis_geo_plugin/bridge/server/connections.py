"""The saved connections: everything but the secrets in QGIS's settings, the secrets in its authentication
database."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

import qgis.utils
from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsSettings

from ...core.redis import production
from ...core.redis.failures import Failure, FailureKind, StoreError
from ...core.redis.settings import ConnectionSettings, Deployment, from_environment, read_nodes, write_nodes
from ..i18n import tr
from ..keeping import keep
from ..settings import kept

if TYPE_CHECKING:
    from ...core.redis.local_server import LocalServer

ROOT = "redis_geo/connections"
ACTIVE = "redis_geo/active_connection"
CACHE_SECRET = "redis_geo/cache/secret_authcfg"  # nosec B105  # pragma: allowlist secret - its name
_TEXTS = (
    "host",
    "username",
    "unix_socket",
    "tls_ca",
    "tls_certificate",
    "tls_key",
    "service",
    "key_prefix",
    "sentinel_username",
)


@dataclass(frozen=True)
class SavedConnection:
    """A connection as it is saved: its settings without a password, and the id of an authentication
    configuration; ``sentinel_authcfg`` is that of its sentinels, where they want a sign-in of their own.

    ``local_server`` is the connection of the profile's own server, whose password stands in that server's
    private file.
    """

    settings: ConnectionSettings = field(default_factory=ConnectionSettings)
    authcfg: str = ""
    local_server: bool = False
    sentinel_authcfg: str = ""

    @property
    def name(self) -> str:
        return self.settings.name


def names() -> list[str]:
    """The names of the saved connections, sorted."""
    settings = QgsSettings()
    settings.beginGroup(ROOT)
    found = settings.childGroups()
    settings.endGroup()
    return sorted(found, key=str.casefold)


def _exists(name: str) -> bool:
    """Whether there is a group of this name. Without listing all of them: others ask for each in turn."""
    if not name or "/" in name or "\\" in name:
        return False
    settings = QgsSettings()
    settings.beginGroup(f"{ROOT}/{name}")
    keys = settings.childKeys()
    settings.endGroup()
    return bool(keys)


def load(name: str) -> Optional[SavedConnection]:
    """The saved connection of this name, or None."""
    if not _exists(name):
        return None
    base = f"{ROOT}/{name}/"
    settings = ConnectionSettings(
        name=name,
        port=kept(base + "port", 6379, 1, 65535),
        database=kept(base + "database", 0, 0),
        tls=kept(base + "tls", False),
        deployment=_deployment(kept(base + "deployment", "")),
        nodes=_nodes(kept(base + "nodes", "")),
        production=kept(base + "production", False),
        search_replicas=kept(base + "search_replicas", False),
        **{key: kept(base + key, "") for key in _TEXTS},
    )
    return SavedConnection(
        settings,
        kept(base + "authcfg", ""),
        kept(base + "local_server", False),
        kept(base + "sentinel_authcfg", ""),
    )


def _deployment(text: str) -> Deployment:
    return Deployment(text) if text in {one.value for one in Deployment} else Deployment.SINGLE


def _nodes(text: str) -> tuple[tuple[str, int], ...]:
    try:
        return read_nodes(text)
    except ValueError:  # edited by hand
        return ()


def save(connection: SavedConnection) -> None:
    """Write a connection. Its password, if it carries one, is not written: ``store_secret`` is the place for
    it.

    Raises ValueError for a name that cannot be a settings group.
    """
    name, settings = connection.name, connection.settings
    check_name(name)
    if load(name) != replace(connection, settings=settings.without_secrets()):
        production.mark(name, settings.production)
    store = QgsSettings()
    store.remove(f"{ROOT}/{name}")
    base = f"{ROOT}/{name}/"
    for key in _TEXTS:
        store.setValue(base + key, getattr(settings, key))
    for key in ("port", "database", "tls", "production", "search_replicas"):
        store.setValue(base + key, getattr(settings, key))
    store.setValue(base + "deployment", settings.deployment.value)
    store.setValue(base + "nodes", write_nodes(settings.nodes))
    store.setValue(base + "authcfg", connection.authcfg)
    store.setValue(base + "local_server", connection.local_server)
    store.setValue(base + "sentinel_authcfg", connection.sentinel_authcfg)


def check_name(name: str) -> None:
    """Raises ValueError, with words for the user, for a name that cannot be a settings group."""
    if not name.strip() or name != name.strip() or "/" in name or "\\" in name:
        raise ValueError(tr("A connection needs a name, without slashes."))


def free_name(wanted: str) -> str:
    """The name itself, or with a number behind it where there is already such a connection."""
    taken = {name.casefold() for name in names()}
    candidates = (wanted if n == 1 else f"{wanted} {n}" for n in itertools.count(1))
    return next(name for name in candidates if name.casefold() not in taken)


def rename(before: str, connection: SavedConnection) -> None:
    """Save a connection that was named ``before`` (empty for a new one); it stays active if it was."""
    save(connection)
    if before and before != connection.name:
        production.mark(before, connection.settings.production)  # for what still works under that name
        QgsSettings().remove(f"{ROOT}/{before}")
        if active_name() == before:
            set_active(connection.name)


def remove(name: str) -> None:
    """Remove a connection and its secret."""
    connection = load(name)
    if connection:
        forget_secret(connection.authcfg)
        forget_secret(connection.sentinel_authcfg)
        production.mark(name, connection.settings.production)
    QgsSettings().remove(f"{ROOT}/{name}")
    if active_name() == name:
        set_active("")


def active_name() -> str:
    """The name of the connection that is active in the window; empty for none."""
    return kept(ACTIVE, "")


def set_active(name: str) -> None:
    """Make the connection of this name the active one; empty: none."""
    keep({ACTIVE: name})


def store_secret(name: str, username: str, password: str, authcfg: str = "") -> str:
    """Keep a user name and password in QGIS's authentication database; returns the id of the configuration.

    May ask the user for the master password, so only on the main thread. Raises StoreError where the database
    is locked or refuses.
    """
    manager = QgsApplication.authManager()
    config = QgsAuthMethodConfig("Basic")
    if authcfg:
        config.setId(authcfg)
    config.setName(f"Redis Geo: {name}")
    config.setConfig("username", username)
    config.setConfig("password", password)
    stored = (
        manager.updateAuthenticationConfig(config) if authcfg else manager.storeAuthenticationConfig(config)
    )
    if isinstance(stored, tuple):  # newer QGIS returns (ok, config)
        stored, config = stored
    if not stored:
        raise StoreError(Failure(FailureKind.SECRETS_LOCKED))
    return str(config.id())


def read_secret(authcfg: str) -> tuple[str, str]:
    """User name and password of a configuration. Main thread only. Raises StoreError (SECRETS_LOCKED)."""
    config = QgsAuthMethodConfig()
    loaded: Any = QgsApplication.authManager().loadAuthenticationConfig(authcfg, config, True)
    if isinstance(loaded, tuple):  # newer QGIS returns (ok, config)
        loaded, config = loaded
    if not loaded:
        raise StoreError(Failure(FailureKind.SECRETS_LOCKED))
    return str(config.config("username")), str(config.config("password"))


def forget_secret(authcfg: str) -> None:
    """Remove a configuration from QGIS's authentication database."""
    if authcfg:
        QgsApplication.authManager().removeAuthenticationConfig(authcfg)


def may_ask_for_password() -> bool:
    """Whether ``resolve()`` of the active connection would ask the user for QGIS's master password."""
    connection = load(active_name())
    wants_secret = connection is not None and bool(connection.authcfg or connection.sentinel_authcfg)
    wants_secret = wants_secret or cache_is_sealed()
    return wants_secret and not QgsApplication.authManager().masterPasswordIsSet()


def resolve(name: str = "") -> ConnectionSettings:
    """The settings with their secret, ready for a worker thread. Main thread only (the master password may be
    asked).

    Without a name: in the window the active connection, else the environment's ``REDIS_GEO_URL``; headless
    the other way round. Raises StoreError where there is none, and InvalidUrl for a bad variable.
    """
    return _with_cache_secret(_resolve(name))


def _resolve(name: str) -> ConnectionSettings:
    if not name and qgis.utils.iface is None:
        from_variable = from_environment()
        if from_variable is not None:
            return from_variable
    connection = load(name or active_name())
    if connection is not None:
        return with_secret(connection)
    from_variable = None if name else from_environment()
    if from_variable is None:
        raise StoreError(Failure(FailureKind.NO_CONNECTION, name))
    return from_variable


def with_secret(connection: SavedConnection) -> ConnectionSettings:
    """The settings with user name and password filled in. Main thread only. Raises StoreError
    (SECRETS_LOCKED)."""
    if connection.local_server:
        return replace(local_settings(), name=connection.name, production=connection.settings.production)
    settings = connection.settings
    if connection.authcfg:
        settings = settings.with_secret(*read_secret(connection.authcfg))
    if connection.sentinel_authcfg and settings.deployment is Deployment.SENTINEL:
        settings = settings.with_sentinel_secret(*read_secret(connection.sentinel_authcfg))
    return settings


def cache_is_sealed() -> bool:
    """Whether cached results are sealed with a secret that the organisation shares."""
    return bool(kept(CACHE_SECRET, ""))


def keep_cache_secret(secret: str) -> None:
    """Keep the shared secret of cached results in the authentication database; an empty one forgets it.

    Main thread only (the master password may be asked). Raises StoreError where the database is locked or
    refuses.
    """
    known = kept(CACHE_SECRET, "")
    if secret:
        QgsSettings().setValue(
            CACHE_SECRET, store_secret(tr("shared secret of the cache"), "", secret, known)
        )
    elif known:
        forget_secret(known)
        QgsSettings().remove(CACHE_SECRET)


def _with_cache_secret(settings: ConnectionSettings) -> ConnectionSettings:
    if not cache_is_sealed():
        return settings
    return replace(settings, cache_secret=read_secret(kept(CACHE_SECRET, ""))[1])


def local_directory() -> Path:
    """Where the profile's own server keeps its data."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "redis_geo" / "server"


def local_server() -> LocalServer:
    """The profile's own server as its state file has it (it may not run). Raises StoreError where it was
    never started."""
    from ...core.redis import local_server as localserver

    state = localserver.read_state(local_directory())
    if state is None:
        raise StoreError(Failure(FailureKind.REFUSED, "the local server was never started"))
    return state


def local_settings() -> ConnectionSettings:
    """How the profile's own server is reached (it may not run). Raises StoreError where it was never
    started."""
    return replace(local_server().settings(), own_server=str(local_directory()))


def active_is_local() -> bool:
    """Whether the active connection is that of the profile's own server."""
    connection = load(active_name()) if active_name() else None
    return connection is not None and connection.local_server


def local_server_moved(settings: Optional[ConnectionSettings]) -> bool:
    """Whether the active connection is the profile's own server, and another window started that at another
    port."""
    if settings is None or not active_is_local():
        return False
    try:
        return resolve() != settings
    except StoreError:
        return False
