"""What senders and receivers have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amqp.aio.waiting import Deadline, until_done
from amqp.errors import OperationTimeout, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amqp.aio.session import Session
    from amqp.client.link import ClientLink
    from amqp.engine import ReceiverLink, SenderLink
    from amqp_spec import AnySource, AnyTarget, ReceiverSettleMode, SenderSettleMode


class Link:
    """A link that is up, or was: what both ends agreed on."""

    def __init__(self, session: Session, client: ClientLink, link: SenderLink | ReceiverLink) -> None:
        self._session = session
        self._client = client
        self._link = link

    @property
    def session(self) -> Session:
        """The session that the link is on."""
        return self._session

    @property
    def name(self) -> str:
        """The name of the link (2.6.1)."""
        return self._link.name

    @property
    def is_open(self) -> bool:
        """Whether the link is up: neither closed here nor taken away by the peer."""
        return self._client.failure is None

    @property
    def source(self) -> AnySource | None:
        """The source, as the sending end says it is (3.5.3)."""
        return self._link.source

    @property
    def target(self) -> AnyTarget | None:
        """The target, as the receiving end says it is (3.5.4)."""
        return self._link.target

    @property
    def snd_settle_mode(self) -> SenderSettleMode:
        """How the sender settles, as the sending end says (2.8.2)."""
        return self._link.snd_settle_mode

    @property
    def rcv_settle_mode(self) -> ReceiverSettleMode:
        """How the receiver settles, as the receiving end says (2.8.3)."""
        return self._link.rcv_settle_mode

    @property
    def max_message_size(self) -> int | None:
        """The largest message, in octets, that the peer takes; None: no limit."""
        return self._link.max_message_size

    @property
    def credit(self) -> int:
        """Deliveries that the receiving end has granted and that were not begun."""
        return self._link.credit

    @property
    def remote_properties(self) -> Mapping[Any, Any] | None:
        """The link properties that the peer sent."""
        remote = self._link.remote_attach
        return None if remote is None else remote.properties

    @property
    def remote_offered_capabilities(self) -> Sequence[str]:
        """The extensions that the peer supports on this link."""
        remote = self._link.remote_attach
        return () if remote is None else remote.offered_capabilities or ()

    @property
    def remote_desired_capabilities(self) -> Sequence[str]:
        """The extensions that the peer would like to use on this link."""
        remote = self._link.remote_attach
        return () if remote is None else remote.desired_capabilities or ()

    def _deadline(self, timeout: float | None) -> Deadline:
        return Deadline(self._client.connection.operation_timeout if timeout is None else timeout)

    async def _detached(self, deadline: Deadline) -> OperationTimeout | None:
        if await until_done(self._client.closed, deadline):
            return None
        self._client.forsake()
        return deadline.expired(f"the peer's detach of {self!r}", Scope.LINK)
