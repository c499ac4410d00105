"""Messages with all sections, compared type by type with what the peer is known to make of them.

Every difference that is not written down here fails the check.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import amqp
from amqp_spec import Section
from interop.checks.samples import (
    ALL_VALUES,
    NULL_BODY,
    ONE_SECTION,
    PLAIN_VALUES,
    SEVERAL_SECTIONS,
    TYPED_BODY,
    sample,
)
from interop.expect import wrong
from interop.fronts import Front
from interop.peers import Peer

_Sections = list[Section]
_EXCHANGE, _ROUTING_KEY = amqp.Symbol("x-exchange"), amqp.Symbol("x-routing-key")
EVERY_BODY = {**ONE_SECTION, **NULL_BODY, **SEVERAL_SECTIONS, **TYPED_BODY}


def _as_sent(sections: _Sections) -> _Sections:
    return sections


@dataclass(frozen=True)
class Passage:
    """A queue, what can be sent through it, and what it makes of that."""

    queue: str
    bodies: dict[str, object] = field(default_factory=lambda: EVERY_BODY)
    values: dict[str, Any] = field(default_factory=lambda: ALL_VALUES)
    delivery_annotations: bool = True
    footer: bool = True
    arriving: Callable[[_Sections], _Sections] = _as_sent
    changes_no_byte: bool = False

    def samples(self) -> dict[str, amqp.Message]:
        """Return the messages to send, by the names of their bodies."""
        return {
            name: sample(
                body,
                values=self.values,
                delivery_annotations=self.delivery_annotations,
                footer=self.footer,
            )
            for name, body in self.bodies.items()
        }


def _body_reversed(sections: _Sections) -> _Sections:
    """Several sections of a body come back last first from RabbitMQ 3.10."""
    body = [
        section for section in sections if isinstance(section, amqp.Data | amqp.AmqpSequence | amqp.AmqpValue)
    ]
    first = sections.index(body[0])
    return [*sections[:first], *reversed(body), *sections[first + len(body) :]]


def _without_delivery_annotations(sections: _Sections) -> _Sections:
    return [section for section in sections if not isinstance(section, amqp.DeliveryAnnotations)]


def _routed(sections: _Sections) -> _Sections:
    """RabbitMQ 4.0 keeps delivery annotations to itself (3.2.2) and notes where a message came in."""
    return [
        amqp.MessageAnnotations({**section.value, _EXCHANGE: "", _ROUTING_KEY: "sections"})
        if isinstance(section, amqp.MessageAnnotations)
        else section
        for section in _without_delivery_annotations(sections)
    ]


def _routed_43(sections: _Sections) -> _Sections:
    """RabbitMQ 4.3 writes its own annotations first."""
    return [
        amqp.MessageAnnotations({_ROUTING_KEY: "sections", _EXCHANGE: "", **section.value})
        if isinstance(section, amqp.MessageAnnotations)
        else section
        for section in _without_delivery_annotations(sections)
    ]


PASSAGES: dict[str, Sequence[Passage]] = {
    # Delivery annotations break its parser, and it drops the connection.
    "rabbitmq3": [Passage("sections", delivery_annotations=False, arriving=_body_reversed)],
    "rabbitmq4": [Passage("sections", arriving=_routed)],
    "rabbitmq43": [Passage("sections", arriving=_routed_43)],
    # Delivery annotations end with it (3.2.2).
    "artemis": [Passage("sections", arriving=_without_delivery_annotations)],
    # Its messages are those of JMS: a body of several sections becomes one, without its content-encoding.
    "activemq": [Passage("sections", bodies={**ONE_SECTION, **NULL_BODY, **TYPED_BODY})],
    # rhea's encoder knows one type of number, writes a symbol as a string, and puts the footer before the body.
    "rhea": [
        Passage("raw-sections", changes_no_byte=True),
        Passage("sections", bodies=ONE_SECTION, values=PLAIN_VALUES, footer=False),
    ],
    # proton's message has no footer and one section of body, and for a null it writes no body at all.
    "proton": [
        Passage("raw-sections", changes_no_byte=True),
        Passage("sections", bodies={**ONE_SECTION, **TYPED_BODY}, footer=False),
    ],
}


async def sections(peer: Peer, front: Front, _messages: int) -> str:
    """Send each sample and compare what comes back, type by type."""
    compared = 0
    async with front.connect(peer.url) as connection:
        for passage in PASSAGES[peer.name]:
            await _through(connection, peer.address(passage.queue), passage)
            compared += len(passage.bodies)
    return f"{compared} messages as expected"


async def _through(connection: amqp.Connection, address: str, passage: Passage) -> None:
    samples = passage.samples()
    async with connection.open_sender(address) as sender:
        for message in samples.values():
            await sender.send(message)
    async with connection.open_receiver(address) as receiver:
        for name, message in samples.items():
            delivery = await receiver.receive()
            _compare(f"{passage.queue}, {name}", message, delivery.message, passage)
            await delivery.accept()


def _compare(what: str, sent: amqp.Message, came: amqp.Message, passage: Passage) -> None:
    if passage.changes_no_byte and came.encode() != sent.encode():
        wrong(what, sent.encode(), came.encode())
    # Sections as the wire has them: what we wrote as str is a symbol where the standard says so.
    expected = passage.arriving(list(amqp.Message.decode(sent.encode()).sections))
    for one, other in zip(expected, came.sections, strict=False):
        if not amqp.identical(one, other):
            wrong(what, one, other)
    if len(expected) != len(came.sections):
        wrong(f"{what}: sections", expected, came.sections)
