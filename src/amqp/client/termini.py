"""The options of a sender and a receiver as a caller gives them, made into those of a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple, TypedDict, TypeVar

from amqp.checks import check_bool, check_instance, check_int, check_seconds, check_str, check_strs
from amqp.client.filters import Filters, filter_set
from amqp.client.settings import BATCH_MAX_AGE, MAX_UNSETTLED
from amqp.client.settle_modes import SettleModes
from amqp.errors import LocalError
from amqp.options import UINT_MAX, LinkOptions
from amqp_spec import (
    Accepted,
    DeleteOnClose,
    Modified,
    ReceiverSettleMode,
    Rejected,
    Released,
    SenderSettleMode,
    Source,
    Symbol,
    Target,
    TerminusDurability,
    TerminusExpiryPolicy,
)

OUTCOME_NAMES: Final = (Accepted.SYMBOL, Rejected.SYMBOL, Released.SYMBOL, Modified.SYMBOL)
"""What may become of a delivery on our links; told in the source (3.5.3)."""


class LinkArguments(TypedDict, total=False):
    """What ``open_sender`` and ``open_receiver`` both take."""

    name: str | None
    """The name of the link, unique per direction between the two containers; None makes one."""
    snd_settle_mode: SenderSettleMode | None
    """How the sender settles (2.8.2). Given, it is an error when the peer does otherwise; None takes its choice."""
    rcv_settle_mode: ReceiverSettleMode | None
    """How the receiver settles (2.8.3); given or None as above."""
    max_message_size: int | None
    """The largest message, in octets, that this side takes; None: no limit is told."""
    properties: Mapping[str, Any] | None
    """Link properties to send."""
    offered_capabilities: Sequence[str] | None
    """Extensions that this side supports."""
    desired_capabilities: Sequence[str] | None
    """Extensions that this side may use if the peer supports them."""


class SenderArguments(LinkArguments, total=False):
    """What ``open_sender`` takes beside the address."""

    source: str | Source | None
    """Where the messages come from (3.5.3), where the peer cares; None says nothing about it."""
    durable: bool
    """Whether every message is sent as durable (3.2.1)."""
    max_unsettled: int
    """How many messages may wait for their outcome, 1 to 2^32-1; more wait to be sent."""


class ReceiverArguments(LinkArguments, total=False):
    """What ``open_receiver`` takes beside the address."""

    target: str | Target | None
    """Where the messages go (3.5.4), where the peer cares; None says nothing about it."""
    filters: Filters | None
    """Which messages come (3.5.8): a mapping of names to filters, or filters that have a usual name."""
    require_filters: bool
    """Whether it is an error when the peer puts fewer filters in force than were asked for."""
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


class RequesterArguments(TypedDict, total=False):
    """What ``open_requester`` takes beside the address."""

    replies: str | Source | None
    """Where the replies come from: an address, a whole ``Source``, or None for a node that the peer makes (3.5.3)."""
    reply_to: str | None
    """What requests name as their reply-to; None is the address of the source of the replies."""
    capabilities: Sequence[str] | None
    """Capabilities that the node that the peer makes is asked to have."""
    settled: bool
    """Whether requests are sent settled."""
    replies_settled: bool
    """Whether the replies have to be sent settled."""
    durable: bool
    """Whether every request is sent as durable (3.2.1)."""
    credit: int
    """Replies that may be on their way."""
    name: str | None
    """The name of both links; None makes one for each."""
    properties: Mapping[str, Any] | None
    """Link properties to send, on both links."""


class SenderPlan(NamedTuple):
    """How to open a sender."""

    options: LinkOptions
    asked: SettleModes
    durable: bool
    max_unsettled: int


class ReceiverPlan(NamedTuple):
    """How to open a receiver."""

    options: LinkOptions
    asked: SettleModes
    credit: int
    auto_accept: bool
    require_filters: bool
    batch: int
    batch_max_age: float


class RequesterPlan(NamedTuple):
    """How to open a requester."""

    sender: SenderPlan
    receiver: ReceiverPlan
    reply_to: str | None
    dynamic: bool


def plan_sender(
    address: str | Target | None,
    *,
    source: str | Source | None = None,
    durable: bool = False,
    max_unsettled: int = MAX_UNSETTLED,
    snd_settle_mode: SenderSettleMode | None = None,
    rcv_settle_mode: ReceiverSettleMode | None = None,
    name: str | None = None,
    max_message_size: int | None = None,
    properties: Mapping[str, Any] | None = None,
    offered_capabilities: Sequence[str] | None = None,
    desired_capabilities: Sequence[str] | None = None,
) -> SenderPlan:
    """Read the arguments of ``open_sender``.

    Raises:
        LocalError: one of them is of another type or out of its range.
    """
    check_bool("durable", durable)
    check_int("max_unsettled", max_unsettled, 1, UINT_MAX)
    options = LinkOptions(
        source=_source("source", source),
        target=_target("the address", address),
        max_message_size=max_message_size,
        properties=properties,
        offered_capabilities=offered_capabilities,
        desired_capabilities=desired_capabilities,
    )
    asked = _common(options, name, snd_settle_mode, rcv_settle_mode)
    return SenderPlan(options, asked, durable, max_unsettled)


def plan_receiver(
    address: str | Source | None,
    *,
    target: str | Target | None = None,
    filters: Filters | None = None,
    require_filters: bool = False,
    credit: int = 100,
    auto_accept: bool = False,
    streaming: bool = False,
    batch: int = 0,
    batch_max_age: float = BATCH_MAX_AGE,
    snd_settle_mode: SenderSettleMode | None = None,
    rcv_settle_mode: ReceiverSettleMode | None = None,
    name: str | None = None,
    max_message_size: int | None = None,
    properties: Mapping[str, Any] | None = None,
    offered_capabilities: Sequence[str] | None = None,
    desired_capabilities: Sequence[str] | None = None,
) -> ReceiverPlan:
    """Read the arguments of ``open_receiver``.

    Raises:
        LocalError: one of them is of another type or out of its range.
    """
    check_int("credit", credit, 0, UINT_MAX)
    check_bool("require_filters", require_filters)
    check_bool("auto_accept", auto_accept)
    check_bool("streaming", streaming)
    check_int("batch", batch, 0, UINT_MAX)
    check_seconds("batch_max_age", batch_max_age)
    options = LinkOptions(
        source=_filtered(_receiver_source(address), filters),
        target=_target("target", target),
        streaming=streaming,
        max_message_size=max_message_size,
        properties=properties,
        offered_capabilities=offered_capabilities,
        desired_capabilities=desired_capabilities,
    )
    asked = _common(options, name, snd_settle_mode, rcv_settle_mode)
    return ReceiverPlan(options, asked, credit, auto_accept, require_filters, batch, batch_max_age)


def plan_requester(
    address: str | Target | None,
    *,
    replies: str | Source | None = None,
    reply_to: str | None = None,
    capabilities: Sequence[str] | None = None,
    settled: bool = False,
    replies_settled: bool = False,
    durable: bool = False,
    credit: int = 100,
    name: str | None = None,
    properties: Mapping[str, Any] | None = None,
) -> RequesterPlan:
    """Read the arguments of ``open_requester``.

    Raises:
        LocalError: one of them is of another type or out of its range.
    """
    check_instance("replies", replies, (str, Source, type(None)), "a str, a Source or None")
    check_str("reply_to", reply_to)
    check_bool("settled", settled)
    check_bool("replies_settled", replies_settled)
    check_strs("capabilities", capabilities)
    if credit == 0:
        raise LocalError("credit=0 would let no reply come: give 1 or more")
    if replies is None:
        replies = _dynamic(capabilities)
    elif capabilities is not None:
        raise LocalError("capabilities= are of a node that the peer makes: with replies=, leave them out")
    sender = plan_sender(
        address,
        source=reply_to,
        durable=durable,
        name=name,
        properties=properties,
        snd_settle_mode=SenderSettleMode.SETTLED if settled else None,
    )
    receiver = plan_receiver(
        replies,
        target=reply_to,
        credit=credit,
        name=name,
        properties=properties,
        snd_settle_mode=SenderSettleMode.SETTLED if replies_settled else None,
    )
    return RequesterPlan(sender, receiver, reply_to, isinstance(replies, Source) and replies.dynamic)


def _common(
    options: LinkOptions, name: str | None, snd: SenderSettleMode | None, rcv: ReceiverSettleMode | None
) -> SettleModes:
    check_str("name", name)
    if name is not None:
        options.name = name
    if snd is not None:
        options.snd_settle_mode = snd = settle_mode("snd_settle_mode", snd, SenderSettleMode)
    if rcv is not None:
        options.rcv_settle_mode = rcv = settle_mode("rcv_settle_mode", rcv, ReceiverSettleMode)
    return SettleModes(snd, rcv)


_Mode = TypeVar("_Mode", SenderSettleMode, ReceiverSettleMode)


def settle_mode(option: str, value: object, kind: type[_Mode]) -> _Mode:
    """Return the settle mode that *value* is or, as the number on the wire, means.

    Raises:
        LocalError: it is none.
    """
    # The number on the wire is taken for the member that it means.
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            return kind(value)
        except ValueError:
            pass
    members = ", ".join(f"{kind.__name__}.{member.name}" for member in kind)
    raise LocalError(f"{option} takes {members} or None, not {value!r:.60}")


def _source(option: str, address: str | Source | None) -> Source:
    if isinstance(address, Source):
        return address
    check_instance(option, address, (str, type(None)), "a str, a Source or None")
    return Source(address=address, outcomes=OUTCOME_NAMES)


def _receiver_source(address: str | Source | None) -> Source | None:
    # 2.6.3: an attach without a source asks for the one that the peer keeps under the name of the link.
    return None if address is None else _source("the address", address)


def _filtered(source: Source | None, filters: Filters | None) -> Source | None:
    if filters is None:
        return source
    if source is None:
        raise LocalError("filters= are of a source, and None as the address asks for no source of ours")
    return replace(source, filter={**(source.filter or {}), **filter_set(filters)})


def _target(option: str, address: str | Target | None) -> Target:
    if isinstance(address, Target):
        return address
    check_instance(option, address, (str, type(None)), "a str, a Target or None")
    return Target(address=address)


def _dynamic(capabilities: Sequence[str] | None) -> Source:
    return Source(
        dynamic=True,
        dynamic_node_properties={Symbol("lifetime-policy"): DeleteOnClose()},
        durable=TerminusDurability.NONE,
        expiry_policy=TerminusExpiryPolicy.LINK_DETACH,
        timeout=0,
        outcomes=OUTCOME_NAMES,
        capabilities=None if capabilities is None else tuple(map(Symbol, capabilities)),
    )
