"""What the broker's two kinds of link have in common: belonging to a connection, being stolen, being cut off."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from amqp.broker.faults import brief
from amqp_spec import AmqpErrorCondition, Error, LinkErrorCondition

if TYPE_CHECKING:
    from amqp.broker.connection import BrokerConnection
    from amqp.broker.queue import Queue
    from amqp.engine import Link

LinkKey = tuple[str | None, str, bool, str]
"""Who the client is, its container-id, the role of its end, and the link's name (2.6.1)."""


class BrokerLink(ABC):
    """The broker's end of one link."""

    def __init__(self, connection: BrokerConnection, link: Link, own: Queue | None) -> None:
        self.connection = connection
        self.link = link
        self.own = own
        """The temporary queue that was made for the link and goes with it (3.5.10)."""
        self.key = connection.link_key(link)
        self.is_gone = False

    def gone(self) -> None:
        """Let go of everything: the link is no more. Idempotent."""
        if self.is_gone:
            return
        self.is_gone = True
        self.connection.forget(self)
        self.leave()
        if self.own is not None:
            self.connection.nodes.delete(self.own)

    @abstractmethod
    def leave(self) -> None:
        """Leave the queue; called once."""

    def cut_off(self) -> None:
        """Detach the link: its queue was deleted."""
        self.fail(Error(condition=AmqpErrorCondition.RESOURCE_DELETED, description="the queue was deleted"))

    def steal(self) -> None:
        """Detach the link: the client has attached it elsewhere (2.6.1)."""
        self.fail(
            Error(condition=LinkErrorCondition.STOLEN, description="the link was attached again, elsewhere")
        )

    def fail(self, error: Error) -> None:
        """Detach the link with *error*."""
        if not self.is_gone:
            self.gone()
            self.link.detach(error=brief(error.condition, error.description or ""))
            self.connection.driver.schedule()
