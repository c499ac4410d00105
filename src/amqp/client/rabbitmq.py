"""RabbitMQ's management over AMQP: requests of HTTP in messages, over a pair of links (RabbitMQ from 4.0 on)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from urllib.parse import quote
from uuid import uuid4

from amqp.checks import check_map, check_text
from amqp.client.termini import RequesterPlan, plan_requester
from amqp.errors import AttachRefused, Blame, DecodeError, LocalError, ManagementError
from amqp.message import Message
from amqp_spec import AmqpErrorCondition, AmqpValue, Properties

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BindingInfo", "QueueInfo"]

NODE: Final = "/management"
# Link Pairing: the peer answers on the link of the same name.
PAIRED: Final = "$me"

CAPABILITY: Final = "LINK_PAIR_V1_0"
"""What a peer offers on its connection that has paired links."""


@dataclass(slots=True, frozen=True)
class QueueInfo:
    """A queue of RabbitMQ."""

    name: str
    vhost: str
    type: str
    """``classic``, ``quorum`` or ``stream``."""
    durable: bool
    exclusive: bool
    auto_delete: bool
    arguments: Mapping[str, Any]
    message_count: int
    """Messages that are ready to be delivered."""
    consumer_count: int
    leader: str | None
    """The node of the cluster that serves it, where there is one."""
    replicas: tuple[str, ...]
    """The nodes that have a copy, that one included."""


@dataclass(slots=True, frozen=True)
class BindingInfo:
    """A binding of RabbitMQ: from an exchange to a queue or to another exchange, one of the two."""

    source: str
    queue: str | None
    exchange: str | None
    key: str
    arguments: Mapping[str, Any]
    location: str
    """Its path in RabbitMQ's management."""


class Request(NamedTuple):
    """A request of HTTP."""

    method: str
    path: str
    body: object = None

    def message(self) -> Message:
        """Return the message that carries it.

        Raises:
            EncodeError: an argument has no encoding.
        """
        return Message(
            AmqpValue(cast("Any", self.body)), properties=Properties(to=self.path, subject=self.method)
        )


def pair_plan() -> RequesterPlan:
    """Return how to open the pair of links."""
    plan = plan_requester(
        NODE,
        replies=NODE,
        reply_to=NODE,
        settled=True,
        replies_settled=True,
        name=f"management-{uuid4().hex}",
        properties={"paired": True},
    )
    return plan._replace(reply_to=PAIRED)


def check_pairing(offered: Sequence[str]) -> None:
    """Refuse a server that offers no paired links: an attach would be taken for one to a queue of that name.

    Raises:
        AttachRefused: it offers none.
    """
    if CAPABILITY not in offered:
        raise AttachRefused(
            f"the peer does not offer {CAPABILITY}: RabbitMQ does from 4.0 on",
            blame=Blame.REMOTE,
            condition=AmqpErrorCondition.NOT_IMPLEMENTED,
        )


def read_reply(message: Message) -> object:
    """Return the body of an answer.

    Raises:
        ManagementError: RabbitMQ did not do what it was asked for.
        DecodeError: the answer cannot be read.
    """
    subject = "" if message.properties is None else message.properties.subject or ""
    body: object = message.body
    if not (len(subject) == 3 and subject.isascii() and subject.isdecimal()):
        raise ManagementError(f"the answer has no status: its subject is {subject!r:.80}", status=0)
    status = int(subject)
    if not 200 <= status < 300:
        raise ManagementError(body if isinstance(body, str) else "RabbitMQ says no more", status=status)
    return body


# -- requests


def declare_queue(
    name: str, durable: bool, exclusive: bool, auto_delete: bool, arguments: Mapping[str, Any] | None
) -> Request:
    """Make a queue, or find it as it is asked for."""
    body = {
        "durable": durable,
        "exclusive": exclusive,
        "auto_delete": auto_delete,
        "arguments": _arguments(arguments),
    }
    return Request("PUT", _path("queues", name), body)


def get_queue(name: str) -> Request:
    """Look at a queue."""
    return Request("GET", _path("queues", name))


def delete_queue(name: str) -> Request:
    """Delete a queue and what is in it."""
    return Request("DELETE", _path("queues", name))


def purge_queue(name: str) -> Request:
    """Delete what is in a queue."""
    return Request("DELETE", _path("queues", name) + "/messages")


def declare_exchange(
    name: str,
    kind: str,
    durable: bool,
    auto_delete: bool,
    internal: bool,
    arguments: Mapping[str, Any] | None,
) -> Request:
    """Make an exchange, or find it as it is asked for."""
    body = {
        "type": kind,
        "durable": durable,
        "auto_delete": auto_delete,
        "internal": internal,
        "arguments": _arguments(arguments),
    }
    return Request("PUT", _path("exchanges", name), body)


def delete_exchange(name: str) -> Request:
    """Delete an exchange."""
    return Request("DELETE", _path("exchanges", name))


class Binding(NamedTuple):
    """What is to be bound to what; one of queue and exchange is where messages go."""

    source: str
    queue: str | None
    exchange: str | None
    key: str
    arguments: Mapping[str, Any] | None

    def bind(self) -> Request:
        """Make it."""
        kind, name = self._destination()
        body = {
            "source": self.source,
            f"destination_{kind}": name,
            "binding_key": self.key,
            "arguments": _arguments(self.arguments),
        }
        return Request("POST", "/bindings", body)

    def delete(self) -> Request:
        """Take it away; it has no arguments."""
        kind, name = self._destination()
        return Request(
            "DELETE",
            f"/bindings/src={_quoted(self.source)};dst{kind[0]}={_quoted(name)};key={_quoted(self.key)};args=",
        )

    def find(self) -> Request:
        """Look for all that differ from it in their arguments alone."""
        kind, name = self._destination()
        return Request(
            "GET",
            f"/bindings?src={_quoted(self.source)}&dst{kind[0]}={_quoted(name)}&key={_quoted(self.key)}",
        )

    def delete_found(self, found: Sequence[BindingInfo]) -> Request | None:
        """Take away the one of those *found* that has the same arguments; None where there is none."""
        for each in found:
            if dict(each.arguments) == dict(self.arguments or {}):
                return Request("DELETE", each.location)
        return None

    def _destination(self) -> tuple[str, str]:
        if (self.queue is None) is (self.exchange is None):
            raise LocalError(
                "a binding goes to a queue or to an exchange: give queue= or exchange=, one of them"
            )
        return ("queue", self.queue) if self.queue is not None else ("exchange", str(self.exchange))


def refresh_token(token: str | bytes) -> Request:
    """Replace the token that the connection was opened with."""
    octets = token.encode() if isinstance(token, str) else token
    return Request("PUT", "/auth/tokens", octets)


# -- answers


def queue_of(body: object) -> QueueInfo:
    """Read what is told of a queue.

    Raises:
        DecodeError: it is something else.
    """
    told = _map(body)
    try:
        return QueueInfo(
            name=told["name"],
            vhost=told["vhost"],
            type=told["type"],
            durable=told["durable"],
            exclusive=told["exclusive"],
            auto_delete=told["auto_delete"],
            arguments=told["arguments"],
            message_count=int(told["message_count"]),
            consumer_count=int(told["consumer_count"]),
            leader=told.get("leader"),
            replicas=tuple(told.get("replicas") or ()),
        )
    except (KeyError, TypeError, ValueError) as error:
        text = f"what RabbitMQ tells of a queue lacks something, or has it of another type: {error!r:.80}"
        raise DecodeError(text, 0, "message") from None


def count_of(body: object) -> int:
    """Read how many messages there were.

    Raises:
        DecodeError: it is something else.
    """
    count = _map(body).get("message_count")
    if not isinstance(count, int):
        raise DecodeError("RabbitMQ answered without a message_count", 0, "message")
    return int(count)


def bindings_of(body: object) -> list[BindingInfo]:
    """Read a list of bindings.

    Raises:
        DecodeError: it is something else.
    """
    if not isinstance(body, list):
        raise DecodeError("RabbitMQ answered with something other than a list of bindings", 0, "message")
    found: list[BindingInfo] = []
    for each in cast("list[object]", body):
        told = _map(each)
        arguments: object = told.get("arguments") or {}
        found.append(
            BindingInfo(
                source=str(told.get("source", "")),
                queue=told.get("destination_queue"),
                exchange=told.get("destination_exchange"),
                key=str(told.get("binding_key", "")),
                arguments=_map(arguments),
                location=str(told.get("location", "")),
            )
        )
    return found


def _map(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise DecodeError("RabbitMQ answered with something other than a map", 0, "message")
    return cast("Mapping[str, Any]", body)


def _path(kind: str, name: str) -> str:
    return f"/{kind}/{_quoted(name)}"


def _arguments(arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    check_map("arguments", arguments)
    return dict(arguments or {})


def _quoted(name: str) -> str:
    check_text("the name of a queue, exchange or key", name)
    # UTF-8, and each octet that stands for something in an URI as its number.
    return quote(name, safe="")
