"""What was wrong with a secure connection, by OpenSSL's words of all its versions."""

from __future__ import annotations

import pytest

from redis_geo_plugin.core.redis.tls_reasons import TlsReason, tls_reason

VERIFY = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {} (_ssl.c:1002)"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (VERIFY.format("certificate has expired"), TlsReason.EXPIRED),
        (VERIFY.format("certificate is not yet valid"), TlsReason.NOT_YET),
        (VERIFY.format("Hostname mismatch, certificate is not valid for 'db'."), TlsReason.NAME),
        (VERIFY.format("IP address mismatch, certificate is not valid for '127.0.0.1'."), TlsReason.NAME),
        (VERIFY.format("self-signed certificate in certificate chain"), TlsReason.ISSUER),
        (VERIFY.format("self signed certificate"), TlsReason.ISSUER),
        (VERIFY.format("unable to get local issuer certificate"), TlsReason.ISSUER),
        (VERIFY.format("unable to verify the first certificate"), TlsReason.ISSUER),
        (VERIFY.format("certificate revoked"), TlsReason.REVOKED),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", TlsReason.OURS),
        ("[SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca (_ssl.c:2580)", TlsReason.OURS),
        ("[SSL: SSLV3_ALERT_BAD_CERTIFICATE] sslv3 alert bad certificate", TlsReason.OURS),
        ("[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version", TlsReason.VERSION),
        ("[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure", TlsReason.VERSION),
        ("[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol", TlsReason.VERSION),
        ("", TlsReason.OTHER),
        ("something else", TlsReason.OTHER),
    ],
)
def test_the_words_of_openssl(words, reason):
    assert tls_reason(words) is reason
