"""What the library wants to reach, as a ratio to its peers in one run."""

from __future__ import annotations

from typing import Final, NamedTuple

FASTEST: Final = "fastest peer"
PURE: Final = "fastest pure-Python peer"
PYAMQP: Final = "_pyamqp"


class Goal(NamedTuple):
    """A measure of a case is to be at least so many times as fast as a peer."""

    against: str
    at_least: float


_FRAME: Final = Goal(PYAMQP, 3.0)
_LARGE: Final = Goal(PURE, 1.0)

# (case, measure) -> goal. What stands not here is measured all the same.
GOALS: Final = {
    ("message", "encode"): Goal(FASTEST, 3.3),
    ("message", "read"): Goal(FASTEST, 1.6),
    ("message", "walk"): Goal(PYAMQP, 5.0),
    **{
        (case, measure): _FRAME
        for case in ("transfer", "flow", "disposition")
        for measure in ("encode", "decode")
    },
    **{
        (case, measure): _LARGE
        for case in ("list", "map", "array", "data")
        for measure in ("encode", "build-and-encode", "read")
    },
}
