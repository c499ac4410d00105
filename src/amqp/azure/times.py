"""Times as .NET counts them: in ticks of 100 nanoseconds since the first day of the year 1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from amqp.checks import check_instance, check_int
from amqp.errors import LocalError

__all__ = ["from_ticks", "to_ticks"]

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST_TICK: Final = 3_155_378_975_999_999_999
_TICK_PER_MICROSECOND: Final = 10


def from_ticks(ticks: int) -> datetime:
    """Return the time that is *ticks* of 100 ns after the first day of the year 1, in UTC, cut to microseconds.

    Raises:
        LocalError: *ticks* is no int, negative, or beyond the year 9999.
    """
    check_int("ticks", ticks, 0, _LAST_TICK)
    return _FIRST + timedelta(microseconds=ticks // _TICK_PER_MICROSECOND)


def to_ticks(time: datetime) -> int:
    """Return *time* in ticks of 100 ns since the first day of the year 1 in UTC.

    Raises:
        LocalError: *time* is no datetime with a time zone.
    """
    check_instance("time", time, datetime, "a datetime with a time zone")
    if time.tzinfo is None:
        raise LocalError("time has no time zone: datetime.now(UTC), for example, has one")
    return (time - _FIRST) // timedelta(microseconds=1) * _TICK_PER_MICROSECOND
