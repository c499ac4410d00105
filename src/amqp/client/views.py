"""What the objects of every front end tell about themselves: properties that look and wait for nothing."""

# transaction_of belongs to its class, and is not in it because applications get its objects.
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from amqp.checks import check_instance
from amqp.client.faults import error_of
from amqp.engine.transactions import TransactionStatus
from amqp.errors import AmqpFault
from amqp_spec import AnySource, AnyTarget, ReceiverSettleMode, SenderSettleMode, Source, Target

if TYPE_CHECKING:
    from amqp.client.connection import ClientConnection
    from amqp.client.link import ClientLink
    from amqp.client.receiver import ClientReceiver
    from amqp.client.requester import ClientRequester
    from amqp.client.sender import ClientSender
    from amqp.client.serving import AskedLink, ServerConnection
    from amqp.client.session import ClientSession
    from amqp.client.tokens import TokenKeeper
    from amqp.client.transaction import ClientTransaction
    from amqp.engine import ReceiverLink, SenderLink


class ConnectionView:
    """A connection that is open, or was: what both ends said."""

    def __init__(self, client: ClientConnection, peer: str) -> None:
        self._client = client
        self._peer = peer

    @property
    def is_open(self) -> bool:
        """Whether the connection can be used: neither closed here nor lost or closed by the peer."""
        return self._client.failure is None

    @property
    def error(self) -> AmqpFault | None:
        """Why the connection is gone; None while it is open, and where it was closed here."""
        return error_of(self._client.failure)

    def add_close_callback(self, callback: Callable[[Self], object]) -> None:
        """Have *callback* called with this object when the connection is gone, for whatever reason; at once if it is.

        It is called where the connection is read, so it must not wait for anything. What it raises is logged.
        """
        self._client.closed.add_done_callback(lambda _: callback(self))

    @property
    def container_id(self) -> str:
        """The name of this container."""
        return self._client.engine.options.container_id

    @property
    def remote_container_id(self) -> str:
        """The name of the peer's container (2.7.1)."""
        remote = self._client.engine.remote_open
        return "" if remote is None else remote.container_id

    @property
    def remote_properties(self) -> Mapping[Any, Any] | None:
        """The connection properties that the peer sent, such as its product and version."""
        remote = self._client.engine.remote_open
        return None if remote is None else remote.properties

    @property
    def remote_offered_capabilities(self) -> Sequence[str]:
        """The extensions that the peer supports."""
        remote = self._client.engine.remote_open
        return () if remote is None else remote.offered_capabilities or ()

    @property
    def remote_desired_capabilities(self) -> Sequence[str]:
        """The extensions that the peer would like to use."""
        remote = self._client.engine.remote_open
        return () if remote is None else remote.desired_capabilities or ()

    @property
    def remote_max_frame_size(self) -> int:
        """The largest frame, in octets, that the peer takes."""
        return self._client.engine.remote_max_frame_size

    @property
    def remote_channel_max(self) -> int:
        """One less than the number of sessions that the peer takes."""
        return self._client.engine.remote_channel_max

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<Connection to {self._peer}, {state}, {len(self._client.sessions)} sessions>"


class SessionView:
    """A session that is open, or was."""

    def __init__(self, client: ClientSession) -> None:
        self._client = client

    @property
    def is_open(self) -> bool:
        """Whether the session can be used: neither closed here nor ended by the peer."""
        return self._client.failure is None

    @property
    def error(self) -> AmqpFault | None:
        """Why the session is gone; None while it is open, and where it was closed here."""
        return error_of(self._client.failure)

    def add_close_callback(self, callback: Callable[[Self], object]) -> None:
        """Have *callback* called with this object when the session is gone, for whatever reason; at once if it is.

        It is called where the connection is read, so it must not wait for anything. What it raises is logged.
        """
        self._client.closed.add_done_callback(lambda _: callback(self))

    @property
    def remote_properties(self) -> Mapping[Any, Any] | None:
        """The session properties that the peer sent."""
        remote = self._client.session.remote_begin
        return None if remote is None else remote.properties

    @property
    def remote_offered_capabilities(self) -> Sequence[str]:
        """The extensions that the peer supports on this session."""
        remote = self._client.session.remote_begin
        return () if remote is None else remote.offered_capabilities or ()

    @property
    def remote_desired_capabilities(self) -> Sequence[str]:
        """The extensions that the peer would like to use on this session."""
        remote = self._client.session.remote_begin
        return () if remote is None else remote.desired_capabilities or ()

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return (
            f"<Session on channel {self._client.session.channel}, {state}, {len(self._client.links)} links>"
        )


class TransactionView:
    """A transaction that is open, or was."""

    def __init__(self, client: ClientTransaction) -> None:
        self._client = client

    @property
    def id(self) -> bytes:
        """The txn-id that the peer chose, up to 32 octets (4.5.4); Artemis takes 36."""
        return self._client.id

    @property
    def status(self) -> TransactionStatus:
        """How far it has come; never guessed: as long as its end is not known it is ``DISCHARGING``, or ``FAILED``."""
        return self._client.status

    @property
    def is_open(self) -> bool:
        """Whether it takes work: neither committed nor rolled back, nor about to be."""
        return self._client.active

    @property
    def error(self) -> AmqpFault | None:
        """Why it did not end as it was to; None while it is open, and where it did."""
        error = self._client.ended.error()
        return error if isinstance(error, AmqpFault) else None

    def __repr__(self) -> str:
        return f"<Transaction {self.id!r}, {self.status.value}>"


def transaction_of(transaction: object) -> ClientTransaction | None:
    """Return what the client layer knows of a front end's *transaction*. It is no method: those are for applications.

    Raises:
        LocalError: it is something else.
    """
    if transaction is None:
        return None
    check_instance("transaction", transaction, TransactionView, "what session.transaction() gives, or None")
    assert isinstance(transaction, TransactionView)
    return transaction._client


class RequesterView:
    """A requester that is open, or was."""

    def __init__(self, client: ClientRequester) -> None:
        self._client = client

    @property
    def address(self) -> str | None:
        """Where requests go; None for a requester that takes the address of each request (``properties.to``)."""
        target = self._client.sender.link.target
        return target.address if isinstance(target, Target) else None

    @property
    def reply_to(self) -> str | None:
        """The address that requests name for their replies (3.2.4)."""
        return self._client.reply_to

    @property
    def waiting(self) -> int:
        """Requests whose reply is awaited."""
        return self._client.waiting

    @property
    def is_open(self) -> bool:
        """Whether both links are up."""
        return self._client.sender.failure is None and self._client.receiver.failure is None

    @property
    def error(self) -> AmqpFault | None:
        """Why one of the links is gone; None while both are up, and where they were closed here."""
        return error_of(self._client.receiver.failure) or error_of(self._client.sender.failure)

    @property
    def remote_properties(self) -> Mapping[Any, Any] | None:
        """The link properties that the peer sent on the link for requests."""
        remote = self._client.sender.link.remote_attach
        return None if remote is None else remote.properties

    @property
    def remote_offered_capabilities(self) -> Sequence[str]:
        """The extensions that the peer supports on the link for requests."""
        remote = self._client.sender.link.remote_attach
        return () if remote is None else remote.offered_capabilities or ()

    @property
    def remote_desired_capabilities(self) -> Sequence[str]:
        """The extensions that the peer would like to use on the link for requests."""
        remote = self._client.sender.link.remote_attach
        return () if remote is None else remote.desired_capabilities or ()

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<{type(self).__name__} to {self.address!r}, {state}, requests waiting: {self.waiting}>"


class AuthorizationView:
    """A connection that is kept authorized by tokens."""

    def __init__(self, keeper: TokenKeeper, connection: ConnectionView) -> None:
        self._keeper = keeper
        self._connection = connection._client
        self._ended = False

    @property
    def audiences(self) -> tuple[str, ...]:
        """What the tokens are for."""
        return self._keeper.audiences

    @property
    def expires_at(self) -> float | None:
        """When the first of the tokens that the peer has expires, in seconds since 1970; None is never."""
        return self._keeper.expires_at

    @property
    def renewals(self) -> int:
        """How often the tokens were put, the first time with them."""
        return self._keeper.renewals

    @property
    def is_open(self) -> bool:
        """Whether the tokens are renewed."""
        return not self._ended and not self._connection.closed.done()

    @property
    def error(self) -> Exception | None:
        """Why the last renewal failed: an exception of this library, or of the provider. None where it did not."""
        return self._keeper.error

    def __repr__(self) -> str:
        return self._keeper.describe(is_open=self.is_open)


class LinkView:
    """A link that is up, or was: what both ends agreed on."""

    def __init__(self, client: ClientLink, link: SenderLink | ReceiverLink) -> None:
        self._client = client
        self._link = link

    @property
    def name(self) -> str:
        """The name of the link (2.6.1)."""
        return self._link.name

    @property
    def is_open(self) -> bool:
        """Whether the link is up: neither closed here nor taken away by the peer."""
        return self._client.failure is None

    @property
    def error(self) -> AmqpFault | None:
        """Why the link is gone; None while it is open, and where it was closed here."""
        return error_of(self._client.failure)

    def add_close_callback(self, callback: Callable[[Self], object]) -> None:
        """Have *callback* called with this object when the link is gone, for whatever reason; at once if it is.

        It is called where the connection is read, so it must not wait for anything. What it raises is logged.
        """
        self._client.closed.add_done_callback(lambda _: callback(self))

    @property
    def flow_properties(self) -> Mapping[str, Any] | None:
        """The properties of the last flow of the peer that had some (2.7.4), such as ``rabbitmq:active``; None: none had."""
        return self._client.flow_properties

    def add_flow_callback(self, callback: Callable[[Self, Mapping[str, Any]], object]) -> None:
        """Have *callback* called with this object and the properties of each flow of the peer that has some (2.7.4).

        Where one had some before, at once too. It is called where the connection is read, so it must not wait for
        anything. What it raises is logged.
        """
        self._client.watch_flow(lambda properties: callback(self, properties))

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


class SenderView(LinkView):
    """A sender that is up, or was."""

    def __init__(self, client: ClientSender) -> None:
        super().__init__(client, client.link)
        self._sender = client

    @property
    def address(self) -> str | None:
        """The address of the target; None for a sender that takes the address of each message (``properties.to``).

        On a link that a client of a listener asked for: the address of the source, which is here.
        """
        node = self.source if self._sender.accepted else self.target
        return node.address if isinstance(node, Source | Target) else None

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        where = "from" if self._sender.accepted else "to"
        return f"<Sender {where} {self.address!r}, {state}, credit {self.credit}>"


class ReceiverView(LinkView):
    """A receiver that is up, or was."""

    def __init__(self, client: ClientReceiver[Any]) -> None:
        super().__init__(client, client.link)
        self._receiving = client

    @property
    def address(self) -> str | None:
        """The address of the source; one that the peer made, where a dynamic one was asked for (3.5.3).

        On a link that a client of a listener asked for: the address of the target, which is here.
        """
        node = self.target if self._receiving.accepted else self.source
        return node.address if isinstance(node, Source | Target) else None

    @property
    def filters(self) -> Mapping[Any, Any]:
        """The filters that are in force, by name, as the peer says (3.5.8)."""
        return self._receiving.filters()

    @property
    def declined_filters(self) -> Sequence[str]:
        """The names of the filters that were asked for and are not in force, for some peers leave out what they do not know."""
        return self._receiving.declined_filters()

    @property
    def unread(self) -> int:
        """Deliveries that arrived and that nobody has asked for yet."""
        return self._receiving.unread

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        where = "to" if self._receiving.accepted else "from"
        return f"<Receiver {where} {self.address!r}, {state}, credit {self.credit}, unread {self.unread}>"


class IncomingView(ConnectionView):
    """A connection that a client made to a listener: what a connection tells, and who is there."""

    _server: ServerConnection

    @property
    def identity(self) -> str | None:
        """Who the client proved to be (5.3); None is nobody in particular."""
        return self._server.identity

    @property
    def mechanism(self) -> str | None:
        """The SASL mechanism that the client proved it by; None where it left the SASL layer out."""
        return self._server.mechanism

    @property
    def remote_hostname(self) -> str | None:
        """The host, or virtual host, that the client asked for in its open (2.7.1)."""
        remote = self._client.engine.remote_open
        return None if remote is None else remote.hostname

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        who = "nobody in particular" if self.identity is None else repr(self.identity)
        return f"<{type(self).__name__} of {who} from {self._peer}, {state}>"


class RequestView:
    """A link that a client asks for: what its attach says (2.7.3)."""

    def __init__(self, asked: AskedLink) -> None:
        self._asked = asked

    @property
    def name(self) -> str:
        """The name of the link, as the client chose it (2.6.1)."""
        return self._asked.link.name

    @property
    def source(self) -> AnySource | None:
        """The source that the client asks for, with its filters; None where it names none."""
        return self._asked.attach.source

    @property
    def target(self) -> AnyTarget | None:
        """The target that the client asks for; None where it names none."""
        return self._asked.attach.target

    @property
    def snd_settle_mode(self) -> SenderSettleMode:
        """How the sender is to settle (2.8.2): a wish of the client where it receives."""
        return SenderSettleMode(self._asked.attach.snd_settle_mode)

    @property
    def rcv_settle_mode(self) -> ReceiverSettleMode:
        """How the receiver is to settle (2.8.3): a wish of the client where it sends."""
        return ReceiverSettleMode(self._asked.attach.rcv_settle_mode)

    @property
    def max_message_size(self) -> int | None:
        """The largest message, in octets, that the client takes; None: no limit."""
        return self._asked.attach.max_message_size or None

    @property
    def remote_properties(self) -> Mapping[Any, Any] | None:
        """The link properties that the client sent."""
        return self._asked.attach.properties

    @property
    def remote_offered_capabilities(self) -> Sequence[str]:
        """The extensions that the client supports on this link."""
        return self._asked.attach.offered_capabilities or ()

    @property
    def remote_desired_capabilities(self) -> Sequence[str]:
        """The extensions that the client would like to use on this link."""
        return self._asked.attach.desired_capabilities or ()

    def __repr__(self) -> str:
        answer = "refused" if self._asked.refused else "accepted" if self._asked.answered else "not answered"
        return f"<{type(self).__name__} {self.name!r}, {answer}>"


class SenderRequestView(RequestView):
    """A client asks to receive: this side is to send."""

    @property
    def address(self) -> str | None:
        """The address that the client wants to receive from; None where it names none, or asks for a new node."""
        return self.source.address if isinstance(self.source, Source) else None

    @property
    def dynamic(self) -> bool:
        """Whether the client asks for a new node, for replies for example, of which this side tells the address (3.5.3)."""
        return isinstance(self.source, Source) and self.source.dynamic


class ReceiverRequestView(RequestView):
    """A client asks to send: this side is to receive."""

    @property
    def address(self) -> str | None:
        """The address that the client wants to send to; None where each message is to say so itself (``properties.to``)."""
        return self.target.address if isinstance(self.target, Target) else None

    @property
    def dynamic(self) -> bool:
        """Whether the client asks for a new node, of which this side tells the address (3.5.4)."""
        return isinstance(self.target, Target) and self.target.dynamic
