"""Tokens over a connection that is up, on both front ends, with a scripted peer: CBS and RabbitMQ's refresh."""

from __future__ import annotations

import time
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

import amqp
from amqp.testing import BlockingPeer
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.front import Front

QUEUE = "amqps://ns.example/queue"
SECRET = "geheim-M4RK"


class Node:
    """The node of a scripted peer that takes tokens."""

    def __init__(self, script: BlockingPeer, address: str, wanted: int = 1) -> None:
        self.script = script
        self.asked: list[amqp.Message] = []
        self.answers: list[dict[str, Any]] = []
        self.enough = Event()
        self.wanted = wanted
        self.then: Callable[[], object] | None = None
        script.handshake()
        self.address = address
        self.accept()
        if wanted:
            self.expect()

    def accept(self) -> None:
        self.script.accept_session()
        self.script.expect_attach(role="receiver", source=self.address).respond()
        self.script.expect_attach(role="sender", target=self.address).respond()
        self.script.expect_flow(link_credit=100)
        self.script.grant(10)

    def expect(self) -> None:
        self.script.expect_delivery().then(self.answer).settle("accepted")

    def answer(self, delivery: Any) -> None:
        asked = amqp.Message.decode(delivery.payload)
        self.asked.append(asked)
        assert asked.properties is not None
        told: dict[str, Any] = self.answers.pop(0) if self.answers else {"status-code": 202}
        subject = told.pop("subject", None)
        reply = amqp.Message(
            amqp.AmqpValue(None),
            properties=amqp.Properties(correlation_id=asked.properties.message_id, subject=subject),
            application_properties=told,
        )
        self.script.remote_delivery(payload=reply.encode(), settled=True, handle=0)
        if len(self.asked) >= self.wanted:
            # What the script does next is in it before the program under test goes on.
            if self.then is not None:
                self.then()
            self.enough.set()
        else:
            self.expect()


@pytest.fixture
def script() -> Iterator[BlockingPeer]:
    with BlockingPeer(timeout=SOON) as peer:
        yield peer


def provider(asked: list[str], lives: float = 3_600.0) -> Callable[[str], amqp.Token]:
    """Makes tokens that differ, and keeps what was asked for."""

    def make(audience: str) -> amqp.Token:
        asked.append(audience)
        return amqp.Token(f"{SECRET}-{len(asked)}", time.time() + lives, "servicebus.windows.net:sastoken")

    return make


def finish(script: BlockingPeer) -> None:
    """Let the links and the connection be closed."""
    script.expect_detach().respond()
    script.expect_detach().respond()
    script.expect_end().optional().respond()
    script.expect_close().respond()


def test_a_token_is_put_before_anything_else(front: Front, script: BlockingPeer) -> None:
    node = Node(script, "$cbs")
    asked: list[str] = []
    with front.connect(script.url) as connection:
        before = time.time()
        with connection.authorize(provider(asked), QUEUE) as authorization:
            assert asked == [QUEUE]
            assert authorization.is_open
            assert authorization.audiences == (QUEUE,)
            assert (authorization.renewals, authorization.error) == (1, None)
            assert before + 3_600 <= authorization.expires_at <= time.time() + 3_600
            assert repr(authorization) == f"<Authorization for {QUEUE}, open, renewed 1 times>"
            (put,) = node.asked
            assert put.body == f"{SECRET}-1"
            told = put.application_properties
            assert told is not None
            assert {**told, "expiration": 0} == {
                "operation": "put-token",
                "type": "servicebus.windows.net:sastoken",
                "name": QUEUE,
                "expiration": 0,
            }
            assert type(told["expiration"]) is amqp.Timestamp
            finish(script)
        assert not authorization.is_open
        authorization.close()


@pytest.mark.fault("F28")
def test_tokens_are_renewed_before_they_expire(front: Front, script: BlockingPeer) -> None:
    node = Node(script, "$cbs", 3)
    asked: list[str] = []
    with front.connect(script.url) as connection:
        authorization = connection.authorize(provider(asked, 0.05), QUEUE)
        assert node.enough.wait(SOON)
        assert [message.body for message in node.asked] == [f"{SECRET}-{n}" for n in (1, 2, 3)]
        finish(script)
        authorization.close()


@pytest.mark.fault("F28")
def test_links_that_were_taken_away_come_up_again(front: Front, script: BlockingPeer) -> None:
    node = Node(script, "$cbs")
    asked: list[str] = []
    gone = Event()

    def take_away() -> None:
        # Service Bus does so to links that are idle for ten minutes.
        script.remote_detach("amqp:link:detach-forced", handle=0)
        script.expect_detach()
        script.expect_end().then(again).respond()

    def again(_: Any) -> None:
        node.then = partial(finish, script)
        node.accept()
        node.expect()
        gone.set()

    node.then = take_away
    with front.connect(script.url) as connection:
        authorization = connection.authorize(provider(asked), QUEUE)
        assert gone.wait(SOON)
        authorization.renew(timeout=SOON)
        assert asked == [QUEUE, QUEUE]
        assert authorization.renewals == 2
        authorization.close()


def test_one_token_for_each_audience(front: Front, script: BlockingPeer) -> None:
    node = Node(script, "$cbs", 2)
    asked: list[str] = []
    with front.connect(script.url) as connection, connection.authorize(provider(asked), ["a", "b"]):
        assert asked == ["a", "b"]
        assert node.enough.is_set()
        finish(script)


def test_the_refresh_of_rabbitmq(front: Front, script: BlockingPeer) -> None:
    node = Node(script, "/management")
    node.answers = [{"subject": "204", "http:response": "1.1"}]
    with (
        front.connect(script.url) as connection,
        connection.authorize(provider([]), method="rabbitmq") as authorization,
    ):
        (put,) = node.asked
        assert put.sections[-1] == amqp.AmqpValue(f"{SECRET}-1".encode())
        assert put.properties is not None
        assert (put.properties.to, put.properties.subject) == ("/auth/tokens", "PUT")
        assert put.properties.reply_to == "$me"
        assert authorization.renewals == 1
        finish(script)


@pytest.mark.fault("E6")
@pytest.mark.fault("F28")
def test_a_token_that_is_refused(front: Front, script: BlockingPeer) -> None:
    node = Node(script, "$cbs")
    node.answers = [{"status-code": 401, "status-description": f"bad {SECRET}-1"}]
    node.then = partial(finish, script)
    with front.connect(script.url) as connection:
        with pytest.raises(amqp.TokenRefused, match=r"401 bad \*\*\*") as caught:
            connection.authorize(provider([]), QUEUE)
        assert caught.value.status == 401
        assert SECRET not in repr(caught.value)
        assert connection.is_open


@pytest.mark.fault("E6")
@pytest.mark.fault("F28")
def test_a_renewal_that_fails_until_the_token_expires(
    front: Front, script: BlockingPeer, caplog: pytest.LogCaptureFixture
) -> None:
    Node(script, "$cbs")
    expired = Event()
    once = provider([], 0.05)
    tokens: list[amqp.Token] = []

    def failing(audience: str) -> amqp.Token:
        if tokens:
            if time.time() > (tokens[0].expires_at or 0):
                expired.set()
            raise ValueError(f"the vault does not open with {SECRET}")
        tokens.append(once(audience))
        return tokens[0]

    with front.connect(script.url) as connection:
        authorization = connection.authorize(failing, QUEUE)
        assert expired.wait(SOON)
        finish(script)
        authorization.close()
        assert isinstance(authorization.error, ValueError)
        assert not authorization.is_open
    said = [record.getMessage() for record in caplog.records if record.name == "amqp.security"]
    assert all(line.endswith("ValueError") for line in said)
    assert said


def test_it_ends_with_its_connection(front: Front, script: BlockingPeer) -> None:
    Node(script, "$cbs")
    connection = front.connect(script.url)
    authorization = connection.authorize(provider([]), QUEUE)
    script.expect_detach().optional().respond()
    script.expect_detach().optional().respond()
    script.expect_end().optional().respond()
    script.expect_close().respond()
    connection.close()
    assert not authorization.is_open
    authorization.close()


def test_what_a_provider_raises_is_raised(front: Front, script: BlockingPeer) -> None:
    Node(script, "$cbs", 0)
    finish(script)

    def failing(_: str) -> amqp.Token:
        raise KeyError("no such vault")

    with front.connect(script.url) as connection:
        with pytest.raises(KeyError, match="no such vault"):
            connection.authorize(failing, QUEUE)
        assert connection.is_open
