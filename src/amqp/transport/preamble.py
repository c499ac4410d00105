"""What is said on a stream before AMQP or TLS begins: a request to a proxy, the header that asks for TLS (5.2.1)."""

from __future__ import annotations

from typing import Final, Protocol

from amqp.transport.tls_faults import TlsRefused

__all__ = ["Preamble", "ProxyPreamble", "TlsPreamble"]

_LARGEST_ANSWER: Final = 8_192
_SHOWN: Final = 80
_PROXY_AUTHENTICATION: Final = "407"

TLS_HEADER: Final = b"AMQP\x02\x01\x00\x00"


class Preamble(Protocol):
    """A question and its answer, without I/O."""

    @property
    def request(self) -> bytes:
        """What to say."""
        ...

    def feed(self, octet: bytes) -> bool:
        """Take one octet of the answer, or none at the end of the stream; tell whether the answer is whole and good.

        Raises:
            OSError: it is not good.
        """
        ...


class ProxyPreamble:
    """Asks a proxy for a tunnel; what follows its answer is the server's."""

    def __init__(self, request: bytes, proxy: str) -> None:
        self.request = request
        self._proxy = proxy
        self._answer = bytearray()

    def feed(self, octet: bytes) -> bool:
        """Take one octet; see :class:`Preamble`."""
        if not octet:
            raise ConnectionResetError(f"the proxy {self._proxy} closed the connection and made no tunnel")
        self._answer += octet
        if len(self._answer) > _LARGEST_ANSWER:
            raise ConnectionRefusedError(f"the proxy {self._proxy} answers without end")
        if not self._answer.endswith(b"\r\n\r\n"):
            return False
        self._judge(self._answer.split(b"\r\n", 1)[0].decode("ascii", "replace"))
        return True

    def _judge(self, line: str) -> None:
        version, _, rest = line.partition(" ")
        code = rest[:3]
        if version.startswith("HTTP/1.") and code.startswith("2"):
            return
        mend = ": give user and password in the URL of proxy=" if code == _PROXY_AUTHENTICATION else ""
        raise ConnectionRefusedError(
            f"the proxy {self._proxy} made no tunnel, it says {line[:_SHOWN]!r}{mend}"
        )


class TlsPreamble:
    """Asks the server for TLS inside the stream; any other answer than the same header is the end (E4)."""

    request = TLS_HEADER

    def __init__(self) -> None:
        self._answer = bytearray()

    def feed(self, octet: bytes) -> bool:
        """Take one octet; see :class:`Preamble`."""
        if not octet:
            raise TlsRefused(
                "the server closed the connection when it was asked for TLS: leave tls_in_band=True out for a port that "
                "begins with TLS"
            )
        self._answer += octet
        if len(self._answer) < len(TLS_HEADER):
            return False
        if bytes(self._answer) != TLS_HEADER:
            # 5.2: it answers with the header of what it would do. There is no way on in the clear.
            raise TlsRefused(
                f"the server does not do TLS inside the stream, it answered {bytes(self._answer)!r}: leave "
                "tls_in_band=True out for a port that begins with TLS"
            )
        return True
