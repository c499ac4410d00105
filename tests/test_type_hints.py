"""What the annotations of public things name is there at run time: tools that read them, and help(), find it."""

from __future__ import annotations

import typing
from types import FunctionType
from typing import Any

import pytest

import amqp
import amqp.aio
import amqp.aio.link
import amqp.broker
import amqp.sync
from amqp.client.settings import ConnectArguments
from amqp.client.termini import ReceiverArguments, SenderArguments

FACES: list[Any] = [amqp, amqp.aio, amqp.sync, amqp.broker]
PUBLIC = {
    f"{face.__name__}.{name}": value
    for face in FACES
    for name in face.__all__
    if isinstance(value := getattr(face, name), type | FunctionType)
}


def functions(value: Any) -> list[tuple[str, Any]]:
    """A function, or what of a class applications call or read."""
    if isinstance(value, FunctionType):
        return [(value.__name__, value)]
    found: list[tuple[str, Any]] = []
    for base in value.__mro__:
        if not base.__module__.startswith("amqp."):
            continue
        for name, member in vars(base).items():
            member = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            public = not name.startswith("_") or (name.endswith("__") and name != "__init__")
            if public and isinstance(member, FunctionType):
                found.append((name, member))
    return found


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_the_hints_of_everything_public_can_be_resolved(name: str) -> None:
    for member, function in functions(PUBLIC[name]):
        try:
            typing.get_type_hints(function)
        except NameError as error:
            pytest.fail(f"{name}.{member} in {function.__module__}: {error}")


@pytest.mark.parametrize("arguments", [ConnectArguments, SenderArguments, ReceiverArguments])
def test_the_hints_of_options_can_be_resolved(arguments: Any) -> None:
    assert typing.get_type_hints(arguments)


def test_the_hints_are_those_that_were_written() -> None:
    connection: Any = vars(amqp.sync.Session)["connection"]
    assert typing.get_type_hints(connection.fget)["return"] is amqp.sync.Connection
    session: Any = vars(amqp.aio.link.Link)["session"]
    assert typing.get_type_hints(session.fget)["return"] is amqp.aio.Session
