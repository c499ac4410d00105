"""The embedded broker: queues in memory, clients over TCP or over a transport of the caller's."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from amqp.broker.connection import BrokerConnection
from amqp.broker.listener import Listener
from amqp.broker.nodes import Nodes
from amqp.broker.options import BrokerOptions
from amqp.broker.security import sasl_server
from amqp.broker.stats import QueueStats, queue_stats
from amqp_spec import AmqpErrorCondition, ConnectionErrorCondition, Error

if TYPE_CHECKING:
    from amqp.broker.links import BrokerLink, LinkKey


class Broker:
    """A broker inside this process, for tests, demos and small uses. What it holds is lost with it.

    ::

        async with Broker() as broker, broker.listen() as listener:
            connection = await amqp.connect(listener.url)

    A queue is made when somebody attaches to its address. Its messages go to its consumers in turn, as they have
    credit; what a consumer releases, or leaves behind, goes back to its old place. A full queue stops its producers'
    credit; what comes nevertheless is released, for its sender to try again.

    Transactions (part 4) take effect on one connection: what is posted in one appears when it commits, what is retired
    in one goes then. A client that goes rolls its own back.

    There are queues and nothing else: no topics, no dead letters (what a consumer rejects is dropped),
    no resumed links, no store. Filters of a source are not applied: the source in the answer leaves them out, as 3.5.3
    asks, and a warning is logged to ``amqp.broker``. All of it runs in the event loop
    that it was started in, and is not thread-safe.
    """

    def __init__(self, options: BrokerOptions | None = None) -> None:
        self.options = options or BrokerOptions()
        self.nodes = Nodes(self.options)
        self.links: dict[LinkKey, BrokerLink] = {}
        """The links that there are, by what makes each one of a kind (2.6.1)."""
        self.connections: dict[BrokerConnection, None] = {}
        """Every connection with a transport, open or not yet."""
        self.opened = 0
        """How many of the connections are open."""
        self.listeners: list[Listener] = []
        self._closing = False

    def listen(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        ssl_context: ssl.SSLContext | None = None,
        websocket: bool = False,
    ) -> Listener:
        """Return a listener, to be used with ``async with``. Port 0 takes one that is free.

        *ssl_context* is for TLS; with ``verify_mode`` CERT_REQUIRED clients need a certificate. With *websocket* it takes
        WebSocket clients, under the subprotocols ``amqp`` and ``AMQPWSB10``, whatever path they ask for.

        Raises:
            LocalError: *host* is not loopback, and the options name neither users nor ``allow_anonymous``; websockets is
                not installed and *websocket* is asked for.
        """
        return Listener(self, host, port, ssl_context, websocket=websocket)

    def accept(self, *, loopback: bool = True) -> asyncio.Protocol:
        """Return the protocol of one new connection, for a transport that the caller has made.

        *loopback* says whether the client is known to be on this machine.

        Raises:
            LocalError: as for :meth:`listen`.
        """
        return BrokerConnection(self, sasl_server(self.options, loopback=loopback)).driver

    @property
    def queues(self) -> dict[str, QueueStats]:
        """The numbers of every queue, by address."""
        return {name: queue_stats(queue) for name, queue in self.nodes.queues.items()}

    async def close(self) -> None:
        """Close all listeners and connections; the queues and what is in them stay until the broker is let go of."""
        self._closing = True
        try:
            for listener in list(self.listeners):
                await listener.close()
            await self.close_connections(list(self.connections))
        finally:
            self._closing = False

    async def close_connections(self, connections: Iterable[BrokerConnection]) -> None:
        """Close *connections* with ``amqp:connection:forced``, and wait until their transports are gone."""
        waiting = list(connections)
        for connection in waiting:
            connection.close(
                Error(
                    condition=ConnectionErrorCondition.CONNECTION_FORCED, description="the broker shuts down"
                )
            )
        if waiting:
            await asyncio.wait([connection.driver.closed for connection in waiting])

    def refusal(self) -> Error | None:
        """Return why no further connection may open now; None when one may."""
        if self._closing:
            return Error(
                condition=ConnectionErrorCondition.CONNECTION_FORCED, description="the broker shuts down"
            )
        if self.opened >= self.options.max_connections:
            return Error(
                condition=AmqpErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                description=f"there are {self.opened} connections, which is the limit",
            )
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<Broker {self.options.container_id!r}: {self.opened} connections, {len(self.nodes.queues)} queues>"
