"""The blocking front end: connections, sessions, senders, receivers and deliveries, for any number of threads."""

from __future__ import annotations

from amqp.sync.authorization import Authorization
from amqp.sync.connecting import connect, open_over
from amqp.sync.connection import Connection
from amqp.sync.delivery import Delivery
from amqp.sync.listening import Listener, listen
from amqp.sync.management import Management, RabbitMQManagement
from amqp.sync.pending import Pending
from amqp.sync.receiver import Receiver
from amqp.sync.requester import Requester
from amqp.sync.sender import Sender
from amqp.sync.serving import IncomingConnection, LinkRequest, ReceiverRequest, SenderRequest
from amqp.sync.session import Session
from amqp.sync.transaction import Transaction

__all__ = [
    "Authorization",
    "Connection",
    "Delivery",
    "IncomingConnection",
    "LinkRequest",
    "Listener",
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
