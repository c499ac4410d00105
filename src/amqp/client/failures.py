"""The failures of sends that nobody has looked at, raised together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from amqp.client.sender import ClientSender


def raise_failures(senders: Iterable[ClientSender[Any]], whose: str) -> None:
    """Raise the failures of *senders* that nobody has looked at, and forget them.

    Raises:
        ExceptionGroup: there are some.
    """
    failures: list[Exception] = []
    more = 0
    for sender in senders:
        some, uncounted = sender.take_failures()
        failures += some
        more += uncounted
    if failures:
        and_more = f", and {more} more that are not listed" if more else ""
        raise ExceptionGroup(f"messages of {whose} whose failure nobody has looked at{and_more}", failures)
