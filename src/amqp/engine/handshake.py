"""What comes before the AMQP frames: the protocol headers (2.2), the TLS layer (5.2) and the SASL layer (5.3), both roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from amqp.engine.frames import FRAME_HEADER_SIZE, SASL_FRAME, channel_head
from amqp.engine.headers import AMQP_HEADER, SASL_HEADER, TLS_HEADER, Layer, describe_header, mend
from amqp.engine.sasl import ClientExchange, SaslFault, ServerExchange, redacted
from amqp.errors import Blame, LocalError
from amqp.sasl.mechanism import SaslClient, SaslServer
from amqp_spec import DecodeError, decode_sasl_frame

if TYPE_CHECKING:
    from amqp.engine.wire import Wire
    from amqp_spec import SaslCode, SaslFrame

__all__ = ["Handshake", "HandshakeFault", "TlsUse"]

TlsUse = Literal["none", "offered", "required"]
"""Whether TLS is negotiated inside the stream (5.2); TLS on a port of its own is none of the engine's business."""

_SASL_HEAD = channel_head(0, SASL_FRAME)


class HandshakeFault(Exception):
    """The connection cannot come up; there is no frame to say why, the stream just ends (2.2, 5.1)."""

    def __init__(
        self,
        description: str,
        *,
        authentication: bool,
        code: SaslCode | None = None,
        blame: Blame = Blame.REMOTE,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.blame = blame
        self.authentication = authentication
        """Whether the SASL layer is what failed."""
        self.code = code
        """The outcome's code, where the exchange came to one."""


class Handshake:
    """Which header may come next, and the SASL exchange while there is one.

    Raises:
        LocalError: *sasl* is that of the other role, or a client is to offer TLS.
    """

    __slots__ = (
        "_authenticated",
        "_client",
        "_exchange",
        "_sasl",
        "_secured",
        "_send_limit",
        "_tls",
        "_wire",
        "in_sasl",
        "securing",
    )

    def __init__(
        self,
        role: Literal["client", "server"],
        sasl: SaslClient | SaslServer | None,
        wire: Wire,
        send_limit: int,
        tls: TlsUse,
    ) -> None:
        self._client = role == "client"
        if self._client and tls == "offered":
            raise LocalError("a client asks for TLS or does not: tls is 'required' or 'none'")
        if sasl is not None and isinstance(sasl, SaslClient) is not self._client:
            raise LocalError(
                f"sasl of a {role} is a {'SaslClient' if self._client else 'SaslServer'}, not {sasl!r}"
            )
        self._sasl = sasl
        self._wire = wire
        self._tls: TlsUse = tls
        self.securing = False
        """Whether TLS was negotiated and does not stand yet."""
        self._secured = False  # TLS stands
        self._send_limit = (
            max(send_limit, sasl.max_frame_size) if isinstance(sasl, SaslClient) else send_limit
        )
        self.in_sasl = False
        """Whether the SASL layer is up, so that its frames are due; looked at for every frame."""
        self._exchange: ClientExchange | ServerExchange | None = None  # the same, and what the layer is
        self._authenticated = False

    @property
    def under_way(self) -> str | None:
        """Which security layer is being set up, for an error text."""
        if self.securing:
            return "TLS handshake"
        return None if self._exchange is None else "SASL exchange"

    @property
    def mechanism(self) -> str:
        """The name of the mechanism in use."""
        return "" if self._exchange is None else self._exchange.mechanism

    @property
    def identity(self) -> str | None:
        """Who the client proved to be; in a server."""
        return None if self._exchange is None else self._exchange.identity

    def start(self) -> bool:
        """Begin a client's next layer; tell whether it is AMQP, else the header of that before it was written."""
        if self._wants_tls:
            self._wire.write_raw(TLS_HEADER)
            return False
        if isinstance(self._sasl, SaslClient):
            self._exchange = ClientExchange(self._sasl)
            self.in_sasl = True
            self._wire.write_raw(SASL_HEADER)
            return False
        return True

    def on_header(self, header: bytes) -> Layer:
        """Take a protocol header and return what it starts.

        Raises:
            HandshakeFault: it is not the one that is due.
        """
        return self._on_server_header(header) if self._client else self._on_client_header(header)

    def on_frame(self, kind: int, frame: bytes, at: int) -> bool:
        """Take a frame of the SASL layer; tell whether the exchange is over, successfully.

        Raises:
            HandshakeFault: it failed.
        """
        exchange = self._exchange
        assert exchange is not None
        if kind != SASL_FRAME:
            raise HandshakeFault(f"a frame of type {kind} came during the SASL exchange", authentication=True)
        try:
            performative, after = decode_sasl_frame(frame, at)
        except DecodeError as error:
            raise HandshakeFault(f"a SASL frame makes no sense: {error}", authentication=True) from error
        if self._wire.hook is not None:
            self._wire.hook("in", 0, redacted(performative), len(frame) - after)
        if after != len(frame):
            # 5.3.1: exactly one performative.
            raise HandshakeFault(f"octets follow the {performative.NAME} in its frame", authentication=True)
        try:
            answer = exchange.receive(performative)
        except SaslFault as fault:
            if fault.answer is not None:
                self._write(fault.answer)
            raise HandshakeFault(
                fault.description, authentication=True, code=fault.code, blame=fault.blame
            ) from fault
        if answer is not None:
            self._write(answer)
        return exchange.done

    def end_tls(self) -> None:
        """Take it that TLS stands: the next header comes inside it (5.2)."""
        self.securing = False
        self._secured = True

    def end_sasl(self) -> None:
        """Leave the SASL layer for the next header (5.3.3.5)."""
        self._exchange = None
        self.in_sasl = False
        self._authenticated = True

    # -- parts

    @property
    def _wants_tls(self) -> bool:
        return self._tls == "required" and not self._secured

    def _on_server_header(self, header: bytes) -> Layer:
        due = Layer.TLS if self._wants_tls else Layer.AMQP if self._exchange is None else Layer.SASL
        if header == due.value:
            self.securing = due is Layer.TLS
            return due
        # A server that answers with the other layer says which it demands. There is no way on in the clear (E4).
        raise HandshakeFault(
            f"asked for {describe_header(due.value)}, the server answered {describe_header(header)}{mend(header)}",
            authentication=due is not Layer.TLS and header in (SASL_HEADER, AMQP_HEADER),
        )

    def _on_client_header(self, header: bytes) -> Layer:
        sasl = self._sasl
        if header == TLS_HEADER and self._may_secure:
            self._wire.write_raw(TLS_HEADER)
            self.securing = True
            return Layer.TLS
        if self._wants_tls:
            raise self._refusal(header, TLS_HEADER)
        if header == AMQP_HEADER and (
            not isinstance(sasl, SaslServer) or sasl.optional or self._authenticated
        ):
            return Layer.AMQP
        if header == SASL_HEADER and isinstance(sasl, SaslServer) and not self._authenticated:
            self._wire.write_raw(SASL_HEADER)
            self._exchange = ServerExchange(sasl)
            self.in_sasl = True
            self._write(self._exchange.offer())
            return Layer.SASL
        raise self._refusal(header, AMQP_HEADER if sasl is None or self._authenticated else SASL_HEADER)

    @property
    def _may_secure(self) -> bool:
        # TLS comes first (5.2): neither inside itself nor behind SASL, whose secrets went in the clear.
        return self._tls != "none" and not self._secured and not self._authenticated

    def _refusal(self, header: bytes, other: bytes) -> HandshakeFault:
        """Answer with a header that would do (2.2), and return why the stream ends."""
        self._wire.write_raw(other)
        return HandshakeFault(
            f"the client asked for {describe_header(header)}, offered is {describe_header(other)}",
            authentication=header == AMQP_HEADER and other is not TLS_HEADER,
        )

    def _write(self, performative: SaslFrame) -> None:
        body = performative.encode()
        if len(body) + FRAME_HEADER_SIZE > self._send_limit:
            # 5.3.1: a SASL frame is small; longer tokens need a peer that agrees.
            raise HandshakeFault(
                f"{performative.NAME} needs a frame of {len(body) + FRAME_HEADER_SIZE} octets, and "
                f"{self._send_limit} is the most before the open: if the peer takes it, raise max_frame_size of the "
                "mechanism, or pre_open_send_limit",
                authentication=True,
                blame=Blame.LOCAL,
            )
        self._wire.write_now(0, _SASL_HEAD, redacted(performative), body)
