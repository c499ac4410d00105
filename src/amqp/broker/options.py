"""What a broker is told when it is made: who may come in, and the bounds of what it takes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from amqp.checks import check_bool, check_instance, check_int, check_map, check_number, check_seconds
from amqp.errors import LocalError
from amqp.options import UINT_MAX, USHORT_MAX, new_container_id
from amqp_spec import MIN_MAX_FRAME_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 1024 * 1024
LARGEST = 2**63 - 1


@dataclass(slots=True, kw_only=True, frozen=True)
class BrokerOptions:
    """The options of a :class:`~amqp.broker.Broker`. Times are seconds.

    Who may come in: ``users`` (passwords by name; default ``guest``/``guest``, on loopback alone), ``allow_anonymous``
    (default: on loopback, and only without ``users``).

    Bounds: ``max_connections`` (1,000), ``max_queues`` (10,000), ``max_depth`` (1,000,000 messages in a queue),
    ``max_octets`` (256 MiB in a queue), ``max_message_size`` (16 MiB; 0: none), ``credit`` (1,000 messages that a
    producer may send ahead), ``max_unsettled`` (5,000 deliveries of a link), ``max_transactions`` (100 open ones of a
    connection), ``max_frame_size`` (65,536 octets),
    ``channel_max`` (63: 64 sessions of a connection), ``handle_max`` (255: 256 links of a session).

    Times: ``idle_timeout`` (60; None: for ever), ``handshake_timeout`` (10), ``close_timeout`` (5). And
    ``container_id``, the broker's name (made up).

    Raises:
        LocalError: a value is of the wrong type or out of its range; the message names the option.
    """

    container_id: str = field(default_factory=new_container_id)
    """The name of the broker in its open (2.7.1)."""
    users: Mapping[str, str] | None = field(default=None, repr=False)
    """Passwords by user name, for PLAIN. None: ``guest``/``guest``, on loopback alone."""
    allow_anonymous: bool | None = None
    """Whether clients may come in without credentials. None: on loopback, and only if ``users`` is None."""
    max_connections: int = 1_000
    """Connections at a time; one more is dropped at once."""
    max_queues: int = 10_000
    """Queues at a time; when there are so many, those that are empty and unused go to make room."""
    max_depth: int = 1_000_000
    """Messages in one queue, unsettled ones included. Producers get credit only for what fits into three quarters of it,
    all that was granted credit to any of them and is still to come counted; each may always have one message on its
    way, so that it may be exceeded by one for each producer. What comes without a place (over the anonymous relay) when
    the queue is full is released, to be tried again (3.4.4)."""
    max_octets: int = 256 * MIB
    """Octets of the messages in one queue; kept like ``max_depth``, by the sizes that each producer's messages had of
    late. When larger ones come and the queue is full they are released; one that is larger than the whole bound is
    rejected with ``amqp:resource-limit-exceeded``."""
    max_message_size: int = 16 * MIB
    """The largest message taken, in octets (2.7.3); 0: no limit."""
    credit: int = 1_000
    """Messages that each producer may send ahead, no more than a quarter of ``max_depth``; topped up when half is used.
    An eighth of it while the consumers of the queue are behind by more than four times as much."""
    max_unsettled: int = 5_000
    """Deliveries that may be unsettled on one link, in either direction."""
    max_transactions: int = 100
    """Transactions that one connection may have open; 0: none is opened. What is posted in one takes its place in the
    queue at once, and what is retired in one stays there until it ends."""
    max_frame_size: int = 65_536
    """The largest frame taken, 512 to 2^32-1 octets (2.7.1)."""
    channel_max: int = 63
    """The highest channel that a client may use: one less than its sessions (2.7.1)."""
    handle_max: int = 255
    """The highest handle that a client may use in a session: one less than its links (2.7.2)."""
    idle_timeout: float | None = 60.0
    """A connection is dropped when nothing came for so long; None: never (2.4.5)."""
    handshake_timeout: float = 10.0
    """A connection that is not open after so long is dropped, however it spends the time."""
    close_timeout: float = 5.0
    """How long a client may take to answer a close before its connection is dropped."""

    def __post_init__(self) -> None:
        check_instance("container_id", self.container_id, str, "a str")
        _check_users(self.users)
        if self.allow_anonymous is not None:
            check_bool("allow_anonymous", self.allow_anonymous)
        for name in ("max_connections", "max_queues", "max_depth", "max_octets", "credit", "max_unsettled"):
            check_int(name, getattr(self, name), 1, LARGEST)
        check_int("max_message_size", self.max_message_size, 0, LARGEST)
        check_int("max_transactions", self.max_transactions, 0, LARGEST)
        check_int("max_frame_size", self.max_frame_size, MIN_MAX_FRAME_SIZE, UINT_MAX)
        check_int("channel_max", self.channel_max, 0, USHORT_MAX)
        check_int("handle_max", self.handle_max, 0, UINT_MAX)
        for name in ("handshake_timeout", "close_timeout"):
            if not check_number(name, getattr(self, name), "seconds as an int or a float") > 0:
                raise LocalError(f"{name}={getattr(self, name)} is out of range: give seconds above 0")
        if self.idle_timeout is not None:
            check_seconds("idle_timeout", self.idle_timeout)


def _check_users(users: object) -> None:
    check_map("users", users)
    for name, password in cast("Mapping[object, object]", users or {}).items():
        # The message repeats neither: they are credentials.
        if not isinstance(name, str) or not isinstance(password, str):
            raise LocalError("users takes a dict of passwords by user name, both str")
