"""A client's sender: who may send next, what became of what was sent."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from amqp.client.body import BodyWriter
from amqp.client.completion import Completion
from amqp.client.faults import dishonoured, link_ended
from amqp.client.link import ClientLink
from amqp.client.outcomes import OUTCOMES, not_accepted
from amqp.client.pending import Held, Pending, in_doubt, not_sent
from amqp.client.relay import check_to, explained, is_relay
from amqp.client.settle_modes import sender_disagreement
from amqp.engine import OutgoingStream
from amqp.engine.states import LinkState
from amqp.errors import AmqpError, AmqpFault, Blame, InDoubt, LocalError
from amqp_spec import Accepted, SenderSettleMode, Source, TransactionalState

if TYPE_CHECKING:
    from amqp.client.faults import Failure
    from amqp.client.outcomes import Told
    from amqp.client.session import ClientSession
    from amqp.client.settle_modes import SettleModes
    from amqp.client.transaction import ClientTransaction
    from amqp.engine import DeliveryUpdated, LinkFailed, OutgoingDelivery, SenderLink
    from amqp.message import Message

logger = logging.getLogger("amqp.client")

ROOM: Final = 256 * 1024
"""Octets that a sender gives to the engine before it waits for them to be written (F21)."""

OVERHEAD: Final = 64
"""What a message counts beyond its octets, so that many small ones are bounded too."""

MAX_TAG: Final = 32
"""Octets of a delivery-tag (2.8.7)."""


class ClientSender(ClientLink):
    """Messages leave in the order in which they were submitted, as credit and room allow."""

    def __init__(
        self,
        session: ClientSession,
        link: SenderLink,
        *,
        asked: SettleModes,
        durable: bool,
        max_unsettled: int,
        accepted: bool = False,
    ) -> None:
        super().__init__(session, link)
        self.accepted = accepted
        self.link = link
        self._asked = asked
        self._durable = durable
        self._max_unsettled = max_unsettled
        self._relay = not accepted and is_relay(link.options.target)
        self._mode = link.options.snd_settle_mode
        # Who gives up goes at the same cost wherever it stands.
        self._queue: OrderedDict[Pending, None] = OrderedDict()
        self._unresolved: dict[Pending, None] = {}
        self._leaving: deque[Pending] = deque()
        self._room = ROOM
        self._writing = False
        self._refusal: Failure | None = None
        self._last: OutgoingDelivery | None = None
        self._writers: list[tuple[Pending, Completion[None]]] = []
        self._joined()

    # -- sending

    def submit(
        self,
        message: Message,
        *,
        settled: bool = False,
        tag: bytes | None = None,
        transaction: ClientTransaction | None = None,
    ) -> Pending:
        """Send *message* as soon as credit and room allow, after all that were submitted before.

        Raises:
            NotSent: the link is gone.
            EncodeError: the message has no body, or a value that has no encoding.
            LocalError: it is larger than the peer takes, the tag is too long or in use, or *transaction* takes no work.
            TransactionError: *transaction* was rolled back, and was not to be.
        """
        if self._refusal is not None:
            raise not_sent(self._refusal.error())
        if self._relay:
            check_to(message)
        payload = message.encode(durable=self._durable)
        settled = settled or self._mode is SenderSettleMode.SETTLED
        pending = Pending(self)
        if transaction is not None:
            self._enter(pending, transaction)
        if self._ready() and not self._queue:
            self._send(pending, payload, message.format, settled, tag)
        else:
            self._check(len(payload), settled, tag)
            pending.held = Held(payload, message.format, settled, tag)
            self._queue[pending] = None
        self._unresolved[pending] = None
        if transaction is not None:
            transaction.add(pending)
        return pending

    def submit_stream(
        self,
        message: Message | None,
        *,
        size: int | None = None,
        settled: bool = False,
        tag: bytes | None = None,
        transaction: ClientTransaction | None = None,
    ) -> tuple[Pending, BodyWriter]:
        """Begin a message whose body comes in pieces, in its turn; return it, and what writes its body.

        It raises what :meth:`submit` raises. Once it has departed, :meth:`write` takes the pieces.
        """
        if self._refusal is not None:
            raise not_sent(self._refusal.error())
        if self._relay:
            check_to(message)
        body = BodyWriter(message, durable=self._durable, size=size)
        settled = settled or self._mode is SenderSettleMode.SETTLED
        self._check(body.size, settled, tag)
        pending = Pending(self)
        if transaction is not None:
            self._enter(pending, transaction)
        pending.held = Held(body.head, 0 if message is None else message.format, settled, tag, stream=True)
        self._queue[pending] = None
        self._unresolved[pending] = None
        if transaction is not None:
            transaction.add(pending)
        self._pump()
        return pending, body

    def write(self, pending: Pending, octets: bytes, *, last: bool = False) -> None:
        """Send the next octets of a message that was begun; with *last* there are no more.

        Raises:
            SendError: its fate is known already: the link is gone, or the peer did not wait for the rest.
            LocalError: the message would be larger than the peer takes.
        """
        stream = pending.delivery
        if pending.done() or not isinstance(stream, OutgoingStream):
            pending.result()
            raise LocalError(f"the peer did not wait for the rest of the message: {pending.outcome!r}")
        if last:
            stream.finish(octets)
        else:
            stream.write(octets)
        self._watch_writing()
        self.connection.wake()

    def room(self, pending: Pending) -> Completion[None] | None:
        """Return what to wait for before more is written of a message that was begun; None: nothing (F21)."""
        if pending.done() or not _full(pending):
            return None
        room: Completion[None] = Completion()
        self._writers.append((pending, room))
        self._watch_writing()
        return room

    def give_up(self, pending: Pending, cause: BaseException, *, looked_at: bool = True) -> None:
        """Stop waiting for *pending*: what has not begun to leave is taken back, the rest is in doubt.

        The outcome of a message in doubt is settled when it comes, and told to nobody (F30).
        """
        if pending.done():
            return
        pending.looked_at = looked_at
        delivery = pending.delivery
        if delivery is None:
            del self._queue[pending]
            self._fail(pending, not_sent(cause))
        elif not delivery.started:
            self._withdraw(pending, delivery)
            self._fail(pending, not_sent(cause))
            self._pump()
        else:
            dropped = self._drop_rest(delivery)
            # The peer may take its time, or never tell: the error, and who got it, are not kept that long.
            delivery.context = pending.transaction
            self._fail(pending, not_sent(cause) if dropped else in_doubt(cause))

    def abort(self, pending: Pending) -> bool:
        """Take *pending* back if some of it is still here; return whether that is so.

        What has left of it is void for the peer (2.6.14), so sending it again cannot duplicate it.
        """
        delivery = pending.delivery
        if pending.done():
            self._drop_rest(delivery)
            return False
        if delivery is not None and delivery.complete:
            return False
        pending.looked_at = True
        cause = LocalError("the message was aborted here")
        if delivery is not None and delivery.started:
            delivery.abort()
            self._forget(pending, delivery)
            self._fail(pending, not_sent(cause))
            self.connection.wake()
            self._pump()
        else:
            self.give_up(pending, cause)
        return True

    def stop(self) -> None:
        """Take no more messages; those that were submitted go on."""
        if self._refusal is None:
            self._refusal = link_ended(by_peer=False)

    def flushed(self) -> Completion[None]:
        """Return a completion of the moment when everything submitted until now has its fate."""
        done: Completion[None] = Completion()
        left = len(self._unresolved)

        def count(_pending: Pending) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                done.resolve(None)

        if left == 0:
            done.resolve(None)
        for pending in tuple(self._unresolved):
            pending.add_done_callback(count)
        return done

    def give_up_all(self, cause: BaseException) -> None:
        """Stop waiting for every message, the last one first, so that none goes in place of another."""
        for pending in reversed(tuple(self._unresolved)):
            self.give_up(pending, cause, looked_at=False)

    def raise_failures(self, whose: str) -> None:
        """Raise the failures that nobody has looked at.

        Raises:
            ExceptionGroup: there are some.
        """
        self.connection.unseen.raise_those(lambda pending: pending.sender is self, whose)

    # -- what the engine and the driver tell

    def credit_changed(self) -> None:
        """The peer granted credit, or asks for it to be used up."""
        self._pump()

    def written(self) -> None:
        """The driver has written what the engine gave."""
        self._writing = False
        if self._writers:
            self._let_writers_go_on()
        leaving = self._leaving
        while leaving:
            delivery = leaving[0].delivery
            if delivery is None or not delivery.complete:
                self._watch_writing()
                break
            self._succeed(leaving.popleft(), None)
        if self._last is not None and not self._last.started:
            # The session's window is closed (2.5.6): let no more pile up in the engine.
            self._watch_writing()
            return
        self._room = ROOM
        if self._queue:
            self._pump()

    def updated(self, event: DeliveryUpdated) -> None:
        """The peer told a state of a delivery, or settled it."""
        delivery = event.delivery
        known = delivery.context
        pending = known if type(known) is Pending else None
        state = event.state
        if type(state) is TransactionalState:
            # 4.4.1: the outcome that holds when the transaction commits.
            state = state.outcome
        outcome: Told | None = state if isinstance(state, OUTCOMES) else None
        if outcome is None:
            if not event.settled:
                return
            outcome = self._default_outcome()
        elif not event.settled:
            # Mode second, or a receiver that leaves settling to us: nothing more is to be agreed on (2.6.12).
            transaction = known if pending is None else pending.transaction
            if transaction is None:
                delivery.settle()
            else:
                cast("ClientTransaction", transaction).settle_later(delivery)
        if type(delivery) is OutgoingStream:
            self._drop_rest(delivery)
        if pending is None or pending.done():
            logger.debug("%r came for a message that was given up (tag %r)", outcome, delivery.tag)
        elif type(outcome) is Accepted:
            self._succeed(pending, outcome)
        else:
            self._fail(pending, _no_outcome() if outcome is None else not_accepted(outcome))
        if self._queue:
            self._pump()

    def link_failed(self, event: LinkFailed) -> None:
        """The link was refused, or detached with an error."""
        if self._relay and event.refused:
            remote = self.connection.engine.remote_open
            offered = None if remote is None else remote.offered_capabilities
            event = replace(event, fault=explained(event.fault, offered))
        super().link_failed(event)

    def gone(self, failure: Failure) -> None:
        """No outcome comes any more: tell each message what that means for it."""
        self._refusal = failure
        self._queue.clear()
        writers, self._writers = self._writers, []
        self._leaving.clear()
        self._last = None
        for pending in tuple(self._unresolved):
            delivery = pending.delivery
            started = delivery is not None and delivery.started
            error = failure.error()
            self._fail(pending, in_doubt(error) if started else not_sent(error))
        for _, room in writers:
            room.resolve(None)

    def dishonoured(self) -> Failure | None:
        """Tell which explicitly asked settle mode the peer did not agree to, if any."""
        disagreement = sender_disagreement(self._asked, self.link)
        return None if disagreement is None else dishonoured(disagreement)

    # -- inside

    def _enter(self, pending: Pending, transaction: ClientTransaction) -> None:
        transaction.check_session(self.session)
        pending.transaction = transaction

    def _ready(self) -> bool:
        # A link that the engine knows to be gone may still have credit. What is queued then gets the cause from the
        # event that tells of it.
        link = self.link
        return (
            link.credit > 0
            and self._room > 0
            and len(link.unsettled) < self._max_unsettled
            and link.state is LinkState.ATTACHED
        )

    def _check(self, size: int, settled: bool, tag: bytes | None) -> None:
        # What the engine refuses when it sends, refused now for a message that has to wait for that.
        limit = self.link.max_message_size
        if limit is not None and size > limit:
            raise LocalError(f"the message has {size} octets, and the peer takes {limit} (max-message-size)")
        if settled and self._mode is SenderSettleMode.UNSETTLED:
            raise LocalError(
                "settled=True on a link of snd-settle-mode unsettled: open it as mixed or settled"
            )
        if tag is not None and len(tag) > MAX_TAG:
            raise LocalError(f"the delivery-tag has {len(tag)} octets: {MAX_TAG} at most")

    def _send(
        self, pending: Pending, payload: bytes, message_format: int, settled: bool, tag: bytes | None
    ) -> None:
        if pending.transaction is None:
            delivery = self.link.send(payload, tag=tag, message_format=message_format, settled=settled)
        else:
            delivery = pending.transaction.post(
                self.link, payload, tag=tag, message_format=message_format, settled=settled
            )
        delivery.context = pending
        pending.delivery = self._last = delivery
        self._room -= len(payload) + OVERHEAD
        if settled:
            self._leaving.append(pending)
        if not self._writing:
            self._watch_writing()
        self.connection.wake()

    def _begin_stream(self, pending: Pending, held: Held) -> None:
        begin = self.link.send_stream
        if pending.transaction is not None:
            begin = partial(pending.transaction.post_stream, self.link)
        delivery = begin(held.payload, tag=held.tag, message_format=held.message_format, settled=held.settled)
        delivery.context = pending
        pending.delivery = self._last = delivery
        if held.settled:
            self._leaving.append(pending)
        self._watch_writing()

    def _drop_rest(self, delivery: OutgoingDelivery | None) -> bool:
        """Take back a message in pieces that was not written to its end, so that the next may go (2.6.14)."""
        if isinstance(delivery, OutgoingStream) and not (delivery.finished or delivery.aborted):
            if delivery.started:
                delivery.abort()
            else:
                delivery.withdraw()
            self._forget_last(delivery)
            self.connection.wake()
            return True
        return False

    def _let_writers_go_on(self) -> None:
        waiting = [
            (pending, room) for pending, room in self._writers if not pending.done() and _full(pending)
        ]
        free = [room for pending, room in self._writers if pending.done() or not _full(pending)]
        self._writers = waiting
        if waiting:
            self._watch_writing()
        for room in free:
            room.resolve(None)

    def _watch_writing(self) -> None:
        if not self._writing:
            self._writing = True
            self.connection.writing.append(self)

    def _pump(self) -> None:
        queue = self._queue
        while queue and self._ready():
            pending, _ = queue.popitem(last=False)
            held = pending.held
            assert held is not None
            try:
                if held.stream:
                    self._begin_stream(pending, held)
                else:
                    self._send(pending, held.payload, held.message_format, held.settled, held.tag)
            except AmqpError as error:
                self._fail(pending, not_sent(error))
            else:
                pending.depart()
        link = self.link
        if link.drain and (not queue or link.credit == 0):
            link.drained()
            self.connection.wake()

    def _withdraw(self, pending: Pending, delivery: OutgoingDelivery) -> None:
        delivery.withdraw()
        self._forget(pending, delivery)

    def _forget(self, pending: Pending, delivery: OutgoingDelivery) -> None:
        self._forget_last(delivery)
        if pending in self._leaving:
            self._leaving.remove(pending)

    def _forget_last(self, delivery: OutgoingDelivery) -> None:
        if self._last is delivery:
            self._last = None

    def _default_outcome(self) -> Told | None:
        # 3.5.3: where the delivery was settled and no outcome told, the default-outcome of the source holds.
        source = self.link.source
        default = source.default_outcome if isinstance(source, Source) else None
        return default if isinstance(default, OUTCOMES) else None

    def _succeed(self, pending: Pending, outcome: Accepted | None) -> None:
        self._unresolved.pop(pending, None)
        pending.resolve(outcome)

    def _fail(self, pending: Pending, error: AmqpError) -> None:
        self._unresolved.pop(pending, None)
        pending.fail(error)
        pending.depart()
        if not pending.looked_at:
            self.connection.unseen.add(pending)


def _full(pending: Pending) -> bool:
    stream = pending.delivery
    return isinstance(stream, OutgoingStream) and stream.pending_octets >= ROOM


def _no_outcome() -> InDoubt:
    return in_doubt(AmqpFault("the peer settled the delivery and told no outcome", blame=Blame.REMOTE))
