"""Tokens: what is asked, what an answer means, and when they are due. The clock is the test's."""

from __future__ import annotations

import math
from typing import Any

import pytest

from amqp.client.tokens import Token, TokenKeeper
from amqp.errors import LocalError, TokenRefused
from amqp.message import Message
from amqp_spec import AmqpValue, Properties, Timestamp

SECRET = "geheim"
QUEUE = "amqps://ns.example/queue"
OK = Message(AmqpValue(None), application_properties={"status-code": 202, "status-description": "Accepted"})


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def keeper(clock: Clock, audiences: Any = QUEUE, method: Any = "cbs") -> TokenKeeper:
    return TokenKeeper(lambda _: Token(SECRET, None), audiences, method, clock)


def answer(**told: Any) -> Message:
    return Message(
        AmqpValue(None), application_properties={name.replace("_", "-"): v for name, v in told.items()}
    )


def test_what_cbs_is_asked() -> None:
    asked = keeper(Clock()).request(QUEUE, Token(SECRET, 2_000.5, "servicebus.windows.net:sastoken"))
    assert asked.body == SECRET
    assert isinstance(asked.sections[-1], AmqpValue)
    assert asked.application_properties == {
        "operation": "put-token",
        "type": "servicebus.windows.net:sastoken",
        "name": QUEUE,
        "expiration": Timestamp(2_000_500),
    }
    endless = keeper(Clock()).request(QUEUE, Token(SECRET, None))
    assert endless.application_properties == {"operation": "put-token", "type": "jwt", "name": QUEUE}
    assert keeper(Clock()).address == "$cbs"


def test_what_rabbitmq_is_asked() -> None:
    rabbitmq = keeper(Clock(), method="rabbitmq")
    asked = rabbitmq.request("", Token(SECRET, 2_000))
    assert asked.sections[-1] == AmqpValue(b"geheim")
    assert asked.properties == Properties(to="/auth/tokens", subject="PUT")
    assert rabbitmq.address == "/management"
    assert rabbitmq.links["properties"] == {"paired": True}
    assert rabbitmq.links["reply_to"] == "$me"


@pytest.mark.parametrize(
    "reply",
    [
        OK,
        answer(statusCode=200),
        answer(status_code=204),
        answer(statusCode=202, statusDescription="y"),
    ],
)
def test_answers_in_both_spellings(reply: Message) -> None:
    kept = keeper(Clock())
    kept.taken(QUEUE, Token(SECRET, None), reply)
    assert kept.expires_at is None
    assert kept.wait() == math.inf


@pytest.mark.parametrize(
    ("reply", "status", "condition"),
    [
        (answer(status_code=401, status_description=f"no {SECRET}"), 401, None),
        (
            answer(statusCode=404, statusDescription="what", errorCondition="amqp:not-found"),
            404,
            "amqp:not-found",
        ),
        (
            answer(status_code=401, error_condition="com.microsoft:auth-failed"),
            401,
            "com.microsoft:auth-failed",
        ),
        (answer(status_code="200"), 0, None),
        (Message(AmqpValue(None)), 0, None),
    ],
)
def test_a_token_that_is_refused(reply: Message, status: int, condition: str | None) -> None:
    with pytest.raises(TokenRefused, match=f"did not take the token for '{QUEUE}'") as caught:
        keeper(Clock()).taken(QUEUE, Token(SECRET, None), reply)
    assert (caught.value.status, caught.value.condition) == (status, condition)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Message(AmqpValue("bad"), properties=Properties(subject="400")), 400),
        (Message(AmqpValue(None), properties=Properties(subject="fine")), 0),
        (Message(AmqpValue(None)), 0),
    ],
)
def test_answers_of_rabbitmq(reply: Message, status: int) -> None:
    kept = keeper(Clock(), method="rabbitmq")
    kept.taken("", Token(SECRET, None), Message(AmqpValue(None), properties=Properties(subject="204")))
    with pytest.raises(TokenRefused) as caught:
        kept.taken("", Token(SECRET, None), reply)
    assert caught.value.status == status


def test_when_they_are_due() -> None:
    clock = Clock()
    kept = keeper(clock, [QUEUE, "other"])
    kept.taken(QUEUE, Token(SECRET, 1_100.0), OK)
    kept.taken("other", Token(SECRET, 1_050.0), OK)
    kept.renewed()
    # The first to expire decides.
    assert kept.expires_at == 1_050.0
    assert kept.wait() == pytest.approx(45)
    clock.now = 1_046.0
    assert kept.wait() == 0
    assert kept.renewals == 1


def test_a_renewal_that_fails_is_tried_again_until_the_end(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    kept = keeper(clock)
    kept.taken(QUEUE, Token(SECRET, 1_100.0), OK)
    clock.now = 1_090.0
    assert kept.failed(ValueError(SECRET))
    assert isinstance(kept.error, ValueError)
    assert kept.wait() == pytest.approx(2.5)
    clock.now = 1_099.999
    assert kept.failed(TokenRefused("the peer did not take it", status=401))
    assert kept.wait() == pytest.approx(0.01)
    clock.now = 1_100.5
    assert not kept.failed(ValueError(SECRET))
    said = [record.getMessage() for record in caplog.records if record.name == "amqp.security"]
    assert len(said) == 3
    assert said[0] == f"a token for {QUEUE} was not renewed, 10 s before it expires: ValueError"
    assert "did not take it" in said[1]
    assert not any(SECRET in line for line in said)
    kept.renewed()
    assert kept.error is None


def test_what_a_provider_may_return() -> None:
    clock = Clock()
    for wrong in (None, "geheim", b"geheim"):
        with pytest.raises(LocalError, match="care to return a Token") as caught:
            keeper(clock).check(QUEUE, wrong)
        assert SECRET not in str(caught.value)
    with pytest.raises(LocalError, match="has expired already"):
        keeper(clock).check(QUEUE, Token(SECRET, 1_000.0))
    good = Token(SECRET, 1_000.1)
    assert keeper(clock).check(QUEUE, good) is good
    assert SECRET not in repr(good)


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": 1},
        {"value": b"x"},
        {"expires_at": "soon"},
        {"kind": None},
        *({"expires_at": end} for end in (math.nan, math.inf, 1e15)),
    ],
    ids=repr,
)
def test_a_token_is_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(LocalError):
        Token(**{"value": "x", "expires_at": None, **wrong})


@pytest.mark.parametrize(
    "wrong", [{"provider": "x"}, {"audiences": []}, {"audiences": [1]}, {"method": "basic"}], ids=repr
)
def test_arguments_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(LocalError):
        TokenKeeper(**{"provider": print, "audiences": QUEUE, "method": "cbs", **wrong})
