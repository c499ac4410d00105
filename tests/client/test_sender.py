"""A sender: credit, order, and the fate of each message."""

from __future__ import annotations

import pytest

from amqp.client import failures as failures_module
from amqp.client import sender as sender_module
from amqp.errors import (
    AttachRefused,
    ConnectionLost,
    EncodeError,
    InDoubt,
    LinkDetached,
    LinkError,
    LinkStolen,
    LocalError,
    MessageModified,
    MessageRejected,
    MessageReleased,
    NotSent,
    OperationTimeout,
    RemoteClosed,
    Scope,
    SessionEnded,
)
from amqp.message import Message
from amqp_spec import (
    Accepted,
    Error,
    LinkErrorCondition,
    Modified,
    Received,
    ReceiverSettleMode,
    Rejected,
    Released,
    SenderSettleMode,
    Source,
)
from tests.client.pair import Pair

HELLO = Message(b"hello")


def bodies(pair: Pair) -> list[object]:
    return [Message.decode(delivery.payload).body for delivery in pair.deliveries]


# -- outcomes


def test_an_accepted_message() -> None:
    pair = Pair().open()
    pending = pair.sender().submit(HELLO)
    assert not pending.done()
    assert repr(pending) == "<Pending no outcome yet>"
    pair.pump()
    pair.deliveries[0].settle(Accepted())
    pair.pump()
    assert pending.result() == Accepted()
    assert pending.outcome == Accepted()
    assert pending.exception() is None
    assert repr(pending) == "<Pending Accepted()>"


@pytest.mark.requirement("messaging-3.4.3-02")
def test_a_rejected_message_tells_why() -> None:
    pair = Pair().open()
    pending = pair.sender().submit(HELLO)
    pair.pump()
    error = Error(condition="amqp:invalid-field", description="no such colour", info={"x": 1})
    pair.deliveries[0].settle(Rejected(error=error))
    pair.pump()
    with pytest.raises(MessageRejected, match="no such colour") as caught:
        pending.result()
    assert caught.value.condition == "amqp:invalid-field"
    assert caught.value.info is not None
    assert caught.value.info["x"] == 1
    assert caught.value.outcome == Rejected(error=error)
    assert pending.outcome == Rejected(error=error)


@pytest.mark.requirement("messaging-3.4.4-02")
@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Rejected(), MessageRejected),
        (Released(), MessageReleased),
        (Modified(delivery_failed=True), MessageModified),
    ],
)
def test_other_outcomes_are_errors_that_hold_them(
    outcome: Rejected | Released | Modified, error: type[Exception]
) -> None:
    pair = Pair().open()
    pending = pair.sender().submit(HELLO)
    pair.pump()
    pair.deliveries[0].settle(outcome)
    pair.pump()
    assert type(pending.exception()) is error
    assert pending.outcome == outcome


@pytest.mark.requirement("messaging-3.4.1-02")
def test_a_state_that_is_no_outcome_decides_nothing() -> None:
    pair = Pair().open()
    sender = pair.sender()
    pending = sender.submit(HELLO)
    pair.pump()
    pair.deliveries[0].update(Received(section_number=0, section_offset=0), settled=False)
    pair.pump()
    assert not pending.done()
    pair.deliveries[0].settle(Accepted())
    pair.pump()
    assert pending.result() == Accepted()


def test_in_mode_second_the_sender_settles_what_the_receiver_decided() -> None:
    pair = Pair().open()
    sender = pair.sender(rcv_settle_mode=ReceiverSettleMode.SECOND)
    pending = sender.submit(HELLO)
    pair.pump()
    pair.deliveries[0].update(Accepted(), settled=False)
    pair.pump()
    assert pending.result() == Accepted()
    assert not sender.link.unsettled
    assert not pair.server_receiver().unsettled


@pytest.mark.requirement("messaging-3.4-01")
def test_the_first_outcome_stands() -> None:
    pair = Pair().open()
    sender = pair.sender(rcv_settle_mode=ReceiverSettleMode.SECOND)
    pending = sender.submit(HELLO)
    pair.pump()
    pair.deliveries[0].update(Accepted(), settled=False)
    pair.deliveries[0].update(Rejected(), settled=True)
    pair.pump()
    assert pending.result() == Accepted()


def test_settled_without_an_outcome_the_sources_default_holds() -> None:
    pair = Pair().open()
    pending = pair.sender(source=Source(address="here", default_outcome=Released())).submit(HELLO)
    pair.pump()
    pair.deliveries[0].settle()
    pair.pump()
    assert isinstance(pending.exception(), MessageReleased)


def test_settled_without_any_outcome_is_in_doubt() -> None:
    pair = Pair().open()
    pending = pair.sender().submit(HELLO)
    pair.pump()
    pair.deliveries[0].settle()
    pair.pump()
    assert isinstance(pending.exception(), InDoubt)
    assert pending.outcome is None


def test_a_message_sent_settled_is_done_when_it_was_written() -> None:
    pair = Pair().open()
    sender = pair.sender(snd_settle_mode=SenderSettleMode.SETTLED)
    pending = sender.submit(HELLO)
    assert not pending.done()
    pair.pump()
    assert pending.done()
    assert pending.result() is None
    assert pair.deliveries[0].settled


def test_in_mode_mixed_each_message_may_be_settled() -> None:
    pair = Pair().open()
    sender = pair.sender()
    sender.submit(HELLO, settled=True)
    sender.submit(HELLO)
    pair.pump()
    assert [delivery.settled for delivery in pair.deliveries] == [True, False]


# -- credit and order


def test_messages_wait_for_credit_and_leave_in_order() -> None:
    pair = Pair(credit=2).open()
    sender = pair.sender()
    pendings = [sender.submit(Message(n)) for n in range(5)]
    pair.pump()
    assert bodies(pair) == [0, 1]
    assert [pending.held is not None for pending in pendings] == [False, False, True, True, True]
    assert repr(pendings[2]) == "<Pending waiting for credit>"
    pair.server_receiver().flow(1)
    pair.pump()
    assert bodies(pair) == [0, 1, 2]
    pair.server_receiver().flow(10)
    pair.pump()
    late = sender.submit(Message(5))
    pair.pump()
    assert bodies(pair) == [0, 1, 2, 3, 4, 5]
    assert late.departed().done()


def test_departure_is_told() -> None:
    pair = Pair(credit=0).open()
    sender = pair.sender()
    pending = sender.submit(HELLO)
    departed = pending.departed()
    assert not departed.done()
    assert pending.tag is None
    pair.server_receiver().flow(1)
    pair.pump()
    assert departed.done()
    assert pending.tag == pair.deliveries[0].tag


def test_the_peer_may_drain() -> None:
    pair = Pair(credit=0).open()
    sender = pair.sender()
    receiver = pair.server_receiver()
    receiver.flow(5, drain=True)
    pair.pump()
    assert receiver.credit == 0
    assert sender.link.credit == 0
    pending = sender.submit(HELLO)
    receiver.flow(5, drain=True)
    pair.pump()
    assert len(pair.deliveries) == 1
    assert receiver.credit == 0
    assert pending.delivery is not None


@pytest.mark.fault("C6")
def test_a_peer_that_never_settles_gets_a_bounded_number() -> None:
    pair = Pair(credit=100).open()
    sender = pair.sender(max_unsettled=3)
    for n in range(5):
        sender.submit(Message(n))
    pair.pump()
    assert bodies(pair) == [0, 1, 2]
    pair.deliveries[0].settle(Accepted())
    pair.pump()
    assert bodies(pair) == [0, 1, 2, 3]


@pytest.mark.fault("F21")
def test_no_more_is_given_to_the_engine_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "ROOM", 1_000)
    pair = Pair(credit=100).open()
    sender = pair.sender()
    pendings = [sender.submit(Message(bytes(900))) for _ in range(6)]
    assert sum(pending.held is None for pending in pendings) < 6
    pair.pump()
    assert len(pair.deliveries) == 6


@pytest.mark.fault("F21")
def test_a_closed_window_keeps_the_rest_out_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "ROOM", 1_000)
    pair = Pair(credit=1_000, silent={"begin"}).open()
    session = pair.client.begin()
    pair.pump()
    from amqp.options import SessionOptions

    next(iter(pair.server.sessions)).accept(SessionOptions(incoming_window=1))
    pair.silent.clear()
    sender = pair.sender(session)
    # One frame of 64 KiB fits the window; the server's engine opens it again as it reads, so stop it from reading.
    pendings = [sender.submit(Message(bytes(200_000))) for _ in range(10)]
    pair.engine.data_to_send(0.0)
    pair.client.written()
    pair.client.written()
    assert sum(pending.held is None for pending in pendings) <= 2


# -- what is refused at once


def test_a_message_without_a_body_uses_no_credit() -> None:
    pair = Pair().open()
    sender = pair.sender()
    with pytest.raises(EncodeError):
        sender.submit(Message())
    assert sender.link.credit == 10
    assert sender.flushed().done()


@pytest.mark.parametrize("credit", [0, 10])
def test_a_message_larger_than_the_peer_takes(credit: int) -> None:
    pair = Pair(credit=credit, silent={"attach"}).open()
    sender = pair.sender()
    pair.server_receiver().accept(max_message_size=100, credit=credit)
    pair.pump()
    with pytest.raises(LocalError, match="100"):
        sender.submit(Message(bytes(200)))
    assert sender.flushed().done()


@pytest.mark.parametrize("credit", [0, 10])
def test_what_the_link_does_not_allow_is_refused_with_and_without_credit(credit: int) -> None:
    pair = Pair(credit=credit).open()
    sender = pair.sender(snd_settle_mode=SenderSettleMode.UNSETTLED)
    with pytest.raises(LocalError, match="settle"):
        sender.submit(HELLO, settled=True)
    with pytest.raises(LocalError, match="33"):
        sender.submit(HELLO, tag=bytes(33))
    assert sender.flushed().done()
    assert sender.link.credit == credit


def test_a_tag_in_use_is_refused() -> None:
    pair = Pair().open()
    sender = pair.sender()
    sender.submit(HELLO, tag=b"t")
    with pytest.raises(LocalError):
        sender.submit(HELLO, tag=b"t")
    pair.pump()
    assert pair.deliveries[0].tag == b"t"


def test_a_refused_message_that_waited_is_not_sent() -> None:
    pair = Pair(credit=0).open()
    sender = pair.sender()
    first, second = sender.submit(HELLO, tag=b"t"), sender.submit(HELLO, tag=b"t")
    pair.server_receiver().flow(5)
    pair.pump()
    assert first.delivery is not None
    error = second.exception()
    assert isinstance(error, NotSent)
    assert isinstance(error.__cause__, LocalError)


def test_durable_messages_say_so() -> None:
    pair = Pair().open()
    pair.sender(durable=True).submit(HELLO)
    pair.pump()
    header = Message.decode(pair.deliveries[0].payload).header
    assert header is not None
    assert header.durable


# -- giving up


@pytest.mark.fault("F12")
def test_given_up_while_it_waits_for_credit_it_was_not_sent() -> None:
    pair = Pair(credit=0).open()
    sender = pair.sender()
    pending, other = sender.submit(Message(1)), sender.submit(Message(2))
    sender.give_up(pending, OperationTimeout("too late"))
    error = pending.exception()
    assert isinstance(error, NotSent)
    assert isinstance(error.__cause__, OperationTimeout)
    pair.server_receiver().flow(1)
    pair.pump()
    assert bodies(pair) == [2]
    assert other.delivery is not None


@pytest.mark.fault("F14")
def test_given_up_before_a_byte_left_it_was_not_sent_and_its_credit_is_free() -> None:
    pair = Pair(credit=1).open()
    sender = pair.sender()
    pending, other = sender.submit(Message(1)), sender.submit(Message(2))
    assert pending.delivery is not None
    sender.give_up(pending, OperationTimeout("too late"))
    assert isinstance(pending.exception(), NotSent)
    pair.pump()
    assert bodies(pair) == [2]
    assert other.delivery is not None
    assert sender.link.credit == 0


@pytest.mark.fault("F14")
def test_the_room_comes_back_after_the_last_was_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "ROOM", 1)
    pair = Pair().open()
    sender = pair.sender()
    sender.give_up(sender.submit(HELLO, settled=True), OperationTimeout("too late"))
    sender.submit(HELLO)
    pair.pump()
    assert len(pair.deliveries) == 1


@pytest.mark.fault("F30")
def test_given_up_after_it_left_it_is_in_doubt_and_a_late_outcome_is_settled_and_told_to_nobody() -> None:
    pair = Pair().open()
    sender = pair.sender(rcv_settle_mode=ReceiverSettleMode.SECOND)
    pending = sender.submit(HELLO)
    pair.pump()
    sender.give_up(pending, OperationTimeout("too late"))
    assert isinstance(pending.exception(), InDoubt)
    other = sender.submit(HELLO)
    pair.pump()
    pair.deliveries[0].update(Rejected(), settled=False)
    pair.pump()
    assert isinstance(pending.exception(), InDoubt)
    assert not other.done()
    assert len(sender.link.unsettled) == 1
    sender.raise_failures("s")


def test_giving_up_what_is_done_changes_nothing() -> None:
    pair = Pair().open()
    sender = pair.sender()
    pending = sender.submit(HELLO)
    pair.pump()
    pair.deliveries[0].settle(Accepted())
    pair.pump()
    sender.give_up(pending, OperationTimeout("too late"))
    assert pending.result() == Accepted()


# -- the link is lost


@pytest.mark.fault("F1")
def test_a_lost_connection_tells_the_fate_of_each_message() -> None:
    pair = Pair(credit=2).open()
    sender = pair.sender()
    sent = sender.submit(Message(1))
    pair.pump()
    unwritten, waiting = sender.submit(Message(2)), sender.submit(Message(3))
    departed = waiting.departed()
    pair.cut()
    assert isinstance(sent.exception(), InDoubt)
    assert isinstance(unwritten.exception(), NotSent)
    assert isinstance(waiting.exception(), NotSent)
    assert departed.done()
    error = sent.exception()
    assert error is not None
    assert isinstance(error.__cause__, ConnectionLost)
    assert error.scope is Scope.CONNECTION
    with pytest.raises(NotSent) as caught:
        sender.submit(HELLO)
    assert isinstance(caught.value.__cause__, ConnectionLost)


@pytest.mark.fault("F8")
def test_a_detached_link_takes_nothing_else_with_it() -> None:
    pair = Pair().open()
    first, second = pair.sender(), pair.sender()
    pending = first.submit(HELLO)
    pair.pump()
    pair.server_receiver().detach(error=Error(condition="amqp:resource-deleted", description="gone"))
    pair.pump()
    error = pending.exception()
    assert isinstance(error, InDoubt)
    assert type(error.__cause__) is LinkDetached
    assert error.condition == "amqp:resource-deleted"
    assert first.closed.done()
    second.submit(HELLO)
    pair.pump()
    assert len(pair.deliveries) == 2


@pytest.mark.fault("F8")
def test_a_stolen_link_says_so() -> None:
    pair = Pair().open()
    sender = pair.sender()
    pair.server_receiver().detach(error=Error(condition=LinkErrorCondition.STOLEN))
    pair.pump()
    with pytest.raises(LinkStolen):
        sender.check()


@pytest.mark.fault("F9")
def test_a_refused_attach_never_opened() -> None:
    pair = Pair(silent={"attach"}).open()
    sender = pair.sender()
    pair.server_receiver().refuse(Error(condition="amqp:not-found", description="no q"))
    pair.pump()
    with pytest.raises(AttachRefused, match="no q") as caught:
        sender.opened.result()
    assert caught.value.condition == "amqp:not-found"
    pair.silent.clear()
    assert pair.sender().opened.done()


@pytest.mark.fault("F14")
def test_a_late_attach_that_nobody_waits_for_is_answered_with_a_detach() -> None:
    pair = Pair(silent={"attach"}).open()
    sender = pair.sender()
    sender.abandon()
    pair.pump()
    link = pair.server_receiver()
    link.accept(credit=5)
    pair.pump()
    assert not pair.server_links()
    assert sender.closed.done()
    pair.silent.clear()
    pair.sender().submit(HELLO)
    pair.pump()
    assert len(pair.deliveries) == 1


# -- explicit settle modes


def test_an_explicit_settle_mode_that_the_peer_does_not_honour_is_an_error() -> None:
    pair = Pair(silent={"attach"}).open()
    sender = pair.sender(rcv_settle_mode=ReceiverSettleMode.SECOND)
    pair.server_receiver().accept(rcv_settle_mode=ReceiverSettleMode.FIRST)
    pair.pump()
    with pytest.raises(LinkError, match="rcv_settle_mode=SECOND was asked for and the peer says FIRST"):
        sender.opened.result()
    assert not pair.server_links()
    assert pair.client.default_session().failure is None


def test_a_settle_mode_that_was_not_asked_for_is_the_peers_to_choose() -> None:
    pair = Pair(silent={"attach"}).open()
    sender = pair.sender()
    pair.server_receiver().accept(rcv_settle_mode=ReceiverSettleMode.SECOND)
    pair.pump()
    sender.opened.result()
    assert sender.link.rcv_settle_mode is ReceiverSettleMode.SECOND


# -- flush, close, failures that nobody looked at


def test_flushed_waits_for_what_was_submitted_until_then() -> None:
    pair = Pair().open()
    sender = pair.sender()
    assert sender.flushed().done()
    sender.submit(HELLO)
    flushed = sender.flushed()
    pair.pump()
    sender.submit(HELLO)
    pair.deliveries[0].settle(Rejected())
    pair.pump()
    assert flushed.done()


def test_a_stopped_sender_takes_no_more_and_finishes_the_rest() -> None:
    pair = Pair(credit=0).open()
    sender = pair.sender()
    pending = sender.submit(HELLO)
    sender.stop()
    with pytest.raises(NotSent, match="closed"):
        sender.submit(HELLO)
    pair.server_receiver().flow(1)
    pair.pump()
    pair.deliveries[0].settle(Accepted())
    pair.pump()
    assert pending.result() == Accepted()


def test_failures_are_kept_until_somebody_looks() -> None:
    pair = Pair().open()
    sender = pair.sender()
    pendings = [sender.submit(Message(n)) for n in range(4)]
    pair.pump()
    for delivery in pair.deliveries:
        delivery.settle(Rejected())
    pair.pump()
    pendings[0].exception()
    with pytest.raises(MessageRejected):
        pendings[1].result()
    assert pendings[2].outcome == Rejected()
    with pytest.raises(ExceptionGroup, match="messages of my sender whose failure nobody") as group:
        sender.raise_failures("my sender")
    assert [type(failure) for failure in group.value.exceptions] == [MessageRejected]
    sender.raise_failures("my sender")


def test_a_callback_counts_as_looking_when_it_looks() -> None:
    pair = Pair().open()
    sender = pair.sender()
    seen: list[object] = []
    sender.submit(HELLO).add_done_callback(lambda pending: seen.append(pending.exception()))
    pair.pump()
    pair.deliveries[0].settle(Released())
    pair.pump()
    assert len(seen) == 1
    sender.raise_failures("s")


def test_of_very_many_failures_only_the_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures_module, "MAX_KEPT", 2)
    pair = Pair().open()
    sender = pair.sender()
    for _ in range(5):
        sender.submit(HELLO)
    pair.pump()
    for delivery in pair.deliveries:
        delivery.settle(Rejected())
    pair.pump()
    with pytest.raises(ExceptionGroup, match="3 more that were not kept") as group:
        sender.raise_failures("s")
    assert len(group.value.exceptions) == 2


def test_the_failures_of_a_lost_link_are_kept_for_who_closes_the_connection() -> None:
    pair = Pair().open()
    sender, other = pair.sender(), pair.sender(pair.session())
    sender.submit(HELLO)
    other.submit(HELLO)
    pair.pump()
    pair.server_receiver().detach(error=Error(condition="amqp:resource-deleted"))
    pair.pump()
    other.session.raise_failures("another session")
    pair.cut()
    with pytest.raises(ExceptionGroup) as one:
        other.session.raise_failures("the session")
    with pytest.raises(ExceptionGroup) as all_of_them:
        pair.client.raise_failures("the connection")
    assert len(one.value.exceptions) == len(all_of_them.value.exceptions) == 1


def test_given_up_all_leaves_failures_to_be_told() -> None:
    pair = Pair(credit=1).open()
    sender = pair.sender()
    sender.submit(Message(1))
    pair.pump()
    sender.submit(Message(2))
    sender.submit(Message(3))
    sender.give_up_all(OperationTimeout("too late"))
    with pytest.raises(ExceptionGroup) as group:
        sender.raise_failures("s")
    assert sorted(type(failure).__name__ for failure in group.value.exceptions) == [
        "InDoubt",
        "NotSent",
        "NotSent",
    ]
    pair.pump()
    assert bodies(pair) == [1]


@pytest.mark.parametrize("scope", ["connection", "session", "link"])
def test_the_cause_is_told_also_where_credit_arrives_in_the_same_piece(scope: str) -> None:
    # The engine has read all of it before the client hears of the first part: the link is gone when credit is told.
    pair = Pair(credit=0).open()
    pending = pair.sender().submit(HELLO)
    error = Error(condition="amqp:internal-error", description="terminated")
    link = pair.server_receiver()
    link.flow(10)
    octets = b"".join(pair.server.data_to_send(0.0))
    if scope == "connection":
        pair.server.close(error)
    elif scope == "session":
        pair.server_session().end(error)
    else:
        link.detach(error=error)
    octets += b"".join(pair.server.data_to_send(0.0))
    pair.engine.receive_data(octets, 0.0)
    pair.client.handle_events(pair.engine.events())
    with pytest.raises(NotSent, match="terminated") as caught:
        pending.result()
    kind = {"connection": RemoteClosed, "session": SessionEnded, "link": LinkDetached}[scope]
    assert type(caught.value.__cause__) is kind


def test_what_is_submitted_before_the_client_heard_of_the_end_gets_its_cause() -> None:
    pair = Pair().open()
    sender = pair.sender()
    pair.server.close(Error(condition="amqp:internal-error", description="terminated"))
    pair.engine.receive_data(b"".join(pair.server.data_to_send(0.0)), 0.0)
    pending = sender.submit(HELLO)
    pair.client.handle_events(pair.engine.events())
    with pytest.raises(NotSent, match="terminated") as caught:
        pending.result()
    assert isinstance(caught.value.__cause__, RemoteClosed)
