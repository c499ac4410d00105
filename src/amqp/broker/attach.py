"""Answers a client's attach (2.6.3): finds or makes the queue, and says which terminus is really there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from amqp.broker.consumer import ConsumerLink
from amqp.broker.nodes import Refused
from amqp.broker.producer import ProducerLink
from amqp.broker.transactions import CoordinatorLink
from amqp.engine import Link, ReceiverLink, SenderLink
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Attach,
    Coordinator,
    DeleteOnClose,
    Modified,
    Rejected,
    Released,
    Source,
    StdDistMode,
    Symbol,
    Target,
    TerminusDurability,
    TerminusExpiryPolicy,
)

if TYPE_CHECKING:
    from amqp.broker.connection import BrokerConnection
    from amqp.broker.links import BrokerLink
    from amqp.broker.queue import Queue

logger = logging.getLogger("amqp.broker")
OUTCOMES = (Accepted.SYMBOL, Rejected.SYMBOL, Released.SYMBOL, Modified.SYMBOL)
ANONYMOUS_RELAY = "ANONYMOUS-RELAY"


def answer_attach(connection: BrokerConnection, link: Link) -> BrokerLink | None:
    """Accept or refuse a link that the client asked for; return the broker's end of it, None when refused."""
    attach = link.remote_attach
    assert attach is not None
    try:
        if isinstance(attach.target, Coordinator):
            return _accept_controller(connection, link)
        if attach.unsettled:
            # 2.6.13: to drop the client's unsettled map in silence would lose messages.
            raise Refused(AmqpErrorCondition.NOT_IMPLEMENTED, "links are not resumed here: attach anew")
        if isinstance(link, SenderLink):
            return _accept_consumer(connection, link, attach)
        return _accept_producer(connection, cast("ReceiverLink", link), attach)
    except Refused as refusal:
        link.refuse(refusal.error)
        return None


def _accept_consumer(connection: BrokerConnection, link: SenderLink, attach: Attach) -> ConsumerLink:
    source = attach.source
    if not isinstance(source, Source):
        # 2.6.3: without a source it asks for the one that is kept under the name of the link.
        raise Refused(
            AmqpErrorCondition.NOT_FOUND,
            "no sources are kept here: say in attach.source where to receive from",
        )
    queue, own = _node(connection, source)
    if queue is None:
        raise Refused(
            AmqpErrorCondition.INVALID_FIELD,
            "attach.source has no address, and it does not ask for a dynamic node",
        )
    if source.filter:
        # A client that does not look at the source in the answer would wonder why all messages come.
        logger.warning(
            "link %.200r to the queue %.200r: filters are not supported, all messages go to it: %.200s",
            link.name,
            queue.name,
            ", ".join(map(repr, source.filter)),
        )
    copy = source.distribution_mode == StdDistMode.COPY
    link.accept(
        source=Source(
            address=queue.name,
            durable=TerminusDurability.NONE,
            expiry_policy=TerminusExpiryPolicy.LINK_DETACH,
            timeout=0,
            dynamic=own is not None,
            dynamic_node_properties=_lifetime(own),
            # 3.5.3: a source says which mode is in use, and only filters that are in force: there are none.
            distribution_mode=StdDistMode.COPY if copy else StdDistMode.MOVE,
            default_outcome=source.default_outcome,
            outcomes=_outcomes(source),
        )
    )
    default_outcome = source.default_outcome
    return ConsumerLink(connection, link, queue, own, copy=copy, default_outcome=default_outcome)


def _accept_controller(connection: BrokerConnection, link: Link) -> CoordinatorLink | None:
    control = connection.transactions.accept(link)
    return None if control is None else CoordinatorLink(connection, control)


def _accept_producer(connection: BrokerConnection, link: ReceiverLink, attach: Attach) -> ProducerLink:
    target = attach.target
    assert not isinstance(target, Coordinator)
    # A target without an address, or none at all, is the anonymous relay: each message says where it goes.
    queue, own = (None, None) if target is None else _node(connection, target)
    link.accept(
        target=Target(
            address=None if queue is None else queue.name,
            durable=TerminusDurability.NONE,
            expiry_policy=TerminusExpiryPolicy.LINK_DETACH,
            timeout=0,
            dynamic=own is not None,
            dynamic_node_properties=_lifetime(own),
        ),
        max_message_size=connection.options.max_message_size or None,
    )
    producer = ProducerLink(connection, link, queue, own)
    producer.top_up()
    return producer


def _node(connection: BrokerConnection, terminus: Source | Target) -> tuple[Queue | None, Queue | None]:
    """Return the queue of a terminus, and the same once more when it was made for the link."""
    address = terminus.address
    # 3.5.3: the engine refuses a link that asks for a dynamic node and names its address.
    if terminus.dynamic:
        queue = connection.nodes.make_temporary()
        return queue, queue
    return (None if address is None else connection.nodes.open(address)), None


def _lifetime(own: Queue | None) -> dict[str, object] | None:
    return None if own is None else {Symbol("lifetime-policy"): DeleteOnClose()}


def _outcomes(source: Source) -> tuple[str, ...]:
    if not source.outcomes:
        return OUTCOMES
    return tuple(outcome for outcome in source.outcomes if outcome in OUTCOMES)
