"""Requests and their replies: a sender, a link that replies come on, and which of them belong together (3.2.4)."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from amqp.client.completion import Completion
from amqp.client.delivery import ClientDelivery, accept_or_modify
from amqp.client.faults import because
from amqp.errors import AmqpError, AttachRefused, Blame, InDoubt, LocalError, NotSent, SessionEnded
from amqp.message import Message
from amqp_spec import Properties, Source

if TYPE_CHECKING:
    from amqp.client.pending import Pending
    from amqp.client.session import ClientSession
    from amqp.client.termini import RequesterPlan

logger = logging.getLogger("amqp.client")


class ClientRequest(Completion[Message]):
    """A request under way; it ends with the reply."""

    __slots__ = ("ids", "pending")

    def __init__(self, pending: Pending, ids: tuple[Any, ...]) -> None:
        super().__init__()
        self.pending = pending
        self.ids = ids
        """What the correlation-id of the reply may be."""


class ClientRequester:
    """Two links of one session. It is usable from ``opened`` until one of them is gone."""

    def __init__(self, session: ClientSession, plan: RequesterPlan) -> None:
        self.session = session
        self.connection = session.connection
        self.opened: Completion[None] = Completion()
        """Done when both links are up; its error says why they are not."""
        # Who answers may do so at once: the way back is there first.
        self.receiver = session.open_receiver(plan.receiver, ClientDelivery)
        try:
            self.sender = session.open_sender(plan.sender)
        except BaseException:
            self.receiver.abandon()
            raise
        self._plan = plan
        self._prefix = uuid4().hex
        self._count = 0
        self._waiting: dict[Any, ClientRequest] = {}
        self.waiting = 0
        """Requests whose reply is awaited; any thread may look."""
        self.receiver.opened.add_done_callback(self._link_opened)
        self.sender.opened.add_done_callback(self._link_opened)

    @property
    def reply_to(self) -> str | None:
        """The address that requests name for their replies; None while the peer has told none."""
        if self._plan.reply_to is not None:
            return self._plan.reply_to
        source = self.receiver.link.source
        return source.address if isinstance(source, Source) else None

    def request(self, message: Message) -> ClientRequest:
        """Send *message* with an id of its own and the way back; return what the reply will be.

        Raises:
            NotSent: one of the links is gone.
            EncodeError: the message has no body, or a value that has no encoding.
            LocalError: it is larger than the peer takes, or has the id of another request under way.
        """
        if self.receiver.failure is not None:
            raise because(NotSent, "the request was not sent", self.receiver.failure.error())
        given = message.properties or Properties()
        message_id = self._new_id() if given.message_id is None else given.message_id
        # Most reply with the message-id, some with the correlation-id of a request that has one.
        ids = (message_id,) if given.correlation_id is None else (message_id, given.correlation_id)
        try:
            is_known = any(each in self._waiting for each in ids)
        except TypeError:
            # What cannot be looked up has no encoding as an id either, or is octets that may change.
            given = Properties.decode(replace(given, message_id=message_id).encode())
            return self.request(message.replace(properties=given))
        if is_known:
            raise LocalError(f"a request with the id {message_id!r} is under way: give each its own, or none")
        properties = replace(given, message_id=message_id, reply_to=self.reply_to)
        pending = self.sender.submit(message.replace(properties=properties))
        # Its failure is that of the request.
        pending.looked_at = True
        request = ClientRequest(pending, ids)
        self.waiting += 1
        for each in ids:
            self._waiting[each] = request
        pending.add_done_callback(lambda _: self._sent(request))
        return request

    def give_up(self, request: ClientRequest, cause: BaseException) -> None:
        """Stop waiting for a reply; one that comes late is discarded. What has not left is taken back."""
        if request.done():
            return
        self._forget(request)
        pending = request.pending
        self.sender.give_up(pending, cause)
        error = pending.error()
        request.fail(error if isinstance(error, NotSent) else cause)

    def abandon(self) -> None:
        """Nobody waits for the links any more."""
        if self.session.own:
            self.session.abandon()
        else:
            self.receiver.abandon()
            self.sender.abandon()

    def close(self) -> None:
        """Take the links down; replies that have not come by now will not."""
        self.receiver.detach()
        self.sender.detach()

    def forsake(self) -> None:
        """The peer does not answer: count the links as gone."""
        self.receiver.forsake()
        self.sender.forsake()

    # -- what the links tell

    def _link_opened(self, link: Completion[None]) -> None:
        error = link.error()
        if error is not None:
            self.opened.fail(self._explained(error, link))
        elif self.receiver.opened.done() and self.sender.opened.done():
            if self.reply_to is None:
                text = "the peer told no address for the replies: it makes no node for them, so give replies="
                self.opened.fail(AttachRefused(text, blame=Blame.REMOTE))
                return
            self.opened.resolve(None)
            self._listen()

    def _explained(self, error: BaseException, link: Completion[None]) -> BaseException:
        # The end of the session does not tell which link it was for.
        about_replies = link is self.receiver.opened or isinstance(error, SessionEnded)
        if not (self._plan.dynamic and about_replies and isinstance(error, AttachRefused | SessionEnded)):
            return error
        text = "the links for requests did not come up (some servers make no node for replies: then give replies=)"
        return because(type(error), text, error)

    def _listen(self) -> None:
        try:
            while (delivery := self.receiver.take()) is not None:
                self._arrived(delivery)
        except AmqpError as error:
            self._lost(error)
            return
        self.receiver.next().add_done_callback(self._came)

    def _came(self, waiter: Completion[ClientDelivery]) -> None:
        error = waiter.error()
        if error is not None:
            self._lost(error)
            return
        self._arrived(waiter.result())
        self._listen()

    def _arrived(self, delivery: ClientDelivery) -> None:
        accept_or_modify(delivery)
        try:
            properties = delivery.message.properties
        except AmqpError as fault:
            logger.debug("a reply cannot be read: %s", fault)
            return
        correlation_id = None if properties is None else properties.correlation_id
        request = None if correlation_id is None else self._waiting.get(correlation_id)
        if request is None:
            logger.debug("a reply to %r came late, or for nobody, and is discarded", correlation_id)
            return
        self._forget(request)
        request.resolve(delivery.message)

    def _sent(self, request: ClientRequest) -> None:
        error = request.pending.error()
        if error is not None and not request.done() and self._waiting.get(request.ids[0]) is request:
            self._forget(request)
            request.fail(error)

    def _lost(self, error: BaseException) -> None:
        for request in tuple(self._waiting.values()):
            if request.done():
                continue
            self._forget(request)
            self.sender.give_up(request.pending, error)
            fate = request.pending.error()
            if not isinstance(fate, NotSent):
                fate = because(InDoubt, "the request was sent, and its reply will not come", error)
            request.fail(fate)

    # -- inside

    def _new_id(self) -> str:
        self._count += 1
        return f"{self._prefix}-{self._count}"

    def _forget(self, request: ClientRequest) -> None:
        self.waiting -= 1
        for each in request.ids:
            self._waiting.pop(each, None)
