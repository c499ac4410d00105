"""Links that are not attached, and what it takes to resume them."""

from __future__ import annotations

from typing import Any

from amqp.engine import (
    LinkOpened,
    ReceiverLink,
    SenderLink,
    SuspendedDelivery,
    SuspendedLink,
)
from amqp.options import LinkOptions
from amqp_spec import (
    Received,
)
from tests.engine.wire import (
    Rig,
    Role,
    Source,
    Target,
    begin_session,
    flow,
    opened_client,
    receiver_attach,
    sender_attach,
)

# Two sections of data: 0x75, then a vbin8.
MESSAGE = b"\x00\x53\x75\xa0\x03one" + b"\x00\x53\x75\xa0\x03two"
HALF = len(MESSAGE) // 2


def received(section: int, offset: int = 0) -> Received:
    return Received(section_number=section, section_offset=offset)


def suspended(
    *deliveries: SuspendedDelivery, name: str = "out", role: bool = Role.SENDER, **options: Any
) -> SuspendedLink:
    options.setdefault("source", Source(address="s"))
    options.setdefault("target", Target(address="q"))
    return SuspendedLink(
        name=name,
        role=role,
        options=LinkOptions(name=name, **options),
        deliveries={each.tag: each for each in deliveries},
    )


def resume_sender(
    memory: SuspendedLink, unsettled: Any, *, credit: int = 0, rig: Rig | None = None, **fields: Any
) -> tuple[Rig, SenderLink]:
    """Resume a sender of ours at a peer that answers with *unsettled*."""
    if rig is None:
        rig = opened_client()
        begin_session(rig)
    session = next(iter(rig.engine.sessions))
    link = session.attach_sender(memory.options, resume=memory)
    rig.receive(receiver_attach(memory.name, unsettled=unsettled, **fields))
    assert isinstance(rig.events()[0], LinkOpened)
    if credit:
        rig.receive(flow(handle=0, link_credit=credit))
    return rig, link


def resume_receiver(
    memory: SuspendedLink, unsettled: Any, *, credit: int = 5, **fields: Any
) -> tuple[Rig, ReceiverLink]:
    """Resume a receiver of ours at a peer that answers with *unsettled*."""
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_receiver(memory.options, resume=memory, credit=credit)
    rig.receive(sender_attach(memory.name, unsettled=unsettled, **fields))
    return rig, link


def held(*deliveries: SuspendedDelivery, **options: Any) -> SuspendedLink:
    return suspended(*deliveries, name="in", role=Role.RECEIVER, **options)
