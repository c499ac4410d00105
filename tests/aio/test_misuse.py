"""What a caller gets wrong: one error that names the option, and nothing else is touched."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import pytest

import amqp
import amqp.sync
from amqp.engine import DeliveryUpdated
from tests.aio.peer import SOON, Peer

if TYPE_CHECKING:
    from collections.abc import Callable

HELLO = amqp.Message(b"hello")


async def _works(peer: Peer, connection: amqp.Connection) -> None:
    """The connection carries on, both ways, on links that were there before."""
    assert connection.is_open
    async with connection.open_sender("still") as sender:
        assert await sender.send(HELLO) == amqp.Accepted()
    assert not any(link.name == "wrong" for session in peer.driver.engine.sessions for link in session.links)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"snd_settle_mode": 7}, "snd_settle_mode takes SenderSettleMode.UNSETTLED"),
        ({"snd_settle_mode": "settled"}, "snd_settle_mode takes"),
        ({"rcv_settle_mode": True}, "rcv_settle_mode takes ReceiverSettleMode.FIRST"),
        ({"name": 5}, "name takes a str or None, not int"),
        ({"max_message_size": 1.5}, "max_message_size takes an int"),
        ({"max_message_size": -1}, "max_message_size=-1 is out of range"),
        ({"properties": "abc"}, "properties takes a dict"),
        ({"offered_capabilities": b"abc"}, "offered_capabilities takes a list"),
        (
            {"desired_capabilities": "abc"},
            "desired_capabilities takes a list or tuple of str, or None, not str",
        ),
        ({"desired_capabilities": ["a", 1]}, "one of its items is of type int"),
        ({"timeout": "5"}, "timeout takes seconds"),
    ],
)
async def test_a_wrong_option_of_a_link_is_told_and_changes_nothing(
    options: dict[str, Any], says: str
) -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        for attach in (connection.open_sender, connection.open_receiver):
            opening: Callable[..., Any] = attach
            with pytest.raises(amqp.LocalError, match=says):
                await opening("q", **{"name": "wrong", **options})
        await _works(peer, connection)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"credit": 1.5}, "credit takes an int from 0"),
        ({"credit": "5"}, "credit takes an int"),
        ({"credit": True}, "credit takes an int"),
        ({"credit": -1}, "credit=-1 is out of range"),
        ({"auto_accept": "x"}, "auto_accept takes True or False, not str"),
        ({"target": 5}, "target takes a str, a Target or None"),
    ],
)
async def test_a_wrong_option_of_a_receiver(options: dict[str, Any], says: str) -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        with pytest.raises(amqp.LocalError, match=says):
            await connection.open_receiver("q", name="wrong", **options)
        await _works(peer, connection)


async def test_a_wrong_address_or_option_of_a_sender() -> None:
    wrong: Any = b"q"
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        with pytest.raises(amqp.LocalError, match="the address takes a str, a Target or None, not bytes"):
            await connection.open_sender(wrong)
        with pytest.raises(amqp.LocalError, match="the address takes a str, a Source or None, not bytes"):
            await connection.open_receiver(wrong)
        with pytest.raises(amqp.LocalError, match="durable takes True or False"):
            await connection.open_sender("q", durable=wrong)
        with pytest.raises(amqp.EncodeError):
            await connection.open_sender(amqp.Target(address=wrong))
        with pytest.raises(amqp.LocalError, match="incoming_window takes an int"):
            await connection.open_session(incoming_window=wrong)
        await _works(peer, connection)


async def test_the_number_of_a_settle_mode_is_taken_for_the_mode() -> None:
    settled: Any = 1
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q", snd_settle_mode=settled)
        assert sender.snd_settle_mode is amqp.SenderSettleMode.SETTLED
        assert await sender.send(HELLO) is None


@pytest.mark.parametrize("credit", [1.5, "5", None, True, 0, -1, 1 << 32])
async def test_wrong_credit_is_told_and_changes_nothing(credit: Any) -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q", credit=0)
        with pytest.raises(amqp.LocalError, match="credit"):
            receiver.issue_credit(credit)
        assert receiver.credit == 0
        receiver.issue_credit(1)
        await peer.send(b"1")
        assert (await receiver.receive(timeout=SOON)).message.body == b"1"
        await _works(peer, connection)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"tag": "abc"}, "tag takes bytes or None, not str"),
        ({"settled": 1}, "settled takes True or False, not int"),
        ({"timeout": "1"}, "timeout takes seconds"),
        ({"timeout": -1}, "timeout=-1 is out of range"),
        ({"timeout": float("nan")}, "timeout=nan is out of range"),
    ],
)
async def test_a_wrong_argument_of_a_send(arguments: dict[str, Any], says: str) -> None:
    async with Peer(silent=("outcome",)) as peer, amqp.connect(peer.url) as connection:
        sender = await connection.open_sender("q")
        for send in (sender.send, sender.submit):
            with pytest.raises(amqp.LocalError, match=says):
                await send(HELLO, **arguments)
        await sender.submit(HELLO, tag=b"right", settled=True)
        await peer.until(lambda: peer.deliveries)
        assert [delivery.tag for delivery in peer.deliveries] == [b"right"]


@pytest.mark.parametrize("wrong", [-1, 1 << 32, "0", None, True])
def test_a_wrong_format_of_a_message(wrong: Any) -> None:
    with pytest.raises(amqp.EncodeError, match="format"):
        amqp.Message(b"", format=wrong)


async def test_a_wrong_outcome_is_told_and_leaves_the_delivery_as_it_was() -> None:
    wrong: Any = "no error"
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        receiver = await connection.open_receiver("q")
        await peer.send(b"1")
        delivery = await receiver.receive(timeout=SOON)
        with pytest.raises(
            amqp.LocalError, match=r"^reject takes an amqp.Error\(condition=.* or None, not str$"
        ):
            await delivery.reject(wrong)
        with pytest.raises(amqp.EncodeError):
            await delivery.modify(message_annotations={"x": object()})
        with pytest.raises(amqp.LocalError, match="timeout takes seconds"):
            await delivery.accept(timeout=wrong)
        assert (delivery.settled, delivery.outcome) == (False, None)
        await delivery.accept()
        with pytest.raises(amqp.LocalError, match="each delivery is settled once"):
            await delivery.accept()
        await _works(peer, connection)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"connect_timeout": "x"}, "connect_timeout takes seconds"),
        ({"operation_timeout": None}, "operation_timeout takes seconds"),
        ({"idle_timeout": "5"}, "idle_timeout takes seconds as an int or a float, or None"),
        ({"idle_timeout": 0}, "idle_timeout=0 is out of range"),
        ({"max_frame_size": 1e6}, "max_frame_size takes an int"),
        ({"channel_max": "1"}, "channel_max takes an int"),
        ({"container_id": 5}, "container_id takes a str"),
        ({"hostname": b"h"}, "hostname takes a str"),
        ({"sasl": "PLAIN"}, "sasl takes Plain"),
        ({"sasl": amqp.Anonymous}, "not the class Anonymous"),
        ({"allow_cleartext": "no"}, "allow_cleartext takes True or False"),
        ({"properties": []}, "properties takes a dict"),
        ({"desired_capabilities": "abc"}, "desired_capabilities takes a list"),
        ({"on_frame": 5}, "on_frame takes something that can be called"),
        ({"ssl_context": True}, "ssl_context takes an ssl.SSLContext"),
        ({"transport": "tcp"}, "transport takes a coroutine function"),
    ],
)
def test_a_wrong_option_of_a_connection(options: dict[str, Any], says: str) -> None:
    with pytest.raises(amqp.LocalError, match=says):
        amqp.connect("amqps://localhost", **options)


@pytest.mark.parametrize(
    "url", [None, 5, b"amqp://localhost", ["amqp://localhost", None], {"amqp://localhost"}]
)
def test_a_url_of_another_type(url: Any) -> None:
    with pytest.raises(amqp.LocalError, match="connect takes a URL as a str"):
        amqp.connect(url)


def test_an_option_that_does_not_exist_names_the_call_and_the_options() -> None:
    unknown: Any = {"heartbeat": 5}
    with pytest.raises(TypeError, match=r"^connect\(\) has no option 'heartbeat'.*idle_timeout"):
        amqp.connect("amqp://localhost", **unknown)
    with pytest.raises(TypeError, match=r"^open_over\(\) has no option 'heartbeat'.*idle_timeout"):
        amqp.open_over(unknown, **unknown)


async def test_an_option_of_a_link_that_does_not_exist() -> None:
    unknown: Any = {"prefetch": 5}
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        with pytest.raises(TypeError, match=r"^open_sender\(\) has no option 'prefetch'.*snd_settle_mode"):
            connection.open_sender("q", **unknown)
        with pytest.raises(TypeError, match=r"^open_receiver\(\) has no option 'prefetch'.*credit"):
            connection.open_receiver("q", **unknown)
        session = await connection.open_session()
        with pytest.raises(TypeError, match=r"^open_receiver\(\) has no option 'prefetch'.*credit"):
            session.open_receiver("q", **unknown)
        with pytest.raises(TypeError, match=r"^open_sender\(\) has no option 'prefetch'"):
            session.open_sender("q", **unknown)
        await _works(peer, connection)


async def test_an_exception_on_this_side_is_told_as_such(caplog: pytest.LogCaptureFixture) -> None:
    def careless(_: object) -> None:
        raise ZeroDivisionError("careless")

    async with Peer() as peer:
        connection = await amqp.connect(peer.url)
        sender = await connection.open_sender("q")
        connection._client._handlers[DeliveryUpdated] = careless
        with pytest.raises((amqp.NotSent, amqp.InDoubt)) as caught:
            await sender.send(HELLO, timeout=SOON)
        lost = caught.value.__cause__
        assert isinstance(lost, amqp.ConnectionLost)
        assert lost.blame is amqp.Blame.LOCAL
        assert "network" not in str(lost).replace("not of the network", "")
        assert "ZeroDivisionError: careless" in str(lost)
        assert isinstance(lost.__cause__, ZeroDivisionError)
        assert "an exception ends the connection" in caplog.text
        await connection.close()
        async with asyncio.timeout(SOON):
            await peer.until(lambda: peer.driver.transport is None)


async def test_what_was_not_awaited_says_so() -> None:
    async with Peer() as peer, amqp.connect(peer.url) as connection:
        opening: Any = connection.open_sender("q")
        assert repr(opening) == "<open_sender(...), to be awaited>"
        with pytest.raises(
            AttributeError, match=r"^there is no 'send' before it is open: write `await open_sender\("
        ):
            opening.send(HELLO)
        with pytest.raises(TypeError, match=r"^write `async with open_sender\(\.\.\.\)`"), opening:
            pass
        await (await opening).close()
        await _works(peer, connection)


@pytest.mark.parametrize("kind", [amqp.Connection, amqp.sync.Connection])
def test_a_connection_is_not_made_by_calling_its_class(kind: Any) -> None:
    with pytest.raises(TypeError):
        kind("amqp://localhost")
    # What is left of it is collected without another error, which would be a warning here.
    gc.collect()


async def test_a_blocking_connection_to_a_server_of_the_loop_that_stands_still() -> None:
    async with Peer() as peer:
        with pytest.raises(amqp.OperationTimeout) as caught:
            amqp.sync.connect(peer.url, connect_timeout=0.05)
    assert "This thread runs an event loop" in caught.value.__notes__[0]
