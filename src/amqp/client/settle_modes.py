"""Whether the peer agreed to the settle modes that the caller asked for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from amqp_spec import ReceiverSettleMode, SenderSettleMode

if TYPE_CHECKING:
    from amqp.engine import ReceiverLink, SenderLink


class SettleModes(NamedTuple):
    """What the caller asked for; None: whatever the peer says."""

    snd: SenderSettleMode | None
    rcv: ReceiverSettleMode | None


def sender_disagreement(asked: SettleModes, link: SenderLink) -> str | None:
    """Return what the receiving peer does otherwise than asked, or None.

    The receiver's mode is the peer's to say. The sender's is ours (2.7.3): a peer that leaves the field out says
    mixed, which is no contradiction; one that names the opposite will not treat the deliveries as we do.
    """
    remote = link.remote_attach
    if remote is None:
        return None
    opposite = (SenderSettleMode(remote.snd_settle_mode), asked.snd)
    if asked.snd is not None and SenderSettleMode.MIXED not in opposite and opposite[0] is not asked.snd:
        return _disagreement("snd_settle_mode", asked.snd, opposite[0])
    if asked.rcv is not None and link.rcv_settle_mode != asked.rcv:
        return _disagreement("rcv_settle_mode", asked.rcv, link.rcv_settle_mode)
    return None


def receiver_disagreement(asked: SettleModes, link: ReceiverLink) -> str | None:
    """Return what the sending peer does otherwise than asked, or None.

    The sender's mode is the peer's to say. It repeats the receiver's mode that it was told; where it does not, it
    will not wait for the exchange that mode second is about.
    """
    remote = link.remote_attach
    if remote is None:
        return None
    if asked.snd is not None and link.snd_settle_mode != asked.snd:
        return _disagreement("snd_settle_mode", asked.snd, link.snd_settle_mode)
    if asked.rcv is not None and remote.rcv_settle_mode != asked.rcv:
        return _disagreement("rcv_settle_mode", asked.rcv, ReceiverSettleMode(remote.rcv_settle_mode))
    return None


def _disagreement(
    option: str, asked: SenderSettleMode | ReceiverSettleMode, got: SenderSettleMode | ReceiverSettleMode
) -> str:
    return (
        f"{option}={asked.name} was asked for and the peer says {got.name}: leave {option} out to take what the peer "
        "offers"
    )
