"""What OpenSSL says of a TLS handshake that failed, and how to mend it (E5)."""

from __future__ import annotations

import os
import ssl
from typing import Final

__all__ = ["TlsRefused", "described", "is_tls_fault"]


class TlsRefused(ConnectionRefusedError):
    """TLS inside the stream was asked for, and did not begin (5.2.1)."""


_NAME: Final = (
    "the certificate is for another name: connect to a name that it has, or give that as server_hostname="
)
_TIME: Final = "the server needs a certificate for these days, or the clock here is wrong"
_AUTHORITY: Final = (
    "nobody who is trusted here vouches for it: trust its authority, "
    "ssl_context=ssl.create_default_context(cafile=...)"
)
_OTHER: Final = "the certificate is not valid for this server"
# By OpenSSL's code of the verification (X509_V_ERR_*).
_CERTIFICATE: Final = {
    9: _TIME,
    10: _TIME,
    18: _AUTHORITY,
    19: _AUTHORITY,
    20: _AUTHORITY,
    21: _AUTHORITY,
    62: _NAME,
    64: _NAME,
}

_CLIENT_CERTIFICATE: Final = (
    "the server does not take the client certificate, or wants one: ssl_context.load_cert_chain(...) gives it"
)
_OLD: Final = "server and client have no version of TLS in common: the server needs TLS 1.2 or later"
_NO_TLS: Final = "what answers there does not speak TLS: the port may be one for clear text, amqp:// or ws://"
# By a piece of OpenSSL's reason.
_REASONS: Final = (
    ("CERTIFICATE_REQUIRED", _CLIENT_CERTIFICATE),
    ("ALERT_UNKNOWN_CA", _CLIENT_CERTIFICATE),
    ("ALERT_BAD_CERTIFICATE", _CLIENT_CERTIFICATE),
    ("ALERT_CERTIFICATE", _CLIENT_CERTIFICATE),
    (
        "ALERT_HANDSHAKE_FAILURE",
        f"{_OLD}; or it wants a client certificate, ssl_context.load_cert_chain(...)",
    ),
    ("PROTOCOL", _OLD),
    ("WRONG_VERSION_NUMBER", _NO_TLS),
    ("RECORD_LAYER_FAILURE", _NO_TLS),
)
# The stream ended inside TLS, as any stream may.
_ENDS: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def is_tls_fault(error: BaseException | None) -> bool:
    """Tell whether TLS failed of more than the end of the stream."""
    return isinstance(error, ssl.SSLError | TlsRefused) and not isinstance(error, _ENDS)


def described(error: OSError) -> str:
    """Return the text of *error*; where TLS failed, with how to mend it."""
    if not is_tls_fault(error) or isinstance(error, TlsRefused):
        # asyncio puts words of its own in the place of those of the system.
        if error.errno and str(error.strerror).startswith("Connect call failed"):
            return f"[Errno {error.errno}] {os.strerror(error.errno)}"
        return str(error)
    return f"{error}: {_mend(error)}"


def _mend(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE.get(error.verify_code, _OTHER)
    reason = str(getattr(error, "reason", ""))
    return next((mend for piece, mend in _REASONS if piece in reason), "TLS did not come up")
