"""EXTERNAL, each half for itself and both together."""

from __future__ import annotations

import pytest

from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl import Challenge, External, ExternalServer, Failure, Success


def test_the_client_names_nobody_of_its_own_accord() -> None:
    assert External().start() == b""
    assert External("joe").start() == b"joe"
    assert External.secure
    assert repr(External("joe")) == "External()"


def test_the_client_answers_an_empty_challenge_alone() -> None:
    assert External("joe").step(b"") == b"joe"
    with pytest.raises(AuthenticationFailed, match="EXTERNAL has none"):
        External().step(b"who?")
    External().finish(b"anything")


def test_a_name_with_nul() -> None:
    with pytest.raises(LocalError, match="NUL"):
        External("a\0b")


@pytest.mark.parametrize(
    ("response", "known", "verdict"),
    [
        (None, "joe", Challenge(b"")),
        (b"", "joe", Success("joe")),
        (b"joe", "joe", Success("joe")),
        (b"eve", "joe", Failure()),
        (b"", None, Failure()),
        (b"", "", Failure()),
        (b"\xff", "joe", Failure()),
    ],
)
def test_the_server(response: bytes | None, known: str | None, verdict: object) -> None:
    assert ExternalServer(lambda: known).step(response) == verdict
