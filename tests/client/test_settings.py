"""The arguments of connect: read once, refused early."""

from __future__ import annotations

import math
import ssl
from typing import Any

import pytest

from amqp.client.dialling import dial_settings
from amqp.client.settings import (
    connection_settings,
    endpoints,
    guard_secrets,
    read_arguments,
    sasl_client,
    servers,
)
from amqp.client.url import parse_url
from amqp.errors import AuthenticationFailed, Blame, LocalError
from amqp.sasl import Anonymous, Plain


class Proof(Anonymous):
    """A mechanism that shows no secret."""

    name = "PROOF"


def names(url: str, **arguments: object) -> list[str]:
    settings = connection_settings(**arguments)  # type: ignore[arg-type]  # the test's own keywords
    client = sasl_client(settings, parse_url(url), None)
    return [] if client is None else [mechanism.name for mechanism in client.mechanisms]


def test_a_user_in_the_url_is_proved_by_the_password_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names("amqp://u:p@h") == ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]
    monkeypatch.setattr("amqp.client.settings.scram_is_installed", lambda: False)
    assert names("amqp://u:p@h") == ["PLAIN"]


def test_a_floor_leaves_weaker_mechanisms_out() -> None:
    assert names("amqp://u:p@h", sasl_floor="SCRAM-SHA-256") == ["SCRAM-SHA-512", "SCRAM-SHA-256"]
    assert names("amqp://h", sasl=Proof(), sasl_floor="SCRAM-SHA-1") == ["PROOF"]
    for arguments in ({}, {"sasl": ()}, {"sasl": Plain("u", "p")}):
        with pytest.raises(LocalError, match="sasl_floor=SCRAM-SHA-1 leaves nothing of"):
            names("amqp://h", sasl_floor="SCRAM-SHA-1", **arguments)
    with pytest.raises(LocalError, match="sasl_floor takes one of ANONYMOUS, PLAIN"):
        connection_settings(sasl_floor="plain")


@pytest.mark.fault("E1")
def test_credentials_beside_anonymous_are_refused() -> None:
    with pytest.raises(LocalError, match="ANONYMOUS beside PLAIN"):
        connection_settings(sasl=[Plain("u", "p"), Anonymous()])


def test_without_a_user_anonymous_is_asked_for() -> None:
    assert names("amqp://h") == ["ANONYMOUS"]


def test_sasl_says_it_otherwise() -> None:
    assert names("amqp://h", sasl=Plain("u", "p")) == ["PLAIN"]
    assert names("amqp://h", sasl=[Proof(), Plain("u", "p")]) == ["PROOF", "PLAIN"]
    assert names("amqp://h", sasl=()) == []


@pytest.mark.fault("E1")
def test_a_user_in_the_url_is_never_silently_dropped() -> None:
    with pytest.raises(LocalError, match=r"amqp://h:5672.*sasl= is given too"):
        names("amqp://u:p@h", sasl=Anonymous())


@pytest.mark.fault("E1")
def test_a_password_goes_out_in_clear_text_only_where_nobody_reads_or_it_was_allowed() -> None:
    settings = connection_settings(sasl=Plain("u", "secret"))
    client = sasl_client(settings, parse_url("amqp://h"), None)
    guard_secrets(client, settings, private=True, peer="h")
    guard_secrets(client, connection_settings(allow_cleartext=True), private=False, peer="h")
    with pytest.raises(AuthenticationFailed, match="PLAIN would send a secret to h in clear text") as caught:
        guard_secrets(client, settings, private=False, peer="h")
    assert caught.value.blame is Blame.LOCAL
    assert "secret to" in str(caught.value)


@pytest.mark.fault("E1")
def test_of_several_mechanisms_only_the_unsafe_are_taken_away() -> None:
    settings = connection_settings(sasl=[Plain("u", "p"), Proof()])
    client = sasl_client(settings, parse_url("amqp://h"), None)
    assert client is not None
    guard_secrets(client, settings, private=False, peer="h")
    assert [mechanism.name for mechanism in client.mechanisms] == ["PROOF"]
    assert [mechanism.name for mechanism in client.withheld] == ["PLAIN"]


def test_tls_comes_with_amqps_and_checks_by_default() -> None:
    assert dial_settings().tls_context(parse_url("amqp://h")) is None
    context = dial_settings().tls_context(parse_url("amqps://h"))
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert dial_settings(own).tls_context(parse_url("amqps://h")) is own


@pytest.mark.fault("E5")
def test_a_context_that_does_not_check_has_to_be_meant(caplog: pytest.LogCaptureFixture) -> None:
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    with pytest.raises(LocalError, match=r"ssl\.create_default_context.*verify_tls=False"):
        dial_settings(unchecked)
    meant = dial_settings(unchecked, verify_tls=False)
    assert not caplog.records
    assert meant.tls_context(parse_url("amqps://u:geheim@h")) is unchecked
    assert [(record.levelname, record.name) for record in caplog.records] == [("WARNING", "amqp.security")]
    assert caplog.records[0].getMessage().startswith("amqps://h:5671: verify_tls=False")
    with pytest.raises(LocalError, match="leave one of them out"):
        dial_settings(ssl.create_default_context(), verify_tls=False)


@pytest.mark.fault("E5")
def test_no_check_without_a_context() -> None:
    context = dial_settings(verify_tls=False).tls_context(parse_url("wss://h"))
    assert context is not None
    assert (context.check_hostname, context.verify_mode) == (False, ssl.CERT_NONE)


def test_tls_inside_the_stream_is_on_the_other_port() -> None:
    def port(url: str) -> int:
        return servers(url, connection_settings(), dial_settings(tls_in_band=True))[0][0].port

    assert (port("amqps://h"), port("amqps://h:5671"), port("amqps://h:99")) == (5672, 5671, 99)


@pytest.mark.parametrize(
    ("url", "arguments", "says"),
    [
        ("amqp://h", {"tls_in_band": True}, "would not use TLS"),
        ("amqp://h", {"verify_tls": False}, "would not use TLS"),
        ("wss://h", {"tls_in_band": True}, "has TLS below it"),
        ("amqp+unix:///s", {"proxy": "http://p"}, "a socket of this machine"),
        ("wss://h", {"own_transport": True}, "transport= makes the connection"),
        ("amqp://h", {"own_transport": True, "proxy": "http://p"}, "transport= makes the connection"),
    ],
)
def test_options_that_do_not_go_together(url: str, arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(LocalError, match=says):
        servers(url, connection_settings(), dial_settings(**arguments))


@pytest.mark.parametrize(
    "wrong",
    [
        {"verify_tls": 0},
        {"tls_in_band": "yes"},
        {"tcp_nodelay": None},
        {"tcp_keepalive": 0},
        {"tcp_keepalive": "x"},
        {"tcp_keepalive": 40_000},
        {"proxy": 1},
        {"proxy": "socks5://h"},
        {"proxy": "http://"},
        {"proxy": "http://h:geheim"},
        {"proxy": "http://h/path"},
    ],
)
def test_arguments_of_dialling_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match=next(iter(wrong))) as caught:
        read_arguments(None, False, wrong)  # type: ignore[arg-type]  # the test's own keywords
    assert "geheim" not in str(caught.value)


def test_a_proxy_is_no_place_of_its_own() -> None:
    dialling = dial_settings(proxy="http://a%40b:geheim@[::1]:3128")
    assert dialling.proxy is not None
    assert (dialling.proxy.username, dialling.proxy.password) == ("a@b", "geheim")
    assert "geheim" not in f"{dialling} {dialling.proxy} {dialling.proxy!r}"
    assert str(dialling.proxy) == "http://[::1]:3128"
    assert not dialling.is_private(parse_url("amqp://h"), connected=True)
    assert dialling.is_private(parse_url("amqps://h"), connected=True)
    assert b"CONNECT [fe80::1]:5672 HTTP/1.1" in dialling.proxy.request("fe80::1", 5672)


def test_one_url_or_several() -> None:
    assert [endpoint.host for endpoint in endpoints("amqp://a")] == ["a"]
    assert [endpoint.host for endpoint in endpoints(["amqp://a", "amqps://b"])] == ["a", "b"]
    with pytest.raises(LocalError, match="at least one URL"):
        endpoints([])


@pytest.mark.parametrize(
    "wrong",
    [
        {"connect_timeout": -1},
        {"operation_timeout": math.nan},
        {"max_frame_size": 511},
        {"channel_max": 65_536},
        {"idle_timeout": 0},
    ],
)
def test_values_out_of_range_are_named(wrong: dict[str, float]) -> None:
    with pytest.raises(LocalError, match=next(iter(wrong))):
        connection_settings(**wrong)  # type: ignore[arg-type]  # the test's own keywords


def test_each_connection_has_a_container_id_of_its_own_unless_told() -> None:
    assert connection_settings().options.container_id != connection_settings().options.container_id
    assert connection_settings(container_id="me").options.container_id == "me"
