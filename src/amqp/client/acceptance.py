"""The options by which a service accepts a link, made into those of a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypedDict

from amqp.checks import check_bool, check_instance, check_int, check_seconds
from amqp.client.settings import BATCH_MAX_AGE, MAX_UNSETTLED
from amqp.client.termini import settle_mode
from amqp.options import UINT_MAX, LinkOptions
from amqp_spec import ReceiverSettleMode, SenderSettleMode, Source, Target


class AcceptArguments(TypedDict, total=False):
    """What ``accept`` of both kinds of request takes."""

    max_message_size: int | None
    """The largest message, in octets, that this side takes; None: no limit is told."""
    properties: Mapping[str, Any] | None
    """Link properties to send."""
    offered_capabilities: Sequence[str] | None
    """Extensions that this side supports."""
    desired_capabilities: Sequence[str] | None
    """Extensions that this side may use if the client supports them."""


class AcceptSenderArguments(AcceptArguments, total=False):
    """What ``SenderRequest.accept`` takes beside the address."""

    durable: bool
    """Whether every message is sent as durable (3.2.1)."""
    max_unsettled: int
    """How many messages may wait for their outcome, 1 to 2^32-1; more wait to be sent."""
    snd_settle_mode: SenderSettleMode | None
    """How this side settles (2.8.2); None is what the client wished for."""


class AcceptReceiverArguments(AcceptArguments, total=False):
    """What ``ReceiverRequest.accept`` takes beside the address."""

    credit: int
    """Deliveries that may be on their way or unread, renewed when half of it is used; 0: by ``issue_credit``."""
    auto_accept: bool
    """Whether a delivery is accepted when the next one is asked for, or the receiver is closed without an error."""
    streaming: bool
    """Whether a delivery is handed out as it begins to come, and read while it does, in pieces (2.6.14)."""
    batch: int
    """Accepted and released are told this many at a time; 0 and 1: at once. Not in receiver-settle-mode second."""
    batch_max_age: float
    """Seconds that the first of a batch waits at most."""
    rcv_settle_mode: ReceiverSettleMode | None
    """How this side settles (2.8.3); None is what the client wished for."""


SENDER_OPTIONS: Final = frozenset(AcceptSenderArguments.__annotations__)
RECEIVER_OPTIONS: Final = frozenset(AcceptReceiverArguments.__annotations__)


class SenderAcceptance(NamedTuple):
    """How to accept a link on which this side sends."""

    source: str | Source | None
    options: LinkOptions
    snd_settle_mode: SenderSettleMode | None
    durable: bool
    max_unsettled: int


class ReceiverAcceptance(NamedTuple):
    """How to accept a link on which this side receives."""

    target: str | Target | None
    options: LinkOptions
    rcv_settle_mode: ReceiverSettleMode | None
    credit: int
    auto_accept: bool
    batch: int
    batch_max_age: float


def accept_sender(
    address: str | Source | None,
    *,
    durable: bool = False,
    max_unsettled: int = MAX_UNSETTLED,
    snd_settle_mode: SenderSettleMode | None = None,
    max_message_size: int | None = None,
    properties: Mapping[str, Any] | None = None,
    offered_capabilities: Sequence[str] | None = None,
    desired_capabilities: Sequence[str] | None = None,
) -> SenderAcceptance:
    """Read the arguments of ``SenderRequest.accept``.

    Raises:
        LocalError: one of them is of another type or out of its range.
    """
    check_instance("the address", address, (str, Source, type(None)), "a str, a Source or None")
    check_bool("durable", durable)
    check_int("max_unsettled", max_unsettled, 1, UINT_MAX)
    options = LinkOptions(
        max_message_size=max_message_size,
        properties=properties,
        offered_capabilities=offered_capabilities,
        desired_capabilities=desired_capabilities,
    )
    if snd_settle_mode is not None:
        snd_settle_mode = settle_mode("snd_settle_mode", snd_settle_mode, SenderSettleMode)
    return SenderAcceptance(address, options, snd_settle_mode, durable, max_unsettled)


def accept_receiver(
    address: str | Target | None,
    *,
    credit: int = 100,
    auto_accept: bool = False,
    streaming: bool = False,
    batch: int = 0,
    batch_max_age: float = BATCH_MAX_AGE,
    rcv_settle_mode: ReceiverSettleMode | None = None,
    max_message_size: int | None = None,
    properties: Mapping[str, Any] | None = None,
    offered_capabilities: Sequence[str] | None = None,
    desired_capabilities: Sequence[str] | None = None,
) -> ReceiverAcceptance:
    """Read the arguments of ``ReceiverRequest.accept``.

    Raises:
        LocalError: one of them is of another type or out of its range.
    """
    check_instance("the address", address, (str, Target, type(None)), "a str, a Target or None")
    check_int("credit", credit, 0, UINT_MAX)
    check_bool("auto_accept", auto_accept)
    check_bool("streaming", streaming)
    check_int("batch", batch, 0, UINT_MAX)
    check_seconds("batch_max_age", batch_max_age)
    options = LinkOptions(
        streaming=streaming,
        max_message_size=max_message_size,
        properties=properties,
        offered_capabilities=offered_capabilities,
        desired_capabilities=desired_capabilities,
    )
    if rcv_settle_mode is not None:
        rcv_settle_mode = settle_mode("rcv_settle_mode", rcv_settle_mode, ReceiverSettleMode)
    return ReceiverAcceptance(address, options, rcv_settle_mode, credit, auto_accept, batch, batch_max_age)
