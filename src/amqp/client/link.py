"""What the client's senders and receivers share: coming up, going away, and why."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from amqp.checks import check_instance
from amqp.client.completion import Completion
from amqp.client.faults import Failure, answer_to, failed_here, link_ended, link_failure
from amqp.client.signal import Signal
from amqp.engine import ReceiverLink
from amqp.errors import AmqpError, AttachRefused, Blame, Fault, LinkDetached, LocalError, Scope
from amqp_spec import Error, Flow, Role, Source, Target, TerminusDurability, TerminusExpiryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.client.session import ClientSession
    from amqp.engine import LinkEnded, LinkFailed, SenderLink

_FLOW_ROOM: Final = 64
"""Octets that the other fields of a flow and the head of its frame take at most."""


class ClientLink(ABC):
    """A link that this side attached. It is usable from ``opened`` until ``failure`` is set."""

    def __init__(self, session: ClientSession, link: SenderLink | ReceiverLink) -> None:
        self.session = session
        self.connection = session.connection
        self.name = link.name
        """The name of the link (2.6.1)."""
        self.opened: Completion[None] = Completion()
        """Done when the link is up; its error says why it did not come up."""
        self.closed: Completion[None] = Completion()
        """Done when the link is gone, for whatever reason."""
        self.failure: Failure | None = None
        """Why the link is gone, or going."""
        self.flow_properties: Mapping[str, Any] | None = None
        """The properties of the last flow of the peer that had some (2.7.4)."""
        self.flow_signal: Signal[Mapping[str, Any]] = Signal()
        """Sent with the properties of each such flow."""
        self.accepted = False
        """Whether the peer asked for the link, and this side has the node."""
        self._base = link
        self._wanted = True

    def _joined(self) -> None:
        """Let the session and the engine know it; last, so that an interrupt of its making leaves nobody with half of it."""
        self._base.context = self
        self.session.links[self] = None

    @property
    def closed_here(self) -> bool:
        """Whether this side took the link down, or what it was on."""
        return self.failure is not None and self.failure.fault.blame is Blame.LOCAL

    @property
    def lasting(self) -> bool:
        """Whether what the peer keeps for this link is meant to outlive it: only ``close()`` ends that (3.5.5, 3.5.6)."""
        options = self._base.options
        terminus = options.target if self._base.role is Role.SENDER else options.source
        if not isinstance(terminus, Source | Target):
            # Without one, what the peer keeps already was asked for (2.6.3).
            return terminus is None
        return (
            terminus.durable != TerminusDurability.NONE
            or terminus.expiry_policy == TerminusExpiryPolicy.NEVER
        )

    def check(self) -> None:
        """Raise why the link cannot be used (any more), if so."""
        if self.failure is not None:
            raise self.failure.error()

    def link_opened(self) -> None:
        """The peer answered the attach."""
        if not self._wanted:
            # F14: nobody waits for this link any more, so the late attach is answered with a detach.
            self._base.detach(closed=not self.lasting)
            return
        dishonoured = self.dishonoured()
        if dishonoured is None:
            self.opened.resolve(None)
            return
        self._go(dishonoured)
        self._base.detach(closed=not self.lasting)

    def link_failed(self, event: LinkFailed) -> None:
        """The link was refused, or detached with an error."""
        self.lose(link_failure(event))

    def link_ended(self, event: LinkEnded) -> None:
        """The detaches were exchanged without an error."""
        if self.failure is None and not self.opened.done():
            # 2.6.3 lets a peer refuse a link by a detach that names no error.
            text = "the peer detached the link at once, and gave no reason"
            self.lose(Failure(AttachRefused, Fault(scope=Scope.LINK, blame=Blame.REMOTE, description=text)))
        else:
            self.lose(link_ended(by_peer=event.by_peer))

    def flowed(self, properties: Mapping[str, Any]) -> None:
        """The peer told properties of its end in a flow."""
        self.flow_properties = properties
        self.flow_signal.send(properties)

    def watch_flow(self, callback: Callable[[Mapping[str, Any]], object]) -> None:
        """Have *callback* called with the properties of each flow that has some, and at once where one had."""
        self.flow_signal.add(callback)
        if self.flow_properties is not None:
            callback(self.flow_properties)

    def lose(self, failure: Failure) -> None:
        """The link is gone; *failure* counts unless it was going before."""
        self._go(failure)
        self.session.links.pop(self, None)
        self.closed.resolve(None)
        if self.session.own:
            self.session.end()

    def abandon(self) -> None:
        """Nobody waits for the attach any more."""
        self._wanted = False
        self._go(link_ended(by_peer=False))
        if self._base.attached:
            self._base.detach(closed=not self.lasting)
            self.connection.wake()

    def detach(self, *, closed: bool = True) -> None:
        """Take the link down, with *closed* for good; ``closed`` follows when the peer has answered."""
        self._go(link_ended(by_peer=False))
        self._base.detach(closed=closed)
        self.connection.wake()

    def fail(self, error: Error) -> None:
        """Detach the link with *error*; ``closed`` follows when the peer has answered."""
        if self.failure is None:
            self._go(failed_here(LinkDetached, Scope.LINK, error))
            try:
                self._base.detach(closed=True, error=error)
            except AmqpError:
                # What the peer does not take, or what has no encoding, is left out.
                self._base.detach(closed=True, error=replace(error, description=None, info=None))
            self.connection.wake()

    def fail_after(self, error: BaseException) -> None:
        """Tell the peer that *error* ends a link that it asked for; what this side asked for is only detached, as ever."""
        if self.accepted:
            self.fail(answer_to(error))

    def forsake(self) -> None:
        """The peer does not answer the detach: count the link as gone; a late answer changes nothing."""
        self.lose(link_ended(by_peer=False))

    def _go(self, failure: Failure) -> None:
        if self.failure is None:
            self.failure = failure
            self.opened.fail(failure.error())
            self.gone(failure)

    def tell_flow(self, properties: Mapping[str, Any]) -> None:
        """Tell the peer *properties* of this end in a flow; credit and drain stay as they are.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: the link is gone.
            EncodeError: *properties* has no encoding.
            LocalError: it is no mapping of strings, or larger than a frame that the peer takes.
        """
        self._check_flow(properties)
        link = self._base
        if isinstance(link, ReceiverLink):
            link.flow(drain=link.drain, properties=properties)
        else:
            link.flow(properties=properties)
        self.connection.wake()

    def _check_flow(self, properties: Mapping[str, Any]) -> None:
        # Once the engine has it, nobody can be told any more.
        self.check()
        check_instance("properties", properties, Mapping, "a mapping of strings")
        flow = Flow(
            incoming_window=0,
            next_outgoing_id=0,
            outgoing_window=0,
            properties=properties,
        )
        size = len(flow.encode()) + _FLOW_ROOM
        limit = self.connection.engine.remote_max_frame_size
        if size > limit:
            raise LocalError(
                f"the properties make a flow of {size} octets, and the peer takes frames of {limit}"
            )

    @abstractmethod
    def gone(self, failure: Failure) -> None:
        """End what waits on the link."""

    @abstractmethod
    def dishonoured(self) -> Failure | None:
        """Tell what the link lacks that was asked for and cannot be done without, if anything."""
