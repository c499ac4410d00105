"""Links resumed: on the session, on another, on another connection; what becomes of each delivery (2.6.13, 3.4.6)."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import (
    Action,
    DeliveryAborted,
    DeliveryReceived,
    DeliveryStarted,
    DeliveryUpdated,
    LinkEnded,
    LinkFailed,
    LinkOpened,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    SuspendedDelivery,
    decide,
)
from amqp.errors import LocalError
from amqp.options import LinkOptions, SessionOptions
from amqp_spec import (
    AmqpErrorCondition,
    Coordinator,
    Error,
    Modified,
    Received,
    Rejected,
    Released,
    TransactionalState,
)
from tests.engine.memories import HALF, MESSAGE, held, received, resume_receiver, resume_sender, suspended
from tests.engine.wire import (
    Accepted,
    Attach,
    Detach,
    Disposition,
    Open,
    ReceiverSettleMode,
    Role,
    Source,
    Target,
    Transfer,
    accept_receiver,
    accept_sender,
    accept_session,
    attach_receiver,
    attach_sender,
    begin_session,
    flow,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
    transfer,
)

SECOND = ReceiverSettleMode.SECOND


ABSENT = "absent"

# The fourteen deliveries of the example of 3.4.6: the sender's state, the receiver's, what is done.
CASES: list[tuple[int, Any, Any, Action]] = [
    (1, None, ABSENT, Action.RESEND),
    (2, None, received(1), Action.RESUME),
    (3, None, Accepted(), Action.SETTLE),
    (4, None, None, Action.RESUME),
    (5, received(1), ABSENT, Action.RESEND),
    (6, received(1), received(1, 2), Action.RESUME),
    (7, received(1, 2), received(1), Action.ABORT),
    (8, received(1), Accepted(), Action.SETTLE),
    (9, received(1), None, Action.ABORT),
    (10, Accepted(), ABSENT, Action.FORGET),
    (11, Accepted(), received(1), Action.ABORT),
    (12, Accepted(), Accepted(), Action.SETTLE),
    (13, Accepted(), Rejected(), Action.RESTATE),
    (14, Accepted(), None, Action.ABORT),
]


@pytest.mark.requirement("messaging-3.4.6-01")
@pytest.mark.parametrize(("number", "local", "remote", "action"), CASES)
def test_what_is_decided(number: int, local: Any, remote: Any, action: Action) -> None:
    held = remote is not ABSENT
    assert decide(local, held, remote if held else None) is action


def test_a_state_of_a_transaction_is_no_outcome() -> None:
    assert decide(None, True, TransactionalState(txn_id=b"t", outcome=Accepted())) is Action.RESUME
    assert decide(Released(), True, Modified()) is Action.RESTATE


class TestSender:
    @pytest.mark.requirement("messaging-3.4.6-01")
    @pytest.mark.requirement("transport-2.6.13-03")
    @pytest.mark.requirement("transport-2.6.13-04")
    @pytest.mark.parametrize(("number", "local", "remote", "action"), CASES)
    def test_what_leaves(self, number: int, local: Any, remote: Any, action: Action) -> None:
        tag = b"%d" % number
        memory = suspended(SuspendedDelivery(tag=tag, state=local, payload=MESSAGE, context="mine"))
        rig = opened_client()
        session = begin_session(rig)
        # The delivery-ids of an earlier attachment mean nothing: one is used up before.
        other = attach_sender(rig, session, LinkOptions(name="other"), credit=1)
        other.send(b"")
        link = session.attach_sender(memory.options, resume=memory)
        attach = next(each for each in rig.sent() if isinstance(each, Attach))
        assert attach.unsettled == {tag: local}
        assert not attach.incomplete_unsettled
        held = {} if remote is ABSENT else {tag: remote}
        rig.receive(receiver_attach("out", 1, unsettled=held))
        events = rig.events()
        assert isinstance(events[0], LinkOpened)
        assert rig.sent() == [], "resuming takes credit as sending does (2.6.7)"
        rig.receive(flow(handle=1, link_credit=10, next_incoming_id=session.next_outgoing_id))
        frames = [each for each in rig.frames() if isinstance(each.performative, Transfer)]
        ends = action in (Action.ABORT, Action.SETTLE, Action.FORGET)
        assert (tag in link.unsettled) is not ends
        if action is Action.FORGET:
            assert frames == []
        else:
            sent = frames[0].performative
            payload = b"".join(each.payload for each in frames)
            assert (sent.delivery_id, sent.delivery_tag) == (1, tag)
            assert sent.resume is (action is not Action.RESEND)
            assert sent.aborted is (action is Action.ABORT)
            assert sent.settled is (action in (Action.SETTLE, Action.ABORT))
            assert not sent.more
            if action is Action.RESEND:
                assert (payload, sent.state) == (MESSAGE, None)
            elif action is Action.RESUME:
                at = {2: HALF, 4: 0, 6: HALF + 2}[number]
                assert payload == MESSAGE[at:]
                assert sent.state == (remote or received(0))
            else:
                assert payload == b""
                assert sent.state == (None if action is Action.ABORT else Accepted())
        if ends:
            updated = events[1]
            assert isinstance(updated, DeliveryUpdated)
            assert updated.settled
            assert updated.delivery.settled
            assert updated.delivery.context == "mine"
            outcome = Accepted() if action is Action.SETTLE or local == Accepted() else None
            assert updated.state == outcome
        else:
            assert link.unsettled[tag].context == "mine"

    def test_a_restated_outcome_is_settled_by_the_receiver(self) -> None:
        memory = suspended(SuspendedDelivery(tag=b"t", state=Accepted()))
        rig, link = resume_sender(memory, {b"t": Rejected()}, credit=1)
        restated = next(each for each in rig.sent() if isinstance(each, Transfer))
        assert (restated.state, restated.settled) == (Accepted(), False)
        rig.events()
        rig.receive(Disposition(role=True, first=0, settled=True, state=Accepted()))
        assert rig.event(DeliveryUpdated).settled
        assert link.unsettled == {}

    def test_a_resumed_delivery_is_settled_as_any(self) -> None:
        memory = suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        rig, link = resume_sender(memory, {b"t": None}, credit=1)
        rig.forget()
        rig.receive(Disposition(role=True, first=0, settled=False, state=Accepted()))
        updated = rig.event(DeliveryUpdated)
        updated.delivery.settle()
        assert rig.one(Disposition) == Disposition(role=False, first=0, settled=True)
        assert link.unsettled == {}

    @pytest.mark.requirement("transport-2.6.13-02")
    def test_what_only_the_receiver_holds_is_ignored(self) -> None:
        rig, link = resume_sender(suspended(), {b"other": None}, credit=5)
        assert not [each for each in rig.sent() if isinstance(each, Transfer)]
        assert link.unsettled == {}
        assert link.credit == 5

    def test_new_deliveries_follow_the_resumed(self) -> None:
        memory = suspended(
            SuspendedDelivery(tag=bytes(4), payload=MESSAGE), SuspendedDelivery(tag=b"t", payload=MESSAGE)
        )
        rig, link = resume_sender(memory, {bytes(4): None, b"t": Accepted()}, credit=3)
        assert link.credit == 1
        fresh = link.send(b"new")
        assert fresh.tag != bytes(4), "that tag is held unsettled"
        sent = [each for each in rig.sent() if isinstance(each, Transfer)]
        assert [each.delivery_tag for each in sent] == [bytes(4), b"t", fresh.tag]
        assert [each.delivery_id for each in sent] == [0, 1, 2]
        assert [each.resume for each in sent] == [True, True, False]

    def test_a_resumed_delivery_takes_several_frames(self) -> None:
        message = b"\x00\x53\x75\xb0" + (2000).to_bytes(4, "big") + bytes(2000)
        rig = opened_client(Open(container_id="peer", max_frame_size=512))
        begin_session(rig)
        memory = suspended(SuspendedDelivery(tag=b"t", payload=message))
        resume_sender(memory, {b"t": received(0, 100)}, credit=1, rig=rig)
        frames = [each for each in rig.frames() if isinstance(each.performative, Transfer)]
        assert b"".join(each.payload for each in frames) == message[100:]
        assert [each.performative.resume for each in frames] == [True] + [False] * (len(frames) - 1)
        states = [each.performative.state for each in frames]
        assert states == [received(0, 100)] + [None] * (len(frames) - 1)

    @pytest.mark.parametrize("point", [received(3), received(9), received(1, 1000), received(0, 10**15)])
    def test_a_point_beyond_the_message_is_not_believed(self, point: Received) -> None:
        memory = suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        rig, _ = resume_sender(memory, {b"t": point}, credit=1)
        (only,) = [each for each in rig.frames() if isinstance(each.performative, Transfer)]
        assert only.payload == MESSAGE
        assert only.performative.state == received(0)

    def test_octets_without_sections_go_from_the_start(self) -> None:
        memory = suspended(SuspendedDelivery(tag=b"t", payload=b"no sections"))
        rig, _ = resume_sender(memory, {b"t": received(1)}, credit=1)
        (only,) = [each for each in rig.frames() if isinstance(each.performative, Transfer)]
        assert only.payload == b"no sections"

    def test_octets_that_are_gone_are_told_before_anything_leaves(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        memory = suspended(SuspendedDelivery(tag=b"t"))
        with pytest.raises(LocalError, match="recoverable=True"):
            session.attach_sender(memory.options, resume=memory)
        rig.quiet()

    @pytest.mark.parametrize("change", [{"name": "other"}, {"role": Role.RECEIVER}])
    def test_the_memory_of_another_link_is_refused(self, change: dict[str, Any]) -> None:
        rig = opened_client()
        session = begin_session(rig)
        with pytest.raises(LocalError, match="cannot resume"):
            session.attach_sender(LinkOptions(name="out"), resume=suspended(**change))

    @pytest.mark.requirement("transactions-4.2-02")
    def test_a_control_link_is_not_resumed(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        memory = suspended(target=Coordinator())
        with pytest.raises(LocalError, match="control link"):
            session.attach_sender(memory.options, resume=memory)

    def test_settling_before_it_left_settles_at_the_receiver_too(self) -> None:
        memory = suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        rig, link = resume_sender(memory, {b"t": None})
        delivery = link.unsettled[b"t"]
        with pytest.raises(LocalError, match="may hold"):
            delivery.withdraw()
        delivery.settle(Released())
        delivery.settle()
        assert link.unsettled == {}
        rig.forget()
        rig.receive(flow(handle=0, link_credit=1))
        (only,) = rig.frames()
        assert (only.payload, only.performative.settled, only.performative.resume) == (b"", True, True)
        assert only.performative.state == Released()

    def test_one_that_is_sent_anew_may_be_withdrawn(self) -> None:
        memory = suspended(
            SuspendedDelivery(tag=b"t", payload=MESSAGE), SuspendedDelivery(tag=b"u", payload=MESSAGE)
        )
        rig, link = resume_sender(memory, {})
        link.unsettled[b"t"].withdraw()
        link.unsettled[b"u"].settle()
        assert link.unsettled == {}
        rig.forget()
        rig.receive(flow(handle=0, link_credit=1))
        assert rig.sent() == []

    def test_one_may_be_given_up_before_the_peer_answers(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        memory = suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        link = session.attach_sender(memory.options, resume=memory)
        link.unsettled[b"t"].settle()
        rig.receive(receiver_attach("out", unsettled={b"t": None}))
        rig.receive(flow(handle=0, link_credit=1))
        rig.forget()
        assert link.unsettled == {}

    @pytest.mark.requirement("messaging-3.4.1-01")
    def test_received_is_no_state_for_a_sender_to_tell(self) -> None:
        rig = opened_server()
        accept_session(rig)
        link = accept_sender(rig, credit=1)
        with pytest.raises(LocalError, match="Received"):
            link.send(b"x", state=received(0))
        rig.quiet()
        delivery = link.send(b"x")
        rig.forget()
        with pytest.raises(LocalError, match="Received"):
            delivery.settle(received(0))
        rig.quiet()

    @pytest.mark.fault("F6")
    def test_a_peer_that_does_not_resume_is_told_of(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        memory = suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        link = session.attach_sender(memory.options, resume=memory)
        rig.forget()
        rig.receive(receiver_attach("out"))
        failed = rig.event(LinkFailed)
        assert failed.fault.condition == AmqpErrorCondition.NOT_IMPLEMENTED
        assert str(AmqpErrorCondition.NOT_IMPLEMENTED) in str(rig.one(Detach).error)
        rig.receive(Detach(handle=0, closed=True))
        assert link.suspended().deliveries == memory.deliveries, "nothing is lost: it can be tried elsewhere"

    @pytest.mark.fault("F6")
    def test_a_refusal_as_rabbitmq_gives_is_told_of(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        memory = suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        link = session.attach_sender(memory.options, resume=memory)
        rig.receive(Attach(name="out", handle=0, role=True))
        rig.receive(Detach(handle=0, closed=True, error=Error(condition="amqp:not-implemented")))
        failed = rig.event(LinkFailed)
        assert (failed.refused, failed.fault.condition) == (True, AmqpErrorCondition.NOT_IMPLEMENTED)
        assert list(link.suspended().deliveries) == [b"t"]


class TestMemory:
    def test_a_sender_remembers_what_is_in_doubt(self) -> None:
        rig = opened_client(Open(container_id="peer", max_frame_size=512))
        session = begin_session(rig)
        link = attach_sender(
            rig, session, LinkOptions(name="out", target=Target(), recoverable=True), credit=10
        )
        link.send(MESSAGE, tag=b"in doubt", message_format=3).context = "mine"
        link.send(b"", tag=b"known")
        link.send(b"", settled=True)
        link.send(b"", tag=b"transaction", state=TransactionalState(txn_id=b"t"))
        link.send_stream(b"x", tag=b"stream").finish()
        link.send(b"", tag=b"gone")
        rig.forget()
        rig.receive(Disposition(role=True, first=1, settled=False, state=Rejected()))
        rig.receive(Disposition(role=True, first=5, settled=True, state=Accepted()))
        rig.receive(flow(incoming_window=0, next_incoming_id=session.next_outgoing_id))
        link.send(b"unsent", tag=b"unsent")
        rig.forget()
        with pytest.raises(LocalError, match="is attached"):
            link.suspended()
        rig.engine.receive_data(b"", 0.0)
        memory = link.suspended()
        assert (memory.name, memory.role, memory.options) == ("out", Role.SENDER, link.options)
        assert list(memory.deliveries.values()) == [
            SuspendedDelivery(tag=b"in doubt", payload=MESSAGE, message_format=3, context="mine"),
            SuspendedDelivery(tag=b"known", payload=b"", state=Rejected()),
            SuspendedDelivery(tag=b"unsent", payload=b"unsent", fresh=True),
        ]

    def test_octets_are_not_kept_unasked(self) -> None:
        rig = opened_server()
        accept_session(rig)
        link = accept_sender(rig, credit=2)
        link.send(MESSAGE, tag=b"t")
        rig.forget()
        rig.receive(Detach(handle=0, closed=False))
        assert link.suspended().deliveries[b"t"].payload is None

    def test_a_receiver_remembers_what_is_whole(self) -> None:
        rig = opened_server()
        accept_session(rig)
        link = accept_receiver(rig, rcv_settle_mode=SECOND)
        rig.receive(transfer(0), payload=MESSAGE)
        rig.receive(transfer(1), payload=b"x")
        rig.receive(transfer(2, more=True), payload=b"part")
        first, second = [each.delivery for each in rig.events()]
        first.context = "mine"
        second.update(Accepted(), settled=False)
        rig.receive(Detach(handle=0, closed=False))
        assert list(link.suspended().deliveries.values()) == [
            SuspendedDelivery(tag=b"0", payload=MESSAGE, context="mine"),
            SuspendedDelivery(tag=b"1", payload=b"x", state=Accepted()),
        ]

    def test_streams_are_not_remembered(self) -> None:
        rig = opened_client()
        session = begin_session(rig, SessionOptions(incoming_window=8))
        link = attach_receiver(
            rig, session, LinkOptions(name="in", source=Source(), streaming=True), credit=5
        )
        rig.receive(transfer(0, more=True), payload=b"x")
        rig.receive(Detach(handle=0, closed=False))
        assert list(link.unsettled) == [b"0"]
        assert link.suspended().deliveries == {}


class TestReceiver:
    @pytest.mark.requirement("transport-2.6.3-09")
    def test_the_attach_tells_what_is_held(self) -> None:
        memory = held(
            SuspendedDelivery(tag=b"whole", payload=MESSAGE),
            SuspendedDelivery(tag=b"done", payload=MESSAGE, state=Accepted()),
            SuspendedDelivery(tag=b"odd", payload=b"no sections"),
        )
        rig = opened_client()
        session = begin_session(rig)
        session.attach_receiver(memory.options, resume=memory)
        assert rig.one(Attach).unsettled == {b"whole": received(2), b"done": Accepted(), b"odd": None}

    @pytest.mark.requirement("transport-2.6.13-02")
    def test_what_the_sender_does_not_hold_is_settled(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE, state=Accepted(), context="mine"))
        rig, link = resume_receiver(memory, {})
        opened, updated = rig.events()
        assert isinstance(opened, LinkOpened)
        assert isinstance(updated, DeliveryUpdated)
        assert updated.settled
        assert updated.delivery.settled
        assert updated.delivery.context == "mine"
        assert link.unsettled == {}
        assert not [each for each in rig.sent() if isinstance(each, Disposition)], "it has no delivery-id"

    def test_what_both_hold_is_not_delivered_again(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE, context="mine"))
        rig, link = resume_receiver(memory, {b"t": None})
        rig.forget()
        delivery = link.unsettled[b"t"]
        assert (delivery.id, delivery.payload, delivery.context) == (-1, MESSAGE, "mine")
        rig.receive(transfer(7, tag=b"t", resume=True, state=received(0)), payload=MESSAGE)
        rig.quiet()
        assert link.unsettled == {b"t": delivery}
        assert (delivery.id, delivery.payload) == (7, MESSAGE)
        delivery.settle(Accepted())
        assert rig.one(Disposition) == Disposition(role=True, first=7, settled=True, state=Accepted())
        assert link.unsettled == {}

    def test_what_was_told_before_it_is_resumed_is_told_then(self) -> None:
        memory = held(
            SuspendedDelivery(tag=b"t", payload=MESSAGE), SuspendedDelivery(tag=b"u", payload=MESSAGE)
        )
        rig, link = resume_receiver(memory, {b"t": None, b"u": None})
        rig.forget()
        link.unsettled[b"t"].update(Accepted(), settled=False)
        link.unsettled[b"t"].settle()
        link.unsettled[b"u"].update(Rejected(), settled=False)
        rig.quiet()
        rig.receive(transfer(3, tag=b"t", resume=True))
        assert rig.one(Disposition) == Disposition(role=True, first=3, settled=True, state=Accepted())
        rig.receive(transfer(4, tag=b"u", resume=True, more=True))
        rig.quiet()
        rig.receive(Transfer(handle=0))
        assert rig.one(Disposition) == Disposition(role=True, first=4, settled=False, state=Rejected())
        assert list(link.unsettled) == [b"u"]

    @pytest.mark.requirement("messaging-3.4.6-01")
    def test_the_sender_settles(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE, state=Accepted()))
        rig, link = resume_receiver(memory, {b"t": None})
        rig.forget()
        rig.receive(transfer(0, tag=b"t", resume=True, settled=True, state=Accepted()))
        updated = rig.event(DeliveryUpdated)
        assert (updated.settled, updated.state) == (True, Accepted())
        assert updated.delivery.settled
        assert link.unsettled == {}
        assert rig.sent() == []

    @pytest.mark.requirement("messaging-3.4.6-01")
    def test_the_sender_settles_with_the_first_of_several_parts(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE, state=Accepted()))
        rig, link = resume_receiver(memory, {b"t": None})
        rig.forget()
        rig.receive(transfer(0, tag=b"t", resume=True, settled=True, more=True, state=Accepted()))
        rig.quiet()
        assert link.unsettled == {}
        rig.receive(Transfer(handle=0))
        assert rig.event(DeliveryUpdated).settled
        rig.receive(transfer(1, tag=b"t"), payload=MESSAGE)
        assert rig.event(DeliveryReceived).delivery.tag == b"t"

    @pytest.mark.requirement("messaging-3.4.6-01")
    def test_the_sender_aborts(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        rig, link = resume_receiver(memory, {b"t": Accepted()})
        rig.forget()
        rig.receive(transfer(0, tag=b"t", resume=True, aborted=True))
        assert rig.event(DeliveryAborted).delivery.settled
        assert link.unsettled == {}

    @pytest.mark.requirement("messaging-3.4.6-01")
    def test_the_senders_outcome_wins(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE, state=Rejected()))
        rig, link = resume_receiver(memory, {b"t": Accepted()})
        rig.forget()
        rig.receive(transfer(0, tag=b"t", resume=True, state=Accepted()))
        updated = rig.event(DeliveryUpdated)
        assert (updated.settled, updated.state) == (False, Accepted())
        assert rig.one(Disposition) == Disposition(role=True, first=0, settled=True, state=Accepted())
        assert link.unsettled == {}

    def test_the_sender_settles_amid(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        rig, link = resume_receiver(memory, {b"t": None})
        rig.forget()
        rig.receive(transfer(0, tag=b"t", resume=True, more=True))
        rig.receive(Disposition(role=False, first=0, settled=True))
        assert rig.events() == []
        rig.receive(Transfer(handle=0))
        assert rig.event(DeliveryUpdated).settled
        assert link.unsettled == {}

    def test_a_delivery_is_resumed_once(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        rig, _ = resume_receiver(memory, {b"t": None})
        rig.forget()
        rig.receive(transfer(0, tag=b"t", resume=True))
        rig.forget()
        rig.receive(transfer(1, tag=b"t", resume=True))
        assert rig.event(LinkFailed).fault.condition == AmqpErrorCondition.NOT_ALLOWED

    def test_a_delivery_of_this_attachment_is_not_resumed(self) -> None:
        rig = opened_server()
        accept_session(rig)
        accept_receiver(rig)
        rig.receive(transfer(0, tag=b"t"))
        rig.forget()
        rig.receive(transfer(1, tag=b"t", resume=True))
        assert rig.event(LinkFailed).fault.condition == AmqpErrorCondition.NOT_ALLOWED

    def test_a_drain_ends_with_a_resumed_delivery(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        rig, link = resume_receiver(memory, {b"t": None}, credit=1)
        rig.forget()
        link.flow(1, drain=True)
        rig.forget()
        rig.receive(transfer(0, tag=b"t", resume=True))
        assert not link.drain

    def test_a_stream_may_resume_what_was_whole(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE), streaming=True)
        rig = opened_client()
        session = begin_session(rig, SessionOptions(incoming_window=8))
        link = session.attach_receiver(memory.options, resume=memory, credit=5)
        rig.receive(sender_attach("in", unsettled={b"t": None}))
        rig.forget()
        rig.receive(transfer(0, tag=b"t", resume=True), payload=MESSAGE)
        rig.quiet()
        assert link.unsettled[b"t"].payload == MESSAGE
        rig.receive(transfer(1, tag=b"u"), payload=b"x")
        assert isinstance(rig.events()[0], DeliveryStarted)


class TestAccepting:
    @pytest.mark.requirement("transport-2.6.3-09")
    def test_the_accepting_sender_resumes(self) -> None:
        rig = opened_server()
        accept_session(rig)
        rig.receive(receiver_attach("out", unsettled={b"t": received(1)}))
        link = rig.event(LinkRequested).link
        assert isinstance(link, SenderLink)
        link.accept(resume=suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE)), recoverable=True)
        assert rig.one(Attach).unsettled == {b"t": None}
        rig.receive(flow(handle=0, link_credit=2))
        (only,) = rig.frames()
        assert only.payload == MESSAGE[HALF:]
        assert only.performative.resume
        link.send(b"kept", tag=b"new")
        rig.receive(Detach(handle=0, closed=False))
        rig.forget()
        assert [each.payload for each in link.suspended().deliveries.values()] == [MESSAGE, b"kept"]

    @pytest.mark.requirement("transport-2.6.3-09")
    def test_the_accepting_receiver_resumes(self) -> None:
        rig = opened_server()
        accept_session(rig)
        rig.receive(sender_attach("in", unsettled={b"t": None}))
        link = rig.event(LinkRequested).link
        assert isinstance(link, ReceiverLink)
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE, state=Accepted()))
        link.accept(resume=memory, credit=1)
        attach = rig.sent()[0]
        assert attach.unsettled == {b"t": Accepted()}
        rig.receive(transfer(0, tag=b"t", resume=True, settled=True))
        assert rig.event(DeliveryUpdated).settled

    def test_a_peer_that_lost_its_state_gets_all_again(self) -> None:
        rig = opened_server()
        accept_session(rig)
        rig.receive(receiver_attach("out"))
        link = rig.event(LinkRequested).link
        assert isinstance(link, SenderLink)
        link.accept(resume=suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE)))
        rig.forget()
        rig.receive(flow(handle=0, link_credit=2))
        (only,) = rig.frames()
        assert (only.payload, only.performative.resume) == (MESSAGE, False)

    def test_a_link_detached_before_its_answer_is_not_resumed(self) -> None:
        rig = opened_server()
        accept_session(rig)
        rig.receive(receiver_attach("out", unsettled={}), Detach(handle=0, closed=False))
        link = rig.events()[0].link
        memory = suspended(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        link.accept(resume=memory)
        assert isinstance(rig.events()[-1], LinkEnded)
        assert link.suspended().deliveries == memory.deliveries
