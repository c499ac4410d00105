"""What a scripted peer knows of the sessions and links: enough to fill in what a script leaves out.

It judges nothing: whatever goes out or comes in is taken as it is, for a peer must be able to do wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amqp.testing.framing import Frame

__all__ = ["Link", "Session", "View"]

_SERIAL = 2**32


@dataclass(eq=False)
class Link:
    """A link as this peer sees it."""

    name: str
    role: str
    """Of this peer: ``sender`` or ``receiver``."""
    handle: int | None = None
    """The handle that this peer gave it."""
    remote_handle: int | None = None
    delivery_count: int = 0
    credit: int = 0
    delivery: int | None = None
    """The id of the last delivery, in either direction."""
    partial_in: bool = False
    """More of the delivery that comes in is to come."""
    partial_out: bool = False


@dataclass(eq=False)
class Session:
    """A session as this peer sees it."""

    channel: int | None = None
    """The channel that this peer sends on."""
    remote_channel: int | None = None
    next_outgoing_id: int = 0
    next_incoming_id: int = 0
    next_delivery_id: int = 0
    links: list[Link] = field(default_factory=list["Link"])

    def by_handle(self, handle: object, *, remote: bool) -> Link | None:
        """Return the link of that handle, the remote's or this peer's."""
        for link in reversed(self.links):
            if handle is not None and handle == (link.remote_handle if remote else link.handle):
                return link
        return None

    def free_handle(self) -> int:
        """Return the lowest handle that this peer does not use."""
        used = {link.handle for link in self.links}
        return next(number for number in range(len(used) + 1) if number not in used)


class View:
    """The sessions of one connection."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.link: Link | None = None
        """The link that was attached last, by either side."""
        self.session: Session | None = None
        """The session that was begun last, by either side."""

    def incoming(self, channel: int) -> Session | None:
        """Return the session whose frames come on *channel*."""
        for session in reversed(self.sessions):
            if session.remote_channel == channel:
                return session
        return None

    def outgoing(self, channel: int) -> Session | None:
        """Return the session whose frames leave on *channel*."""
        for session in reversed(self.sessions):
            if session.channel == channel:
                return session
        return None

    def free_channel(self) -> int:
        """Return the lowest channel that this peer does not use."""
        used = {session.channel for session in self.sessions}
        return next(number for number in range(len(used) + 1) if number not in used)

    def find(self, name: str) -> tuple[Session, Link] | None:
        """Return the link of that name that was attached last, with its session."""
        for session in reversed(self.sessions):
            for link in reversed(session.links):
                if link.name == name:
                    return session, link
        return None

    def session_of(self, link: Link | None) -> Session | None:
        """Return the session that has *link*."""
        return next((session for session in self.sessions if link in session.links), None)

    # -- what came

    def received(self, frame: Frame) -> None:
        """Take note of a frame that came in."""
        if frame.name == "begin":
            answered = frame.fields.get("remote_channel")
            session = None if answered is None else self.outgoing(answered)
            if session is None or session.remote_channel is not None:
                session = self._add()
            session.remote_channel = frame.channel
            session.next_incoming_id = frame.fields.get("next_outgoing_id", 0)
            frame.session = session
        else:
            self._on_session(self.incoming(frame.channel), frame, remote=True)

    def sent(self, frame: Frame) -> None:
        """Take note of a frame that went out."""
        if frame.name == "begin":
            answered = frame.fields.get("remote_channel")
            session = None if answered is None else self.incoming(answered)
            if session is None or session.channel is not None:
                session = self._add()
            session.channel = frame.channel
            session.next_outgoing_id = frame.fields.get("next_outgoing_id", 0)
            frame.session = session
        else:
            self._on_session(self.outgoing(frame.channel), frame, remote=False)

    def _add(self) -> Session:
        self.session = Session()
        self.sessions.append(self.session)
        return self.session

    def _on_session(self, session: Session | None, frame: Frame, *, remote: bool) -> None:
        if session is None:
            return
        frame.session = session
        frame.link = session.by_handle(frame.fields.get("handle"), remote=remote)
        match frame.name:
            case "attach":
                self._attach(session, frame, remote=remote)
            case "transfer":
                self._transfer(session, frame, remote=remote)
            case "flow":
                self._flow(frame, remote=remote)
            case "detach":
                self._detach(session, frame, remote=remote)
            case "end":
                if remote:
                    session.remote_channel = None
                else:
                    session.channel = None
                if session.channel is None and session.remote_channel is None:
                    self.sessions.remove(session)
            case _:
                pass

    def _attach(self, session: Session, frame: Frame, *, remote: bool) -> None:
        theirs = frame["role"]
        role = theirs if not remote else ("receiver" if theirs == "sender" else "sender")
        link = next((each for each in session.links if (each.name, each.role) == (frame["name"], role)), None)
        if link is None:
            link = Link(frame["name"], role)
            session.links.append(link)
        if remote:
            link.remote_handle = frame["handle"]
        else:
            link.handle = frame["handle"]
        if theirs == "sender":
            link.delivery_count = frame["initial_delivery_count"] or 0
        frame.link = self.link = link
        self.session = session

    def _transfer(self, session: Session, frame: Frame, *, remote: bool) -> None:
        number = frame.fields.get("delivery_id")
        if remote:
            session.next_incoming_id = (session.next_incoming_id + 1) % _SERIAL
        else:
            session.next_outgoing_id = (session.next_outgoing_id + 1) % _SERIAL
            if number is not None:
                session.next_delivery_id = (number + 1) % _SERIAL
        link = frame.link
        if link is None:
            return
        if number is not None:
            link.delivery = number
        partial = bool(frame["more"]) and not frame["aborted"]
        if not partial:
            link.delivery_count = (link.delivery_count + 1) % _SERIAL
            link.credit = max(link.credit - 1, 0)
        if remote:
            link.partial_in = partial
        else:
            link.partial_out = partial

    def _flow(self, frame: Frame, *, remote: bool) -> None:
        link = frame.link
        if link is None:
            return
        told = link.role == ("sender" if remote else "receiver")
        if told:
            # A receiver's flow: credit counts from its delivery-count (2.6.7).
            base = frame.fields.get("delivery_count", link.delivery_count)
            link.credit = (base + frame.fields.get("link_credit", 0) - link.delivery_count) % _SERIAL
        elif remote and frame["drain"]:
            link.delivery_count = frame.fields.get("delivery_count", link.delivery_count)
            link.credit = frame.fields.get("link_credit", 0)

    def _detach(self, session: Session, frame: Frame, *, remote: bool) -> None:
        link = frame.link
        if link is None:
            return
        if remote:
            link.remote_handle = None
        else:
            link.handle = None
        if link.handle is None and link.remote_handle is None:
            session.links.remove(link)
