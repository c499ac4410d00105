"""URLs: what they say, and what is said of those that say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amqp.client.url import Endpoint, parse_url
from amqp.errors import LocalError


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("amqp://localhost", Endpoint("localhost", 5672, False)),
        ("amqps://broker.example", Endpoint("broker.example", 5671, True)),
        ("AMQP://LocalHost:1234/", Endpoint("localhost", 1234, False)),
        ("amqp://[::1]", Endpoint("::1", 5672, False)),
        ("amqps://[fe80::1%25eth0]:99", Endpoint("fe80::1%eth0", 99, True)),
        ("amqp://guest:guest@h", Endpoint("h", 5672, False, "guest", "guest")),
        ("amqp://me@h", Endpoint("h", 5672, False, "me", None)),
        ("amqp://a%40b:p%3A%2F%40%25@h:1", Endpoint("h", 1, False, "a@b", "p:/@%")),
        ("amqp://u:@h", Endpoint("h", 5672, False, "u", "")),
        ("ws://h", Endpoint("h", 80, False, kind="websocket", path="/")),
        ("wss://u:p@h:1/a/b?x=%20", Endpoint("h", 1, True, "u", "p", "websocket", "/a/b?x=%20")),
        (
            "wss://n.servicebus.windows.net/$servicebus/websocket",
            Endpoint("n.servicebus.windows.net", 443, True, kind="websocket", path="/$servicebus/websocket"),
        ),
        ("amqp+unix:///run/a%20b", Endpoint("", 0, False, kind="unix", path="/run/a b")),
        ("amqp+unix://u:p%2F@/s", Endpoint("", 0, False, "u", "p/", "unix", "/s")),
    ],
)
def test_what_a_url_says(url: str, endpoint: Endpoint) -> None:
    assert parse_url(url) == endpoint


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "amqp:// or amqps://"),
        ("localhost", "amqp:// or amqps://"),
        ("localhost:5672", "amqp:// or amqps://"),
        ("http://localhost", "not with http://"),
        ("amqp://", "names no host"),
        ("amqp://:5672", "names no host"),
        ("amqp://host:port", "host has no number for a port: give a number from 1 to 65535"),
        ("amqp://user:secret@host:99999", "host has port 99999: give a number"),
        ("amqp://host:99999", "host has port 99999: give a number"),
        ("amqp://host:0", "port 0"),
        ("amqp://a..b", "no name of a host"),
        (f"amqp://{'a' * 64}", "no name of a host"),
        ("amqp://a%00b", "no name of a host"),
        ("amqp://a b", "no name of a host"),
        ("amqp://host/vhost", "hostname="),
        ("amqp://host?x=1", "nothing may follow"),
        ("amqp://host#x", "nothing may follow"),
        ("amqp://[::1", "does not parse"),
        ("ws://h/a#b", "without a fragment"),
        ("ws://h/ä", "percent-encoded ASCII"),
        ("ws://h/a b", "percent-encoded ASCII"),
        ("amqp+unix://host/s", "amqp\\+unix:///path"),
        ("amqp+unix:///", "amqp\\+unix:///path"),
        ("amqp+unix:///a?b", "amqp\\+unix:///path"),
        ("amqp+unix:///a%00", "amqp\\+unix:///path"),
    ],
)
def test_what_is_said_of_a_wrong_one(url: str, says: str) -> None:
    with pytest.raises(LocalError, match=says):
        parse_url(url)


@pytest.mark.fault("E6")
def test_the_password_is_never_shown() -> None:
    endpoint = parse_url("amqps://user:hunter2@host:1")
    assert endpoint.password == "hunter2"
    assert "hunter2" not in repr(endpoint)
    assert str(endpoint) == "amqps://host:1"
    assert str(parse_url("amqp://u:p@[::1]")) == "amqp://[::1]:5672"
    assert str(parse_url("wss://u:hunter2@h/path?token=hunter2")) == "wss://h:443/path"
    assert "hunter2" not in repr(parse_url("ws://u:hunter2@h/path?token=hunter2"))
    assert str(parse_url("amqp+unix://u:hunter2@/a%20b")) == "amqp+unix:///a%20b"


@pytest.mark.fault("E6")
@pytest.mark.parametrize(
    "url",
    [
        "amqp://user:hunter/2@host",
        "amqp://user:hunter#2@host",
        "amqp://user:hunter?2@host",
        "amqp://user:hunter2@",
        "amqp+unix://user:hunter/2@/path",
        "ws://user:hunter/2@host/path",
        "ws://user:hunter2@host/a b",
    ],
)
def test_an_error_does_not_show_the_password(url: str) -> None:
    with pytest.raises(LocalError) as caught:
        parse_url(url)
    assert "hunter" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(st.text(max_size=30))
def test_any_text_is_a_url_or_a_local_error(text: str) -> None:
    for url in (text, f"amqp://{text}"):
        try:
            parse_url(url)
        except LocalError:
            continue
