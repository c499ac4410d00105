"""The commands as processes: what they print, how they end, and how they take Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from amqp.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY / "generated")]),
    "PYTHONWARNINGS": "error",
}
PATIENCE = 50


@pytest.fixture
def run() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a Python with these arguments; it is killed after the test if it still runs."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def end(process: subprocess.Popen[str], number: signal.Signals | None = None) -> tuple[int, str, str]:
    """Send a signal, wait for the end, and return exit code, output and errors."""
    if number is not None:
        process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_broker_says_when_it_listens_and_ends_quietly(
    run: Callable[..., subprocess.Popen[str]], number: signal.Signals
) -> None:
    process = run("-m", "amqp.cli", "broker", "--port", "0")
    line = first_line(process)
    assert line.startswith("listening on amqp://127.0.0.1:")
    with closing(socket.create_connection(("127.0.0.1", int(line.rsplit(":", 1)[1])))) as client:
        client.sendall(b"AMQP\x00\x01\x00\x00")
        assert end(process, number) == (0, "", "")


def test_a_second_ctrl_c_changes_nothing(run: Callable[..., subprocess.Popen[str]]) -> None:
    process = run("-m", "amqp", "broker", "--port", "0")
    port = int(first_line(process).rsplit(":", 1)[1])
    with closing(socket.create_connection(("127.0.0.1", port))) as client:
        client.sendall(b"AMQP\x00\x01\x00\x00")
        process.send_signal(signal.SIGINT)
        # The connection ends in the course of the shutdown.
        with suppress(ConnectionResetError):
            while client.recv(4096):
                pass
        for _ in range(20):
            process.send_signal(signal.SIGINT)
        assert end(process) == (0, "", "")


def test_examples_and_broker(run: Callable[..., subprocess.Popen[str]]) -> None:
    broker = run("-m", "amqp.cli", "broker", "--port", "0")
    url = first_line(broker).removeprefix("listening on ").strip()
    receiver = run(str(REPOSITORY / "examples" / "receive.py"), url, "greetings", "2")
    for text in ("one", "two"):
        sender = run(str(REPOSITORY / "examples" / "send.py"), url, "greetings", text)
        assert end(sender) == (0, f"the peer accepted {text!r} for 'greetings'\n", "")
    assert end(receiver) == (0, "b'one'\nb'two'\n", "")
    assert end(broker, signal.SIGINT) == (0, "", "")


def test_the_blocking_example(run: Callable[..., subprocess.Popen[str]]) -> None:
    broker = run("-m", "amqp.cli", "broker", "--port", "0")
    url = first_line(broker).removeprefix("listening on ").strip()
    example = run(str(REPOSITORY / "examples" / "blocking.py"), url, "greetings", "2")
    assert end(example) == (0, "message 0\nmessage 1\n", "")
    assert end(broker, signal.SIGINT) == (0, "", "")


def test_example_takes_ctrl_c_and_says_what_went_wrong(run: Callable[..., subprocess.Popen[str]]) -> None:
    broker = run("-m", "amqp.cli", "broker", "--port", "0")
    url = first_line(broker).removeprefix("listening on ").strip()
    receiver = run(str(REPOSITORY / "examples" / "receive.py"), url, "greetings", "2")
    sender = run(str(REPOSITORY / "examples" / "send.py"), url, "greetings", "one")
    assert end(sender)[0] == 0
    # What it prints first shows that it waits for the second message now.
    assert first_line(receiver) == "b'one'\n"
    assert end(receiver, signal.SIGINT) == (0, "", "")
    assert end(broker, signal.SIGTERM) == (0, "", "")
    code, out, err = end(run(str(REPOSITORY / "examples" / "send.py"), url))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "cannot be reached" in err


def test_a_port_in_use_is_one_clear_line(run: Callable[..., subprocess.Popen[str]]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        code, out, err = end(run("-m", "amqp.cli", "broker", "--port", str(port)))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert f"cannot listen on 127.0.0.1, port {port}: " in err


def test_elsewhere_than_loopback_it_wants_users(run: Callable[..., subprocess.Popen[str]]) -> None:
    code, out, err = end(run("-m", "amqp.cli", "broker", "--host", "0.0.0.0", "--port", "0"))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "--user" in err
    assert "allow_anonymous" not in err


def test_demo_loses_nothing(run: Callable[..., subprocess.Popen[str]]) -> None:
    code, out, err = end(run("-m", "amqp.cli", "demo", "--messages", "200"))
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "sent 200 received 200 lost 0"
    assert out.replace("\n", "").isprintable()


def test_demo_takes_ctrl_c(run: Callable[..., subprocess.Popen[str]]) -> None:
    process = run("-m", "amqp.cli", "demo", "--messages", "50000000")
    assert first_line(process).startswith("embedded broker on amqp://127.0.0.1:")
    code, _, err = end(process, signal.SIGINT)
    assert (code, err) == (130, "interrupted\n")


def test_demo_ends_quietly_when_nobody_reads(run: Callable[..., subprocess.Popen[str]]) -> None:
    process = run("-m", "amqp", "demo", "--messages", "2000")
    first_line(process)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(PATIENCE) == 141


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith("amqp10 0.")
