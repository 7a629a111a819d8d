"""Failures in words that an analyst can act on, followed by the server's own message."""

from __future__ import annotations

from typing import Optional

from ...core.optional import SHAPELY
from ...core.redis import production
from ...core.redis.failures import Failure, FailureKind
from ...core.redis.settings import AmbiguousUrl, ConnectionSettings, InvalidUrl
from ...core.redis.tls_reasons import TlsReason, tls_reason
from ..i18n import tr


def in_words(failure: Failure) -> str:
    """Describe a failure in one sentence: what is wrong, and what to do."""
    if failure.kind is FailureKind.MISSING_PACKAGE and failure.words.startswith(SHAPELY):
        return tr(
            "This needs the Python package Shapely 2, which this QGIS does not have. Choose Database, Redis "
            "Geo, Install Shapely; or ask your administrator for it."
        )
    if failure.kind is FailureKind.TLS_REFUSED:
        return _of_tls()[tls_reason(failure.words)]
    return {**_of_the_way_there(), **_of_signing_in(), **_of_the_server(), **_of_this_computer()}[
        failure.kind
    ]


def of_address(error: InvalidUrl) -> str:
    """What is wrong with an address that was typed or pasted, and what to do."""
    if isinstance(error, AmbiguousUrl):
        return tr(
            "This address can be read in several ways. In the user and the password, write @ as %40, / as "
            "%2F, ? as %3F, # as %23 and % as %25."
        )
    return tr("This is not a Redis address. Such are redis://host:port/database, rediss://…, unix:///path.")


def why_locked(settings: Optional[ConnectionSettings]) -> str:
    """Why nothing may be changed through this connection now; '' where it may."""
    locked = settings is not None and production.is_locked(settings)
    return in_words(Failure(FailureKind.PRODUCTION)) if locked else ""


def with_server_words(failure: Failure) -> str:
    """The sentence, and behind it what the server said."""
    if not failure.words or failure.kind in (FailureKind.MISSING_PACKAGE, FailureKind.PRODUCTION):
        return in_words(failure)
    return tr("{sentence} The server said: {words}").format(sentence=in_words(failure), words=failure.words)


def _of_tls() -> dict[TlsReason, str]:
    """What is wrong with a secure connection, and what to do."""
    return {
        TlsReason.NAME: tr(
            "The server's certificate is for another name than the host of this connection. Use the name "
            "that stands in the certificate, or ask the administrator for one with this name."
        ),
        TlsReason.EXPIRED: tr("The server's certificate has expired. Ask its administrator to renew it."),
        TlsReason.NOT_YET: tr(
            "The server's certificate is not valid yet. Check this computer's date, or ask the server's "
            "administrator."
        ),
        TlsReason.ISSUER: tr(
            "The authority that issued the server's certificate is not known here. Name its file on the tab "
            "TLS of the connection's settings."
        ),
        TlsReason.REVOKED: tr("The server's certificate was revoked. Ask its administrator for another."),
        TlsReason.OURS: tr(
            "The server wants a certificate of yours, or refused the one it got. Name certificate and key "
            "on the tab TLS of the connection's settings."
        ),
        TlsReason.VERSION: tr(
            "The server speaks only an old version of TLS. At least TLS 1.2 is needed: ask its administrator."
        ),
        TlsReason.OTHER: tr(
            "The secure connection was refused. Check the certificate, the host name and the certificate "
            "authority."
        ),
    }


def _of_the_way_there() -> dict[FailureKind, str]:
    """Failures on the way to a server, or reaching the wrong one."""
    return {
        FailureKind.REFUSED: tr(
            "Nothing listens at this address. Is the server running, and is the port right?"
        ),
        FailureKind.UNKNOWN_HOST: tr("This host name is not known. Check its spelling and your network."),
        FailureKind.TOO_SLOW: tr(
            "The server did not answer in time. It may be overloaded, stopped or behind a firewall, "
            "or it may expect TLS switched the other way."
        ),
        FailureKind.LOST: tr("The connection to the server broke. If the server expects TLS, switch TLS on."),
        FailureKind.NOT_REDIS: tr("Something answers there, but it is not a Redis or Valkey server."),
        FailureKind.NO_TLS: tr(
            "The server does not speak TLS at this port. Switch TLS off, or use its TLS port."
        ),
        FailureKind.NO_SERVICE: tr(
            "The sentinels know no primary of this service name. Check the name in the connection's settings."
        ),
        FailureKind.NO_CLUSTER: tr(
            "This server is not part of a cluster: choose “Single server” as deployment."
        ),
    }


def _of_signing_in() -> dict[FailureKind, str]:
    """Failures of signing in and of the user's rights."""
    return {
        FailureKind.WRONG_PASSWORD: tr("The server refused this user name and password."),
        FailureKind.PASSWORD_NEEDED: tr(
            "The server asks for a password. Add one in the connection's settings."
        ),
        FailureKind.NO_RIGHTS: tr("This user lacks the right to do this. Ask the server's administrator."),
        FailureKind.CERTIFICATE_FILE: tr(
            "A certificate or key file of this connection cannot be read. Check its path in the "
            "connection's settings."
        ),
        FailureKind.SENTINEL_SIGN_IN: tr(
            "The sentinels want a user or password of their own. Add them in the connection's settings."
        ),
    }


def _of_the_server() -> dict[FailureKind, str]:
    """Failures of a server that was reached, or of one of its keys."""
    return {
        FailureKind.LOADING: tr("The server is loading its data. Try again in a moment."),
        FailureKind.READ_ONLY: tr("This server is a read-only replica: connect to its primary to write."),
        FailureKind.OUT_OF_MEMORY: tr(
            "The server's memory is full, so it stores nothing more. Purge a namespace, or ask for more "
            "memory."
        ),
        FailureKind.DISK: tr(
            "The server cannot save to its disk and refuses to write. Tell its administrator."
        ),
        FailureKind.WRONG_TYPE: tr("A key of this name already holds another kind of value."),
        FailureKind.UNEXPECTED_REPLY: tr(
            "The server's answer is not one to what was asked. Is there a proxy in between, or another "
            "program at this port?"
        ),
        FailureKind.CLUSTER_DOWN: tr("Part of the cluster is down. Try again in a moment."),
        FailureKind.TOO_MANY_CLIENTS: tr("The server has no connection left for another client."),
        FailureKind.READER_ENDED: tr("The process that reads this fleet has ended."),
        FailureKind.READER_FULL: tr("There is no room for the file of this fleet's rows."),
        FailureKind.NO_DATABASE: tr("The server has no database of this number."),
        FailureKind.OTHER: tr("The server did not do what was asked."),
    }


def _of_this_computer() -> dict[FailureKind, str]:
    """Failures on this computer, before any server is asked."""
    return {
        FailureKind.PRODUCTION: tr(
            "This connection is marked as a production server and is read only. Allow changes in the Server "
            "panel first."
        ),
        FailureKind.NO_CONNECTION: tr(
            "No Redis connection is set up. Add one under Settings, Options, Redis Geo."
        ),
        FailureKind.SECRETS_LOCKED: tr(
            "QGIS's authentication database is locked, and the password is kept there. Enter QGIS's master "
            "password."
        ),
        FailureKind.MISSING_PACKAGE: tr("A program or Python package that this needs is not installed."),
        FailureKind.CANCELLED: tr("Cancelled."),
    }
