"""Of what a server offers the strongest is taken."""

from __future__ import annotations

import itertools

import pytest

from amqp.errors import LocalError
from amqp.sasl import (
    Anonymous,
    ClientMechanism,
    External,
    OAuthBearer,
    Plain,
    SaslClient,
    Scram,
    ScramIfOffered,
    strength,
)

PLAIN = Plain("u", "p")
MECHANISMS: list[ClientMechanism] = [
    PLAIN,
    Scram("u", "p", "SHA-1"),
    Scram("u", "p", "SHA-256"),
    Scram("u", "p", "SHA-512"),
]


class Own(Anonymous):
    name = "OWN"


@pytest.mark.fault("E1")
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_strongest_that_is_offered(order: tuple[int, ...]) -> None:
    client = SaslClient([MECHANISMS[place] for place in order])
    offered = ["ANONYMOUS", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "X"]
    assert client.choose(offered) is MECHANISMS[2]
    assert client.choose(["PLAIN"]) is PLAIN
    assert client.choose(["ANONYMOUS"]) is None


def test_of_two_as_strong_the_first() -> None:
    token = OAuthBearer("abc")
    offered = ["PLAIN", "OAUTHBEARER"]
    assert SaslClient([token, PLAIN]).choose(offered) is token
    assert SaslClient([PLAIN, token]).choose(offered) is PLAIN


def test_a_mechanism_that_nobody_knows() -> None:
    assert strength(PLAIN) < strength(Own()) < strength(External())

    class Open(Own):
        secure = False

    assert strength(Open()) == strength(PLAIN)


def test_scram_that_is_made_when_it_is_offered() -> None:
    mechanism = ScramIfOffered("u", "p", "SHA-512")
    assert mechanism.name == "SCRAM-SHA-512"
    assert mechanism.start().startswith(b"n,,n=u,r=")
    with pytest.raises(LocalError, match="cannot carry"):
        ScramIfOffered("u", "\u0007", "SHA-1").start()
