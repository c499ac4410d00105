"""The checks, in the order in which they run against each peer.

A check is an async function of a peer and a number of messages. It returns a line about what it saw, raises
CheckFailed when that is not what it should be, and lets the library's own errors pass.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from interop.checks.bodies import bodies
from interop.checks.forced import closed, detached, ended
from interop.checks.password import wrong_password
from interop.checks.refused import refused
from interop.checks.sections import sections
from interop.checks.traffic import settled, unsettled
from interop.peers import Peer

__all__ = ["CHECKS", "Check"]


@dataclass(frozen=True)
class Check:
    """A check and the peers that it can be run against."""

    run: Callable[[Peer, int], Awaitable[str]]
    applies: Callable[[Peer], bool] = lambda _peer: True

    @property
    def name(self) -> str:
        """The name for the command line and the report."""
        return self.run.__name__.replace("_", "-")


def _scripted(peer: Peer) -> bool:
    return peer.is_scripted


CHECKS: tuple[Check, ...] = (
    Check(unsettled),
    Check(settled),
    Check(bodies),
    Check(sections),
    Check(refused),
    Check(detached, _scripted),
    Check(ended, _scripted),
    Check(closed, _scripted),
    Check(wrong_password),
)
