"""One connection that came in: has what the client asks for answered by threads that run the handlers."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Callable
from threading import Lock, Thread, Timer, current_thread
from typing import TYPE_CHECKING, Any, TypeVar, cast

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
    server_engine,
)
from amqp.client.sender import ClientSender
from amqp.client.serving import AskedLink, ServerConnection, ServerSession
from amqp.engine import SenderLink
from amqp.errors import AmqpError
from amqp.sync.driver import Driver
from amqp.sync.serving import IncomingConnection, LinkHandler, LinkRequest, ReceiverRequest, SenderRequest
from amqp.sync.session import Session
from amqp.sync.settling import settle_senders
from amqp.sync.waiting import Deadline
from amqp.transport import tls, websocket_stream
from amqp.transport.stream import SocketStream

if TYPE_CHECKING:
    from amqp.sasl import SaslServer
    from amqp.transport import Stream
    from amqp.transport.upgrading import Terms
    from amqp_spec import Error

logger = logging.getLogger("amqp.sync")

ConnectionHandler = Callable[[IncomingConnection], object]
SessionHandler = Callable[[Session], object]

T = TypeVar("T")


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
        self.room = Quota(settings.max_connections)
        self.links = Quota(settings.max_links)
        self._lock = Lock()
        self._servers: dict[Server, None] = {}
        self._threads: dict[Thread, None] = {}

    def spawn(self, name: str, step: Callable[..., None], *arguments: Any) -> None:
        """Run *step* in a thread of its own."""

        def run() -> None:
            try:
                step(*arguments)
            except SystemExit:
                pass  # it ends the thread, as any
            finally:
                with self._lock:
                    del self._threads[thread]

        thread = Thread(target=run, name=f"amqp {name}", daemon=True)
        with self._lock:
            self._threads[thread] = None
        try:
            thread.start()
        except RuntimeError:
            with self._lock:
                del self._threads[thread]
            raise

    def running(self) -> list[Thread]:
        """Return the threads that run handlers, but for the one that asks."""
        with self._lock:
            return [thread for thread in self._threads if thread is not current_thread()]

    def add(self, server: Server) -> None:
        """Keep a connection."""
        with self._lock:
            self._servers[server] = None

    def remove(self, server: Server) -> None:
        """Forget a connection that is gone, and make room for the next one once its handlers are done."""
        with self._lock:
            self._servers.pop(server)
        server.place.leave()

    def servers(self) -> list[Server]:
        """Return the connections that there are."""
        with self._lock:
            return list(self._servers)


class Server:
    """The server's end of one connection, in the thread that it was accepted in until it is open."""

    def __init__(self, serving: Serving, connected: socket.socket, peer: str) -> None:
        self.connection: IncomingConnection | None = None
        """Once the client's open was read."""
        self.driver: Driver | None = None
        """Once TLS and WebSocket are up, where they are wanted."""
        self.place = Place(serving.room, serving.settings.options.channel_max + 1)
        """What it holds of the room of the listener."""
        self._serving = serving
        self._socket = connected
        self._peer = peer
        self._sessions: dict[ServerSession, Session] = {}
        self._timer: Timer | None = None
        self._tls: tls.TlsStream | None = None
        self._websocket: websocket_stream.WebSocketStream | None = None
        serving.add(self)

    @property
    def is_open(self) -> bool:
        """Whether the opens were exchanged, and the connection is not gone."""
        connection = self.connection
        return connection is not None and connection.is_open and self._server.opened.done()

    @property
    def _server(self) -> ServerConnection:
        assert self.driver is not None
        return cast("ServerConnection", self.driver.client)

    def run(self) -> None:
        """Bring the connection up, and have it accepted."""
        # The whole handshake has one deadline, however slowly its octets come.
        deadline = Deadline(self._serving.settings.handshake_timeout)
        try:
            stream = self._stream(deadline)
        except (OSError, ValueError) as error:
            logger.debug("%s was not taken: %s", self._peer, error)
            self._socket.close()
            self._serving.remove(self)
            return
        settings = self._serving.settings
        engine = server_engine(
            settings,
            self._serving.sasl,
            self._peer,
            lambda: None if self._tls is None else self._tls.certificate,
        )
        self.driver = driver = Driver(
            engine, stream, settings.operation_timeout, self._peer, ServerConnection
        )
        # TLS and WebSocket may have read what came right behind their handshakes.
        driver.pump.more = True
        server = self._server
        server.asked = self
        server.closed.add_done_callback(self._linger)
        driver.pump.closed.add_done_callback(self._gone)
        if self._serving.closed or not driver.run(driver.until_done, server.requested, deadline):
            driver.abort()
            return
        driver.start()
        if server.failure is None:
            self.connection = IncomingConnection(driver, server)
            self._answer(self.connection)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self.driver is not None:
            self.driver.abort()
        else:
            try:
                # Whoever waits for it in the handshake of TLS sees its end.
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def shut_down(self) -> None:
        """Close the connection, because the service ends."""
        if self.driver is None or self.connection is None:
            self.abort()
        else:
            self.driver.run(self._refuse_now, FORCED)

    def wait_gone(self, deadline: Deadline) -> None:
        """Wait until the stream is gone, at most to the *deadline*, then drop it."""
        driver = self.driver
        if driver is not None:
            driver.run(driver.until_done, driver.pump.closed, deadline)
            driver.abort()

    # -- what the client asks for, under the lock

    def connection_asked(self) -> None:
        """The client's open was read: the thread that waits for it answers."""
        if self._websocket is not None:
            self._websocket.take_large_frames()

    def session_asked(self, session: ServerSession) -> None:
        """The client began a session."""
        assert self.connection is not None
        assert self.driver is not None
        face = self._sessions[session] = Session(self.connection, self.driver, session)
        session.closed.add_done_callback(lambda _: self._sessions.pop(session))
        if self._serving.on_session is None:
            session.accept(self._serving.settings.session_options)
        elif not self.place.enter():
            session.refuse(TOO_MANY_SESSIONS)
        else:
            try:
                self._serving.spawn("session", self._answer_session, session, face, self._serving.on_session)
            except RuntimeError:
                self.place.leave()
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
        assert self.driver is not None
        kind = SenderRequest if isinstance(link.link, SenderLink) else ReceiverRequest
        request = kind(face, self.connection, self.driver, link)
        try:
            self._serving.spawn("handler", self._serve, request, link)
        except RuntimeError:
            self._serving.links.give()
            link.refuse(TOO_MANY)

    # -- in threads

    def _stream(self, deadline: Deadline) -> Stream:
        serving = self._serving
        stream: Stream
        if serving.ssl_context is None:
            stream = SocketStream(self._socket)
        else:
            stream = self._tls = tls.accept(self._socket, serving.ssl_context, timeout=deadline.left())
        if serving.terms is not None:
            stream = self._websocket = websocket_stream.accept(stream, serving.terms, timeout=deadline.left())
        return stream

    def _answer(self, connection: IncomingConnection) -> None:
        handler = self._serving.on_connection
        try:
            if handler is not None:
                self.place.enter()
                self._ask(handler, connection)
        except BaseException as error:
            self._run(self._server.refuse, answer_to(error))
            if not is_told(logger, self._peer, error, gone=False):
                raise
        else:
            self._run(self._accept)

    def _answer_session(self, session: ServerSession, face: Session, handler: SessionHandler) -> None:
        try:
            self._ask(handler, face)
        except BaseException as error:
            self._run(session.refuse, answer_to(error))
            if not is_told(logger, self._peer, error, gone=False):
                raise
        else:
            self._run(session.accept, self._serving.settings.session_options)

    def _ask(self, handler: Callable[[T], object], about: T) -> None:
        try:
            handler(about)
        finally:
            self.place.leave()

    def _serve(self, request: LinkRequest, asked: AskedLink) -> None:
        try:
            self._serving.handler(request)
            self._run(self._finish, asked)
        except BaseException as error:
            gone = asked.gone
            self._run(asked.refuse, answer_to(error))
            if not is_told(logger, self._peer, error, gone=gone):
                raise
        finally:
            self._serving.links.give()

    def _run(self, step: Callable[..., None], *arguments: Any) -> None:
        assert self.driver is not None
        self.driver.close(step, *arguments)

    # -- under the lock

    def _finish(self, asked: AskedLink) -> None:
        """The handler is done with a link: it is refused if nobody accepted it, and closed if it is open."""
        link = asked.answer
        driver = self.driver
        assert driver is not None
        if link is None:
            asked.refuse(NOT_FOUND)
        elif link.failure is None:
            deadline = Deadline(self._serving.settings.close_timeout)
            if isinstance(link, ClientSender):
                settle_senders(driver, [link], deadline)
                link.raise_failures(f"link {link.name!r}")
            else:
                link.finish_current()
            link.detach()
            if not driver.until_done(link.closed, deadline):
                link.forsake()

    def _accept(self) -> None:
        try:
            self._server.accept()
        except AmqpError as error:
            logger.exception("our open cannot be told to a client")
            self._server.refuse(answer_to(error))

    def _refuse_now(self, error: Error) -> None:
        assert self.driver is not None
        # What was decided on leaves before.
        self.driver.pump.process()
        self._server.refuse(error)

    def _linger(self, _: object) -> None:
        # A client that does not read what is left to write cannot keep the stream.
        driver = self.driver
        if driver is not None and not driver.gone:
            self._timer = Timer(min(self._serving.settings.close_timeout, 3e6), driver.abort)
            self._timer.daemon = True
            self._timer.start()

    def _gone(self, _: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._serving.remove(self)
