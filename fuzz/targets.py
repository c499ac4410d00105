"""What is tried: each target makes an input from a source of chance, and tries it.

A target lets DecodeError end a try, and nothing else. What decodes is encoded, decoded again and must be identical.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amqp import Message
from amqp_spec import (
    DecodeError,
    EncodeError,
    decode_frame,
    decode_sasl_frame,
    decode_section,
    decode_value,
    encode_value,
    identical,
    skip_value,
)
from fuzz import making, samples
from fuzz.exchanges import Application, Role, Stream, mutated_stream
from fuzz.mutating import encoded, mutated_octets, mutated_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_PROPERTIES = (
    *("header", "delivery_annotations", "message_annotations", "properties", "application_properties"),
    *("body", "footer", "sections"),
)


class Difference(Exception):
    """What was decoded is not what comes back."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that takes input from a peer."""

    name: str
    make: Callable[[Random], Any]
    attempt: Callable[[Any], bool]
    """Says whether the input was taken; raises DecodeError where it was refused, anything else where there is a fault."""
    share: int = 2
    """How many of the inputs it gets, as a part of all shares."""

    def show(self, given: Any) -> str:
        """Return the input as text: octets in hex."""
        return given.hex() if isinstance(given, bytes) else str(given)


def _make_value(rng: Random) -> bytes:
    made = making.value(rng, 3)
    return encoded(rng, mutated_tree(rng, made) if rng.random() < 0.5 else made)


def _try_value(data: bytes) -> bool:
    value = decode_value(data)
    repr(value)
    try:
        again = decode_value(encode_value(value))
    except (EncodeError, DecodeError) as error:
        raise Difference(f"{value!r} is decoded and not encoded") from error
    if not identical(value, again):
        raise Difference(f"{value!r} became {again!r}")
    if skip_value(data, 0, len(data)) != len(data):
        raise Difference("skip_value ends elsewhere than decode_value")
    return True


def _from(pool: tuple[bytes, ...]) -> Callable[[Random], bytes]:
    return lambda rng: encoded(rng, mutated_tree(rng, samples.tree(rng.choice(pool))))


def _round_trip(found: Any, decode: Callable[[bytes], Any]) -> None:
    """Encode what was decoded, decode that, and compare."""
    try:
        again = decode(found.encode())
    except (EncodeError, DecodeError) as error:
        raise Difference(f"{found!r} is decoded and not encoded") from error
    if not identical(found, again):
        raise Difference(f"{found!r} became {again!r}")


def _try_decoder(decode: Callable[[bytes], tuple[Any, int]]) -> Callable[[bytes], bool]:
    def attempt(data: bytes) -> bool:
        found, end = decode(data)
        if not 0 < end <= len(data):
            raise Difference(f"{len(data)} octets, but the value ends at {end}")
        repr(found)
        _round_trip(found, lambda octets: decode(octets)[0])
        _round_trip(found, type(found).decode)
        return True

    return attempt


def _make_message(rng: Random) -> bytes:
    sections = list(rng.choice(samples.MESSAGES))
    at = rng.randrange(len(sections))
    chosen = rng.randrange(10)
    if chosen == 0:
        sections.insert(rng.randrange(len(sections) + 1), rng.choice(samples.SECTIONS))
    elif chosen == 1:
        sections[at : at + 1] = [sections[at]] * rng.choice((0, 2, 3))
    elif chosen == 2:
        rng.shuffle(sections)
    else:
        sections[at] = encoded(rng, mutated_tree(rng, samples.tree(sections[at])))
    message = b"".join(sections)
    return mutated_octets(rng, message) if rng.random() < 0.1 else message


def _try_message(data: bytes) -> bool:
    message = Message.decode(data)
    refused: DecodeError | None = None
    for name in _PROPERTIES:
        try:
            getattr(message, name)
        except DecodeError as error:
            refused = error
    repr(message)
    if refused is not None:
        raise refused
    for section in message.sections:
        _round_trip(section, type(section).decode)
    return True


def _try_engine(role: Role) -> Callable[[Stream], bool]:
    def attempt(stream: Stream) -> bool:
        application = Application(role, stream.setting)
        engine = application.engine
        now = 0.0
        for number, chunk in enumerate(stream.chunks):
            for _ in range(stream.steps.count(number)):
                application.leave()
            now += 0.01
            engine.receive_data(chunk, now)
            application.react()
            engine.data_to_send(now)
        taken = not engine.output_closed
        engine.handle_timeout(now + 1000)
        engine.receive_data(b"", now + 1000)
        application.react()
        while engine.data_to_send(now + 1000):
            pass
        if not engine.output_closed:
            raise Difference(f"the stream has ended, and the engine is in state {engine.state}")
        return taken

    return attempt


TARGETS: tuple[Target, ...] = (
    Target("decode_value", _make_value, _try_value),
    Target("decode_frame", _from(samples.FRAMES), _try_decoder(decode_frame)),
    Target("decode_sasl_frame", _from(samples.SASL_FRAMES), _try_decoder(decode_sasl_frame)),
    Target(
        "decode_section",
        _from(samples.SECTIONS),
        _try_decoder(lambda data: decode_section(data, 0, len(data))),
    ),
    Target("Message.decode", _make_message, _try_message),
    Target("client engine", lambda rng: mutated_stream(rng, "client"), _try_engine("client"), share=1),
    Target("server engine", lambda rng: mutated_stream(rng, "server"), _try_engine("server"), share=1),
)
