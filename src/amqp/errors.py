"""The exceptions of the library, one tree, every class importable from ``amqp``.

::

    AmqpError                        root of everything raised here
    ├── DecodeError                  octets that are not what the standard says (what, offset, path)
    ├── EncodeError                  a value that has no encoding; raised before a byte or a credit is used
    ├── Refusal                      raised by a handler of ``listen``: the answer to a client is no
    └── AmqpFault                    the rest; carries scope, blame, condition, description, info
        ├── LocalError               misuse on this side; nothing was changed
        │   ├── ForkError            used in a child process that inherited it
        │   └── WrongLoop            used from another thread or event loop than its own
        ├── DeliveryAborted          the sender took a message back that was being read
        ├── SettledByPeer            the sender took a delivery back before its outcome was decided on
        ├── OperationTimeout         also a TimeoutError; the object stays usable
        ├── LinkError                one link is gone, its session lives
        │   ├── AttachRefused        the peer did not let the link come up
        │   ├── FiltersDeclined      the link came up without filters that were required (3.5.8)
        │   ├── LinkDetached         the link was detached
        │   └── LinkStolen           another attach took the link over (2.6.1)
        ├── SessionEnded             a session and its links are gone, the connection lives
        ├── ConnectionClosed         the connection and all on it are gone
        │   ├── ConnectionLost       no orderly close: end of stream, reset, silence, nonsense
        │   │   └── TlsFailed        TLS did not come up, or the server is not who it should be (5.2)
        │   ├── RemoteClosed         the peer sent a close
        │   └── AuthenticationFailed the SASL exchange did not succeed (5.3)
        ├── ManagementError          a management node did not do what it was asked for; ``status`` tells
        ├── SendError                the fate of one message that was not accepted
        │   ├── NotSent              no byte of it left: safe to send again
        │   ├── InDoubt              it left, no outcome came; ``__cause__`` says what happened
        │   └── DeliveryNotAccepted  the peer decided otherwise; ``outcome`` holds its answer
        │       ├── MessageRejected
        │       ├── MessageReleased
        │       └── MessageModified
        ├── TokenRefused             the peer did not take a token; ``status`` says why
        └── TransactionError         a transaction was not opened, or not committed
            ├── TransactionRefused   the peer opened none: it has no coordinator, or did not want to
            ├── TransactionRollback  it was rolled back, and was not to be
            ├── TransactionTimeout   the same, because it took too long for the peer
            ├── TransactionUnknownId the peer knows no such transaction (any more)
            └── TransactionInDoubt   the commit left, no answer came: it may have happened
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from amqp_spec import AzureErrorCondition, ConnectionErrorCondition, LinkErrorCondition
from amqp_spec.errors import AmqpError, DecodeError, EncodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amqp_spec import Outcome

__all__ = [
    "AmqpError",
    "AmqpFault",
    "AttachRefused",
    "AuthenticationFailed",
    "Blame",
    "ConnectionClosed",
    "ConnectionLost",
    "DecodeError",
    "DeliveryAborted",
    "DeliveryNotAccepted",
    "EncodeError",
    "Fault",
    "FiltersDeclined",
    "ForkError",
    "InDoubt",
    "LinkDetached",
    "LinkError",
    "LinkStolen",
    "LocalError",
    "ManagementError",
    "MessageModified",
    "MessageRejected",
    "MessageReleased",
    "NotSent",
    "OperationTimeout",
    "Redirect",
    "Refusal",
    "RemoteClosed",
    "Scope",
    "SendError",
    "SessionEnded",
    "SettledByPeer",
    "TlsFailed",
    "TokenRefused",
    "TransactionError",
    "TransactionInDoubt",
    "TransactionRefused",
    "TransactionRollback",
    "TransactionTimeout",
    "TransactionUnknownId",
    "WrongLoop",
]


class Scope(StrEnum):
    """How much an error takes with it; what is outside the scope lives on."""

    DELIVERY = "delivery"
    LINK = "link"
    SESSION = "session"
    CONNECTION = "connection"


class Blame(StrEnum):
    """Who caused an error."""

    LOCAL = "local"
    REMOTE = "remote"
    NETWORK = "network"
    """Neither end: the stream ended, or no octet came in time."""


@dataclass(slots=True, kw_only=True, frozen=True)
class Fault:
    """What went wrong, in the terms that an error and an engine event share."""

    scope: Scope
    """What is lost."""
    blame: Blame
    """Who caused it."""
    condition: str | None = None
    """The error condition (2.8.14 to 2.8.18) that was received or sent; None where no error was named."""
    description: str = ""
    """What happened, for a person; the peer's own words where it gave some."""
    info: Mapping[Any, Any] | None = None
    """The map that the peer sent with its error, as received."""
    offset: int | None = None
    """Where known, the octet of the incoming stream that was at fault, counted from its start."""


_PASSING: Final = frozenset(
    (
        # An idle link, or one whose node moves; a server that restarts or sheds load.
        LinkErrorCondition.DETACH_FORCED,
        ConnectionErrorCondition.CONNECTION_FORCED,
        AzureErrorCondition.TIMEOUT,
        AzureErrorCondition.SERVER_BUSY,
        AzureErrorCondition.OPERATION_CANCELLED,
        AzureErrorCondition.CONTAINER_CLOSE,
    )
)

_REDIRECTS: Final = (LinkErrorCondition.REDIRECT, ConnectionErrorCondition.REDIRECT)


@dataclass(slots=True, kw_only=True, frozen=True)
class Redirect:
    """Where a peer says that a connection or a link should go instead (2.8.16, 2.8.18). It is never followed by itself.

    A field that the peer left out, or that is of another type than the standard says, is None.
    """

    hostname: str | None = None
    """What to give as ``hostname`` of the connection, and to SASL and TLS."""
    network_host: str | None = None
    """The DNS name or address to connect to."""
    port: int | None = None
    """The port to connect to."""
    address: str | None = None
    """The address to attach to; of a link only."""


def _copied(error: BaseException) -> tuple[Any, ...]:
    """Tell how to copy or unpickle *error*: not by its class, which may want more than ``args`` and make another text of it."""
    return _made_anew, (type(error), error.args), error.__dict__


def _made_anew(kind: type[BaseException], args: tuple[object, ...]) -> BaseException:
    error = kind.__new__(kind)
    error.args = args
    return error


class Refusal(AmqpError):
    """What a handler of ``listen`` raises to say no: to a connection, a session or a link that a client asks for.

    Raised for a link that was accepted before, it detaches the link.

    Args:
        condition: what the client is told, a condition such as ``amqp:not-found`` or one of the service's own (2.8.14).
        description: the same for a person.
        info: more of it: a map whose keys are symbols.
    """

    def __init__(
        self, condition: str, description: str = "", *, info: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{description or 'refused'} [{condition}]")
        self.condition: str = str(condition)
        self.description = description
        self.info = info

    def __reduce__(self) -> tuple[Any, ...]:
        return _copied(self)


class AmqpFault(AmqpError):
    """An error with a scope, somebody to blame and, where one was named, an error condition."""

    scope: Scope = Scope.CONNECTION
    blame: Blame = Blame.LOCAL
    condition: str | None = None
    description: str = ""
    info: Mapping[Any, Any] | None = None
    offset: int | None = None

    def __init__(
        self,
        description: str = "",
        *,
        scope: Scope | None = None,
        blame: Blame | None = None,
        condition: str | None = None,
        info: Mapping[Any, Any] | None = None,
        offset: int | None = None,
    ) -> None:
        super().__init__(description)
        self.description = description
        if scope is not None:
            self.scope = scope
        if blame is not None:
            self.blame = blame
        self.condition = None if condition is None else str(condition)
        self.info = info
        self.offset = offset

    def __reduce__(self) -> tuple[Any, ...]:
        return _copied(self)

    @classmethod
    def of(cls, fault: Fault) -> AmqpFault:
        """Return this class of error for an engine's *fault*."""
        return cls(
            fault.description,
            scope=fault.scope,
            blame=fault.blame,
            condition=fault.condition,
            info=fault.info,
            offset=fault.offset,
        )

    @property
    def retryable(self) -> bool:
        """Whether the same may well succeed on a new link or connection: nothing was wrong with what was asked.

        So after ``amqp:link:detach-forced`` (an idle link, for example), ``amqp:connection:forced``, Azure's conditions
        for a busy or moving server, and where the network failed or the time ran out. Of a message, only ``NotSent``
        can be: sending another one again may double it.
        """
        return self.condition in _PASSING

    @property
    def redirect(self) -> Redirect | None:
        """Where the peer says to go instead; None where its condition is no redirect."""
        if self.condition not in _REDIRECTS:
            return None
        info = self.info or {}
        port = info.get("port")
        return Redirect(
            hostname=_text(info.get("hostname")),
            network_host=_text(info.get("network-host")),
            port=int(port) if isinstance(port, int) and not isinstance(port, bool) else None,
            address=_text(info.get("address")) if self.condition == LinkErrorCondition.REDIRECT else None,
        )

    @property
    def text(self) -> str:
        """What happened and the condition, without who caused it: for an error that tells of this one."""
        text = self.description or type(self).__name__
        return text if self.condition is None else f"{text} [{self.condition}]"

    def __str__(self) -> str:
        """Give the text and, unless this side is at fault, who caused it."""
        text = self.text
        return text if self.blame is Blame.LOCAL else f"{text} ({self.blame} error, {self.scope} scope)"


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str) else None


class LocalError(AmqpFault):
    """A call that this side may not make now, or not with these arguments; nothing was changed or sent."""


class ForkError(LocalError):
    """A connection was used in a process that inherited it by ``os.fork``: it belongs to the parent (F18)."""


class WrongLoop(LocalError):
    """An object of the asyncio front end was used from another thread or event loop than that of its connection (F19)."""


class DeliveryAborted(AmqpFault):
    """The sender took a message back of which a part had come (2.6.14): nothing of it counts."""

    scope = Scope.DELIVERY


class SettledByPeer(AmqpFault):
    """The sender decided on a delivery before this side did, and has the message again (2.6.12).

    Servers do so when a consumer takes too long or a lock runs out; the message comes again, here or elsewhere.
    """

    scope = Scope.DELIVERY
    blame = Blame.REMOTE

    def __init__(
        self,
        description: str = "",
        *,
        outcome: Outcome,
        condition: str | None = None,
        info: Mapping[Any, Any] | None = None,
    ) -> None:
        super().__init__(description, condition=condition, info=info)
        self.outcome = outcome
        """The outcome that the sender told."""


class OperationTimeout(AmqpFault, TimeoutError):
    """An operation did not end within its time; the object that it was called on stays usable."""

    @property
    def retryable(self) -> bool:
        """True: another try may end in time."""
        return True


class LinkError(AmqpFault):
    """A link is gone; its session and the other links live."""

    scope = Scope.LINK


class AttachRefused(LinkError):
    """The peer answered an attach by a detach (2.6.3); the link never came up."""


class FiltersDeclined(LinkError):
    """The peer let the link come up without filters that were required (3.5.8); it was detached.

    Not every server refuses a filter that it does not know: RabbitMQ leaves it out and sends everything.
    """

    blame = Blame.REMOTE

    def __init__(self, description: str = "", *, names: tuple[str, ...] = ()) -> None:
        super().__init__(description)
        self.names = names
        """The names, in the filter-set, of those that are not in force."""


class LinkDetached(LinkError):
    """The link was detached, by the peer or by this side (2.6.4, 2.6.5)."""


class LinkStolen(LinkDetached):
    """Another attach of the same name took the link over (2.6.1). Attaching again would steal it back."""


class SessionEnded(AmqpFault):
    """The session is gone and its links with it; the connection lives (2.5.4)."""

    scope = Scope.SESSION


class ConnectionClosed(AmqpFault):
    """The connection is gone, and all sessions and links with it."""

    scope = Scope.CONNECTION
    peer: str = ""
    """The server, as a URL without user and password; empty where the description names it or there was none."""

    @property
    def text(self) -> str:
        """What happened, to the connection with which server, and the condition."""
        text = super().text
        return f"{self.peer}: {text}" if self.peer else text


class ConnectionLost(ConnectionClosed):
    """The connection ended without an orderly close: end of stream, reset, silence, or octets that make no sense."""

    blame = Blame.NETWORK

    @property
    def retryable(self) -> bool:
        """Whether the network broke the connection, and neither end; a certificate that is refused is so again."""
        # TLS raises a ValueError for a certificate, and for nothing else.
        return self.blame is Blame.NETWORK and not isinstance(self.__cause__, ValueError)


class TlsFailed(ConnectionLost):
    """TLS did not come up: the server is not who it should be, does not take this client, or speaks no TLS (5.2).

    Nothing was sent in clear text. Trying again is of no use; the text says what may be.
    """

    @property
    def retryable(self) -> bool:
        """Never: the certificates stay what they are."""
        return False


class RemoteClosed(ConnectionClosed):
    """The peer sent a close; ``condition`` tells why where the peer said so (2.4.3)."""

    blame = Blame.REMOTE


class AuthenticationFailed(ConnectionClosed):
    """The SASL exchange did not succeed (5.3.3.6), or no mechanism was acceptable to both sides."""

    blame = Blame.REMOTE


class TokenRefused(AmqpFault):
    """The peer did not take a token that was put to it; the connection lives until what it holds expires."""

    scope = Scope.SESSION

    def __init__(
        self,
        description: str = "",
        *,
        blame: Blame | None = None,
        condition: str | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(description, blame=blame, condition=condition)
        self.status = status
        """The peer's status, of the numbers of HTTP; 0 where its answer had none."""


class SendError(AmqpFault):
    """A message was not accepted; the subclass tells its fate."""

    scope = Scope.DELIVERY


class NotSent(SendError):
    """No byte of the message was handed to the transport: sending it again cannot duplicate it.

    With the same sender as long as that ``is_open``, such as after a wait for credit that was too long; else with a new one.
    """

    @property
    def retryable(self) -> bool:
        """Whether what kept it from being sent may pass: see ``__cause__``."""
        cause = self.__cause__
        return isinstance(cause, AmqpFault) and cause.retryable


class InDoubt(SendError):
    """The message left and no outcome came: the peer may or may not have it. ``__cause__`` tells what happened."""

    @property
    def retryable(self) -> bool:
        """False: sending it again may double it."""
        return False


class DeliveryNotAccepted(SendError):
    """The peer decided on another outcome than accepted (3.4); the message is not at the peer's node."""

    blame = Blame.REMOTE

    def __init__(
        self,
        description: str = "",
        *,
        outcome: Outcome,
        condition: str | None = None,
        info: Mapping[Any, Any] | None = None,
    ) -> None:
        super().__init__(description, condition=condition, info=info)
        self.outcome = outcome
        """The outcome as received."""


class MessageRejected(DeliveryNotAccepted):
    """The message is invalid and unprocessable at the peer (3.4.3)."""


class MessageReleased(DeliveryNotAccepted):
    """The message was not and will not be acted upon (3.4.4); RabbitMQ says so when no queue was found for it."""


class MessageModified(DeliveryNotAccepted):
    """The message was not acted upon and was changed (3.4.5)."""


class ManagementError(AmqpFault):
    """A management node did not do what it was asked for. The links to it live."""

    scope = Scope.DELIVERY
    blame = Blame.REMOTE

    def __init__(self, description: str = "", *, status: int, condition: str | None = None) -> None:
        super().__init__(description, condition=condition)
        self.status = status
        """Of the numbers of HTTP, such as 404; 0 where the answer has none."""

    @property
    def text(self) -> str:
        """What the node said, with the status."""
        return f"{self.status} {super().text}"


class TransactionError(AmqpFault):
    """A transaction was not opened, or not committed; the subclass tells which. The link it was discharged on may live."""

    scope = Scope.LINK
    blame = Blame.REMOTE


class TransactionRefused(TransactionError):
    """The peer opened no transaction (4.2): it has no coordinator, or refused the declare. Nothing was done in it."""


class TransactionRollback(TransactionError):
    """The transaction was rolled back though it was not to be: nothing of it counts. ``__cause__``, where there is one, says why.

    ``condition`` is ``amqp:transaction:rollback``, or what else the peer named (4.5.8).
    """


class TransactionTimeout(TransactionError):
    """The transaction took longer than the peer allows, and was rolled back (``amqp:transaction:timeout``, 4.5.8)."""


class TransactionUnknownId(TransactionError):
    """The peer knows no such transaction (``amqp:transaction:unknown-id``, 4.5.8): this discharge has not committed it."""


class TransactionInDoubt(TransactionError):
    """The commit left and no answer came: the transaction was committed or rolled back. ``__cause__`` tells what happened."""
