"""What is tried: each target makes an input from a source of chance, and tries it.

A target lets DecodeError end a try, and nothing else. What decodes is encoded, decoded again and must be identical.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from amqp import Message
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    ApplicationProperties,
    Data,
    DecodeError,
    Described,
    EncodeError,
    Map,
    Symbol,
    ULong,
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
_AS_THEY_ARE = (AmqpSequence, AmqpValue, ApplicationProperties, Data, Described)
_KEYS: dict[type, Callable[[Any], Any]] = {str: Symbol, int: ULong}


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


def _same(one: Any, other: Any, what: str) -> None:
    if not identical(one, other) and not identical(_as_written(one), other):
        raise Difference(f"{what}: {one!r} became {other!r}")


def _as_written(value: Any) -> Any:
    """The value with the keys that its encoder writes.

    In maps whose keys must be symbols or ulongs (2.8.14, 3.2.10) a string and an int from a careless peer are read as
    they are and written as what they should have been.
    """
    if not is_dataclass(value) or isinstance(value, type) or type(value) in _AS_THEY_ARE:
        return value
    changed = {part.name: _part_as_written(getattr(value, part.name)) for part in fields(value)}
    return type(value)(**changed)


def _part_as_written(part: Any) -> Any:
    return (
        Map((_KEYS.get(type(key), _same_key)(key), _as_written(item)) for key, item in part.items())
        if isinstance(part, Map)
        else _as_written(part)
    )


def _same_key(key: Any) -> Any:
    return key


def _make_value(rng: Random) -> bytes:
    made = making.value(rng, 3)
    return encoded(rng, mutated_tree(rng, made) if rng.random() < 0.5 else made)


def _try_value(data: bytes) -> bool:
    value = decode_value(data)
    repr(value)
    _same(value, decode_value(encode_value(value)), "value")
    if skip_value(data, 0, len(data)) != len(data):
        raise Difference("skip_value ends elsewhere than decode_value")
    return True


def _from(pool: tuple[bytes, ...]) -> Callable[[Random], bytes]:
    return lambda rng: encoded(rng, mutated_tree(rng, samples.tree(rng.choice(pool))))


def _written(found: Any) -> bytes | None:
    """The encoding of what was decoded; None where its keys cannot be what they should have been."""
    try:
        octets: bytes = found.encode()
    except EncodeError:
        try:
            _as_written(found)
        except ValueError:
            return None
        raise
    return octets


def _try_decoder(decode: Callable[[bytes], tuple[Any, int]]) -> Callable[[bytes], bool]:
    def attempt(data: bytes) -> bool:
        found, end = decode(data)
        if not 0 < end <= len(data):
            raise Difference(f"{len(data)} octets, but the value ends at {end}")
        repr(found)
        again = _written(found)
        if again is not None:
            _same(found, decode(again)[0], type(found).__name__)
            _same(found, type(found).decode(again), f"{type(found).__name__}.decode")
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
    octets = [_written(section) for section in message.sections]
    if None in octets:
        return True
    again = Message.decode(b"".join(filter(None, octets)))
    for one, other in zip(message.sections, again.sections, strict=True):
        _same(one, other, type(one).__name__)
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
