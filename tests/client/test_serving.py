"""The server's side of a connection without I/O: answers in every order, and answers that cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.client.acceptance import accept_receiver, accept_sender
from amqp.client.delivery import ClientDelivery
from amqp.client.listening import Place, Quota, is_told
from amqp.client.serving import AskedLink, ServerConnection, ServerSession
from amqp.engine import ConnectionFailed, Engine, Event, LinkFailed, SessionFailed, SessionRequested
from amqp.options import ConnectionOptions, LinkOptions, SessionOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

LONG = amqp.Error(condition="amqp:not-allowed", description="x" * 1_000)


class Served:
    """A server's connection whose client takes small frames; what it is asked for is kept."""

    def __init__(self, properties: Mapping[str, Any] | None = None) -> None:
        self.engine = Engine(ConnectionOptions(container_id="client", max_frame_size=512))
        options = ConnectionOptions(container_id="server", properties=properties)
        self.server = ServerConnection(Engine(options, role="server"), lambda: None, 1.0, "me")
        self.server.asked = self
        self.sessions: list[ServerSession] = []
        self.links: list[AskedLink] = []
        self.asked = 0
        self.happened: list[Event] = []
        self.engine.open()

    def connection_asked(self) -> None:
        self.asked += 1

    def session_asked(self, session: ServerSession) -> None:
        self.sessions.append(session)

    def link_asked(self, link: AskedLink) -> None:
        self.links.append(link)

    def pump(self) -> None:
        moved = True
        while moved:
            moved = False
            for giver, taker in ((self.engine, self.server.engine), (self.server.engine, self.engine)):
                for buffer in giver.data_to_send(0.0):
                    taker.receive_data(buffer, 0.0)
                    moved = True
            self.server.handle_events(self.server.engine.events())
            self.happened += self.engine.events()

    def of(self, kind: type[Any]) -> Any:
        """The only thing of that kind that the client was told."""
        (found,) = [event for event in self.happened if isinstance(event, kind)]
        return found

    def up(self) -> ServerSession:
        """Exchange opens and begins."""
        self.engine.begin()
        self.pump()
        self.server.accept()
        self.pump()
        self.sessions[0].accept()
        self.pump()
        return self.sessions[0]


def test_answers_go_down_from_the_connection_to_the_links() -> None:
    served = Served()
    session = served.engine.begin()
    session.attach_sender(LinkOptions(target=amqp.Target(address="a")))
    served.pump()
    assert (served.asked, served.sessions, served.links) == (1, [], [])
    served.server.accept()
    served.pump()
    assert (len(served.sessions), served.links) == (1, [])
    served.sessions[0].accept(SessionOptions(handle_max=7))
    served.pump()
    assert len(served.links) == 1
    served.server.accept()
    served.pump()
    served.sessions[0].accept()
    assert served.asked == 1


def test_nobody_is_there_to_answer() -> None:
    served = Served()
    served.server.asked = None
    served.engine.begin().attach_sender(LinkOptions(target=amqp.Target(address="a")))
    served.pump()
    served.server.accept()
    served.pump()
    assert served.asked == 0
    (session,) = served.server.sessions
    assert isinstance(session, ServerSession)
    session.accept()
    assert served.links == []


def test_an_open_that_the_client_does_not_take() -> None:
    served = Served({"product": "x" * 1_000})
    served.pump()
    with pytest.raises(amqp.LocalError):
        served.server.accept()


def test_a_refusal_that_the_client_does_not_take_is_shortened() -> None:
    served = Served()
    served.pump()
    served.server.refuse(LONG)
    served.server.refuse(LONG)
    served.pump()
    fault = served.of(ConnectionFailed).fault
    assert (fault.condition, "x" in fault.description) == ("amqp:not-allowed", False)
    assert not served.server.opened.done() or served.server.opened.error() is not None
    served.server.accept()


def test_a_session_is_refused_in_short() -> None:
    served = Served()
    served.engine.begin()
    served.pump()
    served.server.accept()
    served.pump()
    served.sessions[0].refuse(LONG)
    served.sessions[0].refuse(LONG)
    served.sessions[0].accept()
    served.pump()
    assert served.of(SessionFailed).fault.condition == "amqp:not-allowed"


def test_a_begin_that_the_client_does_not_take() -> None:
    served = Served()
    served.engine.begin()
    served.pump()
    served.server.accept()
    served.pump()
    served.sessions[0].accept(SessionOptions(properties={"p": "x" * 1_000}))
    served.pump()
    assert served.of(SessionFailed).fault.condition == "amqp:resource-limit-exceeded"


def test_a_link_is_refused_in_short() -> None:
    served = Served()
    session = served.up()
    engine_session = next(iter(served.engine.sessions))
    engine_session.attach_sender(LinkOptions(name="n", target=amqp.Target(address="a")))
    served.pump()
    (link,) = served.links
    link.refuse(LONG)
    link.refuse(LONG)
    served.pump()
    event = served.of(LinkFailed)
    assert (event.refused, event.fault.condition) == (True, "amqp:not-allowed")
    assert link.gone
    assert link.answered
    assert session.failure is None
    with pytest.raises(amqp.LocalError, match="was answered before"):
        link.accept_receiver(accept_receiver(None), ClientDelivery)


def test_a_link_is_failed_in_short() -> None:
    served = Served()
    served.up()
    engine_session = next(iter(served.engine.sessions))
    engine_session.attach_receiver(LinkOptions(source=amqp.Source(address="a")))
    served.pump()
    (link,) = served.links
    assert not link.gone
    sender = link.accept_sender(accept_sender(None))
    served.pump()
    link.refuse(LONG)
    served.pump()
    assert served.of(LinkFailed).fault.condition == "amqp:not-allowed"
    assert sender.failure is not None
    assert link.gone


@pytest.mark.parametrize("lost", ["link", "session", "connection"])
def test_what_is_gone_cannot_be_accepted(lost: str) -> None:
    served = Served()
    served.up()
    engine_session = next(iter(served.engine.sessions))
    attached = engine_session.attach_receiver(LinkOptions(source=amqp.Source(address="a")))
    served.pump()
    (link,) = served.links
    if lost == "link":
        attached.detach()
    elif lost == "session":
        engine_session.end()
    else:
        served.engine.close()
    served.pump()
    assert link.gone
    if lost == "link":
        # Attach and detach are answered both, and what was made of it is closed (2.6.4).
        sender = link.accept_sender(accept_sender(None))
        served.pump()
        assert sender.failure is not None
        return
    with pytest.raises(amqp.SessionEnded if lost == "session" else amqp.AmqpFault):
        link.accept_sender(accept_sender(None))


def test_a_link_of_which_the_end_was_not_told_yet() -> None:
    served = Served()
    session = served.up()
    engine_session = next(iter(served.engine.sessions))
    engine_session.attach_receiver(LinkOptions(source=amqp.Source(address="a")))
    served.pump()
    (link,) = served.links
    session.session.end()
    with pytest.raises(amqp.LinkDetached):
        link.accept_sender(accept_sender(None))


def test_links_on_sessions_of_this_side_are_refused() -> None:
    served = Served()
    served.up()
    served.server.begin()
    served.pump()
    requested = served.of(SessionRequested).session
    requested.accept()
    requested.attach_sender(LinkOptions(target=amqp.Target(address="a")))
    served.pump()
    assert served.links == []
    assert served.of(LinkFailed).fault.condition == "amqp:not-allowed"


def test_a_service_may_have_links_of_its_own() -> None:
    served = Served()
    served.up()
    session = served.server.begin()
    served.pump()
    served.of(SessionRequested).session.accept()
    served.pump()
    assert session.opened.done()
    assert session.opened.error() is None


@pytest.mark.parametrize(
    ("given", "address"), [(None, "asked"), ("told", "told"), (amqp.Target(address="whole"), "whole")]
)
def test_which_target_is_told(given: Any, address: str) -> None:
    served = Served()
    served.up()
    engine_session = next(iter(served.engine.sessions))
    attached = engine_session.attach_sender(LinkOptions(target=amqp.Target(address="asked")))
    served.pump()
    served.links[0].accept_receiver(accept_receiver(given), ClientDelivery)
    served.pump()
    assert isinstance(attached.target, amqp.Target)
    assert attached.target.address == address


def test_a_source_that_nobody_named_can_be_given() -> None:
    served = Served()
    served.up()
    engine_session = next(iter(served.engine.sessions))
    attached = engine_session.attach_receiver(LinkOptions(target=amqp.Target(address="t")))
    served.pump()
    served.links[0].accept_sender(accept_sender("given"))
    served.pump()
    assert isinstance(attached.source, amqp.Source)
    assert attached.source.address == "given"


def test_a_quota() -> None:
    quota = Quota(1)
    assert quota.take()
    assert not quota.take()
    quota.give()
    assert quota.take()


def test_a_place_is_given_back_by_the_last_that_leaves_it() -> None:
    room = Quota(1)
    room.take()
    place = Place(room, 2)
    assert place.enter()
    assert place.enter()
    assert not place.enter()
    place.leave()
    place.leave()
    assert not room.take()
    place.leave()
    assert room.take()


def test_who_is_told_of_an_error(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    logger = logging.getLogger("amqp.test")
    gone = ExceptionGroup("both", [amqp.LinkDetached("gone"), amqp.NotSent("gone")])
    assert is_told(logger, "me", amqp.Refusal("amqp:not-found"), gone=False)
    assert is_told(logger, "me", gone, gone=True)
    assert caplog.records == []
    mixed = ExceptionGroup("one of them", [amqp.LinkDetached("gone"), ValueError()])
    assert is_told(logger, "me", mixed, gone=True)
    assert is_told(logger, "me", gone, gone=False)
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert not is_told(logger, "me", SystemExit(), gone=True)
