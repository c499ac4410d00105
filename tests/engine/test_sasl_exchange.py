"""5.3: the SASL layer, both halves, seen from the engine."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import Authenticated, ConnectionFailed, ConnectionOpened, ConnectionState, Engine
from amqp.errors import AuthenticationFailed, Blame
from amqp.options import ConnectionOptions
from amqp.sasl import (
    Anonymous,
    AnonymousServer,
    Challenge,
    Failure,
    Plain,
    PlainServer,
    SaslClient,
    SaslServer,
    Success,
)
from amqp_spec import (
    SaslChallenge,
    SaslCode,
    SaslInit,
    SaslMechanisms,
    SaslOutcome,
    SaslResponse,
)
from tests.engine.wire import (
    AMQP,
    SASL,
    Open,
    Rig,
    begin,
    client,
    cut,
    frame,
    in_state,
    server,
)

OPEN = frame(Open(container_id="peer"))


class Rounds:
    """A mechanism that asks *rounds* times; both halves."""

    name = "ROUNDS"
    secure = True

    def __init__(self, rounds: int = 2, good: bool = True) -> None:
        self.left = rounds
        self.good = good
        self.finished: list[bytes | None] = []

    def start(self) -> bytes | None:
        return None

    def step(self, data: bytes | None) -> Any:
        if isinstance(data, bytes) and data.startswith(b"?"):
            if data == b"?bad":
                raise AuthenticationFailed("the server's nonce is wrong")
            return b"!" + data[1:]
        if self.left:
            self.left -= 1
            return Challenge(b"?%d" % self.left)
        return Success("somebody", b"proof") if self.good else Failure(SaslCode.SYS_TEMP)

    def finish(self, additional_data: bytes | None) -> None:
        self.finished.append(additional_data)
        if not self.good:
            raise AuthenticationFailed("the server did not prove itself")


def sasl(performative: Any, **fields: Any) -> bytes:
    return frame(performative, kind=1, **fields)


def offering(*names: str) -> bytes:
    return sasl(SaslMechanisms(sasl_server_mechanisms=names))


def asking(*mechanisms: Any) -> Rig:
    """A client that has sent its SASL header."""
    rig = client(sasl=SaslClient(mechanisms or [Anonymous()], "vhost"))
    rig.engine.open()
    assert rig.sent() == [SASL]
    return rig


def demanding(optional: bool = False, **fields: Any) -> Rig:
    """A server that demands SASL."""
    return server(
        ConnectionOptions(container_id="server", **fields),
        sasl=SaslServer(
            {
                "PLAIN": lambda: PlainServer(lambda user, password: (user, password) == ("guest", "secret")),
                "ANONYMOUS": AnonymousServer,
                "ROUNDS": Rounds,
                "ENDLESS": lambda: Rounds(1000),
                "BUSY": lambda: Rounds(0, good=False),
            },
            optional=optional,
        ),
    )


def started(**fields: Any) -> Rig:
    """A server that has offered its mechanisms."""
    rig = demanding(**fields)
    rig.raw(SASL)
    rig.forget()
    return rig


def failed(rig: Rig, code: SaslCode | None = None) -> ConnectionFailed:
    """Check that authentication failed, and that nothing is read or written any more."""
    event = rig.event(ConnectionFailed)
    assert event.authentication
    assert event.sasl_code is code
    assert event.fault.condition is None
    assert rig.engine.output_closed
    rig.raw(AMQP + OPEN).quiet()
    return event


# -- the client


@pytest.mark.requirement("security-5.3.1-01")
@pytest.mark.requirement("security-5.3.3.5-01")
@pytest.mark.requirement("security-5.3.2-03")
def test_a_client_authenticates() -> None:
    rig = asking(Plain("guest", "secret"))
    rig.raw(SASL + offering("ANONYMOUS", "PLAIN"))
    (init,) = rig.frames()
    assert init.kind == 1
    assert init.performative == SaslInit(
        mechanism="PLAIN", initial_response=b"\0guest\0secret", hostname="vhost"
    )
    rig.raw(sasl(SaslOutcome(code=SaslCode.OK)))
    assert rig.event(Authenticated) == Authenticated(None, "PLAIN")
    header, opening = rig.sent()
    assert header == AMQP
    assert isinstance(opening, Open)
    rig.raw(AMQP + OPEN)
    rig.event(ConnectionOpened)


@pytest.mark.requirement("security-5.3.3.1-02")
def test_a_client_takes_its_best_mechanism_of_those_offered() -> None:
    rig = asking(Rounds(), Plain("guest", "secret"), Anonymous())
    rig.raw(SASL + offering("ANONYMOUS", "PLAIN", "X-OTHER"))
    assert rig.one(SaslInit).mechanism == "PLAIN"


@pytest.mark.requirement("security-5.3.2-03")
@pytest.mark.fault("E1")
def test_a_client_uses_nothing_that_it_was_not_given() -> None:
    rig = asking(Plain("guest", "secret"))
    rig.raw(SASL + offering("ANONYMOUS", "X-UNKNOWN"))
    assert rig.sent() == []
    event = failed(rig)
    assert "ANONYMOUS, X-UNKNOWN" in event.fault.description
    assert "PLAIN" in event.fault.description


@pytest.mark.fault("E2")
@pytest.mark.parametrize("names", [(), tuple(f"M{number}" for number in range(65))])
def test_a_list_of_no_or_too_many_mechanisms(names: tuple[str, ...]) -> None:
    rig = asking()
    rig.raw(
        SASL + offering("ANONYMOUS", *names)
        if names
        else SASL + sasl(b"\x00\x53\x40\xc0\x05\x01\xe0\x02\x00\xa3")
    )
    assert rig.sent() == []
    failed(rig)


@pytest.mark.requirement("security-5.3.2-04")
def test_a_client_answers_challenges() -> None:
    mechanism = Rounds()
    rig = asking(mechanism)
    rig.raw(SASL + offering("ROUNDS"))
    assert rig.one(SaslInit).initial_response is None
    rig.raw(sasl(SaslChallenge(challenge=b"?1")))
    assert rig.one(SaslResponse).response == b"!1"
    rig.raw(sasl(SaslChallenge(challenge=b"?0")))
    assert rig.one(SaslResponse).response == b"!0"
    rig.raw(sasl(SaslOutcome(code=SaslCode.OK, additional_data=b"proof")))
    rig.event(Authenticated)
    assert mechanism.finished == [b"proof"]


@pytest.mark.fault("E2")
@pytest.mark.parametrize("good", [b"?bad", b"?0"])
def test_a_server_that_asks_wrongly_or_for_ever(good: bytes) -> None:
    rig = asking(Rounds())
    rig.raw(SASL + offering("ROUNDS"))
    for _ in range(17):
        rig.raw(sasl(SaslChallenge(challenge=good)))
    assert len(rig.sent()) <= 17
    failed(rig)


def test_a_challenge_where_the_mechanism_has_none() -> None:
    rig = asking(Plain("guest", "secret"))
    rig.raw(SASL + offering("PLAIN") + sasl(SaslChallenge(challenge=b"x")))
    assert "PLAIN" in failed_after_init(rig).fault.description


def failed_after_init(rig: Rig) -> ConnectionFailed:
    assert isinstance(rig.one(SaslInit), SaslInit)
    return failed(rig)


@pytest.mark.fault("E3")
def test_a_server_that_does_not_prove_itself() -> None:
    rig = asking(Rounds(good=False))
    rig.raw(SASL + offering("ROUNDS") + sasl(SaslOutcome(code=SaslCode.OK)))
    assert "prove" in failed_after_init(rig).fault.description
    assert in_state(rig.engine, ConnectionState.END)


@pytest.mark.requirement("security-5.3.3.5-02")
@pytest.mark.requirement("security-5.3.3.6-01")
@pytest.mark.parametrize("code", [SaslCode.AUTH, SaslCode.SYS, SaslCode.SYS_PERM, SaslCode.SYS_TEMP])
def test_an_outcome_that_is_not_ok(code: SaslCode) -> None:
    rig = asking(Plain("guest", "secret"))
    rig.raw(SASL + offering("PLAIN"))
    rig.forget()
    rig.raw(sasl(SaslOutcome(code=code)) + AMQP + OPEN)
    assert rig.sent() == []
    event = failed(rig, code)
    assert event.fault.blame is Blame.REMOTE
    assert "secret" not in repr(event)


@pytest.mark.requirement("security-5.3.3.6-01")
def test_a_code_that_is_not_defined() -> None:
    rig = asking()
    rig.raw(SASL + offering("ANONYMOUS"))
    rig.forget()
    rig.raw(sasl(b"\x00\x53\x44\xc0\x03\x01\x50\x09"))
    failed(rig)


@pytest.mark.requirement("security-5.3.2-01")
@pytest.mark.requirement("security-5.3.2-05")
@pytest.mark.parametrize(
    "performative",
    [
        SaslInit(mechanism="ANONYMOUS"),
        SaslResponse(response=b"x"),
        SaslChallenge(challenge=b"x"),
        SaslOutcome(code=SaslCode.OK),
    ],
    ids=lambda each: each.NAME,
)
def test_a_server_that_does_not_begin_with_mechanisms(performative: Any) -> None:
    rig = asking()
    rig.raw(SASL + sasl(performative))
    assert rig.sent() == []
    failed(rig)


def test_a_second_list_of_mechanisms() -> None:
    rig = asking()
    rig.raw(SASL + offering("ANONYMOUS") + offering("ANONYMOUS"))
    failed_after_init(rig)


@pytest.mark.fault("E2")
@pytest.mark.fault("E4")
@pytest.mark.parametrize("header", [AMQP, b"AMQP\x03\x01\x01\x00"])
def test_a_server_that_skips_the_layer(header: bytes) -> None:
    rig = asking(Plain("guest", "secret"))
    rig.raw(header + OPEN)
    assert rig.sent() == []
    event = rig.event(ConnectionFailed)
    assert "asked for SASL 1.0.0" in event.fault.description
    assert rig.engine.output_closed


def test_a_close_amid_the_exchange() -> None:
    rig = asking()
    rig.engine.close()
    assert rig.engine.output_closed
    rig.raw(SASL + offering("ANONYMOUS"))
    assert rig.sent() == []


def test_the_end_of_the_stream_amid_the_exchange() -> None:
    rig = asking()
    rig.raw(SASL + offering("ANONYMOUS"))
    rig.forget()
    rig.raw(b"")
    event = rig.event(ConnectionFailed)
    assert "SASL" in event.fault.description
    assert event.fault.blame is Blame.NETWORK


@pytest.mark.requirement("security-5.3.1-04")
def test_a_long_response_needs_leave() -> None:
    options = ConnectionOptions(container_id="c")
    rig = client(options, sasl=SaslClient([Plain("guest", "s" * 600)]))
    rig.engine.open()
    rig.raw(SASL + offering("PLAIN"))
    assert rig.sent() == [SASL]
    event = failed(rig)
    assert event.fault.blame is Blame.LOCAL
    assert "pre_open_send_limit" in event.fault.description
    assert "sss" not in event.fault.description
    options = ConnectionOptions(container_id="c", pre_open_send_limit=1024)
    rig = client(options, sasl=SaslClient([Plain("guest", "s" * 600)]))
    rig.engine.open()
    rig.raw(SASL + offering("PLAIN"))
    assert isinstance(rig.sent()[1], SaslInit)


# -- the server


@pytest.mark.requirement("security-5.3-01")
@pytest.mark.requirement("security-5.3.2-02")
@pytest.mark.requirement("security-5.3.1-02")
@pytest.mark.requirement("security-5.3.1-03")
def test_a_server_offers_its_mechanisms() -> None:
    rig = demanding()
    rig.raw(SASL)
    octets = b"".join(rig.engine.data_to_send(0.0))
    header, offer = cut(octets)
    assert header == SASL
    assert offer.kind == 1  # type: ignore[union-attr]  # a frame, as the line says
    assert octets[12:16] == b"\x02\x01\x00\x00"  # DOFF 2, TYPE 1, two octets of nothing
    assert list(offer.performative.sasl_server_mechanisms) == [  # type: ignore[union-attr]  # see above
        "PLAIN",
        "ANONYMOUS",
        "ROUNDS",
        "ENDLESS",
        "BUSY",
    ]


@pytest.mark.requirement("security-5.3.3.5-01")
def test_a_server_authenticates() -> None:
    rig = started()
    rig.raw(sasl(SaslInit(mechanism="PLAIN", initial_response=b"\0guest\0secret")))
    assert rig.one(SaslOutcome).code is SaslCode.OK
    assert rig.event(Authenticated) == Authenticated("guest", "PLAIN")
    rig.raw(AMQP + OPEN)
    assert rig.sent() == [AMQP]
    rig.event(ConnectionOpened)
    assert in_state(rig.engine, ConnectionState.OPEN_RCVD)


@pytest.mark.requirement("transport-2.4.2-01")
def test_a_client_that_does_not_wait() -> None:
    rig = demanding()
    rig.raw(SASL + sasl(SaslInit(mechanism="ANONYMOUS")) + AMQP + OPEN + frame(begin()))
    assert [type(event) for event in rig.events()][:2] == [Authenticated, ConnectionOpened]
    assert [each if isinstance(each, bytes) else each.NAME for each in rig.sent()] == [
        SASL,
        "sasl-mechanisms",
        "sasl-outcome",
        AMQP,
    ]


@pytest.mark.requirement("security-5.3.2-04")
def test_a_server_asks_as_often_as_it_must() -> None:
    rig = started()
    rig.raw(sasl(SaslInit(mechanism="ROUNDS")))
    assert rig.one(SaslChallenge).challenge == b"?1"
    rig.raw(sasl(SaslResponse(response=b"a")))
    assert rig.one(SaslChallenge).challenge == b"?0"
    rig.raw(sasl(SaslResponse(response=b"b")))
    outcome = rig.one(SaslOutcome)
    assert (outcome.code, outcome.additional_data) == (SaslCode.OK, b"proof")
    assert rig.event(Authenticated).identity == "somebody"


@pytest.mark.fault("E2")
@pytest.mark.requirement("security-5.3.3.6-04")
def test_a_server_does_not_ask_for_ever() -> None:
    rig = started()
    rig.raw(sasl(SaslInit(mechanism="ENDLESS")) + sasl(SaslResponse(response=b"x")) * 100)
    sent = rig.sent()
    assert [type(each) for each in sent] == [SaslChallenge] * 16 + [SaslOutcome]
    failed(rig, SaslCode.SYS)


def test_a_mechanism_that_breaks() -> None:
    def verify(user: str, password: str) -> bool:
        raise OSError("the user database is away")

    rig = server(sasl=SaslServer({"PLAIN": lambda: PlainServer(verify)}))
    rig.raw(SASL)
    rig.forget()
    rig.raw(sasl(SaslInit(mechanism="PLAIN", initial_response=b"\0guest\0secret")))
    assert rig.one(SaslOutcome).code is SaslCode.SYS
    event = failed(rig, SaslCode.SYS)
    assert event.fault.blame is Blame.LOCAL
    assert "OSError" in event.fault.description
    assert "database" not in event.fault.description


def test_a_mechanism_that_is_out_of_order_for_now() -> None:
    rig = started()
    rig.raw(sasl(SaslInit(mechanism="BUSY")))
    assert rig.one(SaslOutcome).code is SaslCode.SYS_TEMP
    failed(rig, SaslCode.SYS_TEMP)


@pytest.mark.requirement("security-5.3.3.6-02")
@pytest.mark.requirement("security-5.3.3.5-02")
@pytest.mark.requirement("security-5.3.3.5-03")
@pytest.mark.fault("E2")
@pytest.mark.parametrize(
    "response",
    [
        b"\0guest\0wrong",
        b"\0nobody\0secret",
        b"",
        b"guest\0secret",
        b"\0\0secret",
        b"\0guest\0secret\0",
        b"\xff\0guest\0secret",
        b"root\0guest\0secret",
    ],
)
def test_wrong_credentials(response: bytes) -> None:
    rig = started()
    rig.raw(sasl(SaslInit(mechanism="PLAIN", initial_response=response)) + AMQP + OPEN)
    outcome = rig.one(SaslOutcome)
    assert (outcome.code, outcome.additional_data) == (SaslCode.AUTH, None)
    failed(rig, SaslCode.AUTH)


@pytest.mark.requirement("security-5.3.3.2-01")
def test_a_mechanism_that_was_not_offered() -> None:
    rig = started()
    rig.raw(sasl(SaslInit(mechanism="NO-SUCH")))
    assert rig.one(SaslOutcome).code is SaslCode.AUTH
    failed(rig, SaslCode.AUTH)


@pytest.mark.requirement("security-5.3.2-05")
@pytest.mark.requirement("security-5.3.2-01")
@pytest.mark.parametrize(
    "performatives",
    [
        [SaslResponse(response=b"x")],
        [SaslInit(mechanism="ROUNDS"), SaslInit(mechanism="ANONYMOUS")],
        [SaslMechanisms(sasl_server_mechanisms=("PLAIN",))],
        [SaslChallenge(challenge=b"x")],
        [SaslOutcome(code=SaslCode.OK)],
    ],
)
def test_frames_out_of_order(performatives: list[Any]) -> None:
    rig = started()
    rig.raw(b"".join(sasl(each) for each in performatives))
    assert not any(isinstance(each, SaslOutcome) for each in rig.sent())
    failed(rig)


@pytest.mark.requirement("security-5.3.3.6-03")
@pytest.mark.fault("E2")
def test_a_client_that_skips_the_layer() -> None:
    rig = demanding()
    rig.raw(AMQP + OPEN)
    assert rig.sent() == [SASL]
    failed(rig)


def test_a_client_may_skip_the_layer_where_it_is_optional() -> None:
    rig = demanding(optional=True)
    rig.raw(AMQP + OPEN)
    rig.event(ConnectionOpened)
    rig = demanding(optional=True)
    rig.raw(SASL)
    assert rig.sent()[0] == SASL


def test_the_layer_is_not_entered_twice() -> None:
    rig = started()
    rig.raw(sasl(SaslInit(mechanism="ANONYMOUS")))
    rig.forget()
    rig.raw(SASL)
    assert rig.sent() == [AMQP]
    rig.event(ConnectionFailed)
    assert rig.engine.output_closed


def test_a_server_without_the_layer() -> None:
    rig = server()
    rig.raw(SASL)
    assert rig.sent() == [AMQP]
    rig.event(ConnectionFailed)


# -- frames of the layer


@pytest.mark.requirement("security-5.3.1-02")
@pytest.mark.requirement("security-5.3.1-03")
@pytest.mark.parametrize("how", [{"channel": 0x4D}, {"extended": b"\xff" * 8}])
def test_what_is_ignored_in_a_sasl_frame(how: dict[str, Any]) -> None:
    rig = started()
    rig.raw(sasl(SaslInit(mechanism="ANONYMOUS"), **how))
    assert rig.one(SaslOutcome).code is SaslCode.OK


@pytest.mark.requirement("security-5.3.1-04")
@pytest.mark.parametrize(("size", "good"), [(512, True), (513, False)])
def test_the_size_of_a_sasl_frame(size: int, good: bool) -> None:
    rig = started(pre_open_max_frame_size=512)
    init = SaslInit(mechanism="ANONYMOUS", initial_response=bytes(300))
    octets = sasl(SaslInit(mechanism="ANONYMOUS", initial_response=bytes(300 + size - len(sasl(init)))))
    assert len(octets) == size
    rig.raw(octets)
    assert any(isinstance(each, SaslOutcome) for each in rig.sent()) is good
    assert any(isinstance(event, Authenticated) for event in rig.events()) is good


@pytest.mark.requirement("security-5.3.1-05")
@pytest.mark.parametrize(
    "octets",
    [
        frame(SaslInit(mechanism="ANONYMOUS").encode() * 2, kind=1),
        frame(SaslInit(mechanism="ANONYMOUS"), kind=1, payload=b"\0"),
        frame(begin(), kind=1),
        frame(b"\xff", kind=1),
    ],
)
def test_a_sasl_frame_has_one_performative(octets: bytes) -> None:
    rig = started()
    rig.raw(octets)
    assert rig.sent() == []
    failed(rig)


@pytest.mark.requirement("security-5.3.1-06")
def test_an_empty_sasl_frame() -> None:
    rig = started()
    rig.raw(frame(kind=1) + sasl(SaslInit(mechanism="ANONYMOUS")))
    assert rig.sent() == []
    failed(rig)


@pytest.mark.requirement("security-5.3.1-07")
@pytest.mark.fault("C1")
@pytest.mark.parametrize("octets", [OPEN, frame(), frame(kind=2)])
def test_an_amqp_frame_during_the_exchange(octets: bytes) -> None:
    rig = started()
    rig.raw(octets + sasl(SaslInit(mechanism="ANONYMOUS")))
    assert rig.sent() == []
    failed(rig)


@pytest.mark.requirement("security-5.3.1-07")
@pytest.mark.fault("C1")
@pytest.mark.parametrize("kind", [0, 2])
def test_what_is_sasl_in_a_frame_of_another_type_is_none(kind: int) -> None:
    rig = started()
    rig.raw(frame(SaslInit(mechanism="ANONYMOUS"), kind=kind))
    assert rig.sent() == []
    assert f"type {kind}" in failed(rig).fault.description


@pytest.mark.fault("C2")
def test_a_large_frame_during_the_exchange() -> None:
    rig = started()
    rig.raw(frame(kind=1, size=0xFFFF_FFFF))
    assert rig.sent() == []
    rig.event(ConnectionFailed)
    assert rig.engine.output_closed


def test_no_empty_frame_during_the_exchange() -> None:
    rig = asking()
    rig.now = 1000.0
    assert rig.engine.next_timeout(rig.now) is None
    rig.engine.handle_timeout(rig.now)
    assert rig.sent() == []


@pytest.mark.fault("E6")
def test_the_trace_shows_no_secret() -> None:
    seen: list[Any] = []

    def hook(direction: str, channel: int, performative: Any, size: int) -> None:
        seen.append(performative)

    rig = Rig(
        Engine(
            ConnectionOptions(container_id="c"),
            sasl=SaslClient([Rounds(), Plain("guest", "top-secret")]),
            on_frame=hook,
        )
    )
    rig.engine.open()
    rig.raw(SASL + offering("PLAIN") + sasl(SaslOutcome(code=SaslCode.OK)))
    assert b"top-secret" in rig.sent()[1].initial_response
    assert [type(each) for each in seen[:3]] == [SaslMechanisms, SaslInit, SaslOutcome]
    peer = Rig(
        Engine(
            role="server",
            sasl=SaslServer({"PLAIN": lambda: PlainServer(lambda user, password: True), "ROUNDS": Rounds}),
            on_frame=hook,
        )
    )
    peer.raw(SASL + sasl(SaslInit(mechanism="ROUNDS")) + sasl(SaslResponse(response=b"top-secret")))
    assert len(seen) >= 7
    assert not any("top-secret" in repr(each) or b"top-secret" in each.encode() for each in seen)
    assert "top-secret" not in repr(Plain("guest", "top-secret"))
