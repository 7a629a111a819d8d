"""Why a TLS connection failed, recognised by OpenSSL's error text.

These are of ``X509_verify_cert_error_string``, and the alerts of RFC 8446, section 6.2.
"""

from __future__ import annotations

from enum import Enum


class TlsReason(str, Enum):
    """What was wrong."""

    NAME = "name"  # the certificate is for another host
    EXPIRED = "expired"
    NOT_YET = "not_yet"  # valid from a later date on, or this computer's clock is wrong
    ISSUER = "issuer"  # the authority that signed it is not known here
    REVOKED = "revoked"
    OURS = "ours"  # the server wants a certificate of the client, or refused the one it got
    VERSION = "version"  # no version of TLS, or cipher, in common
    OTHER = "other"


# In the order in which they are looked for: an alert of the server speaks of our certificate, not of its own.
_WORDS = (
    (TlsReason.OURS, ("alert certificate", "alert_certificate", "alert bad certificate", "alert unknown ca",
                      "alert_unknown_ca", "alert_bad_certificate", "alert unsupported certificate",
                      "certificate required", "certificate_required", "alert access denied")),
    (TlsReason.VERSION, ("unsupported protocol", "unsupported_protocol", "alert protocol version",
                         "alert_protocol_version", "handshake failure", "handshake_failure",
                         "no shared cipher", "no protocols available")),
    (TlsReason.NOT_YET, ("not yet valid",)),
    (TlsReason.EXPIRED, ("has expired",)),
    (TlsReason.NAME, ("hostname mismatch", "ip address mismatch", "doesn't match", "not valid for")),
    (TlsReason.REVOKED, ("revoked",)),
    (TlsReason.ISSUER, ("self-signed", "self signed", "unable to get local issuer", "unable to get issuer",
                        "unable to verify the first", "unknown ca", "invalid ca", "untrusted")),
)  # fmt: skip


def tls_reason(words: str) -> TlsReason:
    """What was wrong, by the words of the failure."""
    text = words.lower()
    return next((reason for reason, signs in _WORDS if any(sign in text for sign in signs)), TlsReason.OTHER)
