"""Limits to the octet: what just fits is taken, what is one more is not."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import (
    Authenticated,
    ConnectionFailed,
    ConnectionOpened,
    DeliveryReceived,
    LinkFailed,
    LinkRequested,
)
from amqp.engine.sender import SenderLink
from amqp.errors import LocalError
from amqp.options import ConnectionOptions, LinkOptions
from amqp.sasl import Plain, SaslClient
from amqp_spec import (
    Limits,
    Open,
    SaslChallenge,
    SaslCode,
    SaslInit,
    SaslMechanisms,
    SaslOutcome,
    SaslResponse,
    Target,
)
from tests.engine.test_sasl_exchange import Rounds, asking, offering, sasl
from tests.engine.wire import (
    AMQP,
    SASL,
    Detach,
    Rig,
    Transfer,
    accept_receiver,
    accept_session,
    begin_session,
    client,
    flow,
    frame,
    opened_client,
    opened_server,
    receiver_attach,
    transfer,
)


@pytest.mark.fault("E2")
def test_the_longest_list_of_mechanisms() -> None:
    rig = asking()
    rig.raw(SASL + offering("ANONYMOUS", *(f"M{number}" for number in range(63))))
    assert isinstance(rig.one(SaslInit), SaslInit)


@pytest.mark.fault("E2")
def test_the_last_challenge_of_a_server() -> None:
    rig = asking(Rounds())
    rig.raw(SASL + offering("ROUNDS"))
    rig.forget()
    for number in range(16):
        rig.raw(sasl(SaslChallenge(challenge=b"?%d" % number)))
        assert rig.one(SaslResponse).response == b"!%d" % number
    rig.raw(sasl(SaslOutcome(code=SaslCode.OK)))
    rig.event(Authenticated)


def signing_in(limit: int) -> Rig:
    options = ConnectionOptions(container_id="client", pre_open_send_limit=limit)
    rig = client(options, sasl=SaslClient([Plain("guest", "x" * 700)]))
    rig.engine.open()
    rig.raw(SASL + sasl(SaslMechanisms(sasl_server_mechanisms=("PLAIN",))))
    return rig


def test_the_largest_frame_before_the_open() -> None:
    _, init = signing_in(8192).frames()
    assert isinstance(init.performative, SaslInit)
    assert [len(signing_in(init.size).frames()), len(signing_in(init.size - 1).frames())] == [2, 1]
    assert signing_in(init.size - 1).event(ConnectionFailed).authentication


@pytest.mark.fault("C3")
def test_parts_that_come_to_the_largest_message() -> None:
    for more in (0, 1):
        rig = opened_server()
        accept_session(rig)
        accept_receiver(rig, max_message_size=100)
        rig.receive(transfer(0, more=True), payload=bytes(60))
        rig.receive(Transfer(handle=0), payload=bytes(40 + more))
        assert isinstance(rig.events()[0], LinkFailed if more else DeliveryReceived)


# -- and ends at which nothing is left to do


def test_a_receiver_that_left_before_it_was_accepted() -> None:
    rig = opened_server()
    accept_session(rig)
    rig.receive(receiver_attach("out"))
    link = rig.event(LinkRequested).link
    assert isinstance(link, SenderLink)
    rig.raw(b"")
    rig.forget()
    link.accept()
    rig.quiet()


def test_octets_that_wait_are_counted() -> None:
    rig = opened_server()
    accept_session(rig)
    assert rig.engine.pending_octets == 0
    rig.receive(flow(echo=True))
    octets = b"".join(rig.engine.data_to_send(0.0))
    assert octets
    rig.engine.close()
    waiting = rig.engine.pending_octets
    assert waiting == len(b"".join(rig.engine.data_to_send(0.0))) > 0
    assert rig.engine.pending_octets == 0


def test_two_names_taken_elsewhere_are_answered_in_any_order() -> None:
    rig = opened_client()
    first = begin_session(rig)
    begin_session(rig, channel=1)
    for name in ("a", "b"):
        first.attach_sender(LinkOptions(name=name, target=Target(address="q"))).detach()
    rig.receive(receiver_attach("a", 0), receiver_attach("b", 1), channel=1)
    rig.forget()
    rig.receive(receiver_attach("b", 0), receiver_attach("a", 1))
    rig.receive(Detach(handle=0, closed=True), Detach(handle=1, closed=True))
    assert not any(isinstance(event, LinkRequested) for event in rig.events())
    assert list(first.links) == []


def held(open_properties: Any, limits: Limits) -> Any:
    """What is told of a peer whose open has these properties."""
    rig = client(ConnectionOptions(container_id="client", limits=limits))
    rig.engine.open()
    rig.raw(AMQP + frame(Open(container_id="peer", properties=open_properties)))
    return rig.events()[0]


@pytest.mark.fault("A7")
@pytest.mark.fault("A12")
def test_the_limits_of_performatives_are_those_of_the_connection() -> None:
    # 10 values: 5 keys and 5 values. Levels: the map, two lists; an empty one needs none.
    wide = {f"k{number}": number for number in range(5)}
    deep: dict[str, Any] = {"k": [[[]]]}
    usual = Limits()
    assert isinstance(held(wide, Limits(map_nodes=10)), ConnectionOpened)
    failed = held(wide, Limits(map_nodes=9))
    assert isinstance(failed, ConnectionFailed)
    assert "open.properties: map has more than 9 values in it" in str(failed)
    assert isinstance(held(deep, usual), ConnectionOpened)
    fitting = next(
        depth for depth in range(1, 64) if isinstance(held(deep, Limits(depth=depth)), ConnectionOpened)
    )
    assert fitting == 3
    assert "nested deeper than the limit" in str(held(deep, Limits(depth=fitting - 1)))
    many = {f"k{number}": number for number in range(600)}
    assert isinstance(held(many, usual), ConnectionFailed)
    assert isinstance(held(many, Limits(map_nodes=1200)), ConnectionOpened)


def test_limits_are_limits() -> None:
    with pytest.raises(LocalError, match="limits"):
        ConnectionOptions(limits=64)  # type: ignore[arg-type]  # on purpose


@pytest.mark.requirement("transport-2.7.1-01")
def test_a_frame_of_ours_that_just_fits() -> None:
    rig = opened_client(Open(container_id="peer", max_frame_size=512))
    session = begin_session(rig)
    session.attach_sender(LinkOptions(name="a"))  # handle 0 has an encoding of its own
    rig.forget()
    session.attach_sender(LinkOptions(name="n" * 300))
    (shorter,) = rig.frames()
    fitting = 300 + 512 - shorter.size
    session.attach_sender(LinkOptions(name="n" * fitting))
    (whole,) = rig.frames()
    assert whole.size == 512
    with pytest.raises(LocalError, match="512"):
        session.attach_sender(LinkOptions(name="n" * (fitting + 1)))
    rig.quiet()
