"""What is Azure's own, in Service Bus and Event Hubs: pure functions around messages, deliveries and links of either front end.

::

    receiver = await connection.open_receiver("orders", filters=azure.session_filter(None))
    print(azure.session_id(receiver), azure.locked_until(receiver))
    async for delivery in receiver:
        await delivery.reject(azure.dead_letter("no such customer"))

    await sender.send(azure.batch(messages))
"""

from __future__ import annotations

from amqp.azure.batches import BATCH_FORMAT, MAX_BATCH_SIZE, batch, batches, messages_of
from amqp.azure.event_hubs import EARLIEST, LATEST, partition_address, position_filter, receiver_properties
from amqp.azure.service_bus import (
    dead_letter,
    dead_letter_address,
    expirations,
    lock_token,
    locked_until,
    peek_request,
    peeked,
    renew_lock_request,
    retry_after,
    session_filter,
    session_id,
    subscription_address,
)
from amqp.azure.times import from_ticks, to_ticks
from amqp_spec import AzureAnnotation as Annotation
from amqp_spec import AzureCapability as Capability
from amqp_spec import AzureErrorCondition as Condition
from amqp_spec import AzureLinkProperty as LinkProperty

__all__ = [
    # batches
    "BATCH_FORMAT",
    "MAX_BATCH_SIZE",
    "batch",
    "batches",
    "messages_of",
    # locks, sessions, dead letters
    "dead_letter",
    "dead_letter_address",
    "lock_token",
    "locked_until",
    "session_filter",
    "session_id",
    "subscription_address",
    # management
    "expirations",
    "peek_request",
    "peeked",
    "renew_lock_request",
    # Event Hubs
    "EARLIEST",
    "LATEST",
    "partition_address",
    "position_filter",
    "receiver_properties",
    # names, times, errors
    "Annotation",
    "Capability",
    "Condition",
    "LinkProperty",
    "from_ticks",
    "retry_after",
    "to_ticks",
]
