"""What both kinds of link share: the handles, the attach and the detach (2.6)."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING

from amqp.engine.attaching import Attaching
from amqp.engine.events import LinkEnded, LinkFailed, LinkOpened
from amqp.engine.faults import LinkFault, SessionFault, fault_of_error, local_fault
from amqp.engine.states import LINK_RULES, ErrorDetach, LinkState
from amqp.engine.termini import check_asked, check_given
from amqp.engine.unsettled import SuspendedLink
from amqp.errors import AmqpError, LocalError, Scope
from amqp_spec import (
    AmqpErrorCondition,
    Attach,
    Detach,
    Flow,
    LinkErrorCondition,
    Role,
    Transfer,
)

if TYPE_CHECKING:
    from amqp.engine.session import Session
    from amqp.engine.wire import Wire
    from amqp.errors import Fault
    from amqp.options import LinkOptions
    from amqp_spec import (
        AnySource,
        Error,
        Frame,
        ReceiverSettleMode,
        SenderSettleMode,
    )

__all__ = ["Link"]

_L = LinkState
_GONE = (LinkState.DETACHED, LinkState.CLOSED)
_ANSWERABLE = (LinkState.ATTACH_SENT, LinkState.DETACH_SENT, LinkState.DISCARDING)
_DETACHING = (LinkState.DETACH_SENT, LinkState.DISCARDING)
_DROPPING = (LinkState.DETACH_SENT, LinkState.DISCARDING, LinkState.REFUSED)


class Link(Attaching):
    """One end of a link: a :class:`SenderLink` or a :class:`ReceiverLink`.

    Where the peer took the link, its session or the connection away, calls that would only tell it something do
    nothing; ``SenderLink.send`` raises.
    """

    __slots__ = (
        "_again",
        "_closed",
        "_detach",
        "_dropping",
        "_failed",
        "_local_error",
        "_outflow",
        "_owes_answer",
        "_refused",
        "_rule",
        "context",
        "handle",
        "max_message_size",
        "rcv_settle_mode",
        "remote_handle",
        "snd_settle_mode",
        "source",
    )

    def __init__(
        self, session: Session, wire: Wire, role: bool, name: str, options: LinkOptions, state: LinkState
    ) -> None:
        super().__init__(session, wire, role, name, options)
        self._outflow = session.outflow
        self.handle: int | None = None
        """The handle in frames that this side sends; None without one."""
        self.remote_handle: int | None = None
        """The handle in frames that the peer sends; None without one."""
        self._enter(state)
        self.source: AnySource | None = options.source
        """The source, as the sending end says it is (2.6.3)."""
        self.snd_settle_mode: SenderSettleMode = options.snd_settle_mode
        """How the sender settles, as the sending end says (2.7.3)."""
        self.rcv_settle_mode: ReceiverSettleMode = options.rcv_settle_mode
        """How the receiver settles, as the receiving end says (2.7.3)."""
        self.max_message_size: int | None = None
        """The largest message that the peer takes, in octets; None: no limit."""
        self.context: object = None
        """A free slot for the driver's own object."""
        self._owes_answer = False  # the application has to accept or refuse
        self._refused = False  # one end attached without its terminus
        self._again = False  # attached again, only to close (2.6.6)
        self._failed = False  # LinkFailed was told; nothing more is to be
        self._closed = True  # what our detach said
        self._local_error: Error | None = None  # what our detach named
        self._detach: Detach | None = None  # the peer's, where it came before our attach

    @property
    def attached(self) -> bool:
        """Whether the link is up: both attaches were exchanged, and no detach."""
        return self.state is _L.ATTACHED

    @property
    def awaits_attach(self) -> bool:
        """Whether our attach waits for the peer's, be it only to be detached again."""
        return self.handle is not None and self.remote_handle is None and self.state in _ANSWERABLE

    @property
    def leaving(self) -> bool:
        """Whether only the peer's detach is missing, so that the name is free for a new link."""
        return self.remote_handle is not None and self.state in _DETACHING

    # -- for the application

    def accept(self, options: LinkOptions | None = None) -> None:
        """Answer a ``LinkRequested`` with yes (2.6.3); the kinds of link have keywords of their own for it."""

    def refuse(self, error: Error) -> None:
        """Answer a ``LinkRequested`` with no: an attach without a terminus, then a detach with *error* (2.6.3).

        ``LinkFailed`` with ``refused`` follows when the peer has answered. Where the peer leaves no handle for the
        answer, or takes no frame with a name as long as it gave, the session is ended with *error*.

        Raises:
            LocalError: the link was answered before, or this side asked for it; *error* is larger than the peer takes.
        """
        if not self._may_answer():
            return
        self._check_error(error)
        try:
            self._write_refusal(error)
        except LocalError:
            self._owes_answer = False
            self.session.end(error)
            return
        self._owes_answer = False
        self._local_error = error
        self._refused = True
        if self._detach is None:
            self._enter(_L.DISCARDING)
        else:
            self._tell_failed(local_fault(Scope.LINK, error))
            self._finish(_L.CLOSED)

    def detach(self, *, closed: bool = True, error: Error | None = None) -> None:
        """Detach the link, with *closed* for good (2.6.4 to 2.6.6); does nothing when it is detached already.

        Without an error, deliveries that wait leave first where credit and window allow; the rest is not sent.
        ``LinkEnded`` comes when the peer has answered, or ``LinkFailed`` where either side named an error.

        Raises:
            LocalError: the peer's request was not answered yet: use ``accept()`` or ``refuse()``; *error* is larger
                than the peer takes.
        """
        if self.state in _GONE or self.state in _DETACHING:
            return
        if self._owes_answer:
            raise LocalError(f"link {self.name!r} was not answered yet: call accept() or refuse()")
        if error is not None:
            self._check_error(error)
        else:
            self.finish_sends()
        self._closed = closed
        self._local_error = error
        self._write_detach(closed, error)

    # -- for the session

    def receive(self, cls: type, performative: Flow | Transfer | Detach, frame: bytes, at: int) -> None:
        """Take a frame that names this link's handle.

        Raises:
            SessionFault: no such frame may come in this state.
        """
        following = self._rule.receives.get(cls)
        if following is None:
            raise SessionFault(
                self._rule.condition, f"{performative.NAME} for link {self.name:.40} while {self.state.value}"
            )
        try:
            if isinstance(performative, Transfer):
                if not self._dropping:
                    self.on_transfer(performative, frame, at)
            elif isinstance(performative, Flow):
                if not self._dropping:
                    self.on_flow(performative)
            else:
                self._on_detach(performative, following)
        except LinkFault as fault:
            self.fail(fault)

    def start(self, handle: int) -> None:
        """Send our attach for a link that this side asks for.

        Raises:
            EncodeError: an option has no encoding.
            LocalError: the attach is larger than the peer takes, or a terminus breaks a rule of 3.5.
        """
        check_given(self.options.source, self.options.target, self.role)
        if self._memory is None and self.session.broken.must_resume(self):
            self._memory = SuspendedLink(name=self.name, role=self.role, options=self.options)
        attach, body = self._encode_attach(self.options, handle)
        self.handle = handle
        self.session.supersede(self)
        self.session.write(attach, body, self)

    def on_request(self, attach: Attach) -> None:
        """Take the peer's attach for a link that it asks for."""
        self._owes_answer = True
        self.remote_handle = attach.handle
        self._take_remote(attach)
        # Until it is answered, the peer's wishes stand for both ends.
        self.source = attach.source
        self.target = attach.target
        check_asked(attach)

    def on_answer(self, attach: Attach) -> None:
        """Take the peer's attach for a link that this side asked for.

        Raises:
            SessionFault: no attach may come in this state.
        """
        following = self._rule.receives.get(Attach)
        if following is None:
            raise SessionFault(
                self._rule.condition, f"attach for link {self.name:.40} while {self.state.value}"
            )
        self.remote_handle = attach.handle
        if self.state in _DETACHING:
            return
        remote_terminus = attach.target if self.role is Role.SENDER else attach.source
        if remote_terminus is None and not self._wants_none():
            # 2.6.3: refused; the detach that says why is on its way. What else the attach lacks matters no more.
            Link._take_remote(self, attach)
            self._refused = True
            self._enter(_L.REFUSED)
            return
        try:
            self._take_remote(attach)
        except LinkFault as fault:
            self.fail(fault)
            return
        if attach.unsettled is None and self.unsettled:
            # 2.6.13: to go on would lose, or double, what is in doubt.
            self.fail(
                LinkFault(
                    AmqpErrorCondition.NOT_IMPLEMENTED,
                    "the peer did not resume the link: its attach has no unsettled map",
                )
            )
            return
        self._enter(following)
        self._wire.events.append(LinkOpened(self))
        self._resume()
        self.opened()

    def on_transfer(self, transfer: Transfer, frame: bytes, at: int) -> None:
        """Take a transfer.

        Raises:
            LinkFault: it breaks a rule of links.
        """
        raise LinkFault(AmqpErrorCondition.NOT_ALLOWED, "a transfer came from the receiving end of the link")

    @abstractmethod
    def on_flow(self, flow: Flow) -> None:
        """Take a flow."""

    @abstractmethod
    def write_flow(self) -> None:
        """Write the flow that is due."""

    @abstractmethod
    def drop_unfinished(self) -> None:
        """Give up what has not left, or not come, as a whole."""

    @abstractmethod
    def drop_deliveries(self) -> None:
        """Make the session forget the deliveries of this link."""

    @abstractmethod
    def opened(self) -> None:
        """Do what had to wait until the link is up."""

    @abstractmethod
    def finish_sends(self) -> None:
        """Write what may leave before a detach."""

    def fail(self, fault: LinkFault) -> None:
        """Detach the link for a fault of the peer (2.6.5); the session lives.

        Raises:
            SessionFault: there is no handle to say it by.
        """
        error = fault.error()
        if self._owes_answer:
            if self.session.channel is None:
                raise SessionFault(fault.condition, fault.description)
            try:
                self._write_refusal(error)
            except LocalError as no_way:
                raise SessionFault(fault.condition, fault.description) from no_way
            self._enter(_L.DISCARDING)
        else:
            self._write_detach(True, error)
        self._tell_failed(fault.fault(self._wire.offset))
        self.drop_deliveries()

    def reject(self, fault: LinkFault) -> None:
        """Refuse a link that the application was not asked about."""
        self._failed = True
        try:
            self.fail(fault)
        except SessionFault as wider:
            self.session.fail(wider)

    def steal(self) -> None:
        """Give the link up to a newer attach of its name (2.6.1)."""
        self._leave_registry()
        if self.awaits_attach:
            self.session.keep_robbed(self)
        if self.state not in _DETACHING:
            try:
                self.fail(
                    LinkFault(LinkErrorCondition.STOLEN, f"link {self.name:.40} was attached anew elsewhere")
                )
            except SessionFault as wider:
                self.session.fail(wider)

    def lose(self) -> None:
        """The session is gone."""
        self._enter(_L.DETACHED)
        self.drop_unfinished()
        self._leave_registry()

    def fail_locally(self, fault: Fault) -> None:
        """The link cannot be, for a limit of the peer that came to light late; no frame of it has left."""
        self._tell_failed(fault)
        self._finish(_L.CLOSED)

    # -- parts

    def _enter(self, state: LinkState) -> None:
        self.state = state
        self._rule = LINK_RULES[state]
        self._dropping = state in _DROPPING

    def _may_answer(self) -> bool:
        """Whether an answer is still of use; raises where it makes no sense."""
        if not self._owes_answer:
            raise LocalError(f"link {self.name!r} does not wait for an answer")
        if self.state is _L.ATTACH_RCVD or self.state is _L.DETACH_RCVD:
            if self.session.channel is None:
                raise LocalError("accept() the session before its links")
            return True
        self._owes_answer = False
        return False

    def _wants_none(self) -> bool:
        """Whether this side asked for no terminus at the peer, so that none is no refusal.

        Without a source a receiver asks for the one that the peer keeps (2.6.3), so none means that there is none.
        """
        return self.role is Role.SENDER and self.options.target is None

    def _check_error(self, error: Error) -> None:
        self._wire.encode(Detach(handle=0, closed=True, error=error))

    def _answer(self, options: LinkOptions) -> None:
        """Send our attach for a link that the peer asked for; what *options* leave open is as the peer wished."""
        remote = self.remote_attach
        assert remote is not None
        source = remote.source if options.source is None else options.source
        target = remote.target if options.target is None else options.target
        if (source if self.role is Role.SENDER else target) is None:
            end = "source" if self.role is Role.SENDER else "target"
            # 2.6.3: without it the attach would be a refusal.
            raise LocalError(f"the peer named no {end} for link {self.name!r}: give one, or refuse the link")
        check_given(options.source, options.target, None)
        options = replace(options, name=self.name, source=source, target=target)
        handle = self.session.take_handle()
        try:
            attach, body = self._encode_attach(options, handle)
        except AmqpError:
            self.session.free_handle(handle)
            raise
        self._owes_answer = False
        self.handle = handle
        self.options = options
        if self.role is Role.SENDER:
            self.source = source
            self.snd_settle_mode = options.snd_settle_mode
        else:
            self.target = target
            self.rcv_settle_mode = options.rcv_settle_mode
        self._enter(self._rule.sends[Attach])
        self.session.supersede(self)
        self.session.write(attach, body, self)
        if self._detach is not None:
            self._write(Detach(handle=handle, closed=self._detach.closed))
            self._tell_ended(self._detach, by_peer=True)
            self._finish(_L.CLOSED if self._detach.closed else _L.DETACHED)
        else:
            self._resume()
            self.opened()

    def _take_remote(self, attach: Attach) -> None:
        """Keep what the peer's attach says; what each end says of itself holds (2.6.3, 2.7.3)."""
        self.remote_attach = attach
        self.max_message_size = attach.max_message_size or None
        if self.role is Role.SENDER:
            self.target = attach.target
            self.rcv_settle_mode = attach.rcv_settle_mode
        else:
            self.source = attach.source
            self.snd_settle_mode = attach.snd_settle_mode

    def _write_refusal(self, error: Error) -> None:
        """Write an attach without terminus (2.6.3), and the detach.

        Raises:
            LocalError: no handle is free, or the name is too long for the peer's frames.
        """
        handle = self.session.take_handle()
        attach = Attach(
            name=self.name,
            handle=handle,
            role=self.role,
            initial_delivery_count=0 if self.role is Role.SENDER else None,
        )
        try:
            body = self._wire.encode(attach)
        except LocalError:
            self.session.free_handle(handle)
            raise
        self.handle = handle
        self.session.write(attach, body, self)
        self._write(Detach(handle=handle, closed=True, error=error))

    def _write_detach(self, closed: bool, error: Error | None) -> None:
        assert self.handle is not None
        self._outflow.write_updates()
        self._enter(self._rule.sends[Detach if error is None else ErrorDetach])
        self.drop_unfinished()
        self._write(Detach(handle=self.handle, closed=closed, error=error))

    def _write(self, performative: Frame) -> None:
        self.session.write(performative, performative.encode(), self)

    def _on_detach(self, detach: Detach, following: LinkState) -> None:
        before = self.state
        if before is _L.DISCARDING and not detach.closed and not self._refused:
            self.session.broken.by_us(self)
        elif before is _L.ATTACHED and detach.error is not None:
            self.session.broken.by_peer(self)
        self.session.unbind(self, errant=before is _L.DISCARDING)
        self._enter(following)
        if before is _L.ATTACH_RCVD:
            self._detach = detach
            self._leave_registry()
        elif before is _L.DISCARDING:
            self._tell_failed(local_fault(Scope.LINK, self._local_error) if self._local_error else None)
            self._finish(_L.CLOSED)
        elif before is _L.DETACH_SENT and detach.closed and not self._closed:
            self._close_again()
        else:
            if before is not _L.DETACH_SENT:
                self._outflow.write_updates()
                assert self.handle is not None
                # 2.6.4, 2.6.6: a detach is answered by one of its kind.
                self._write(Detach(handle=self.handle, closed=detach.closed))
            self._tell_ended(detach, by_peer=before is not _L.DETACH_SENT)
            self._finish(_L.CLOSED if detach.closed or self._closed_here(before) else _L.DETACHED)

    def _closed_here(self, before: LinkState) -> bool:
        return before is _L.DETACH_SENT and self._closed

    def _close_again(self) -> None:
        """2.6.6: our detach was not closing and crossed one that is, so attach again, to close."""
        self._closed = self._again = True
        self._enter(_L.DETACH_SENT)
        assert self.handle is not None
        self._write(self._attach(self.options, self.handle))
        self._write(Detach(handle=self.handle, closed=True))

    def _tell_ended(self, detach: Detach, *, by_peer: bool) -> None:
        if (detach.error is not None or self._refused) and not self._again:
            what = "the peer refused the link" if self._refused else "the peer detached the link"
            self._tell_failed(fault_of_error(Scope.LINK, detach.error, what))
        else:
            closed = detach.closed or (not by_peer and self._closed)
            self._wire.events.append(LinkEnded(self, closed, by_peer))

    def _tell_failed(self, fault: Fault | None) -> None:
        if fault is not None and not self._failed:
            self._failed = True
            self._wire.events.append(LinkFailed(self, fault, self._refused))

    def _finish(self, state: LinkState) -> None:
        """Both ends have detached."""
        self._enter(state)
        self.drop_unfinished()
        self._leave_registry()
        self.session.forget_link(self)
        if state is _L.CLOSED:
            self.drop_deliveries()
        else:
            # 2.6.4: the deliveries of a link that is only detached stay live.
            self.session.suspend(self)

    def _leave_registry(self) -> None:
        key = (self.name, self.role)
        if self._wire.links.get(key) is self:
            del self._wire.links[key]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} {self.state.value}>"
