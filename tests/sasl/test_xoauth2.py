"""XOAUTH2: its message, what it refuses, and that nothing shows the token."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.errors import AuthenticationFailed, LocalError
from amqp.sasl import XOAuth2


def test_the_message() -> None:
    assert (
        XOAuth2("me@example.org", "abc.def").start() == b"user=me@example.org\x01auth=Bearer abc.def\x01\x01"
    )


def test_a_challenge_is_a_refusal_that_says_why() -> None:
    mechanism = XOAuth2("me", "abc")
    with pytest.raises(AuthenticationFailed, match=r'does not take the token: ."status":"401".'):
        mechanism.step(b'{"status":"401"}')
    mechanism.finish(None)


def test_the_token_is_in_no_repr_and_is_not_for_clear_text() -> None:
    mechanism = XOAuth2("me", "geheim")
    assert repr(mechanism) == "XOAuth2('me')"
    assert not mechanism.secure


@pytest.mark.parametrize(("user", "token"), [("", "t"), ("u", ""), ("u\x01", "t"), ("u", "t\x01auth=x")])
def test_text_that_would_change_the_message_is_refused(user: str, token: str) -> None:
    with pytest.raises(LocalError, match="control characters"):
        XOAuth2(user, token)


@pytest.mark.parametrize(
    ("arguments", "options"), [((None, "t"), {}), (("u", b"t"), {}), (("u", "t"), {"max_frame_size": 511})]
)
def test_values_of_other_types_and_ranges_are_refused(arguments: Any, options: Any) -> None:
    with pytest.raises(LocalError, match=r"takes|out of range"):
        XOAuth2(*arguments, **options)
