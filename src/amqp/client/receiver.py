"""A client's receiver: what arrived and was not yet taken, and who waits for it."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from amqp.checks import check_int
from amqp.client.batch import DispositionBatch
from amqp.client.completion import Completion
from amqp.client.credit import CreditWindow
from amqp.client.delivery import (
    ClientDelivery,
    accept_or_modify,
    release,
    remember,
    stream,
    stream_of,
    taken_back,
    tell,
)
from amqp.client.faults import dishonoured, missing_filters, stopped
from amqp.client.filters import declined
from amqp.client.link import ClientLink
from amqp.client.outcomes import ACCEPTED, OUTCOMES, RELEASED, bare, contradiction, settled_by_peer
from amqp.client.settings import BATCH_MAX_AGE
from amqp.client.settle_modes import receiver_disagreement
from amqp.client.signal import Signal
from amqp.client.stream import StreamReader
from amqp.engine import IncomingDelivery, IncomingStream
from amqp.errors import LocalError
from amqp.options import UINT_MAX
from amqp_spec import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from amqp.client.faults import Failure
    from amqp.client.outcomes import Told
    from amqp.client.session import ClientSession
    from amqp.client.settle_modes import SettleModes
    from amqp.client.transaction import ClientTransaction
    from amqp.engine import DeliveryUpdated, ReceiverLink
    from amqp_spec import DeliveryState, Error

D = TypeVar("D", bound=ClientDelivery)


class ClientReceiver(ClientLink, Generic[D]):
    """Deliveries are handed out in the order in which they came, to those who ask in the order in which they asked."""

    def __init__(
        self,
        session: ClientSession,
        link: ReceiverLink,
        *,
        asked: SettleModes,
        credit: int,
        auto_accept: bool,
        require_filters: bool = False,
        batch: int = 0,
        batch_max_age: float = BATCH_MAX_AGE,
        delivery_type: Callable[[ClientReceiver[D], IncomingDelivery], D],
    ) -> None:
        super().__init__(session, link)
        self.link = link
        self.auto_accept = auto_accept
        self._asked = asked
        self._require_filters = require_filters
        self._delivery_type = delivery_type
        self._window = CreditWindow(credit)
        self._ready: deque[D] = deque()
        # Who gives up goes at the same cost wherever it stands.
        self._waiting: OrderedDict[Completion[D], None] = OrderedDict()
        self._settling: dict[ClientDelivery, Completion[None]] = {}
        self._draining: Completion[None] | None = None
        self._current: list[D] = []
        self._streams: dict[IncomingStream, StreamReader] = {}
        self._taken_back = False  # some of what is unread is the sender's again
        self._stopped = False  # nothing more is taken; what was taken can still be settled
        self.taken_back_signal: Signal[D] = Signal()
        """Sent with each delivery that was handed out and is the sender's again before it has an outcome."""
        self._batch = DispositionBatch(batch, batch_max_age) if batch > 1 else None
        self.batched = batch > 1
        """Whether outcomes are told together; looked at for every delivery."""
        self._joined()

    # -- taking

    @property
    def unread(self) -> int:
        """Deliveries that arrived and were not taken."""
        return len(self._ready)

    def take(self) -> D | None:
        """Return the next delivery, or None where none is there.

        Raises:
            LinkError, SessionEnded, ConnectionClosed: none is there, and none will come.
        """
        if self._current:
            self.finish_current()
        if self._taken_back:
            self._drop_taken_back()
        if self._ready:
            return self._handed_out(self._ready.popleft())
        self.check()
        if self._stopped:
            raise stopped().error()
        return None

    def take_more(self, first: D, most: int) -> list[D]:
        """Return *first* and the deliveries that are there behind it, up to *most* in all."""
        taken = [first]
        while self._ready and len(taken) < most:
            taken.append(self._handed_out(self._ready.popleft()))
        return taken

    def next(self) -> Completion[D]:
        """Return a completion of the next delivery that comes, behind those who asked before."""
        waiter: Completion[D] = Completion()
        self._waiting[waiter] = None
        return waiter

    def taken_by(self, waiter: Completion[D]) -> D:
        """Return the delivery that who asked by :meth:`next` got, or raise why none came.

        From now on auto_accept counts it as taken: before, its taker might still be cancelled, and nobody would have seen it.
        """
        delivery = waiter.result()
        if self.auto_accept:
            self._current.append(delivery)
        return delivery

    def stop_waiting(self, waiter: Completion[D]) -> None:
        """Take back :meth:`next`; a delivery that it got meanwhile is unread again, in its old place."""
        if not waiter.done():
            del self._waiting[waiter]
        elif waiter.error() is None:
            self._give_back(waiter.result())

    def finish_current(self) -> None:
        """With auto_accept: settle the deliveries that were handed out last."""
        current, self._current = self._current, []
        for delivery in current:
            accept_or_modify(delivery)

    def _taken(self) -> None:
        if self._window.taken():
            self._renew()

    def _renew(self) -> None:
        # A grant during a drain would take the drain back (2.6.7).
        if self._draining is None:
            self.link.flow(self._window.grant(len(self._ready)))
            self.connection.wake()

    def _handed_out(self, delivery: D) -> D:
        # For each message: what _taken does, without the call.
        if self._window.taken():
            self._renew()
        if self.auto_accept:
            self._current.append(delivery)
        if self.taken_back_signal.callbacks:
            remember(delivery)
        return delivery

    def _hand_over(self, delivery: D) -> None:
        """Give *delivery* to who waits longest."""
        if self._window.taken():
            self._renew()
        if self.taken_back_signal.callbacks:
            remember(delivery)
        self._waiting.popitem(last=False)[0].resolve(delivery)

    def _give_back(self, delivery: D) -> None:
        self._window.given_back()
        if self._waiting:
            self._hand_over(delivery)
        elif self._stopped and not delivery.settled:
            release(delivery)
            self.connection.wake()
        elif self.failure is None or delivery.settled:
            self._ready.appendleft(delivery)

    # -- settling

    def settle_in_batch(self, delivery: ClientDelivery, incoming: IncomingDelivery, outcome: Told) -> None:
        """Tell *outcome* in mode first with others, where outcomes are batched."""
        assert self._batch is not None
        if outcome is ACCEPTED or outcome is RELEASED:
            self._hold(self._batch, delivery, outcome)
            return
        # The others may turn out to have no encoding, which the caller has to be told now.
        self.flush()
        incoming.settle(outcome)
        self.connection.wake()

    def is_held(self, delivery: ClientDelivery) -> bool:
        """Whether the outcome of *delivery* waits to be told with others."""
        return self._batch is not None and delivery in self._batch.held

    def held_outcome(self, delivery: ClientDelivery) -> Told | None:
        """Return the outcome of *delivery* that waits to be told with others, if there is one."""
        return None if self._batch is None else self._batch.held.get(delivery)

    def flush(self) -> None:
        """Tell the outcomes that wait for others."""
        if self._batch is not None and self._batch.held:
            self.connection.batches.pop(self, None)
            for delivery, outcome in self._batch.take().items():
                tell(delivery, outcome)
            self.connection.wake()

    def batch_wait(self, now: float) -> float:
        """Return the seconds until the outcomes that wait have to be told."""
        assert self._batch is not None
        return self._batch.wait(now)

    def _hold(self, batch: DispositionBatch, delivery: ClientDelivery, outcome: Told) -> None:
        if not batch.held:
            # The driver looks when the time is up.
            self.connection.batches[self] = None
            self.connection.wake()
        batch.held[delivery] = outcome
        if batch.full:
            self.flush()

    # -- credit by hand

    def issue_credit(self, credit: int, transaction: ClientTransaction | None = None) -> None:
        """Grant *credit* deliveries beyond those granted already.

        Raises:
            LocalError: the receiver grants by itself, or *credit* is no int or out of range.
        """
        self.check()
        if self._stopped:
            raise LocalError("the receiver was stopped: open another one for more")
        if self._window.size:
            raise LocalError(
                "this receiver grants credit by itself: open it with credit=0 to issue it by hand"
            )
        check_int("credit", credit, 1, UINT_MAX)
        total = self.link.credit + credit
        if total > UINT_MAX:
            raise LocalError(
                f"credit={credit} is out of range: give a number from 1, at most {UINT_MAX} in all"
            )
        if transaction is None:
            self.link.flow(total)
        else:
            transaction.check_session(self.session)
            transaction.acquire(self.link, total)
        self._take_drain_back()
        self.connection.wake()

    def _take_drain_back(self) -> None:
        # 2.6.7: a grant is a flow without drain, so the sender need not use up or give back anything any more.
        draining, self._draining = self._draining, None
        if draining is not None:
            draining.fail(LocalError("credit was issued amid the drain, which takes it back: drain again"))

    def drain(self) -> Completion[None]:
        """Ask the sender to use up the credit or give it back (2.6.7); deliveries that come of it come first."""
        self.check()
        if self._draining is not None:
            return self._draining
        draining: Completion[None] = Completion()
        if self.link.credit == 0:
            # There is nothing to use up, so no sender would answer.
            draining.resolve(None)
            return draining
        self._draining = draining
        self.link.flow(drain=True)
        self.connection.wake()
        return draining

    # -- stopping

    @property
    def ended_here(self) -> bool:
        """Whether nothing more comes because this side wanted it so."""
        return self.closed_here or (self._stopped and self.failure is None)

    def stop(self) -> None:
        """Take no more: no credit, what nobody has taken goes back, and who waits is told; the link stays up."""
        if self._stopped or self.failure is not None:
            return
        self._stopped = True
        self._window = CreditWindow(0)
        if self._draining is None:
            # A drain uses up or gives back what was granted, and a flow without it would take it back (2.6.7).
            self.link.flow(0)
        self.flush()
        # What came settled has no other place to be.
        kept = deque(delivery for delivery in self._ready if delivery.settled)
        for delivery in self._ready:
            release(delivery)
        self._ready = kept
        waiting, self._waiting = self._waiting, OrderedDict()
        for waiter in waiting:
            waiter.fail(stopped().error())
        self.connection.wake()

    # -- what the engine tells

    def received(self, incoming: IncomingDelivery) -> None:
        """A delivery is complete, or has begun to come on a link that streams."""
        if type(incoming) is IncomingStream:
            known = self._streams.pop(incoming, None)
            if known is not None or self.failure is not None:
                # It was handed out as it began; now it is complete, or nobody waits for it any more.
                if known is not None:
                    known.arrived()
                return
            delivery = self._streamed(incoming)
        else:
            delivery = self._delivery_type(self, incoming)
        if self._waiting:
            self._hand_over(delivery)
        elif self._stopped and not delivery.settled:
            # It was on its way when the credit was taken back.
            release(delivery)
        else:
            self._ready.append(delivery)

    def readable(self, incoming: IncomingStream) -> None:
        """More of a delivery came on a link that streams."""
        known = self._streams.get(incoming)
        if known is not None:
            known.arrived()

    def _streamed(self, incoming: IncomingStream) -> D:
        delivery = self._delivery_type(self, incoming)
        reader = self._streams[incoming] = StreamReader(self, incoming)
        stream(delivery, reader)
        return delivery

    def aborted(self, incoming: IncomingDelivery) -> None:
        """The sender took back a delivery that had begun to come: its credit is granted anew (2.6.14)."""
        if isinstance(incoming, IncomingStream):
            reader = self._streams.pop(incoming, None)
            if reader is None:
                return
            unread = [delivery for delivery in self._ready if stream_of(delivery) is reader]
            if not unread:
                # Who has it is told as he reads on, and its credit was counted when he took it.
                reader.arrived()
                return
            self._ready.remove(unread[0])
        if self._window.size:
            self._taken()
        elif self._draining is None and not self._stopped:
            self.link.flow(self.link.credit + 1)
            self.connection.wake()

    def drained(self) -> None:
        """The credit is used up."""
        draining, self._draining = self._draining, None
        if draining is not None:
            draining.resolve(None)
        if self._window.size:
            self.link.flow(self._window.grant(len(self._ready)))

    def settling(self, delivery: ClientDelivery, incoming: IncomingDelivery) -> Completion[None]:
        """Return a completion of the moment when the sender has settled *delivery* too."""
        settled: Completion[None] = Completion()
        self._settling[delivery] = settled
        incoming.context = delivery
        return settled

    def updated(self, event: DeliveryUpdated) -> None:
        """The sender told a state of a delivery, or settled it."""
        incoming = event.delivery
        assert isinstance(incoming, IncomingDelivery)
        if not event.settled:
            if event.state is not None and incoming.local_state is None:
                self._give_up(incoming, event.state)
            return
        delivery = incoming.context
        settled = self._settling.pop(delivery, None) if isinstance(delivery, ClientDelivery) else None
        answer = contradiction(incoming.local_state, event.state)
        if settled is not None:
            if answer is None:
                settled.resolve(None)
            else:
                settled.fail(settled_by_peer(answer))
        elif answer is not None and not isinstance(incoming.local_state, OUTCOMES):
            self._note_taken_back(incoming, answer)

    def _give_up(self, incoming: IncomingDelivery, state: DeliveryState) -> None:
        """Where the sender tells an outcome of its own and leaves it to this side to settle: RabbitMQ 4.3 does."""
        answer = contradiction(None, state)
        if answer is not None:
            incoming.settle(bare(answer))
            self._note_taken_back(incoming, answer)
            self.connection.wake()

    def _note_taken_back(self, incoming: IncomingDelivery, answer: Told) -> None:
        delivery = incoming.context
        incoming.context = answer
        self._taken_back = bool(self._ready)
        if isinstance(incoming, IncomingStream) and incoming in self._streams:
            self._streams[incoming].arrived()
        if delivery is not None:
            self.taken_back_signal.send(cast("D", delivery))

    def _drop_taken_back(self) -> None:
        """Do not hand out what the sender has again: it comes anew, here or elsewhere."""
        self._taken_back = False
        kept = deque(delivery for delivery in self._ready if taken_back(delivery) is None)
        dropped = len(self._ready) - len(kept)
        self._ready = kept
        for _ in range(dropped):
            self._taken()

    def release_unread(self) -> None:
        """Tell the outcomes that wait, and give back to the sender what nobody has taken, for others to have (F7)."""
        self.flush()
        for delivery in self._ready:
            release(delivery)
        self._ready.clear()

    def gone(self, failure: Failure) -> None:
        """Nothing comes any more. What came settled can still be read; the rest is the sender's again (F7)."""
        self.connection.batches.pop(self, None)
        self._ready = deque(delivery for delivery in self._ready if self._can_be_read(delivery))
        for reader in self._streams.values():
            reader.arrived()
        self._streams.clear()
        waiting = tuple(self._waiting) + tuple(self._settling.values())
        self._waiting.clear()
        self._settling.clear()
        for waiter in waiting:
            waiter.fail(failure.error())
        if self._draining is not None:
            self._draining.fail(failure.error())

    @staticmethod
    def _can_be_read(delivery: D) -> bool:
        reader = stream_of(delivery)
        return delivery.settled and (reader is None or reader.complete)

    def detach(self, *, closed: bool = True) -> None:
        """Take the link down, once what nobody has taken is given back."""
        self.release_unread()
        super().detach(closed=closed)

    def fail(self, error: Error) -> None:
        """Detach the link with *error*, once what nobody has taken is given back."""
        self.release_unread()
        super().fail(error)

    def dishonoured(self) -> Failure | None:
        """Tell what the link lacks: an explicitly asked settle mode, or a required filter."""
        disagreement = receiver_disagreement(self._asked, self.link)
        if disagreement is not None:
            return dishonoured(disagreement)
        missing = self.declined_filters() if self._require_filters else ()
        return missing_filters(missing) if missing else None

    # -- filters

    def filters(self) -> Mapping[Any, Any]:
        """Return the filters that are in force, as the peer says."""
        source = self.link.source
        return (source.filter or {}) if isinstance(source, Source) else {}

    def declined_filters(self) -> tuple[str, ...]:
        """Return the names of the filters that were asked for and are not in force."""
        asked = self.link.options.source
        return declined(asked.filter if isinstance(asked, Source) else None, self.filters())
