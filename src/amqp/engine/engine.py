"""The engine: one end of a connection (2.2 to 2.4, 5.3), and the way in to its sessions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Literal

from amqp.engine.session import Session
from amqp.engine.states import ConnectionState

if TYPE_CHECKING:
    from amqp.engine.events import Event
    from amqp.options import ConnectionOptions, SessionOptions
    from amqp.sasl import SaslClient, SaslServer
    from amqp_spec import Error, Frame, Open, SaslFrame

__all__ = ["Buffer", "Direction", "Engine", "FrameHook"]

Buffer = bytes | memoryview
Direction = Literal["in", "out"]
FrameHook = Callable[[Direction, int, "Frame | SaslFrame | None", int], None]
"""Called with direction, channel, performative (None: empty frame) and payload size. Secrets of SASL are blanked."""


class Engine:
    """One end of an AMQP connection, as a client or a server, without I/O, clock or threads.

    *now* is a time in seconds on a monotonic clock of the driver's choice.

    A client without *sasl* uses no SASL layer. A server without *sasl* offers none; with it the layer is required
    unless ``sasl.optional``. *on_frame* sees every frame; it must not call the engine.
    """

    def __init__(
        self,
        options: ConnectionOptions | None = None,
        *,
        role: Literal["client", "server"] = "client",
        sasl: SaslClient | SaslServer | None = None,
        on_frame: FrameHook | None = None,
    ) -> None:
        raise NotImplementedError

    options: ConnectionOptions
    role: Literal["client", "server"]
    remote_open: Open | None
    """The peer's open, once it was read."""
    context: object
    """A free slot for the driver's own object."""

    # -- octets, events, time

    def receive_data(self, data: bytes | bytearray | memoryview, now: float) -> None:
        """Take octets from the peer; ``b""`` is the end of its stream. Never raises for what a peer sent."""
        raise NotImplementedError

    def events(self) -> list[Event]:
        """Return what happened since the last call, in order."""
        raise NotImplementedError

    def data_to_send(self, now: float) -> list[Buffer]:
        """Return octets to write, in order, and forget them; every frame is there wholly or not at all.

        One call gives about 1 MiB at most: while ``wants_write`` is true there is more, so that a driver can write,
        wait for its transport to take it, and call again.
        """
        raise NotImplementedError

    @property
    def wants_write(self) -> bool:
        """Whether ``data_to_send`` would return something; cheap."""
        raise NotImplementedError

    @property
    def output_closed(self) -> bool:
        """Whether nothing more will come after what ``data_to_send`` gave.

        Then write it, close the write side, and best read on to the end of the stream for a bounded time.
        """
        raise NotImplementedError

    def next_timeout(self, now: float) -> float | None:
        """Return the seconds, 0 or more, until ``handle_timeout`` is due; None when no timer runs."""
        raise NotImplementedError

    def handle_timeout(self, now: float) -> None:
        """Queue an empty frame when one is due; fail the connection when the peer was silent too long (2.4.5)."""
        raise NotImplementedError

    def fail(self, description: str) -> None:
        """Say that the transport broke: ``ConnectionFailed`` follows, nothing more is sent. Idempotent."""
        raise NotImplementedError

    # -- the connection

    @property
    def state(self) -> ConnectionState:
        """How far the connection has come (2.4.6)."""
        raise NotImplementedError

    @property
    def remote_max_frame_size(self) -> int:
        """The largest frame that the peer takes; 512 until its open was read."""
        raise NotImplementedError

    @property
    def remote_channel_max(self) -> int:
        """The highest channel that the peer takes; 0 until its open was read."""
        raise NotImplementedError

    @property
    def sessions(self) -> Collection[Session]:
        """The sessions that have not ended."""
        raise NotImplementedError

    def open(self) -> None:
        """Start the connection (client: header, SASL, open), or answer the peer's open (server).

        Raises:
            LocalError: it was called before; a server has not seen the peer's open; the open is larger than the peer
                must take before it has said its limit.
            EncodeError: an option has no encoding.
        """
        raise NotImplementedError

    def close(self, error: Error | None = None) -> None:
        """Close the connection (2.4.3); what waits leaves first where windows allow. Idempotent.

        ``ConnectionEnded`` or ``ConnectionFailed`` comes when the peer has answered. The driver bounds that wait.
        In a server it also answers the peer's open with no.
        """
        raise NotImplementedError

    def begin(self, options: SessionOptions | None = None) -> Session:
        """Begin a session on the lowest free channel (2.5.1). ``SessionOpened`` or ``SessionFailed`` follows.

        It may be called as soon as ``open`` was: the frames wait for the peer's open.

        Raises:
            LocalError: ``open`` was not called, the connection is closing or gone, or no channel is free.
            EncodeError: an option has no encoding.
        """
        raise NotImplementedError
