"""2.2 and 2.4: headers, open, close, and the states between them."""

from __future__ import annotations

import pytest

from amqp.engine import (
    ConnectionEnded,
    ConnectionFailed,
    ConnectionOpened,
    ConnectionState,
    Engine,
    LinkOpened,
    LinkRequested,
    SessionEnded,
    SessionFailed,
    SessionOpened,
    SessionRequested,
)
from amqp.errors import Blame, EncodeError, LocalError, Scope
from amqp.options import ConnectionOptions, LinkOptions
from amqp.sasl import Anonymous, AnonymousServer, SaslClient, SaslServer
from amqp_spec import AmqpErrorCondition, Close, ConnectionErrorCondition, Error
from tests.engine.wire import (
    AMQP,
    EMPTY,
    SASL,
    Attach,
    Begin,
    End,
    Open,
    Rig,
    Target,
    accept_session,
    begin,
    begin_session,
    client,
    flow,
    frame,
    in_state,
    opened_client,
    opened_server,
    receiver_attach,
    sender_attach,
    server,
)

OPEN = frame(Open(container_id="peer"))
NOT_FOUND = Error(condition=AmqpErrorCondition.NOT_FOUND, description="gone")


# -- headers


def test_a_client_sends_header_and_open_unprompted() -> None:
    rig = client()
    rig.engine.open()
    header, opening = rig.sent()
    assert header == AMQP
    assert isinstance(opening, Open)
    assert in_state(rig.engine, ConnectionState.OPEN_PIPE)


def test_a_server_waits_for_the_header() -> None:
    rig = server()
    rig.quiet()
    rig.raw(AMQP)
    assert rig.sent() == [AMQP]
    assert in_state(rig.engine, ConnectionState.HDR_EXCH)


@pytest.mark.parametrize(
    "header",
    [b"AMQP\x00\x01\x01\x00", b"AMQP\x00\x00\x09\x01", b"GET / HT", bytes(8), b"AMQP\x07\x01\x00\x00"],
)
@pytest.mark.parametrize("sasl", [None, SaslServer({"ANONYMOUS": AnonymousServer})])
def test_a_server_answers_a_wrong_header_with_a_right_one_and_ends(
    header: bytes, sasl: SaslServer | None
) -> None:
    rig = server(sasl=sasl)
    rig.raw(header + OPEN)
    assert rig.sent() == [AMQP if sasl is None else SASL]
    failed = rig.event(ConnectionFailed)
    assert failed.fault.blame is Blame.REMOTE
    assert rig.engine.output_closed
    rig.raw(OPEN).quiet()


@pytest.mark.parametrize("header", [SASL, b"AMQP\x00\x01\x01\x00", b"HTTP/1.1"])
def test_a_client_stops_at_a_wrong_header(header: bytes) -> None:
    rig = client()
    rig.engine.open()
    rig.forget()
    rig.raw(header + OPEN)
    assert rig.sent() == []
    failed = rig.event(ConnectionFailed)
    assert failed.fault.blame is Blame.REMOTE
    assert failed.authentication is (header == SASL)
    assert rig.engine.output_closed


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            b"AMQP\x00\x00\x09\x01",
            "AMQP 0-9-1, which is another protocol: RabbitMQ before 4 needs its plug-in rabbitmq_amqp1_0",
        ),
        (
            b"AMQP\x01\x01\x00\x0a",
            "AMQP 0-10, which is another protocol: the server needs a module or a version",
        ),
        (
            b"AMQP\x01\x01\x08\x00",
            "AMQP 0-8, which is another protocol: the server needs a module or a version",
        ),
        (
            b"AMQP\x01\x01\x09\x01",
            "AMQP 0-9, which is another protocol: the server needs a module or a version",
        ),
        (b"AMQP\x01\x02\x00\x00", "protocol id 1 2.0.0"),
        (b"AMQP\x00\x01\x01\x00", "AMQP 1.1.0"),
        (b"HTTP/1.1", "b'HTTP/1.1', which is HTTP: if that port takes AMQP by WebSocket, connect with ws://"),
        (b"\x15\x03\x03\x00\x02\x02\x28\x15", "which is TLS: connect with amqps://"),
        (b"220 mail", "which is no AMQP header: another service may have that port"),
    ],
)
def test_what_else_answers_is_named_with_how_to_mend_it(answer: bytes, text: str) -> None:
    rig = client()
    rig.engine.open()
    rig.raw(answer)
    assert text in rig.event(ConnectionFailed).fault.description


@pytest.mark.parametrize(
    ("came", "text"),
    [
        (b"", "before it said anything"),
        (
            b"\x15\x03\x01\x00\x02\x02\x46",
            "b'\\x15\\x03\\x01\\x00\\x02\\x02F', which is TLS: connect with amqps://",
        ),
        (b"-ERR\r\n", "which is no AMQP header: another service may have that port"),
        (b"AMQ", "in the middle of a frame"),
        (b"AMQP\x03", "in the middle of a frame"),
        (AMQP, "without a close"),
        (AMQP + OPEN[:9], "in the middle of a frame"),
    ],
)
def test_where_the_stream_ended_is_told(came: bytes, text: str) -> None:
    rig = client()
    rig.engine.open()
    if came:
        rig.raw(came)
    assert rig.engine.heard is bool(came)
    rig.raw(b"")
    description = rig.event(ConnectionFailed).fault.description
    assert description.startswith("the peer ended the stream ")
    assert text in description


# -- open


@pytest.mark.requirement("transport-2.4.1-01")
def test_our_open_is_small_and_on_channel_0() -> None:
    for rig in (client(), server()):
        if rig.engine.role == "server":
            rig.raw(AMQP + OPEN)
        rig.engine.open()
        opening = rig.frames()[1]
        assert isinstance(opening.performative, Open)
        assert opening.channel == 0
        assert opening.size <= 512


@pytest.mark.requirement("transport-2.4.1-01")
def test_an_open_that_is_too_large_is_a_local_error() -> None:
    rig = client(ConnectionOptions(container_id="x" * 505))
    with pytest.raises(LocalError, match="pre_open_send_limit"):
        rig.engine.open()
    rig.quiet()
    rig = client(ConnectionOptions(container_id="x" * 505, pre_open_send_limit=1024))
    rig.engine.open()
    assert len(rig.sent()) == 2


def test_an_option_without_encoding_is_told_at_once() -> None:
    with pytest.raises(EncodeError):
        Engine(ConnectionOptions(properties={"x": object()}))


@pytest.mark.requirement("transport-2.4.1-02")
def test_an_open_of_512_octets_is_taken() -> None:
    octets = frame(Open(container_id="x", properties={"p": "x" * 464}))
    assert len(octets) == 512
    rig = server()
    rig.raw(AMQP + octets)
    rig.event(ConnectionOpened)


@pytest.mark.requirement("transport-2.4.1-03")
@pytest.mark.parametrize("first", [begin(), Close(), End(), flow(), EMPTY])
@pytest.mark.parametrize("make", [client, server])
def test_open_is_the_first_frame(first: object, make: type) -> None:
    rig = make()
    if rig.engine.role == "client":
        rig.engine.open()
    octets = first if isinstance(first, bytes) else frame(first)  # type: ignore[arg-type]  # else one of the performatives above
    rig.raw(AMQP + octets)
    opening, close = rig.sent()[1:]
    assert isinstance(opening, Open)
    assert isinstance(close, Close)
    assert close.error is not None
    assert rig.event(ConnectionFailed).fault.condition == AmqpErrorCondition.NOT_ALLOWED


@pytest.mark.requirement("transport-2.4.1-04")
def test_open_on_another_channel() -> None:
    rig = server()
    rig.raw(AMQP + frame(Open(container_id="peer"), channel=1))
    close = rig.sent()[-1]
    assert isinstance(close, Close)
    assert close.error is not None
    rig.event(ConnectionFailed)


@pytest.mark.requirement("transport-2.4.1-05")
@pytest.mark.fault("C7")
@pytest.mark.parametrize("make", [opened_client, opened_server])
def test_a_second_open(make: type) -> None:
    rig = make()
    rig.raw(OPEN)
    error = rig.one(Close).error
    assert error is not None
    assert error.condition == AmqpErrorCondition.ILLEGAL_STATE
    assert rig.event(ConnectionFailed).fault.condition == AmqpErrorCondition.ILLEGAL_STATE


def test_the_open_says_what_the_options_say() -> None:
    rig = client(
        ConnectionOptions(
            container_id="c",
            hostname="vhost:x",
            max_frame_size=1000,
            channel_max=7,
            idle_timeout=10.0,
            offered_capabilities=["a", "b"],
            properties={"product": "p"},
        )
    )
    rig.engine.open()
    opening = rig.sent()[1]
    assert opening == Open(
        container_id="c",
        hostname="vhost:x",
        max_frame_size=1000,
        channel_max=7,
        idle_time_out=5000,
        offered_capabilities=("a", "b"),
        properties=opening.properties,
    )
    assert opening.properties == {"product": "p"}


def test_what_the_peer_said_is_there() -> None:
    rig = opened_client(Open(container_id="peer", max_frame_size=4096, channel_max=9))
    assert rig.engine.remote_open is not None
    assert rig.engine.remote_open.container_id == "peer"
    assert rig.engine.remote_max_frame_size == 4096
    assert rig.engine.remote_channel_max == 9
    assert in_state(rig.engine, ConnectionState.OPENED)


@pytest.mark.requirement("transport-2.7.1-03")
@pytest.mark.parametrize("size", [0, 511])
def test_a_max_frame_size_below_512(size: int) -> None:
    rig = server()
    rig.raw(AMQP + frame(Open(container_id="peer", max_frame_size=size)))
    close = rig.sent()[-1]
    assert isinstance(close, Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.INVALID_FIELD
    assert rig.event(ConnectionFailed).fault.blame is Blame.REMOTE


@pytest.mark.requirement("transport-2.7.1-10")
def test_open_properties_have_symbols_as_keys() -> None:
    good = Open(container_id="peer", properties={"abc": 1}).encode()
    bad = good.replace(b"\xa3\x03abc", b"\xa1\x03abc")
    assert bad != good
    rig = server()
    rig.raw(AMQP + frame(bad))
    close = rig.sent()[-1]
    assert isinstance(close, Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.DECODE_ERROR


# -- close


@pytest.mark.requirement("transport-2.4.3-01")
@pytest.mark.requirement("transport-2.4.3-02")
@pytest.mark.parametrize("make", [opened_client, opened_server])
def test_close_is_the_last_thing_written(make: type) -> None:
    rig = make()
    rig.engine.close()
    assert rig.one(Close) == Close()
    assert in_state(rig.engine, ConnectionState.CLOSE_SENT)
    assert not rig.engine.output_closed
    # Whatever still comes, and however late it is, nothing follows.
    rig.receive(begin())
    rig.now += 1000
    rig.engine.handle_timeout(rig.now)
    rig.quiet()
    with pytest.raises(LocalError):
        rig.engine.begin()
    rig.receive(Close())
    rig.event(ConnectionEnded)
    assert rig.sent() == []
    assert rig.engine.output_closed
    assert in_state(rig.engine, ConnectionState.END)


@pytest.mark.requirement("transport-2.4.3-04")
@pytest.mark.requirement("transport-2.4.3-07")
@pytest.mark.parametrize("make", [opened_client, opened_server])
def test_a_close_is_answered_and_nothing_behind_it_is_read(make: type) -> None:
    rig = make()
    rig.receive(Close(), begin(), begin())
    assert rig.one(Close) == Close()
    rig.event(ConnectionEnded)
    assert rig.engine.output_closed


@pytest.mark.requirement("transport-2.4.3-05")
def test_close_on_another_channel() -> None:
    rig = opened_server(options=ConnectionOptions(channel_max=5))
    rig.receive(Close(), channel=5)
    assert rig.one(Close) == Close()
    rig.event(ConnectionEnded)


@pytest.mark.requirement("transport-2.4.4-01")
@pytest.mark.parametrize("make", [opened_client, opened_server])
def test_closes_that_cross(make: type) -> None:
    rig = make()
    rig.engine.close()
    rig.receive(Close())
    assert rig.sent() == [Close()]
    rig.event(ConnectionEnded)
    rig.engine.close()
    rig.quiet()


@pytest.mark.requirement("transport-2.8.16-01")
def test_a_close_with_an_error_is_told_in_full() -> None:
    rig = opened_client()
    info = {"network-host": "other", "port": 5673, "hostname": "h"}
    error = Error(condition=ConnectionErrorCondition.REDIRECT, description="there", info=info)
    rig.receive(Close(error=error))
    assert rig.one(Close) == Close()
    failed = rig.event(ConnectionFailed)
    assert failed.remote_close
    assert failed.fault.condition == "amqp:connection:redirect"
    assert failed.fault.description == "there"
    assert failed.fault.blame is Blame.REMOTE
    assert failed.fault.info is not None
    assert failed.fault.info["network-host"] == "other"


@pytest.mark.requirement("transport-2.4.6-01")
def test_after_our_close_with_an_error_all_is_dropped() -> None:
    rig = opened_server()
    session = accept_session(rig)
    rig.engine.close(NOT_FOUND)
    assert rig.one(Close).error == NOT_FOUND
    assert in_state(rig.engine, ConnectionState.DISCARDING)
    rig.receive(sender_attach(), begin(), Open(container_id="again", max_frame_size=512))
    assert rig.engine.remote_open is not None
    assert rig.engine.remote_open.container_id != "again"
    assert rig.engine.remote_max_frame_size > 512
    rig.raw(frame(b"\xff\xff") + frame(b"x", kind=1) + frame(begin(), channel=60_000))
    rig.quiet()
    rig.receive(Close())
    failed = rig.event(ConnectionFailed)
    assert failed.fault.blame is Blame.LOCAL
    assert failed.fault.condition == "amqp:not-found"
    assert rig.sent() == []
    session.end()
    rig.quiet()


@pytest.mark.requirement("transport-2.4.6-01")
def test_after_a_fault_all_is_dropped_until_the_close() -> None:
    rig = opened_server()
    rig.receive(flow())
    fault = rig.event(ConnectionFailed).fault
    assert fault.scope is Scope.CONNECTION
    error = rig.one(Close).error
    assert error is not None
    assert error.condition == fault.condition == AmqpErrorCondition.ILLEGAL_STATE
    rig.receive(begin(), flow())
    rig.quiet()
    assert not rig.engine.output_closed
    rig.receive(Close())
    rig.quiet()
    assert rig.engine.output_closed


@pytest.mark.requirement("transport-2.8.14-01")
def test_a_close_whose_error_lacks_its_condition_still_closes() -> None:
    rig = opened_client()
    rig.raw(frame(b"\x00\x53\x18\xc0\x0a\x01" + b"\x00\x53\x1d\xc0\x04\x02\x40\xa1\x00"))
    assert isinstance(rig.sent()[0], Close)
    rig.event(ConnectionFailed)


def test_a_close_before_the_open_was_sent() -> None:
    rig = client()
    rig.engine.close()
    rig.event(ConnectionEnded)
    assert rig.engine.output_closed
    assert rig.sent() == []
    with pytest.raises(LocalError):
        rig.engine.begin()


def test_a_client_may_close_behind_its_open() -> None:
    rig = client()
    rig.engine.open()
    rig.engine.close()
    assert rig.sent() == [AMQP, rig.engine._open, Close()]
    assert in_state(rig.engine, ConnectionState.OC_PIPE)
    rig.raw(AMQP)
    assert in_state(rig.engine, ConnectionState.CLOSE_PIPE)
    rig.raw(OPEN)
    assert in_state(rig.engine, ConnectionState.CLOSE_SENT)
    rig.receive(Close())
    rig.event(ConnectionEnded)


def test_a_server_refuses_by_open_and_close() -> None:
    rig = server()
    rig.raw(AMQP + OPEN)
    rig.event(ConnectionOpened)
    rig.engine.close(NOT_FOUND)
    header, opening, close = rig.sent()
    assert header == AMQP
    assert isinstance(opening, Open)
    assert close == Close(error=NOT_FOUND)


def test_a_server_may_give_up_before_the_open_came() -> None:
    rig = server()
    rig.raw(AMQP)
    rig.engine.close(NOT_FOUND)
    assert [type(each) for each in rig.sent()] == [bytes, Open, Close]
    rig.raw(OPEN)
    rig.receive(Close())
    assert rig.event(ConnectionFailed).fault.blame is Blame.LOCAL


# -- pipelining


@pytest.mark.requirement("transport-2.4.2-02")
@pytest.mark.parametrize("answer", ["open", "close"])
def test_open_and_close_in_one_write(answer: str) -> None:
    rig = server()
    rig.raw(AMQP + OPEN + frame(Close()))
    rig.event(ConnectionOpened)
    getattr(rig.engine, answer)()
    assert [type(each) for each in rig.sent()] == [bytes, Open, Close]
    rig.event(ConnectionEnded)
    assert rig.engine.output_closed
    rig.engine.close()
    rig.quiet()


@pytest.mark.requirement("transport-2.4.2-01")
def test_all_in_one_write_is_answered_in_order() -> None:
    rig = server()
    rig.raw(
        AMQP
        + OPEN
        + frame(begin())
        + frame(receiver_attach())
        + frame(flow(handle=0, link_credit=3, next_incoming_id=None))
    )
    opened, requested, link_requested = rig.events()[:3]
    assert isinstance(opened, ConnectionOpened)
    assert isinstance(requested, SessionRequested)
    assert isinstance(link_requested, LinkRequested)
    assert rig.sent() == [AMQP]
    rig.engine.open()
    requested.session.accept()
    link_requested.link.accept()
    assert [type(each) for each in rig.sent()] == [Open, Begin, Attach]


def test_begin_end_and_close_in_one_write() -> None:
    rig = server()
    rig.raw(AMQP + OPEN + frame(begin()) + frame(End()) + frame(Close()))
    opened, requested = rig.events()
    rig.engine.open()
    assert isinstance(opened, ConnectionOpened)
    assert isinstance(requested, SessionRequested)
    requested.session.accept()  # the peer is gone: nothing to be told
    assert [type(each) for each in rig.sent()] == [bytes, Open, Close]
    rig.event(ConnectionEnded)


def test_a_client_may_begin_and_attach_before_the_peer_answered() -> None:
    rig = client()
    rig.engine.open()
    session = rig.engine.begin()
    link = session.attach_sender(LinkOptions(name="x", target=Target(address="q")))
    # 2.4.1: before the peer's open only what every peer takes.
    assert [type(each) for each in rig.sent()] == [bytes, Open]
    rig.raw(AMQP + OPEN)
    assert [type(each) for each in rig.sent()] == [Begin, Attach]
    rig.receive(begin(remote_channel=0), receiver_attach("x"))
    assert [type(event) for event in rig.events()] == [ConnectionOpened, SessionOpened, LinkOpened]
    assert link.attached


@pytest.mark.requirement("transport-2.7.1-05")
def test_sessions_begun_early_keep_to_the_peers_channel_max() -> None:
    rig = client()
    rig.engine.open()
    first, second = rig.engine.begin(), rig.engine.begin()
    rig.forget()
    rig.raw(AMQP + frame(Open(container_id="peer", channel_max=0)))
    assert [each.channel for each in rig.frames()] == [0]
    opened, failed = rig.events()
    assert isinstance(opened, ConnectionOpened)
    assert isinstance(failed, SessionFailed)
    assert failed.session is second
    assert failed.fault.blame is Blame.LOCAL
    assert list(rig.engine.sessions) == [first]


def test_a_session_ended_before_the_peers_open() -> None:
    rig = client()
    rig.engine.open()
    session = rig.engine.begin()
    session.end()
    rig.forget()
    rig.raw(AMQP + OPEN)
    assert [type(each) for each in rig.sent()] == [Begin, End]
    rig.event(ConnectionOpened)
    rig.receive(begin(remote_channel=0), End())
    assert rig.event(SessionEnded).session is session


# -- the end of the stream


@pytest.mark.parametrize("make", [opened_client, opened_server])
@pytest.mark.parametrize("rest", [b"", frame(begin())[:5], frame(begin())[:-1]])
def test_the_end_of_the_stream(make: type, rest: bytes) -> None:
    rig = make()
    if rest:
        rig.raw(rest)
    rig.raw(b"")
    failed = rig.event(ConnectionFailed)
    assert failed.fault.blame is Blame.NETWORK
    assert failed.fault.condition is None
    assert ("middle" in failed.fault.description) is bool(rest)
    assert not failed.remote_close
    assert rig.engine.output_closed
    assert rig.sent() == []
    rig.raw(b"").quiet()


def test_the_end_of_the_stream_behind_a_close_is_no_news() -> None:
    rig = opened_client()
    rig.receive(Close())
    rig.forget()
    rig.raw(b"").quiet()


def test_the_end_of_the_stream_instead_of_the_answering_close() -> None:
    rig = opened_client()
    rig.engine.close()
    rig.forget()
    rig.raw(b"")
    assert rig.event(ConnectionFailed).fault.blame is Blame.NETWORK


def test_a_transport_that_breaks_behind_the_closes_is_no_news() -> None:
    rig = opened_client()
    rig.engine.close()
    rig.receive(Close())
    rig.forget()
    assert in_state(rig.engine, ConnectionState.END)
    rig.engine.fail("connection reset")
    rig.quiet()


def test_a_broken_transport() -> None:
    rig = opened_client()
    session = begin_session(rig)
    session.end()
    rig.engine.fail("connection reset")
    assert not rig.engine.wants_write
    assert rig.event(ConnectionFailed).fault.description == "connection reset"
    rig.engine.fail("again")
    rig.quiet()
    assert list(rig.engine.sessions) == []


def test_calls_on_a_lost_connection_do_nothing_or_say_so() -> None:
    rig = opened_client()
    session = begin_session(rig)
    rig.raw(b"")
    rig.forget()
    session.end()
    rig.engine.close()
    rig.quiet()
    with pytest.raises(LocalError):
        rig.engine.begin()
    with pytest.raises(LocalError):
        session.attach_sender(LinkOptions(name="x"))


# -- misuse


def test_open_twice() -> None:
    rig = client()
    rig.engine.open()
    with pytest.raises(LocalError, match="before"):
        rig.engine.open()


def test_a_server_does_not_open_first() -> None:
    rig = server()
    with pytest.raises(LocalError, match="ConnectionOpened"):
        rig.engine.open()
    rig.quiet()


def test_begin_before_open() -> None:
    with pytest.raises(LocalError):
        client().engine.begin()


def test_an_engine_takes_the_sasl_of_its_own_role() -> None:
    with pytest.raises(LocalError, match="SaslServer"):
        Engine(role="server", sasl=SaslClient([Anonymous()]))
    with pytest.raises(LocalError, match="SaslClient"):
        Engine(sasl=SaslServer({"ANONYMOUS": AnonymousServer}))


def test_an_error_larger_than_the_peer_takes_is_refused_here() -> None:
    rig = opened_client(Open(container_id="peer", max_frame_size=512))
    with pytest.raises(LocalError, match="512"):
        rig.engine.close(Error(condition="x:y", description="x" * 600))
    assert in_state(rig.engine, ConnectionState.OPENED)
    rig.quiet()


@pytest.mark.requirement("transport-2.5.1-07")
@pytest.mark.parametrize(
    "performative", [sender_attach(), flow(), End(), receiver_attach()], ids=lambda each: each.NAME
)
def test_session_frames_on_a_channel_without_session(performative: Attach) -> None:
    rig = opened_server()
    rig.receive(performative, channel=3)
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == AmqpErrorCondition.ILLEGAL_STATE
    rig.event(ConnectionFailed)


@pytest.mark.requirement("transport-2.7.1-04")
def test_a_channel_above_ours() -> None:
    rig = opened_server(options=ConnectionOptions(channel_max=2))
    rig.receive(begin(), channel=2)
    rig.event(SessionRequested)
    rig.receive(begin(), channel=3)
    close = rig.one(Close)
    assert close.error is not None
    assert close.error.condition == ConnectionErrorCondition.FRAMING_ERROR
    rig.event(ConnectionFailed)


def test_the_trace_sees_every_frame_and_no_secret() -> None:
    seen: list[tuple[str, int, str | None, int]] = []

    def hook(direction: str, channel: int, performative: object, size: int) -> None:
        seen.append((direction, channel, getattr(performative, "NAME", None), size))

    rig = Rig(Engine(ConnectionOptions(container_id="c", idle_timeout=None), on_frame=hook))
    rig.engine.open()
    rig.raw(AMQP + frame(Open(container_id="peer", idle_time_out=1000)) + EMPTY)
    rig.forget()
    rig.now = 0.6
    rig.engine.handle_timeout(rig.now)
    assert rig.sent() == [None]
    assert seen == [("out", 0, "open", 0), ("in", 0, "open", 0), ("in", 0, None, 0), ("out", 0, None, 0)]
