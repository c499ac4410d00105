"""Runs a script against what comes: octets in, octets out, and an AssertionError with the whole trace where they part."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from threading import Condition, RLock
from typing import TYPE_CHECKING, Any, Literal, Protocol

from amqp.testing.framing import Bad, Frame, FrameReader, Gone, make_frame
from amqp.testing.steps import Action, Expectation, Gate
from amqp.testing.views import View

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from amqp.testing.framing import Item
    from amqp.testing.steps import Step

__all__ = ["Ending", "OctetEnd", "Script", "header_octets"]

Ending = Literal["half-close", "drop", "reset"]
"""How a peer stops: no more output, both directions closed, or closed with a reset."""


class OctetEnd(Protocol):
    """What a peer can be pumped against without a loop: an :class:`amqp.engine.Engine`, or anything with its face."""

    @property
    def output_closed(self) -> bool:
        """Whether no more output comes."""
        ...

    def receive_data(self, data: bytes, now: float, /) -> None:
        """Take octets; ``b""`` is the end of the stream."""

    def data_to_send(self, now: float, /) -> Any:
        """Return buffers to send."""


class Script:
    """The core of a scripted peer: a list of steps, worked off in the order in which they were written.

    Args:
        role: what it plays against the program under test.
        wide: write every value in its longest encoding, as some servers do; else in the shortest.
    """

    def __init__(self, role: Literal["server", "client"] = "server", *, wide: bool = False) -> None:
        self.role: Literal["server", "client"] = role
        self.wide = wide
        self.view = View()
        """The sessions and links of the connection."""
        self.received: list[Frame] = []
        """Every frame that came, with those of earlier connections."""
        self.failure: AssertionError | None = None
        """The first mismatch."""
        self.reading = True
        """False while it is stalled: what comes waits, unread."""
        self.ending: Ending | None = None
        """How its output ends, once everything before it was taken."""
        self._trace: list[str] = []
        self._steps: deque[Step] = deque()
        self._ignored: list[Expectation] = []
        self._inbox: deque[Item] = deque()
        self._reader = FrameReader()
        self._unread: list[bytes] = []
        self._out: deque[bytes] = deque()
        self._held = False
        self._piece: int | None = None
        self._running = False
        self._end_told = self._end_seen = False
        self._frame_limit: int | None = None
        self._lock = RLock()
        self._condition = Condition(self._lock)

    # -- octets

    def feed(self, octets: bytes) -> None:
        """Take octets from the program under test; ``b""`` is the end of its stream.

        Raises:
            AssertionError: they are not what the script expects.
        """
        with self._lock:
            if self.ending in ("drop", "reset"):
                return
            if not self.reading:
                self._unread.append(octets)
                return
            self._read(octets)
            self.run()

    def take(self) -> bytes:
        """Return the octets for the program under test, and forget them."""
        return b"".join(self.take_pieces())

    def take_pieces(self) -> list[bytes]:
        """Return the octets in the pieces in which they shall arrive: by frame, or by :meth:`split_output`."""
        with self._lock:
            if self._held:
                return []
            pieces = list(self._out)
            self._out.clear()
        if self._piece is None:
            return pieces
        octets = b"".join(pieces)
        return [octets[at : at + self._piece] for at in range(0, len(octets), self._piece)]

    @property
    def output_closed(self) -> bool:
        """Whether all was taken and nothing more comes, because it was dropped or half-closed."""
        return self.ending is not None and not self._out

    def pump(self, other: OctetEnd, now: float = 0.0) -> None:
        """Carry octets between this peer and *other*, in memory, until neither has anything more to say.

        Raises:
            AssertionError: what *other* says is not what the script expects.
        """
        moved = True
        while moved:
            moved = False
            for piece in self.take_pieces():
                other.receive_data(piece, now)
                moved = True
            if self.output_closed and not self._end_told:
                self._end_told = moved = True
                other.receive_data(b"", now)
            octets = b"".join(other.data_to_send(now))
            if octets:
                self.feed(octets)
                moved = True
            if other.output_closed and not self._end_seen:
                self._end_seen = moved = True
                self.feed(b"")

    # -- the script

    @contextmanager
    def scripting(self) -> Generator[None]:
        """Keep what comes waiting while several steps are written, where another thread does the input."""
        with self._lock:
            yield

    def add(self, step: Step) -> None:
        """Put *step* at the end of the script; the script goes on as far as it can."""
        with self._lock:
            self._steps.append(step)
            self.run()

    def insert(self, *steps: Step) -> None:
        """Put *steps* in front of what is left of the script: for replies."""
        with self._lock:
            self._steps.extendleft(reversed(steps))
            self.run()

    def ignore(self, name: str, *, channel: Any = None, **fields: Any) -> None:
        """From now on drop frames of that performative which the script does not expect; ``empty`` are heartbeats.

        Empty frames are dropped anyway where the script does not ask for them.
        """
        with self._lock:
            ignored = Expectation(self, name, fields)
            if channel is not None:
                ignored.channel = channel
            self._ignored.append(ignored)
            self.run()

    def run(self) -> None:
        """Go on with the script as far as it can.

        Raises:
            AssertionError: what came is not what the script expects.
        """
        with self._lock:
            if self._running:
                return
            self._running = True
            try:
                if self.failure is None:
                    while self._advance():
                        pass
            except AssertionError as error:
                # Of a predicate or a reply of the test.
                self.failure = self.failure or error
            except Exception as error:
                self._fail("the script cannot go on", [f"{type(error).__name__}: {error}"])
                raise self.failure or error from error
            finally:
                self._running = False
                self._progressed()
            self._raise()

    def send(self, name: str, fields: Mapping[str, Any], *, channel: int = 0, payload: bytes = b"") -> Frame:
        """Send a frame at once, whatever the script says."""
        frame = make_frame(name, fields, channel=channel, payload=payload, wide=self.wide)
        with self._lock:
            self.view.sent(frame)
            if name == "open":
                self._frame_limit = frame["max_frame_size"]
            self.send_octets(frame.octets, str(frame))
        return frame

    def send_octets(self, octets: bytes, what: str | None = None) -> None:
        """Send octets at once, whatever the script says; *what* stands in the trace for them."""
        with self._lock:
            if self.ending is not None:
                raise LookupError(f"nothing can be sent behind {self.ending}")
            self._note("->", what or f"{len(octets)} raw octets: {octets[:64].hex(' ')}")
            self._out.append(octets)
        self._progressed()

    @property
    def remote_max_frame_size(self) -> int:
        """The largest frame that the program under test takes, as its last open says; 512 before."""
        for frame in reversed(self.received):
            if frame.name == "open":
                return int(frame["max_frame_size"])
        return 512

    # -- control, at once

    def hold(self) -> None:
        """Keep all output from now on, until :meth:`release`: a delay by hand."""
        self._held = True

    def release(self) -> None:
        """Let the output go again."""
        self._held = False
        self._progressed()

    def split_output(self, size: int | None = 1) -> None:
        """From now on write at most *size* octets at a time; None is a frame at a time."""
        self._piece = size

    def end(self, how: Ending) -> None:
        """End the output at once; see :data:`Ending`."""
        with self._lock:
            self._note("->", how)
            self.ending = how
            if how != "half-close":
                # Nobody is there to look at it.
                self._inbox.clear()
        self._progressed()

    def set_reading(self, reading: bool) -> None:
        """Read nothing more, or go on with what has come."""
        with self._lock:
            self.reading = reading
            if reading:
                unread, self._unread = self._unread, []
                for octets in unread:
                    self._read(octets)
        self._progressed()
        self.run()

    def reconnected(self) -> None:
        """Begin anew with another connection; the script goes on where it is. A network does this by itself."""
        self.view = View()
        self._reader = FrameReader()
        self._unread.clear()
        self._out.clear()
        self._inbox.clear()
        self._frame_limit = None
        self.ending = None
        self._held = False
        self._end_told = self._end_seen = False
        self._note("--", "a new connection")
        self.run()

    # -- the verdict

    @property
    def finished(self) -> bool:
        """Whether nothing is left of the script but what may be left out."""
        return not self._inbox and all(_may_be_left(step) for step in self._steps)

    def done(self) -> None:
        """Check that the whole script ran. An :meth:`expect_nothing` at its end has held until here.

        Raises:
            AssertionError: a mismatch before; or steps are left: the text says which.
        """
        with self._lock:
            self.run()
            if not self.finished:
                self._fail("the script is not done", self._left())
                self._raise()
            if self._steps and isinstance(self._steps[0], Gate):
                self._steps.popleft()

    @property
    def trace(self) -> str:
        """All frames so far, a line each; ``<-`` came from the program under test, ``->`` went to it."""
        return "\n".join(f"{number:4} {line}" for number, line in enumerate(self._trace, 1))

    # -- inside

    def _left(self) -> list[str]:
        lines = [f"not come to: {step}" for step in self._steps if not _may_be_left(step)]
        return lines + [f"not looked at: {item}" for item in self._inbox]

    def _note(self, direction: str, what: str) -> None:
        self._trace.append(f"{direction} {what}")

    def _read(self, octets: bytes) -> None:
        items: list[Item] = [Gone()] if not octets else list(self._reader.feed(octets))
        for item in items:
            self._note("<-", str(item))
            self._inbox.append(item)
            if isinstance(item, Frame):
                self.received.append(item)

    def _advance(self) -> bool:
        """Do one step, or look at one item; return whether more may be possible."""
        step = self._steps[0] if self._steps else None
        if isinstance(step, Action):
            if self.ending in ("drop", "reset"):
                # What follows is for the next connection.
                return False
            self._steps.popleft()
            step.run()
            return True
        if isinstance(step, Gate) and step.opened:
            self._steps.popleft()
            return True
        if not self._inbox or (isinstance(step, Gate) and not step.silent):
            return False
        item = self._inbox[0]
        return self._acceptable(item) and self._look(item)

    def _acceptable(self, item: Item) -> bool:
        if isinstance(item, Bad):
            return self._fail("what came is no frame", [self._expected(), str(item)])
        if isinstance(item, Frame) and self._frame_limit is not None and item.size > self._frame_limit:
            what = f"a frame of {item.size} octets is above the max-frame-size of {self._frame_limit}"
            return self._fail(what, [str(item)])
        return True

    def _look(self, item: Item) -> bool:
        """Give *item* to the first step that takes it, of those up to the first that must come."""
        problems: list[str] = []
        skipped = 0
        for step in self._steps:
            if not isinstance(step, Expectation):
                break
            problems = step.problems(item)
            if not problems:
                self._take(skipped, item)
                return True
            if not step.may_be_skipped:
                break
            skipped += 1
        if self._drops(item):
            self._consume(item)
            return True
        behind = self._steps[skipped] if skipped < len(self._steps) else None
        if isinstance(behind, Action) or (
            isinstance(behind, Gate) and not (behind.silent and not behind.opened)
        ):
            # What was optional has not come: the script goes on behind it.
            self._skip(skipped)
            return True
        if behind is None:
            problems = problems or ["nothing more was expected"]
        elif isinstance(behind, Gate):
            problems = ["expected nothing until the test goes on"]
        return self._fail(problems[0], [self._expected(), f"actual:   {item}", *problems[1:]])

    def _expected(self) -> str:
        """The steps that could come next."""
        lines: list[str] = []
        for step in self._steps:
            lines.append(str(step))
            if not isinstance(step, Expectation) or not step.may_be_skipped:
                break
        return "expected: " + ("\n       or: ".join(lines) or "nothing more")

    def _skip(self, count: int) -> None:
        for _ in range(count):
            self._steps.popleft()

    def _take(self, skipped: int, item: Item) -> None:
        self._skip(skipped)
        # Replies may put steps in front of the script: this one leaves it first.
        step = self._steps.popleft()
        self._consume(item)
        if isinstance(step, Expectation) and not step.take(item):
            self._steps.appendleft(step)

    def _consume(self, item: Item) -> None:
        self._inbox.popleft()
        if isinstance(item, Frame):
            self.view.received(item)

    def _drops(self, item: Item) -> bool:
        if isinstance(item, Gone):
            # Behind the script, or behind this side's own end, the end of the stream is in order.
            return self.ending is not None or all(map(_may_be_left, self._steps))
        if isinstance(item, Frame) and item.name == "empty":
            return True
        return any(not each.problems(item) for each in self._ignored)

    def _fail(self, what: str, lines: list[str]) -> bool:
        if self.failure is None:
            ahead = "\n".join(f"  {line}" for line in lines)
            self.failure = AssertionError(
                f"scripted peer: {what}\n{ahead}\n"
                "trace (<- from the program under test, -> to it):\n" + (self.trace or "  nothing")
            )
        return False

    def _raise(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _progressed(self) -> None:
        """Something may have changed: output is there, reading is on or off, the script is done or has failed."""


def _may_be_left(step: Step) -> bool:
    if isinstance(step, Expectation):
        return step.may_be_skipped
    return isinstance(step, Gate) and step.silent


def header_octets(protocol: int = 0, version: tuple[int, int, int] = (1, 0, 0)) -> bytes:
    """Return the octets of a protocol header (2.2); protocol 3 is SASL."""
    return b"AMQP" + bytes((protocol, *version))
