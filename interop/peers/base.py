"""What all peers have in common: installed once, started on loopback, ready when it answers, and always stopped."""

import asyncio
import os
import shutil
import socket
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from interop.errors import InteropError, PeerFailed
from interop.peers.installed import Installed
from interop.processes import POLL, end_all, open_log, spawn, tail

if TYPE_CHECKING:
    from interop.certificates import Certificates

HOST = "127.0.0.1"
WRONG_PASSWORD = "not-the-password"
READY_SECONDS = 90
# The queues that the checks use, one each, so that no check meets what another left behind.
QUEUES = (
    "unsettled",
    "settled",
    "bodies",
    "sections",
    "refused",
    "forced",
    "features",
    "streams",
    "aborted",
    "formats",
    "unreadable",
    "full",
    "security",
    "inbox",
    "outbox",
    "shout",
)
_SASL_HEADER = b"AMQP\x03\x01\x00\x00"


class Peer(Installed):
    """A broker in a folder of its own.

    Its folder holds what install made, install.log, and the folder run of the present or last run.
    """

    title: ClassVar[str]
    default_port: ClassVar[int]
    ready_line: ClassVar[str]
    """What its log says when it takes connections."""
    refused_address: ClassVar[str] = "$refuse"
    """What no receiver can be opened from."""
    refusal_condition: ClassVar[str] = "amqp:not-found"
    """The condition of that refusal."""
    refusal_ends_session: ClassVar[bool] = False
    """Whether it ends the session where the standard has it detach the link (2.6.3)."""
    unroutable_address: ClassVar[str] = "$release"
    """Where what is sent is taken by nobody."""
    rejecting_address: ClassVar[str | None] = "$reject"
    """Where what is sent is rejected, at the latest the third message."""
    modifying_address: ClassVar[str | None] = "$modify"
    """Where what is sent is modified; None where there is no way to have it so."""
    topic: ClassVar[str | None] = None
    """The address of a topic; None where it has none that links can subscribe to."""
    has_tls: ClassVar[bool] = False
    """Whether it takes TLS, and client certificates for EXTERNAL."""
    has_scram: ClassVar[bool] = False
    """Whether it offers SCRAM."""
    has_websocket: ClassVar[bool] = False
    """Whether it takes WebSocket."""
    is_scripted: ClassVar[bool] = True
    """Whether it is a broker of ours: $detach, $end and $close make errors, raw- queues change no byte."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.run_folder = self.folder / "run"
        self.log = self.folder / "run.log"
        self.port = 0
        self.tls_port = 0
        """Where it takes TLS; 0 where it does not."""
        self.websocket_port = 0
        """Where it takes WebSocket; 0 where it does not."""
        self.certificates: Certificates | None = None
        """Of the present run, where it takes TLS."""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where to connect to, with the user and the password that it takes."""
        return f"amqp://guest:guest@{HOST}:{self.port}"

    @property
    def plain_url(self) -> str:
        """Where to connect to, without a user."""
        return f"amqp://{HOST}:{self.port}"

    @property
    def wrong_password_url(self) -> str:
        """Where to connect to with a password that it refuses."""
        return f"amqp://guest:{WRONG_PASSWORD}@{HOST}:{self.port}"

    def address(self, queue: str) -> str:
        """Return the address of one of the queues."""
        return queue

    @abstractmethod
    def prepare(self) -> None:
        """Write what the broker reads at its start; the run folder is there and empty, the port is chosen."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the broker's command line."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """Return the broker's environment."""

    def own_faults(self) -> int:
        """Return how often the broker has failed by itself until now, in a way that is known: docs/interop.md."""
        return 0

    async def start(self) -> None:
        """Start the broker with empty queues and return when it is ready. Raises PeerFailed with the log's end."""
        await end_all(self.folder)
        shutil.rmtree(self.run_folder, ignore_errors=True)
        self.run_folder.mkdir(parents=True)
        self.log.unlink(missing_ok=True)
        self.port = choose_port(f"AMQP_PEER_{self.name.upper()}_PORT", self.default_port)
        self.prepare()
        with open_log(self.log) as output:
            self._process = await spawn(
                self.command(), owner=self.folder, output=output, environment=self.environment()
            )
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._until_ready(self._process)
        except TimeoutError:
            raise self._failed(f"was not ready after {READY_SECONDS} s") from None

    async def stop(self) -> None:
        """End every process of the peer; harmless when there is none."""
        await end_all(self.folder)
        if self._process is not None:
            await self._process.wait()
            self._process = None

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        # The log first: RabbitMQ listens before it has made its users and queues.
        while self.ready_line not in tail(self.log, 1000):
            if process.returncode is not None:
                raise self._failed(f"ended with {process.returncode}")
            await asyncio.sleep(POLL)
        while not await _answers(self.port):
            if process.returncode is not None:
                raise self._failed(f"ended with {process.returncode}")
            await asyncio.sleep(POLL)

    def _failed(self, what: str) -> PeerFailed:
        return PeerFailed(f"{self.title} {what}; {self.log} ends:\n{tail(self.log)}")


async def _answers(port: int) -> bool:
    """Say whether something on the port answers a protocol header with one."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    try:
        writer.write(_SASL_HEADER)
        return (await reader.readexactly(len(_SASL_HEADER))).startswith(b"AMQP")
    except (OSError, asyncio.IncompleteReadError):
        return False
    finally:
        writer.close()


def choose_port(variable: str, first: int) -> int:
    """Return the port that the environment variable names, or the first free one from first on.

    Ports that the system gives to outgoing connections lie higher, so nothing takes it before the broker does.
    """
    if variable in os.environ:
        return int(os.environ[variable])
    for port in range(first, first + 500):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise InteropError(f"no port from {first} to {first + 499} is free: name one by {variable}")
