"""Two applications on engines, what they say to each other from open to close, and streams mutated from that."""

from __future__ import annotations

import functools
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from amqp.engine import (
    ConnectionOpened,
    CreditChanged,
    DeliveryReceived,
    DeliveryUpdated,
    Engine,
    Event,
    LinkRequested,
    ReceiverLink,
    SenderLink,
    Session,
    SessionRequested,
)
from amqp.errors import EncodeError, LocalError
from amqp.options import ConnectionOptions, LinkOptions
from amqp.sasl import Anonymous, AnonymousServer, Plain, PlainServer, SaslClient, SaslServer
from amqp_spec import Accepted, Rejected, Source, Target
from fuzz.mutating import encoded, mutated_octets, mutated_tree
from fuzz.samples import FRAMES, SASL_FRAMES
from fuzz.trees import octets, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Role = Literal["client", "server"]
_HEADER_SIZE = 8
_MOST_SENT = 6
_PAYLOAD = b"\x00\x53\x75\xb0\x00\x00\x04\x00" + b"x" * 1024


@dataclass(frozen=True, slots=True)
class Setting:
    """How a connection is made."""

    sasl: Literal["", "ANONYMOUS", "PLAIN"] = ""
    max_frame_size: int = 65_536


SETTINGS = (Setting(), Setting("PLAIN"), Setting("ANONYMOUS", 512))


class Application:
    """An engine and whoever uses it: it answers all that is asked, sends what credit allows, settles what comes."""

    def __init__(self, role: Role, setting: Setting) -> None:
        self.role = role
        self.sent = 0
        self.session: Session | None = None
        self.sender: SenderLink | None = None
        options = ConnectionOptions(container_id=role, max_frame_size=setting.max_frame_size)
        self.engine = Engine(options, role=role, sasl=_sasl(role, setting.sasl))
        self.steps_left: list[Callable[[], None]] = []
        if role == "client":
            self._start()

    def _start(self) -> None:
        self.engine.open()
        session = self.session = self.engine.begin()
        self.sender = session.attach_sender(LinkOptions(name="to", target=Target(address="q")))
        session.attach_receiver(LinkOptions(name="from", source=Source(address="q")), credit=5)
        self.steps_left = [self.sender.detach, session.end, self.engine.close]

    def leave(self) -> None:
        """Take the next step of the way out: detach, end, close."""
        if self.steps_left:
            with suppress(LocalError):
                self.steps_left.pop(0)()

    def react(self) -> None:
        """Answer what happened. A peer may have taken away what is answered: that is LocalError, as documented."""
        for event in self.engine.events():
            with suppress(LocalError, EncodeError):
                self._on_event(event)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, ConnectionOpened):
            if self.role == "server":
                self.engine.open()
        elif isinstance(event, SessionRequested):
            event.session.accept()
        elif isinstance(event, LinkRequested):
            if isinstance(event.link, ReceiverLink):
                event.link.accept(credit=5)
            elif isinstance(event.link, SenderLink):
                event.link.accept()
        elif isinstance(event, CreditChanged):
            self._send(event.link)
        elif isinstance(event, DeliveryReceived):
            event.delivery.settle(Accepted() if event.delivery.id % 2 else Rejected())
        elif isinstance(event, DeliveryUpdated):
            event.delivery.settle()

    def _send(self, link: SenderLink) -> None:
        while link.credit and self.sent < _MOST_SENT:
            self.sent += 1
            link.send(_PAYLOAD if self.sent % 2 else _PAYLOAD[:5] + b"\0\0\0")
        if link.drain:
            link.drained()


def _sasl(role: Role, mechanism: str) -> SaslClient | SaslServer | None:
    if not mechanism:
        return None
    if role == "client":
        return SaslClient([Plain("user", "password") if mechanism == "PLAIN" else Anonymous()])
    return SaslServer({"PLAIN": lambda: PlainServer(_verify), "ANONYMOUS": AnonymousServer})


def _verify(username: str, password: str) -> bool:
    return (username, password) == ("user", "password")


@functools.cache
def recorded(setting: Setting) -> dict[Role, tuple[bytes, ...]]:
    """Return the protocol headers and frames that each role writes from the first octet to the close."""
    client, server = Application("client", setting), Application("server", setting)
    said: dict[Role, bytes] = {"client": b"", "server": b""}
    for _ in range(4):
        while True:
            moved = [_move(client, server), _move(server, client)]
            if not any(moved):
                break
            said["client"] += moved[0]
            said["server"] += moved[1]
        client.leave()
    return {role: tuple(_frames(octets_said)) for role, octets_said in said.items()}


def _move(source: Application, target: Application) -> bytes:
    said = b"".join(map(bytes, source.engine.data_to_send(0.0)))
    if said:
        target.engine.receive_data(said, 0.0)
        target.react()
    return said


def _frames(said: bytes) -> list[bytes]:
    frames: list[bytes] = []
    while said:
        size = _HEADER_SIZE if said.startswith(b"AMQP") else int.from_bytes(said[:4], "big")
        frames.append(said[:size])
        said = said[size:]
    return frames


@dataclass(frozen=True, slots=True)
class Stream:
    """What one engine reads: the octets in chunks, and before which of them its application takes a step out."""

    setting: Setting
    chunks: tuple[bytes, ...]
    steps: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.setting} steps {self.steps}: {' '.join(chunk.hex() for chunk in self.chunks)}"


def mutated_stream(rng: Random, reader: Role) -> Stream:
    """Return a recorded exchange, as that role reads it, with one to four changes, cut anywhere into chunks."""
    setting = rng.choice(SETTINGS)
    frames = list(recorded(setting)["server" if reader == "client" else "client"])
    for _ in range(rng.choice((1, 1, 2, 4))):
        _change(rng, frames)
    said = b"".join(frames)
    if rng.random() < 0.1:
        said = mutated_octets(rng, said)
    chunks = _chunks(rng, said)
    steps = tuple(sorted(rng.randrange(2 * len(chunks) + 1) for _ in range(3)))
    return Stream(setting, chunks, steps)


def _change(rng: Random, frames: list[bytes]) -> None:
    at = rng.randrange(len(frames))
    chosen = rng.randrange(10)
    if chosen == 0:
        del frames[at]
    elif chosen == 1:
        frames.insert(rng.randrange(len(frames) + 1), frames[at])
    elif chosen == 2:
        other = rng.randrange(len(frames))
        frames[at], frames[other] = frames[other], frames[at]
    elif chosen == 3:
        frames.insert(at, _strange_frame(rng))
    elif chosen == 4:
        frames[at] = mutated_octets(rng, frames[at])
    else:
        frames[at] = _changed_frame(rng, frames[at])
    if not frames:
        frames.append(b"")


def _strange_frame(rng: Random) -> bytes:
    """A frame with a performative that belongs to another exchange, or to none."""
    kind, samples = rng.choice(((0, FRAMES), (0, FRAMES), (1, SASL_FRAMES)))
    body = encoded(rng, mutated_tree(rng, parse(rng.choice(samples))[0]), 0.1)
    return _framed(body, kind, rng.choice((0, 0, 0, 1, 9, 0xFFFF)))


def _changed_frame(rng: Random, frame: bytes) -> bytes:
    """The frame with another performative in it, the payload left as it is, and a size that fits."""
    if frame.startswith(b"AMQP") or len(frame) <= _HEADER_SIZE or frame[_HEADER_SIZE] != 0:
        return mutated_octets(rng, frame)
    try:
        tree, end = parse(frame, _HEADER_SIZE)
    except (IndexError, RecursionError, ValueError):  # it was changed before, and is no frame any more
        return mutated_octets(rng, frame)
    changed = mutated_tree(rng, tree)
    body = octets(changed) if rng.random() < 0.8 else encoded(rng, changed)
    return _framed(body + frame[end:], frame[5], int.from_bytes(frame[6:8], "big"))


def _framed(body: bytes, kind: int, channel: int) -> bytes:
    return (
        (len(body) + _HEADER_SIZE).to_bytes(4, "big") + bytes((2, kind)) + channel.to_bytes(2, "big") + body
    )


def _chunks(rng: Random, said: bytes) -> tuple[bytes, ...]:
    chosen = rng.randrange(3)
    if chosen == 0:
        return (said,)
    longest = 2048 if chosen == 1 else rng.choice((40, 200))
    chunks: list[bytes] = []
    at = 0
    while at < len(said):
        size = rng.randrange(1, longest)
        chunks.append(said[at : at + size])
        at += size
    return tuple(chunks)
