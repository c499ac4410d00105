"""Commands and daemons: every process of a peer carries a mark, so that none of them can be lost.

Brokers fork helpers and daemons (RabbitMQ leaves Erlang's port mapper behind) and a run can be killed before it
has written down what it started. So nothing is written down: each process inherits an environment variable
that names the peer's folder, and what carries it is ended.
"""

import asyncio
import os
import signal
from pathlib import Path
from typing import IO

from interop.errors import CommandFailed

MARK = "AMQP_PEER"
POLL = 0.05


async def run(
    arguments: list[str],
    *,
    owner: Path,
    log: Path,
    stdin: bytes = b"",
    environment: dict[str, str] | None = None,
) -> None:
    """Run a command to its end, its output appended to log, as a process of the peer in folder owner.

    Raises CommandFailed when it ends with another exit code than 0. Cancelled, it ends the command and all that
    the command started.
    """
    with open_log(log) as output:
        output.write(f"$ {' '.join(arguments)}\n".encode())
        output.flush()
        process = await spawn(
            arguments, owner=owner, output=output, stdin=asyncio.subprocess.PIPE, environment=environment
        )
        try:
            await process.communicate(stdin)
        except asyncio.CancelledError:
            await end_all(owner)
            await process.wait()
            raise
    if process.returncode != 0:
        raise CommandFailed(f"{arguments[0]} ended with {process.returncode}; {log} ends:\n{tail(log)}")


async def spawn(
    arguments: list[str],
    *,
    owner: Path,
    output: IO[bytes],
    stdin: int = asyncio.subprocess.DEVNULL,
    environment: dict[str, str] | None = None,
) -> asyncio.subprocess.Process:
    """Start a command as a process of the peer in folder owner. The environment is ours unless one is given.

    Raises CommandFailed when there is no such command.
    """
    try:
        return await asyncio.create_subprocess_exec(
            *arguments,
            stdin=stdin,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env={**(os.environ if environment is None else environment), MARK: str(owner)},
            # Not in our process group: Ctrl-C is for us, and we end what we started in order.
            start_new_session=True,
        )
    except asyncio.CancelledError:
        # The process may be there already, and asyncio ends no more than that one.
        await end_all(owner)
        raise
    except FileNotFoundError:
        raise CommandFailed(f"{arguments[0]}: no such command") from None


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, its folder made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("ab")


def tail(path: Path, lines: int = 25) -> str:
    """Return the last lines of a log."""
    if not path.is_file():
        return "(no log)"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def owned_by(owner: Path) -> list[int]:
    """Return the ids of the processes that carry the mark of the peer in folder owner."""
    mark = f"{MARK}={owner}".encode()
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended, or belongs to another user: not ours either way
        if mark in variables:
            found.append(int(entry.name))
    return found


async def end_all(owner: Path, *, grace: float = 10.0) -> int:
    """End every process of the peer in folder owner and return how many there were.

    They are asked first and killed when grace seconds have not been enough.
    """
    ended: set[int] = set()
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 5.0)):
        if await _end(owner, number, seconds, ended):
            break
    return len(ended)


async def _end(owner: Path, number: signal.Signals, seconds: float, ended: set[int]) -> bool:
    """Send a signal to each process of the peer, late ones too; return whether none is left after at most seconds."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    told: set[int] = set()
    # A process shows no environment while it executes another program, so one look may miss it.
    looks_without = 0
    while looks_without < 2:
        living = set(owned_by(owner))
        for process in living - told:
            _send(process, number)
        told |= living
        ended |= living
        looks_without = 0 if living else looks_without + 1
        if clock() > deadline:
            return False
        await asyncio.sleep(POLL)
    return True


def _send(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass
