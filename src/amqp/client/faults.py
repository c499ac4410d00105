"""Which exception a caller sees for what the engine told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar, cast

from amqp.errors import (
    AmqpFault,
    AttachRefused,
    AuthenticationFailed,
    Blame,
    ConnectionClosed,
    ConnectionLost,
    Fault,
    FiltersDeclined,
    InDoubt,
    LinkDetached,
    LinkError,
    LinkStolen,
    NotSent,
    OperationTimeout,
    Refusal,
    RemoteClosed,
    Scope,
    SessionEnded,
    TlsFailed,
)
from amqp.transport.framing import OtherProtocol
from amqp.transport.tls_faults import described, is_tls_fault
from amqp_spec import AmqpErrorCondition, Error, LinkErrorCondition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amqp.engine.events import ConnectionFailed, LinkFailed

FORKED: Final = (
    "this connection was made by the parent process, and the octets on its stream must come from there: connect anew in "
    "this process"
)
"""What a ``ForkError`` says (F18)."""

_Kind = TypeVar("_Kind", bound=AmqpFault)


@dataclass(slots=True, frozen=True)
class Failure:
    """Why something is gone. Each waiter gets an exception of its own: a shared one collects tracebacks."""

    kind: type[AmqpFault]
    fault: Fault
    cause: BaseException | None = None
    peer: str = ""
    """Of a connection that had come up: the server."""

    def error(self) -> AmqpFault:
        """Return a new exception that says so."""
        error = self.kind.of(self.fault)
        error.__cause__ = self.cause
        if self.peer and isinstance(error, ConnectionClosed):
            error.peer = self.peer
        return error


@dataclass(slots=True, frozen=True)
class MissingFilters(Failure):
    """Filters that were required are not in force."""

    names: tuple[str, ...] = ()

    def error(self) -> AmqpFault:
        """Return a new exception that says so."""
        return FiltersDeclined(self.fault.description, names=self.names)


def dishonoured(text: str) -> Failure:
    """Tell that the link came up otherwise than it was asked for."""
    return Failure(LinkError, Fault(scope=Scope.LINK, blame=Blame.REMOTE, description=text))


def missing_filters(names: tuple[str, ...]) -> Failure:
    """Tell that filters that were required are not in force."""
    text = f"the peer does not know the filters that are required: {', '.join(names)}"
    return MissingFilters(
        FiltersDeclined, Fault(scope=Scope.LINK, blame=Blame.REMOTE, description=text), names=names
    )


def error_of(failure: Failure | None) -> AmqpFault | None:
    """Return the error of a *failure* that this side did not ask for, and None of any other."""
    if failure is None or (
        failure.fault.blame is Blame.LOCAL and failure.cause is None and not failure.fault.condition
    ):
        return None
    return failure.error()


def connection_failure(
    event: ConnectionFailed, cause: BaseException | None = None, peer: str = ""
) -> Failure:
    """Tell how the connection with *peer* was lost; *cause* is the exception that broke it, where there was one."""
    if event.authentication:
        return Failure(AuthenticationFailed, event.fault, peer=peer)
    if event.remote_close:
        return Failure(RemoteClosed, event.fault, peer=peer)
    fault = event.fault
    if cause is not None and not isinstance(cause, OSError):
        fault = replace(fault, blame=Blame.LOCAL)
    elif fault.blame is Blame.NETWORK and fault.offset == 0:
        fault = replace(fault, description=fault.description + another_scheme(peer))
    return Failure(TlsFailed if is_tls_fault(cause) else ConnectionLost, fault, cause, peer)


def another_scheme(peer: str) -> str:
    """Return what may be wrong where *peer*, named by its URL, has said nothing that is AMQP."""
    if peer.startswith("amqp://"):
        return ": the port may begin with TLS (connect with amqps://), or be one for another protocol"
    return ": the port may be one for another protocol" if peer.startswith("amqps://") else ""


def not_opened(late: OperationTimeout, peer: str, *, heard: bool) -> OperationTimeout:
    """Return the error for an open of *peer* that is *late*; *heard* says whether anything else has come."""
    if heard:
        return late
    return OperationTimeout(f"{late.text}, nor anything else{another_scheme(peer)}", scope=Scope.CONNECTION)


def not_reached(peer: str, cause: OSError) -> ConnectionLost:
    """Return the error of a *peer* to which no connection was made, because of *cause*."""
    kind = TlsFailed if is_tls_fault(cause) else ConnectionLost
    blame = Blame.REMOTE if isinstance(cause, OtherProtocol) else None
    return kind(f"{peer} cannot be reached: {described(cause)}", blame=blame)


def none_connected(errors: Sequence[ConnectionLost | RemoteClosed | OperationTimeout]) -> AmqpFault:
    """Return the error of a ``connect`` that has tried every server; *errors* has one for each."""
    if len(errors) == 1:
        return errors[0]
    tried = "; ".join(error.text for error in errors)
    lost = ConnectionLost(f"none of {len(errors)} servers took the connection: {tried}")
    lost.__cause__ = ExceptionGroup("what each server's connection failed of", errors)
    return lost


def link_failure(event: LinkFailed) -> Failure:
    """Tell how the link was lost."""
    if event.refused:
        return Failure(AttachRefused, event.fault)
    stolen = event.fault.condition == LinkErrorCondition.STOLEN
    return Failure(LinkStolen if stolen else LinkDetached, event.fault)


def link_ended(*, by_peer: bool) -> Failure:
    """Tell that the link was detached without an error."""
    return Failure(
        LinkDetached,
        _ended(Scope.LINK, "the peer detached the link" if by_peer else "the link was closed", by_peer),
    )


def stopped() -> Failure:
    """Tell that a receiver takes no more, though its link is up."""
    return Failure(LinkDetached, _ended(Scope.LINK, "the receiver was stopped", by_peer=False))


def session_failure(fault: Fault) -> Failure:
    """Tell that the session ended with an error."""
    return Failure(SessionEnded, fault)


def session_ended(*, by_peer: bool) -> Failure:
    """Tell that the session ended without an error."""
    text = "the peer ended the session" if by_peer else "the session was closed"
    return Failure(SessionEnded, _ended(Scope.SESSION, text, by_peer))


def connection_ended(*, by_peer: bool, peer: str = "") -> Failure:
    """Tell that the connection was closed without an error."""
    if by_peer:
        fault = _ended(Scope.CONNECTION, "the peer closed the connection", by_peer)
        return Failure(RemoteClosed, fault, peer=peer)
    return Failure(ConnectionClosed, _ended(Scope.CONNECTION, "the connection was closed", by_peer))


def because(kind: type[_Kind], text: str, cause: BaseException) -> _Kind:
    """Return an error that says what came of *cause*, and has its scope, blame and condition."""
    if isinstance(cause, AmqpFault):
        error = kind(
            f"{text}: {cause.description}",
            scope=cause.scope,
            blame=cause.blame,
            condition=cause.condition,
            info=cause.info,
        )
    else:
        error = kind(f"{text}: {str(cause) or type(cause).__name__}")
    error.__cause__ = cause
    return error


def failed_here(kind: type[AmqpFault], scope: Scope, error: Error) -> Failure:
    """Tell that this side ended something, and told the peer *error*."""
    fault = Fault(
        scope=scope,
        blame=Blame.LOCAL,
        condition=str(error.condition),
        description=error.description or f"this side ended the {scope}",
        info=error.info,
    )
    return Failure(kind, fault)


def answer_to(error: BaseException) -> Error:
    """Return what a client is told where a handler raised *error*; of a fault of this side no more than that it is one."""
    if isinstance(error, Refusal):
        return Error(condition=error.condition, description=error.description or None, info=error.info)
    return Error(condition=AmqpErrorCondition.INTERNAL_ERROR, description="the service failed")


def is_of_the_end(error: BaseException) -> bool:
    """Whether *error* only says that something is gone: no news where the client has gone."""
    if isinstance(error, BaseExceptionGroup):
        several = cast("BaseExceptionGroup[BaseException]", error)
        return all(is_of_the_end(each) for each in several.exceptions)
    return isinstance(error, LinkError | SessionEnded | ConnectionClosed | NotSent | InDoubt)


def _ended(scope: Scope, text: str, by_peer: bool) -> Fault:
    return Fault(scope=scope, blame=Blame.REMOTE if by_peer else Blame.LOCAL, description=text)
