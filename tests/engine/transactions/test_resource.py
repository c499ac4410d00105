"""The resource half of transactions: what a coordinator answers to what a controller sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from amqp.engine import DeliveryReceived, LinkFailed, LinkRequested, SenderLink
from amqp.engine.transactions import ControlLink, OpenTransaction, TransactionTable
from amqp.engine.transactions.messages import encode_declare, encode_discharge
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Attach,
    Coordinator,
    Data,
    Declared,
    DeliveryState,
    Detach,
    Disposition,
    Error,
    Flow,
    Header,
    Open,
    Properties,
    ReceiverSettleMode,
    Rejected,
    Released,
    Source,
    TransactionalState,
    TransactionErrorCondition,
    Transfer,
    TxnCapability,
)
from tests.engine.wire import (
    Rig,
    accept_receiver,
    accept_sender,
    accept_session,
    flow,
    opened_server,
    receiver_attach,
    sender_attach,
    transfer,
)

UNKNOWN = TransactionErrorCondition.UNKNOWN_ID
ROLLBACK = TransactionErrorCondition.TRANSACTION_ROLLBACK
REJECTING = Source(outcomes=(Accepted.SYMBOL, Rejected.SYMBOL, Declared.SYMBOL))
DECLARING = Source(outcomes=(Declared.SYMBOL,))


def waits(table: TransactionTable) -> bool:
    """Whether a discharge waits; asked so that a type checker does not believe it always does."""
    return table.waiting


@dataclass
class Note:
    """Work that writes down what becomes of it."""

    name: str
    log: list[str] = field(default_factory=list[str])

    def commit(self) -> None:
        self.log.append(f"commit {self.name}")

    def rollback(self) -> None:
        self.log.append(f"roll back {self.name}")


class Resource:
    """A server whose peer, the test, has a control link with handle 0."""

    def __init__(
        self, table: TransactionTable | None = None, source: Source = REJECTING, **remote: Any
    ) -> None:
        self.rig: Rig = opened_server(Open(container_id="peer", **remote))
        self.session = accept_session(self.rig)
        self.table = table or TransactionTable()
        self.ids = 0
        self.control = self.attach(source=source)

    def attach(self, name: str = "control", handle: int = 0, **fields: Any) -> ControlLink:
        control = self.request(sender_attach(name, handle, target=Coordinator(), **fields))
        assert control is not None
        self.rig.forget()
        return control

    def request(self, attach: Attach) -> ControlLink | None:
        self.rig.receive(attach)
        return self.table.accept(self.rig.event(LinkRequested).link)

    def send(
        self, payload: bytes, control: ControlLink | None = None, handle: int = 0, **fields: Any
    ) -> None:
        """Let the controller send a request."""
        self.rig.receive(transfer(self.ids, handle=handle, **fields), payload=payload)
        self.ids += 1
        (control or self.control).received(self.rig.event(DeliveryReceived).delivery)

    def ask(self, payload: bytes, **fields: Any) -> DeliveryState:
        """Let the controller send a request; return the outcome, which is settled at once."""
        self.send(payload, **fields)
        sent = [each for each in self.rig.sent() if isinstance(each, Disposition)]
        assert [(each.first, each.settled) for each in sent] == [(self.ids - 1, True)]
        assert sent[0].state is not None
        return sent[0].state

    def declare(self, **fields: Any) -> OpenTransaction:
        state = self.ask(encode_declare(), **fields)
        assert isinstance(state, Declared)
        return self.table.open[state.txn_id]

    def error(self, state: DeliveryState) -> Error:
        assert isinstance(state, Rejected)
        assert state.error is not None
        return state.error

    def detached(self, condition: str) -> None:
        """Check that the control link was detached with an error."""
        (detach,) = [each for each in self.rig.sent() if isinstance(each, Detach)]
        assert detach.error is not None
        assert (detach.handle, detach.closed, detach.error.condition) == (0, True, condition)
        assert self.table.open == {}


# -- control links


def test_a_controller_is_answered_with_a_coordinator_and_credit() -> None:
    resource = Resource()
    resource.request(
        sender_attach("more", 1, target=Coordinator(), rcv_settle_mode=ReceiverSettleMode.SECOND)
    )
    attach, credit = resource.rig.sent()
    assert isinstance(attach, Attach)
    assert attach.target == Coordinator(
        capabilities=(
            TxnCapability.LOCAL_TRANSACTIONS,
            TxnCapability.MULTI_TXNS_PER_SSN,
            TxnCapability.MULTI_SSNS_PER_TXN,
        )
    )
    assert attach.rcv_settle_mode is ReceiverSettleMode.FIRST
    assert isinstance(credit, Flow)
    assert credit.link_credit == 10


@pytest.mark.requirement("transactions-4.2-02")
@pytest.mark.parametrize("resuming", [{"unsettled": {b"1": None}}, {"incomplete_unsettled": True}])
def test_a_control_link_is_not_resumed(resuming: dict[str, Any]) -> None:
    resource = Resource()
    assert resource.request(sender_attach("again", 1, target=Coordinator(), **resuming)) is None
    attach, detach = resource.rig.sent()[-2:]
    assert (type(attach), attach.target) == (Attach, None)
    assert detach.error.condition == AmqpErrorCondition.NOT_ALLOWED


def test_a_coordinator_only_receives() -> None:
    resource = Resource()
    assert resource.request(receiver_attach("other", 1, target=Coordinator())) is None
    _, detach = resource.rig.sent()
    assert detach.error.condition == AmqpErrorCondition.INVALID_FIELD


def test_credit_is_renewed() -> None:
    resource = Resource()
    for _ in range(4):
        resource.declare()
    resource.send(encode_declare())
    assert [each.link_credit for each in resource.rig.sent() if isinstance(each, Flow)] == [10]


def test_what_came_behind_the_detach_is_not_looked_at() -> None:
    resource = Resource()
    resource.rig.receive(transfer(0), payload=encode_declare())
    delivery = resource.rig.event(DeliveryReceived).delivery
    resource.control.link.detach()
    resource.rig.forget()
    resource.control.received(delivery)
    resource.rig.quiet()
    assert resource.table.open == {}


# -- declare


@pytest.mark.requirement("transactions-4.2-03")
def test_a_declare_is_one_amqp_value_whatever_sections_stand_beside_it() -> None:
    resource = Resource()
    head = Header().encode() + Properties(subject="s").encode()
    first = resource.ask(head + encode_declare())
    second = resource.ask(encode_declare())
    assert isinstance(first, Declared)
    assert isinstance(second, Declared)
    assert first.txn_id != second.txn_id
    assert set(resource.table.open) == {first.txn_id, second.txn_id}
    state = resource.ask(Data(encode_declare()).encode())
    assert resource.error(state).condition == AmqpErrorCondition.DECODE_ERROR
    assert len(resource.table.open) == 2


@pytest.mark.requirement("transactions-4.5.4-01")
def test_ids_have_up_to_32_octets() -> None:
    resource = Resource()
    assert 1 <= len(resource.declare().id) <= 32
    error = resource.error(resource.ask(encode_discharge(bytes(33))))
    assert error.condition == AmqpErrorCondition.INVALID_FIELD
    assert "33 octets" in str(error.description)
    assert resource.error(resource.ask(encode_discharge(bytes(32)))).condition == UNKNOWN


@pytest.mark.requirement("transactions-4.2-04")
def test_a_settled_declare_ends_the_control_link() -> None:
    resource = Resource()
    resource.declare()
    resource.send(encode_declare(), settled=True)
    resource.detached(AmqpErrorCondition.NOT_ALLOWED)


@pytest.mark.requirement("transactions-4.2-06")
@pytest.mark.parametrize("source", [REJECTING, Source(), Source(outcomes=())])
def test_a_declare_that_cannot_be_done_is_rejected(source: Source) -> None:
    resource = Resource(source=source)
    error = resource.error(resource.ask(encode_declare("global")))
    assert error.condition == ROLLBACK
    assert resource.table.open == {}
    # The link lives.
    resource.declare()


@pytest.mark.requirement("transactions-4.2-07")
def test_a_declare_that_cannot_be_done_nor_rejected_ends_the_control_link() -> None:
    resource = Resource(source=DECLARING)
    note = Note("a")
    resource.declare().add(note)
    resource.send(encode_declare("global"))
    resource.detached(ROLLBACK)
    assert note.log == ["roll back a"]


@pytest.mark.requirement("transactions-4.2-06")
def test_open_transactions_are_bounded() -> None:
    resource = Resource(TransactionTable(max_transactions=2))
    first = resource.declare()
    resource.declare()
    assert "2 open transactions" in str(resource.error(resource.ask(encode_declare())).description)
    assert resource.ask(encode_discharge(first.id)) == Accepted()
    resource.declare()


@pytest.mark.requirement("transactions-4.2-06")
def test_a_session_has_one_transaction_where_no_more_are_offered() -> None:
    resource = Resource(TransactionTable(capabilities=[TxnCapability.LOCAL_TRANSACTIONS]))
    first = resource.declare()
    assert resource.error(resource.ask(encode_declare())).condition == ROLLBACK
    resource.ask(encode_discharge(first.id, fail=True))
    second = resource.declare()
    assert second.id != first.id


# -- discharge


def test_a_commit_does_the_work_in_order() -> None:
    resource = Resource()
    transaction = resource.declare()
    note = Note("a")
    transaction.add(note)
    transaction.add(Note("b", note.log))
    assert resource.ask(encode_discharge(transaction.id)) == Accepted()
    assert note.log == ["commit a", "commit b"]


def test_a_rollback_undoes_the_newest_first() -> None:
    resource = Resource()
    transaction = resource.declare()
    note = Note("a")
    transaction.add(note)
    transaction.add(Note("b", note.log))
    assert resource.ask(encode_discharge(transaction.id, fail=True)) == Accepted()
    assert note.log == ["roll back b", "roll back a"]


@pytest.mark.requirement("transactions-4.3-03")
def test_an_unknown_id_is_rejected() -> None:
    resource = Resource()
    assert resource.error(resource.ask(encode_discharge(b"?"))).condition == UNKNOWN
    resource.declare()


@pytest.mark.requirement("transactions-4.3-03")
def test_an_unknown_id_that_cannot_be_rejected_ends_the_control_link() -> None:
    resource = Resource(source=DECLARING)
    resource.send(encode_discharge(b"?"))
    resource.detached(UNKNOWN)


@pytest.mark.requirement("transactions-4.3-03")
def test_a_transaction_is_discharged_on_its_own_control_link() -> None:
    resource = Resource()
    transaction = resource.declare()
    other = resource.attach("other", 1, source=REJECTING)
    state = resource.ask(encode_discharge(transaction.id), control=other, handle=1)
    assert resource.error(state).condition == UNKNOWN
    assert transaction.id in resource.table.open


@pytest.mark.requirement("transactions-4.3-04")
@pytest.mark.parametrize("fail", [False, True])
def test_an_id_is_dead_behind_its_discharge(fail: bool) -> None:
    resource = Resource()
    transaction = resource.declare()
    resource.ask(encode_discharge(transaction.id, fail=fail))
    found = resource.table.find(TransactionalState(txn_id=transaction.id), resource.session)
    assert isinstance(found, Error)
    assert found.condition == UNKNOWN
    assert resource.error(resource.ask(encode_discharge(transaction.id))).condition == UNKNOWN


@pytest.mark.requirement("transactions-4.3-05")
def test_a_settled_discharge_ends_the_control_link_and_rolls_back() -> None:
    resource = Resource()
    note = Note("a")
    transaction = resource.declare()
    transaction.add(note)
    resource.send(encode_discharge(transaction.id), settled=True)
    resource.detached(AmqpErrorCondition.NOT_ALLOWED)
    assert note.log == ["roll back a"]


def test_what_failed_cannot_be_committed() -> None:
    resource = Resource()
    transaction = resource.declare()
    note = Note("a")
    transaction.add(note)
    timeout = Error(condition=TransactionErrorCondition.TRANSACTION_TIMEOUT)
    transaction.fail(timeout)
    transaction.fail(Error(condition="other"))
    assert note.log == ["roll back a"]
    assert resource.table.find(TransactionalState(txn_id=transaction.id), resource.session) == timeout
    transaction.add(Note("b", note.log))
    assert note.log == ["roll back a", "roll back b"]
    assert resource.error(resource.ask(encode_discharge(transaction.id))) == timeout
    assert resource.table.open == {}


def test_what_failed_is_rolled_back_as_asked() -> None:
    resource = Resource()
    transaction = resource.declare()
    transaction.fail(Error(condition=ROLLBACK))
    assert resource.ask(encode_discharge(transaction.id, fail=True)) == Accepted()


def test_a_lost_control_link_rolls_back_its_own() -> None:
    resource = Resource()
    other = resource.attach("other", 1, source=REJECTING)
    mine, others = Note("mine"), Note("others")
    resource.declare().add(mine)
    transaction = resource.declare(control=other, handle=1)
    transaction.add(others)
    resource.control.lost()
    resource.control.lost()
    assert mine.log == ["roll back mine"]
    assert others.log == []
    assert list(resource.table.open) == [transaction.id]


# -- work


@pytest.mark.requirement("transactions-4.1-02")
def test_transactional_work_on_the_control_link_ends_it() -> None:
    resource = Resource()
    transaction = resource.declare()
    resource.send(encode_declare(), state=TransactionalState(txn_id=transaction.id))
    resource.detached(AmqpErrorCondition.NOT_ALLOWED)
    fault = resource.rig.receive(Detach(handle=0, closed=True)).event(LinkFailed).fault
    assert "no transactional work" in fault.description


@pytest.mark.requirement("transactions-4.4.1-03")
@pytest.mark.parametrize("fail", [False, True])
def test_a_discharge_amid_a_posting_ends_the_control_link(fail: bool) -> None:
    resource = Resource()
    note = Note("a")
    transaction = resource.declare()
    transaction.add(note)
    accept_receiver(resource.rig, handle=1)
    resource.rig.receive(
        transfer(1, handle=1, more=True, state=TransactionalState(txn_id=transaction.id)), payload=b"x"
    )
    resource.ids = 2
    resource.send(encode_discharge(transaction.id, fail=fail))
    resource.detached(ROLLBACK)
    assert note.log == ["roll back a"]


def test_a_posting_that_is_whole_is_no_hindrance() -> None:
    resource = Resource()
    transaction = resource.declare()
    accept_receiver(resource.rig, handle=1)
    state = TransactionalState(txn_id=transaction.id)
    resource.rig.receive(transfer(1, handle=1, more=True, state=state), Transfer(handle=1, state=state))
    resource.rig.forget()
    resource.ids = 2
    assert resource.ask(encode_discharge(transaction.id)) == Accepted()


def test_work_may_be_bound_to_the_session_of_the_control_link() -> None:
    resource = Resource(TransactionTable(capabilities=[TxnCapability.LOCAL_TRANSACTIONS]))
    transaction = resource.declare()
    state = TransactionalState(txn_id=transaction.id)
    assert resource.table.find(state, resource.session) is transaction
    other = accept_session(resource.rig, channel=1)
    found = resource.table.find(state, other)
    assert isinstance(found, Error)
    assert found.condition == AmqpErrorCondition.NOT_ALLOWED
    assert Resource().table.find(state, other) == Error(
        condition=UNKNOWN, description="there is no open transaction with this txn-id"
    )


def sending(resource: Resource, **fields: Any) -> SenderLink:
    return accept_sender(resource.rig, handle=1, credit=10, **fields)


@pytest.mark.requirement("transactions-4.4.2-04")
def test_an_outcome_in_another_transaction_ends_the_control_link() -> None:
    resource = Resource()
    first, second = resource.declare(), resource.declare()
    delivery = sending(resource).send(b"m")
    outcome = Released()
    state = TransactionalState(txn_id=first.id, outcome=outcome)
    assert resource.table.retire(delivery, state) is first
    assert resource.table.retire(delivery, state) is first
    assert resource.table.tied(delivery) is first
    note = Note("b")
    second.add(note)
    error = resource.table.retire(delivery, TransactionalState(txn_id=second.id, outcome=outcome))
    assert isinstance(error, Error)
    assert error.condition == ROLLBACK
    resource.detached(ROLLBACK)
    assert note.log == ["roll back b"]
    assert resource.table.tied(delivery) is None


@pytest.mark.requirement("transactions-4.4.2-04")
def test_an_outcome_in_another_transaction_than_the_acquisition_ends_the_control_link() -> None:
    resource = Resource()
    first, second = resource.declare(), resource.declare()
    delivery = sending(resource).send(b"m", state=TransactionalState(txn_id=first.id))
    resource.table.acquire(delivery, first)
    assert isinstance(resource.table.retire(delivery, TransactionalState(txn_id=second.id)), Error)
    resource.detached(ROLLBACK)


def test_behind_its_discharge_a_delivery_is_free_for_another_transaction() -> None:
    resource = Resource()
    first, second = resource.declare(), resource.declare()
    delivery = sending(resource).send(b"m")
    resource.table.retire(delivery, TransactionalState(txn_id=first.id))
    resource.rig.forget()
    resource.ask(encode_discharge(first.id, fail=True))
    assert resource.table.retire(delivery, TransactionalState(txn_id=second.id)) is second
    found = resource.table.retire(delivery, TransactionalState(txn_id=first.id))
    assert isinstance(found, Error)
    assert found.condition == UNKNOWN


# -- what is half sent


def half_sent(window: int) -> tuple[Resource, OpenTransaction]:
    """Send two acquired messages; one frame of the first leaves."""
    resource = Resource(max_frame_size=512)
    transaction = resource.declare()
    link = sending(resource)
    resource.rig.receive(flow(next_incoming_id=0, incoming_window=1, next_outgoing_id=1))
    for _ in range(2):
        resource.table.acquire(
            link.send(bytes(2_000), state=TransactionalState(txn_id=transaction.id)), transaction
        )
    assert [each.more for each in resource.rig.sent()] == [True]
    if window:
        # Without a look at what is written, which would be more of the message.
        resource.rig.engine.receive_data(
            _frame(flow(next_incoming_id=1, incoming_window=window, next_outgoing_id=1)), 0.0
        )
    return resource, transaction


def _frame(performative: Flow) -> bytes:
    body = performative.encode()
    return (len(body) + 8).to_bytes(4, "big") + b"\x02\x00\x00\x00" + body


@pytest.mark.requirement("transactions-4.4.3-03")
def test_what_is_half_sent_is_aborted_before_the_discharge_is_answered() -> None:
    resource, transaction = half_sent(window=0)
    resource.send(encode_discharge(transaction.id, fail=True))
    # The window is shut: the discharge waits for the abort.
    assert resource.rig.sent() == []
    assert waits(resource.table)
    resource.table.advance()
    assert waits(resource.table)
    resource.rig.receive(flow(next_incoming_id=1, incoming_window=10, next_outgoing_id=2))
    resource.table.advance()
    assert not waits(resource.table)
    aborted, answer = resource.rig.sent()
    assert isinstance(aborted, Transfer)
    assert aborted.aborted
    assert isinstance(answer, Disposition)
    assert answer.state == Accepted()


@pytest.mark.requirement("transactions-4.4.3-03")
def test_the_abort_leaves_at_once_where_the_window_allows() -> None:
    resource, transaction = half_sent(window=10)
    resource.rig.engine.receive_data(_transfer(encode_discharge(transaction.id, fail=True)), 0.0)
    (event,) = resource.rig.engine.events()[-1:]
    assert isinstance(event, DeliveryReceived)
    resource.control.received(event.delivery)
    assert not waits(resource.table)
    aborted, answer = resource.rig.sent()
    assert aborted.aborted
    assert answer.state == Accepted()


def _transfer(payload: bytes) -> bytes:
    body = transfer(1).encode() + payload
    return (len(body) + 8).to_bytes(4, "big") + b"\x02\x00\x00\x00" + body


def test_a_commit_lets_the_rest_be_sent() -> None:
    resource, transaction = half_sent(window=0)
    resource.send(encode_discharge(transaction.id))
    assert resource.rig.one(Disposition).state == Accepted()
    resource.rig.receive(flow(next_incoming_id=1, incoming_window=100, next_outgoing_id=2))
    sent = resource.rig.sent()
    assert not any(each.aborted for each in sent)
    assert [each.more for each in sent].count(False) == 2


def test_a_failed_transaction_is_rejected_once_the_abort_has_left() -> None:
    resource, transaction = half_sent(window=0)
    transaction.fail(Error(condition=ROLLBACK))
    resource.send(encode_discharge(transaction.id))
    assert waits(resource.table)
    resource.rig.receive(flow(next_incoming_id=1, incoming_window=10, next_outgoing_id=2))
    resource.table.advance()
    answer = resource.rig.sent()[-1]
    assert resource.error(answer.state).condition == ROLLBACK


def test_a_discharge_that_waits_is_not_answered_on_a_link_that_is_gone() -> None:
    resource, transaction = half_sent(window=0)
    resource.send(encode_discharge(transaction.id, fail=True))
    resource.rig.receive(Detach(handle=0, closed=True))
    resource.control.lost()
    resource.rig.forget()
    resource.rig.receive(flow(next_incoming_id=1, incoming_window=10, next_outgoing_id=2))
    resource.table.advance()
    assert not waits(resource.table)
    assert not any(isinstance(each, Disposition) for each in resource.rig.sent())


def test_the_transactions_name_themselves() -> None:
    resource = Resource()
    transaction = resource.declare()
    assert repr(transaction) == f"<OpenTransaction {transaction.id!r}>"
    transaction.fail(Error(condition=ROLLBACK))
    assert repr(transaction).endswith("failed>")
