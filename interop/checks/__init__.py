"""The checks, in the order in which they run against each peer.

A check is an async function of a peer, a front end and a number of messages. It returns a line about what it saw, raises
CheckFailed when that is not what it should be, and lets the library's own errors pass.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from interop.checks import security
from interop.checks.bodies import bodies
from interop.checks.engines import engines
from interop.checks.examples import examples, has_examples
from interop.checks.forced import closed, detached, ended
from interop.checks.password import wrong_password
from interop.checks.refused import refused
from interop.checks.sections import sections
from interop.checks.traffic import settled, unsettled
from interop.expect import wrong
from interop.features import FEATURES, Feature
from interop.features.known import expected
from interop.fronts import Front
from interop.peers import Peer
from interop.peers.proton import Proton

__all__ = ["CHECKS", "Check"]


@dataclass(frozen=True)
class Check:
    """A check and the peers that it can be run against."""

    name: str
    """For the command line and the report."""
    run: Callable[[Peer, Front, int], Awaitable[str]]
    applies: Callable[[Peer], bool] = lambda _peer: True
    once: bool = False
    """It uses no front end, so it runs once, whichever are chosen."""


def _scripted(peer: Peer) -> bool:
    return peer.is_scripted


def _proton(peer: Peer) -> bool:
    return isinstance(peer, Proton)


def _feature(feature: Feature) -> Check:
    async def run(peer: Peer, front: Front, _messages: int) -> str:
        told = await feature(peer, front)
        known = expected(feature.__name__, peer.name)
        if told != known:
            wrong(f"what {peer.title} makes of it", known, told)
        return told

    return Check(feature.__name__.replace("_", "-"), run)


CHECKS: tuple[Check, ...] = (
    Check("unsettled", unsettled),
    Check("settled", settled),
    Check("bodies", bodies),
    Check("sections", sections),
    Check("refused", refused),
    Check("detached", detached, _scripted),
    Check("ended", ended, _scripted),
    Check("closed", closed, _scripted),
    Check("wrong-password", wrong_password),
    Check("plain", security.plain),
    Check("scram", security.scram, lambda peer: peer.has_scram),
    Check("tls", security.tls, lambda peer: peer.has_tls),
    Check("external", security.external, lambda peer: peer.has_tls),
    Check("websocket", security.websocket, lambda peer: peer.has_websocket),
    Check("engines", engines, _proton, once=True),
    Check("examples", examples, has_examples, once=True),
    *map(_feature, FEATURES),
)
