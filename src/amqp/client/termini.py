"""The options of a sender and a receiver as a caller gives them, made into those of a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple, TypedDict, TypeVar

from amqp.checks import check_bool, check_instance, check_int, check_seconds, check_str
from amqp.client.filters import Filters, filter_set
from amqp.client.settings import BATCH_MAX_AGE
from amqp.client.settle_modes import SettleModes
from amqp.errors import LocalError
from amqp.options import UINT_MAX, LinkOptions
from amqp_spec import (
    Accepted,
    Modified,
    ReceiverSettleMode,
    Rejected,
    Released,
    SenderSettleMode,
    Source,
    Target,
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


class SenderPlan(NamedTuple):
    """How to open a sender."""

    options: LinkOptions
    asked: SettleModes
    durable: bool


class ReceiverPlan(NamedTuple):
    """How to open a receiver."""

    options: LinkOptions
    asked: SettleModes
    credit: int
    auto_accept: bool
    require_filters: bool
    batch: int
    batch_max_age: float


def plan_sender(
    address: str | Target | None,
    *,
    source: str | Source | None = None,
    durable: bool = False,
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
    options = LinkOptions(
        source=_source("source", source),
        target=_target("the address", address),
        max_message_size=max_message_size,
        properties=properties,
        offered_capabilities=offered_capabilities,
        desired_capabilities=desired_capabilities,
    )
    asked = _common(options, name, snd_settle_mode, rcv_settle_mode)
    return SenderPlan(options, asked, durable)


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


def _common(
    options: LinkOptions, name: str | None, snd: SenderSettleMode | None, rcv: ReceiverSettleMode | None
) -> SettleModes:
    check_str("name", name)
    if name is not None:
        options.name = name
    if snd is not None:
        options.snd_settle_mode = snd = _mode("snd_settle_mode", snd, SenderSettleMode)
    if rcv is not None:
        options.rcv_settle_mode = rcv = _mode("rcv_settle_mode", rcv, ReceiverSettleMode)
    return SettleModes(snd, rcv)


_Mode = TypeVar("_Mode", SenderSettleMode, ReceiverSettleMode)


def _mode(option: str, value: object, kind: type[_Mode]) -> _Mode:
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
