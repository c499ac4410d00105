"""Connections."""

# A requester is opened by what its session's client does, which applications have no use for.
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar, Unpack

from amqp.aio.authorization import Authorization
from amqp.aio.client_driver import ClientDriver
from amqp.aio.management import Management, RabbitMQManagement
from amqp.aio.opening import Opening
from amqp.aio.receiver import Receiver
from amqp.aio.requester import Requester
from amqp.aio.sender import Sender
from amqp.aio.session import Session
from amqp.aio.settling import settle_senders
from amqp.aio.waiting import Deadline, check_loop, is_parents, until_done, wait
from amqp.checks import check_options, check_session
from amqp.client.management import management_plan
from amqp.client.rabbitmq import check_pairing, pair_plan
from amqp.client.session import ClientSession
from amqp.client.settings import CLOSE_TIMEOUT
from amqp.client.termini import (
    ReceiverArguments,
    RequesterArguments,
    RequesterPlan,
    SenderArguments,
    plan_requester,
)
from amqp.client.tokens import TokenKeeper, TokenMethod, TokenProvider
from amqp.client.views import ConnectionView
from amqp.errors import AmqpError, AmqpFault, LocalError, Scope
from amqp.options import SessionOptions
from amqp_spec import Source, Target

__all__ = ["Connection"]

_NAMED: Final = ("session", "timeout")

R = TypeVar("R", bound=Requester)


class Connection(ConnectionView):
    """An open connection; made by ``connect`` or ``open_over``, not by calling the class. ``async with`` closes it.

    Its objects belong to the event loop that it was made in. One that is forgotten without ``close()`` is dropped
    when it is garbage-collected, with a ResourceWarning.
    """

    def __init__(self, driver: ClientDriver, peer: str) -> None:
        super().__init__(driver.client, peer)
        self._driver = driver

    # -- opening

    def open_session(
        self,
        *,
        incoming_window: int = 2_048,
        outgoing_window: int = 0x7FFF_FFFF,
        handle_max: int = 65_535,
        properties: Mapping[str, Any] | None = None,
        offered_capabilities: Sequence[str] | None = None,
        desired_capabilities: Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> Opening[Session]:
        """Begin a session of its own; await it, or use it with ``async with``.

        Args:
            incoming_window: transfer frames that the peer may send ahead, 1 to 2^31-1; topped up as they arrive.
            outgoing_window: transfer frames that this side says it is ready to send, 0 to 2^32-1.
            handle_max: one less than the number of links that this side takes, 0 to 2^32-1.
            properties: session properties to send.
            offered_capabilities: extensions that this side supports.
            desired_capabilities: extensions that this side may use if the peer supports them.
            timeout: seconds to wait for the peer's answer; None is the connection's ``operation_timeout``.

        Raises:
            SessionEnded: the peer did not let it begin.
            ConnectionClosed: the connection is gone.
            OperationTimeout: no answer came in time; a late one is answered with an end.
            LocalError: an option is of another type or out of its range, or all channels are in use.
            EncodeError: an option has no encoding.
        """
        options = SessionOptions(
            incoming_window=incoming_window,
            outgoing_window=outgoing_window,
            handle_max=handle_max,
            properties=properties,
            offered_capabilities=offered_capabilities,
            desired_capabilities=desired_capabilities,
        )
        return Opening(self._open_session(options, timeout))

    def open_sender(
        self,
        address: str | Target | None,
        *,
        session: Session | Literal["own"] | None = None,
        timeout: float | None = None,
        **options: Unpack[SenderArguments],
    ) -> Opening[Sender]:
        """Attach a sender to *address*; await it, or use it with ``async with``.

        Args:
            address: as for :meth:`Session.open_sender`, which also says what is raised.
            session: the session to attach it to. None is one that the links of this connection share, begun anew when
                the peer has ended it; ``"own"`` begins one for this link, which then is lost with no other.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.
            **options: those below.

        Options, each with its default at the end:
            durable: whether every message is sent as durable (3.2.1), also where its header does not say so. False.
            max_unsettled: how many messages may wait for their outcome, 1 to 2^32-1; more wait to be sent as for credit. 5,000.
            source: where the messages come from, an address or a ``Source`` (3.5.3), where the peer cares. None.
            name: the name of the link, unique per direction between the two containers; None, as it is, makes one.
            snd_settle_mode: a ``SenderSettleMode``: how the sender settles (2.8.2). Given, it is an error when the peer does
                otherwise; None, as it is, takes the peer's choice.
            rcv_settle_mode: a ``ReceiverSettleMode``: how the receiver settles (2.8.3); given or None as above.
            max_message_size: the largest message, in octets, that this side takes; None, as it is, tells no limit.
            properties: link properties to send, a mapping of strings. None.
            offered_capabilities: extensions that this side supports, a list of strings. None.
            desired_capabilities: extensions that this side may use if the peer supports them, a list. None.
        """
        check_options("open_sender", options, SenderArguments.__annotations__, _NAMED)
        return Opening(self._open_sender(address, session, timeout, options))

    def open_receiver(
        self,
        address: str | Source | None,
        *,
        session: Session | Literal["own"] | None = None,
        timeout: float | None = None,
        **options: Unpack[ReceiverArguments],
    ) -> Opening[Receiver]:
        """Attach a receiver to *address*; await it, or use it with ``async with``.

        Args:
            address: as for :meth:`Session.open_receiver`, which also says what is raised.
            session: as for :meth:`open_sender`.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.
            **options: those below.

        Options, each with its default at the end:
            credit: deliveries that may be on their way or unread, renewed when half of it is used, 0 to 2^32-1; 0 grants
                nothing by itself: see :meth:`Receiver.issue_credit`. 100.
            auto_accept: whether a delivery is accepted when the next one is asked for, or the receiver is closed without an
                error. False.
            streaming: whether a delivery is handed out as it begins to come, and read while it does, by
                :meth:`Delivery.chunks`. What is unread holds up the whole session, so without ``session`` the receiver
                gets one of its own then. False.
            batch: how many outcomes, accepted and released, are told at once, for fewer frames: they are held until there
                are so many, the oldest waited for ``batch_max_age``, :meth:`Receiver.flush` is called or the receiver is
                closed. Not in receiver-settle-mode second. 0, as it is, and 1 hold none.
            batch_max_age: seconds that an outcome is held at most. 5.
            filters: which messages come (3.5.8), beside the filters of a ``Source``: a mapping of names to filters, or a list
                of filters that have a usual name, such as ``SelectorFilter("colour = 'red'")``. A value is one of their
                classes, a ``Described``, ``undescribed(...)``, or None. None.
            require_filters: whether it is an error when the peer leaves one out; see :attr:`Receiver.declined_filters`. False.
            target: where the messages go, an address or a ``Target`` (3.5.4), where the peer cares. None.
            name: the name of the link, unique per direction between the two containers; None, as it is, makes one.
            snd_settle_mode: a ``SenderSettleMode``: how the sender settles (2.8.2). Given, it is an error when the peer does
                otherwise; None, as it is, takes the peer's choice.
            rcv_settle_mode: a ``ReceiverSettleMode``: how the receiver settles (2.8.3); given or None as above.
            max_message_size: the largest message, in octets, that this side takes; None, as it is, tells no limit.
            properties: link properties to send, a mapping of strings. None.
            offered_capabilities: extensions that this side supports, a list of strings. None.
            desired_capabilities: extensions that this side may use if the peer supports them, a list. None.
        """
        check_options("open_receiver", options, ReceiverArguments.__annotations__, _NAMED)
        return Opening(self._open_receiver(address, session, timeout, options))

    async def unsubscribe(self, name: str, *, timeout: float | None = None) -> None:
        """Have the peer forget the durable subscription of the receiver *name*, whoever holds its messages (3.5.6).

        It attaches without a source, which finds what the peer keeps (2.6.3), and closes that. A receiver that is at hand
        does the same by ``close()``.

        Args:
            name: the name of the receiver that made it; the container-id has to be the same as well.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.

        Raises:
            AttachRefused: the peer keeps nothing of that name (mostly ``amqp:not-found``), or does not look for it so.
            LinkError, SessionEnded, ConnectionClosed: it went wrong otherwise.
            OperationTimeout: the peer did not answer in time.
        """
        deadline = self._deadline(timeout)
        receiver = await self.open_receiver(None, name=name, credit=0, timeout=deadline.left())
        await receiver.close(timeout=deadline.left())

    def open_requester(
        self,
        address: str | Target | None,
        *,
        session: Session | None = None,
        timeout: float | None = None,
        **options: Unpack[RequesterArguments],
    ) -> Opening[Requester]:
        """Attach a pair of links for requests to *address* and their replies; await it, or use it with ``async with``::

            async with connection.open_requester("prices") as prices:
                reply = await prices.request(amqp.Message("gold"))

        Args:
            address: where requests go: as for :meth:`Session.open_sender`.
            session: the session to attach them to. None begins one for the two.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.
            **options: those below.

        Options, each with its default at the end:
            replies: where the replies come from: an address, or a whole ``Source``. None is a node that the peer makes for them
                and deletes with the link (3.5.3, dynamic).
            reply_to: what the requests name as their reply-to, also the address of this end's terminus of both links. None is
                the address of the source of the replies.
            capabilities: what the node that the peer makes is asked to be: ``["rabbitmq:volatile-queue"]`` with ``replies_settled``
                for RabbitMQ from 4.2 on. None.
            settled: whether requests are sent settled, so that nobody says whether the peer took them. False.
            replies_settled: whether the peer has to send the replies settled; it is an error where it does otherwise. False.
            durable: whether every request is sent as durable (3.2.1). False.
            credit: replies that may be on their way, 1 to 2^32-1; they are taken in at once. 100.
            name: the name of both links; None, as it is, makes one for each.
            properties: link properties to send on both, a mapping of strings. None.

        Raises:
            AttachRefused: the peer does not take requests there, or makes no node for the replies.
            LinkError: it does not settle as was asked for.
            SessionEnded, ConnectionClosed: the session is gone, perhaps because of one of the two attaches, as RabbitMQ does.
            OperationTimeout: no answer came in time.
            LocalError: an option is of another type or out of its range, or does not go with another.
            TypeError: there is no such option.
            EncodeError: an option has no encoding.
        """
        check_options("open_requester", options, RequesterArguments.__annotations__, _NAMED)
        return Opening(self._open_requester(Requester, plan_requester(address, **options), session, timeout))

    def open_management(
        self,
        node: str = "$management",
        *,
        dynamic: bool = False,
        properties: Mapping[str, Any] | None = None,
        session: Session | None = None,
        timeout: float | None = None,
    ) -> Opening[Management]:
        """Open the management node of a server, or of a queue; await it, or use it with ``async with``::

            async with connection.open_management("orders/$management") as management:
                found = await management.call("com.microsoft:peek-message", {"from-sequence-number": amqp.Long(1)})

        Args:
            node: its address.
            dynamic: whether the server makes a node for the answers, as routers of Qpid want it. False: they come from the
                node itself, over a link whose target is the reply-to, as Service Bus and Event Hubs want it.
            properties: link properties to send on both links, a mapping of strings.
            session: the session to attach them to. None begins one for the two.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.

        It raises what :meth:`open_requester` raises: ``AttachRefused``, mostly, where there is no such node.
        """
        plan = management_plan(node, dynamic=dynamic, properties=properties)
        return Opening(self._open_requester(Management, plan, session, timeout))

    def open_rabbitmq_management(self, *, timeout: float | None = None) -> Opening[RabbitMQManagement]:
        """Open RabbitMQ's management, to declare queues for example; await it, or use it with ``async with``::

            async with connection.open_rabbitmq_management() as management:
                await management.declare_queue("orders", arguments={"x-queue-type": "quorum"})

        It takes a session of its own.

        Args:
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.

        Raises:
            AttachRefused: the server has no such node: it is not RabbitMQ, or one older than 4.0.
            SessionEnded, ConnectionClosed: the session is gone.
            OperationTimeout: no answer came in time.
        """
        check_pairing(self.remote_offered_capabilities)
        return Opening(self._open_requester(RabbitMQManagement, pair_plan(), None, timeout))

    def authorize(
        self,
        provider: TokenProvider,
        audience: str | Sequence[str] = "",
        *,
        method: TokenMethod = "cbs",
        timeout: float | None = None,
    ) -> Opening[Authorization]:
        """Put tokens to the peer before links are opened, and renew them before they expire; await it, or use it with ``async with``::

            def provider(audience):
                return amqp.Token(make_token(audience), expires_at=time.time() + 3600)

            async with connection.authorize(provider, "amqps://namespace.example/queue"):
                ...

        Args:
            provider: a :class:`amqp.TokenProvider`: called with the audience, it returns an :class:`amqp.Token`. With
                asyncio it may be a coroutine function; the blocking front end renews in a thread of its own.
            audience: what the tokens are for, one or several: with CBS the URL of the node. RabbitMQ has no use for it.
            method: ``"cbs"`` puts them to ``$cbs``, as Azure asks for; ``"rabbitmq"`` replaces the token that the connection
                was made with, by the management node (from RabbitMQ 4.1 on).
            timeout: seconds for each answer; None is the connection's ``operation_timeout``.

        Raises:
            TokenRefused: the peer did not take a token; ``status`` says why.
            AttachRefused, SessionEnded: the peer has no node that takes tokens.
            ConnectionClosed: the connection is gone.
            OperationTimeout: no answer came in time.
            LocalError: an argument is of another type, or the provider returned no Token, or one that has expired.

        What the provider raises is raised here.
        """
        return Opening(self._authorize(TokenKeeper(provider, audience, method), timeout))

    # -- closing

    async def close(self, *, timeout: float = CLOSE_TIMEOUT) -> None:
        """Wait for the outcomes that are due, give back unread deliveries, close the connection. Twice does nothing.

        The transport is gone when this returns or raises, also when it is cancelled.

        Raises:
            ExceptionGroup: the failures of messages that nobody has looked at, those without outcome among them.
            OperationTimeout: the peer did not answer the close within *timeout* seconds.
        """
        timed_out = await self._close(Deadline(timeout), outcomes=True)
        self._client.raise_failures(repr(self))
        if timed_out is not None:
            raise timed_out

    async def wait_closed(self, *, timeout: float | None = None) -> AmqpFault | None:
        """Wait until the connection is gone, for whatever reason, and return its ``error``: None where it was closed here.

        Raises:
            OperationTimeout: it was not gone within *timeout* seconds; None waits for ever.
        """
        check_loop(self._client)
        deadline = None if timeout is None else Deadline(timeout)
        if not await until_done(self._client.closed, deadline):
            assert deadline is not None
            raise deadline.expired(f"the end of {self!r}", Scope.CONNECTION)
        return self.error

    async def _close(self, deadline: Deadline, *, outcomes: bool) -> AmqpError | None:
        if is_parents(self._client):
            return None
        check_loop(self._client)
        try:
            if outcomes:
                self._client.finish_current()
                await settle_senders(self._client.senders(), deadline)
            self._client.close()
            answered = await until_done(self._client.closed, deadline)
            if answered:
                await self._transport_closed(deadline)
        finally:
            # Cancelled before the close: all the same it is this side that ends the connection.
            self._client.close()
            self._driver.abort()
        await self._driver.closed
        return None if answered else deadline.expired(f"the peer's close of {self!r}", Scope.CONNECTION)

    async def _transport_closed(self, deadline: Deadline) -> None:
        # With TLS the goodbyes take a round trip, which a peer need not finish.
        try:
            async with asyncio.timeout_at(deadline.at):
                await asyncio.shield(self._driver.closed)
        except TimeoutError:
            pass

    # -- inside

    async def _open_session(self, options: SessionOptions, timeout: float | None) -> Session:
        check_loop(self._client)
        client = self._client.begin(options)
        await self._begun(client, self._deadline(timeout), shared=False)
        return Session(self, client)

    async def _open_sender(
        self,
        address: str | Target | None,
        session: Session | Literal["own"] | None,
        timeout: float | None,
        options: SenderArguments,
    ) -> Sender:
        deadline = self._deadline(timeout)
        chosen = await self._session(session, deadline)
        return await chosen.open_sender(address, timeout=deadline.left(), **options)

    async def _open_receiver(
        self,
        address: str | Source | None,
        session: Session | Literal["own"] | None,
        timeout: float | None,
        options: ReceiverArguments,
    ) -> Receiver:
        deadline = self._deadline(timeout)
        chosen = await self._session(session, deadline, streaming=options.get("streaming", False))
        return await chosen.open_receiver(address, timeout=deadline.left(), **options)

    async def _open_requester(
        self, kind: type[R], plan: RequesterPlan, session: Session | None, timeout: float | None
    ) -> R:
        deadline = self._deadline(timeout)
        chosen = await self._session("own" if session is None else session, deadline)
        client = chosen._client.open_requester(plan)
        try:
            await wait(client.opened, deadline, "the peer's attach for requests", Scope.LINK)
            client.receiver.check()
            client.sender.check()
        except BaseException:
            client.abandon()
            raise
        return kind(client)

    async def _authorize(self, keeper: TokenKeeper, timeout: float | None) -> Authorization:
        requester = await self.open_requester(keeper.address, timeout=timeout, **keeper.links)
        authorization = Authorization(keeper, self, requester)
        try:
            await authorization.renew(timeout=timeout)
        except BaseException:
            with suppress(AmqpError):
                await requester.close()
            raise
        authorization.keep()
        return authorization

    async def _session(
        self, session: Session | Literal["own"] | None, deadline: Deadline, *, streaming: bool = False
    ) -> Session:
        if isinstance(session, Session):
            if session.connection is not self:
                raise LocalError(f"{session!r} is not of {self!r}: give one of its own sessions")
            return session
        check_session(session)
        check_loop(self._client)
        shared = session is None and not streaming
        if shared:
            client = self._client.default_session()
        else:
            client = self._client.begin_for_stream() if streaming else self._client.begin(own=True)
        await self._begun(client, deadline, shared=shared)
        return Session(self, client)

    async def _begun(self, client: ClientSession, deadline: Deadline, *, shared: bool) -> None:
        try:
            await wait(client.opened, deadline, "the peer's begin", Scope.SESSION)
            client.check()
        except BaseException:
            # A shared one may be waited for by others; it serves them, and the next who asks.
            if not shared:
                client.abandon()
            raise

    def _deadline(self, timeout: float | None) -> Deadline:
        return Deadline(self._client.operation_timeout if timeout is None else timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            await self.close()
        else:
            # F13: the caller's error is the one to tell.
            await self._close(Deadline(CLOSE_TIMEOUT), outcomes=False)

    def __del__(self) -> None:
        # Whoever calls the class himself, with other arguments, gets a TypeError, and an object without a driver.
        driver: ClientDriver | None = getattr(self, "_driver", None)
        if driver is not None and driver.transport is not None:
            warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self, stacklevel=2)
            driver.drop()
