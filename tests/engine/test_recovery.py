"""Links resumed: on the session, on another, on another connection; maps that no frame takes; after errors (2.6.13)."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import (
    DeliveryUpdated,
    LinkFailed,
    LinkOpened,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    SessionFailed,
    SuspendedDelivery,
    SuspendedLink,
)
from amqp.errors import LocalError
from amqp.options import LinkOptions
from amqp_spec import (
    AmqpErrorCondition,
    Error,
    Rejected,
    SessionErrorCondition,
)
from tests.engine.memories import MESSAGE, held, resume_receiver, resume_sender, suspended
from tests.engine.wire import (
    Accepted,
    Attach,
    Detach,
    Disposition,
    End,
    Open,
    Rig,
    Role,
    Target,
    Transfer,
    accept_receiver,
    accept_session,
    attach_sender,
    begin_session,
    flow,
    frame,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
    transfer,
)


class TestWhere:
    """On the same session, on another, on another connection."""

    def test_on_the_same_session(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        link = attach_sender(
            rig, session, LinkOptions(name="out", target=Target(), recoverable=True), credit=5
        )
        link.send(MESSAGE, tag=b"t")
        rig.forget()
        link.detach(closed=False)
        rig.receive(Detach(handle=0, closed=False))
        rig.forget()
        again = session.attach_sender(link.options, resume=link.suspended())
        assert rig.one(Attach).unsettled == {b"t": None}
        rig.receive(receiver_attach("out", unsettled={b"t": Accepted()}))
        assert [type(each) for each in rig.events()] == [LinkOpened, DeliveryUpdated]
        rig.receive(Disposition(role=True, first=0, settled=True, state=Rejected()))
        assert rig.events() == [], "the delivery-id of the earlier attachment means nothing now"
        rig.receive(flow(handle=0, link_credit=1, next_incoming_id=session.next_outgoing_id))
        rig.events()
        (settled,) = rig.sent()
        assert (settled.delivery_id, settled.settled, settled.resume) == (1, True, True)
        assert again.unsettled == {}

    def test_on_another_session(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        link = attach_sender(
            rig, session, LinkOptions(name="out", target=Target(), recoverable=True), credit=5
        )
        link.send(MESSAGE, tag=b"t")
        rig.forget()
        rig.receive(End())
        rig.forget()
        second = begin_session(rig, channel=3)
        second.attach_sender(link.options, resume=link.suspended())
        assert rig.one(Attach).unsettled == {b"t": None}
        rig.receive(receiver_attach("out", unsettled={}), channel=3)
        rig.receive(flow(handle=0, link_credit=1), channel=3)
        rig.events()
        (sent,) = rig.frames()
        assert (sent.payload, sent.performative.resume) == (MESSAGE, False)

    def test_on_another_connection_after_one_that_failed_as_well(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        link = attach_sender(
            rig, session, LinkOptions(name="out", target=Target(), recoverable=True), credit=5
        )
        link.send(MESSAGE, tag=b"t").context = "mine"
        rig.forget()
        rig.raw(b"")
        memory = link.suspended()
        second = opened_client()
        lost = begin_session(second).attach_sender(memory.options, resume=memory)
        second.raw(b"")
        third = opened_client()
        last = begin_session(third).attach_sender(memory.options, resume=lost.suspended())
        assert third.one(Attach).unsettled == {b"t": None}
        third.receive(receiver_attach("out", unsettled={b"t": Accepted()}))
        updated = third.events()[1]
        assert isinstance(updated, DeliveryUpdated)
        assert updated.delivery.context == "mine"
        # No credit came, so the receiver was not told: the next attachment does it, and the owner knows already.
        third.raw(b"")
        fourth = opened_client()
        memory = last.suspended()
        assert memory.deliveries[b"t"].told
        link = begin_session(fourth).attach_sender(memory.options, resume=memory)
        assert fourth.one(Attach).unsettled == {b"t": Accepted()}
        fourth.receive(receiver_attach("out", unsettled={b"t": Accepted()}))
        fourth.event(LinkOpened)
        fourth.receive(flow(handle=0, link_credit=1))
        settled = fourth.one(Transfer)
        assert (settled.resume, settled.settled) == (True, True)
        assert link.unsettled == {}

    def test_no_tag_is_given_again_of_which_the_settlement_may_be_lost(self) -> None:
        """2.6.12: this end has forgotten the delivery, and the peer may not have heard of it."""
        rig = opened_client()
        session = begin_session(rig)
        link = attach_sender(
            rig, session, LinkOptions(name="out", target=Target(), recoverable=True), credit=5
        )
        first = link.send(MESSAGE)
        rig.forget()
        rig.receive(Disposition(role=True, first=0, state=Accepted()))
        first.settle()
        rig.raw(b"")
        _, again = resume_sender(link.suspended(), {first.tag: Accepted()}, credit=5)
        assert again.unsettled == {}
        second = again.send(MESSAGE)
        assert second.tag != first.tag
        assert not second.settled

    def test_a_link_attached_anew_names_nothing(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        link = attach_sender(rig, session, credit=5)
        link.send(MESSAGE)
        rig.forget()
        link.detach(closed=False)
        rig.receive(Detach(handle=0, closed=False))
        rig.forget()
        session.attach(Role.SENDER, link.options)
        assert rig.one(Attach).unsettled is None

    def test_either_role_is_attached_by_one_call(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        sender = session.attach(Role.SENDER, LinkOptions(name="out"), resume=suspended())
        receiver = session.attach(Role.RECEIVER, LinkOptions(name="in"), resume=held())
        assert (type(sender), type(receiver)) == (SenderLink, ReceiverLink)
        assert [each.unsettled for each in rig.sent()] == [{}, {}]


class TestIncomplete:
    """Maps that no frame takes (2.6.13)."""

    COUNT = 100

    def memory(self, role: bool = Role.SENDER, **fields: Any) -> SuspendedLink:
        return suspended(
            *(
                SuspendedDelivery(tag=b"%08d" % number, payload=MESSAGE, **fields)
                for number in range(self.COUNT)
            ),
            name="out" if role is Role.SENDER else "in",
            role=role,
        )

    def small(self) -> Rig:
        rig = opened_client(Open(container_id="peer", max_frame_size=512))
        begin_session(rig)
        return rig

    @pytest.mark.requirement("transport-2.6.13-05")
    def test_the_map_of_a_sender_is_cut_to_a_frame(self) -> None:
        rig = self.small()
        session = next(iter(rig.engine.sessions))
        memory = self.memory()
        session.attach_sender(memory.options, resume=memory)
        (only,) = rig.frames()
        assert only.performative.incomplete_unsettled
        assert 490 < only.size <= 512
        assert 20 < len(only.performative.unsettled) < self.COUNT

    @pytest.mark.requirement("transport-2.6.13-05")
    def test_a_sender_clears_what_it_can_and_sends_nothing_new(self) -> None:
        rig = self.small()
        tags = list(self.memory().deliveries)
        _, link = resume_sender(self.memory(), {tags[0]: None, tags[99]: Accepted()}, credit=200, rig=rig)
        assert link.reducing
        sent = [each for each in rig.sent() if isinstance(each, Transfer)]
        assert [(each.delivery_tag, each.resume, each.settled) for each in sent] == [
            (tags[0], True, False),
            (tags[99], True, True),
        ]
        with pytest.raises(LocalError, match="detach and resume it again"):
            link.send(b"new")
        link.detach(closed=False)
        rig.receive(Detach(handle=0, closed=False))
        rig.forget()
        # The receiver's map was complete: all but one are unknown to it, and so need not be in the next.
        memory = link.suspended()
        assert len(memory.deliveries) == 99
        link.session.attach_sender(memory.options, resume=memory)
        again = rig.one(Attach)
        assert again.unsettled == {tags[0]: None}
        assert not again.incomplete_unsettled
        rig.receive(receiver_attach("out", unsettled={tags[0]: Accepted()}))
        rig.receive(flow(handle=0, link_credit=200, next_incoming_id=link.session.next_outgoing_id))
        rig.events()
        sent = [each for each in rig.sent() if isinstance(each, Transfer)]
        assert [each.resume for each in sent] == [True] + [False] * 98
        assert [each.delivery_tag for each in sent] == tags[:99]

    @pytest.mark.requirement("transport-2.6.13-05")
    def test_absence_from_an_incomplete_map_proves_nothing(self) -> None:
        memory = suspended(
            SuspendedDelivery(tag=b"t", payload=MESSAGE), SuspendedDelivery(tag=b"u", payload=MESSAGE)
        )
        rig, link = resume_sender(memory, {b"t": Accepted()}, incomplete_unsettled=True, credit=10)
        sent = [each for each in rig.sent() if isinstance(each, Transfer)]
        assert [each.delivery_tag for each in sent] == [b"t"]
        assert list(link.unsettled) == [b"u"]
        link.unsettled[b"u"].settle()
        assert link.unsettled == {}

    @pytest.mark.requirement("transport-2.6.13-05")
    def test_a_receiver_keeps_what_an_incomplete_map_leaves_out(self) -> None:
        memory = held(SuspendedDelivery(tag=b"t", payload=MESSAGE))
        rig, link = resume_receiver(memory, {b"u": None}, incomplete_unsettled=True)
        assert [type(each) for each in rig.events()] == [LinkOpened]
        assert list(link.unsettled) == [b"t"]

    @pytest.mark.requirement("transport-2.6.13-05")
    def test_a_receiver_with_an_incomplete_map_takes_nothing_new(self) -> None:
        rig = self.small()
        session = next(iter(rig.engine.sessions))
        memory = self.memory(Role.RECEIVER)
        link = session.attach_receiver(memory.options, resume=memory, credit=10)
        tags = list(rig.one(Attach).unsettled or ())
        rig.receive(sender_attach("in", unsettled={tags[0]: None}))
        assert link.reducing
        rig.forget()
        rig.receive(transfer(0, tag=tags[0], resume=True))
        rig.quiet()
        rig.receive(transfer(1, tag=b"new"))
        failed = rig.event(LinkFailed)
        assert failed.fault.condition == AmqpErrorCondition.NOT_ALLOWED
        assert rig.one(Detach).error is not None

    @pytest.mark.requirement("transport-2.6.13-05")
    def test_the_next_map_of_a_receiver_begins_where_the_last_ended(self) -> None:
        rig = self.small()
        session = next(iter(rig.engine.sessions))
        memory = self.memory(Role.RECEIVER)
        tags = list(memory.deliveries)
        told: list[bytes] = []
        for _ in range(3):
            link = session.attach_receiver(memory.options, resume=memory)
            told += rig.one(Attach).unsettled or ()
            # What the sender's map leaves out may yet be held there: nothing is settled.
            rig.receive(sender_attach("in", unsettled={b"u": None}, incomplete_unsettled=True))
            assert isinstance(rig.event(LinkOpened).link, ReceiverLink)
            link.detach(closed=False)
            rig.receive(Detach(handle=0, closed=False))
            rig.forget()
            memory = link.suspended()
        assert self.COUNT // 2 < len(told) < 2 * self.COUNT
        assert told == [*tags, *tags][: len(told)]

    def test_an_attach_that_takes_no_entry_is_not_sent(self) -> None:
        rig = self.small()
        session = next(iter(rig.engine.sessions))
        memory = suspended(
            SuspendedDelivery(tag=bytes(32), payload=MESSAGE), target=Target(address="q" * 420)
        )
        with pytest.raises(LocalError, match="attach frame has"):
            session.attach_sender(memory.options, resume=memory)
        rig.quiet()

    def test_a_map_that_fills_a_frame_is_read(self) -> None:
        """Other maps may have 1,024 values; this one is bounded by its frame."""
        rig = opened_server()
        accept_session(rig)
        unsettled = {b"%05d" % number: None for number in range(7000)}
        rig.receive(receiver_attach("out", unsettled=unsettled))
        link = rig.event(LinkRequested).link
        assert link.remote_attach is not None
        assert link.remote_attach.unsettled == unsettled

    def test_other_maps_are_bounded_as_ever(self) -> None:
        rig = opened_server()
        accept_session(rig)
        properties = {f"{number:05}": None for number in range(2000)}
        rig.raw(frame(receiver_attach("out", properties=properties)))
        assert "attach.properties" in str(rig.events()[0].fault.description)

    def test_a_map_that_is_broken_is_told(self) -> None:
        rig = opened_server()
        accept_session(rig)
        octets = bytearray(frame(receiver_attach("out", unsettled={b"%05d" % n: None for n in range(2000)})))
        at = octets.index(b"01500")
        octets[at + 5] = 0x3F  # no constructor
        rig.raw(octets)
        assert "attach.unsettled" in str(rig.events()[0].fault.description)


class TestAfterAnError:
    """2.6.5: an endpoint that an error destroyed is resumed, not attached again."""

    def crossed(self) -> Rig:
        rig = opened_server()
        accept_session(rig)
        link = accept_receiver(rig)
        link.detach(error=Error(condition="amqp:internal-error"))
        # Pipelined: the peer had not read that.
        rig.receive(Detach(handle=0, closed=False))
        rig.forget()
        return rig

    @pytest.mark.requirement("transport-2.6.5-03")
    def test_a_pipelined_attach_ends_the_session(self) -> None:
        rig = self.crossed()
        rig.receive(sender_attach())
        assert rig.event(SessionFailed).fault.condition == SessionErrorCondition.ERRANT_LINK
        assert str(SessionErrorCondition.ERRANT_LINK) in str(rig.one(End).error)

    @pytest.mark.requirement("transport-2.6.5-03")
    def test_an_empty_map_makes_a_new_link(self) -> None:
        rig = self.crossed()
        rig.receive(sender_attach(unsettled={}))
        link = rig.event(LinkRequested).link
        assert isinstance(link, ReceiverLink)
        link.accept()
        rig.forget()
        link.detach()
        rig.receive(Detach(handle=0, closed=True))
        rig.forget()
        rig.receive(sender_attach())
        rig.event(LinkRequested)

    def test_a_closing_detach_is_the_answer_and_frees_the_name(self) -> None:
        rig = opened_server()
        accept_session(rig)
        link = accept_receiver(rig)
        link.detach(error=Error(condition="amqp:internal-error"))
        rig.receive(Detach(handle=0, closed=True))
        rig.forget()
        rig.receive(sender_attach())
        rig.event(LinkRequested)

    @pytest.mark.requirement("transport-2.6.5-03")
    def test_our_next_attach_has_a_map(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        link = attach_sender(rig, session, credit=1)
        rig.receive(Detach(handle=0, closed=True, error=Error(condition="amqp:internal-error")))
        rig.forget()
        again = session.attach_sender(link.options)
        assert rig.one(Attach).unsettled == {}
        rig.receive(receiver_attach("out"))
        rig.event(LinkOpened)
        again.detach()
        rig.receive(Detach(handle=0, closed=True))
        rig.forget()
        session.attach_sender(link.options)
        assert rig.one(Attach).unsettled is None

    def test_so_many_names_are_remembered(self) -> None:
        rig = opened_client()
        session = begin_session(rig)
        error = Error(condition="amqp:internal-error")
        for number in range(300):
            link = attach_sender(rig, session, LinkOptions(name=f"{number}"))
            if number % 2:
                rig.receive(Detach(handle=0, closed=True, error=error))
            else:
                link.detach(error=error)
                rig.receive(Detach(handle=0, closed=False))
            rig.forget()
        for number in range(300, 600):
            link = attach_sender(rig, session, LinkOptions(name=f"{number}"))
            if number % 2:
                rig.receive(Detach(handle=0, closed=True, error=error))
            else:
                link.detach(error=error)
                rig.receive(Detach(handle=0, closed=False))
            rig.forget()
        session.attach_sender(LinkOptions(name="1"))
        session.attach_sender(LinkOptions(name="599"))
        assert [each.unsettled for each in rig.sent()] == [{}, None]
