"""Frames built and cut by hand, and an engine with a scripted peer at its other end."""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack, unpack_from
from typing import TYPE_CHECKING, Any, TypeVar

from amqp.engine import (
    ConnectionOpened,
    Engine,
    Link,
    LinkOpened,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    Session,
    SessionOpened,
    SessionRequested,
)
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions
from amqp_spec import (
    Accepted,
    Attach,
    Begin,
    Detach,
    Disposition,
    End,
    Flow,
    Open,
    ReceiverSettleMode,
    Role,
    SenderSettleMode,
    Source,
    Target,
    Transfer,
    decode_frame,
    decode_sasl_frame,
)

if TYPE_CHECKING:
    from enum import Enum

    from amqp.engine import Event
    from amqp.sasl import SaslClient, SaslServer
    from amqp_spec import Frame, SaslFrame

AMQP = b"AMQP\x00\x01\x00\x00"
SASL = b"AMQP\x03\x01\x00\x00"
EMPTY = b"\x00\x00\x00\x08\x02\x00\x00\x00"

E = TypeVar("E")
P = TypeVar("P")


def frame(
    performative: Frame | SaslFrame | bytes = b"",
    *,
    payload: bytes = b"",
    channel: int = 0,
    kind: int = 0,
    extended: bytes = b"",
    doff: int | None = None,
    size: int | None = None,
) -> bytes:
    """Return the octets of a frame; *doff* and *size* say something else than what is true."""
    body = performative if isinstance(performative, bytes) else performative.encode()
    true_size = 8 + len(extended) + len(body) + len(payload)
    true_doff = 2 + len(extended) // 4
    head = pack(
        ">IBBH",
        true_size if size is None else size,
        true_doff if doff is None else doff,
        kind,
        channel,
    )
    return head + extended + body + payload


@dataclass
class Sent:
    """A frame that the engine emitted."""

    kind: int
    channel: int
    performative: Any
    payload: bytes
    size: int


def cut(octets: bytes) -> list[Sent | bytes]:
    """Cut what an engine emitted into headers (bytes) and frames; fails on slack or a second performative."""
    found: list[Sent | bytes] = []
    at = 0
    while at < len(octets):
        if octets[at : at + 4] == b"AMQP":
            found.append(octets[at : at + 8])
            at += 8
            continue
        size, doff, kind, channel = unpack_from(">IBBH", octets, at)
        assert size >= 8
        assert doff == 2
        assert at + size <= len(octets)
        body = octets[at + 8 : at + size]
        performative: Any = None
        payload = b""
        if kind == 1:
            assert channel == 0
            performative, end = decode_sasl_frame(body)
            assert end == len(body)
        elif body:
            performative, end = decode_frame(body)
            payload = body[end:]
            assert isinstance(performative, Transfer) or not payload
        found.append(Sent(kind, channel, performative, payload, size))
        at += size
    return found


def given(fields: dict[str, Any], otherwise: dict[str, Any]) -> dict[str, Any]:
    """Return *fields*, and *otherwise* where they say nothing."""
    return otherwise | fields


def in_state(thing: Engine | Session | Link, state: Enum) -> bool:
    """Whether *thing* is in *state* now; asked so that a type checker does not believe it stays there."""
    return thing.state is state


class Rig:
    """An engine whose peer is the test."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now = 0.0
        self._events: list[Event] = []
        self._sent: list[Sent | bytes] = []

    # -- in

    def raw(self, octets: bytes | bytearray | memoryview) -> Rig:
        """Let the peer write *octets*."""
        self.engine.receive_data(octets, self.now)
        return self

    def receive(self, *performatives: Frame, channel: int = 0, payload: bytes = b"") -> Rig:
        """Let the peer send frames, all in one write."""
        return self.raw(b"".join(frame(each, channel=channel, payload=payload) for each in performatives))

    # -- out

    def _pull(self) -> None:
        self._events += self.engine.events()
        while self.engine.wants_write:
            octets = b"".join(self.engine.data_to_send(self.now))
            if not octets:
                break
            self._sent += cut(octets)

    def sent(self) -> list[Any]:
        """Return the performatives emitted since the last look; headers are bytes, None is an empty frame."""
        return [each if isinstance(each, bytes) else each.performative for each in self.frames()]

    def frames(self) -> list[Any]:
        """Return the frames emitted since the last look."""
        self._pull()
        sent, self._sent = self._sent, []
        return sent

    def one(self, kind: type[P]) -> P:
        """Return the only thing emitted since the last look, a *kind*."""
        sent = self.sent()
        assert len(sent) == 1, sent
        assert isinstance(sent[0], kind), sent
        return sent[0]

    def events(self) -> list[Any]:
        """Return the events since the last look."""
        self._pull()
        events, self._events = self._events, []
        return events

    def event(self, kind: type[E]) -> E:
        """Return the only event since the last look, a *kind*."""
        events = self.events()
        assert len(events) == 1, events
        assert isinstance(events[0], kind), events
        return events[0]

    def quiet(self) -> None:
        """Check that nothing was emitted and nothing happened since the last look."""
        assert self.sent() == []
        assert self.events() == []

    def forget(self) -> None:
        """Look at all there is, and go on."""
        self.sent()
        self.events()


def client(options: ConnectionOptions | None = None, *, sasl: SaslClient | None = None) -> Rig:
    """Return a client's engine, not opened."""
    return Rig(Engine(options or ConnectionOptions(container_id="client"), sasl=sasl))


def server(options: ConnectionOptions | None = None, *, sasl: SaslServer | None = None) -> Rig:
    """Return a server's engine, not opened."""
    return Rig(Engine(options or ConnectionOptions(container_id="server"), role="server", sasl=sasl))


def opened_client(remote: Open | None = None, options: ConnectionOptions | None = None) -> Rig:
    """Return a client's engine behind the exchange of opens."""
    rig = client(options)
    rig.engine.open()
    rig.raw(AMQP + frame(remote or Open(container_id="peer")))
    assert isinstance(rig.event(ConnectionOpened), ConnectionOpened)
    rig.forget()
    return rig


def opened_server(remote: Open | None = None, options: ConnectionOptions | None = None) -> Rig:
    """Return a server's engine behind the exchange of opens."""
    rig = server(options)
    rig.raw(AMQP + frame(remote or Open(container_id="peer")))
    rig.event(ConnectionOpened)
    rig.engine.open()
    rig.forget()
    return rig


def begin(**fields: Any) -> Begin:
    """Return a peer's begin with ample windows."""
    return Begin(**given(fields, {"next_outgoing_id": 0, "incoming_window": 1000, "outgoing_window": 1000}))


def flow(**fields: Any) -> Flow:
    """Return a peer's flow with ample windows."""
    return Flow(
        **given(
            fields,
            {"next_incoming_id": 0, "incoming_window": 1000, "next_outgoing_id": 0, "outgoing_window": 1000},
        )
    )


def accept_session(
    rig: Rig, options: SessionOptions | None = None, *, channel: int = 0, **fields: Any
) -> Session:
    """Let the peer of a server begin a session, and accept it."""
    rig.receive(begin(**fields), channel=channel)
    session = rig.event(SessionRequested).session
    session.accept(options)
    rig.forget()
    return session


def begin_session(
    rig: Rig, options: SessionOptions | None = None, *, channel: int = 0, **fields: Any
) -> Session:
    """Let a client begin a session, which the peer answers on *channel*."""
    session = rig.engine.begin(options)
    rig.receive(begin(remote_channel=session.channel, **fields), channel=channel)
    rig.event(SessionOpened)
    rig.forget()
    return session


def sender_attach(name: str = "in", handle: int = 0, **fields: Any) -> Attach:
    """Return the attach of a peer that will send."""
    return Attach(
        **given(
            fields,
            {
                "name": name,
                "handle": handle,
                "role": Role.SENDER,
                "source": Source(address="s"),
                "target": Target(address="q"),
                "initial_delivery_count": 0,
            },
        )
    )


def receiver_attach(name: str = "out", handle: int = 0, **fields: Any) -> Attach:
    """Return the attach of a peer that will receive."""
    return Attach(
        **given(
            fields,
            {
                "name": name,
                "handle": handle,
                "role": Role.RECEIVER,
                "source": Source(address="q"),
                "target": Target(address="t"),
            },
        )
    )


def accept_receiver(
    rig: Rig,
    *,
    credit: int = 100,
    channel: int = 0,
    name: str = "in",
    handle: int = 0,
    max_message_size: int | None = None,
    **fields: Any,
) -> ReceiverLink:
    """Let the peer attach as a sender; return our receiving end with *credit*."""
    rig.receive(sender_attach(name, handle, **fields), channel=channel)
    link = rig.event(LinkRequested).link
    assert isinstance(link, ReceiverLink)
    link.accept(credit=credit, max_message_size=max_message_size)
    rig.forget()
    return link


def accept_sender(
    rig: Rig, *, credit: int = 0, channel: int = 0, name: str = "out", handle: int = 0, **fields: Any
) -> SenderLink:
    """Let the peer attach as a receiver, and grant *credit*; return our sending end."""
    rig.receive(receiver_attach(name, handle, **fields), channel=channel)
    link = rig.event(LinkRequested).link
    assert isinstance(link, SenderLink)
    link.accept()
    rig.forget()
    if credit:
        grant(rig, link, credit, channel=channel)
    return link


def attach_sender(
    rig: Rig,
    session: Session,
    options: LinkOptions | None = None,
    *,
    credit: int = 0,
    handle: int = 0,
    **fields: Any,
) -> SenderLink:
    """Attach a sender of ours, which the peer answers and grants *credit*."""
    options = options or LinkOptions(name="out", target=Target(address="q"))
    link = session.attach_sender(options)
    channel = session.remote_channel or 0
    rig.receive(receiver_attach(options.name, handle, **fields), channel=channel)
    rig.event(LinkOpened)
    rig.forget()
    if credit:
        grant(rig, link, credit, channel=channel)
    return link


def attach_receiver(
    rig: Rig,
    session: Session,
    options: LinkOptions | None = None,
    *,
    credit: int = 0,
    handle: int = 0,
    **fields: Any,
) -> ReceiverLink:
    """Attach a receiver of ours with *credit*, which the peer answers."""
    options = options or LinkOptions(name="in", source=Source(address="q"))
    link = session.attach_receiver(options, credit=credit)
    rig.receive(sender_attach(options.name, handle, **fields), channel=session.remote_channel or 0)
    rig.event(LinkOpened)
    rig.forget()
    return link


def grant(rig: Rig, link: SenderLink, credit: int, *, channel: int = 0, **fields: Any) -> None:
    """Let the peer's receiver grant *credit* on top of what it has counted."""
    session = link.session
    rig.receive(
        flow(
            **given(
                fields,
                {
                    "next_incoming_id": session.next_outgoing_id,
                    "next_outgoing_id": session.next_incoming_id,
                    "handle": link.remote_handle,
                    "delivery_count": link.delivery_count,
                    "link_credit": credit,
                },
            )
        ),
        channel=channel,
    )
    rig.forget()


def transfer(number: int, *, handle: int = 0, tag: bytes | None = None, **fields: Any) -> Transfer:
    """Return the first transfer of a peer's delivery."""
    return Transfer(
        **given(
            fields,
            {
                "handle": handle,
                "delivery_id": number,
                "delivery_tag": b"%d" % number if tag is None else tag,
                "message_format": 0,
            },
        )
    )


__all__ = [
    "AMQP",
    "EMPTY",
    "SASL",
    "Accepted",
    "Attach",
    "Begin",
    "Detach",
    "Disposition",
    "End",
    "Flow",
    "Open",
    "ReceiverSettleMode",
    "Rig",
    "Role",
    "SenderSettleMode",
    "Sent",
    "Source",
    "Target",
    "Transfer",
    "accept_receiver",
    "accept_sender",
    "accept_session",
    "attach_receiver",
    "attach_sender",
    "begin",
    "begin_session",
    "client",
    "cut",
    "flow",
    "frame",
    "given",
    "grant",
    "in_state",
    "opened_client",
    "opened_server",
    "receiver_attach",
    "sender_attach",
    "server",
    "transfer",
]
