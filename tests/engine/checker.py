"""An independent judge of what one end of a connection writes, by what it has read: no illegal frame ever.

It keeps its own books from the frames alone and shares nothing with the engine but the codec.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from amqp_spec import (
    Attach,
    Begin,
    Close,
    Detach,
    Disposition,
    End,
    Flow,
    Open,
    Received,
    Transfer,
)
from tests.engine.wire import Sent, cut

HALF = 2**31
FULL = 2**32


def ahead(start: int, end: int) -> int:
    """How far *end* is ahead of *start*, as serial numbers."""
    return (end - start + HALF) % FULL - HALF


@dataclass(eq=False)
class LinkBook:
    """One link, as its own end knows it."""

    name: str
    sender: bool
    attached: bool = False  # our attach left and our detach did not
    theirs_came: bool = False  # the peer's attach came
    theirs_left: bool = False  # the peer's detach came
    count: int = 0  # a sender's delivery-count, a serial number
    limit: int | None = None  # credit that is left, None before a grant
    amid: Transfer | None = None
    held: dict[bytes, object] | None = None  # what our attach said is unsettled; None: it said nothing
    theirs_held: dict[bytes, object] | None = None  # likewise of the peer's
    cut: bool = False  # one of the two maps is incomplete
    tags: dict[int, bytes] = field(default_factory=dict)  # unsettled deliveries sent, by delivery-id


@dataclass(eq=False)
class SessionBook:
    """One session, as its own end knows it."""

    next_outgoing: int = 0
    initial: int = 0
    window: int = 0  # frames that may still be sent
    next_incoming: int | None = None
    begun: bool = False  # our begin left
    ended: bool = False  # our end left
    theirs_came: bool = False  # the peer's begin came
    theirs_left: bool = False  # the peer's end came
    handle_max: int = 0
    links: dict[int, LinkBook] = field(default_factory=dict)  # by our handle
    theirs: dict[int, LinkBook] = field(default_factory=dict)  # by the peer's handle
    asked: list[LinkBook] = field(default_factory=list)  # attaches of the peer not answered yet
    next_delivery: int | None = None
    received: set[int] = field(default_factory=set)  # delivery-ids that came


class Checker:
    """Watches one end. ``sent`` and ``received`` take the octets that this end wrote and read."""

    def __init__(self) -> None:
        self.header_sent = False
        self.opened: Open | None = None
        self.peer: Open | None = None
        self.closed = False
        self.sessions: dict[int, SessionBook] = {}  # by our channel
        self.theirs: dict[int, SessionBook] = {}  # by the peer's channel
        self.asked: dict[int, list[SessionBook]] = {}  # begins of the peer not answered yet
        self.transfers = 0

    # -- what this end wrote

    def sent(self, octets: bytes) -> None:
        for each in cut(octets):
            assert not self.closed, f"{each!r} behind the close"
            if isinstance(each, bytes):
                assert not self.header_sent
                self.header_sent = True
            else:
                assert self.header_sent
                self._sent(each)

    def _sent(self, sent: Sent) -> None:
        performative = sent.performative
        limit = 512 if self.peer is None else self.peer.max_frame_size
        assert sent.size <= limit, f"a frame of {sent.size} octets where {limit} are allowed"
        assert sent.channel <= (0 if self.peer is None else self.peer.channel_max)
        if isinstance(performative, Open):
            assert self.opened is None
            assert sent.channel == 0
            self.opened = performative
            return
        assert self.opened is not None, f"{sent} before the open"
        if isinstance(performative, Close):
            assert sent.channel == 0
            self.closed = True
        elif isinstance(performative, Begin):
            self._sent_begin(sent.channel, performative)
        elif performative is None:
            assert sent.channel == 0
        else:
            assert sent.channel in self.sessions, f"{performative} on a channel not begun"
            assert not self.sessions[sent.channel].ended, f"{performative} behind the end"
            self._sent_on_session(sent.channel, self.sessions[sent.channel], sent)

    def _sent_begin(self, channel: int, begin: Begin) -> None:
        assert channel not in self.sessions, f"begin on channel {channel}, in use"
        book = SessionBook() if begin.remote_channel is None else self.asked[begin.remote_channel].pop(0)
        book.begun = True
        book.next_outgoing = book.initial = begin.next_outgoing_id
        self.sessions[channel] = book

    def _take_begin(self, channel: int, book: SessionBook, begin: Begin) -> None:
        self.theirs[channel] = book
        book.theirs_came = True
        book.handle_max = begin.handle_max
        book.window = begin.incoming_window
        book.next_incoming = begin.next_outgoing_id

    def _sent_on_session(self, channel: int, book: SessionBook, sent: Sent) -> None:
        performative = sent.performative
        if isinstance(performative, End):
            book.ended = True
            self._release()
        elif isinstance(performative, Attach):
            self._sent_attach(book, performative)
        elif isinstance(performative, Flow):
            self._sent_flow(book, performative)
        elif isinstance(performative, Transfer):
            self._sent_transfer(book, performative)
        elif isinstance(performative, Disposition):
            self._sent_disposition(book, performative)
        else:
            assert isinstance(performative, Detach)
            link = book.links[performative.handle]
            assert link.attached
            link.attached = False
            self._free(book)

    def _release(self) -> None:
        """Free the channels of sessions that both ends left."""
        for channel, book in list(self.sessions.items()):
            if book.ended and book.theirs_left:
                del self.sessions[channel]

    def _sent_attach(self, book: SessionBook, attach: Attach) -> None:
        assert attach.handle not in book.links, f"handle {attach.handle} is in use"
        assert attach.handle <= book.handle_max, "a handle above the peer's handle-max"
        sender = not attach.role
        if sender:
            assert attach.initial_delivery_count is not None
        asked = [link for link in book.asked if (link.name, link.sender) == (attach.name, sender)]
        if asked:
            link = asked[0]
            book.asked.remove(link)
        else:
            link = LinkBook(attach.name, sender)
        link.attached = True
        link.held = None if attach.unsettled is None else dict(attach.unsettled)
        link.cut = link.cut or attach.incomplete_unsettled
        assert link.held is not None or not attach.incomplete_unsettled
        link.count = attach.initial_delivery_count or 0
        book.links[attach.handle] = link

    def _free(self, book: SessionBook) -> None:
        """Free the handles of links that both ends have detached."""
        for handle, link in list(book.links.items()):
            if not link.attached and link.theirs_left:
                del book.links[handle]

    def _sent_flow(self, book: SessionBook, flow: Flow) -> None:
        assert (flow.next_incoming_id is not None) is book.theirs_came
        assert flow.next_incoming_id == book.next_incoming, (flow, book)
        assert flow.next_outgoing_id == book.next_outgoing
        if flow.handle is None:
            assert (flow.delivery_count, flow.link_credit, flow.available) == (None, None, None)
            assert not flow.drain
            return
        link = book.links[flow.handle]
        assert link.attached
        assert link.theirs_came
        if link.sender:
            assert flow.delivery_count is not None
            if flow.drain and link.limit is not None:
                given_back = ahead(link.count, flow.delivery_count)
                assert given_back in (0, link.limit)
                link.limit -= given_back
            link.count = flow.delivery_count

    def _sent_transfer(self, book: SessionBook, transfer: Transfer) -> None:
        self.transfers += 1
        link = book.links[transfer.handle]
        assert link.sender
        assert link.attached
        assert link.theirs_came
        assert book.window > 0, "a transfer into a closed window"
        book.window -= 1
        book.next_outgoing = (book.next_outgoing + 1) % FULL
        first = link.amid is None
        if first:
            assert transfer.delivery_id is not None
            assert transfer.delivery_tag is not None
            assert transfer.message_format is not None
            assert len(transfer.delivery_tag) <= 32
            self._check_resumed(link, transfer)
            if book.next_delivery is not None:
                assert transfer.delivery_id == book.next_delivery, "delivery-ids with a gap"
            book.next_delivery = (transfer.delivery_id + 1) % FULL
            assert link.limit is not None, "a delivery before any credit"
            assert link.limit > 0, "a delivery without credit"
            link.limit -= 1
            link.count = (link.count + 1) % FULL
            if not transfer.settled:
                assert transfer.delivery_tag not in link.tags.values(), "a tag that is in use"
                link.tags[transfer.delivery_id] = transfer.delivery_tag
        else:
            assert link.amid is not None
            assert transfer.delivery_id in (None, link.amid.delivery_id)
            assert not transfer.resume, "resume=true behind the first transfer"
            assert not isinstance(transfer.state, Received)
        start = transfer if first else link.amid
        assert start is not None
        if transfer.aborted and start.delivery_id is not None:
            link.tags.pop(start.delivery_id, None)
        link.amid = start if transfer.more and not transfer.aborted else None

    def _check_resumed(self, link: LinkBook, transfer: Transfer) -> None:
        """2.6.13, 3.4.1: what a resumed delivery may say, and what no other may."""
        if not transfer.resume:
            assert not isinstance(transfer.state, Received), "received in a transfer that resumes nothing"
            assert not link.cut, "a new delivery though a map is incomplete"
            return
        assert transfer.delivery_tag is not None
        assert link.held is not None, "a delivery resumed on a link that is not"
        assert link.theirs_held is not None
        assert transfer.delivery_tag in link.theirs_held, "a delivery resumed that the receiver does not hold"
        state = link.theirs_held[transfer.delivery_tag]
        if isinstance(transfer.state, Received):
            wanted = state if isinstance(state, Received) else Received(section_number=0, section_offset=0)
            assert transfer.state == wanted
        del link.theirs_held[transfer.delivery_tag]

    def _sent_disposition(self, book: SessionBook, disposition: Disposition) -> None:
        last = disposition.first if disposition.last is None else disposition.last
        span = ahead(disposition.first, last)
        assert span >= 0
        ids = {(disposition.first + step) % FULL for step in range(span + 1)}
        if disposition.role:
            assert ids <= book.received, "a disposition for what did not come"
            return
        assert not isinstance(disposition.state, Received), "received told by a sender"
        if disposition.settled:
            for link in book.links.values():
                for number in ids:
                    link.tags.pop(number, None)

    # -- what this end read

    def received(self, octets: bytes) -> None:
        for each in cut(octets):
            if not isinstance(each, bytes):
                self._received(each)

    def _received(self, got: Sent) -> None:
        performative = got.performative
        if isinstance(performative, Open):
            self.peer = performative
        elif isinstance(performative, Begin):
            if performative.remote_channel is None:
                book = SessionBook()
                self.asked.setdefault(got.channel, []).append(book)
            else:
                book = self.sessions[performative.remote_channel]
            self._take_begin(got.channel, book, performative)
        elif performative is not None and got.channel in self.theirs:
            self._received_on_session(got.channel, self.theirs[got.channel], performative)

    def _received_on_session(self, channel: int, book: SessionBook, performative: object) -> None:
        if isinstance(performative, End):
            del self.theirs[channel]
            book.theirs_left = True
            self._release()
        elif isinstance(performative, Attach):
            waiting = [
                link
                for link in book.links.values()
                if link.name == performative.name
                and link.sender is performative.role
                and not link.theirs_came
            ]
            if waiting:
                link = waiting[0]
            else:
                link = LinkBook(performative.name, performative.role)
                book.asked.append(link)
            link.theirs_came = True
            link.theirs_held = None if performative.unsettled is None else dict(performative.unsettled)
            link.cut = link.cut or performative.incomplete_unsettled
            book.theirs[performative.handle] = link
        elif isinstance(performative, Detach):
            link = book.theirs.pop(performative.handle)
            link.theirs_left = True
            self._free(book)
        elif isinstance(performative, Transfer):
            assert book.next_incoming is not None
            book.next_incoming = (book.next_incoming + 1) % FULL
            if performative.delivery_id is not None:
                book.received.add(performative.delivery_id)
        elif isinstance(performative, Flow):
            self._received_flow(book, performative)
        elif isinstance(performative, Disposition) and performative.role and performative.settled:
            last = performative.first if performative.last is None else performative.last
            for link in book.links.values():
                for number in list(link.tags):
                    if 0 <= ahead(performative.first, number) <= ahead(performative.first, last):
                        del link.tags[number]

    def _received_flow(self, book: SessionBook, flow: Flow) -> None:
        expected = book.initial if flow.next_incoming_id is None else flow.next_incoming_id
        book.window = max(0, flow.incoming_window - ahead(expected, book.next_outgoing))
        if flow.handle is not None and flow.handle in book.theirs:
            link = book.theirs[flow.handle]
            if link.sender and flow.link_credit is not None:
                unseen = 0 if flow.delivery_count is None else ahead(flow.delivery_count, link.count)
                link.limit = max(0, flow.link_credit - unseen)
