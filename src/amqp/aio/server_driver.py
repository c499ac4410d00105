"""The driver of a connection that came in: has what the client asks for answered by tasks that run the handlers."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar, cast

from amqp.aio.client_driver import ClientDriver
from amqp.aio.serving import IncomingConnection, LinkHandler, LinkRequest, ReceiverRequest, SenderRequest
from amqp.aio.session import Session
from amqp.aio.settling import settle_senders
from amqp.aio.waiting import Deadline, until_done
from amqp.client.faults import answer_to
from amqp.client.listening import (
    FORCED,
    NOT_FOUND,
    TOO_MANY,
    TOO_MANY_SESSIONS,
    ListenSettings,
    MakeSasl,
    Place,
    Quota,
    is_told,
    name_of,
    server_engine,
)
from amqp.client.sender import ClientSender
from amqp.client.serving import AskedLink, ServerConnection, ServerSession
from amqp.engine import SenderLink
from amqp.errors import AmqpError, LocalError
from amqp.transport.websocket import ServerSocket

if TYPE_CHECKING:
    from amqp.sasl import SaslServer
    from amqp.transport.upgrading import Terms

logger = logging.getLogger("amqp.aio")

ConnectionHandler = Callable[[IncomingConnection], Awaitable[object]]
SessionHandler = Callable[[Session], Awaitable[object]]

T = TypeVar("T")


async def _called(handler: Callable[[T], object], about: T) -> None:
    answer = handler(about)
    if not isinstance(answer, Awaitable):
        raise LocalError(
            "a handler of amqp.listen has to be an async function; plain ones are for amqp.sync.listen"
        )
    await answer


class Serving:
    """What the connections of one listener share."""

    def __init__(
        self,
        handler: LinkHandler,
        on_connection: ConnectionHandler | None,
        on_session: SessionHandler | None,
        settings: ListenSettings,
        sasl: SaslServer | MakeSasl,
        ssl_context: ssl.SSLContext | None,
        terms: Terms | None,
    ) -> None:
        self.handler = handler
        self.on_connection = on_connection
        self.on_session = on_session
        self.settings = settings
        self.sasl = sasl
        self.ssl_context = ssl_context
        self.terms = terms
        """Whom to take by WebSocket; None: it is not by WebSocket."""
        self.closed = False
        """Whether no client is taken any more."""
        self.drivers: dict[ServerDriver, None] = {}
        self.room = Quota(settings.max_connections)
        self.links = Quota(settings.max_links)
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine in a task of its own."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def running(self) -> list[asyncio.Task[None]]:
        """Return the tasks that run handlers, but for the one that asks."""
        here = asyncio.current_task()
        return [task for task in self._tasks if task is not here]


class ServerDriver(ClientDriver):
    """Drives an engine in the role of server, and runs the handlers."""

    def __init__(self, serving: Serving) -> None:
        settings = serving.settings
        engine = server_engine(settings, serving.sasl, "a client", self._certificate)
        super().__init__(engine, settings.operation_timeout, "a client", ServerConnection)
        self.server = cast("ServerConnection", self.client)
        self.server.asked = self
        self.server.closed.add_done_callback(self._linger)
        self.connection: IncomingConnection | None = None
        """Once the client's open was read."""
        self._serving = serving
        self._sessions: dict[ServerSession, Session] = {}
        self._deadline: asyncio.TimerHandle | None = None
        self._counted = False
        self._place = Place(serving.room, settings.options.channel_max + 1)
        self._securing = False
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport, where there is room for one more; bring up first what is between it and AMQP."""
        if self._counted:
            super().connection_made(transport)  # the stream inside the WebSocket
            return
        serving = self._serving
        self.transport = taken = cast("asyncio.Transport", transport)
        if serving.closed or not serving.room.take():
            logger.debug("a client was dropped: there are as many connections as are taken")
            self.abort()
            return
        self._counted = True
        serving.drivers[self] = None
        self.server.peer = name_of(transport.get_extra_info("peername"))
        # The whole handshake has one deadline, however slowly its octets come.
        self._drop_in(serving.settings.handshake_timeout)
        if serving.ssl_context is None:
            self._go_on(taken)
        else:
            taken.pause_reading()
            serving.spawn(self._secure(taken, serving.ssl_context))

    def data_received(self, data: bytes) -> None:
        """Feed the engine what arrived."""
        if self._securing:
            self._early.append(data)
        else:
            super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Make room for the next one."""
        super().connection_lost(exc)
        if self._deadline is not None:
            self._deadline.cancel()
        if self._counted:
            self._counted = False
            del self._serving.drivers[self]
            self._place.leave()

    async def _secure(self, transport: asyncio.Transport, context: ssl.SSLContext) -> None:
        """Do the server's part of TLS."""
        self._securing = True
        secured: asyncio.Transport | None = None
        try:
            secured = await self.loop.start_tls(transport, self, context, server_side=True)
        except OSError as error:
            logger.debug("TLS with %s did not come up: %s", self.server.peer, error)
        finally:
            self._securing = False
        if secured is None:
            # Nobody tells of the end of a transport on which TLS did not come up.
            transport.abort()
            self.connection_lost(None)
            return
        self._go_on(secured)
        # The client's first octets may come with the last ones of its handshake.
        for data in self._early:
            cast("asyncio.Protocol", secured.get_protocol()).data_received(data)
        self._early.clear()

    def _go_on(self, transport: asyncio.Transport) -> None:
        """Begin with AMQP, or with the WebSocket that it is to be in."""
        terms = self._serving.terms
        if terms is None:
            super().connection_made(transport)
            return
        self.transport = transport
        socket = ServerSocket(terms, lambda: self, self.connection_lost)
        transport.set_protocol(socket)
        socket.connection_made(transport)

    def _certificate(self) -> Any:
        return None if self.transport is None else self.transport.get_extra_info("peercert")

    def shut_down(self) -> None:
        """Close the connection, because the service ends; ``closed`` follows, if the client answers."""
        if self.connection is None:
            self.abort()
            return
        # What was decided on leaves before.
        self.turn()
        self.server.refuse(FORCED)
        self.turn()

    # -- what the client asks for

    def connection_asked(self) -> None:
        """The client's open was read."""
        if self._deadline is not None:
            self._deadline.cancel()
        self.trust()
        self.connection = connection = IncomingConnection(self, self.server)
        if self._serving.on_connection is None:
            self._accept()
        else:
            self._place.enter()
            self._serving.spawn(self._answer_connection(connection, self._serving.on_connection))

    def session_asked(self, session: ServerSession) -> None:
        """The client began a session."""
        assert self.connection is not None
        face = self._sessions[session] = Session(self.connection, session)
        session.closed.add_done_callback(lambda _: self._sessions.pop(session))
        if self._serving.on_session is None:
            session.accept(self._serving.settings.session_options)
        elif self._place.enter():
            self._serving.spawn(self._answer_session(session, face, self._serving.on_session))
        else:
            session.refuse(TOO_MANY_SESSIONS)

    def link_asked(self, link: AskedLink) -> None:
        """The client attached a link."""
        face = self._sessions.get(link.session)
        if face is None:
            return  # gone meanwhile
        if not self._serving.links.take():
            link.refuse(TOO_MANY)
            return
        assert self.connection is not None
        kind = SenderRequest if isinstance(link.link, SenderLink) else ReceiverRequest
        self._serving.spawn(self._serve(kind(face, self.connection, link), link))

    # -- in tasks

    async def _answer_connection(self, connection: IncomingConnection, handler: ConnectionHandler) -> None:
        try:
            await self._ask(handler, connection)
        except BaseException as error:
            self.server.refuse(answer_to(error))
            if not is_told(logger, self.server.peer, error, gone=False):
                raise
        else:
            self._accept()

    async def _answer_session(self, session: ServerSession, face: Session, handler: SessionHandler) -> None:
        try:
            await self._ask(handler, face)
        except BaseException as error:
            session.refuse(answer_to(error))
            if not is_told(logger, self.server.peer, error, gone=False):
                raise
        else:
            session.accept(self._serving.settings.session_options)

    async def _ask(self, handler: Callable[[T], Awaitable[object]], about: T) -> None:
        try:
            await _called(handler, about)
        finally:
            self._place.leave()

    async def _serve(self, request: LinkRequest, asked: AskedLink) -> None:
        try:
            await _called(self._serving.handler, request)
            await self._finish(asked)
        except BaseException as error:
            gone = asked.gone
            asked.refuse(answer_to(error))
            if not is_told(logger, self.server.peer, error, gone=gone):
                raise
        finally:
            self._serving.links.give()

    async def _finish(self, asked: AskedLink) -> None:
        """The handler is done with a link: it is refused if nobody accepted it, and closed if it is open."""
        link = asked.answer
        if link is None:
            asked.refuse(NOT_FOUND)
        elif link.failure is None:
            deadline = Deadline(self._serving.settings.close_timeout)
            if isinstance(link, ClientSender):
                await settle_senders([link], deadline)
                link.raise_failures(f"link {link.name!r}")
            else:
                link.finish_current()
            link.detach()
            if not await until_done(link.closed, deadline):
                link.forsake()

    def _accept(self) -> None:
        try:
            self.server.accept()
        except AmqpError as error:
            logger.exception("our open cannot be told to a client")
            self.server.refuse(answer_to(error))

    def _linger(self, _: object) -> None:
        # A client that does not read what is left to write cannot keep the transport.
        self._drop_in(self._serving.settings.close_timeout)

    def _drop_in(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        if self._counted:
            self._deadline = self.loop.call_later(min(seconds, 3e7), self.abort)
