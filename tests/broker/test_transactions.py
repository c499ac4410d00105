"""The broker as a resource: what is posted and retired takes effect with the commit, or not at all (4.1 to 4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from amqp.engine import DeliveryUpdated, LinkFailed, LinkOpened, ReceiverLink, SenderLink
from amqp.engine.transactions import (
    Transaction,
    TransactionController,
    TransactionDeclared,
    TransactionDischarged,
    TransactionEvent,
    TransactionFailed,
)
from amqp.options import LinkOptions
from amqp_spec import (
    Accepted,
    Data,
    DeliveryState,
    Modified,
    Outcome,
    Properties,
    ReceiverSettleMode,
    Rejected,
    Released,
    Source,
    Symbol,
    Target,
    TransactionalState,
)

if TYPE_CHECKING:
    from amqp.broker import QueueStats
    from amqp.engine import IncomingDelivery, OutgoingDelivery

Client = Any
Connect = Any
Listener = Any
Start = Any
E = TypeVar("E", bound=TransactionEvent)

ACCEPTED = Accepted()
MESSAGE = Data(b"m").encode()
ROLLBACK = "amqp:transaction:rollback"
UNKNOWN = "amqp:transaction:unknown-id"


class Work:
    """A client with a control link."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.controller = TransactionController(client.session)

    async def start(self) -> Work:
        link = self.controller.link
        await self.client.event(LinkOpened, lambda event: event.link is link)
        await self.client.credit(link)
        return self

    async def news(self, kind: type[E]) -> E:
        """Wait for the answer to a declare or a discharge."""
        event = await self.client.event(
            DeliveryUpdated, lambda event: event.delivery.link is self.controller.link
        )
        (news,) = self.controller.handle(event)
        assert isinstance(news, kind)
        return news

    async def declare(self) -> Transaction:
        transaction = self.controller.declare()
        await self.news(TransactionDeclared)
        return transaction

    async def discharge(self, transaction: Transaction, *, fail: bool = False) -> None:
        transaction.discharge(fail=fail)
        await self.news(TransactionDischarged)

    async def rejected(self, transaction: Transaction, *, fail: bool = False) -> str | None:
        """Discharge a transaction that cannot be committed; return the condition."""
        transaction.discharge(fail=fail)
        return (await self.news(TransactionFailed)).fault.condition

    async def post(
        self, transaction: Transaction, link: SenderLink, *bodies: bytes
    ) -> list[DeliveryState | None]:
        """Post messages; return what is said of them."""
        sent = [transaction.post(link, Data(each).encode()) for each in bodies]
        return [await self.client.outcome(each) for each in sent]


@pytest.fixture
async def work(client: Client) -> Work:
    return await Work(client).start()


def stats(listener: Listener, name: str = "q") -> QueueStats:
    found: QueueStats = listener.broker.queues[name]
    return found


def presumed(transaction: Transaction, outcome: Outcome = ACCEPTED) -> TransactionalState:
    assert transaction.id is not None
    return TransactionalState(txn_id=transaction.id, outcome=outcome)


async def answered(client: Client, delivery: OutgoingDelivery) -> DeliveryState | None:
    """Wait for a state that is not settled."""
    event: DeliveryUpdated = await client.event(DeliveryUpdated, lambda event: event.delivery is delivery)
    return event.state


# -- posting


@pytest.mark.requirement("transactions-4.3-01")
@pytest.mark.requirement("transactions-4.4.1-01")
@pytest.mark.requirement("transactions-4.4.1-04")
async def test_what_is_posted_appears_on_commit(listener: Listener, work: Work) -> None:
    client = work.client
    receiver = await client.receiver("q", credit=10)
    sender = await client.sender("q")
    transaction = await work.declare()
    await client.credit(sender)
    assert await work.post(transaction, sender, b"1", b"2") == [presumed(transaction)] * 2
    assert await client.send(sender, Data(b"3").encode()) == ACCEPTED
    assert stats(listener).depth == 1
    await work.discharge(transaction)
    bodies = [delivery.payload for delivery in await client.deliveries(receiver, 3)]
    assert bodies == [Data(each).encode() for each in (b"3", b"1", b"2")]


@pytest.mark.requirement("transactions-4.3-02")
async def test_what_is_posted_is_forgotten_on_rollback(listener: Listener, work: Work) -> None:
    client = work.client
    sender = await client.sender("q")
    transaction = await work.declare()
    await client.credit(sender)
    await work.post(transaction, sender, b"1")
    await work.discharge(transaction, fail=True)
    assert stats(listener).depth == 0
    assert await client.rest(await client.receiver("q")) == []


@pytest.mark.requirement("transactions-4.4.1-05")
async def test_a_posting_to_no_transaction_is_rejected(listener: Listener, work: Work) -> None:
    sender = await work.client.sender("q")
    outcome = await work.client.send(sender, MESSAGE, state=TransactionalState(txn_id=b"?"))
    assert isinstance(outcome, Rejected)
    assert outcome.error is not None
    assert outcome.error.condition == UNKNOWN
    assert stats(listener).depth == 0
    assert await work.client.send(sender, MESSAGE) == ACCEPTED


@pytest.mark.requirement("transactions-4.4.1-05")
@pytest.mark.parametrize(
    ("how", "options"),
    [({"settled": True}, {}), ({}, {"source": Source(outcomes=("amqp:accepted:list",))})],
)
async def test_a_posting_to_no_transaction_that_cannot_be_rejected_ends_its_link(
    listener: Listener, work: Work, how: dict[str, Any], options: dict[str, Any]
) -> None:
    link = await attach(work.client, **options)
    link.send(MESSAGE, state=TransactionalState(txn_id=b"?"), **how)
    assert (await work.client.refused(link)).condition == UNKNOWN
    assert stats(listener).depth == 0


async def attach(client: Client, **options: Any) -> SenderLink:
    link: SenderLink = client.session.attach_sender(
        LinkOptions(**({"target": Target(address="q"), "source": Source()} | options))
    )
    await client.opened(link)
    await client.credit(link)
    return link


@pytest.mark.requirement("transactions-4.4.4-01")
async def test_a_settled_posting_that_is_not_taken_spoils_the_transaction(
    listener: Listener, work: Work
) -> None:
    client = work.client
    transaction = await work.declare()
    good = await client.sender("q")
    relay = await attach(client, target=Target())
    await client.credit(good)
    await work.post(transaction, good, b"1")
    # It names no queue.
    transaction.post(relay, MESSAGE, settled=True)
    assert await work.rejected(transaction) == ROLLBACK
    assert stats(listener).depth == 0


async def test_a_posting_that_is_not_taken_says_so_in_the_transaction(work: Work) -> None:
    transaction = await work.declare()
    relay = await attach(work.client, target=Target())
    (state,) = await work.post(transaction, relay, b"1")
    assert isinstance(state, TransactionalState)
    assert state.txn_id == transaction.id
    assert isinstance(state.outcome, Rejected)
    await work.discharge(transaction)


async def test_a_settled_message_that_is_not_taken_and_of_no_transaction_is_lost(work: Work) -> None:
    relay = await attach(work.client, target=Target())
    relay.send(MESSAGE, settled=True)
    relay.detach()
    assert await work.declare()


async def test_postings_have_their_room_from_the_beginning(start: Start, connect: Connect) -> None:
    listener = await start(max_depth=4, credit=1)
    client = await connect(listener)
    work = await Work(client).start()
    await client.fill("q", b"0")
    relay = await attach(client, target=Target())

    def message(body: bytes) -> bytes:
        return Properties(to="q").encode() + Data(body).encode()

    transaction = await work.declare()
    sent = [transaction.post(relay, message(b"%d" % number)) for number in (1,)]
    assert [await client.outcome(each) for each in sent] == [presumed(transaction)]
    for _ in range(2):
        await client.credit(relay)
        assert await client.send(relay, message(b"x")) == ACCEPTED
    await client.credit(relay)
    # 1 + 1 posted + 2: full.
    assert isinstance(await client.send(relay, message(b"x")), Released)
    await client.credit(relay)
    (state,) = [await client.outcome(transaction.post(relay, message(b"y")))]
    assert state == presumed(transaction, Released())
    await work.discharge(transaction, fail=True)
    await client.credit(relay)
    assert await client.send(relay, message(b"x")) == ACCEPTED
    assert stats(listener).depth == 4


async def test_a_queue_that_waits_for_a_commit_is_in_use(start: Start, connect: Connect) -> None:
    listener = await start(max_queues=1)
    client = await connect(listener)
    work = await Work(client).start()
    sender = await client.sender("q")
    transaction = await work.declare()
    await client.credit(sender)
    await work.post(transaction, sender, b"1")
    sender.detach()
    other = client.session.attach_receiver(options_for("other"))
    assert (await client.refused(other)).condition == "amqp:resource-limit-exceeded"
    await work.discharge(transaction)
    assert stats(listener).depth == 1


def options_for(address: str) -> LinkOptions:
    return LinkOptions(source=Source(address=address), target=Target())


@pytest.mark.parametrize("fail", [False, True])
async def test_a_queue_that_is_gone_by_the_commit_takes_nothing(
    listener: Listener, work: Work, fail: bool
) -> None:
    client = work.client
    receiver = await client.receiver(Source(dynamic=True), credit=5)
    sender = await attach(client, target=Target(address=receiver.source.address))
    transaction = await work.declare()
    await client.send(sender, Data(b"0").encode())
    delivery = await client.delivery(receiver)
    await work.post(transaction, sender, b"1")
    transaction.retire(delivery, ACCEPTED)
    receiver.detach()
    await client.event(LinkFailed, lambda event: event.link is sender)
    await work.discharge(transaction, fail=fail)
    assert receiver.source.address not in listener.broker.queues


async def test_mode_second_waits_for_the_client_within_a_transaction(work: Work) -> None:
    sender = await attach(work.client, rcv_settle_mode=ReceiverSettleMode.SECOND)
    transaction = await work.declare()
    delivery = transaction.post(sender, MESSAGE)
    assert await answered(work.client, delivery) == presumed(transaction)
    assert not delivery.settled
    delivery.settle()
    await work.discharge(transaction)


# -- retirement


async def received(work: Work, *bodies: bytes) -> tuple[ReceiverLink, list[IncomingDelivery]]:
    await work.client.fill("q", *bodies)
    receiver = await work.client.receiver("q", credit=10)
    return receiver, await work.client.deliveries(receiver, len(bodies))


@pytest.mark.requirement("transactions-4.4.2-01")
@pytest.mark.parametrize("settled", [True, False])
async def test_what_is_retired_goes_on_commit(listener: Listener, work: Work, settled: bool) -> None:
    receiver, (delivery,) = await received(work, b"1")
    transaction = await work.declare()
    transaction.retire(delivery, ACCEPTED, settled=settled)
    work.client.driver.schedule()
    other = await work.declare()
    assert (stats(listener).depth, stats(listener).unsettled) == (1, 1)
    await work.discharge(transaction)
    assert (stats(listener).depth, stats(listener).accepted) == (0, 1)
    if not settled:
        # The broker forgets first, as without a transaction.
        event = await work.client.event(DeliveryUpdated, lambda event: event.delivery is delivery)
        assert (event.state, event.settled) == (ACCEPTED, True)
    assert receiver.attached
    await work.discharge(other)


@pytest.mark.requirement("transactions-4.4.2-02")
async def test_what_is_retired_and_not_settled_stays_with_the_client_on_rollback(
    listener: Listener, work: Work
) -> None:
    _, (delivery,) = await received(work, b"1")
    transaction = await work.declare()
    transaction.retire(delivery, ACCEPTED, settled=False)
    await work.discharge(transaction, fail=True)
    assert (stats(listener).depth, stats(listener).unsettled) == (1, 1)
    delivery.settle(ACCEPTED)
    await work.declare()
    assert stats(listener).depth == 0


@pytest.mark.requirement("transactions-4.4.2-03")
@pytest.mark.parametrize(("default", "count"), [(None, 0), (Modified(delivery_failed=True), 1)])
async def test_what_is_retired_and_settled_gets_the_default_outcome_on_rollback(
    listener: Listener, work: Work, default: Outcome | None, count: int
) -> None:
    client = work.client
    await client.fill("q", b"1")
    receiver = await client.receiver(Source(address="q", default_outcome=default), credit=1)
    transaction = await work.declare()
    transaction.retire(await client.delivery(receiver), Rejected())
    await work.discharge(transaction, fail=True)
    assert (stats(listener).depth, stats(listener).rejected) == (1, 0)
    receiver.flow(1)
    delivery = await client.delivery(receiver)
    assert (b"\x00\x53\x70" in delivery.payload) is bool(count)


async def test_the_last_outcome_holds(listener: Listener, work: Work) -> None:
    _, (delivery,) = await received(work, b"1")
    transaction = await work.declare()
    transaction.retire(delivery, Released(), settled=False)
    transaction.retire(delivery, Rejected())
    await work.discharge(transaction)
    assert (stats(listener).depth, stats(listener).rejected, stats(listener).returned) == (0, 1, 0)


@pytest.mark.parametrize("fail", [False, True])
async def test_what_was_retired_may_be_settled_outside(listener: Listener, work: Work, fail: bool) -> None:
    receiver, (delivery,) = await received(work, b"1")
    transaction = await work.declare()
    transaction.retire(delivery, ACCEPTED, settled=False)
    # The transaction has the delivery: what is said besides is no more than that the client has forgotten it.
    delivery.update(Released(), settled=False)
    delivery.settle()
    await work.declare()
    assert (stats(listener).depth, stats(listener).unsettled) == (1, 1)
    await work.discharge(transaction, fail=fail)
    assert stats(listener).depth == int(fail)
    assert receiver.attached


async def test_retiring_in_no_transaction_ends_the_link(listener: Listener, work: Work) -> None:
    receiver, (delivery,) = await received(work, b"1")
    delivery.update(TransactionalState(txn_id=b"?", outcome=ACCEPTED), settled=True)
    assert (await work.client.refused(receiver)).condition == UNKNOWN
    assert (stats(listener).depth, stats(listener).unsettled) == (1, 0)


@pytest.mark.requirement("transactions-4.4.2-04")
@pytest.mark.parametrize("settled", [True, False])
async def test_retiring_in_another_transaction_ends_its_control_link(
    listener: Listener, connect: Connect, settled: bool
) -> None:
    client = await connect(listener)
    first_work, second_work = await Work(client).start(), await Work(client).start()
    first, second = await first_work.declare(), await second_work.declare()
    receiver, (delivery,) = await received(first_work, b"1")
    first.retire(delivery, ACCEPTED, settled=False)
    delivery.update(presumed(second, Released()), settled=settled)
    fault = await client.refused(second_work.controller.link)
    assert fault.condition == ROLLBACK
    # The first has the delivery still.
    assert (stats(listener).depth, stats(listener).unsettled) == (1, 1)
    await first_work.discharge(first)
    assert stats(listener).depth == 0
    assert receiver.attached


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("settled", [True, False])
async def test_retiring_in_a_transaction_that_failed_is_rolled_back_at_once(
    listener: Listener, work: Work, settled: bool, before: bool
) -> None:
    receiver, (delivery,) = await received(work, b"1")
    transaction = await work.declare()
    relay = await attach(work.client, target=Target())
    if not before:
        transaction.post(relay, MESSAGE, settled=True)
        # What it is answered behind has been done.
        await work.declare()
    transaction.retire(delivery, ACCEPTED, settled=settled)
    if before:
        transaction.post(relay, MESSAGE, settled=True)
    work.client.driver.schedule()
    if settled:
        again = await work.client.delivery(receiver)
        assert again.payload == delivery.payload
    assert await work.rejected(transaction) == ROLLBACK
    assert (stats(listener).depth, stats(listener).unsettled) == (1, 1)


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.parametrize("fail", [True, False])
async def test_what_was_retired_waits_for_the_end_though_its_link_is_gone(
    listener: Listener, work: Work, closed: bool, settled: bool, fail: bool
) -> None:
    client = work.client
    receiver, deliveries = await received(work, b"1", b"2")
    transaction = await work.declare()
    transaction.retire(deliveries[0], ACCEPTED, settled=settled)
    receiver.detach(closed=closed)
    other = await client.receiver("q", credit=10)
    # The other message goes back, this one does not.
    (came,) = await client.deliveries(other, 1)
    assert came.payload == Data(b"2").encode()
    assert stats(listener).depth == 2
    await work.discharge(transaction, fail=fail)
    if fail:
        assert (await client.delivery(other)).payload == Data(b"1").encode()
    assert stats(listener).depth == 1 + fail


async def test_undeliverable_here_means_nothing_once_the_link_is_gone(work: Work) -> None:
    client = work.client
    receiver, (delivery,) = await received(work, b"1")
    transaction = await work.declare()
    transaction.retire(delivery, Modified(delivery_failed=True, undeliverable_here=True))
    receiver.detach()
    await work.discharge(transaction)
    assert await client.delivery(await client.receiver("q", credit=1))


# -- loss


@pytest.mark.requirement("transactions-4.1-01")
@pytest.mark.parametrize("how", ["link", "session", "connection"])
async def test_with_the_control_link_its_transactions_roll_back(
    listener: Listener, connect: Connect, how: str
) -> None:
    client, watcher = await connect(listener), await connect(listener)
    work = await Work(client).start()
    _, (delivery,) = await received(work, b"1")
    sender = await client.sender("q")
    transaction = await work.declare()
    await client.credit(sender)
    await work.post(transaction, sender, b"2")
    transaction.retire(delivery, ACCEPTED)
    if how == "link":
        work.controller.link.detach()
    elif how == "session":
        client.session.end()
    else:
        client.driver.abort()
    client.driver.schedule()
    receiver = await watcher.receiver("q", credit=10)
    if how == "link":
        # The other links live; what came back goes to either consumer.
        sender.session.end()
        client.driver.schedule()
    assert (await watcher.delivery(receiver)).payload == Data(b"1").encode()
    assert stats(listener).depth == 1


# -- bounds, and what there is not


async def test_open_transactions_are_bounded(start: Start, connect: Connect) -> None:
    work = await Work(await connect(await start(max_transactions=1))).start()
    first = await work.declare()
    work.controller.declare()
    failed = await work.news(TransactionFailed)
    assert failed.fault.condition == ROLLBACK
    await work.discharge(first)
    assert await work.declare()


@pytest.mark.requirement("transactions-4.4.3-02")
async def test_acquiring_in_a_transaction_is_not_implemented(work: Work) -> None:
    transaction = await work.declare()
    receiver = await work.client.receiver("q")
    transaction.acquire(receiver, 1)
    assert (await work.client.refused(receiver)).condition == "amqp:not-implemented"


async def test_other_properties_of_a_flow_are_ignored(work: Work) -> None:
    await work.client.fill("q", b"1")
    receiver = await work.client.receiver("q")
    receiver.flow(1, properties={Symbol("txn-id"): None, Symbol("x"): 1})
    assert await work.client.delivery(receiver)
