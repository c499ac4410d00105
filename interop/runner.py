"""The run: peers installed and started side by side, checks one after the other, and everything stopped at the end."""

import asyncio
import fcntl
import os
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from interop.checks import Check
from interop.errors import InteropError
from interop.expect import empty
from interop.fronts import Front
from interop.peers import Peer
from interop.report import Report, Stopwatch

CHECK_SECONDS = 180


def home() -> Path:
    """Return the folder of all peers: AMQP_PEERS, else .peers beside this package."""
    return Path(os.environ.get("AMQP_PEERS") or Path(__file__).parents[1] / ".peers").resolve()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second run out of the folder. The lock ends with this process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InteropError(
                f"another run uses {folder}: wait for it, or set AMQP_PEERS to another folder"
            ) from None
        yield


async def side_by_side(
    peers: Sequence[Peer],
    what: str,
    report: Report,
    work: Callable[[Peer], Awaitable[None]],
    detail: Callable[[Peer], str],
) -> list[Peer]:
    """Do some work for all peers at once and return the peers for which it was done."""

    async def one(peer: Peer) -> bool:
        watch = Stopwatch()
        try:
            await work(peer)
        except InteropError as error:
            report.failure(peer.name, what, watch.seconds, str(error))
            return False
        report.line(peer.name, what, watch.seconds, detail(peer))
        return True

    done = await asyncio.gather(*(one(peer) for peer in peers))
    return [peer for peer, good in zip(peers, done, strict=True) if good]


async def install(peers: Sequence[Peer], report: Report) -> list[Peer]:
    """Install the peers and return those that are."""
    return await side_by_side(peers, "install", report, lambda peer: peer.install(), lambda peer: peer.title)


@asynccontextmanager
async def started(peers: Sequence[Peer], report: Report) -> AsyncIterator[list[Peer]]:
    """Start the peers, give those that came up, and stop all in the end, whatever happens."""
    try:
        yield await side_by_side(peers, "start", report, lambda peer: peer.start(), lambda peer: peer.url)
    finally:
        watch = Stopwatch()
        await asyncio.gather(*(peer.stop() for peer in peers))
        report.line("all", "stop", watch.seconds)


async def run_checks(
    peers: Sequence[Peer], checks: Sequence[Check], fronts: Sequence[Front], messages: int, report: Report
) -> None:
    """Run each check against each peer, through each front end that it uses, one after the other so that no two share the cores."""
    for peer in peers:
        for check in checks:
            if check.applies(peer):
                for front in fronts[:1] if check.once else fronts:
                    await _run_check(peer, check, front, messages, report)


async def _run_check(peer: Peer, check: Check, front: Front, messages: int, report: Report) -> None:
    watch = Stopwatch()
    name = check.name if check.once else f"{check.name} {front.name}"
    faults = peer.own_faults()
    said, failure = await _tried(check.run(peer, front, messages))
    if failure and peer.own_faults() > faults:
        # What the broker does by itself now and then is no news: once more, on empty queues.
        said, failure = await _tried(_again(peer, check, front, messages))
    if failure:
        report.failure(peer.name, name, watch.seconds, failure)
    else:
        report.done(peer.name, name, watch.seconds, said)


async def _again(peer: Peer, check: Check, front: Front, messages: int) -> str:
    await empty(peer)
    said = await check.run(peer, front, messages)
    return f"{said} (at the second try, behind a fault of the broker's own)"


async def _tried(work: Awaitable[str]) -> tuple[str, str]:
    """Return what a check says, and how it failed; one of the two is empty."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await work, ""
    except InteropError as error:
        return "", str(error)
    except TimeoutError as error:
        return "", f"not done in time: {error!r}\n{_trace(error)}"
    except Exception as error:  # noqa: BLE001 - whatever one check raises, the others run
        return "", f"{error!r}\n{_trace(error)}"


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
