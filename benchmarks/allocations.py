"""What a message costs in memory.

Blocks are counted by `sys.getallocatedblocks`: how many more there are while a thousand results are held, a
thousandth of it. The peak is what `tracemalloc` sees at most during one operation, what it frees again included.
"""

from __future__ import annotations

import gc
import sys
import tracemalloc
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.cases import BUILD, ENCODE, READ, WALK
from benchmarks.verify import reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from random import Random

    from benchmarks.cases import Case
    from benchmarks.subjects.base import Codec, Subject

_HELD: Final = 1000
_TRACED: Final = 50


@dataclass(frozen=True, slots=True)
class Allocations:
    """What one operation of a library allocates."""

    library: str
    measure: str
    blocks: float
    """Held by its result."""
    peak: float
    """Bytes at most, during it."""


def allocations(case: Case, subjects: Mapping[str, Subject], random: Random) -> list[Allocations]:
    """Return the allocations of every library on a case."""
    values = [case.make(random) for _ in range(_HELD)]
    data = [bytes(reference(subjects, case, value)) for value in values]
    found: list[Allocations] = []
    for subject in subjects.values():
        codec = subject.codecs[case.key]
        built = [codec.build(value) for value in values]
        for measure, operation, items in (
            (BUILD, codec.build, values),
            (ENCODE, codec.encode, built),
            (WALK, codec.decode, data),
            (READ, _reader(codec), data),
        ):
            found.append(
                Allocations(subject.name, measure.title, _blocks(operation, items), _peak(operation, items))
            )
    return found


def _reader(codec: Codec) -> Callable[[bytes], Any]:
    def read(data: bytes) -> Any:
        decoded = codec.decode(data)
        return decoded, codec.values(decoded)

    return read


def _blocks(operation: Callable[[Any], Any], items: Sequence[Any]) -> float:
    held: list[Any] = [None] * len(items)
    operation(items[0])
    gc.collect()
    before = sys.getallocatedblocks()
    for position, item in enumerate(items):
        held[position] = operation(item)
    return (sys.getallocatedblocks() - before) / len(items)


def _peak(operation: Callable[[Any], Any], items: Sequence[Any]) -> float:
    peaks: list[int] = []
    tracemalloc.start()
    try:
        for item in items[:_TRACED]:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            operation(item)
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    return median(peaks)
