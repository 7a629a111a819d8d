"""Failures in words that an analyst can act on. The server's own words go behind them."""

from __future__ import annotations

from typing import Optional

from ..core import production
from ..core.failures import Failure, FailureKind
from ..core.optional import SHAPELY
from ..core.settings import ConnectionSettings
from .i18n import tr


def in_words(failure: Failure) -> str:
    """One sentence: what is wrong, and what to do."""
    if failure.kind is FailureKind.MISSING_PACKAGE and failure.words.startswith(SHAPELY):
        return tr(
            "This needs the Python package Shapely 2, which this QGIS does not have. Choose Database, Redis Geo, "
            "Install Shapely; or ask your administrator for it."
        )
    return _sentences()[failure.kind]


def why_locked(settings: Optional[ConnectionSettings]) -> str:
    """Why nothing may be changed through this connection now; '' where it may."""
    locked = settings is not None and production.is_locked(settings)
    return in_words(Failure(FailureKind.PRODUCTION)) if locked else ""


def with_server_words(failure: Failure) -> str:
    """The sentence, and behind it what the server said."""
    if not failure.words or failure.kind in (FailureKind.MISSING_PACKAGE, FailureKind.PRODUCTION):
        return in_words(failure)
    return tr("{sentence} The server said: {words}").format(sentence=in_words(failure), words=failure.words)


def _sentences() -> dict[FailureKind, str]:
    return {
        FailureKind.REFUSED: tr("Nothing listens at this address. Is the server running, and is the port right?"),
        FailureKind.UNKNOWN_HOST: tr("This host name is not known. Check its spelling and your network."),
        FailureKind.TOO_SLOW: tr(
            "The server did not answer in time. It may be overloaded, stopped or behind a firewall, "
            "or it may expect TLS switched the other way."
        ),
        FailureKind.LOST: tr("The connection to the server broke. If the server expects TLS, switch TLS on."),
        FailureKind.WRONG_PASSWORD: tr("The server refused this user name and password."),
        FailureKind.PASSWORD_NEEDED: tr("The server asks for a password. Add one in the connection's settings."),
        FailureKind.NO_RIGHTS: tr("This user lacks the right to do this. Ask the server's administrator."),
        FailureKind.NOT_REDIS: tr("Something answers there, but it is not a Redis or Valkey server."),
        FailureKind.TLS_REFUSED: tr(
            "The secure connection was refused. Check the certificate, the host name and the certificate authority."
        ),
        FailureKind.NO_TLS: tr("The server does not speak TLS at this port. Switch TLS off, or use its TLS port."),
        FailureKind.CERTIFICATE_FILE: tr(
            "A certificate or key file of this connection cannot be read. Check its path in the connection's settings."
        ),
        FailureKind.NO_CLUSTER: tr("This server is not part of a cluster: choose “Single server” as deployment."),
        FailureKind.LOADING: tr("The server is loading its data. Try again in a moment."),
        FailureKind.READ_ONLY: tr("This server is a read-only replica: connect to its primary to write."),
        FailureKind.OUT_OF_MEMORY: tr(
            "The server's memory is full, so it stores nothing more. Purge a namespace, or ask for more memory."
        ),
        FailureKind.DISK: tr("The server cannot save to its disk and refuses to write. Tell its administrator."),
        FailureKind.WRONG_TYPE: tr("A key of this name already holds another kind of value."),
        FailureKind.CLUSTER_DOWN: tr("Part of the cluster is down. Try again in a moment."),
        FailureKind.TOO_MANY_CLIENTS: tr("The server has no connection left for another client."),
        FailureKind.NO_DATABASE: tr("The server has no database of this number."),
        FailureKind.PRODUCTION: tr(
            "This connection is marked as a production server and is read only. Allow changes in the Server panel first."
        ),
        FailureKind.NO_CONNECTION: tr("No Redis connection is set up. Add one under Settings, Options, Redis Geo."),
        FailureKind.SECRETS_LOCKED: tr(
            "QGIS's authentication database is locked, and the password is kept there. Enter QGIS's master password."
        ),
        FailureKind.MISSING_PACKAGE: tr("A program or Python package that this needs is not installed."),
        FailureKind.OTHER: tr("The server did not do what was asked."),
    }
