"""Management nodes: of AMQP Management, and of RabbitMQ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from amqp.aio.requester import Requester
from amqp.client import rabbitmq
from amqp.client.management import ManagementReply, management_reply, management_request
from amqp.client.rabbitmq import BindingInfo, QueueInfo

__all__ = ["Management", "RabbitMQManagement"]


class Management(Requester):
    """A management node; made by :meth:`Connection.open_management`. It is a requester for messages of your own, too."""

    async def call(
        self, operation: str, body: object = None, *, timeout: float | None = None, **properties: Any
    ) -> ManagementReply:
        """Have the node do *operation*, and return what it answered.

        Args:
            operation: its name, such as ``READ``.
            body: what it works on, mostly a map; None is null.
            timeout: seconds for all of it; None is the connection's ``operation_timeout``.
            **properties: the other application-properties, such as ``name`` and ``type``. Names that are none in Python go by
                ``**{"com.microsoft:server-timeout": amqp.UInt(5_000)}``.

        Raises:
            ManagementError: the node did not do it, and says why; ``status`` is 404 where it found nothing, for example.
            DecodeError: its answer cannot be read.
            EncodeError: a value has no encoding.
            OperationTimeout, NotSent, InDoubt, DeliveryNotAccepted: as for :meth:`request`.
        """
        request = management_request(operation, body, properties)
        return management_reply(await self.request(request, timeout=timeout))


class RabbitMQManagement(Requester):
    """Queues, exchanges and bindings of RabbitMQ; made by :meth:`Connection.open_rabbitmq_management`."""

    async def declare_queue(
        self,
        name: str,
        *,
        durable: bool = True,
        exclusive: bool = False,
        auto_delete: bool = False,
        arguments: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> QueueInfo:
        """Make a queue, or find the one that is there; return what is known of it.

        Args:
            name: its name; its address is ``/queues/`` and the name, percent-encoded.
            durable: whether it survives a restart of RabbitMQ.
            exclusive: whether it is for this connection alone, and ends with it.
            auto_delete: whether it is deleted with its last consumer.
            arguments: such as ``{"x-queue-type": "quorum", "x-max-length": 1_000}``.
            timeout: seconds to wait for the answer; None is the connection's ``operation_timeout``.

        Raises:
            ManagementError: RabbitMQ did not do it; ``status`` is 409 where there is one of that name that differs.
            EncodeError: an argument has no encoding.
            LocalError: a name is no str, or *arguments* no mapping.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        request = rabbitmq.declare_queue(name, durable, exclusive, auto_delete, arguments)
        return rabbitmq.queue_of(await self._ask(request, timeout))

    async def get_queue(self, name: str, *, timeout: float | None = None) -> QueueInfo:
        """Return what is known of a queue.

        Raises:
            ManagementError: ``status`` is 404 where there is none of that name.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        return rabbitmq.queue_of(await self._ask(rabbitmq.get_queue(name), timeout))

    async def delete_queue(self, name: str, *, timeout: float | None = None) -> int:
        """Delete a queue; return how many messages were in it, 0 where there was no queue.

        Raises:
            ManagementError: RabbitMQ did not do it.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        return rabbitmq.count_of(await self._ask(rabbitmq.delete_queue(name), timeout))

    async def purge_queue(self, name: str, *, timeout: float | None = None) -> int:
        """Delete the messages of a queue that nobody holds; return how many they were.

        Raises:
            ManagementError: RabbitMQ did not do it: there is no such queue, or it is a stream.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        return rabbitmq.count_of(await self._ask(rabbitmq.purge_queue(name), timeout))

    async def declare_exchange(
        self,
        name: str,
        *,
        kind: str = "direct",
        durable: bool = True,
        auto_delete: bool = False,
        internal: bool = False,
        arguments: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> None:
        """Make an exchange, or find the one that is there.

        Args:
            name: its name; its address is ``/exchanges/`` and the name, percent-encoded.
            kind: ``direct``, ``fanout``, ``topic``, ``headers``, or one of a plug-in.
            durable: whether it survives a restart of RabbitMQ.
            auto_delete: whether it is deleted with its last binding.
            internal: whether only other exchanges may send to it.
            arguments: such as ``{"alternate-exchange": "unrouted"}``.
            timeout: seconds to wait for the answer; None is the connection's ``operation_timeout``.

        Raises:
            ManagementError: RabbitMQ did not do it; ``status`` is 409 where there is one of that name that differs.
            EncodeError: an argument has no encoding.
            LocalError: a name is no str, or *arguments* no mapping.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        request = rabbitmq.declare_exchange(name, kind, durable, auto_delete, internal, arguments)
        await self._ask(request, timeout)

    async def delete_exchange(self, name: str, *, timeout: float | None = None) -> None:
        """Delete an exchange and its bindings, if there is one.

        Raises:
            ManagementError: RabbitMQ did not do it.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        await self._ask(rabbitmq.delete_exchange(name), timeout)

    async def bind(
        self,
        source: str,
        *,
        queue: str | None = None,
        exchange: str | None = None,
        key: str = "",
        arguments: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> None:
        """Have messages of the exchange *source* go to a queue, or to another exchange.

        Args:
            source: the exchange that they come from.
            queue: where they go, or
            exchange: where they go.
            key: the binding key, which the exchange compares with the subject, or routing key, of a message.
            arguments: such as what an exchange of the kind ``headers`` looks for.
            timeout: seconds to wait for the answer; None is the connection's ``operation_timeout``.

        Raises:
            ManagementError: RabbitMQ did not do it: one of the two does not exist, for example.
            LocalError: neither *queue* nor *exchange* is given, or both.
            EncodeError: an argument has no encoding.
            LocalError: a name is no str, or *arguments* no mapping.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        binding = rabbitmq.Binding(source, queue, exchange, key, arguments)
        await self._ask(binding.bind(), timeout)

    async def unbind(
        self,
        source: str,
        *,
        queue: str | None = None,
        exchange: str | None = None,
        key: str = "",
        arguments: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> None:
        """Take a binding away, if there is one; the arguments are those of :meth:`bind`, which also says what is raised."""
        binding = rabbitmq.Binding(source, queue, exchange, key, arguments)
        request: rabbitmq.Request | None = binding.delete()
        if arguments:
            # Its path has a hash of the arguments, which only RabbitMQ can make.
            request = binding.delete_found(rabbitmq.bindings_of(await self._ask(binding.find(), timeout)))
        if request is not None:
            await self._ask(request, timeout)

    async def list_bindings(
        self,
        source: str,
        *,
        queue: str | None = None,
        exchange: str | None = None,
        key: str = "",
        timeout: float | None = None,
    ) -> list[BindingInfo]:
        """Return the bindings from *source* to a queue or an exchange that have the *key*.

        Raises:
            ManagementError: RabbitMQ did not do it.
            LocalError: neither *queue* nor *exchange* is given, or both.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        binding = rabbitmq.Binding(source, queue, exchange, key, None)
        return rabbitmq.bindings_of(await self._ask(binding.find(), timeout))

    async def refresh_token(self, token: str | bytes, *, timeout: float | None = None) -> None:
        """Replace the token that the connection was opened with, before it expires (OAuth 2, RabbitMQ from 4.1 on).

        Raises:
            ManagementError: RabbitMQ does not take it, or has no tokens.
            OperationTimeout, NotSent, InDoubt: as for :meth:`request`.
        """
        await self._ask(rabbitmq.refresh_token(token), timeout)

    async def _ask(self, request: rabbitmq.Request, timeout: float | None) -> object:
        return rabbitmq.read_reply(await self.request(request.message(), timeout=timeout))
