"""What only the blocking front end has: threads, a driver in the background, interrupts, forks, finalizers."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import amqp
import amqp.sync
from amqp.options import ConnectionOptions
from tests.contract.front import SOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.conftest import MakePeer, ThreadedPeer

HELLO = amqp.Message(b"hello")
ROOT = Path(__file__).resolve().parents[2]


# -- threads


@pytest.mark.fault("F19")
@pytest.mark.timeout(120)
def test_sixteen_threads_on_one_sender_and_one_receiver(broker: str) -> None:
    each, count = 100, 8
    received: Counter[Any] = Counter()
    lock = threading.Lock()
    errors: list[BaseException] = []

    with amqp.sync.connect(broker) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q", credit=50)

        def send(number: int) -> None:
            for index in range(each):
                message = amqp.Message(f"{number}-{index}")
                if index % 2:
                    sender.send(message, timeout=SOON)
                else:
                    sender.submit(message, timeout=SOON)

        def receive(_: int) -> None:
            for delivery in receiver:
                delivery.accept()
                with lock:
                    received[delivery.message.body] += 1
                    if received.total() == each * count:
                        done.set()

        def guarded(work: Callable[[int], None], number: int) -> None:
            try:
                work(number)
            except amqp.AmqpError as error:
                errors.append(error)
                done.set()

        done = threading.Event()
        senders = [threading.Thread(target=guarded, args=(send, number)) for number in range(count)]
        receivers = [threading.Thread(target=guarded, args=(receive, number)) for number in range(count)]
        for thread in senders + receivers:
            thread.start()
        for thread in senders:
            thread.join(SOON)
        assert done.wait(SOON)
        receiver.close()
        for thread in receivers:
            thread.join(SOON)
        sender.close()
    assert not errors
    assert not [thread for thread in senders + receivers if thread.is_alive()]
    assert len(received) == each * count
    assert set(received.values()) == {1}


def test_a_thread_that_submits_has_its_message_written_while_another_waits(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q")
        waiter = threading.Thread(target=lambda: receiver.receive(timeout=SOON))
        waiter.start()
        for _ in range(20):
            known = len(peer.peer.deliveries)
            pending = sender.submit(HELLO)
            peer.until(lambda peer, known=known: len(peer.deliveries) > known)  # type: ignore[misc]  # a lambda's default
            assert pending.result(timeout=SOON) == amqp.Accepted()
        peer.send("the end")
        waiter.join(SOON)
        assert not waiter.is_alive()


def test_what_is_submitted_is_written_when_nobody_waits(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        sender = connection.open_sender("q")
        pending = sender.submit(HELLO)
        peer.until(lambda peer: peer.deliveries)
        end = time.monotonic() + SOON
        while not pending.done() and time.monotonic() < end:
            time.sleep(0)
        assert pending.done()


def test_the_next_waiter_drives_when_the_one_that_drives_is_done(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        first, second = connection.open_receiver("a"), connection.open_receiver("b")
        order: list[str] = []

        def waiting(receiver: amqp.sync.Receiver, name: str) -> None:
            receiver.receive(timeout=SOON)
            order.append(name)

        threads = [
            threading.Thread(target=waiting, args=(first, "a")),
            threading.Thread(target=waiting, args=(second, "b")),
        ]
        for thread in threads:
            thread.start()
        peer.until(lambda peer: all(getattr(link, "credit", 0) for link in peer.session().links))
        for name, thread in zip("ab", threads, strict=True):

            def send(peer: Any, name: str = name) -> None:
                links = [link for link in peer.session().links if link.source.address == name]
                links[0].send(amqp.Message(name).encode())

            peer.do(send)
            thread.join(SOON)
        assert order == ["a", "b"]


def test_nobody_calls_the_connection_from_under_its_lock(peer: ThreadedPeer) -> None:
    caught: list[BaseException] = []
    connections: list[amqp.sync.Connection] = []

    def on_frame(*_: object) -> None:
        if connections and not caught:
            try:
                connections[0].open_session()
            except amqp.LocalError as error:
                caught.append(error)

    with amqp.sync.connect(peer.url, on_frame=on_frame) as connection:
        connections.append(connection)
        assert connection.open_sender("q").send(HELLO) == amqp.Accepted()
        assert "called from on_frame" in str(caught[0])
        connections.clear()


def test_callbacks_may_use_the_connection(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        sender = connection.open_sender("q")
        done = threading.Event()

        def again(_: object) -> None:
            sender.send(HELLO, timeout=SOON)
            done.set()

        peer.do(lambda peer: peer.silent.add("outcome"))
        sender.submit(HELLO).add_done_callback(again)
        peer.until(lambda peer: peer.deliveries)
        peer.do(lambda peer: peer.silent.clear())
        peer.do(lambda peer: peer.deliveries.popleft().settle(amqp.Accepted()))
        assert done.wait(SOON)


# -- time


def test_heartbeats_go_on_while_the_caller_computes(start_peer: MakePeer) -> None:
    peer = start_peer(options=ConnectionOptions(container_id="peer", idle_timeout=0.2))
    with amqp.sync.connect(peer.url) as connection:
        end = time.monotonic() + 0.7
        while time.monotonic() < end:
            sum(range(10_000))
        assert peer.peer.driver.transport is not None
        assert connection.open_sender("q").send(HELLO) == amqp.Accepted()


def test_a_silent_peer_is_noticed_while_nobody_waits(start_peer: MakePeer) -> None:
    peer = start_peer()
    connection = amqp.sync.connect(peer.url, idle_timeout=0.2)
    gone = threading.Event()
    connection.add_close_callback(lambda _: gone.set())
    peer.do(lambda peer: setattr(peer.driver, "mute", True))
    assert gone.wait(SOON)
    assert isinstance(connection.error, amqp.ConnectionLost)
    connection.close()


def test_an_idle_connection_does_not_spin(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        receiver = connection.open_receiver("q")
        before = time.process_time()
        with pytest.raises(amqp.OperationTimeout):
            receiver.receive(timeout=0.3)
        assert time.process_time() - before < 0.1


# -- interrupts


@pytest.mark.fault("F14")
def test_an_interrupted_wait_leaves_the_connection_usable(start_peer: MakePeer) -> None:
    peer = start_peer(credit=0, silent=("outcome",))
    with amqp.sync.connect(peer.url) as connection:
        sender, receiver = connection.open_sender("q"), connection.open_receiver("q")
        main = threading.main_thread().ident
        assert main is not None
        waits: list[Callable[[], object]] = [
            lambda: receiver.receive(timeout=SOON),
            lambda: sender.send(HELLO, timeout=SOON),
            lambda: sender.submit(HELLO, timeout=SOON),
            lambda: connection.wait_closed(timeout=SOON),
        ]
        for wait in waits:
            interrupter = threading.Timer(0.05, signal.pthread_kill, (main, signal.SIGINT))
            interrupter.start()
            with pytest.raises(KeyboardInterrupt):
                wait()
            interrupter.join()
            assert connection.is_open
        peer.do(lambda peer: peer.silent.clear())
        peer.do(lambda peer: peer.receiver().flow(5))
        assert sender.send(HELLO, timeout=SOON) == amqp.Accepted()
        peer.send("still there")
        assert receiver.receive(timeout=SOON).message.body == "still there"


def test_an_interrupt_in_the_midst_of_work_ends_the_connection(
    peer: ThreadedPeer, caplog: pytest.LogCaptureFixture
) -> None:
    interrupting = False

    def on_frame(*_: object) -> None:
        if interrupting:
            raise KeyboardInterrupt

    connection = amqp.sync.connect(peer.url, on_frame=on_frame)
    interrupting = True
    with pytest.raises(KeyboardInterrupt):
        connection.open_session()
    assert isinstance(connection.error, amqp.ConnectionLost)
    assert connection.error.blame is amqp.Blame.LOCAL
    with pytest.raises(amqp.ConnectionLost, match="interrupt"):
        connection.open_session()
    connection.close()


# -- processes


@pytest.mark.fault("F18")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_process_writes_nothing(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        sender = connection.open_sender("q")
        came = sum(1 for _ in peer.peer.happened)
        with warnings.catch_warnings():
            # Newer versions warn of forks where there are threads; that is what is tested here.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            code = 1
            try:
                try:
                    sender.send(HELLO)
                except amqp.ForkError as error:
                    code = 0 if "parent process" in str(error) else 2
                sender.close()
                connection.close()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        assert sender.send(HELLO) == amqp.Accepted()
        # What came is this one message.
        assert len(peer.peer.deliveries) == 1
        assert peer.peer.driver.transport is not None
        assert sum(1 for _ in peer.peer.happened) == came + 1


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'generated'}"}
    return subprocess.run(
        [sys.executable, "-X", "dev", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
    )


@pytest.mark.fault("F16")
def test_the_interpreter_ends_quietly_with_a_connection_open(peer: ThreadedPeer) -> None:
    code = "import sys, amqp.sync; c = amqp.sync.connect(sys.argv[1]); c.open_sender('q'); print('done')"
    done = run(code, peer.url)
    assert done.returncode == 0
    assert done.stdout == "done\n"
    assert [line for line in done.stderr.splitlines() if "ResourceWarning" not in line] == []


def test_the_blocking_front_end_loads_no_asyncio(peer: ThreadedPeer) -> None:
    code = "import sys, amqp.sync; amqp.sync.connect(sys.argv[1]).close(); print('asyncio' in sys.modules)"
    done = run(code, peer.url)
    assert done.stdout == "False\n", done.stderr


# -- forgetting


@pytest.mark.fault("F17")
def test_a_forgotten_connection_is_dropped(peer: ThreadedPeer) -> None:
    held = [amqp.sync.connect(peer.url)]
    assert held[0].open_sender("q").submit(HELLO).result(timeout=SOON) == amqp.Accepted()
    failed = threading.Event()
    peer.do(lambda peer: peer.silent.add("outcome"))
    late = held[0].open_sender("q").submit(HELLO)
    late.add_done_callback(lambda _: failed.set())
    peer.until(lambda peer: len(peer.deliveries) == 2)

    def forget() -> None:
        held.clear()
        gc.collect()

    with pytest.warns(ResourceWarning, match="unclosed <Connection to"):
        forget()
    peer.until(lambda peer: peer.driver.transport is None)
    assert failed.wait(SOON)
    assert isinstance(late.exception(), amqp.InDoubt)
    end = time.monotonic() + SOON
    while any(thread.name == "amqp connection" for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0)


@pytest.mark.fault("F17")
def test_a_message_in_doubt_does_not_keep_a_forgotten_connection(peer: ThreadedPeer) -> None:
    # The peer holds its outcome back for ever, and the error has a traceback through all who waited for it.
    peer.do(lambda peer: peer.silent.add("outcome"))

    def work() -> None:
        sender = amqp.sync.connect(peer.url).open_sender("q")
        try:
            sender.send(HELLO, timeout=0.01)
        except amqp.InDoubt:
            return
        raise AssertionError("there is no outcome")

    work()
    with pytest.warns(ResourceWarning, match="unclosed <Connection to"):
        gc.collect()
    peer.until(lambda peer: peer.driver.transport is None)


def test_threads_end_with_their_connection(peer: ThreadedPeer) -> None:
    with amqp.sync.connect(peer.url) as connection:
        connection.add_close_callback(lambda _: None)
        names = {thread.name for thread in threading.enumerate()}
        assert {"amqp connection", "amqp callbacks"} <= names
    end = time.monotonic() + SOON
    while any(thread.name.startswith("amqp ") for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0)


# -- streams


def test_an_ssl_socket_is_refused() -> None:
    import ssl

    one, other = socket.socketpair()
    wrapped = ssl.create_default_context().wrap_socket(
        one, server_hostname="localhost", do_handshake_on_connect=False
    )
    with pytest.raises(amqp.LocalError, match=r"tls\.wrap"):
        amqp.sync.open_over(wrapped)
    wrapped.close()
    other.close()
