"""The controller half of transactions: what it sends, and what it makes of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import (
    ConnectionEnded,
    ConnectionFailed,
    CreditChanged,
    DeliveryUpdated,
    LinkEnded,
    LinkFailed,
    LinkOpened,
    LinkState,
    ReceiverLink,
    SenderLink,
    SessionEnded,
    SessionFailed,
)
from amqp.engine.transactions import (
    Transaction,
    TransactionController,
    TransactionDeclared,
    TransactionDischarged,
    TransactionEvent,
    TransactionFailed,
    TransactionStatus,
    decode_request,
    encode_discharge,
)
from amqp.errors import Blame, LocalError, Scope
from amqp.options import LinkOptions
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Attach,
    Close,
    Coordinator,
    Declare,
    Declared,
    DeliveryState,
    Detach,
    Discharge,
    Disposition,
    End,
    Error,
    Flow,
    Modified,
    Open,
    Received,
    Rejected,
    Released,
    Role,
    SenderSettleMode,
    Source,
    Symbol,
    Target,
    TransactionalState,
    TransactionErrorCondition,
    Transfer,
    TxnCapability,
)
from tests.engine.wire import (
    Rig,
    attach_receiver,
    attach_sender,
    begin_session,
    flow,
    grant,
    opened_client,
    receiver_attach,
    transfer,
)

S = TransactionStatus
ROLLBACK = TransactionErrorCondition.TRANSACTION_ROLLBACK


def waits(controller: TransactionController) -> bool:
    """Whether a discharge waits; asked so that a type checker does not believe it always does."""
    return controller.waiting


class Controller:
    """A client whose peer, the test, is the coordinator: its control link has handle 0 at both ends."""

    def __init__(self, *, credit: int = 10, answer: dict[str, Any] | None = None, **remote: Any) -> None:
        self.rig: Rig = opened_client(Open(container_id="peer", **remote))
        self.session = begin_session(self.rig)
        self.controller = TransactionController(self.session, name="control")
        self.rig.forget()
        target = Coordinator(capabilities=(TxnCapability.LOCAL_TRANSACTIONS,))
        self.rig.receive(receiver_attach("control", **({"target": target} | (answer or {}))))
        self.rig.event(LinkOpened)
        if credit:
            grant(self.rig, self.controller.link, credit)

    def pull(self) -> list[TransactionEvent]:
        """Give the controller all events of the engine."""
        return [news for event in self.rig.events() for news in self.controller.handle(event)]

    def answer(
        self, number: int, state: DeliveryState | None, *, settled: bool = True
    ) -> list[TransactionEvent]:
        """Let the coordinator answer a request."""
        self.rig.receive(Disposition(role=Role.RECEIVER, first=number, settled=settled, state=state))
        return self.pull()

    def declared(self, txn_id: bytes = b"t", number: int = 0) -> Transaction:
        """Have a transaction that is active."""
        transaction = self.controller.declare()
        self.rig.forget()
        assert self.answer(number, Declared(txn_id=txn_id)) == [TransactionDeclared(transaction)]
        return transaction

    def sender(self, credit: int = 10, name: str = "out", handle: int = 1) -> SenderLink:
        options = LinkOptions(name=name, target=Target(address="q"))
        return attach_sender(self.rig, self.session, options, credit=credit, handle=handle)

    def receiver(self) -> ReceiverLink:
        return attach_receiver(self.rig, self.session, credit=10, handle=1)

    def requests(self) -> list[Declare | Discharge]:
        """Return the requests that were sent since the last look, none of them settled."""
        found = [each for each in self.rig.frames() if isinstance(each.performative, Transfer)]
        assert all(each.performative.settled is False for each in found if each.performative.handle == 0)
        return [decode_request(each.payload) for each in found if each.performative.handle == 0]


# -- the control link


def test_the_control_link_asks_for_a_coordinator() -> None:
    rig = opened_client()
    controller = TransactionController(begin_session(rig), capabilities=[TxnCapability.MULTI_SSNS_PER_TXN])
    attach = rig.one(Attach)
    assert attach.role is Role.SENDER
    assert attach.target == Coordinator(capabilities=("amqp:multi-ssns-per-txn",))
    assert attach.snd_settle_mode is SenderSettleMode.UNSETTLED
    assert attach.unsettled is None
    assert isinstance(attach.source, Source)
    # 4.2: rejected is allowed.
    assert set(attach.source.outcomes or ()) == {
        "amqp:accepted:list",
        "amqp:rejected:list",
        "amqp:declared:list",
    }
    assert controller.capabilities == ()
    with pytest.raises(LocalError, match="not attached"):
        controller.declare()


def test_the_coordinator_says_what_it_can_do() -> None:
    assert Controller().controller.capabilities == ("amqp:local-transactions",)
    assert Controller(answer={"target": Coordinator()}).controller.capabilities == ()


@pytest.mark.parametrize("answer", [{"target": Target(address="q")}, {"max_message_size": 20}])
def test_what_is_no_coordinator_gets_no_declare(answer: dict[str, Any]) -> None:
    setting = Controller(answer=answer)
    assert setting.controller.capabilities == (
        () if isinstance(answer.get("target"), Target) else ("amqp:local-transactions",)
    )
    with pytest.raises(LocalError, match="ends at no coordinator"):
        setting.controller.declare()
    setting.rig.quiet()


def test_a_coordinator_may_take_no_more_than_a_discharge() -> None:
    limit = len(encode_discharge(bytes(32)))
    setting = Controller(answer={"max_message_size": limit})
    assert setting.declared(bytes(32)).id == bytes(32)


def test_an_id_whose_discharge_the_coordinator_would_not_take_is_refused() -> None:
    setting = Controller(answer={"max_message_size": len(encode_discharge(bytes(255))) - 1})
    setting.controller.declare()
    setting.rig.forget()
    (failed,) = setting.answer(0, Declared(txn_id=bytes(33)))
    assert isinstance(failed, TransactionFailed)
    assert "not of 1 to 32 octets" in failed.fault.description


def test_each_controller_takes_its_own_answers() -> None:
    setting = Controller()
    other = TransactionController(setting.session)
    transaction = setting.controller.declare()
    setting.rig.forget()
    setting.rig.receive(Disposition(role=Role.RECEIVER, first=0, settled=True, state=Declared(txn_id=b"t")))
    event = setting.rig.event(DeliveryUpdated)
    assert other.handle(event) == []
    assert setting.controller.handle(event) == [TransactionDeclared(transaction)]


# -- declare


@pytest.mark.requirement("transactions-4.2-03")
@pytest.mark.requirement("transactions-4.2-04")
def test_a_declare_is_sent_unsettled_as_one_amqp_value() -> None:
    setting = Controller()
    transaction = setting.controller.declare()
    (sent,) = setting.rig.frames()
    assert (sent.performative.settled, sent.payload) == (False, b"\x00\x53\x77\x00\x53\x31\x45")
    assert transaction.status is S.DECLARING
    assert setting.answer(0, Declared(txn_id=b"t")) == [TransactionDeclared(transaction)]
    assert (transaction.status, transaction.id) == (S.ACTIVE, b"t")
    assert setting.controller.open == {b"t": transaction}
    assert repr(transaction) == "<Transaction active b't'>"


@pytest.mark.requirement("transactions-4.2-04")
def test_the_control_link_sends_nothing_settled() -> None:
    setting = Controller()
    with pytest.raises(LocalError, match="settled=True"):
        setting.controller.link.send(b"", settled=True)


def test_a_declare_may_name_a_distributed_transaction() -> None:
    setting = Controller()
    transaction = setting.controller.declare("global")
    assert setting.requests() == [Declare(global_id="global")]
    assert repr(transaction) == "<Transaction declaring>"


def test_without_credit_nothing_is_declared() -> None:
    setting = Controller(credit=0)
    with pytest.raises(LocalError, match="no credit"):
        setting.controller.declare()
    assert setting.controller.open == {}


def test_an_answer_that_is_not_settled_is_settled_here() -> None:
    setting = Controller()
    transaction = setting.controller.declare()
    setting.rig.forget()
    assert setting.answer(0, Received(section_number=0, section_offset=0), settled=False) == []
    assert setting.answer(0, Declared(txn_id=b"t"), settled=False) == [TransactionDeclared(transaction)]
    assert setting.rig.one(Disposition) == Disposition(role=Role.SENDER, first=0, settled=True)


@pytest.mark.parametrize(
    ("state", "condition", "words"),
    [
        (Rejected(error=Error(condition=ROLLBACK, description="no more")), ROLLBACK, "no more"),
        (Rejected(), None, "opened no transaction"),
        (Released(), None, "its answer is released"),
        (None, None, "its answer is nothing"),
    ],
)
def test_a_declare_may_fail(state: DeliveryState | None, condition: str | None, words: str) -> None:
    setting = Controller()
    transaction = setting.controller.declare()
    setting.rig.forget()
    (failed,) = setting.answer(0, state)
    assert isinstance(failed, TransactionFailed)
    assert failed.transaction is transaction
    assert transaction.status is S.FAILED
    assert (failed.fault.condition, failed.fault.blame, failed.in_doubt) == (condition, Blame.REMOTE, False)
    assert words in failed.fault.description
    with pytest.raises(LocalError, match="failed"):
        transaction.discharge()


@pytest.mark.requirement("transactions-4.5.4-01")
@pytest.mark.parametrize("txn_id", [b"", bytes(256)])
def test_an_id_of_another_length_ends_the_control_link(txn_id: bytes) -> None:
    setting = Controller()
    transaction = setting.controller.declare()
    setting.rig.forget()
    (failed,) = setting.answer(0, Declared(txn_id=txn_id))
    assert isinstance(failed, TransactionFailed)
    assert failed.transaction is transaction
    detach = setting.rig.one(Detach)
    assert detach.error is not None
    assert detach.error.condition == AmqpErrorCondition.INVALID_FIELD
    assert setting.controller.open == {}


@pytest.mark.requirement("transactions-4.5.4-01")
def test_an_id_of_32_octets_is_one() -> None:
    assert Controller().declared(bytes(32)).id == bytes(32)


def test_a_longer_id_is_taken_and_given_back_as_it_is() -> None:
    # Artemis writes a UUID as text.
    name = b"8ee98cd4-e795-11f1-824c-02fc00000001"
    setting = Controller()
    transaction = setting.declared(name)
    setting.rig.forget()
    transaction.discharge()
    assert setting.requests() == [Discharge(txn_id=name, fail=False)]


def test_an_id_in_use_ends_the_control_link() -> None:
    setting = Controller()
    first = setting.declared()
    second = setting.controller.declare()
    setting.rig.forget()
    (failed,) = setting.answer(1, Declared(txn_id=b"t"))
    assert isinstance(failed, TransactionFailed)
    assert failed.transaction is second
    assert setting.rig.one(Detach).error is not None
    setting.rig.receive(Detach(handle=0, closed=True))
    (lost,) = setting.pull()
    assert isinstance(lost, TransactionFailed)
    assert lost.transaction is first


# -- discharge


@pytest.mark.requirement("transactions-4.3-05")
@pytest.mark.parametrize(("fail", "status"), [(False, S.COMMITTED), (True, S.ROLLED_BACK)])
def test_a_discharge_is_sent_unsettled(fail: bool, status: TransactionStatus) -> None:
    setting = Controller()
    transaction = setting.declared()
    transaction.discharge(fail=fail)
    assert transaction.status is S.DISCHARGING
    assert setting.requests() == [Discharge(txn_id=b"t", fail=fail)]
    assert setting.answer(1, Accepted()) == [TransactionDischarged(transaction)]
    assert transaction.status is status
    assert setting.controller.open == {}


@pytest.mark.requirement("transactions-4.3-04")
def test_behind_its_discharge_a_transaction_takes_nothing() -> None:
    setting = Controller()
    transaction = setting.declared()
    link = setting.sender()
    transaction.discharge()
    setting.rig.forget()
    for misuse in (lambda: transaction.post(link, b""), transaction.discharge, transaction.state):
        with pytest.raises(LocalError, match="only an active one takes work"):
            misuse()
    setting.rig.quiet()


@pytest.mark.requirement("transactions-4.3-03")
def test_a_discharge_may_be_rejected() -> None:
    setting = Controller()
    transaction = setting.declared()
    transaction.discharge()
    setting.rig.forget()
    unknown = TransactionErrorCondition.UNKNOWN_ID
    (failed,) = setting.answer(1, Rejected(error=Error(condition=unknown)))
    assert isinstance(failed, TransactionFailed)
    assert (failed.fault.condition, failed.in_doubt) == (unknown, False)
    assert transaction.status is S.FAILED
    # A word too late is no news.
    assert setting.answer(1, Accepted()) == []


@pytest.mark.parametrize(("fail", "in_doubt"), [(False, True), (True, False)])
def test_a_discharge_that_is_settled_without_an_outcome_is_in_doubt(fail: bool, in_doubt: bool) -> None:
    setting = Controller()
    transaction = setting.declared()
    transaction.discharge(fail=fail)
    setting.rig.forget()
    (failed,) = setting.answer(1, None)
    assert isinstance(failed, TransactionFailed)
    assert failed.in_doubt is in_doubt


def test_a_second_answer_to_a_declare_is_no_news() -> None:
    setting = Controller()
    transaction = setting.controller.declare()
    setting.rig.forget()
    setting.rig.receive(
        Disposition(role=Role.RECEIVER, first=0, state=Declared(txn_id=b"t")),
        Disposition(role=Role.RECEIVER, first=0, state=Declared(txn_id=b"u")),
    )
    assert setting.pull() == [TransactionDeclared(transaction)]
    assert transaction.id == b"t"


def test_a_discharge_waits_for_credit() -> None:
    setting = Controller(credit=1)
    transaction = setting.declared()
    transaction.discharge()
    assert waits(setting.controller)
    assert setting.requests() == []
    setting.controller.advance()
    assert waits(setting.controller)
    link = setting.controller.link
    setting.rig.receive(flow(next_incoming_id=1, handle=0, delivery_count=link.delivery_count, link_credit=1))
    event = setting.rig.event(CreditChanged)
    assert setting.controller.handle(event) == []
    assert not waits(setting.controller)
    assert setting.requests() == [Discharge(txn_id=b"t", fail=False)]


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("fail", [True, False])
def test_what_was_sent_and_not_answered_is_in_doubt(sent: bool, fail: bool) -> None:
    setting = Controller(credit=2 if sent else 1)
    transaction = setting.declared()
    transaction.discharge(fail=fail)
    setting.rig.forget()
    setting.rig.receive(Detach(handle=0, closed=True))
    (lost,) = setting.pull()
    assert isinstance(lost, TransactionFailed)
    assert lost.in_doubt is (sent and not fail)
    assert not waits(setting.controller)
    assert transaction.status is S.FAILED


# -- loss

ERROR = Error(condition=ROLLBACK)


@pytest.mark.parametrize(
    ("frame", "kind", "scope", "condition"),
    [
        (Detach(handle=0, closed=True, error=ERROR), LinkFailed, Scope.LINK, ROLLBACK),
        (Detach(handle=0, closed=True), LinkEnded, Scope.LINK, None),
        (Detach(handle=0), LinkEnded, Scope.LINK, None),
        (End(error=ERROR), SessionFailed, Scope.SESSION, ROLLBACK),
        (End(), SessionEnded, Scope.SESSION, None),
        (Close(error=ERROR), ConnectionFailed, Scope.CONNECTION, ROLLBACK),
        (Close(), ConnectionEnded, Scope.CONNECTION, None),
    ],
)
def test_with_the_control_link_all_transactions_are_lost(
    frame: Any, kind: type, scope: Scope, condition: str | None
) -> None:
    setting = Controller()
    active = setting.declared()
    declaring = setting.controller.declare()
    setting.rig.forget()
    setting.rig.receive(frame)
    event: Any = setting.rig.event(kind)
    lost = setting.controller.handle(event)
    assert all(isinstance(each, TransactionFailed) for each in lost)
    assert [each.transaction for each in lost] == [declaring, active]
    for each in lost:
        assert isinstance(each, TransactionFailed)
        assert (each.fault.scope, each.fault.condition, each.in_doubt) == (scope, condition, False)
    assert setting.controller.open == {}
    assert setting.controller.handle(event) == []


def test_a_discharge_on_a_link_that_is_gone_waits_for_the_news() -> None:
    setting = Controller()
    transaction = setting.declared()
    setting.rig.receive(Detach(handle=0, closed=True))
    # The event was not taken yet.
    transaction.discharge()
    assert not waits(setting.controller)
    (lost,) = setting.pull()
    assert isinstance(lost, TransactionFailed)
    assert not lost.in_doubt


@pytest.mark.requirement("transactions-4.2-02")
def test_a_control_link_that_was_only_detached_is_not_resumed() -> None:
    setting = Controller()
    setting.controller.declare()
    setting.rig.forget()
    setting.rig.receive(Detach(handle=0))
    setting.pull()
    setting.rig.forget()
    again = TransactionController(setting.session, name="control")
    attach = setting.rig.one(Attach)
    assert attach.name == "control"
    assert not attach.unsettled
    assert not attach.incomplete_unsettled
    assert again.link is not setting.controller.link


def test_other_losses_are_no_loss() -> None:
    setting = Controller()
    transaction = setting.declared()
    setting.sender()
    other = begin_session(setting.rig, channel=1)
    setting.rig.receive(Detach(handle=1, closed=True, error=ERROR))
    setting.rig.receive(End(), channel=1)
    assert other.channel is None
    assert setting.pull() == []
    setting.sender(name="again", handle=1)
    setting.rig.receive(Detach(handle=1, closed=True))
    assert setting.pull() == []
    other = begin_session(setting.rig, channel=1)
    setting.rig.receive(End(error=ERROR), channel=1)
    assert other.channel is None
    assert setting.pull() == []
    assert transaction.status is S.ACTIVE


# -- posting


def test_a_posting_names_the_transaction() -> None:
    setting = Controller()
    transaction = setting.declared()
    link = setting.sender()
    delivery = transaction.post(link, b"m", tag=b"x", settled=True)
    sent = setting.rig.one(Transfer)
    assert (sent.state, sent.delivery_tag, sent.settled) == (TransactionalState(txn_id=b"t"), b"x", True)
    assert delivery.complete


def test_an_outcome_of_a_posting_is_no_news_of_the_transaction() -> None:
    setting = Controller()
    transaction = setting.declared()
    transaction.post(setting.sender(), b"m")
    setting.rig.forget()
    assert setting.answer(1, TransactionalState(txn_id=b"t", outcome=Accepted())) == []


@pytest.mark.requirement("transactions-4.1-02")
def test_nothing_is_posted_on_a_control_link() -> None:
    setting = Controller()
    transaction = setting.declared()
    with pytest.raises(LocalError, match="no transactional work"):
        transaction.post(setting.controller.link, b"m")
    setting.rig.quiet()


def test_a_transaction_is_for_one_connection() -> None:
    transaction = Controller().declared()
    with pytest.raises(LocalError, match="another connection"):
        transaction.post(Controller().sender(), b"m")


def test_a_discharge_leaves_behind_what_was_posted() -> None:
    setting = Controller()
    transaction = setting.declared()
    link = setting.sender()
    for _ in range(3):
        transaction.post(link, b"m")
    transaction.discharge()
    assert [each.handle for each in setting.rig.sent()] == [1, 1, 1, 0]


def test_what_has_left_holds_up_nothing() -> None:
    setting = Controller()
    transaction = setting.declared()
    link = setting.sender()
    for _ in range(2):
        transaction.post(link, b"m")
        assert setting.rig.one(Transfer).handle == 1
    link.detach()
    setting.rig.forget()
    transaction.discharge()
    assert setting.requests() == [Discharge(txn_id=b"t", fail=False)]


@pytest.mark.requirement("transactions-4.4.1-03")
def test_a_commit_waits_for_the_rest_of_a_posting() -> None:
    setting = Controller(max_frame_size=512)
    transaction = setting.declared()
    link = setting.sender()
    setting.rig.receive(flow(next_incoming_id=1, incoming_window=1))
    setting.rig.forget()
    transaction.post(link, bytes(800))
    transaction.discharge()
    assert [(each.handle, each.more) for each in setting.rig.sent()] == [(1, True)]
    assert waits(setting.controller)
    setting.rig.receive(flow(next_incoming_id=2, incoming_window=10))
    assert [(each.handle, each.more) for each in setting.rig.sent()] == [(1, False)]
    setting.controller.advance()
    assert setting.requests() == [Discharge(txn_id=b"t", fail=False)]
    assert not waits(setting.controller)


@pytest.mark.requirement("transactions-4.4.1-03")
def test_a_rollback_takes_back_what_was_posted_in_part() -> None:
    setting = Controller(max_frame_size=512)
    transaction = setting.declared()
    link = setting.sender()
    setting.rig.receive(flow(next_incoming_id=1, incoming_window=1))
    setting.rig.forget()
    begun = transaction.post(link, bytes(800))
    waits = transaction.post(link, b"m")
    assert len(setting.rig.sent()) == 1
    transaction.discharge(fail=True)
    setting.controller.advance()
    assert setting.requests() == []
    assert (begun.aborted, waits.started, waits.payload) == (True, False, None)
    setting.rig.receive(flow(next_incoming_id=2, incoming_window=10))
    setting.controller.advance()
    aborted, discharge = setting.rig.sent()
    assert (aborted.handle, aborted.aborted, discharge.handle) == (1, True, 0)


@pytest.mark.requirement("transactions-4.4.1-03")
@pytest.mark.parametrize("fail", [False, True])
def test_a_message_in_pieces_is_whole_or_aborted_before_the_discharge(fail: bool) -> None:
    setting = Controller()
    transaction = setting.declared()
    link = setting.sender()
    setting.rig.forget()
    stream = transaction.post_stream(link, b"first")
    assert [(each.handle, each.more, each.state) for each in setting.rig.sent()] == [
        (1, True, TransactionalState(txn_id=b"t"))
    ]
    transaction.discharge(fail=fail)
    # An abort needs no more of it.
    assert waits(setting.controller) is not fail
    if not fail:
        stream.finish(b"last")
    setting.controller.advance()
    last, discharge = setting.rig.sent()
    assert (last.handle, last.more, last.aborted) == (1, False, fail)
    assert discharge.handle == 0
    assert not waits(setting.controller)


def test_a_posting_that_is_lost_with_its_link_rolls_back() -> None:
    setting = Controller(max_frame_size=512)
    transaction = setting.declared()
    lost, kept = setting.sender(), setting.sender(name="kept", handle=2)
    setting.rig.receive(flow(next_incoming_id=1, incoming_window=1))
    setting.rig.forget()
    transaction.post(lost, bytes(800))
    transaction.post(kept, b"m")
    transaction.discharge()
    setting.rig.receive(Detach(handle=1, closed=True))
    assert setting.pull() == []
    setting.rig.receive(flow(next_incoming_id=2, incoming_window=10))
    setting.controller.advance()
    assert setting.requests() == [Discharge(txn_id=b"t", fail=True)]
    assert lost.state is LinkState.CLOSED
    (failed,) = setting.answer(2, Accepted())
    assert isinstance(failed, TransactionFailed)
    assert (failed.fault.condition, failed.fault.blame) == (ROLLBACK, Blame.LOCAL)
    assert transaction.status is S.FAILED
    assert not failed.in_doubt


# -- retirement


def received(setting: Controller, link: ReceiverLink, number: int = 0, **fields: Any) -> Any:
    setting.rig.receive(transfer(number, handle=1, **fields), payload=b"m")
    setting.rig.forget()
    return next(each for each in link.unsettled.values() if each.id == number)


@pytest.mark.parametrize("settled", [True, False])
def test_a_retirement_is_an_outcome_in_the_transaction(settled: bool) -> None:
    setting = Controller()
    transaction = setting.declared()
    delivery = received(setting, setting.receiver())
    transaction.retire(delivery, Modified(delivery_failed=True), settled=settled)
    sent = setting.rig.one(Disposition)
    assert sent.state == TransactionalState(txn_id=b"t", outcome=Modified(delivery_failed=True))
    assert sent.settled is settled


def test_a_discharge_leaves_behind_retirements_and_acquisitions() -> None:
    setting = Controller()
    transaction = setting.declared()
    link = setting.receiver()
    transaction.retire(received(setting, link), Accepted())
    transaction.acquire(link, 1)
    transaction.discharge()
    setting.controller.link.detach()
    kinds = [type(each) for each in setting.rig.sent()]
    assert kinds == [Disposition, Flow, Transfer, Detach]


@pytest.mark.requirement("transactions-4.4.2-04")
@pytest.mark.parametrize("acquired", [True, False])
def test_an_outcome_is_not_tied_to_another_transaction(acquired: bool) -> None:
    setting = Controller()
    first, second = setting.declared(b"a"), setting.declared(b"b", number=1)
    link = setting.receiver()
    if acquired:
        delivery = received(setting, link, state=TransactionalState(txn_id=b"a"))
    else:
        delivery = received(setting, link)
        first.retire(delivery, Accepted(), settled=False)
        setting.rig.forget()
    with pytest.raises(LocalError, match="another open transaction"):
        second.retire(delivery, Accepted())
    setting.rig.quiet()
    # In its own it may.
    first.retire(delivery, Released())
    assert setting.rig.one(Disposition).state == TransactionalState(txn_id=b"a", outcome=Released())


@pytest.mark.requirement("transactions-4.4.2-04")
def test_behind_its_discharge_a_delivery_is_free_for_another_transaction() -> None:
    setting = Controller()
    first, second = setting.declared(b"a"), setting.declared(b"b", number=1)
    delivery = received(setting, setting.receiver())
    first.retire(delivery, Accepted(), settled=False)
    first.discharge(fail=True)
    setting.rig.forget()
    setting.answer(2, Accepted())
    second.retire(delivery)
    assert setting.rig.one(Disposition).state == TransactionalState(txn_id=b"b")


# -- acquisition


def test_an_acquisition_is_asked_for_by_a_flow() -> None:
    setting = Controller()
    transaction = setting.declared()
    link = setting.receiver()
    transaction.acquire(link, 5, drain=True, properties={Symbol("x"): 1})
    sent = setting.rig.one(Flow)
    assert (sent.handle, sent.link_credit, sent.drain) == (1, 5, True)
    assert sent.properties == {"txn-id": b"t", "x": 1}
    transaction.acquire(link)
    assert setting.rig.one(Flow).properties == {"txn-id": b"t"}
