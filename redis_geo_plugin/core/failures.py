"""What can go wrong with a server, by kind: the words for people are made from the kind where they are shown."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from enum import Enum


class FailureKind(str, Enum):
    """Why a server did not do what was asked."""

    REFUSED = "refused"  # nothing listens there
    UNKNOWN_HOST = "unknown_host"
    TOO_SLOW = "too_slow"  # no answer within the time limit
    LOST = "lost"  # the connection broke
    WRONG_PASSWORD = "wrong_password"  # nosec B105  # pragma: allowlist secret - the name of a failure
    PASSWORD_NEEDED = "password_needed"  # nosec B105  # pragma: allowlist secret
    NO_RIGHTS = "no_rights"
    NOT_REDIS = "not_redis"
    TLS_REFUSED = "tls_refused"
    NO_TLS = "no_tls"  # TLS was asked of a port that does not speak it
    CERTIFICATE_FILE = "certificate_file"  # a file of the connection's TLS settings cannot be read
    NO_CLUSTER = "no_cluster"  # a single server, reached as a cluster
    LOADING = "loading"
    READ_ONLY = "read_only"
    OUT_OF_MEMORY = "out_of_memory"
    DISK = "disk"  # the server refuses writes because it cannot save
    WRONG_TYPE = "wrong_type"
    CLUSTER_DOWN = "cluster_down"
    TOO_MANY_CLIENTS = "too_many_clients"
    NO_DATABASE = "no_database"
    PRODUCTION = "production"  # the connection is marked as production, and nobody has allowed changes
    NO_CONNECTION = "no_connection"  # none is configured
    SECRETS_LOCKED = "secrets_locked"  # nosec B105  # pragma: allowlist secret - QGIS's authentication database stays closed
    MISSING_PACKAGE = "missing_package"
    OTHER = "other"


# Kinds after which trying again later may work without anyone changing a setting.
PASSING = frozenset(
    {
        FailureKind.REFUSED,
        FailureKind.UNKNOWN_HOST,
        FailureKind.TOO_SLOW,
        FailureKind.LOST,
        FailureKind.LOADING,
        FailureKind.CLUSTER_DOWN,
        FailureKind.TOO_MANY_CLIENTS,
    }
)

# The first word of a server's error, or the start of its text, and what it means.
_SERVER_WORDS = (
    ("WRONGPASS", FailureKind.WRONG_PASSWORD),
    ("invalid username-password", FailureKind.WRONG_PASSWORD),
    ("invalid password", FailureKind.WRONG_PASSWORD),
    ("AUTH <password> called without any password", FailureKind.WRONG_PASSWORD),
    ("NOAUTH", FailureKind.PASSWORD_NEEDED),
    ("Authentication required", FailureKind.PASSWORD_NEEDED),
    ("NOPERM", FailureKind.NO_RIGHTS),
    ("No permissions", FailureKind.NO_RIGHTS),
    ("has no permissions", FailureKind.NO_RIGHTS),
    ("LOADING", FailureKind.LOADING),
    ("is loading the dataset", FailureKind.LOADING),
    ("READONLY", FailureKind.READ_ONLY),
    ("against a read only replica", FailureKind.READ_ONLY),
    ("OOM", FailureKind.OUT_OF_MEMORY),
    ("command not allowed when used memory", FailureKind.OUT_OF_MEMORY),
    ("MISCONF", FailureKind.DISK),
    ("WRONGTYPE", FailureKind.WRONG_TYPE),
    ("Operation against a key holding the wrong kind", FailureKind.WRONG_TYPE),
    ("CLUSTERDOWN", FailureKind.CLUSTER_DOWN),
    ("slots are not covered", FailureKind.CLUSTER_DOWN),
    ("Cluster mode is not enabled", FailureKind.NO_CLUSTER),
    ("cluster support disabled", FailureKind.NO_CLUSTER),
    ("max number of clients", FailureKind.TOO_MANY_CLIENTS),
    ("DB index is out of range", FailureKind.NO_DATABASE),
    ("Protocol Error", FailureKind.NOT_REDIS),
    ("Protocol error", FailureKind.NOT_REDIS),
)


# What OpenSSL calls an answer that is not TLS.
_NO_TLS_WORDS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "UNEXPECTED_EOF")


@dataclass(frozen=True)
class Failure:
    """A kind and the server's (or the system's) own words."""

    kind: FailureKind
    words: str = ""

    @property
    def passing(self) -> bool:
        """Whether the same call may work later by itself."""
        return self.kind in PASSING


class StoreError(Exception):
    """A failure of the server, carried to whoever can tell the user."""

    def __init__(self, failure: Failure):
        super().__init__(f"{failure.kind.value}: {failure.words}")
        self.failure = failure


def classify(error: BaseException) -> Failure:
    """Name what an exception of redis-py, of a socket or of TLS means."""
    if isinstance(error, StoreError):
        return error.failure
    from . import redispy

    words = str(error) or type(error).__name__
    chain = _chain(error)
    for link in chain:
        if isinstance(link, ModuleNotFoundError) and link.name:
            return Failure(FailureKind.MISSING_PACKAGE, link.name.split(".")[0])
        if isinstance(link, ssl.SSLError):
            plain = any(marker in str(link).upper().replace(" ", "_") for marker in _NO_TLS_WORDS)
            return Failure(FailureKind.NO_TLS if plain else FailureKind.TLS_REFUSED, words)
    for marker, kind in _SERVER_WORDS:
        if marker in words:
            return Failure(kind, words)
    if isinstance(error, redispy.exceptions.NoPermissionError):
        return Failure(FailureKind.NO_RIGHTS, words)
    for link in chain:
        if isinstance(link, socket.gaierror):
            return Failure(FailureKind.UNKNOWN_HOST, words)
        if isinstance(link, (ConnectionRefusedError, FileNotFoundError)):
            return Failure(FailureKind.REFUSED, words)
        if isinstance(link, (socket.timeout, TimeoutError, redispy.exceptions.TimeoutError)):
            return Failure(FailureKind.TOO_SLOW, words)
    if isinstance(error, ValueError) and "closed file" in words:  # redis-py, when another thread closed the connection
        return Failure(FailureKind.LOST, words)
    if isinstance(error, redispy.exceptions.InvalidResponse):
        return Failure(FailureKind.NOT_REDIS, words)
    if "refused" in words.lower():
        return Failure(FailureKind.REFUSED, words)
    if isinstance(error, redispy.exceptions.ClusterDownError):
        return Failure(FailureKind.CLUSTER_DOWN, words)
    if isinstance(error, (redispy.exceptions.ConnectionError, OSError)):
        return Failure(FailureKind.LOST, words)
    return Failure(FailureKind.OTHER, words)


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    return links
