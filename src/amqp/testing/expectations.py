"""Expectations that know their answer: ``respond()`` mirrors what came, with overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from amqp.testing.framing import Frame, ProtocolHeader, frame_octets
from amqp.testing.matching import describe, matches
from amqp.testing.plain import Composite, composite
from amqp.testing.steps import Expectation, TransferExpectation

if TYPE_CHECKING:
    from typing import Unpack

    from amqp.testing.fields import (
        AttachFields,
        BeginFields,
        CloseFields,
        DetachFields,
        DispositionFields,
        EndFields,
        FlowFields,
        OpenFields,
        SettleFields,
    )
    from amqp.testing.framing import Item
    from amqp.testing.script import Script
    from amqp.testing.views import Link, Session

__all__ = [
    "WINDOW",
    "AttachExpectation",
    "BeginExpectation",
    "CloseExpectation",
    "DeliveryExpectation",
    "DetachExpectation",
    "DispositionExpectation",
    "EmptyExpectation",
    "EndExpectation",
    "FlowExpectation",
    "HeaderExpectation",
    "OpenExpectation",
    "SaslInitExpectation",
    "SaslResponseExpectation",
    "flow_fields",
]

WINDOW: Final = 2**31 - 1
"""Both windows of a scripted peer's sessions where the script says nothing else."""


def opposite(role: str) -> str:
    """Return the role at the other end."""
    return "receiver" if role == "sender" else "sender"


def flow_fields(session: Session, link: Link | None = None) -> dict[str, Any]:
    """Return what a flow of that session, or that link, says when the script says nothing."""
    fields: dict[str, Any] = {
        "next_incoming_id": session.next_incoming_id if session.remote_channel is not None else None,
        "incoming_window": WINDOW,
        "next_outgoing_id": session.next_outgoing_id,
        "outgoing_window": WINDOW,
    }
    if link is not None:
        fields |= {"handle": link.handle, "delivery_count": link.delivery_count, "link_credit": link.credit}
    return fields


def split(fields: dict[str, Any], channel: int) -> tuple[dict[str, Any], int]:
    """Take the channel out of overrides."""
    rest = dict(fields)
    return rest, int(rest.pop("channel", channel))


class HeaderExpectation(Expectation):
    """A protocol header (2.2)."""

    def __init__(self, script: Script, octets: Any) -> None:
        super().__init__(script, "header", {})
        self._octets = octets

    def problems(self, item: Item) -> list[str]:
        """Compare the octets."""
        if isinstance(item, ProtocolHeader) and not matches(self._octets, item.octets):
            return [f"expected {self}, got {item}"]
        return super().problems(item)

    def respond(self, octets: bytes | None = None) -> Self:
        """Answer with the same header, or with *octets*."""

        def reply(header: ProtocolHeader) -> None:
            answer = header.octets if octets is None else octets
            self.script.send_octets(answer, str(ProtocolHeader(answer)) if len(answer) == 8 else None)

        return self.then(reply)

    def __str__(self) -> str:
        octets = self._octets
        return str(ProtocolHeader(octets)) if isinstance(octets, bytes) else f"header {describe(octets)}"


class SaslInitExpectation(Expectation):
    """A sasl-init (5.3.3.2)."""

    def respond(self, code: Any = "ok", additional_data: Any = None) -> Self:
        """Answer with the outcome: ``ok``, ``auth``, ``sys``, ``sys-perm``, ``sys-temp``."""
        return self.then(
            lambda _: self.script.send("sasl-outcome", {"code": code, "additional_data": additional_data})
        )

    def challenge(self, octets: bytes) -> Self:
        """Answer with a challenge; a sasl-response follows."""
        return self.then(lambda _: self.script.send("sasl-challenge", {"challenge": octets}))


class SaslResponseExpectation(SaslInitExpectation):
    """A sasl-response (5.3.3.5)."""


class OpenExpectation(Expectation):
    """An open (2.7.1)."""

    def respond(self, **fields: Unpack[OpenFields]) -> Self:
        """Answer with an open of this peer, whose container-id is ``peer``."""
        return self.then(lambda _: self.script.send("open", {"container_id": "peer", **fields}))


class BeginExpectation(Expectation):
    """A begin (2.7.2)."""

    def respond(self, **fields: Unpack[BeginFields]) -> Self:
        """Answer with a begin for the same session, on the lowest free channel; with ample windows."""

        def reply(begin: Frame) -> None:
            own, channel = split({**fields}, self.script.view.free_channel())
            mirrored = {
                "remote_channel": begin.channel,
                "next_outgoing_id": 0,
                "incoming_window": WINDOW,
                "outgoing_window": WINDOW,
            }
            self.script.send("begin", mirrored | own, channel=channel)

        return self.then(reply)


class OnSession(Expectation):
    """A frame of a session."""

    def session(self, frame: Frame) -> Session:
        """Return the session that *frame* came on.

        Raises:
            LookupError: it came on a channel without one.
        """
        if frame.session is None:
            raise LookupError(f"{frame.name} came on channel {frame.channel}, where no session is")
        return frame.session

    def answer(self, name: str, session: Session, mirrored: dict[str, Any], fields: dict[str, Any]) -> None:
        """Send a frame on that session, *fields* over *mirrored*."""
        own, channel = split(fields, session.channel or 0)
        self.script.send(name, mirrored | own, channel=channel)


class AttachExpectation(OnSession):
    """An attach (2.7.3)."""

    def respond(self, **fields: Unpack[AttachFields]) -> Self:
        """Answer with an attach of the other role: same name, settle modes and termini, the lowest free handle.

        A dynamic terminus gets the address ``dynamic-`` and the name of the link.
        """
        return self.then(lambda attach: self._answer(attach, {**fields}))

    def refuse(self, error: Any = "amqp:not-found", **fields: Unpack[AttachFields]) -> Self:
        """Answer with an attach without the terminus that was asked for, then a detach with *error* (2.6.3)."""

        def reply(attach: Frame) -> None:
            missing: dict[str, Any] = {"target" if attach["role"] == "sender" else "source": None}
            session = self._answer(attach, {**missing, **fields})
            link = session.links[-1]
            self.answer("detach", session, {"handle": link.handle, "closed": True, "error": error}, {})

        return self.then(reply)

    def _answer(self, attach: Frame, fields: dict[str, Any]) -> Session:
        session = self.session(attach)
        role = opposite(attach["role"])
        mirrored: dict[str, Any] = {
            "name": attach["name"],
            "handle": session.free_handle(),
            "role": role,
            "snd_settle_mode": attach.fields.get("snd_settle_mode"),
            "rcv_settle_mode": attach.fields.get("rcv_settle_mode"),
            "source": attach.fields.get("source"),
            "target": attach.fields.get("target"),
        }
        if role == "sender":
            mirrored["initial_delivery_count"] = 0
        theirs = "source" if role == "sender" else "target"
        terminus = composite(mirrored[theirs])
        if isinstance(terminus, Composite) and terminus.name != "coordinator" and terminus["dynamic"]:
            made = {"address": f"dynamic-{attach['name']}"}
            mirrored[theirs] = Composite(terminus.name, **(terminus.fields | made))
        self.answer("attach", session, mirrored, fields)
        return session


class FlowExpectation(OnSession):
    """A flow (2.7.4)."""

    def respond(self, **fields: Unpack[FlowFields]) -> Self:
        """Answer with the state of the same link, or session, as this peer sees it."""

        def reply(flow: Frame) -> None:
            session = self.session(flow)
            self.answer("flow", session, flow_fields(session, flow.link), {**fields})

        return self.then(reply)


class DeliveryExpectation(TransferExpectation, OnSession):
    """A transfer (2.7.5), or a whole delivery."""

    def respond(self, state: Any = "accepted", **fields: Unpack[SettleFields]) -> Self:
        """Answer with a disposition for the delivery, which settles it unless *fields* say otherwise.

        *state* is ``accepted``, ``released``, ``modified``, ``rejected``, or a Composite or object of one.
        """

        def reply(transfer: Frame) -> None:
            link = transfer.link
            number = transfer.fields.get("delivery_id", None if link is None else link.delivery)
            mirrored = {"role": "receiver", "first": number, "settled": True, "state": state}
            self.answer("disposition", self.session(transfer), mirrored, {**fields})

        return self.then(reply)

    settle = respond

    def reject(self, error: Any = None) -> Self:
        """Settle the delivery as rejected, with *error*."""
        return self.respond(Composite("rejected", **({} if error is None else {"error": error})))


class DispositionExpectation(OnSession):
    """A disposition (2.7.6)."""

    def respond(self, **fields: Unpack[DispositionFields]) -> Self:
        """Answer in the other role for the same deliveries, with the same state: it settles them."""

        def reply(disposition: Frame) -> None:
            mirrored = {
                "role": opposite(disposition["role"]),
                "first": disposition["first"],
                "last": disposition.fields.get("last"),
                "settled": True,
                "state": disposition.fields.get("state"),
            }
            self.answer("disposition", self.session(disposition), mirrored, {**fields})

        return self.then(reply)


class DetachExpectation(OnSession):
    """A detach (2.7.7)."""

    def respond(self, **fields: Unpack[DetachFields]) -> Self:
        """Answer with a detach of the same link, closing where it closes."""

        def reply(detach: Frame) -> None:
            handle = detach["handle"] if detach.link is None else detach.link.handle
            mirrored = {"handle": handle, "closed": detach.fields.get("closed")}
            self.answer("detach", self.session(detach), mirrored, {**fields})

        return self.then(reply)


class EndExpectation(OnSession):
    """An end (2.7.8)."""

    def respond(self, **fields: Unpack[EndFields]) -> Self:
        """Answer with an end of the same session."""
        return self.then(lambda end: self.answer("end", self.session(end), {}, {**fields}))


class CloseExpectation(Expectation):
    """A close (2.7.9)."""

    def respond(self, **fields: Unpack[CloseFields]) -> Self:
        """Answer with a close, and end the stream after it."""

        def reply(_: Frame) -> None:
            self.script.send("close", fields)
            self.script.end("half-close")

        return self.then(reply)


class EmptyExpectation(Expectation):
    """An empty frame (2.4.5)."""

    def respond(self) -> Self:
        """Answer with an empty frame."""
        return self.then(lambda _: self.script.send_octets(frame_octets(), "channel 0: empty frame"))
