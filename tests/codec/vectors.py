"""The wire vectors of tests/vectors: see the README there."""

from __future__ import annotations

import functools
import math
import re
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import amqp_spec
from amqp import Message

FOLDER = Path(__file__).parents[1] / "vectors"
_TOKEN = re.compile(r'"(?P<text>[^"]*)"|(?P<hex>(?:[0-9a-f]{2})+)|(?P<space> +)')


class AmqpFrame(NamedTuple):
    """A frame of type 0; without performative it is an empty one."""

    channel: int
    performative: Any = None
    payload: bytes = b""


class SaslFrame(NamedTuple):
    """A frame of type 1."""

    performative: Any


NAMES: dict[str, Any] = {
    **{name: getattr(amqp_spec, name) for name in amqp_spec.__all__},
    "Message": Message,
    "UUID": UUID,
    "inf": math.inf,
    "nan": math.nan,
    "AmqpFrame": AmqpFrame,
    "SaslFrame": SaslFrame,
}


class Vector(NamedTuple):
    """One line."""

    name: str
    octets: bytes
    value: Any
    is_canonical: bool


def octets_of(text: str) -> bytes:
    """Return the octets that a line writes as hexadecimal digits and quoted text."""
    found = b""
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"{text[at:]!r} is neither hexadecimal digits nor quoted text")
        if token["text"] is not None:
            found += token["text"].encode()
        elif token["hex"]:
            found += bytes.fromhex(token["hex"])
        at = token.end()
    return found


@functools.cache
def load(name: str) -> tuple[Vector, ...]:
    """Return the vectors of a file, in order; values are made anew on every run, not for every test."""
    lines = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(_vector(line) for line in lines if line and not line.startswith("#"))


def _vector(line: str) -> Vector:
    name, octets, value, *rest = line.split(" | ")
    if rest not in ([], ["read only"]):
        raise ValueError(f"{line!r}: after the value comes nothing, or 'read only'")
    return Vector(name, octets_of(octets), eval(value, dict(NAMES)), not rest)
