"""What a scripted peer does of its own accord: each is a step, done when the script comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amqp.testing.expectations import WINDOW, flow_fields, split
from amqp.testing.framing import ProtocolHeader, frame_octets, message_octets
from amqp.testing.script import Script, header_octets
from amqp.testing.steps import Action, Gate

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from amqp.testing.fields import (
        AttachFields,
        BeginFields,
        FlowFields,
        LetGoFields,
        OpenFields,
        SettleFields,
        TransferFields,
    )
    from amqp.testing.views import Link, Session

__all__ = ["Remote"]

_TRANSFER_HEAD = 128
"""Octets that a frame has for all that is no payload."""


class Remote(Script):
    """The actions of a scripted peer.

    Where a script leaves out a field, what the state of the connection gives is filled in when the step is done: the
    session begun last, the link attached last, the next id. A given field is sent as it is, also where it is wrong; None
    is sent as null. Nothing is checked: a peer must be able to do wrong.
    """

    def do(self, what: str, run: Callable[[], object]) -> None:
        """Call *run* when the script comes to it; *what* is its name where it is not come to."""
        self.add(Action(what, run))

    # -- before open

    def remote_header(self, protocol: int = 0, version: tuple[int, int, int] = (1, 0, 0)) -> None:
        """Send a protocol header (2.2): 0 is AMQP, 3 SASL."""
        octets = header_octets(protocol, version)
        self.do("remote_header", lambda: self.send_octets(octets, str(ProtocolHeader(octets))))

    def remote_sasl_mechanisms(self, *mechanisms: str) -> None:
        """Offer mechanisms (5.3.3.1)."""
        self.do(
            "remote_sasl_mechanisms",
            lambda: self.send("sasl-mechanisms", {"sasl_server_mechanisms": mechanisms}),
        )

    def remote_sasl_init(
        self, mechanism: Any = "ANONYMOUS", initial_response: Any = None, hostname: Any = None
    ) -> None:
        """Choose a mechanism (5.3.3.2)."""
        fields = {"mechanism": mechanism, "initial_response": initial_response, "hostname": hostname}
        self.do("remote_sasl_init", lambda: self.send("sasl-init", fields))

    def remote_sasl_challenge(self, challenge: bytes) -> None:
        """Ask the client something (5.3.3.4)."""
        self.do("remote_sasl_challenge", lambda: self.send("sasl-challenge", {"challenge": challenge}))

    def remote_sasl_response(self, response: bytes) -> None:
        """Answer the server (5.3.3.5)."""
        self.do("remote_sasl_response", lambda: self.send("sasl-response", {"response": response}))

    def remote_sasl_outcome(self, code: Any = "ok", additional_data: bytes | None = None) -> None:
        """Give the verdict (5.3.3.6): ``ok``, ``auth``, ``sys``, ``sys-perm``, ``sys-temp``, or a number."""
        fields = {"code": code, "additional_data": additional_data}
        self.do("remote_sasl_outcome", lambda: self.send("sasl-outcome", fields))

    # -- connection and session

    def remote_open(self, **fields: Unpack[OpenFields]) -> None:
        """Send an open (2.7.1), by default with the container-id ``peer`` alone."""
        self.do("remote_open", lambda: self.send("open", {"container_id": "peer", **fields}))

    def remote_begin(self, **fields: Unpack[BeginFields]) -> None:
        """Begin a session (2.7.2), by default on the lowest free channel with ample windows."""

        def run() -> None:
            own, channel = split({**fields}, self.view.free_channel())
            windows = {"next_outgoing_id": 0, "incoming_window": WINDOW, "outgoing_window": WINDOW}
            self.send("begin", windows | own, channel=channel)

        self.do("remote_begin", run)

    def remote_end(self, error: Any = None, *, channel: int | None = None) -> None:
        """End the session begun last (2.7.8), or that of *channel*; *error* is a condition, a mapping or an Error."""
        fields = {"error": error} if channel is None else {"error": error, "channel": channel}
        self.do("remote_end", lambda: self._on_session("end", {}, fields))

    def remote_close(self, error: Any = None) -> None:
        """Close the connection (2.7.9); *error* is a condition, a mapping or an Error."""
        self.do("remote_close", lambda: self.send("close", {"error": error}))

    # -- links

    def remote_attach(self, **fields: Unpack[AttachFields]) -> None:
        """Attach a link (2.7.3), by default a sender's with the name ``link``; a str as terminus is its address."""

        def run() -> None:
            session = self._session(fields.get("channel"))
            handle = 0 if session is None else session.free_handle()
            given: dict[str, Any] = {"name": "link", "handle": handle, "role": "sender", **fields}
            if given["role"] in ("sender", False):
                given.setdefault("initial_delivery_count", 0)
            given.setdefault("source", {})
            given.setdefault("target", {})
            self._on_session("attach", {}, given, session)

        self.do("remote_attach", run)

    def remote_detach(
        self, error: Any = None, *, link: str | None = None, **fields: Unpack[LetGoFields]
    ) -> None:
        """Detach the link of that name, or the last one (2.7.7): closing, unless ``closed`` says otherwise.

        *error* is a condition, a mapping or an Error.
        """
        defaults = {"closed": True, "error": error}
        self.do("remote_detach", lambda: self._on_link("detach", defaults, {**fields}, link))

    def grant(self, credit: int, *, link: str | None = None, drain: bool = False, echo: bool = False) -> None:
        """Give the sender at the other end *credit*, counted from now (2.6.7)."""
        self.remote_flow(link=link, link_credit=credit, drain=drain or None, echo=echo or None)

    def remote_flow(self, *, link: str | None = None, **fields: Unpack[FlowFields]) -> None:
        """Send a flow (2.7.4): of the link of that name, or where link-credit is given of the last; else the session's."""

        def run() -> None:
            session, found = self._link(link, fields.get("channel"))
            if link is None and "link_credit" not in fields and "handle" not in fields:
                found = None
            elif found is None and "handle" not in fields:
                raise LookupError("there is no link to send a flow for")
            base = flow_fields(session, found) if session is not None else {}
            self._on_session("flow", base, {**fields}, session)

        self.do("remote_flow", run)

    def remote_transfer(self, *, link: str | None = None, **fields: Unpack[TransferFields]) -> None:
        """Send a transfer (2.7.5) on the link of that name, or the last one.

        ``body=`` makes a message, ``payload=`` is the octets themselves, or an object with ``encode()``. Behind a transfer
        with ``more=True`` the next one goes on with the same delivery, without id and tag.
        """
        own = {**fields}
        octets = _octets(own.pop("payload", None), own.pop("body", None))
        self.do("remote_transfer", lambda: self._transfer(link, own, octets))

    def remote_delivery(
        self, *, link: str | None = None, frame_size: int | None = None, **fields: Unpack[TransferFields]
    ) -> None:
        """Send a delivery in as many transfers (2.7.5) as it takes, none above *frame_size* octets.

        None is the max-frame-size that the program under test has told. The fields are of the first transfer.
        """
        own = {**fields}
        octets = _octets(own.pop("payload", None), own.pop("body", None))

        def run() -> None:
            size = max((frame_size or self.remote_max_frame_size) - _TRANSFER_HEAD, 1)
            starts = range(0, len(octets), size) or (0,)
            for at in starts:
                said = own if at == 0 else {name: own[name] for name in own if name == "channel"}
                more = {"more": True} if at != starts[-1] else {}
                self._transfer(link, said | more, octets[at : at + size])

        self.do("remote_delivery", run)

    def remote_disposition(
        self, state: Any = "accepted", *, link: str | None = None, **fields: Unpack[SettleFields]
    ) -> None:
        """Tell the state of deliveries (2.7.6): by default of the last one on the link, and settle it."""

        def run() -> None:
            session, found = self._link(link, fields.get("channel"))
            defaults: dict[str, Any] = {"settled": True, "state": state, "role": "receiver"}
            if found is not None:
                defaults |= {"role": found.role, "first": found.delivery}
            self._on_session("disposition", defaults, {**fields}, session)

        self.do("remote_disposition", run)

    # -- octets

    def remote_empty_frame(self, channel: int = 0) -> None:
        """Send a frame without a body: a heartbeat (2.4.5)."""
        octets = frame_octets(channel=channel)
        self.do("remote_empty_frame", lambda: self.send_octets(octets, f"channel {channel}: empty frame"))

    def remote_octets(self, octets: bytes) -> None:
        """Send octets as they are, whatever they mean."""
        self.do("remote_octets", lambda: self.send_octets(octets))

    def remote_frame(
        self,
        body: bytes = b"",
        *,
        channel: int = 0,
        kind: int = 0,
        extended: bytes = b"",
        size: int | None = None,
        doff: int | None = None,
    ) -> None:
        """Send a frame around *body*, of any type; *size* and *doff* claim what is not so (2.3)."""
        octets = frame_octets(body, channel=channel, kind=kind, extended=extended, size=size, doff=doff)
        self.remote_octets(octets)

    # -- the stream

    def drop(self) -> None:
        """Close the stream in both directions after what was sent, without a word of AMQP."""
        self.do("drop", lambda: self.end("drop"))

    def reset(self) -> None:
        """Break the stream: over TCP with RST, and what was not sent is lost."""
        self.do("reset", lambda: self.end("reset"))

    def half_close(self) -> None:
        """End this peer's direction of the stream, and go on reading."""
        self.do("half_close", lambda: self.end("half-close"))

    def stall(self) -> None:
        """Read nothing from here on, until the test calls :meth:`resume`."""
        self.do("stall", lambda: self.set_reading(False))

    def resume(self) -> None:
        """Read again, what has come first; at once, for a stalled script comes to nothing."""
        self.set_reading(True)

    def gate(self, what: str = "gate") -> Gate:
        """Let the script wait here until the test calls ``open()`` of what this returns; what comes is kept."""
        gate = Gate(self, what, silent=False)
        self.add(gate)
        return gate

    def expect_nothing(self) -> Gate:
        """Let nothing come from here on, until the test calls ``open()`` of what this returns, or ``done()``.

        In memory :meth:`pump` shows at once what came. Over a network silence proves nothing by itself: let the program
        do something visible after it, such as the answer to a ``remote_flow(echo=True)``.
        """
        gate = Gate(self, "nothing", silent=True)
        self.add(gate)
        return gate

    # -- inside

    def _transfer(self, name: str | None, fields: dict[str, Any], octets: bytes) -> None:
        session, link = self._link(name, fields.get("channel"))
        defaults: dict[str, Any] = {}
        if session is not None and not (link is not None and link.partial_out):
            number = session.next_delivery_id
            defaults = {"delivery_id": number, "delivery_tag": b"%d" % number, "message_format": 0}
        if link is not None:
            defaults["handle"] = link.handle
        self._on_session("transfer", defaults, fields, session, octets)

    def _session(self, channel: Any) -> Session | None:
        return self.view.session if channel is None else self.view.outgoing(channel)

    def _link(self, name: str | None, channel: Any) -> tuple[Session | None, Link | None]:
        if name is not None:
            found = self.view.find(name)
            if found is None:
                raise LookupError(f"there is no link {name!r}")
            return found
        if channel is not None:
            session = self._session(channel)
            return session, session.links[-1] if session is not None and session.links else None
        link = self.view.link
        session = self.view.session_of(link)
        return (session or self.view.session), link

    def _on_link(self, name: str, defaults: dict[str, Any], fields: dict[str, Any], link: str | None) -> None:
        session, found = self._link(link, fields.get("channel"))
        handle = {} if found is None else {"handle": found.handle}
        self._on_session(name, defaults | handle, fields, session)

    def _on_session(
        self,
        name: str,
        defaults: dict[str, Any],
        fields: dict[str, Any],
        session: Session | None = None,
        payload: bytes = b"",
    ) -> None:
        if session is None:
            session = self._session(fields.get("channel"))
        usual = 0 if session is None or session.channel is None else session.channel
        own, channel = split(fields, usual)
        self.send(name, defaults | own, channel=channel, payload=payload)


def _octets(payload: Any, body: Any) -> bytes:
    if payload is None:
        return b"" if body is None else message_octets(body)
    return bytes(payload.encode() if hasattr(payload, "encode") else payload)
