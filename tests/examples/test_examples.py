"""Every program in examples/ runs against the embedded broker and says what it should."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

import amqp
from amqp import azure
from amqp.broker import Broker, BrokerOptions, Listener
from amqp.rabbitmq import FILTER_VALUE
from amqp.testing import ABSENT, AsyncPeer
from tests.contract.answering import answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
ELSEWHERE = {"engine.py"}
"""Run where the document that shows them is tested."""
SERVE = {"rpc_service.py"}
"""They bring the server along."""
PATIENT = {"reconnecting.py"}
"""They wait for the server."""


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with Broker() as broker, broker.listen() as listening:
        yield listening


async def run(name: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run a program; return its exit status and what it wrote to either stream."""
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT / "generated")))
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / name),
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )
    written, _ = await asyncio.wait_for(program.communicate(), 40)
    assert program.returncode is not None
    return program.returncode, written.decode()


async def test_send_and_receive(listener: Listener) -> None:
    status, written = await run("send.py", listener.url, "hello", "a text")
    assert (status, written) == (0, "the peer accepted 'a text' for 'hello'\n")
    assert await run("receive.py", listener.url, "hello") == (0, "b'a text'\n")


async def test_worker_pool(listener: Listener) -> None:
    status, written = await run("worker_pool.py", listener.url, "work", "12")
    assert status == 0, written
    lines = written.splitlines()
    assert sorted(line.partition("did ")[2] for line in lines) == sorted(f"'job {n}'" for n in range(12))
    assert len({line.partition(" did")[0] for line in lines}) > 1


async def start(name: str, *arguments: str) -> tuple[asyncio.subprocess.Process, asyncio.StreamReader]:
    """Start a program that goes on until it is told to stop; return what it writes too."""
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT / "generated")))
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / name),
        *arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert program.stdout is not None
    return program, program.stdout


async def line(written: asyncio.StreamReader) -> str:
    return (await asyncio.wait_for(written.readline(), 40)).decode().rstrip()


async def test_reconnecting() -> None:
    async with Broker() as broker, broker.listen() as before, amqp.connect(before.url) as connection:
        port = before.port
        program, written = await start("reconnecting.py", before.url)
        try:
            assert await line(written) == "receiving from hello"
            async with connection.open_sender("hello") as sender:
                await sender.send(amqp.Message("one"))
                assert await line(written) == "did 'one'"
        finally:
            await before.close()
        assert (await line(written)).startswith("again in 1 s: ")
    async with (
        Broker() as broker,
        broker.listen(port=port) as after,
        amqp.connect(after.url) as connection,
    ):
        while (said := await line(written)).startswith("again in "):
            pass
        assert said == "receiving from hello"
        async with connection.open_sender("hello") as sender:
            await sender.send(amqp.Message("two"))
        assert await line(written) == "did 'two'"
        program.terminate()
        assert await line(written) == ""
        assert await program.wait() == 0


async def test_reconnecting_does_not_go_on_for_ever() -> None:
    async with Broker(BrokerOptions(users={"me": "secret"})) as broker, broker.listen() as listener:
        status, written = await run("reconnecting.py", listener.url.replace("//", "//me:wrong@"))
    assert status == 1
    assert "did not accept the credentials" in written


async def test_threads(listener: Listener) -> None:
    async with amqp.connect(listener.url) as connection, connection.open_receiver("telemetry") as receiver:
        program, written = await start("threads.py", listener.url)
        assert await line(written) == "8 threads send to telemetry"
        sensors: set[object] = set()
        while len(sensors) < 8:
            delivery = await receiver.receive(timeout=40)
            sensors.add(delivery.message.body["sensor"])
            await delivery.accept()
        program.terminate()
        assert await line(written) == "stopping"
        assert await line(written) == ""
        assert await program.wait() == 0


async def test_threads_that_lose_their_server() -> None:
    async with Broker() as broker, broker.listen() as listener:
        program, written = await start("threads.py", listener.url, "telemetry", "2")
        assert await line(written) == "2 threads send to telemetry"
    output, _ = await asyncio.wait_for(program.communicate(), 40)
    assert program.returncode == 1
    assert b"the broker shuts down" in output


async def test_pipelined_publisher(listener: Listener) -> None:
    status, written = await run("pipelined_publisher.py", listener.url, "events", "500")
    assert status == 0, written
    assert written.startswith("500 accepted, 0 not, ")


async def test_blocking(listener: Listener) -> None:
    assert await run("blocking.py", listener.url) == (0, "message 0\nmessage 1\nmessage 2\n")


async def test_frame_trace(listener: Listener) -> None:
    status, written = await run("frame_trace.py", listener.url)
    assert status == 0, written
    for expected in (" -> 0 Open(container_id=", " <- 0 Begin(", " -> 0 Transfer(", " <- 0 Disposition("):
        assert expected in written
    assert "Hello" not in written


async def test_the_environment_traces_any_program() -> None:
    options = BrokerOptions(users={"somebody": "geheim"})
    async with Broker(options) as broker, broker.listen() as listener:
        url = listener.url.replace("amqp://", "amqp://somebody:geheim@")
        status, written = await run("send.py", url, AMQP_TRACE="1")
    assert status == 0, written
    assert " -> 0 SaslInit(" in written
    assert "geheim" not in written


async def test_stream_file(listener: Listener, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(3_000_000))
    status, written = await run("stream_file.py", listener.url, "files", str(large))
    assert (status, written) == (0, f"3000000 octets of {large}\n")


async def test_transactions(listener: Listener) -> None:
    status, written = await run("transactions.py", listener.url)
    moved = "".join(f"moved 'order {number}'\n" for number in range(3))
    assert (status, written) == (0, moved + "a mistake was rolled back\n")


async def test_request_reply(listener: Listener) -> None:
    assert await run("request_reply.py", listener.url) == (0, "ONE TWO THREE\n")


async def test_rabbitmq_management() -> None:
    queue = {"name": "example-orders", "vhost": "/", "type": "quorum", "durable": True, "exclusive": False}
    queue |= {"auto_delete": False, "arguments": {}, "message_count": 0, "consumer_count": 0}
    binding = {"source": "example-shop", "destination_queue": "example-orders", "binding_key": "order.#"}
    answers: list[tuple[str, object]] = [
        ("204", None),
        ("201", queue),
        ("204", None),
        ("200", [binding]),
        ("409", "there is another"),
        ("200", {"message_count": 0}),
        ("204", None),
    ]

    def answer_the_next() -> None:
        if answers:
            status, body = answers.pop(0)
            answer(peer, body, subject=status, following=answer_the_next)
        else:
            for _ in range(2):
                peer.expect_detach().respond()
            peer.expect_end().respond()
            peer.expect_close().respond()

    async with AsyncPeer() as peer:
        peer.handshake(offered_capabilities=["LINK_PAIR_V1_0"])
        peer.accept_session()
        peer.expect_attach(role="receiver", properties={"paired": True}).respond()
        peer.expect_attach(role="sender", properties={"paired": True}).respond()
        peer.expect_flow()
        peer.grant(8)
        answer_the_next()
        status, written = await run("rabbitmq_management.py", peer.url)
    assert status == 0, written
    assert written.splitlines() == [
        "example-orders is a quorum queue with 0 messages",
        "example-shop sends order.# to example-orders",
        "not a classic one: 409",
        "deleted with 0 messages",
    ]


async def test_rpc_service() -> None:
    status, written = await run("rpc_service.py")
    assert (status, written.splitlines()) == (0, [f"the square of {n} is {n * n}" for n in range(3)])


async def test_service_bus_sessions() -> None:
    lock = UUID("00112233-4455-6677-8899-aabbccddeeff")
    async with AsyncPeer(timeout=20) as peer:
        with peer.scripting():
            peer.handshake()
            peer.accept_session()
            peer.expect_attach(
                source=lambda source: source["filter"] == {"com.microsoft:session-filter": None},
                rcv_settle_mode="second",
            ).respond(
                source=amqp.Source(address="orders", filter=azure.session_filter("s-1")),
                properties={"com.microsoft:locked-until-utc": amqp.Long(638_000_000_000_000_000)},
            )
            peer.expect_flow()
            for number, (body, state) in enumerate([(b"good", "accepted"), (b"bad", "rejected")]):
                peer.remote_delivery(body=body, delivery_tag=UUID(int=lock.int + number).bytes_le)
                peer.expect_disposition(settled=False, state=state).respond()
                peer.ignore("disposition", settled=True)
            peer.expect_detach().respond()
            peer.expect_attach().refuse("com.microsoft:timeout")
            peer.expect_detach().optional()
            peer.expect_close().respond()
        status, written = await run("service_bus_sessions.py", peer.url)
    assert status == 0, written
    assert written.splitlines() == [
        "session s-1, locked until 22:13:20",
        f"  b'good', locked by {lock}",
        f"  b'bad', locked by {UUID(int=lock.int + 1)}",
        "no session has messages",
    ]


async def test_event_hubs_consumer() -> None:
    event = amqp.Message(b"event", message_annotations={azure.Annotation.OFFSET: "124"})
    async with AsyncPeer(timeout=20) as peer:
        with peer.scripting():
            peer.handshake()
            peer.accept_session()
            peer.expect_attach(
                source="hub/ConsumerGroups/$Default/Partitions/0",
                properties={"com.microsoft:epoch": 1, "com.microsoft:receiver-name": "example"},
            ).respond()
            peer.expect_flow()
            peer.remote_delivery(payload=event.encode(), settled=False)
            peer.expect_disposition(state="accepted").optional()
            peer.remote_detach({"condition": "amqp:link:stolen", "description": "epoch 2 came"})
            peer.ignore("disposition")
            peer.expect_detach()
            peer.expect_close().respond()
        status, written = await run("event_hubs_consumer.py", peer.url, "hub", "123", "2")
    assert status == 0, written
    lines = written.splitlines()
    assert lines[0] == "b'event' at offset 124"
    assert lines[1].startswith("another consumer has the partition: epoch 2 came")


async def test_a_service_says_why_it_cannot_listen(listener: Listener) -> None:
    status, written = await run("rpc_service.py", listener.url)
    assert status == 1
    assert "address already in use" in written


async def test_durable_subscription() -> None:
    """Against the script of a server with topics; `make interop-all` has one."""
    async with AsyncPeer() as peer:
        peer.handshake(expect={"container_id": "durable-example"})
        peer.accept_session()
        durable = {"address": "news", "durable": "unsettled-state", "expiry_policy": "never"}
        peer.accept_receiver(name="reader")
        peer.expect_detach(closed=False).respond()
        peer.accept_sender()
        peer.expect_delivery().respond()
        peer.expect_detach(closed=True).respond()
        again = peer.expect_attach(role="receiver", name="reader", source=durable).respond()
        peer.expect_flow()
        peer.remote_delivery(body="while nobody was there")
        peer.expect_disposition(state="accepted", settled=True)
        peer.expect_detach(closed=False).respond()
        peer.expect_attach(role="receiver", name="reader", source=ABSENT).respond(
            source=amqp.Source(address="news"), initial_delivery_count=0
        )
        peer.expect_detach(closed=True).respond()
        peer.expect_close().respond()
        status, written = await run("durable_subscription.py", peer.url)
    assert (status, written) == (0, "subscribed\nwhile nobody was there\nunsubscribed\n")
    assert again.frame["source"]["capabilities"] == ["topic"]


def event(number: int) -> bytes:
    """A message of a stream, as RabbitMQ sends it."""
    annotations = {"x-stream-offset": amqp.ULong(number), FILTER_VALUE: "odd" if number % 2 else "even"}
    return amqp.Message(f"event {number}", message_annotations=annotations).encode()


async def test_rabbitmq_streams() -> None:
    """Against a script; `make interop` has the server."""
    async with AsyncPeer() as peer:
        peer.handshake()
        peer.accept_session()
        peer.accept_sender()
        for number in range(3):
            peer.expect_delivery(body=f"event {number}").respond()
        peer.expect_detach(closed=True).respond()
        attaches: list[Any] = []
        for numbers in ((0, 1, 2), (2,), (1,)):
            attaches.append(peer.accept_receiver())
            for number in numbers:
                peer.remote_delivery(payload=event(number))
            peer.expect_disposition(state="accepted", settled=True).any_number()
            peer.expect_disposition(first=2, state="released").optional()
            peer.expect_detach(closed=True).respond()
        peer.expect_close().respond()
        status, written = await run("rabbitmq_streams.py", peer.url)
    assert status == 0, written
    assert written.splitlines() == ["event 0", "event 1", "then event 2", "event 1 is odd"]
    filters = [attach.frame["source"]["filter"] for attach in attaches]
    assert [set(each) for each in filters] == [
        {"rabbitmq:stream-offset-spec"},
        {"rabbitmq:stream-offset-spec"},
        {"rabbitmq:stream-offset-spec", "rabbitmq:stream-filter"},
    ]
    assert [each["rabbitmq:stream-offset-spec"].value for each in filters[1:]] == [2, 0]


NAMES = sorted(path.name for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_short(name: str) -> None:
    assert len((EXAMPLES / name).read_text("utf-8").splitlines()) <= 60


@pytest.mark.parametrize("name", sorted({*NAMES} - ELSEWHERE - SERVE - PATIENT))
async def test_an_example_says_why_it_fails(name: str) -> None:
    status, written = await run(name, "amqp://127.0.0.1:1")
    assert status == 1
    assert written.startswith("amqp://127.0.0.1:1 cannot be reached")


def test_every_example_is_tested() -> None:
    here = Path(__file__).read_text("utf-8")
    assert all(path.name in here for path in EXAMPLES.glob("*.py"))
