"""A session: two windows of transfer frames, and the links that share them (2.5)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from amqp.engine.events import (
    LinkRequested,
    SessionEnded,
    SessionFailed,
    SessionOpened,
)
from amqp.engine.faults import LinkFault, SessionFault, fault_of_error, local_fault
from amqp.engine.fields import check_symbols, check_tags
from amqp.engine.handles import Handles
from amqp.engine.ledger import Ledger
from amqp.engine.outflow import Outflow
from amqp.engine.receiver import ReceiverLink
from amqp.engine.sender import SenderLink
from amqp.engine.states import SESSION_RULES, ErrorEnd, LinkState, SessionState
from amqp.engine.unsettled import Broken
from amqp.engine.windows import Windows
from amqp.engine.wire import symbols
from amqp.errors import AmqpError, Blame, Fault, LocalError, Scope
from amqp.options import UINT_MAX, LinkOptions, SessionOptions
from amqp_spec import (
    Accepted,
    Attach,
    Begin,
    Detach,
    Disposition,
    End,
    Flow,
    Role,
    Transfer,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from amqp.engine.engine import Engine
    from amqp.engine.link import Link
    from amqp.engine.unsettled import SuspendedLink
    from amqp.engine.wire import Wire
    from amqp_spec import DeliveryState, Error, Frame

__all__ = ["Session"]

_S = SessionState
_ENDING = (SessionState.END_SENT, SessionState.DISCARDING)
_SUSPENDED = 64
"""How many links of a session, detached and not closed, keep their deliveries: a peer could detach without end."""


class Session:
    """One end of a session; made by :meth:`Engine.begin` or by the peer's begin (``SessionRequested``).

    Where the peer took the session or the connection away, calls that would only tell it something do nothing.
    """

    __slots__ = (
        "_ending",
        "_handles",
        "_held",
        "_links",
        "_local_error",
        "_owes_answer",
        "_remote_end",
        "_robbed",
        "_rule",
        "_suspended",
        "_windows",
        "_wire",
        "broken",
        "channel",
        "context",
        "engine",
        "ledger",
        "options",
        "outflow",
        "remote_begin",
        "remote_channel",
        "state",
    )

    def __init__(self, engine: Engine, wire: Wire, options: SessionOptions) -> None:
        self._wire = wire
        self.engine = engine
        self.context: object = None
        """A free slot for the driver's own object."""
        self.channel: int | None = None
        """The channel of frames that this side sends; None without one."""
        self.remote_channel: int | None = None
        """The channel of frames that the peer sends; None without one."""
        self.remote_begin: Begin | None = None
        self._links: dict[Link, None] = {}
        self._held: list[tuple[Link, Frame, bytes]] | None = None
        self._owes_answer = False  # the application has to accept or end
        self._local_error: Error | None = None  # what our end named
        self._remote_end: End | None = None  # the peer's, where it came before our begin
        self._robbed: list[Link] = []  # their names are others' now, and their answers still to come
        self._suspended: dict[tuple[str, bool], Link] = {}  # detached, not closed: their deliveries live on
        self.options = options
        self._windows = Windows(options)
        self._handles = Handles(options.handle_max, UINT_MAX)
        self.outflow = Outflow(wire, self._windows)
        """What waits to be written."""
        self.broken = Broken()
        """The links that an error ended, and that have to be resumed."""
        self.ledger = Ledger(options.next_outgoing_id)
        """The deliveries that are not settled."""
        self._enter(_S.UNMAPPED)

    # -- for the application

    @property
    def links(self) -> Collection[Link]:
        """The links of this session that are not detached."""
        return self._links.keys()

    @property
    def remote_incoming_window(self) -> int:
        """Transfer frames that may be sent now (2.5.6)."""
        return self._windows.remote_incoming_window

    @property
    def next_outgoing_id(self) -> int:
        """The transfer-id of the next transfer frame (2.5.6), a serial number."""
        return self._windows.next_outgoing_id

    @property
    def next_incoming_id(self) -> int | None:
        """The transfer-id expected next from the peer; None until its begin was read."""
        return self._windows.next_incoming_id

    def accept(self, options: SessionOptions | None = None) -> None:
        """Answer a ``SessionRequested`` with yes (2.5.1). ``end(error)`` says no.

        Raises:
            LocalError: the session was answered before, or this side began it; no channel is free; the begin is larger
                than the peer takes.
            EncodeError: an option has no encoding.
        """
        if not self._owes_answer:
            raise LocalError("the session does not wait for an answer")
        if self.state is not _S.BEGIN_RCVD and self.state is not _S.END_RCVD:
            self._owes_answer = False
            return
        self._write_begin(self.options if options is None else options)
        self._owes_answer = False
        if self._remote_end is not None:
            self._end_by_peer(self._remote_end)

    def attach(self, role: bool, options: LinkOptions, *, resume: SuspendedLink | None = None) -> Link:
        """Attach a link; *role* is what this end will be (``Role.SENDER`` or ``Role.RECEIVER``).

        ``LinkOpened`` or ``LinkFailed`` with ``refused`` follows. With *resume* the deliveries of an earlier attachment
        are in ``link.unsettled`` at once, and resumed when the link is up (2.6.13); where the peer does not,
        ``LinkFailed`` with amqp:not-implemented follows, or with what the peer refuses by.

        Raises:
            LocalError: the session is ending or gone, no handle is free, a link of that name and role is attached on
                this connection, the attach is larger than the peer takes, or a terminus breaks a rule: a filter without
                its descriptor (3.5.8), an address beside ``dynamic``, node properties without it (3.5.3, 3.5.9), a name
                in ``outcomes`` that is no outcome.
            EncodeError: an option has no encoding.
        """
        if role is Role.SENDER:
            return self.attach_sender(options, resume=resume)
        return self.attach_receiver(options, resume=resume)

    def attach_sender(self, options: LinkOptions, *, resume: SuspendedLink | None = None) -> SenderLink:
        """Attach a link that this side sends on; see :meth:`attach`."""
        self._check_attach(Role.SENDER, options.name)
        link = SenderLink(self, self._wire, options.name, options, LinkState.ATTACH_SENT)
        if resume is not None:
            link.recover(resume)
        self._start(link)
        return link

    def attach_receiver(
        self, options: LinkOptions, *, credit: int = 0, resume: SuspendedLink | None = None
    ) -> ReceiverLink:
        """Attach a link that this side receives on; *credit* is granted when the link is up. See :meth:`attach`."""
        self._check_attach(Role.RECEIVER, options.name)
        link = ReceiverLink(self, self._wire, options.name, options, LinkState.ATTACH_SENT)
        if resume is not None:
            link.recover(resume)
        if credit:
            link.flow(credit)
        self._start(link)
        return link

    def end(self, error: Error | None = None) -> None:
        """End the session and with it its links (2.5.2, 2.5.4); refuses it when it was requested. Idempotent.

        Without an error, deliveries that wait leave first where credit and window allow. ``SessionEnded`` comes when
        the peer has answered, or ``SessionFailed`` where either side named an error.

        Raises:
            LocalError: *error* is larger than the peer takes; no channel is free to refuse by.
        """
        if self.state is _S.UNMAPPED or self._ending:
            self._owes_answer = False
            return
        if error is not None:
            self._wire.encode(End(error=error))
        if self._owes_answer:
            self._write_begin(self.options)
            self._owes_answer = False
        self._local_error = error
        if self._remote_end is not None:
            self._end_by_peer(self._remote_end)
            return
        if error is None:
            self.outflow.write_transfers(sys.maxsize)
        self._write_end(error)

    # -- for links and deliveries

    def write(self, performative: Frame, body: bytes, link: Link) -> None:
        """Queue a frame of *link*."""
        if self._held is None:
            assert link.handle is not None
            if self.state is not _S.BEGIN_SENT or link.handle == 0:
                self.outflow.write(performative, body)
                return
            # 2.7.2: until the peer has told its handle-max, only handle 0 is sure to be allowed.
            self._held = []
        self._held.append((link, performative, body))

    def check_state(self, state: DeliveryState) -> None:
        """Check that *state* can be told.

        Raises:
            EncodeError: it has no encoding.
            LocalError: it is larger than the peer takes.
        """
        if type(state) is not Accepted:
            self._wire.encode(Disposition(role=True, first=UINT_MAX, last=UINT_MAX, state=state))

    def dispose(self, role: bool, delivery_id: int, settled: bool, state: DeliveryState | None) -> None:
        """Queue a disposition of one delivery; it joins its neighbours.

        Raises:
            EncodeError: *state* has no encoding.
            LocalError: *state* is larger than the peer takes.
        """
        if self.state is not _S.MAPPED:
            return
        if state is not None:
            self.check_state(state)
        self.outflow.add_disposition(role, delivery_id, settled, state)

    def take_handle(self) -> int:
        """Lend a handle; see :meth:`Handles.take`."""
        return self._handles.take()

    def free_handle(self, handle: int) -> None:
        """Take back a handle whose attach did not leave."""
        self._handles.free(handle)

    def forget_link(self, link: Link) -> None:
        """Both ends of *link* are detached."""
        del self._links[link]
        assert link.handle is not None
        self._handles.free(link.handle)
        link.handle = None

    def keep_robbed(self, link: Link) -> None:
        """Know the answer to the attach of *link* when it comes, though another link has its name now (2.6.1)."""
        self._robbed.append(link)

    def suspend(self, link: Link) -> None:
        """Keep the deliveries of *link*, detached and not closed; of too many such links the oldest loses its own."""
        suspended = self._suspended
        suspended[link.name, link.role] = link
        if len(suspended) > _SUSPENDED:
            suspended.pop(next(iter(suspended))).drop_deliveries()

    def supersede(self, link: Link) -> None:
        """Forget the deliveries of a suspended link where *link* is that link anew: our attach names none of them."""
        if self._suspended:
            older = self._suspended.pop((link.name, link.role), None)
            if older is not None:
                older.drop_deliveries()

    def unbind(self, link: Link, *, errant: bool) -> None:
        """The peer's handle means *link* no longer."""
        assert link.remote_handle is not None
        self._handles.unbind(link.remote_handle, errant=errant)
        link.remote_handle = None

    # -- for the engine and the wire

    @property
    def awaits_begin(self) -> bool:
        """Whether our begin waits for the peer's, be it only to be ended again."""
        return self.channel is not None and self.remote_channel is None and Begin in self._rule.receives

    def start(self) -> None:
        """Send our begin for a session that this side asks for; errors as in :meth:`accept`."""
        self._write_begin(self.options)
        self._wire.sessions[self] = None

    def on_request(self, begin: Begin, channel: int) -> None:
        """Take the peer's begin for a session that it asks for."""
        self._owes_answer = True
        self._wire.sessions[self] = None
        self._bind(begin, channel)
        self._enter(self._rule.receives[Begin])

    def on_answer(self, begin: Begin, channel: int) -> None:
        """Take the peer's begin for a session that this side asked for."""
        following = self._rule.receives[Begin]
        self._bind(begin, channel)
        self._enter(following)
        if following is not _S.MAPPED:
            return
        self._wire.events.append(SessionOpened(self))
        held, self._held = self._held or [], None
        for link in [
            link for link in self._links if link.handle is not None and link.handle > begin.handle_max
        ]:
            link.fail_locally(
                Fault(
                    scope=Scope.LINK,
                    blame=Blame.LOCAL,
                    description=f"the peer takes {begin.handle_max + 1} links on this session; begin another",
                )
            )
        for link, performative, body in held:
            if link.handle is not None:
                self.write(performative, body, link)

    def receive(self, cls: type, performative: Frame, frame: bytes, at: int) -> None:
        """Take a frame of this session's channel; *at* is where its payload begins.

        Raises:
            ConnectionFault: it breaks a rule whose breach closes the connection.
        """
        try:
            following = self._rule.receives.get(cls)
            if following is None:
                raise SessionFault(
                    self._rule.condition, f"{performative.NAME} on a session in state {self.state.value}"
                )
            if self._ending and cls is not End:
                # 2.5.4: what crossed our end is dropped.
                return
            if isinstance(performative, Transfer):
                self._on_transfer(performative, frame, at)
            elif isinstance(performative, Disposition):
                self.ledger.apply(performative, self._wire.events)
            elif isinstance(performative, Flow):
                self._on_flow(performative)
            elif isinstance(performative, Attach):
                self._on_attach(performative)
            elif isinstance(performative, Detach):
                link = self._handles.get(performative.handle)
                if link is None:
                    raise self._handles.unattached(performative.handle)
                link.receive(cls, performative, frame, at)
            else:
                assert isinstance(performative, End)
                self._on_end(performative)
        except SessionFault as fault:
            self.fail(fault)

    def fail(self, fault: SessionFault) -> None:
        """End the session for a fault of the peer (2.5.4); the connection lives."""
        if not self._ending:
            if self.channel is None:
                try:
                    self._write_begin(self.options)
                except LocalError:
                    # No channel to say it by: the session just is not.
                    self.lose()
            if self.channel is not None:
                self._write_end(fault.error())
            self._wire.events.append(SessionFailed(self, fault.fault(self._wire.offset)))

    def fail_locally(self, fault: Fault) -> None:
        """The session cannot be, for a limit of the peer that came to light late; no frame of it has left."""
        self.lose()
        self._wire.events.append(SessionFailed(self, fault))

    def lose(self, *, rest: bool = False) -> None:
        """The connection is gone, or both ends of the session are; with *rest* the channel is not used again soon."""
        self._enter(_S.UNMAPPED)
        self._drop()
        wire = self._wire
        wire.sessions.pop(self, None)
        if self.remote_channel is not None and wire.incoming.get(self.remote_channel) is self:
            del wire.incoming[self.remote_channel]
        self.remote_channel = None
        if self.channel is not None:
            del wire.outgoing[self.channel]
            (wire.channels.rest if rest else wire.channels.free)(self.channel)
            self.channel = None

    # -- parts

    def _enter(self, state: SessionState) -> None:
        self.state = state
        self._rule = SESSION_RULES[state]
        self._ending = state in _ENDING
        if state is _S.MAPPED:
            self.outflow.on_mapped()

    def _bind(self, begin: Begin, channel: int) -> None:
        self.remote_begin = begin
        self.remote_channel = channel
        self._wire.incoming[channel] = self
        self._windows.on_begin(begin)
        self._handles.highest_outgoing = begin.handle_max

    def _write_begin(self, options: SessionOptions) -> None:
        wire = self._wire
        channel = wire.channels.take(wire.channel_limit)
        if channel is None:
            raise LocalError(f"no channel is free: the connection has its {wire.channel_limit + 1} sessions")
        begin = Begin(
            remote_channel=self.remote_channel,
            next_outgoing_id=options.next_outgoing_id,
            incoming_window=options.incoming_window,
            outgoing_window=options.outgoing_window,
            handle_max=options.handle_max,
            offered_capabilities=symbols(options.offered_capabilities),
            desired_capabilities=symbols(options.desired_capabilities),
            properties=options.properties,
        )
        try:
            body = wire.encode(begin)
        except AmqpError:
            wire.channels.free(channel)
            raise
        self.options = options
        self._windows.configure(options)
        self._handles.highest_incoming = options.handle_max
        self.ledger.next_id = options.next_outgoing_id
        self.channel = channel
        self.outflow.use(channel)
        wire.outgoing[channel] = self
        self.outflow.write(begin, body)
        self._enter(self._rule.sends[Begin])

    def _write_end(self, error: Error | None) -> None:
        self.outflow.write_updates()
        self._enter(self._rule.sends[End if error is None else ErrorEnd])
        self._drop()
        end = End(error=error)
        self.outflow.write(end, end.encode())

    def _drop(self) -> None:
        """Forget the links and all that waits."""
        for link in self._links:
            link.lose()
        self._links.clear()
        self._robbed.clear()
        self._suspended.clear()
        self.outflow.clear()
        self.ledger.clear()
        self._held = None

    def _end_by_peer(self, end: End) -> None:
        """Answer the peer's end, and tell what it came to."""
        local_error = self._local_error
        self._write_end(local_error)
        self.lose(rest=end.error is not None)
        if local_error is not None:
            self._wire.events.append(SessionFailed(self, local_fault(Scope.SESSION, local_error)))
        else:
            self._tell_ended(end, by_peer=True)

    def _tell_ended(self, end: End, *, by_peer: bool) -> None:
        if end.error is None:
            self._wire.events.append(SessionEnded(self, by_peer))
        else:
            fault = fault_of_error(Scope.SESSION, end.error, "the peer ended the session")
            self._wire.events.append(SessionFailed(self, fault))

    def _on_end(self, end: End) -> None:
        before = self.state
        following = self._rule.receives[End]
        if before is _S.BEGIN_RCVD:
            # The answer is the application's; the peer may begin anew on its channel meanwhile.
            self._remote_end = end
            self._enter(following)
            assert self.remote_channel is not None
            del self._wire.incoming[self.remote_channel]
        elif before is _S.MAPPED:
            self._enter(following)
            self._end_by_peer(end)
        else:
            self.lose()
            if before is _S.END_SENT:
                self._tell_ended(end, by_peer=False)
            elif self._local_error is not None:
                self._wire.events.append(SessionFailed(self, local_fault(Scope.SESSION, self._local_error)))

    def _check_attach(self, role: bool, name: str) -> None:
        if Attach not in self._rule.sends:
            raise LocalError(f"no link can be attached: the session is in state {self.state.value}")
        known = self._wire.links.get((name, role))
        if known is not None and not known.leaving:
            end = "sender" if role is Role.SENDER else "receiver"
            # 2.6.1: names are unique per direction between two containers.
            raise LocalError(f"a {end} named {name!r} is attached on this connection: choose another name")

    def _start(self, link: Link) -> None:
        handle = self._handles.take()
        try:
            link.start(handle)
        except AmqpError:
            self._handles.free(handle)
            raise
        self._links[link] = None
        self._wire.links[link.name, link.role] = link

    def _on_attach(self, attach: Attach) -> None:
        self._handles.check(attach.handle)
        check_symbols("attach.properties", attach.properties)
        check_tags("attach.unsettled", attach.unsettled)
        self.broken.check(attach)
        role = not attach.role
        known = self._wire.links.get((attach.name, role))
        asked = self._asked(attach.name, role, known)
        if asked is not None:
            self._handles.bind(attach.handle, asked)
            asked.on_answer(attach)
            return
        if known is not None:
            # 2.6.1: the newer attach has the link, and the older loses it.
            known.steal()
            if self._ending or self.state is _S.UNMAPPED:
                # No handle was free to say so, which ended the session.
                return
        options = LinkOptions(name=attach.name)
        kind = SenderLink if role is Role.SENDER else ReceiverLink
        link = kind(self, self._wire, attach.name, options, LinkState.ATTACH_RCVD)
        self._links[link] = None
        self._wire.links[attach.name, role] = link
        self._handles.bind(attach.handle, link)
        try:
            link.on_request(attach)
        except LinkFault as fault:
            link.reject(fault)
        else:
            self._wire.events.append(LinkRequested(link))

    def _asked(self, name: str, role: bool, known: Link | None) -> Link | None:
        """Return the link of this session that the peer's attach answers; *known* has the name on the connection."""
        for link in self._robbed:
            if link.name == name and link.role is role:
                self._robbed.remove(link)
                return link
        if known is not None and known.session is self and known.awaits_attach:
            return known
        return None

    def _on_flow(self, flow: Flow) -> None:
        if flow.properties is not None:
            check_symbols("flow.properties", flow.properties)
        self._windows.on_flow(flow)
        if flow.handle is None:
            if flow.echo:
                self.outflow.want_flow()
        else:
            link = self._handles.get(flow.handle)
            if link is None:
                raise self._handles.unattached(flow.handle)
            link.receive(Flow, flow, b"", 0)
        self.outflow.list()

    def _on_transfer(self, transfer: Transfer, frame: bytes, at: int) -> None:
        if self._windows.count_incoming():
            self.outflow.want_flow()
        link = self._handles.get(transfer.handle)
        if link is None:
            raise self._handles.unattached(transfer.handle)
        link.receive(Transfer, transfer, frame, at)
