"""The scripted peer: a server or client that does what a test says, and checks what the program under test does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from amqp.testing.expectations import (
    AttachExpectation,
    BeginExpectation,
    CloseExpectation,
    DeliveryExpectation,
    DetachExpectation,
    DispositionExpectation,
    EmptyExpectation,
    EndExpectation,
    FlowExpectation,
    HeaderExpectation,
    OpenExpectation,
    SaslInitExpectation,
    SaslResponseExpectation,
)
from amqp.testing.matching import ANY, PRESENT
from amqp.testing.remote import Remote
from amqp.testing.script import header_octets
from amqp.testing.steps import Expectation

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
        SaslInitFields,
        SaslOutcomeFields,
        TransferFields,
    )

__all__ = ["Peer"]

E = TypeVar("E", bound=Expectation)

_SASL = header_octets(3)


class Peer(Remote):
    """A scripted peer, without I/O: feed it octets and take them, or :meth:`pump` it against an engine.

    Its script is a list of expectations (``expect_...``), actions (``remote_...``, ``grant``, ``drop``, ...) and presets of
    both, worked off in the order in which they were written. Write first, then let the program act: what comes without
    being expected fails.

    Expected fields are values, predicates, or :data:`ANY`, :data:`PRESENT`, :data:`ABSENT`; a field that is left out may be
    anything. A mapping names what must be in a composite or a map and lets others be. A str is short for an error of that
    condition, a terminus of that address, an outcome of that name.
    """

    # -- headers and SASL

    def expect_header(self, octets: Any = b"AMQP\x00\x01\x00\x00") -> HeaderExpectation:
        """Expect a protocol header (2.2), by default that of AMQP 1.0."""
        return self._expect(HeaderExpectation(self, octets))

    def expect_sasl_header(self) -> HeaderExpectation:
        """Expect the protocol header of the SASL layer (5.3.1)."""
        return self._expect(HeaderExpectation(self, _SASL))

    def expect_sasl_mechanisms(self, sasl_server_mechanisms: Any = ANY) -> Expectation:
        """Expect a server's mechanisms (5.3.3.1)."""
        fields = {"sasl_server_mechanisms": sasl_server_mechanisms}
        return self._expect(Expectation(self, "sasl-mechanisms", fields))

    def expect_sasl_init(self, **fields: Unpack[SaslInitFields]) -> SaslInitExpectation:
        """Expect a client's choice of mechanism (5.3.3.2); ``respond()`` answers with the outcome."""
        return self._expect(SaslInitExpectation(self, "sasl-init", fields))

    def expect_sasl_challenge(self, challenge: Any = ANY) -> Expectation:
        """Expect a server's challenge (5.3.3.4)."""
        return self._expect(Expectation(self, "sasl-challenge", {"challenge": challenge}))

    def expect_sasl_response(self, response: Any = ANY) -> SaslResponseExpectation:
        """Expect a client's response to a challenge (5.3.3.5); ``respond()`` answers with the outcome."""
        return self._expect(SaslResponseExpectation(self, "sasl-response", {"response": response}))

    def expect_sasl_outcome(self, **fields: Unpack[SaslOutcomeFields]) -> Expectation:
        """Expect a server's verdict (5.3.3.6)."""
        return self._expect(Expectation(self, "sasl-outcome", fields))

    # -- frames

    def expect_open(self, **fields: Unpack[OpenFields]) -> OpenExpectation:
        """Expect an open (2.7.1)."""
        return self._expect(OpenExpectation(self, "open", fields))

    def expect_begin(self, **fields: Unpack[BeginFields]) -> BeginExpectation:
        """Expect a begin (2.7.2)."""
        return self._expect(BeginExpectation(self, "begin", *_on_channel({**fields})))

    def expect_attach(self, **fields: Unpack[AttachFields]) -> AttachExpectation:
        """Expect an attach (2.7.3)."""
        return self._expect(AttachExpectation(self, "attach", *_on_channel({**fields})))

    def expect_flow(self, **fields: Unpack[FlowFields]) -> FlowExpectation:
        """Expect a flow (2.7.4)."""
        return self._expect(FlowExpectation(self, "flow", *_on_channel({**fields})))

    def expect_transfer(self, **fields: Unpack[TransferFields]) -> DeliveryExpectation:
        """Expect one transfer (2.7.5); ``payload`` and ``body`` are of that frame."""
        return self._expect(DeliveryExpectation(self, {**fields}, whole=False))

    def expect_delivery(self, **fields: Unpack[TransferFields]) -> DeliveryExpectation:
        """Expect the transfers of one delivery; the fields are of the first, ``payload`` and ``body`` of all together."""
        return self._expect(DeliveryExpectation(self, {**fields}, whole=True))

    def expect_disposition(self, **fields: Unpack[DispositionFields]) -> DispositionExpectation:
        """Expect a disposition (2.7.6)."""
        return self._expect(DispositionExpectation(self, "disposition", *_on_channel({**fields})))

    def expect_detach(self, **fields: Unpack[DetachFields]) -> DetachExpectation:
        """Expect a detach (2.7.7)."""
        return self._expect(DetachExpectation(self, "detach", *_on_channel({**fields})))

    def expect_end(self, **fields: Unpack[EndFields]) -> EndExpectation:
        """Expect an end (2.7.8)."""
        return self._expect(EndExpectation(self, "end", *_on_channel({**fields})))

    def expect_close(self, **fields: Unpack[CloseFields]) -> CloseExpectation:
        """Expect a close (2.7.9)."""
        return self._expect(CloseExpectation(self, "close", fields))

    def expect_empty_frame(self, channel: Any = ANY) -> EmptyExpectation:
        """Expect an empty frame, a heartbeat (2.4.5); without this they are dropped."""
        return self._expect(EmptyExpectation(self, "empty", {}, channel))

    def expect_gone(self) -> Expectation:
        """Expect the end of the stream."""
        return self._expect(Expectation(self, "gone", {}))

    # -- the boring part

    def handshake(
        self,
        *,
        sasl: bool | str | None = None,
        expect: OpenFields | None = None,
        **fields: Unpack[OpenFields],
    ) -> None:
        """Bring the connection up; *fields* are of this peer's open, *expect* of the other's.

        Args:
            sasl: as a server: True wants a SASL layer, a str wants that mechanism, False wants none, None takes what
                comes. As a client: a str is the mechanism to choose, True is ANONYMOUS.
            expect: what the other's open must be.
            **fields: of this peer's open.
        """
        if self.role == "server":
            self._serve_sasl(sasl)
            self.expect_header().respond()
            self.expect_open(**(expect or {})).respond(**fields)
            return
        if sasl:
            self.remote_header(3)
            self.expect_sasl_header()
            self.expect_sasl_mechanisms()
            self.remote_sasl_init("ANONYMOUS" if sasl is True else sasl)
            self.expect_sasl_outcome(code="ok")
        self.remote_header()
        self.expect_header()
        self.remote_open(**fields)
        self.expect_open(**(expect or {}))

    def _serve_sasl(self, sasl: bool | str | None) -> None:
        if sasl is False:
            return
        expected = HeaderExpectation(self, _SASL).respond()
        mechanism = sasl if isinstance(sasl, str) else ANY
        offered = (sasl,) if isinstance(sasl, str) else ("ANONYMOUS", "PLAIN")

        def offer(_: object) -> None:
            self.send("sasl-mechanisms", {"sasl_server_mechanisms": offered})
            self.insert(SaslInitExpectation(self, "sasl-init", {"mechanism": mechanism}).respond())

        expected.then(offer)
        expected.is_optional = sasl is None
        self.add(expected)

    def accept_session(self, **fields: Unpack[BeginFields]) -> BeginExpectation:
        """Expect a begin and answer it; *fields* are of this peer's begin."""
        return self.expect_begin().respond(**fields)

    def accept_sender(self, *, credit: int = 100, **fields: Unpack[AttachFields]) -> AttachExpectation:
        """Expect the attach of a sender, answer it with *fields*, grant *credit* (0: no flow)."""
        expected = AttachExpectation(self, "attach", {"role": "sender"}).respond(**fields)
        with self.scripting():
            self._expect(expected)
            if credit:
                self.grant(credit)
        return expected

    def accept_receiver(self, *, credit: Any = ANY, **fields: Unpack[AttachFields]) -> AttachExpectation:
        """Expect the attach of a receiver, answer it with *fields*, expect its flow with *credit* (None: no flow)."""
        expected = AttachExpectation(self, "attach", {"role": "receiver"}).respond(**fields)
        with self.scripting():
            self._expect(expected)
            if credit is not None:
                self.expect_flow(handle=PRESENT, link_credit=credit)
        return expected

    def begin_session(self, **fields: Unpack[BeginFields]) -> BeginExpectation:
        """Begin a session, and expect the begin that answers it."""
        with self.scripting():
            self.remote_begin(**fields)
            return self.expect_begin(remote_channel=PRESENT)

    def attach_sender(
        self, address: Any, *, credit: Any = ANY, **fields: Unpack[AttachFields]
    ) -> AttachExpectation:
        """Attach as a sender to the target *address*, expect the answer, and a flow with *credit* (None: no flow)."""
        with self.scripting():
            self.remote_attach(**{"role": "sender", "name": "sender", "target": address, **fields})
            expected = self.expect_attach(role="receiver")
            if credit is not None:
                self.expect_flow(handle=PRESENT, link_credit=credit)
        return expected

    def attach_receiver(
        self, address: Any, *, credit: int = 100, **fields: Unpack[AttachFields]
    ) -> AttachExpectation:
        """Attach as a receiver to the source *address*, expect the answer, and grant *credit* (0: no flow)."""
        with self.scripting():
            self.remote_attach(**{"role": "receiver", "name": "receiver", "source": address, **fields})
            expected = self.expect_attach(role="sender")
            if credit:
                self.grant(credit)
        return expected

    def closing(self, error: Any = None) -> CloseExpectation:
        """Close the connection, and expect the close that answers it."""
        with self.scripting():
            self.remote_close(error)
            return self.expect_close()

    # -- inside

    def _expect(self, expectation: E) -> E:
        self.add(expectation)
        return expectation


def _on_channel(fields: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    channel = fields.pop("channel", ANY)
    return fields, channel
