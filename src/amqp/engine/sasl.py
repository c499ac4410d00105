"""The SASL exchange of 5.3.2, both halves: which frame may come when, and what answers it.

Neither half knows of headers or octets. A fault has no frame to say it by, except a failed outcome: the connection
just ends (5.1).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from amqp.errors import AmqpFault, AuthenticationFailed, Blame
from amqp.sasl.mechanism import Challenge, Success
from amqp_spec import (
    SaslChallenge,
    SaslCode,
    SaslInit,
    SaslMechanisms,
    SaslOutcome,
    SaslResponse,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amqp.sasl.mechanism import ClientMechanism, SaslClient, SaslServer, ServerMechanism
    from amqp_spec import SaslFrame

__all__ = ["ClientExchange", "SaslFault", "ServerExchange", "redacted"]

_BLANK = b"***"


class SaslFault(Exception):
    """The exchange failed; ``code`` is the outcome's where there was one, ``answer`` what to tell the peer."""

    def __init__(
        self,
        description: str,
        *,
        code: SaslCode | None = None,
        answer: SaslOutcome | None = None,
        blame: Blame = Blame.REMOTE,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.blame = blame
        self.code = code
        self.answer = answer


class ClientExchange:
    """The client half: waits for mechanisms, picks one, answers challenges, judges the outcome."""

    __slots__ = ("_mechanism", "_rounds", "_sasl", "done", "identity")

    def __init__(self, sasl: SaslClient) -> None:
        self._sasl = sasl
        self._mechanism: ClientMechanism | None = None
        self._rounds = 0
        self.done = False
        self.identity: str | None = None

    @property
    def mechanism(self) -> str:
        """The name of the mechanism in use."""
        return "" if self._mechanism is None else self._mechanism.name

    def receive(self, frame: SaslFrame) -> SaslFrame | None:
        """Take a frame from the server and return the answer.

        Raises:
            SaslFault: the frame is out of order, or the exchange failed.
        """
        mechanism = self._mechanism
        if mechanism is None:
            if type(frame) is SaslMechanisms:
                return self._choose(frame)
        elif type(frame) is SaslChallenge:
            self._rounds += 1
            if self._rounds > self._sasl.max_rounds:
                raise SaslFault(f"the server sent more than {self._sasl.max_rounds} challenges")
            try:
                return SaslResponse(response=mechanism.step(frame.challenge))
            except AuthenticationFailed as error:
                raise SaslFault(error.description) from error
        elif type(frame) is SaslOutcome:
            self._judge(mechanism, frame)
            return None
        raise SaslFault(f"the server sent {frame.NAME} out of order")

    def _choose(self, frame: SaslMechanisms) -> SaslInit:
        offered = frame.sasl_server_mechanisms
        # 5.3.3.1: the list is not empty.
        if not offered:
            raise SaslFault("the server offers no SASL mechanism at all")
        most = self._sasl.max_mechanisms
        if len(offered) > most:
            raise SaslFault(f"the server offers {len(offered)} SASL mechanisms, more than {most}")
        mechanism = self._sasl.choose(offered)
        if mechanism is None or mechanism.name not in offered:
            ours = ", ".join(mechanism.name for mechanism in self._sasl.mechanisms)
            theirs = ", ".join(name[:20] for name in offered)
            why = f"no SASL mechanism in common: the server offers {theirs}; allowed here: {ours}"
            withheld = self._withheld(offered)
            if withheld:
                why = f"{why}; {withheld} would send a secret in clear text: use amqps://, or say allow_cleartext=True"
            raise SaslFault(why, blame=Blame.LOCAL if withheld else Blame.REMOTE)
        self._mechanism = mechanism
        try:
            response = mechanism.start()
        except AmqpFault as error:
            # A ticket may have run out, or a password have characters that the mechanism cannot carry.
            raise SaslFault(error.description, blame=Blame.LOCAL) from error
        return SaslInit(mechanism=mechanism.name, initial_response=response, hostname=self._sasl.hostname)

    def _withheld(self, offered: Sequence[str]) -> str:
        return ", ".join(mechanism.name for mechanism in self._sasl.withheld if mechanism.name in offered)

    def _judge(self, mechanism: ClientMechanism, outcome: SaslOutcome) -> None:
        if outcome.code != SaslCode.OK:
            raise SaslFault(_WHY[outcome.code].format(mechanism.name), code=outcome.code)
        try:
            mechanism.finish(outcome.additional_data)
        except AuthenticationFailed as error:
            raise SaslFault(error.description) from error
        self.done = True


class ServerExchange:
    """The server half: offers mechanisms, runs the one that the client picked."""

    __slots__ = ("_exchange", "_rounds", "_sasl", "done", "identity", "mechanism")

    def __init__(self, sasl: SaslServer) -> None:
        self._sasl = sasl
        self._exchange: ServerMechanism | None = None
        self._rounds = 0
        self.mechanism = ""
        self.identity: str | None = None
        self.done = False

    def offer(self) -> SaslMechanisms:
        """Return the first frame of the exchange, the list of mechanisms (5.3.2)."""
        return SaslMechanisms(sasl_server_mechanisms=tuple(self._sasl.mechanisms))

    def receive(self, frame: SaslFrame) -> SaslFrame | None:
        """Take a frame from the client and return the answer.

        Raises:
            SaslFault: the frame is out of order, or the client did not prove who it is.
        """
        if type(frame) is SaslInit and self._exchange is None:
            maker = self._sasl.mechanisms.get(frame.mechanism)
            if maker is None:
                # 5.3.3.2: refused and closed.
                raise _refusal(f"the client chose {frame.mechanism[:20]!r}, which was not offered")
            self.mechanism = str(frame.mechanism)
            self._exchange = maker()
            return self._step(self._exchange, frame.initial_response)
        if type(frame) is SaslResponse and self._exchange is not None:
            return self._step(self._exchange, frame.response)
        raise SaslFault(f"the client sent {frame.NAME} out of order")

    def _step(self, exchange: ServerMechanism, response: bytes | None) -> SaslFrame:
        try:
            result = exchange.step(response)
        except Exception as error:
            # What the application looks names up in may be out of order. The text of its error may hold a secret.
            description = f"{self.mechanism} broke on this side with {type(error).__name__}"
            raise _refusal(description, SaslCode.SYS, Blame.LOCAL) from error
        if isinstance(result, Challenge):
            self._rounds += 1
            most = self._sasl.max_rounds
            if self._rounds > most:
                raise _refusal(f"{self.mechanism} asked for more than {most} responses", SaslCode.SYS)
            return SaslChallenge(challenge=result.data)
        if isinstance(result, Success):
            self.identity = result.identity
            self.done = True
            return SaslOutcome(code=SaslCode.OK, additional_data=result.additional_data)
        raise _refusal(f"the client failed to authenticate with {self.mechanism}", result.code)


_WHY = {
    SaslCode.AUTH: "the server did not accept the credentials given with {}",
    SaslCode.SYS: "the server could not authenticate with {}: a system error",
    SaslCode.SYS_PERM: "the server could not authenticate with {}: a system error that will last",
    SaslCode.SYS_TEMP: "the server could not authenticate with {} for now: try again later",
}


def _refusal(description: str, code: SaslCode = SaslCode.AUTH, blame: Blame = Blame.REMOTE) -> SaslFault:
    return SaslFault(description, code=code, answer=SaslOutcome(code=code), blame=blame)


def redacted(frame: SaslFrame) -> SaslFrame:
    """Return *frame* with what may be a secret blanked, for a trace."""
    if isinstance(frame, SaslInit) and frame.initial_response is not None:
        return replace(frame, initial_response=_BLANK)
    if isinstance(frame, SaslResponse):
        return replace(frame, response=_BLANK)
    # A peer may repeat what it got.
    if isinstance(frame, SaslChallenge):
        return replace(frame, challenge=_BLANK)
    if isinstance(frame, SaslOutcome) and frame.additional_data is not None:
        return replace(frame, additional_data=_BLANK)
    return frame
