"""The asyncio front end: connections, sessions, senders, receivers and deliveries."""

from __future__ import annotations

from amqp.aio.authorization import Authorization
from amqp.aio.connecting import connect, open_over
from amqp.aio.connection import Connection
from amqp.aio.delivery import Delivery
from amqp.aio.listening import Listener, listen
from amqp.aio.management import Management, RabbitMQManagement
from amqp.aio.opening import Opening
from amqp.aio.pending import Pending
from amqp.aio.receiver import Receiver
from amqp.aio.requester import Requester
from amqp.aio.sender import Sender
from amqp.aio.serving import IncomingConnection, LinkRequest, ReceiverRequest, SenderRequest
from amqp.aio.session import Session
from amqp.aio.transaction import Transaction

__all__ = [
    "Authorization",
    "Connection",
    "Delivery",
    "IncomingConnection",
    "LinkRequest",
    "Listener",
    "Opening",
    "Management",
    "Pending",
    "RabbitMQManagement",
    "Receiver",
    "Requester",
    "ReceiverRequest",
    "Sender",
    "SenderRequest",
    "Session",
    "Transaction",
    "connect",
    "listen",
    "open_over",
]
