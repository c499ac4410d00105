"""Attaching to the broker: which termini it grants, which it refuses, and how links are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine import LinkEnded, LinkFailed
from amqp.options import ConnectionOptions, LinkOptions
from amqp.sasl import Plain
from amqp_spec import (
    Accepted,
    Data,
    DeleteOnClose,
    Described,
    Properties,
    Rejected,
    Released,
    Source,
    Symbol,
    Target,
    TerminusDurability,
    TerminusExpiryPolicy,
)

if TYPE_CHECKING:
    from amqp.broker import QueueStats

Client = Any
Connect = Any
Listener = Any
Start = Any

ACCEPTED = Accepted()
MESSAGE = Data(b"a").encode()


def stats(listener: Listener, name: str) -> QueueStats:
    found: QueueStats = listener.broker.queues[name]
    return found


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client ask for what its engine would not."""
    monkeypatch.setattr("amqp.engine.link.check_given", lambda *_: None)


@pytest.mark.requirement("transport-2.6.3-06")
@pytest.mark.requirement("messaging-3.5.3-06")
async def test_the_answer_says_what_is_granted(client: Client, careless: None) -> None:
    source = Source(
        address="q",
        durable=TerminusDurability.UNSETTLED_STATE,
        expiry_policy=TerminusExpiryPolicy.NEVER,
        timeout=9,
        outcomes=("amqp:accepted:list", "amqp:nonsense:list"),
    )
    receiver = await client.receiver(source)
    granted = receiver.source
    assert (granted.address, granted.durable, granted.timeout) == ("q", TerminusDurability.NONE, 0)
    assert granted.expiry_policy is TerminusExpiryPolicy.LINK_DETACH
    assert granted.outcomes == ("amqp:accepted:list",)


@pytest.mark.requirement("messaging-3.5.3-05")
async def test_filters_that_are_not_there_are_left_out(client: Client) -> None:
    source = Source(address="q", filter={"x": None})
    assert (await client.receiver(source)).source.filter is None


@pytest.mark.requirement("messaging-3.5.3-02")
@pytest.mark.requirement("messaging-3.5.10-01")
async def test_a_dynamic_source_lives_with_its_link(listener: Listener, client: Client) -> None:
    receiver = await client.receiver(Source(dynamic=True), credit=1)
    address = receiver.source.address
    assert receiver.source.dynamic
    assert list(receiver.source.dynamic_node_properties.values()) == [DeleteOnClose()]
    assert stats(listener, address).temporary
    sender = await client.sender(address)
    assert await client.send(sender, MESSAGE) == ACCEPTED
    await client.delivery(receiver)
    receiver.detach()
    lost = await client.event(LinkFailed)
    assert lost.link is sender
    assert lost.fault.condition == "amqp:resource-deleted"
    assert address not in listener.broker.queues
    gone = client.session.attach_receiver(LinkOptions(source=Source(address=address), target=Target()))
    assert (await client.refused(gone)).condition == "amqp:not-found"


@pytest.mark.requirement("messaging-3.5.4-01")
async def test_a_dynamic_target_can_be_received_from(client: Client) -> None:
    sender = await client.sender(Target(dynamic=True))
    address = sender.target.address
    assert await client.send(sender, MESSAGE) == ACCEPTED
    assert await client.rest(await client.receiver(address)) == [b"a"]


async def test_temporary_queues_go_with_the_connection(listener: Listener, connect: Connect) -> None:
    leaver = await connect(listener)
    await leaver.receiver(Source(dynamic=True))
    assert len(listener.broker.queues) == 1
    await leaver.close()
    other = await connect(listener)
    await other.receiver("q")
    assert list(listener.broker.queues) == ["q"]


@pytest.mark.requirement("messaging-3.5.4-02")
async def test_the_anonymous_relay_reads_the_address(client: Client) -> None:
    assert "ANONYMOUS-RELAY" in client.engine.remote_open.offered_capabilities
    receiver = await client.receiver("there")
    relay = await client.sender(Target())
    assert await client.send(relay, Properties(to="there").encode() + MESSAGE) == ACCEPTED
    for lost in (Properties(to="nowhere").encode() + MESSAGE, MESSAGE):
        outcome = await client.send(relay, lost)
        assert isinstance(outcome, Rejected)
        assert outcome.error is not None
        assert outcome.error.condition == "amqp:not-found"
    receiver.flow(5)
    assert (await client.delivery(receiver)).payload == Properties(to="there").encode() + MESSAGE


@pytest.mark.requirement("transport-2.6.3-02")
async def test_a_refused_link_leaves_the_session(client: Client) -> None:
    link = client.session.attach_receiver(
        LinkOptions(source=Source(address="temporary-queue/x"), target=Target())
    )
    fault = await client.refused(link)
    assert fault.condition == "amqp:not-found"
    await client.receiver("q")


@pytest.mark.parametrize(
    ("options", "condition"),
    [
        (LinkOptions(source=Source(), target=Target()), "amqp:invalid-field"),
        (LinkOptions(source=Source(address=""), target=Target()), "amqp:invalid-field"),
        (LinkOptions(source=Source(address="x", dynamic=True), target=Target()), "amqp:invalid-field"),
        (LinkOptions(target=Target()), "amqp:not-found"),
    ],
)
async def test_a_source_that_makes_no_sense_is_refused(
    client: Client, careless: None, options: LinkOptions, condition: str
) -> None:
    assert (await client.refused(client.session.attach_receiver(options))).condition == condition


@pytest.mark.requirement("messaging-3.5.3-07")
async def test_a_sender_that_knows_no_rejected_is_detached_instead(client: Client) -> None:
    link = client.session.attach_sender(
        LinkOptions(source=Source(outcomes=("amqp:accepted:list",)), target=Target(address="q"))
    )
    await client.opened(link)
    await client.credit(link)
    link.send(b"\xff")
    client.driver.schedule()
    lost = await client.event(LinkFailed)
    assert lost.fault.condition == "amqp:decode-error"
    await client.sender("q")


@pytest.mark.requirement("transport-2.6.1-02")
async def test_a_link_of_the_same_name_steals_the_other(listener: Listener, connect: Connect) -> None:
    one = await connect(listener, options=ConnectionOptions(container_id="me"))
    two = await connect(listener, options=ConnectionOptions(container_id="me"))
    await one.fill("q", b"a")
    first = await one.receiver("q", credit=1, name="mine")
    await one.delivery(first)
    second = await two.receiver("q", credit=1, name="mine")
    lost = await one.event(LinkFailed)
    assert lost.link is first
    assert lost.fault.condition == "amqp:link:stolen"
    await two.delivery(second)
    # The other direction is another link, and so is that of another container.
    await two.sender("q", name="mine")
    other = await connect(listener)
    await other.receiver("q", name="mine")
    assert second.attached


async def test_another_user_cannot_steal(start: Start, connect: Connect) -> None:
    listener = await start(users={"ann": "a", "bob": "b"})
    options = ConnectionOptions(container_id="me")
    ann = await connect(listener, options=options, sasl=Plain("ann", "a"))
    bob = await connect(listener, options=options, sasl=Plain("bob", "b"))
    link = await ann.receiver("q", name="mine")
    await bob.receiver("q", name="mine")
    assert stats(listener, "q").consumers == 2
    assert link.attached


@pytest.mark.requirement("transport-2.6.3-01")
async def test_a_link_may_come_again_after_it_went(listener: Listener, client: Client) -> None:
    for _ in range(3):
        link = await client.receiver("q", name="same")
        link.detach()
        await client.event(LinkEnded)
    assert stats(listener, "q").consumers == 0


async def test_a_full_queue_releases_and_stops_granting(start: Start, connect: Connect) -> None:
    listener = await start(max_depth=4, credit=100)
    client = await connect(listener)
    relay = await client.sender(Target())
    sender = await client.sender("q")
    for _ in range(3):
        assert await client.send(sender, MESSAGE) == ACCEPTED
    # At three quarters nothing is granted; who has credit by other ways is told.
    assert sender.credit == 0
    addressed = Properties(to="q").encode() + MESSAGE
    assert await client.send(relay, addressed) == ACCEPTED
    assert await client.send(relay, addressed) == Released()
    # 3.5.3: a source that does not list it does not get it.
    strict = client.session.attach_sender(
        LinkOptions(target=Target(), source=Source(outcomes=("amqp:accepted:list", "amqp:rejected:list")))
    )
    await client.opened(strict)
    outcome = await client.send(strict, addressed)
    assert isinstance(outcome, Rejected)
    assert outcome.error is not None
    assert outcome.error.condition == "amqp:resource-limit-exceeded"
    assert stats(listener, "q").refused == 2
    receiver = await client.receiver("q", credit=4)
    for delivery in await client.deliveries(receiver, 4):
        delivery.settle(ACCEPTED)
    assert await client.send(sender, MESSAGE) == ACCEPTED


async def test_a_filter_is_left_out_and_told(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    source = Source(address="q", filter={Symbol("colour"): Described(Symbol("example:colour"), "red")})
    receiver = await client.receiver(source)
    assert isinstance(receiver.source, Source)
    assert not receiver.source.filter
    (record,) = [record for record in caplog.records if record.name == "amqp.broker"]
    assert record.levelname == "WARNING"
    assert "colour" in record.getMessage()


async def test_what_can_never_fit_is_rejected(start: Start, connect: Connect) -> None:
    client = await connect(await start(max_octets=100))
    sender = await client.sender("q")
    outcome = await client.send(sender, Data(bytes(100)).encode())
    assert isinstance(outcome, Rejected)
    assert outcome.error is not None
    assert outcome.error.condition == "amqp:resource-limit-exceeded"
    assert "holds 100 octets at most" in str(outcome.error.description)
    assert await client.send(sender, MESSAGE) == ACCEPTED


async def test_queues_are_bounded_in_number(start: Start, connect: Connect) -> None:
    client = await connect(await start(max_queues=1))
    await client.receiver("a")
    link = client.session.attach_receiver(LinkOptions(source=Source(address="b"), target=Target()))
    assert (await client.refused(link)).condition == "amqp:resource-limit-exceeded"


@pytest.mark.requirement("transport-2.7.3-09")
async def test_a_message_above_the_limit_detaches_the_link(start: Start, connect: Connect) -> None:
    client = await connect(await start(max_message_size=1_000))
    sender = await client.sender("q")
    assert sender.max_message_size == 1_000
    assert await client.send(sender, Data(bytes(900)).encode()) == ACCEPTED
    # The client's engine would not send it if it remembered the limit.
    sender.max_message_size = None
    sender.send(Data(bytes(100_000)).encode())
    client.driver.schedule()
    lost = await client.event(LinkFailed)
    assert lost.fault.condition == "amqp:link:message-size-exceeded"
    await client.sender("q")


async def test_the_numbers_of_a_queue_add_up(listener: Listener, client: Client) -> None:
    sender = await client.sender("q")
    receiver = await client.receiver("q", credit=2)
    for _ in range(3):
        await client.send(sender, MESSAGE)
    first, _ = await client.deliveries(receiver, 2)
    first.settle(ACCEPTED)
    # The answer to an attach comes behind all that was asked before.
    await client.receiver("other")
    queue = stats(listener, "q")
    assert (queue.depth, queue.unsettled, queue.octets) == (2, 1, 2 * len(MESSAGE))
    assert (queue.consumers, queue.producers) == (1, 1)
    assert (queue.published, queue.delivered, queue.accepted, queue.returned) == (3, 2, 1, 0)
