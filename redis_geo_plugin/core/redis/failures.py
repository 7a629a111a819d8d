"""What can go wrong with a server, by kind; the words for people are made where they are shown."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from enum import Enum
from typing import Optional

from ..watch import Cancelled


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
    NO_SERVICE = "no_service"  # the sentinels know no primary of this name
    SENTINEL_SIGN_IN = "sentinel_sign_in"  # the sentinels want a user or password of their own
    NO_CLUSTER = "no_cluster"  # a single server, reached as a cluster
    LOADING = "loading"
    READ_ONLY = "read_only"
    OUT_OF_MEMORY = "out_of_memory"
    DISK = "disk"  # the server refuses writes because it cannot save
    WRONG_TYPE = "wrong_type"
    UNEXPECTED_REPLY = "unexpected_reply"  # a reply of another kind than the one that was asked for
    CLUSTER_DOWN = "cluster_down"
    TOO_MANY_CLIENTS = "too_many_clients"
    NO_DATABASE = "no_database"
    PRODUCTION = "production"  # the connection is marked as production, and nobody has allowed changes
    NO_CONNECTION = "no_connection"  # none is configured
    SECRETS_LOCKED = "secrets_locked"  # nosec B105  # pragma: allowlist secret - QGIS's authentication database stays closed
    MISSING_PACKAGE = "missing_package"
    READER_ENDED = "reader_ended"  # the process of our own that reads a large fleet
    READER_FULL = "reader_full"  # there is no room for what it reads
    CANCELLED = "cancelled"  # by the user
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
        FailureKind.READER_ENDED,
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
    ("TRYAGAIN", FailureKind.CLUSTER_DOWN),
    ("Multiple keys request during rehashing", FailureKind.CLUSTER_DOWN),
    ("TTL exhausted", FailureKind.CLUSTER_DOWN),  # redis-py after sixteen times TRYAGAIN or MOVED
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
    """A failure of the server, as an exception."""

    def __init__(self, failure: Failure):
        super().__init__(f"{failure.kind.value}: {failure.words}")
        self.failure = failure


def classify(error: BaseException) -> Failure:
    """Name what an exception of redis-py, of a socket or of TLS means."""
    if isinstance(error, StoreError):
        return error.failure
    if isinstance(error, Cancelled):
        return Failure(FailureKind.CANCELLED)
    from . import redispy

    words = str(error) or type(error).__name__
    chain = _chain(error)
    if isinstance(error, redispy.sentinel.MasterNotFoundError) or "No master found for" in words:
        return Failure(_of_sentinels(words), words)
    missing = next((link for link in chain if isinstance(link, ModuleNotFoundError) and link.name), None)
    if missing is not None:
        return Failure(FailureKind.MISSING_PACKAGE, str(missing.name).split(".")[0])
    kind = _of_tls(chain) or _of_words(words)
    return Failure(kind or _of_types(error, chain) or _of_class(error, words), words)


def _of_tls(chain: list[BaseException]) -> Optional[FailureKind]:
    for link in chain:
        if isinstance(link, ssl.SSLError):
            plain = any(marker in str(link).upper().replace(" ", "_") for marker in _NO_TLS_WORDS)
            return FailureKind.NO_TLS if plain else FailureKind.TLS_REFUSED
    return None


def _of_words(words: str) -> Optional[FailureKind]:
    return next((kind for marker, kind in _SERVER_WORDS if marker in words), None)


def _of_types(error: BaseException, chain: list[BaseException]) -> Optional[FailureKind]:
    """By the first link of the chain that says something: redis-py wraps what the system says."""
    from .redispy import exceptions

    if isinstance(error, exceptions.NoPermissionError):
        return FailureKind.NO_RIGHTS
    for link in chain:
        if isinstance(link, socket.gaierror):
            return FailureKind.UNKNOWN_HOST
        if isinstance(link, (ConnectionRefusedError, FileNotFoundError)):
            return FailureKind.REFUSED
        if isinstance(link, (socket.timeout, TimeoutError, exceptions.TimeoutError)):
            return FailureKind.TOO_SLOW
    return None


def _of_class(error: BaseException, words: str) -> FailureKind:
    from .redispy import exceptions

    if isinstance(error, ValueError) and "closed file" in words:
        return FailureKind.LOST  # redis-py, when another thread closed the connection
    if isinstance(error, exceptions.InvalidResponse):
        return FailureKind.NOT_REDIS
    if "refused" in words.lower():
        return FailureKind.REFUSED
    if isinstance(error, exceptions.ClusterDownError):
        return FailureKind.CLUSTER_DOWN
    lost = isinstance(error, (exceptions.ConnectionError, OSError))
    return FailureKind.LOST if lost else FailureKind.OTHER


def _of_sentinels(words: str) -> FailureKind:
    """Why no sentinel named a primary: redis-py tells what each said, behind a description of its client."""
    if " : " not in words:
        return FailureKind.NO_SERVICE
    words = " ".join(part.partition(" - ")[2] for part in words.split(", <"))
    signs = ("AuthenticationError(", "NOAUTH", "WRONGPASS", "Authentication required")
    if any(sign in words for sign in signs):
        return FailureKind.SENTINEL_SIGN_IN
    if "NoPermission" in words or "NOPERM" in words or "no permissions" in words:
        return FailureKind.NO_RIGHTS
    if "certificate" in words.lower() or "SSL" in words:
        return FailureKind.TLS_REFUSED
    if "refused" in words.lower():
        return FailureKind.REFUSED
    if "Error -" in words or "Name or service" in words:
        return FailureKind.UNKNOWN_HOST
    if "imeout" in words:
        return FailureKind.TOO_SLOW
    return FailureKind.LOST


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    return links
