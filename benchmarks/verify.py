"""Before anything is timed: what each library encodes is what the case says, seen by a second library."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

from benchmarks.cases import CASES, Case
from benchmarks.subjects import OURS, proton

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.subjects.base import Codec, Subject

_ROUNDS: Final = 3
# The header's priority of 4 and the transfer's format of 0 are defaults (3.2.1, 2.7.5), so null says the same.
_DEFAULTS: Final = {("message", 1): 4, ("transfer", 3): 0}


class Wrong(Exception):
    """A library encodes or decodes something else than the case has, so that its figures would mean nothing."""


def verify(subjects: Mapping[str, Subject], cases: tuple[Case, ...] = CASES) -> None:
    """Check every library on every case. Raises Wrong."""
    random = Random(0)
    for case in cases:
        for _ in range(_ROUNDS):
            values = case.make(random)
            data = bytes(reference(subjects, case, values))
            for subject in subjects.values():
                if case.key in subject.codecs:
                    _verify(case, values, data, subject, _witness(subjects, case))


def reference(subjects: Mapping[str, Subject], case: Case, values: Any) -> bytes | bytearray:
    """Return the bytes that all libraries decode: ours, in which every value takes its smallest form."""
    codec = subjects[OURS].codecs[case.key]
    return codec.encode(codec.build(values))


def _witness(subjects: Mapping[str, Subject], case: Case) -> tuple[str, Codec]:
    """Return the library that judges what the others encode, by name, and how it reads the case's values."""
    if case.row == "b":
        return "proton", proton.performative()
    judge = next(name for name in ("proton", "rabbitmq") if case.key in subjects[name].codecs)
    return judge, subjects[judge].codecs[case.key]


def _verify(case: Case, values: Any, data: bytes, subject: Subject, witness: tuple[str, Codec]) -> None:
    codec = subject.codecs[case.key]
    encoded = bytes(codec.encode(codec.build(values)))
    # What was decoded is kept until its values are compared: proton's binaries are views into it.
    judge, reader = witness
    seen = reader.decode(encoded)
    _compare(f"{judge} reads from {subject.name}'s {case.title}", case, values, reader.values(seen))
    decoded = codec.decode(data)
    expected = _as_bytes(values) if subject.text_is_bytes else values
    _compare(f"{subject.name} reads from the {case.title}", case, expected, codec.values(decoded))


def _compare(what: str, case: Case, expected: Any, found: Any) -> None:
    wanted = _sequence(expected)
    # A performative that was written in full ends in nulls.
    got = _sequence(found)[: len(wanted)]
    if len(wanted) != len(got):
        raise Wrong(f"{what} {len(got)} values, not {len(wanted)}")
    for position, (one, other) in enumerate(zip(wanted, got, strict=True)):
        if other is None and one == _DEFAULTS.get((case.key, position)):
            continue
        if one != other or isinstance(one, bool) != isinstance(other, bool):
            raise Wrong(f"{what} {other!r:.100} as value {position}, not {one!r:.100}")


def _sequence(values: Any) -> list[Any]:
    if isinstance(values, bytes | memoryview):
        return [bytes(values)]
    return list(values.items() if isinstance(values, dict) else values)


def _as_bytes(value: Any) -> Any:
    """Return values with all text encoded."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict):
        return {_as_bytes(key): _as_bytes(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_bytes(item) for item in value]
    return value
