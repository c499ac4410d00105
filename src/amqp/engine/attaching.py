"""What a link says of itself when it attaches, and what it takes along from an earlier attachment (2.6.3, 2.6.13)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from amqp.engine.states import LinkState
from amqp.engine.unsettled import SuspendedLink, encode_attach
from amqp.engine.wire import symbols
from amqp.errors import LocalError
from amqp_spec import Attach, Coordinator, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from amqp.engine.delivery import IncomingDelivery, OutgoingDelivery
    from amqp.engine.session import Session
    from amqp.engine.wire import Wire
    from amqp.options import LinkOptions
    from amqp_spec import AnyTarget, DeliveryState

__all__ = ["Attaching"]

_GONE = (LinkState.DETACHED, LinkState.CLOSED)


class Attaching(ABC):
    """The part of a link that is about its attach."""

    __slots__ = (
        "_memory",
        "_next_tag",
        "_wire",
        "name",
        "options",
        "reducing",
        "remote_attach",
        "role",
        "session",
        "state",
        "target",
    )

    state: LinkState

    def __init__(self, session: Session, wire: Wire, role: bool, name: str, options: LinkOptions) -> None:
        self._wire = wire
        self.session = session
        self.name = name
        self.role = role
        """``Role.SENDER`` or ``Role.RECEIVER``: what this end is."""
        self.options = options
        self.remote_attach: Attach | None = None
        self.target: AnyTarget | None = options.target
        """The target, as the receiving end says it is (2.6.3)."""
        self.reducing = False
        """An unsettled map was cut to a frame (2.6.13): send nothing new, settle what was resumed, detach, resume again."""
        self._memory: SuspendedLink | None = None  # what is resumed
        self._next_tag = 0

    @property
    @abstractmethod
    def unsettled(self) -> Mapping[bytes, OutgoingDelivery | IncomingDelivery]:
        """The deliveries that this side holds unsettled, by tag."""

    def suspended(self) -> SuspendedLink:
        """Return what it takes to resume this link, on any session or connection (2.6.13): its unsettled deliveries.

        Left out are streams, for their octets are gone, and what was posted under a transaction, for that ends with its
        connection.

        Raises:
            LocalError: the link is attached, or about to be.
        """
        if self.state not in _GONE:
            raise LocalError(
                f"link {self.name!r} is {self.state.value}: it can be resumed once it is detached"
            )
        memories = [delivery.suspend() for delivery in self.unsettled.values()]
        return SuspendedLink(
            name=self.name,
            role=self.role,
            options=self.options,
            deliveries={each.tag: each for each in memories if each is not None},
            next_tag=self._next_tag,
        )

    @abstractmethod
    def recover(self, memory: SuspendedLink) -> None:
        """Hold the deliveries of *memory*, to be resumed when the link is up.

        Raises:
            LocalError: *memory* is of another link, or a delivery of it cannot be resumed.
        """
        if memory.name != self.name or memory.role is not self.role:
            raise LocalError(f"link {self.name!r} cannot resume what {memory.name!r} holds as {memory.role=}")
        if isinstance(self.target, Coordinator):
            raise LocalError("a control link cannot be resumed (4.2)")
        self._memory = memory
        # 2.6.12: a settlement may be lost with its connection, so the peer may hold any tag of before.
        self._next_tag = memory.next_tag

    @abstractmethod
    def map_states(self) -> dict[bytes, DeliveryState | None]:
        """Return what the unsettled map is to say."""

    def rotate(self, told: Iterable[bytes]) -> None:
        """Let a later map begin with others than *told*, where the order has no meaning."""
        return

    @abstractmethod
    def resume(self, held: Mapping[bytes, DeliveryState | None], incomplete: bool) -> None:
        """Do for each recovered delivery what its state here, and at the peer by its map, asks for (3.4.6)."""

    def _encode_attach(self, options: LinkOptions, handle: int) -> tuple[Attach, bytes]:
        """Return our attach and its octets, with the unsettled map where the link is resumed."""
        if self._memory is None:
            attach = self._attach(options, handle)
            return attach, self._wire.encode(attach)
        attach, body = encode_attach(
            self._wire,
            lambda states, incomplete: self._attach(options, handle, states, incomplete),
            self.map_states(),
        )
        self.reducing = attach.incomplete_unsettled
        if self.reducing and attach.unsettled is not None:
            self.rotate(attach.unsettled)
        return attach, body

    def _resume(self) -> None:
        """Compare the unsettled maps, now that both are known."""
        if self._memory is not None:
            assert self.remote_attach is not None
            incomplete = self.remote_attach.incomplete_unsettled
            self.reducing = self.reducing or incomplete
            self.resume(self.remote_attach.unsettled or {}, incomplete)

    def _attach(
        self,
        options: LinkOptions,
        handle: int,
        unsettled: Mapping[bytes, DeliveryState | None] | None = None,
        incomplete: bool = False,
    ) -> Attach:
        return Attach(
            name=self.name,
            handle=handle,
            role=self.role,
            snd_settle_mode=options.snd_settle_mode,
            rcv_settle_mode=options.rcv_settle_mode,
            source=options.source,
            target=options.target,
            unsettled=unsettled,
            incomplete_unsettled=incomplete,
            # 2.7.3: never null from a sender.
            initial_delivery_count=options.initial_delivery_count if self.role is Role.SENDER else None,
            max_message_size=options.max_message_size,
            offered_capabilities=symbols(options.offered_capabilities),
            desired_capabilities=symbols(options.desired_capabilities),
            properties=options.properties,
        )
