"""What a script is made of: things to do, things to see, and places where it waits for the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from amqp.testing.framing import Frame, Gone, ProtocolHeader
from amqp.testing.matching import ANY, describe, differences, matches
from amqp.testing.octets import Malformed
from amqp.testing.table import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from amqp.testing.framing import Item
    from amqp.testing.script import Script

__all__ = ["Action", "Expectation", "Gate", "Step", "TransferExpectation", "name_of"]


class Step:
    """One entry of a script."""


class Action(Step):
    """Something that the peer does when the script comes to it."""

    def __init__(self, what: str, run: Callable[[], object]) -> None:
        self.what = what
        self.run = run

    def __str__(self) -> str:
        return self.what


class Gate(Step):
    """A place where the script waits until the test calls :meth:`open`."""

    def __init__(self, script: Script, what: str, *, silent: bool) -> None:
        self._script = script
        self.what = what
        self.silent = silent
        """Whether nothing may come while it is closed; else what comes is kept."""
        self.opened = False

    def open(self) -> None:
        """Let the script go on."""
        self.opened = True
        self._script.run()

    def __str__(self) -> str:
        return self.what


def name_of(item: Item) -> str:
    """Return what an expectation calls *item*."""
    if isinstance(item, Frame):
        return item.name
    if isinstance(item, ProtocolHeader):
        return "header"
    return "gone" if isinstance(item, Gone) else "bad"


class Expectation(Step):
    """A frame, a header or the end of the stream that must come next; ``expect_...`` makes one.

    Args:
        script: the peer that it is a step of.
        name: of the performative; or ``header``, ``empty``, ``gone``.
        fields: what each field must be, by :func:`~amqp.testing.matching.matches`.
        channel: what the channel must be.
    """

    def __init__(self, script: Script, name: str, fields: Mapping[str, Any], channel: Any = ANY) -> None:
        if name in FORMS:
            known = [field.name for field in FORMS[name].fields]
            for field in fields:
                if field not in known:
                    beside = ("channel", "payload", "body") if name == "transfer" else ("channel",)
                    raise TypeError(f"{name} has no field {field!r}, only {', '.join((*known, *beside))}")
        self.script = script
        self.name = name
        self.fields = dict(fields)
        self.channel = channel
        self.frames: list[Frame] = []
        """The frames that it matched, the first one first."""
        self.count = 0
        """How often it matched."""
        self.is_optional = False
        self.repeats = False
        self._replies: list[Callable[[Item], object]] = []
        self._matched: list[Item] = []

    @property
    def frame(self) -> Frame:
        """The frame that it matched last.

        Raises:
            AssertionError: none has come yet.
        """
        if not self.frames:
            raise AssertionError(f"{self} has not come yet")
        return self.frames[-1]

    # -- how often

    def optional(self) -> Self:
        """Let it be skipped where something else comes."""
        self.is_optional = True
        self.script.run()
        return self

    def any_number(self) -> Self:
        """Let it come any number of times, none included, until something else comes."""
        self.repeats = True
        return self.optional()

    # -- what then

    def then(self, reply: Callable[[Any], object]) -> Self:
        """Call *reply* with each frame that matches, before the script goes on."""
        with self.script.scripting():
            self._replies.append(reply)
            for item in self._matched:
                reply(item)
        return self

    # -- for the script

    @property
    def may_be_skipped(self) -> bool:
        """Whether the script may go on without it."""
        return self.is_optional

    def problems(self, item: Item) -> list[str]:
        """Return what is wrong with *item*, a line each; nothing when it matches."""
        actual = name_of(item)
        if actual != self.name:
            return [f"expected {self.name}, got {actual}"]
        if not isinstance(item, Frame):
            return []
        found = differences(self.fields, item.name, item.fields) if item.name in FORMS else []
        if not matches(self.channel, item.channel):
            found.insert(0, f"channel: expected {describe(self.channel)}, got {item.channel}")
        return found

    def take(self, item: Item) -> bool:
        """Take an item that matches; return whether the script goes on behind this step."""
        self.count += 1
        self._matched.append(item)
        if isinstance(item, Frame):
            self.frames.append(item)
        for reply in self._replies:
            reply(item)
        return not self.repeats

    def __str__(self) -> str:
        parts = [f"{name}={describe(value)}" for name, value in self.fields.items()]
        if self.channel is not ANY:
            parts.insert(0, f"channel={describe(self.channel)}")
        many = " any number of times" if self.repeats else " (optional)" if self.is_optional else ""
        name = {"gone": "end of the stream", "empty": "empty frame"}.get(self.name, self.name)
        return f"{name}({', '.join(parts)}){many}" if self.name in FORMS else f"{name}{many}"


class TransferExpectation(Expectation):
    """Adds the payload to what is compared."""

    def __init__(self, script: Script, fields: Mapping[str, Any], *, whole: bool) -> None:
        own = dict(fields)
        self.payload: Any = own.pop("payload", ANY)
        self.body: Any = own.pop("body", ANY)
        self.whole = whole
        self._pieces: list[Frame] = []
        super().__init__(script, "transfer", own, own.pop("channel", ANY))

    def problems(self, item: Item) -> list[str]:
        """Return what is wrong; the payload of a whole delivery is looked at with its last frame."""
        if self._pieces:
            return self._problems_of_next(item)
        found = super().problems(item)
        if found or not isinstance(item, Frame):
            return found
        return [] if self.whole and item["more"] else self._problems_of(item.payload)

    @property
    def may_be_skipped(self) -> bool:
        """Whether the script may go on without it: not in the middle of a delivery."""
        return self.is_optional and not self._pieces

    def _problems_of_next(self, item: Item) -> list[str]:
        if not isinstance(item, Frame) or item.name != "transfer":
            return [f"expected the next frame of the delivery, got {name_of(item)}"]
        first = self._pieces[0]
        if (item.channel, item["handle"]) != (first.channel, first["handle"]):
            return [f"expected the next frame of the delivery on handle {first['handle']}, got another's"]
        return [] if item["more"] else self._problems_of(self._joined(item))

    def _joined(self, last: Frame) -> bytes:
        return b"".join(piece.payload for piece in [*self._pieces, last])

    def _problems_of(self, payload: bytes) -> list[str]:
        found: list[str] = []
        if not matches(self.payload, payload):
            found.append(f"payload: expected {describe(self.payload)}, got {describe(payload)}")
        if self.body is not ANY:
            whole = Frame("transfer", {}, payload=payload)
            try:
                body = whole.body
            except Malformed as error:
                return [
                    *found,
                    f"body: expected {describe(self.body)}, but the payload is no message: {error}",
                ]
            if not matches(self.body, body):
                found.append(f"body: expected {describe(self.body)}, got {describe(body)}")
        return found

    def take(self, item: Item) -> bool:
        """Take a frame; a whole delivery is matched by its last one, as one frame with the whole payload."""
        if not self.whole or not isinstance(item, Frame):
            return super().take(item)
        if item["more"] and not item["aborted"]:
            self._pieces.append(item)
            return False
        first = self._pieces[0] if self._pieces else item
        fields = {**item.fields, **first.fields}
        fields.pop("more", None)
        whole = Frame("transfer", fields, item.channel, self._joined(item), item.size)
        whole.session, whole.link = item.session, item.link
        self._pieces = []
        return super().take(whole)

    def __str__(self) -> str:
        text = super().__str__()
        for name, value in (("payload", self.payload), ("body", self.body)):
            if value is not ANY:
                text += f" with {name} {describe(value)}"
        return f"delivery by {text}" if self.whole else text
