"""What is Event Hubs' own: partitions, where to begin in them, and who reads them alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from amqp.checks import check_int, check_seconds, check_str, wrong_type
from amqp.errors import LocalError
from amqp_spec import AzureAnnotation, AzureLinkProperty, Long, SelectorFilter, UInt

__all__ = ["EARLIEST", "LATEST", "partition_address", "position_filter", "receiver_properties"]

EARLIEST: Final = "-1"
"""The position in front of the first event of a partition."""

LATEST: Final = "@latest"
"""The position after the last event of a partition: only what comes from now on."""

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


def partition_address(hub: str, partition: str | int, *, consumer_group: str | None = "$Default") -> str:
    """Return the address of a partition: to receive from for a consumer group, or without one to send to."""
    if consumer_group is None:
        return f"{hub}/Partitions/{partition}"
    return f"{hub}/ConsumerGroups/{consumer_group}/Partitions/{partition}"


def position_filter(position: str | int | datetime, *, inclusive: bool = False) -> dict[str, Any]:
    """Return the filters for a receiver that begins after *position*, or with *inclusive* at it.

    Args:
        position: an offset, which is a str (:data:`EARLIEST`, :data:`LATEST`), a sequence-number, which is an int, or the
            time at which an event was enqueued.
        inclusive: whether the event at the position comes too.

    Raises:
        LocalError: *position* is of another type, an offset with a quote, or a time without a time zone.
    """
    operator = ">=" if inclusive else ">"
    name, value = _compared(position)
    selector = f"amqp.annotation.{name} {operator} '{value}'"
    return {SelectorFilter.SYMBOL: SelectorFilter(selector)}


def receiver_properties(
    *, epoch: int | None = None, name: str | None = None, timeout: float | None = None
) -> dict[str, Any]:
    """Return the link properties of a receiver: ``open_receiver(address, properties=receiver_properties(epoch=1))``.

    Args:
        epoch: this receiver is the only one of its consumer group; one with a lower epoch is ended with
            ``amqp:link:stolen`` (``LinkStolen``), one without is refused. 0 to 2^63-1.
        name: what the server calls it in its errors.
        timeout: seconds that the server may take for what it does on the link, such as waiting for a session.

    Raises:
        LocalError: an argument is of another type or out of its range.
    """
    properties: dict[str, Any] = {}
    if epoch is not None:
        check_int("epoch", epoch, 0, 2**63 - 1)
        properties[AzureLinkProperty.EPOCH] = Long(epoch)
    check_str("name", name)
    if name is not None:
        properties[AzureLinkProperty.RECEIVER_NAME] = name
    if timeout is not None:
        check_seconds("timeout", timeout)
        milliseconds = min(timeout * 1_000, 0xFFFF_FFFF)
        # The service takes no other type for it.
        properties[AzureLinkProperty.TIMEOUT] = UInt(int(milliseconds))
    return properties


def _compared(position: object) -> tuple[str, object]:
    if isinstance(position, datetime):
        if position.tzinfo is None:
            raise LocalError("position has no time zone: datetime.now(UTC), for example, has one")
        return AzureAnnotation.ENQUEUED_TIME, (position - _START) // timedelta(milliseconds=1)
    if isinstance(position, int) and not isinstance(position, bool):
        return AzureAnnotation.SEQUENCE_NUMBER, position
    if not isinstance(position, str):
        raise wrong_type("position", position, "an offset (str), a sequence-number (int) or a datetime")
    if "'" in position:
        raise LocalError("position is an offset with a quote in it, which no offset has")
    return AzureAnnotation.OFFSET, position
