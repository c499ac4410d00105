"""Which errors say that the same may be tried again, and where redirects lead."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

import amqp
from amqp_spec import AzureErrorCondition

LINK_REDIRECT = amqp.LinkErrorCondition.REDIRECT


@pytest.mark.parametrize(
    "condition",
    [
        "amqp:link:detach-forced",
        "amqp:connection:forced",
        *(AzureErrorCondition.SERVER_BUSY, AzureErrorCondition.TIMEOUT),
        *(AzureErrorCondition.CONTAINER_CLOSE, AzureErrorCondition.OPERATION_CANCELLED),
    ],
)
def test_what_passes(condition: str) -> None:
    for kind in (amqp.LinkDetached, amqp.AttachRefused, amqp.SessionEnded, amqp.RemoteClosed):
        assert kind("for the test", condition=condition).retryable
    assert not amqp.InDoubt("for the test", condition=condition).retryable


@pytest.mark.parametrize("condition", [None, "amqp:link:stolen", "amqp:not-found", LINK_REDIRECT, "x:y"])
def test_what_does_not_pass(condition: str | None) -> None:
    assert not amqp.LinkDetached("for the test", condition=condition).retryable
    assert not amqp.LocalError("for the test", condition=condition).retryable


def test_every_error_says_so() -> None:
    for error in (amqp.AmqpError(), amqp.EncodeError("no"), amqp.DecodeError("no"), amqp.Refusal("x:y")):
        assert not error.retryable


def test_every_error_has_what_a_fault_has() -> None:
    unknown = amqp.EncodeError("no")
    assert (unknown.scope, unknown.blame, unknown.condition, unknown.info) == (None, None, None, None)
    assert amqp.DecodeError("no").condition == amqp.AmqpErrorCondition.DECODE_ERROR
    refusal = amqp.Refusal("x:y", info={"a": 1})
    assert (refusal.scope, refusal.condition, refusal.info) == (None, "x:y", {"a": 1})
    for error in (amqp.LocalError("no"), amqp.NotSent("no"), amqp.SessionEnded("no")):
        assert isinstance(error.scope, amqp.Scope)
        assert isinstance(error.blame, amqp.Blame)


def test_what_the_network_broke() -> None:
    assert amqp.ConnectionLost("reset").retryable
    assert not amqp.ConnectionLost("a fault here", blame=amqp.Blame.LOCAL).retryable
    assert amqp.OperationTimeout("late").retryable
    refused = amqp.ConnectionLost("the certificate is of another host")
    refused.__cause__ = ssl.SSLCertVerificationError("no")
    assert not refused.retryable
    broken = amqp.ConnectionLost("the handshake was cut short")
    broken.__cause__ = ssl.SSLEOFError("no")
    assert broken.retryable


def not_sent(cause: BaseException | None) -> bool:
    """Whether a message that was not sent for that reason may be tried again."""
    error = amqp.NotSent("not sent", condition="amqp:link:detach-forced")
    error.__cause__ = cause
    return error.retryable


def test_a_message_that_was_not_sent_is_as_what_kept_it() -> None:
    assert not_sent(amqp.LinkDetached("idle", condition="amqp:link:detach-forced"))
    assert not not_sent(amqp.LinkDetached("stolen", condition="amqp:link:stolen"))
    assert not not_sent(RuntimeError("of the program"))
    assert not not_sent(None)


@pytest.mark.fault("F11")
@pytest.mark.parametrize(
    ("info", "redirect"),
    [
        (None, amqp.Redirect()),
        ({}, amqp.Redirect()),
        (
            {"hostname": "v", "network-host": "h", "port": amqp.UShort(5), "address": "a"},
            amqp.Redirect(hostname="v", network_host="h", port=5, address="a"),
        ),
        ({"hostname": b"v", "network-host": 1, "port": "5", "address": None}, amqp.Redirect()),
        ({"port": False}, amqp.Redirect()),
    ],
)
def test_where_a_redirect_leads(info: dict[Any, Any] | None, redirect: amqp.Redirect) -> None:
    error = amqp.AttachRefused("elsewhere", condition=LINK_REDIRECT, info=info)
    assert error.redirect == redirect
    assert type(redirect.port) in (int, type(None))
    closed = amqp.RemoteClosed("elsewhere", condition="amqp:connection:redirect", info=info).redirect
    assert closed is not None
    assert closed.address is None
    assert amqp.RemoteClosed("elsewhere", condition="amqp:not-found", info=info).redirect is None
