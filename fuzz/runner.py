"""The run: each target in turn, each input a function of seed, target and number alone, so that one can be had again."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from amqp_spec import DecodeError

if TYPE_CHECKING:
    from fuzz.targets import Target

_SHOWN = 5
"""Failures of one target that are printed in full; the rest are counted."""
_FRAMES = 6
_CLOCK_EVERY = 64


@dataclass(slots=True)
class Result:
    """What one target did."""

    target: Target
    tried: int = 0
    taken: int = 0
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds and number of the input that took longest."""
    failures: list[str] = field(default_factory=list[str])
    failed: int = 0


def make(target: Target, seed: int, number: int) -> Any:
    """Return one input of a target."""
    return target.make(Random(f"{seed} {target.name} {number}"))


def run(target: Target, seed: int, *, seconds: float | None = None, inputs: int | None = None) -> Result:
    """Try inputs of a target for a time, or a number of them."""
    result = Result(target)
    begun = time.perf_counter()
    while inputs is None or result.tried < inputs:
        if (
            result.tried % _CLOCK_EVERY == 0
            and seconds is not None
            and time.perf_counter() - begun >= seconds
        ):
            break
        try_one(result, seed, result.tried)
    result.seconds = time.perf_counter() - begun
    return result


def try_one(result: Result, seed: int, number: int) -> None:
    """Try one input and note what came of it."""
    target = result.target
    given = make(target, seed, number)
    begun = time.perf_counter()
    try:
        result.taken += target.attempt(given)
    except DecodeError as error:
        # The engine turns what it cannot decode into a frame: nothing of it reaches the caller.
        if target.name.endswith("engine"):
            _fail(result, seed, number, given, error)
    except Exception as error:  # noqa: BLE001 - whatever else comes is what this looks for
        _fail(result, seed, number, given, error)
    result.slowest = max(result.slowest, (time.perf_counter() - begun, number))
    result.tried += 1


def _fail(result: Result, seed: int, number: int, given: Any, error: Exception) -> None:
    result.failed += 1
    if len(result.failures) < _SHOWN:
        trace = "".join(traceback.format_exception(error, limit=-_FRAMES))
        result.failures.append(
            f"FAILED: {result.target.name} seed {seed} input {number}: {error!r}\n"
            f"  again: python -m fuzz --seed {seed} --target '{result.target.name}' --number {number}\n"
            f"  input: {result.target.show(given)}\n{trace}"
        )
