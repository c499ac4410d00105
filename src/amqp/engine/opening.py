"""The opens: what this side's says, and what the peer's may not say (2.7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amqp.engine.faults import ConnectionFault
from amqp.engine.fields import check_symbols
from amqp.engine.wire import symbols
from amqp_spec import MIN_MAX_FRAME_SIZE, AmqpErrorCondition, Open

if TYPE_CHECKING:
    from amqp.options import ConnectionOptions

__all__ = ["check_open", "make_open"]


def check_open(remote: Open, channel: int) -> None:
    """Look at the open that came on *channel*.

    Raises:
        ConnectionFault: it cannot be taken.
    """
    if channel != 0:
        raise ConnectionFault(AmqpErrorCondition.NOT_ALLOWED, f"open came on channel {channel}, not on 0")
    if remote.max_frame_size < MIN_MAX_FRAME_SIZE:
        raise ConnectionFault(
            AmqpErrorCondition.INVALID_FIELD,
            f"open.max-frame-size is {remote.max_frame_size}, and {MIN_MAX_FRAME_SIZE} is the least",
        )
    check_symbols("open.properties", remote.properties)


def make_open(options: ConnectionOptions) -> Open:
    """Return the open of this side."""
    timeout = options.idle_timeout
    return Open(
        container_id=options.container_id,
        hostname=options.hostname,
        max_frame_size=options.max_frame_size,
        channel_max=options.channel_max,
        # 2.4.5: half of what is really waited, so that one late frame does no harm.
        idle_time_out=None if timeout is None else int(timeout * 500),
        outgoing_locales=symbols(options.outgoing_locales),
        incoming_locales=symbols(options.incoming_locales),
        offered_capabilities=symbols(options.offered_capabilities),
        desired_capabilities=symbols(options.desired_capabilities),
        properties=options.properties,
    )
