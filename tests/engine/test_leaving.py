"""What crosses a close, a detach or a refusal that is under way: told once, and nothing of it acted upon."""

from __future__ import annotations

import pytest

from amqp.engine import ConnectionEnded, LinkEnded, LinkFailed, LinkState
from amqp.errors import LocalError
from amqp.options import LinkOptions
from amqp_spec import Close, Error, Source, Target
from tests.engine.wire import (
    AMQP,
    Attach,
    Detach,
    Open,
    begin_session,
    client,
    flow,
    frame,
    in_state,
    opened_client,
    receiver_attach,
    sender_attach,
    transfer,
)

ERROR = Error(condition="amqp:internal-error")


def test_a_client_that_closes_before_the_first_answer_is_closing() -> None:
    rig = client()
    rig.engine.open()
    rig.engine.close()
    assert [type(each) for each in rig.sent()] == [bytes, Open, Close]
    rig.engine.close(ERROR)
    with pytest.raises(LocalError, match="no session can begin"):
        rig.engine.begin()
    rig.quiet()
    rig.raw(AMQP + frame(Open(container_id="peer")) + frame(Close()))
    rig.event(ConnectionEnded)
    assert rig.sent() == []


def test_what_comes_for_a_link_that_the_peer_refused_is_dropped() -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_receiver(LinkOptions(name="in", source=Source(address="q")), credit=1)
    rig.forget()
    # 2.6.3: an attach without the peer's terminus; its detach is on the way.
    rig.receive(sender_attach("in", source=None))
    assert in_state(link, LinkState.REFUSED)
    rig.forget()
    rig.receive(transfer(0), transfer(1), transfer(2), flow(handle=0, delivery_count=7, link_credit=0))
    assert rig.events() == []
    assert link.delivery_count == 0
    rig.receive(Detach(handle=0, closed=True, error=ERROR))
    assert rig.event(LinkFailed).refused


@pytest.mark.parametrize("error", [None, ERROR])
def test_the_late_answer_to_an_attach_that_was_taken_back_is_no_request(error: Error | None) -> None:
    rig = opened_client()
    session = begin_session(rig)
    link = session.attach_sender(LinkOptions(name="out", target=Target(address="q")))
    link.detach(error=error)
    assert [type(each) for each in rig.sent()] == [Attach, Detach]
    rig.events()
    rig.receive(receiver_attach("out"), flow(handle=0, delivery_count=0, link_credit=5))
    rig.quiet()
    rig.receive(Detach(handle=0, closed=True))
    assert all(isinstance(event, LinkEnded | LinkFailed) for event in rig.events())
    assert rig.sent() == []
    assert list(session.links) == []
