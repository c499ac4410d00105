"""A TCP port that clients of a broker connect to, by AMQP as it is or inside WebSocket."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from amqp.broker.connection import BrokerConnection
from amqp.broker.security import asks_for_nothing, sasl_server
from amqp.errors import LocalError
from amqp.transport.accepting import start_accepting, stop_accepting
from amqp.transport.privacy import is_loopback

if TYPE_CHECKING:
    from amqp.broker.broker import Broker
    from amqp.transport.websocket import WebSocketAcceptor


class Listener:
    """Made by :meth:`Broker.listen`; listens inside ``async with``, or from :meth:`start` to :meth:`close`."""

    def __init__(
        self,
        broker: Broker,
        host: str,
        port: int,
        ssl_context: ssl.SSLContext | None,
        *,
        websocket: bool = False,
    ) -> None:
        self.host = host
        self.broker = broker
        self._asked_port = port
        self._ssl_context = ssl_context
        self._websocket = self._websocket_acceptor() if websocket else None
        self._sasl = sasl_server(broker.options, loopback=is_loopback(host))
        self._server: asyncio.Server | None = None

    @property
    def closed(self) -> bool:
        """Whether it does not listen: not yet, or no longer."""
        return self._server is None

    @property
    def port(self) -> int:
        """The port, as the system gave it where 0 was asked for.

        Raises:
            LocalError: the listener is not started, or closed.
        """
        if self._server is None or not self._server.sockets:
            raise LocalError("the listener has no port: it is not listening")
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """What to give to :func:`amqp.connect`.

        Raises:
            LocalError: the listener is not started, or closed.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "amqp" if self._websocket is None else "ws"
        return f"{scheme}{'' if self._ssl_context is None else 's'}://{host}:{self.port}"

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be had.
        """
        if self._server is not None:
            return
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            self._websocket or self._accept,
            self.host,
            self._asked_port,
            ssl=self._ssl_context,
            ssl_handshake_timeout=None
            if self._ssl_context is None
            else self.broker.options.handshake_timeout,
            backlog=1_024,
            start_serving=False,
        )
        await start_accepting(server)
        self._server = server
        self.broker.listeners.append(self)

    async def close(self) -> None:
        """Stop listening, and close the connections that came in here. Idempotent."""
        server, self._server = self._server, None
        if server is None:
            return
        self.broker.listeners.remove(self)
        await stop_accepting(server)
        if self._websocket is not None:
            self._websocket.drop_asking()
        await self.broker.close_connections([c for c in self.broker.connections if c.listener is self])
        # From Python 3.12 on this waits for TLS handshakes that are under way too: not longer than for a close.
        with suppress(TimeoutError):
            async with asyncio.timeout(self.broker.options.close_timeout):
                await server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return (
            f"<Listener {self.url}>" if self._server is not None else f"<Listener {self.host}, not listening>"
        )

    def _websocket_acceptor(self) -> WebSocketAcceptor:
        from amqp.transport.websocket import websocket_listener

        options = self.broker.options
        return websocket_listener(
            self._accept,
            handshake_timeout=options.handshake_timeout,
            local_pages=is_loopback(self.host) and asks_for_nothing(options),
        )

    def _accept(self) -> asyncio.Protocol:
        return BrokerConnection(self.broker, self._sasl, self).driver
