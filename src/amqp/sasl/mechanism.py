"""What a SASL mechanism is, for a client and for a server, and the two lists of them that an engine takes (5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from amqp.checks import check_int
from amqp.errors import LocalError
from amqp.sasl.strength import strength
from amqp_spec import MIN_MAX_FRAME_SIZE, SaslCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = [
    "Challenge",
    "ClientMechanism",
    "Failure",
    "SaslClient",
    "SaslServer",
    "ServerMechanism",
    "Success",
]


MAX_ROUNDS: Final = 16
"""Challenges in one exchange; SCRAM needs two."""
MAX_MECHANISMS: Final = 64


class ClientMechanism(Protocol):
    """One way for a client to prove who it is."""

    @property
    def name(self) -> str:
        """The registered name, as in ``PLAIN``."""
        ...

    @property
    def secure(self) -> bool:
        """Whether a secret stays secret when others can read the connection."""
        ...

    def start(self) -> bytes | None:
        """Begin a new exchange and return the initial response; None sends none."""
        ...

    def step(self, challenge: bytes) -> bytes:
        """Answer a challenge.

        Raises:
            AuthenticationFailed: the challenge is not what the mechanism says.
        """
        ...

    def finish(self, additional_data: bytes | None) -> None:
        """Check what the server sent with its ok.

        Raises:
            AuthenticationFailed: the server did not prove itself where the mechanism asks for it.
        """
        ...


@dataclass(slots=True, frozen=True)
class Challenge:
    """The server asks for another response."""

    data: bytes


@dataclass(slots=True, frozen=True)
class Success:
    """The client proved to be *identity*; None is nobody in particular."""

    identity: str | None
    additional_data: bytes | None = None


@dataclass(slots=True, frozen=True)
class Failure:
    """The client did not prove anything; *code* is told to it (5.3.3.6)."""

    code: SaslCode = SaslCode.AUTH


class ServerMechanism(Protocol):
    """One exchange of one mechanism in a server."""

    def step(self, response: bytes | None) -> Challenge | Success | Failure:
        """Judge the initial response (None: none was sent), then each response to a challenge."""
        ...


class SaslClient:
    """The mechanisms that a client is willing to use, and what it bears of a server.

    Raises:
        LocalError: *mechanisms* is empty, or a bound is no number from 1.
    """

    def __init__(
        self,
        mechanisms: Sequence[ClientMechanism],
        hostname: str | None = None,
        max_frame_size: int = MIN_MAX_FRAME_SIZE,
        *,
        max_rounds: int = MAX_ROUNDS,
        max_mechanisms: int = MAX_MECHANISMS,
    ) -> None:
        if not mechanisms:
            raise LocalError("a SaslClient needs at least one mechanism; pass Anonymous() to name nobody")
        check_int("max_rounds", max_rounds, 1, 0xFFFF_FFFF)
        check_int("max_mechanisms", max_mechanisms, 1, 0xFFFF_FFFF)
        self.mechanisms = tuple(mechanisms)
        self.hostname = hostname
        """Sent in sasl-init; should be the name that TLS asked for, or None (5.3.3.2)."""
        self.max_frame_size = max_frame_size
        """The largest frame, in octets, of this side in the SASL layer; the standard allows 512 (5.3.1)."""
        self.max_rounds = max_rounds
        """Challenges in one exchange."""
        self.max_mechanisms = max_mechanisms
        """Mechanisms that a server may offer."""
        self.withheld: tuple[ClientMechanism, ...] = ()
        """Mechanisms that were taken away: on this connection they would show a secret to others."""

    def choose(self, offered: Sequence[str]) -> ClientMechanism | None:
        """Return the strongest of ours that the server offers, of several as strong the first, or None.

        A mechanism that was not given is never used.
        """
        names = set(offered)
        ours = [mechanism for mechanism in self.mechanisms if mechanism.name in names]
        return max(ours, key=strength, default=None)

    def __repr__(self) -> str:
        return f"SaslClient({', '.join(mechanism.name for mechanism in self.mechanisms)})"


class SaslServer:
    """The mechanisms that a server offers, the preferred first, each with a maker of one exchange.

    With *optional* a client may leave the SASL layer out. It answers *max_rounds* challenges at most.

    Raises:
        LocalError: *mechanisms* is empty; 5.3.3.1 forbids an empty list. Or *max_rounds* is no number from 1.
    """

    def __init__(
        self,
        mechanisms: Mapping[str, Callable[[], ServerMechanism]],
        *,
        optional: bool = False,
        max_rounds: int = MAX_ROUNDS,
    ) -> None:
        if not mechanisms:
            raise LocalError(
                "a SaslServer needs at least one mechanism; leave sasl out to have no SASL layer"
            )
        check_int("max_rounds", max_rounds, 1, 0xFFFF_FFFF)
        self.mechanisms = dict(mechanisms)
        self.optional = optional
        self.max_rounds = max_rounds

    def __repr__(self) -> str:
        return f"SaslServer({', '.join(self.mechanisms)}{', optional' if self.optional else ''})"
