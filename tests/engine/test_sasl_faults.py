"""5.3: what a SASL layer must not be talked into, seen from the engine."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.engine import Authenticated, ConnectionFailed, ConnectionOpened, Engine
from amqp.errors import AuthenticationFailed, Blame, LocalError
from amqp.options import ConnectionOptions
from amqp.sasl import Anonymous, AnonymousServer, Plain, PlainServer, SaslClient, SaslServer
from amqp_spec import SaslChallenge, SaslCode, SaslInit, SaslMechanisms, SaslOutcome, SaslResponse
from tests.engine.test_sasl_exchange import Rounds
from tests.engine.wire import AMQP, SASL, Open, Rig, client, frame, server

OPEN = frame(Open(container_id="peer"))


class Echoing(Anonymous):
    """A mechanism that answers each challenge."""

    name = "ECHO"

    def step(self, challenge: bytes) -> bytes:
        return challenge


class Ticketless(Anonymous):
    """A mechanism that has nothing to begin with."""

    name = "TICKET"

    def start(self) -> bytes:
        raise AuthenticationFailed("no ticket: get one")


def sasl(performative: Any) -> bytes:
    return frame(performative, kind=1)


def offering(*names: str) -> bytes:
    return SASL + sasl(SaslMechanisms(sasl_server_mechanisms=names))


def outcome(code: SaslCode = SaslCode.OK, data: bytes | None = None) -> bytes:
    return sasl(SaslOutcome(code=code, additional_data=data))


def asking(*mechanisms: Any) -> Rig:
    """A client that has sent its SASL header."""
    rig = client(sasl=SaslClient(mechanisms or [Anonymous()]))
    rig.engine.open()
    rig.forget()
    return rig


def guarded() -> Rig:
    """A server that wants a password."""
    verify = {"guest": "secret"}.get
    return server(sasl=SaslServer({"PLAIN": lambda: PlainServer(lambda user, word: verify(user) == word)}))


def ended(rig: Rig) -> ConnectionFailed:
    """The failure; nothing that comes later counts."""
    *before, failed = rig.events()
    assert isinstance(failed, ConnectionFailed)
    assert not any(isinstance(event, ConnectionOpened) for event in before)
    rig.forget()
    assert rig.engine.output_closed
    rig.raw(AMQP + OPEN)
    rig.quiet()
    return failed


def test_a_mechanism_that_cannot_begin() -> None:
    rig = asking(Ticketless())
    rig.raw(offering("TICKET"))
    assert rig.sent() == []
    failed = ended(rig)
    assert failed.authentication
    assert failed.fault.blame is Blame.LOCAL
    assert "no ticket: get one" in failed.fault.description


@pytest.mark.fault("E1")
@pytest.mark.parametrize(
    ("offered", "blame"), [("PLAIN", Blame.LOCAL), ("CRAM-MD5", Blame.REMOTE)], ids=["withheld", "unknown"]
)
def test_a_mechanism_that_was_withheld_is_told_of_where_it_would_have_done(
    offered: str, blame: Blame
) -> None:
    ours = SaslClient([Echoing()])
    ours.withheld = (Plain("u", "p"),)
    rig = client(sasl=ours)
    rig.engine.open()
    rig.forget()
    rig.raw(offering(offered))
    fault = ended(rig).fault
    assert fault.blame is blame
    assert ("amqps://" in fault.description) is (blame is Blame.LOCAL)


@pytest.mark.fault("E2")
@pytest.mark.parametrize("first", [SaslCode.OK, SaslCode.AUTH])
@pytest.mark.parametrize("second", [SaslCode.OK, SaslCode.AUTH])
def test_an_outcome_twice(first: SaslCode, second: SaslCode) -> None:
    rig = asking()
    rig.raw(offering("ANONYMOUS") + outcome(first) + outcome(second))
    failed = ended(rig)
    # The first one counts: behind an ok, what is no protocol header is the end of the stream (5.3.2).
    assert failed.authentication is (first is SaslCode.AUTH)


@pytest.mark.fault("E2")
def test_an_open_behind_a_failed_outcome() -> None:
    rig = asking()
    rig.raw(offering("ANONYMOUS") + outcome(SaslCode.AUTH) + AMQP + OPEN)
    assert "did not accept the credentials" in ended(rig).fault.description


@pytest.mark.fault("E2")
@pytest.mark.parametrize(
    "again", [b"", SASL, SASL + sasl(SaslInit(mechanism="PLAIN", initial_response=b"\0guest\0secret"))]
)
def test_a_server_takes_nothing_behind_its_refusal(again: bytes) -> None:
    rig = guarded()
    rig.raw(
        SASL + sasl(SaslInit(mechanism="PLAIN", initial_response=b"\0guest\0wrong")) + again + AMQP + OPEN
    )
    assert rig.sent()[-1].code is SaslCode.AUTH
    ended(rig)


@pytest.mark.fault("E2")
def test_a_client_that_starts_again_after_it_was_let_in() -> None:
    rig = guarded()
    init = sasl(SaslInit(mechanism="PLAIN", initial_response=b"\0guest\0secret"))
    rig.raw(SASL + init)
    rig.event(Authenticated)
    rig.forget()
    rig.raw(SASL + init)
    ended(rig)


@pytest.mark.fault("E2")
def test_challenges_without_end() -> None:
    rig = asking(Echoing())
    rig.raw(offering("ECHO"))
    for _ in range(17):
        rig.raw(sasl(SaslChallenge(challenge=b"more")))
    assert "16 challenges" in ended(rig).fault.description


@pytest.mark.fault("E2")
@pytest.mark.parametrize("most", [1, 3])
def test_challenges_beyond_a_bound_of_ones_own(most: int) -> None:
    rig = client(sasl=SaslClient([Echoing()], max_rounds=most))
    rig.engine.open()
    rig.raw(offering("ECHO"))
    for _ in range(most):
        rig.raw(sasl(SaslChallenge(challenge=b"more")))
    assert not rig.events()
    rig.raw(sasl(SaslChallenge(challenge=b"more")))
    assert f"more than {most} challenges" in ended(rig).fault.description


@pytest.mark.fault("E2")
def test_mechanisms_beyond_a_bound_of_ones_own() -> None:
    rig = client(sasl=SaslClient([Echoing()], max_mechanisms=2))
    rig.engine.open()
    rig.raw(offering("ECHO", "A", "B"))
    assert "offers 3 SASL mechanisms, more than 2" in ended(rig).fault.description
    rig = client(sasl=SaslClient([Echoing()], max_mechanisms=2))
    rig.engine.open()
    rig.raw(offering("ECHO", "A"))
    assert not rig.events()


@pytest.mark.fault("E2")
@pytest.mark.parametrize("most", [1, 3])
def test_a_server_that_asks_beyond_a_bound_of_its_own(most: int) -> None:
    rig = server(sasl=SaslServer({"ROUNDS": lambda: Rounds(most + 1)}, max_rounds=most))
    rig.raw(SASL + sasl(SaslInit(mechanism="ROUNDS")))
    for _ in range(most - 1):
        rig.raw(sasl(SaslResponse(response=b"more")))
    assert not rig.events()
    rig.raw(sasl(SaslResponse(response=b"more")))
    assert rig.sent()[-1].code is SaslCode.SYS
    assert f"more than {most} responses" in ended(rig).fault.description


@pytest.mark.parametrize("wrong", [{"max_rounds": 0}, {"max_mechanisms": 0}, {"max_rounds": "2"}])
def test_bounds_that_are_none(wrong: Any) -> None:
    with pytest.raises(LocalError, match=next(iter(wrong))):
        SaslClient([Echoing()], **wrong)
    if "max_rounds" in wrong:
        with pytest.raises(LocalError, match="max_rounds"):
            SaslServer({"ANONYMOUS": AnonymousServer}, **wrong)


@pytest.mark.fault("C1")
@pytest.mark.parametrize("size", range(8))
@pytest.mark.parametrize("phase", ["sasl", "open"])
def test_a_frame_smaller_than_its_header(size: int, phase: str) -> None:
    rig = asking() if phase == "sasl" else client()
    if phase == "open":
        rig.engine.open()
    rig.forget()
    rig.raw((SASL if phase == "sasl" else AMQP) + size.to_bytes(4, "big") + b"\x02\x01\x00\x00")
    ended(rig)


@pytest.mark.fault("C1")
def test_frames_of_the_other_layer() -> None:
    rig = asking()
    rig.raw(SASL + OPEN)
    assert ended(rig).authentication
    opened = client()
    opened.engine.open()
    opened.raw(AMQP + sasl(SaslMechanisms(sasl_server_mechanisms=("PLAIN",))))
    assert "type 1" in opened.event(ConnectionFailed).fault.description


@pytest.mark.fault("C2")
@pytest.mark.parametrize("size", [8_193, 0x7FFF_FFFF, 0xFFFF_FFFF])
@pytest.mark.parametrize("role", ["client", "server"])
def test_a_large_frame_before_anybody_is_known_is_refused_by_its_first_octets(size: int, role: str) -> None:
    rig = asking() if role == "client" else guarded()
    rig.raw(SASL)
    rig.forget()
    rig.raw(size.to_bytes(4, "big"))
    rig.raw(b"\x02\x01\x00\x00")
    assert str(size) in ended(rig).fault.description


@pytest.mark.fault("E6")
def test_a_peer_that_repeats_a_secret_does_not_bring_it_into_a_trace() -> None:
    seen: list[Any] = []
    rig = Rig(
        Engine(
            ConnectionOptions(container_id="c"),
            sasl=SaslClient([Echoing()]),
            on_frame=lambda _direction, _channel, performative, _size: seen.append(performative),
        )
    )
    rig.engine.open()
    rig.raw(offering("ECHO") + sasl(SaslChallenge(challenge=b"hunter2")) + outcome(data=b"hunter2"))
    assert SaslResponse(response=b"hunter2") in rig.sent()
    kinds = [type(each) for each in seen[:5]]
    assert kinds == [SaslMechanisms, SaslInit, SaslChallenge, SaslResponse, SaslOutcome]
    # Their text shows no octets: what a hook may read of them tells nothing either.
    assert not any(b"hunter2" in each.encode() for each in seen)
