"""Waiting for the outcomes of several senders before what they are on is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.errors import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amqp.client.sender import ClientSender
    from amqp.sync.driver import Driver
    from amqp.sync.waiting import Deadline


def settle_senders(driver: Driver, senders: Sequence[ClientSender], deadline: Deadline) -> None:
    """Let the senders take no more messages and wait for the fates of the rest; at the *deadline*, give those up."""
    for sender in senders:
        sender.stop()
    for sender in senders:
        if not driver.until_done(sender.flushed(), deadline):
            sender.give_up_all(deadline.expired("an outcome", Scope.DELIVERY))
