"""The arguments of connect: read once, refused early."""

from __future__ import annotations

import math
import ssl

import pytest

from amqp.client.settings import connection_settings, endpoints, guard_secrets, sasl_client, tls_context
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


def test_a_user_in_the_url_is_proved_by_plain_and_nothing_else() -> None:
    assert names("amqp://u:p@h") == ["PLAIN"]


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
    settings = connection_settings()
    client = sasl_client(settings, parse_url("amqp://u:secret@h"), None)
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


def test_tls_comes_with_amqps_and_checks_by_default() -> None:
    assert tls_context(parse_url("amqp://h"), None) is None
    context = tls_context(parse_url("amqps://h"), None)
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert tls_context(parse_url("amqps://h"), own) is own


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
