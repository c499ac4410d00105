"""What one session has to write: frames at once, and flows, dispositions and transfers when the driver asks."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from amqp.engine.dispositions import DispositionQueue
from amqp.engine.frames import channel_head

if TYPE_CHECKING:
    from amqp.engine.link import Link
    from amqp.engine.sender import SenderLink
    from amqp.engine.windows import LinkFlow, Windows
    from amqp.engine.wire import Buffer, Wire
    from amqp_spec import DeliveryState, Frame, Transfer

__all__ = ["Outflow"]


class Outflow:
    """The way out of one session. Ids are taken when a frame is written, so their order is that of the frames."""

    __slots__ = (
        "_channel",
        "_dirty",
        "_dispositions",
        "_flow_due",
        "_flowing",
        "_head",
        "_listed",
        "_round",
        "_wire",
        "mapped",
        "windows",
    )

    def __init__(self, wire: Wire, windows: Windows) -> None:
        self.windows = windows
        self.mapped = False
        """Whether flows, dispositions and transfers may leave: both begins were exchanged, and no end."""
        self._wire = wire
        self._channel = 0
        self._head = b""
        self._dispositions = DispositionQueue()
        self._flowing: list[Link] = []  # links with a flow to write
        self._flow_due = False  # the session itself has one to write
        self._round: deque[SenderLink] = deque()  # links with a transfer to write
        self._dirty = False  # the wire has this among those with an update to write
        self._listed = False  # the wire has this among those with a transfer to write

    def use(self, channel: int) -> None:
        """Write on *channel* from now on."""
        self._channel = channel
        self._head = channel_head(channel)

    def clear(self) -> None:
        """Forget what waits."""
        self.mapped = False
        self._dispositions.take()
        self._flowing.clear()
        self._flow_due = False
        self._round.clear()

    # -- at once

    def write(self, performative: Frame, body: bytes) -> None:
        """Write a frame; *body* is the encoded performative."""
        self._wire.write(self._channel, self._head, performative, body)

    def write_transfer(self, transfer: Transfer, body: bytes, payload: Buffer) -> None:
        """Write one transfer frame, which takes one transfer-id (2.5.6)."""
        self.windows.count_outgoing()
        self._wire.write_transfer(self._channel, self._head, transfer, body, payload)

    def write_flow(self, link: LinkFlow | None = None) -> None:
        """Write a flow for a link, or for the session alone (2.7.4)."""
        self._flow_due = False
        flow = self.windows.make_flow(link)
        self.write(flow, flow.encode())

    # -- when the driver asks

    def add_disposition(
        self, role: bool, delivery_id: int, settled: bool, state: DeliveryState | None
    ) -> None:
        """Tell the state of one delivery; it joins its neighbours."""
        if self._dispositions.add(role, delivery_id, settled, state):
            self.mark()

    def want_flow(self, link: Link | None = None) -> None:
        """Let *link*, which had none to write, write a flow; None is the session itself."""
        if link is None:
            self._flow_due = True
        else:
            self._flowing.append(link)
        self.mark()

    def queue_link(self, link: SenderLink) -> None:
        """Put *link*, which has a transfer to write, into the round."""
        self._round.append(link)
        self.list()

    def mark(self) -> None:
        """See that what waits is written, when it may be."""
        if not self._dirty and self.mapped:
            self._dirty = True
            self._wire.dirty.append(self)

    def list(self) -> None:
        """See that the transfers that wait are written, when the window is open."""
        if not self._listed and self._round and self.windows.remote_incoming_window > 0:
            self._listed = True
            self._wire.waiting.append(self)

    def on_mapped(self) -> None:
        """Both begins were exchanged."""
        self.mapped = True
        if self._flow_due:
            self.mark()

    def write_updates(self) -> None:
        """Write the dispositions and flows that wait."""
        self._dirty = False
        if not self.mapped:
            return
        for disposition in self._dispositions.take():
            self.write(disposition, disposition.encode())
        if self._flowing:
            flowing, self._flowing = self._flowing, []
            for link in flowing:
                link.write_flow()
        if self._flow_due:
            self.write_flow()

    def write_transfers(self, limit: int) -> bool:
        """Write transfers, the links in turn, until *limit* octets wait; tell whether more could be written."""
        links = self._round
        wire = self._wire
        windows = self.windows
        while links and windows.remote_incoming_window > 0:
            if wire.pending >= limit:
                return True
            link = links.popleft()
            if link.write_transfer():
                links.append(link)
        self._listed = False
        return False
