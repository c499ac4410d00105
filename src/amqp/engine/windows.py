"""The two windows of a session: how many transfer frames may go and come (2.5.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from amqp.engine.faults import SessionFault
from amqp.engine.serial import MASK, distance
from amqp_spec import Flow, SessionErrorCondition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amqp.options import SessionOptions
    from amqp_spec import Begin

__all__ = ["LinkFlow", "Windows"]


class LinkFlow(NamedTuple):
    """The part of a flow that is about a link (2.7.4)."""

    handle: int | None
    delivery_count: int
    link_credit: int
    available: int | None
    drain: bool
    echo: bool
    properties: Mapping[str, Any] | None


class Windows:
    """The six numbers of 2.5.6, under their names there; ids are serial numbers, windows are counts of frames."""

    __slots__ = (
        "begun",
        "held",
        "incoming_left",
        "incoming_window",
        "initial_outgoing_id",
        "low_water",
        "next_incoming_id",
        "next_outgoing_id",
        "outgoing_window",
        "remote_incoming_window",
        "remote_outgoing_window",
        "step",
    )

    def __init__(self, options: SessionOptions) -> None:
        self.next_incoming_id: int | None = None
        """None until the peer's begin was read."""
        self.remote_incoming_window = 0
        self.remote_outgoing_window = 0
        self.begun = False
        """Whether the peer can know our ids."""
        self.held = 0
        """Frames of streams that came and were not read: the peer gets their places back when they are (2.6.14)."""
        self._take(options)

    def _take(self, options: SessionOptions) -> None:
        self.initial_outgoing_id = self.next_outgoing_id = options.next_outgoing_id
        self.incoming_window = options.incoming_window
        """What is advertised whenever a flow leaves."""
        self.incoming_left = options.incoming_window
        """How many more frames the peer may send by what it was told last."""
        self.low_water = options.incoming_window // 2
        self.step = max(1, options.incoming_window // 4)
        """How many places are worth a flow while streams hold some."""
        self.outgoing_window = options.outgoing_window

    def configure(self, options: SessionOptions) -> None:
        """Take what our begin says; the peer's begin may have been read before."""
        self._take(options)
        self.begun = True

    def on_begin(self, begin: Begin) -> None:
        """Take the peer's begin."""
        self.next_incoming_id = begin.next_outgoing_id
        self.remote_incoming_window = begin.incoming_window
        self.remote_outgoing_window = begin.outgoing_window

    def on_flow(self, flow: Flow) -> None:
        """Take the peer's view of the windows.

        Raises:
            SessionFault: it has received frames that were never sent.
        """
        expected = flow.next_incoming_id
        if expected is None or not self.begun:
            expected = self.initial_outgoing_id
        in_flight = distance(expected, self.next_outgoing_id)
        if in_flight < 0:
            raise SessionFault(
                SessionErrorCondition.WINDOW_VIOLATION,
                f"flow.next-incoming-id is {expected}, and the next transfer sent has {self.next_outgoing_id}",
            )
        self.remote_incoming_window = max(0, flow.incoming_window - in_flight)
        self.next_incoming_id = flow.next_outgoing_id
        self.remote_outgoing_window = flow.outgoing_window

    def count_incoming(self) -> bool:
        """Count a transfer frame that came; tell whether the peer should be told of a new window.

        Raises:
            SessionFault: the window was closed.
        """
        left = self.incoming_left - 1
        if left < 0 or self.next_incoming_id is None:
            raise SessionFault(
                SessionErrorCondition.WINDOW_VIOLATION,
                f"a transfer came beyond the incoming-window of {self.incoming_window}",
            )
        self.incoming_left = left
        self.next_incoming_id = (self.next_incoming_id + 1) & MASK
        if self.remote_outgoing_window > 0:
            self.remote_outgoing_window -= 1
        return left <= self.low_water and not (self.held and self._gain() < self.step)

    def _gain(self) -> int:
        """Return how many frames more a flow would allow."""
        return self.incoming_window - self.held - self.incoming_left

    def release(self, frames: int) -> bool:
        """Give back the places of *frames* that were read; tell whether the peer should be told of a new window."""
        self.held -= frames
        return self.incoming_left <= self.low_water and self._gain() >= self.step

    def count_outgoing(self) -> None:
        """Count a transfer frame that leaves."""
        self.next_outgoing_id = (self.next_outgoing_id + 1) & MASK
        self.remote_incoming_window -= 1

    def make_flow(self, link: LinkFlow | None) -> Flow:
        """Return a flow for *link*, or for the session alone; either opens our incoming window anew."""
        window = self.incoming_left = self.incoming_window - self.held
        if link is None:
            return Flow(
                next_incoming_id=self.next_incoming_id,
                incoming_window=window,
                next_outgoing_id=self.next_outgoing_id,
                outgoing_window=self.outgoing_window,
            )
        return Flow(
            next_incoming_id=self.next_incoming_id,
            incoming_window=window,
            next_outgoing_id=self.next_outgoing_id,
            outgoing_window=self.outgoing_window,
            handle=link.handle,
            delivery_count=link.delivery_count,
            link_credit=link.link_credit,
            available=link.available,
            drain=link.drain,
            echo=link.echo,
            properties=link.properties,
        )
