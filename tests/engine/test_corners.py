"""Corners that no other test comes by."""

from __future__ import annotations

import pytest

from amqp.engine import (
    ConnectionFailed,
    ConnectionOpened,
    DeliveryReceived,
    DeliveryUpdated,
    Drained,
    LinkFailed,
    LinkRequested,
    SenderLink,
    SessionFailed,
    SessionRequested,
)
from amqp.engine.faults import SessionFault
from amqp.engine.sasl import ClientExchange, SaslFault
from amqp.errors import LocalError
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions
from amqp.sasl import Anonymous, SaslClient
from amqp_spec import (
    Accepted,
    AmqpErrorCondition,
    Close,
    Disposition,
    Error,
    LinkErrorCondition,
    SaslMechanisms,
    SessionErrorCondition,
)
from tests.engine.wire import (
    AMQP,
    Attach,
    Begin,
    Detach,
    End,
    Flow,
    Open,
    Role,
    Source,
    Target,
    Transfer,
    accept_receiver,
    accept_sender,
    accept_session,
    attach_sender,
    begin,
    begin_session,
    flow,
    frame,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
    server,
    transfer,
)

ERROR = Error(condition="amqp:internal-error")


def test_one_line_reprs() -> None:
    rig = opened_server()
    accept_session(rig)
    assert repr(rig.engine) == "<Engine server opened>"
    assert repr(accept_sender(rig)) == "<SenderLink 'out' attached>"


def test_a_closed_link_takes_nothing() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(Detach(handle=0, closed=True))
    with pytest.raises(SessionFault) as caught:
        link.receive(Flow, flow(), b"", 0)
    assert caught.value.condition == SessionErrorCondition.UNATTACHED_HANDLE
    with pytest.raises(SessionFault):
        link.on_answer(receiver_attach())


def test_a_session_that_waits_for_its_begin_takes_nothing() -> None:
    rig = opened_client()
    session = rig.engine.begin()
    rig.forget()
    session.receive(Flow, flow(), b"", 0)
    end = rig.one(End)
    assert end.error is not None
    assert end.error.condition == AmqpErrorCondition.ILLEGAL_STATE
    rig.event(SessionFailed)
    session.receive(Begin, begin(), b"", 0)
    session.fail(SessionFault("x:y", "again"))
    rig.quiet()


def test_a_server_that_opens_behind_the_end() -> None:
    rig = server()
    rig.raw(AMQP + frame(Open(container_id="peer")))
    rig.event(ConnectionOpened)
    rig.raw(b"")
    rig.event(ConnectionFailed)
    rig.forget()
    rig.engine.open()
    rig.quiet()


def test_an_end_without_channels_left() -> None:
    """A fault in a session that cannot be answered: it just is not."""
    rig = opened_server(options=ConnectionOptions(channel_max=0))
    rig.receive(begin())
    session = rig.event(SessionRequested).session
    # Our only channel is taken by a session of our own.
    own = rig.engine.begin()
    with pytest.raises(LocalError, match="no channel"):
        session.accept()
    with pytest.raises(LocalError, match="no channel"):
        session.end()
    rig.forget()
    rig.receive(transfer(0))
    assert rig.event(SessionFailed).session is session
    assert rig.sent() == []
    assert list(rig.engine.sessions) == [own]
    session.accept()
    rig.quiet()


def test_no_handle_left_to_give_up_a_stolen_or_faulty_link() -> None:
    for second in (sender_attach("x", 2), sender_attach("y", 2, initial_delivery_count=None)):
        rig = opened_server()
        accept_session(rig, handle_max=0)
        accept_receiver(rig, name="first")
        rig.receive(sender_attach("x", 1))
        rig.event(LinkRequested)
        rig.receive(second)
        assert any(isinstance(event, SessionFailed) for event in rig.events())
        assert isinstance(rig.sent()[0], End)


def test_a_name_that_is_leaving_is_no_theft() -> None:
    rig = opened_server()
    accept_session(rig)
    old = accept_receiver(rig, name="x", handle=0)
    old.detach()
    rig.forget()
    rig.receive(sender_attach("x", 1), Detach(handle=0, closed=True))
    events = rig.events()
    assert not any(isinstance(event, LinkFailed) for event in events)
    events[0].link.accept()
    assert events[0].link.attached
    assert rig.engine._wire.links[("x", True)] is events[0].link


def test_a_receiver_accepts_by_options() -> None:
    rig = opened_server()
    accept_session(rig)
    rig.receive(sender_attach("x"))
    link = rig.event(LinkRequested).link
    link.accept(LinkOptions(target=Target(address="elsewhere"), max_message_size=9))
    answer = rig.one(Attach)
    assert (answer.name, answer.max_message_size) == ("x", 9)
    assert link.target == Target(address="elsewhere")


@pytest.mark.parametrize("role", [Role.SENDER, Role.RECEIVER])
def test_attach_by_role(role: bool) -> None:
    rig = opened_client()
    link = begin_session(rig).attach(role, LinkOptions(name="x", source=Source(address="q")))
    assert isinstance(link, SenderLink) is (role is Role.SENDER)
    assert rig.one(Attach).role is role


def test_credit_taken_back_before_anything_left() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig, credit=5)
    link.send(b"x")
    rig.engine.receive_data(frame(flow(handle=0, delivery_count=0, link_credit=0)), 0.0)
    assert rig.sent() == []
    assert not rig.engine.wants_write
    rig.receive(flow(handle=0, delivery_count=0, link_credit=1))
    assert isinstance(rig.one(Transfer), Transfer)


def test_two_echoes_and_a_detach() -> None:
    rig = opened_server()
    accept_session(rig)
    sender = accept_sender(rig, handle=0)
    receiver = accept_receiver(rig, handle=1)
    # What is owed to a link that goes in the same breath is not written behind its detach.
    rig.receive(flow(handle=0, echo=True), flow(handle=0, echo=True), Detach(handle=0, closed=True))
    assert [type(each) for each in rig.sent()] == [Detach]
    receiver.flow(5)
    receiver.detach(error=ERROR)
    assert [type(each) for each in rig.sent()] == [Flow, Detach]
    sender.flow()
    receiver.flow(1)
    assert rig.sent() == []
    rig.forget()
    third = accept_receiver(rig, name="third", handle=2)
    third.flow(5)
    rig.receive(Detach(handle=2, closed=True))
    assert [type(each) for each in rig.sent()] == [Detach]


def test_a_drain_that_ends_with_an_aborted_delivery() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_receiver(rig, credit=0)
    link.flow(1, drain=True)
    rig.forget()
    rig.receive(transfer(0, more=True), Transfer(handle=0, aborted=True))
    assert isinstance(rig.events()[-1], Drained)


def test_dropping_unsettled_deliveries_that_never_left() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_sender(rig)
    rig.receive(flow(handle=0, delivery_count=0, link_credit=10, incoming_window=1))
    rig.forget()
    link.send(b"one")
    held = link.send(b"two")
    rig.forget()
    rig.receive(Detach(handle=0, closed=True))
    assert held in link.unsettled.values()
    assert not held.started


def test_a_peer_that_settles_without_a_state() -> None:
    rig = opened_server()
    accept_session(rig)
    accept_receiver(rig)
    rig.receive(transfer(0), Disposition(role=Role.SENDER, first=0, settled=True))
    received, updated = rig.events()
    assert isinstance(received, DeliveryReceived)
    assert isinstance(updated, DeliveryUpdated)
    assert (updated.state, received.delivery.state) == (None, None)


def test_a_sender_that_tells_a_state() -> None:
    rig = opened_server()
    accept_session(rig)
    link = accept_receiver(rig)
    rig.receive(transfer(0), Disposition(role=Role.SENDER, first=0, state=Accepted()))
    received, updated = rig.events()
    assert isinstance(received, DeliveryReceived)
    assert isinstance(updated, DeliveryUpdated)
    assert not updated.settled
    assert received.delivery.state == Accepted()
    assert len(link.unsettled) == 1


def test_a_refusal_without_a_reason() -> None:
    rig = opened_client()
    session = begin_session(rig)
    session.attach_receiver(LinkOptions(name="x", source=Source(address="q")))
    rig.receive(sender_attach("x", source=None), Detach(handle=0, closed=True))
    failed = rig.event(LinkFailed)
    assert failed.refused
    assert (failed.fault.condition, failed.fault.description) == (None, "the peer refused the link")


def test_flow_properties_have_symbols_as_keys() -> None:
    rig = opened_server()
    accept_session(rig)
    accept_sender(rig)
    octets = flow(handle=0, properties={"abc": 1}).encode()
    rig.raw(frame(octets))
    assert not any(isinstance(event, ConnectionFailed) for event in rig.events())
    rig.raw(frame(octets.replace(b"\xa3\x03abc", b"\xa1\x03abc")))
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.DECODE_ERROR


def test_an_empty_list_of_mechanisms() -> None:
    exchange = ClientExchange(SaslClient([Anonymous()]))
    with pytest.raises(SaslFault, match="no SASL mechanism at all"):
        exchange.receive(SaslMechanisms(sasl_server_mechanisms=()))


def test_a_stolen_link_says_so() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = attach_sender(rig, session, LinkOptions(name="x", target=Target(address="q")))
    rig.receive(Detach(handle=0, closed=True, error=Error(condition=LinkErrorCondition.STOLEN)))
    failed = rig.event(LinkFailed)
    assert failed.link is link
    assert failed.fault.condition == "amqp:link:stolen"
    assert failed.fault.description == "the peer detached the link"


def test_a_session_whose_peer_is_still_owed_a_flow() -> None:
    rig = opened_server()
    rig.receive(begin(), flow(echo=True))
    session = rig.events()[0].session
    assert rig.sent() == []
    session.accept(SessionOptions(incoming_window=5))
    answer, told = rig.sent()
    assert isinstance(answer, Begin)
    assert isinstance(told, Flow)
    assert told.incoming_window == 5
