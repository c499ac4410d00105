"""An embedded broker on the same engine as the clients: queues in memory, made on use, with competing consumers."""

from __future__ import annotations

from amqp.broker.broker import Broker
from amqp.broker.listener import Listener
from amqp.broker.options import BrokerOptions
from amqp.broker.stats import QueueStats

__all__ = ["Broker", "BrokerOptions", "Listener", "QueueStats"]
