"""What is RabbitMQ's own, from version 4 on: addresses, streams, options of consumers.

::

    sender = await connection.open_sender(rabbitmq.exchange("events", "order/new"))
    receiver = await connection.open_receiver(
        rabbitmq.queue("log"), filters=rabbitmq.stream_filters(offset="first"), require_filters=True
    )
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

from amqp.checks import check_bool, check_instance, check_int, check_seconds, wrong_type
from amqp.errors import LocalError
from amqp_spec import StreamFilter, StreamMatchUnfiltered, StreamOffsetSpec, Timestamp, UInt, ULong

if TYPE_CHECKING:
    from amqp.message import Message

__all__ = [
    "ACTIVE",
    "FILTER_VALUE",
    "OFFSET",
    "consumer_properties",
    "exchange",
    "queue",
    "stream_filters",
    "stream_offset",
]

ACTIVE: Final = "rabbitmq:active"
"""The flow property that tells a consumer of a queue with a single active consumer whether it is the one: a bool; from 4.3 on."""

OFFSET: Final = "x-stream-offset"
"""The message annotation with the place of a message in its stream."""

FILTER_VALUE: Final = "x-stream-filter-value"
"""The message annotation, given by the sender, that :func:`stream_filters` selects by: a string."""

_MAX_NAME: Final = 255
_FIRST_ULONG_BEYOND: Final = 1 << 64


def queue(name: str) -> str:
    """Return the address of the queue or stream *name*, to send to or to receive from: ``/queues/a%2Fb`` for ``a/b``.

    Raises:
        LocalError: *name* is no str, or not of 1 to 255 octets in UTF-8.
    """
    return f"/queues/{_segment('name', name)}"


def exchange(name: str, key: str = "") -> str:
    """Return the address of the exchange *name*, to send to with the routing key *key*.

    Without a key each message may name one in ``properties.subject``. The default exchange has no address: use
    :func:`queue`.

    Raises:
        LocalError: *name* is no str, or not of 1 to 255 octets in UTF-8; *key* is no str, or longer than that.
    """
    address = f"/exchanges/{_segment('name', name)}"
    return f"{address}/{_segment('key', key)}" if key else address


def stream_filters(
    *,
    offset: str | int | datetime | timedelta | None = None,
    values: str | Iterable[str] | None = None,
    match_unfiltered: bool | None = None,
) -> dict[str, Any]:
    """Return the filters of a receiver of a stream, for ``open_receiver(filters=)``.

    Args:
        offset: where to begin: ``"first"``, ``"last"`` (the last chunk), ``"next"`` (what comes from now on, as without
            one), an offset from 0 on, a moment (a datetime with a time zone), an age (a timedelta, whole seconds), or an
            age as RabbitMQ writes it, such as ``"2h"``.
        values: only chunks with a message whose annotation ``x-stream-filter-value`` is this, or one of these.
            The server leaves out chunks, not messages: look at the annotation as well.
        match_unfiltered: whether messages without a value come too. None leaves it to the server: they do not.

    Raises:
        LocalError: an argument is of another type or out of its range.
    """
    filters: dict[str, Any] = {}
    if offset is not None:
        filters[StreamOffsetSpec.SYMBOL] = StreamOffsetSpec(_offset(offset))
    if values is not None:
        filters[StreamFilter.SYMBOL] = StreamFilter(_values(values))
    if match_unfiltered is not None:
        check_bool("match_unfiltered", match_unfiltered)
        filters[StreamMatchUnfiltered.SYMBOL] = StreamMatchUnfiltered(match_unfiltered)
    return filters


def stream_offset(message: Message) -> int | None:
    """Return the place of *message* in the stream that it came from: to go on after it, add 1. None: it came from none.

    Raises:
        DecodeError: its annotations cannot be read.
    """
    offset = (message.message_annotations or {}).get(OFFSET)
    return int(offset) if isinstance(offset, int) else None


def consumer_properties(*, priority: int | None = None, timeout: float | None = None) -> dict[str, Any]:
    """Return the link properties of a receiver, for ``open_receiver(properties=)``.

    Args:
        priority: of several receivers of a queue those of the highest get messages first; -2^31 to 2^31-1, 0 without.
        timeout: seconds that this receiver may hold a message of a quorum queue before the server takes it back (from
            4.3 on), whole milliseconds up to 2^32-1 of them.

    Raises:
        LocalError: an argument is of another type or out of its range.
    """
    properties: dict[str, Any] = {}
    if priority is not None:
        check_int("priority", priority, -(2**31), 2**31 - 1)
        properties["rabbitmq:priority"] = priority
    if timeout is not None:
        check_seconds("timeout", timeout)
        milliseconds = timeout * 1000
        if not milliseconds < 2**32:
            raise LocalError(f"timeout={timeout} is out of range: give seconds below {2**32 // 1000}")
        properties["rabbitmq:consumer-timeout"] = UInt(int(milliseconds))
    return properties


def _segment(argument: str, name: object) -> str:
    if not isinstance(name, str):
        raise wrong_type(argument, name, "a str")
    try:
        octets = name.encode()
    except UnicodeEncodeError as error:
        raise LocalError(f"{argument}={name!r:.60} has no encoding in UTF-8") from error
    if not 1 <= len(octets) <= _MAX_NAME:
        raise LocalError(f"{argument} has {len(octets)} octets: 1 to {_MAX_NAME} are allowed")
    return quote(octets, safe="")


def _offset(offset: object) -> str | ULong | Timestamp:
    if isinstance(offset, str):
        return offset
    if isinstance(offset, datetime):
        if offset.utcoffset() is None:
            raise LocalError("offset is a datetime without a time zone: give one, such as timezone.utc")
        return Timestamp.from_datetime(offset)
    if isinstance(offset, timedelta):
        if offset < timedelta(0):
            raise LocalError(f"offset={offset} is an age below 0")
        return f"{int(offset.total_seconds())}s"
    if isinstance(offset, int):
        check_int("offset", offset, 0, _FIRST_ULONG_BEYOND - 1)
        return ULong(offset)
    raise wrong_type("offset", offset, "a str, an int, a datetime or a timedelta")


def _values(values: object) -> str | list[str]:
    if isinstance(values, str):
        return values
    check_instance("values", values, Iterable, "a str or several")
    several = list(cast("Iterable[object]", values))
    for value in several:
        check_instance("each of values", value, str, "a str")
    return cast("list[str]", several)
