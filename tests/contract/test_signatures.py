"""Both front ends have the same names, the same arguments with the same defaults, and say the same about them."""

from __future__ import annotations

import inspect
import re
from types import FunctionType
from typing import Any

import pytest

import amqp.aio
import amqp.sync

ASYNC_NAMES = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
}
CLASSES = [name for name in amqp.sync.__all__ if isinstance(getattr(amqp.sync, name), type)]
# A stream of asyncio is not a stream that blocks.
OWN_ARGUMENTS = {"transport"}
# What differs by nature: loops and threads, how a stream is made, what waits for what.
OWN_WORDS = {"connect", "open_over", "Connection", "Pending", "add_done_callback", "add_close_callback"} | {
    "add_flow_callback",
    "add_taken_back_callback",
}
# Tasks can be cancelled, and threads cannot.
OWN_WORDS_OF = {("Listener", "close")}
# What is waited for differently is of another type.
PLAIN_TYPES = {
    "Iterable[Message] | AsyncIterable[Message]": "Iterable[Message]",
    "AsyncGenerator[Pending, None]": "Generator[Pending, None, None]",
    "AsyncGenerator[bytes, None]": "Generator[bytes, None, None]",
    "Chunks": "Pieces",
}


def members(kind: type) -> dict[str, Any]:
    """The public members of a class, and what ``with`` and ``for`` call, by the names of the blocking ones."""
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__[:-1]):
        for name, value in vars(base).items():
            plain = ASYNC_NAMES.get(name, name)
            if not name.startswith("_") or plain in ASYNC_NAMES.values():
                found[plain] = value
    return found


def arguments(function: object) -> list[tuple[str, object, object, object]]:
    """Each argument with its kind, default and annotation."""
    assert isinstance(function, FunctionType)
    return [
        (parameter.name, parameter.kind, parameter.default, plain(parameter.annotation))
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name not in OWN_ARGUMENTS
    ]


def result(function: object) -> str:
    assert isinstance(function, FunctionType)
    return plain(inspect.signature(function).return_annotation)


def plain(annotation: object) -> str:
    written = re.sub(r"Opening\[(\w+)\]", r"\1", str(annotation))
    written = re.sub(r"\bamqp\.(aio|sync)\.", "", written)
    return PLAIN_TYPES.get(written, written)


def words(documented: Any) -> str:
    """What a docstring says, without what is said of waiting."""
    text = " ".join((documented.__doc__ or "").split())
    for said, plain in (
        ("async with", "with"),
        ("async for", "for"),
        ("await pending #", "pending.result() #"),
        ("``await receiver.close()``", "``receiver.close()``"),
        ("await it, or use it", "close it, or use it"),
        ("Await what is returned, or", "Ask what is returned for its ``result()``, or"),
        ("the waiting task is cancelled", "the waiting thread is interrupted"),
        ("it is cancelled", "it is interrupted"),
        ("Cancelled, a message", "Interrupted, a message"),
        ("several tasks", "several threads"),
        ("await prices.request(", "prices.request("),
        ("await management.", "management."),
        ("await sender.send(", "sender.send("),
        ("await delivery.accept(", "delivery.accept("),
    ):
        text = text.replace(said, plain)
    return text


def test_the_modules_have_the_same_names() -> None:
    assert set(amqp.aio.__all__) - set(amqp.sync.__all__) == {"Opening"}
    assert set(amqp.sync.__all__) <= set(amqp.aio.__all__)


@pytest.mark.parametrize("name", CLASSES)
def test_the_classes_have_the_same_members(name: str) -> None:
    asynchronous, blocking = members(getattr(amqp.aio, name)), members(getattr(amqp.sync, name))
    assert set(asynchronous) == set(blocking)
    for member, here in blocking.items():
        there = asynchronous[member]
        assert type(there) is type(here), member
        if isinstance(here, property):
            here, there = here.fget, there.fget
        if not isinstance(here, FunctionType):
            continue
        assert arguments(here) == arguments(there), member
        assert result(here) == result(there), member
        if member not in OWN_WORDS and (name, member) not in OWN_WORDS_OF:
            assert words(here) == words(there), member


@pytest.mark.parametrize("name", CLASSES)
def test_the_classes_are_described_alike(name: str) -> None:
    here, there = getattr(amqp.sync, name), getattr(amqp.aio, name)
    assert here.__doc__
    if name not in OWN_WORDS:
        assert words(here) == words(there)


@pytest.mark.parametrize("name", ["connect", "open_over", "listen"])
def test_the_functions_take_the_same_options(name: str) -> None:
    here, there = getattr(amqp.sync, name), getattr(amqp.aio, name)
    assert arguments(here) == arguments(there)
    assert result(here) == result(there)


def test_connect_describes_its_options_alike() -> None:
    def options(function: Any) -> list[str]:
        return [line for line in function.__doc__.splitlines() if "transport" not in line][2:]

    assert options(amqp.sync.connect) == options(amqp.aio.connect)


def test_listen_is_described_alike() -> None:
    assert words(amqp.sync.listen) == words(amqp.aio.listen).replace(
        "a task of its own", "a thread of its own"
    )


@pytest.mark.parametrize("name", [name for name in CLASSES if name != "Pending"])
def test_what_only_one_of_them_has_is_seen(name: str) -> None:
    class More(getattr(amqp.sync, name)):  # type: ignore[misc]  # whichever class it is
        def more(self) -> None: ...

    assert set(members(More)) - set(members(getattr(amqp.aio, name))) == {"more"}
