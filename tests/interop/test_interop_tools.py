"""The tools of the interop run: processes that cannot get lost, ports, logs, and the accounting of messages."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest

from interop.checks import Check
from interop.checks.traffic import account
from interop.errors import CheckFailed, CommandFailed, InteropError
from interop.fronts import FRONTS, Front
from interop.peers import Peer
from interop.peers.base import HOST, choose_port
from interop.peers.proton import Proton
from interop.processes import end_all, open_log, owned_by, run, spawn, tail
from interop.report import Report
from interop.runner import alone, run_checks

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes through /proc"
)

# Starts a child that leaves its session, as a daemon does, and ignores SIGTERM with it.
_STUBBORN = """
import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
os.write(1, b"up\\n")  # in one piece: the other writes too
signal.pause()
"""


async def _until_logged(log: Path, text: str) -> None:
    async with asyncio.timeout(20):
        while text not in tail(log):  # noqa: ASYNC110 - a file tells nobody that it grew
            await asyncio.sleep(0.01)


async def test_a_failed_command_shows_the_end_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "a log"
    with pytest.raises(CommandFailed, match=r"ended with 3.*\n.*the reason"):
        await run(["sh", "-c", "echo the reason; exit 3"], owner=tmp_path, log=log)


async def test_a_missing_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no-such-command"):
        await run(["no-such-command"], owner=tmp_path, log=tmp_path / "log")


@needs_proc
async def test_daemons_that_ignore_sigterm_are_ended_too(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with open_log(log) as output:
        process = await spawn([sys.executable, "-c", _STUBBORN], owner=tmp_path, output=output)
    await _until_logged(log, "up\nup")
    assert len(owned_by(tmp_path)) == 2
    assert await end_all(tmp_path, grace=0.1) == 2
    assert owned_by(tmp_path) == []
    await process.wait()


@needs_proc
async def test_a_cancelled_command_leaves_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = asyncio.create_task(run(["sh", "-c", "echo up; sleep 60; true"], owner=tmp_path, log=log))
    await _until_logged(log, "\nup")
    command.cancel()
    with pytest.raises(asyncio.CancelledError):
        await command
    assert owned_by(tmp_path) == []


@needs_proc
async def test_one_peers_processes_are_not_anothers(tmp_path: Path) -> None:
    mine, other = tmp_path / "peer", tmp_path / "peer-2"
    with open_log(tmp_path / "log") as output:
        process = await spawn(["sleep", "60"], owner=other, output=output)
    assert await end_all(mine) == 0
    assert process.returncode is None
    assert await end_all(other) == 1
    await process.wait()


def test_a_port_in_use_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert choose_port("NO_SUCH_VARIABLE", port) > port
    monkeypatch.setenv("SOME_PORT", "1234")
    assert choose_port("SOME_PORT", port) == 1234


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(InteropError, match="another run"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([0, 1, 3], "lost 1 .first .2.. twice 0, out of order 0"),
        ([0, 1, 1, 2, 3], "lost 0 .* twice 1"),
        ([0, 2, 1, 3], "lost 0 .* twice 0, out of order 1"),
    ],
)
def test_messages_are_accounted_for(numbers: list[int], said: str) -> None:
    account([0, 1, 2, 3], 4)
    with pytest.raises(CheckFailed, match=said):
        account(numbers, 4)


async def test_a_check_runs_through_both_front_ends_or_once_where_it_uses_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[tuple[str, str]] = []

    def check(name: str, *, once: bool) -> Check:
        async def run(_peer: Peer, front: Front, _messages: int) -> str:
            ran.append((name, front.name))
            return "seen"

        return Check(name, run, once=once)

    checks = [check("through", once=False), check("beside", once=True)]
    await run_checks([Proton(tmp_path)], checks, FRONTS, 1, Report())
    assert ran == [("through", "asyncio"), ("through", "blocking"), ("beside", "asyncio")]
    through_asyncio, through_blocking, beside = capsys.readouterr().out.splitlines()
    assert "through asyncio" in through_asyncio
    assert "through blocking" in through_blocking
    assert "beside" in beside
    assert "asyncio" not in beside
