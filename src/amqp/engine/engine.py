"""The engine: one end of a connection (2.2 to 2.4, 5.3), and the way in to its sessions."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

from amqp.engine.events import (
    Authenticated,
    ConnectionEnded,
    ConnectionFailed,
    ConnectionOpened,
    SessionRequested,
    TlsNegotiated,
)
from amqp.engine.faults import ConnectionFault, FramingFault, fault_of_error, local_fault, network_fault
from amqp.engine.fields import check_symbols
from amqp.engine.frames import AMQP_FRAME, FRAME_HEADER_SIZE, PROTOCOL_HEADER, FrameSplitter, channel_head
from amqp.engine.handshake import Handshake, HandshakeFault, TlsUse
from amqp.engine.headers import AMQP_HEADER, Layer, describe_end, describe_header, is_foreign, mend
from amqp.engine.idle import IdleTimers
from amqp.engine.opening import check_open, make_open
from amqp.engine.session import Session
from amqp.engine.states import CONNECTION_RULES, ConnectionState, Empty, ErrorClose, Header
from amqp.engine.unsettled import read_again
from amqp.engine.wire import Buffer, Direction, FrameHook, Wire
from amqp.errors import Blame, Fault, LocalError, Scope
from amqp.options import ConnectionOptions, SessionOptions
from amqp_spec import (
    MIN_MAX_FRAME_SIZE,
    AmqpErrorCondition,
    Attach,
    Begin,
    Close,
    ConnectionErrorCondition,
    DecodeError,
    Detach,
    Disposition,
    End,
    Error,
    Flow,
    Open,
    Transfer,
    decode_frame,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from amqp.engine.events import Event
    from amqp.sasl.mechanism import SaslClient, SaslServer
    from amqp_spec import Frame, SaslCode

__all__ = ["Buffer", "Direction", "Engine", "FrameHook"]

_C = ConnectionState
_CLOSING = (_C.OC_PIPE, _C.CLOSE_PIPE, _C.CLOSE_SENT, _C.DISCARDING, _C.END)
_ON_SESSION = frozenset((Attach, Flow, Transfer, Disposition, Detach, End))
_CHANNEL_0 = channel_head(0)
_EMPTY_FRAME = FRAME_HEADER_SIZE.to_bytes(4, "big") + _CHANNEL_0
_LARGEST_SENT = 1024 * 1024
"""Frames of ours are no larger whatever the peer takes, so that links and empty frames get their turn."""


class Engine:
    """One end of an AMQP connection, as a client or a server, without I/O, clock or threads.

    *now* is a time in seconds on a monotonic clock of the driver's choice.

    A client without *sasl* uses no SASL layer. A server without *sasl* offers none; with it the layer is required
    unless ``sasl.optional``. *on_frame* sees every frame; it must not call the engine. *tls* is whether TLS is
    negotiated inside the stream (5.2): ``"required"`` on either side, or ``"offered"`` by a server; the driver does
    the TLS handshake itself when :class:`TlsNegotiated` asks for it.

    Raises:
        LocalError: *sasl* or *tls* is that of the other role.
        EncodeError: an option has no encoding.
    """

    def __init__(
        self,
        options: ConnectionOptions | None = None,
        *,
        role: Literal["client", "server"] = "client",
        sasl: SaslClient | SaslServer | None = None,
        on_frame: FrameHook | None = None,
        tls: TlsUse = "none",
    ) -> None:
        self.options = options = ConnectionOptions() if options is None else options
        self.role: Literal["client", "server"] = role
        self.remote_open: Open | None = None
        """The peer's open, once it was read."""
        self.context: object = None
        """A free slot for the driver's own object."""
        self._wire = Wire(options.pre_open_send_limit, options.channel_max, options.max_buffered, on_frame)
        self._handshake = Handshake(role, sasl, self._wire, options.pre_open_send_limit, tls)
        self._splitter = FrameSplitter(options.pre_open_max_frame_size)
        self._idle = IdleTimers(options.idle_timeout)
        self._limits = options.limits
        self._registry = options.registry
        self._open = make_open(options)
        self._open_body = self._open.encode()
        self._started = False  # our open left, or will when the layers below are up
        self._failed = False  # ConnectionFailed was told
        self._local_error: Error | None = None  # what our close named
        self._remote_close: Close | None = None  # the peer's, where it came before our open
        self._now = 0.0
        self._enter(_C.START)

    # -- octets, events, time

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> None:
        """Take octets from the peer; ``b""`` is the end of its stream. Never raises for what a peer sent."""
        self._now = now
        if not data:
            self._end_of_stream()
            return
        splitter = self._splitter
        wire = self._wire
        handshake = self._handshake
        if splitter.stopped:
            if handshake.securing:
                self._on_handshake_fault(HandshakeFault("octets came in the clear", authentication=False))
            return
        try:
            for kind, channel, frame, at in splitter.split(data):
                wire.offset = splitter.offset
                try:
                    if kind == AMQP_FRAME and not handshake.in_sasl:
                        self._on_frame(channel, frame, at)
                    elif kind == PROTOCOL_HEADER:
                        self._on_header(frame)
                    elif handshake.in_sasl:
                        self._on_sasl_frame(kind, frame, at)
                    else:
                        self._on_strange_frame(kind)
                except ConnectionFault as fault:
                    self._on_fault(fault)
                self._idle.received(now)
        except FramingFault as fault:
            if handshake.in_sasl:
                self._on_handshake_fault(HandshakeFault(fault.description, authentication=True))
            else:
                self._on_fault(fault)
                self._stop()
        except HandshakeFault as fault:
            self._on_handshake_fault(fault)
        if handshake.securing:
            wire.events.append(TlsNegotiated(splitter.take_rest()))

    def events(self) -> list[Event]:
        """Return what happened since the last call, in order."""
        events = self._wire.events
        if events:
            self._wire.events = []
        return events

    def data_to_send(self, now: float) -> list[Buffer]:
        """Return octets to write, in order, and forget them; every frame is there wholly or not at all.

        One call gives about 1 MiB at most: while ``wants_write`` is true there is more, so that a driver can write,
        wait for its transport to take it, and call again.
        """
        wire = self._wire
        if wire.dirty or wire.waiting:
            wire.flush(wire.batch)
        if not wire.pending:
            return []
        self._idle.sent(now)
        return wire.take()

    @property
    def wants_write(self) -> bool:
        """Whether ``data_to_send`` would return something; cheap."""
        wire = self._wire
        return bool(wire.pending or (wire.held is None and (wire.dirty or wire.waiting)))

    @property
    def pending_octets(self) -> int:
        """Octets that wait for ``data_to_send``: answers and updates, for transfers are written as they are taken.

        A driver whose transport is full stops reading while this is large, or a peer that asks much and reads nothing
        fills the memory (C10).
        """
        return self._wire.pending

    @property
    def output_closed(self) -> bool:
        """Whether nothing more will come after what ``data_to_send`` gave.

        Then write it, close the write side, and best read on to the end of the stream for a bounded time.
        """
        return self._state is _C.END and not self._wire.pending

    def next_timeout(self, now: float) -> float | None:
        """Return the seconds, 0 or more, until ``handle_timeout`` is due; None when no timer runs."""
        return self._idle.next_timeout(now)

    def handle_timeout(self, now: float) -> None:
        """Queue an empty frame when one is due; fail the connection when the peer was silent too long (2.4.5)."""
        self._now = now
        if self._idle.silent_too_long(now):
            self._fail_for_silence()
        elif self._idle.beat_due(now):
            self._idle.sent(now)
            # Anything that is written anyway serves as well.
            if not self.wants_write:
                self._write_empty()

    def fail(self, description: str) -> None:
        """Say that the transport broke: ``ConnectionFailed`` follows, nothing more is sent. Idempotent."""
        self._wire.discard()
        if self._state is _C.END:
            return
        self._stop()
        self._tell_failed(network_fault(description, self._splitter.offset))

    # -- the connection

    @property
    def heard(self) -> bool:
        """Whether anything has come from the peer."""
        return self._splitter.inside or self._splitter.offset > 0

    @property
    def state(self) -> ConnectionState:
        """How far the connection has come (2.4.6)."""
        return self._state

    @property
    def remote_max_frame_size(self) -> int:
        """The largest frame that the peer takes; 512 until its open was read."""
        return MIN_MAX_FRAME_SIZE if self.remote_open is None else self.remote_open.max_frame_size

    @property
    def remote_channel_max(self) -> int:
        """The highest channel that the peer takes; 0 until its open was read."""
        return 0 if self.remote_open is None else self.remote_open.channel_max

    @property
    def sessions(self) -> Collection[Session]:
        """The sessions that have not ended."""
        return self._wire.sessions.keys()

    def open(self) -> None:
        """Start the connection (client: header, SASL, open), or answer the peer's open (server).

        The call does nothing where the connection is gone already.

        Raises:
            LocalError: it was called before; a server has not seen the peer's open; the open is larger than the peer
                must take before it has said its limit.
        """
        if self._state is _C.END or self._state is _C.DISCARDING:
            return
        if self._started:
            raise LocalError("open() was called before")
        if self.role == "server":
            if self.remote_open is None:
                raise LocalError("the peer's open was not read yet: wait for ConnectionOpened")
            self._wire.encode(self._open)
            self._write_open()
            if self._remote_close is not None:
                self._end_by_peer(self._remote_close)
        else:
            self._wire.encode(self._open)
            self._started = True
            if self._handshake.start():
                self._start_amqp()

    def tls_established(self) -> None:
        """Go on inside TLS, after :class:`TlsNegotiated`: a client sends its next header now (5.2).

        The call does nothing where the connection is gone already.

        Raises:
            LocalError: no TLS handshake was asked for.
        """
        if self._state is _C.END:
            return
        if not self._handshake.securing:
            raise LocalError("no TLS handshake is under way: wait for TlsNegotiated")
        self._splitter.stopped = False
        self._handshake.end_tls()
        if self.role == "client" and self._handshake.start():
            self._start_amqp()

    def close(self, error: Error | None = None) -> None:
        """Close the connection (2.4.3); what waits leaves first where windows allow. Idempotent.

        ``ConnectionEnded`` or ``ConnectionFailed`` comes when the peer has answered. The driver bounds that wait.
        In a server it also answers the peer's open with no.

        Raises:
            LocalError: *error* is larger than the peer takes.
        """
        if self._closing:
            return
        if error is not None:
            self._wire.encode(Close(error=error))
        self._local_error = error
        if self.role == "server" and Open in self._rule.sends:
            self._write_open()
        if self._remote_close is not None:
            self._end_by_peer(self._remote_close)
        elif Close in self._rule.sends:
            if error is None:
                self._wire.flush(sys.maxsize)
            self._write_close(error)
        else:
            # No frame was exchanged that a close could answer.
            self._stop()
            self._tell_end()

    def begin(self, options: SessionOptions | None = None) -> Session:
        """Begin a session on the lowest free channel (2.5.1). ``SessionOpened`` or ``SessionFailed`` follows.

        It may be called as soon as ``open`` was: the frames wait for the peer's open.

        Raises:
            LocalError: ``open`` was not called, the connection is closing or gone, or no channel is free; the begin is
                larger than the peer takes.
            EncodeError: an option has no encoding.
        """
        if not self._started or self._closing:
            raise LocalError(f"no session can begin: the connection is in state {self._state.value!r}")
        session = Session(self, self._wire, SessionOptions() if options is None else options)
        session.start()
        return session

    def __repr__(self) -> str:
        return f"<Engine {self.role} {self._state.value}>"

    # -- layers

    def _start_amqp(self) -> None:
        """Send the AMQP header and, without waiting, the open (2.4.1)."""
        self._wire.write_raw(AMQP_HEADER)
        self._enter(self._rule.sends[Header])
        self._write_open()

    def _on_header(self, header: bytes) -> None:
        layer = self._handshake.on_header(header)
        if layer is Layer.TLS:
            self._splitter.stopped = True
            return
        if layer is Layer.AMQP:
            self._enter(self._rule.receives[Header])
            if self.role == "server":
                self._wire.write_raw(AMQP_HEADER)
                self._enter(self._rule.sends[Header])
        self._splitter.expect_header = False

    def _on_sasl_frame(self, kind: int, frame: bytes, at: int) -> None:
        handshake = self._handshake
        if handshake.on_frame(kind, frame, at):
            self._wire.events.append(Authenticated(handshake.identity, handshake.mechanism))
            handshake.end_sasl()
            self._splitter.expect_header = True
            if self.role == "client":
                self._start_amqp()

    def _on_handshake_fault(self, fault: HandshakeFault) -> None:
        self._stop()
        self._tell_failed(
            Fault(
                scope=Scope.CONNECTION,
                blame=fault.blame,
                description=fault.description,
                offset=self._wire.offset,
            ),
            authentication=fault.authentication,
            sasl_code=fault.code,
        )

    # -- frames

    def _on_strange_frame(self, kind: int) -> None:
        if not self._closing:
            # 2.3.1, 5.3.1: behind the AMQP header only AMQP frames are in place.
            raise ConnectionFault(
                ConnectionErrorCondition.FRAMING_ERROR, f"a frame of type {kind} is no AMQP frame"
            )

    def _on_frame(self, channel: int, frame: bytes, at: int) -> None:
        wire = self._wire
        performative: Frame | None = None
        cls: type = Empty
        if at < len(frame):
            try:
                performative, at = decode_frame(frame, at, self._limits, self._registry)
            except DecodeError as error:
                if self._closing:
                    return
                performative, at = read_again(frame, at, self._limits, self._registry, error, wire.offset)
            cls = type(performative)
        if wire.hook is not None:
            wire.hook("in", channel, performative, len(frame) - at)
        following = self._rule.receives.get(cls)
        if following is None:
            name = "an empty frame" if performative is None else performative.NAME
            raise ConnectionFault(
                self._rule.condition, f"{name} came in connection state {self._state.value!r}"
            )
        session = wire.incoming.get(channel)
        if session is not None and performative is not None and cls in _ON_SESSION:
            # Most frames; a closing connection has no session.
            session.receive(cls, performative, frame, at)
            return
        if channel > self.options.channel_max and not self._closing:
            # 2.7.1
            raise ConnectionFault(
                ConnectionErrorCondition.FRAMING_ERROR,
                f"a frame came on channel {channel}, above the channel-max of {self.options.channel_max}",
            )
        if performative is None:
            return
        if isinstance(performative, Close):
            self._on_close(performative, following)
        elif isinstance(performative, Open):
            self._on_open(performative, channel, following)
        elif self._closing:
            # 2.4.6: what crossed our close is dropped.
            return
        elif isinstance(performative, Begin):
            self._on_begin(performative, channel)
        else:
            raise ConnectionFault(
                AmqpErrorCondition.ILLEGAL_STATE,
                f"{performative.NAME} came on channel {channel}, which has no session",
            )

    def _on_open(self, remote: Open, channel: int, following: ConnectionState) -> None:
        if self.remote_open is not None:
            # Only in a state that drops what comes.
            return
        check_open(remote, channel)
        self.remote_open = remote
        wire = self._wire
        wire.frame_limit = min(remote.max_frame_size, _LARGEST_SENT)
        wire.channel_limit = min(self.options.channel_max, remote.channel_max)
        self._splitter.limit = self.options.max_frame_size
        self._enter(following)
        if not self._closing:
            wire.events.append(ConnectionOpened(remote))
            self._on_opened()

    def _on_opened(self) -> None:
        """Both opens are there, or only the peer's."""
        if self._state is not _C.OPENED or self.remote_open is None:
            return
        self._idle.start(self.remote_open.idle_time_out, self._now)
        wire = self._wire
        for session in [session for number, session in wire.outgoing.items() if number > wire.channel_limit]:
            session.fail_locally(
                Fault(
                    scope=Scope.SESSION,
                    blame=Blame.LOCAL,
                    description=f"no channel is free: the peer takes {wire.channel_limit + 1} sessions",
                )
            )
        wire.release_held()

    def _on_begin(self, begin: Begin, channel: int) -> None:
        wire = self._wire
        if channel in wire.incoming:
            raise ConnectionFault(
                AmqpErrorCondition.ILLEGAL_STATE, f"begin came on channel {channel}, which has a session"
            )
        check_symbols("begin.properties", begin.properties)
        if begin.remote_channel is None:
            session = Session(self, wire, SessionOptions())
            session.on_request(begin, channel)
            wire.events.append(SessionRequested(session))
            return
        ours = wire.outgoing.get(begin.remote_channel)
        if ours is None or not ours.awaits_begin:
            raise ConnectionFault(
                AmqpErrorCondition.ILLEGAL_STATE,
                f"begin answers channel {begin.remote_channel}, where no begin waits for an answer",
            )
        ours.on_answer(begin, channel)

    def _on_close(self, close: Close, following: ConnectionState) -> None:
        before = self._state
        self._enter(following)
        if following is _C.CLOSE_RCVD:
            self._end_by_peer(close)
        elif following is _C.OC_RCVD:
            # The answers to what was pipelined are the application's. Nothing behind a close is read (2.4.3).
            self._splitter.stopped = True
            self._remote_close = close
            self._lose_sessions()
        elif before is _C.DISCARDING and self._failed:
            self._stop()
        else:
            self._stop()
            self._tell_end(close)

    # -- endings

    def _on_fault(self, fault: ConnectionFault) -> None:
        """Close the connection for a fault of the peer (2.4.3)."""
        if self._closing:
            # It was told, or the driver asked for the end; the peer's close will not come in order any more.
            self._stop()
        else:
            if Open in self._rule.sends:
                # 2.4.1: nothing goes before it.
                self._write_open()
            self._write_close(fault.error())
        self._tell_failed(fault.fault(self._wire.offset))

    def _end_of_stream(self) -> None:
        if self._state is _C.END:
            return
        offset, rest = self._splitter.offset, self._splitter.take_rest()
        self._wire.discard()
        if not offset and is_foreign(rest):
            text = f"the peer ended the stream with {describe_header(rest)}{mend(rest)}"
            self._on_handshake_fault(HandshakeFault(text, authentication=False))
            return
        where = describe_end(self._handshake.under_way, rest, heard=offset > 0)
        self._stop()
        self._tell_failed(network_fault(f"the peer ended the stream {where}", offset))

    def _fail_for_silence(self) -> None:
        description = f"no frame came for {self.options.idle_timeout} s"
        condition = str(AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED)
        self._write_close(Error(condition=condition, description=description))
        self._stop()
        self._tell_failed(network_fault(description, condition=condition))

    def _end_by_peer(self, close: Close) -> None:
        """Answer the peer's close, and tell what it came to."""
        self._write_close(self._local_error)
        self._stop()
        self._tell_end(close)

    def _tell_end(self, close: Close | None = None) -> None:
        if close is not None and close.error is not None:
            fault = fault_of_error(Scope.CONNECTION, close.error, "the peer closed the connection")
            self._tell_failed(fault, remote_close=True)
        elif self._local_error is not None:
            self._tell_failed(local_fault(Scope.CONNECTION, self._local_error))
        else:
            self._wire.events.append(ConnectionEnded())

    def _tell_failed(
        self,
        fault: Fault,
        *,
        remote_close: bool = False,
        authentication: bool = False,
        sasl_code: SaslCode | None = None,
    ) -> None:
        if not self._failed:
            self._failed = True
            self._wire.events.append(ConnectionFailed(fault, remote_close, authentication, sasl_code))

    def _stop(self) -> None:
        """Nothing is read or written any more, but what waits already."""
        self._enter(_C.END)
        self._splitter.stopped = True
        self._idle.stop()
        self._lose_sessions()

    def _lose_sessions(self) -> None:
        wire = self._wire
        for session in list(self.sessions):
            session.lose()
        wire.dirty.clear()
        wire.waiting.clear()
        wire.held = [] if wire.held is not None else None

    # -- parts

    def _enter(self, state: ConnectionState) -> None:
        self._state = state
        self._rule = CONNECTION_RULES[state]
        self._closing = state in _CLOSING

    def _write_open(self) -> None:
        self._started = True
        self._enter(self._rule.sends[Open])
        self._wire.write_now(0, _CHANNEL_0, self._open, self._open_body)
        self._on_opened()

    def _write_close(self, error: Error | None) -> None:
        self._enter(self._rule.sends[Close if error is None else ErrorClose])
        self._idle.stop()
        self._lose_sessions()
        close = Close(error=error)
        self._wire.write_now(0, _CHANNEL_0, close, close.encode())

    def _write_empty(self) -> None:
        if self._wire.hook is not None:
            self._wire.hook("out", 0, None, 0)
        self._wire.write_raw(_EMPTY_FRAME)
