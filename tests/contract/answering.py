"""Scripted answers to requests whose message-id is not known before they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amqp.message import Message
from amqp_spec import AmqpValue, Properties

if TYPE_CHECKING:
    from collections.abc import Callable

    from amqp.testing import AsyncPeer, BlockingPeer


class Asked:
    """A request that is expected; ``message`` is there once it has come."""

    message: Any

    def take(self, frames: Any) -> None:
        self.message = Message.decode(frames.payload)


def answer(
    peer: BlockingPeer | AsyncPeer,
    body: Any,
    *,
    subject: str | None = None,
    settled: bool = True,
    following: Callable[[], object] | None = None,
    properties: dict[str, Any] | None = None,
) -> Asked:
    """Expect one request and answer it; *properties* are application-properties.

    The answer stands behind what the script has when the request comes: *following* adds to it behind that.
    """
    asked = Asked()
    expectation = peer.expect_delivery(settled=settled).then(asked.take)
    if not settled:
        expectation.settle("accepted")

    def reply() -> None:
        known = asked.message.properties
        assert known is not None
        message = Message(
            AmqpValue(body),
            properties=Properties(correlation_id=known.message_id, subject=subject),
            application_properties=properties,
        )
        peer.remote_delivery(payload=message.encode(), settled=True, handle=0)
        if following is not None:
            following()

    peer.do("answer", reply)
    return asked


def answers(
    peer: BlockingPeer | AsyncPeer, *replies: tuple[Any, dict[str, Any]], settled: bool = False
) -> list[Asked]:
    """Expect as many requests as there are *replies*, a body and application-properties each, and then the close."""
    left = list(replies)
    asked: list[Asked] = []

    def answer_the_next() -> None:
        if left:
            body, properties = left.pop(0)
            asked.append(
                answer(peer, body, settled=settled, following=answer_the_next, properties=properties)
            )
        else:
            peer.expect_close().respond()

    answer_the_next()
    return asked
