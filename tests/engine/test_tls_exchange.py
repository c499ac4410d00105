"""5.2: TLS negotiated inside the stream, both halves, seen from the engine; the TLS itself is its driver's."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from amqp.engine import (
    Authenticated,
    ConnectionEnded,
    ConnectionFailed,
    ConnectionOpened,
    ConnectionState,
    Engine,
    TlsNegotiated,
)
from amqp.errors import Blame, LocalError
from amqp.options import ConnectionOptions
from amqp.sasl import Anonymous, AnonymousServer, SaslClient, SaslServer
from amqp_spec import Open, SaslMechanisms
from tests.engine.wire import AMQP, SASL, Rig, frame

if TYPE_CHECKING:
    from amqp.engine import TlsUse

TLS = b"AMQP\x02\x01\x00\x00"
HELLO = b"\x16\x03\x01 what begins a TLS handshake"
OPEN = frame(Open(container_id="peer"))


def client(*, sasl: bool = False) -> Rig:
    """A client that asks for TLS, opened."""
    engine = Engine(
        ConnectionOptions(container_id="client"),
        sasl=SaslClient([Anonymous()]) if sasl else None,
        tls="required",
    )
    engine.open()
    return Rig(engine)


def server(tls: TlsUse, *, sasl: bool = False) -> Rig:
    """A server's engine."""
    return Rig(
        Engine(
            ConnectionOptions(container_id="server"),
            role="server",
            sasl=SaslServer({"ANONYMOUS": AnonymousServer}) if sasl else None,
            tls=tls,
        )
    )


def failure(rig: Rig) -> ConnectionFailed:
    """The failure, after which nothing more comes out and nothing more is read."""
    failed = rig.event(ConnectionFailed)
    assert rig.engine.output_closed
    rig.raw(AMQP + OPEN)
    rig.engine.open()
    rig.engine.tls_established()
    rig.quiet()
    return failed


@pytest.mark.requirement("security-5.2-01")
def test_a_client_sends_its_header_and_waits() -> None:
    rig = client()
    assert rig.sent() == [TLS]
    rig.raw(TLS)
    assert rig.event(TlsNegotiated) == TlsNegotiated(b"")
    rig.quiet()


@pytest.mark.requirement("security-5.2-04")
def test_a_client_goes_on_inside_tls() -> None:
    rig = client()
    rig.raw(TLS)
    rig.forget()
    rig.engine.tls_established()
    header, opened = rig.sent()
    assert header == AMQP
    assert opened.container_id == "client"
    rig.raw(AMQP + OPEN)
    assert rig.event(ConnectionOpened).remote.container_id == "peer"


def test_a_client_that_has_sasl_begins_it_inside_tls() -> None:
    rig = client(sasl=True)
    assert rig.sent() == [TLS]
    rig.raw(TLS)
    rig.forget()
    rig.engine.tls_established()
    assert rig.sent() == [SASL]


@pytest.mark.fault("E4")
@pytest.mark.parametrize("answer", [AMQP, SASL, b"AMQP\x02\x01\x01\x00", b"HTTP/1.1"])
def test_a_client_never_goes_on_in_the_clear(answer: bytes) -> None:
    rig = client(sasl=True)
    rig.forget()
    rig.raw(answer + OPEN)
    assert rig.sent() == []
    failed = failure(rig)
    assert not failed.authentication
    assert "asked for TLS 1.0.0" in failed.fault.description


@pytest.mark.requirement("security-5.2-01")
@pytest.mark.parametrize("tls", ["offered", "required"])
def test_a_server_answers_with_the_same_header(tls: TlsUse) -> None:
    rig = server(tls)
    rig.raw(TLS)
    assert rig.sent() == [TLS]
    assert rig.event(TlsNegotiated) == TlsNegotiated(b"")
    rig.engine.tls_established()
    rig.quiet()
    rig.raw(AMQP + OPEN)
    assert rig.event(ConnectionOpened).remote.container_id == "peer"


@pytest.mark.requirement("security-5.2-04")
def test_sasl_comes_inside_tls_at_a_server() -> None:
    rig = server("required", sasl=True)
    rig.raw(TLS)
    rig.forget()
    rig.engine.tls_established()
    rig.raw(SASL)
    header, offer = rig.sent()
    assert header == SASL
    assert isinstance(offer, SaslMechanisms)


@pytest.mark.parametrize("split", range(1, len(TLS + HELLO)))
def test_what_follows_the_header_is_handed_to_tls_alone(split: int) -> None:
    rig = server("offered")
    octets = TLS + HELLO
    rig.raw(octets[:split])
    if split >= len(TLS):
        assert rig.event(TlsNegotiated).received == octets[len(TLS) : split]
    else:
        rig.raw(octets[split:])
        assert rig.event(TlsNegotiated).received == HELLO
    # Nothing of it is left where the first octets inside TLS are read.
    rig.engine.tls_established()
    rig.raw(AMQP + OPEN)
    rig.event(ConnectionOpened)


@pytest.mark.fault("E4")
def test_octets_in_the_clear_after_the_negotiation_end_the_connection() -> None:
    rig = server("offered")
    rig.raw(TLS)
    rig.forget()
    rig.raw(AMQP + OPEN)
    failed = failure(rig)
    assert "in the clear" in failed.fault.description
    assert failed.fault.blame is Blame.REMOTE


def test_a_stream_that_ends_during_the_tls_handshake() -> None:
    rig = client()
    rig.raw(TLS)
    rig.forget()
    rig.raw(b"")
    failed = failure(rig)
    assert failed.fault.blame is Blame.NETWORK
    assert "during the TLS handshake" in failed.fault.description


@pytest.mark.fault("E4")
@pytest.mark.parametrize("header", [AMQP, SASL])
def test_a_server_that_requires_tls_serves_nobody_without(header: bytes) -> None:
    rig = server("required", sasl=True)
    rig.raw(header + OPEN)
    assert rig.sent() == [TLS]
    assert "offered is TLS 1.0.0" in failure(rig).fault.description


def test_a_server_that_offers_tls_serves_without() -> None:
    rig = server("offered")
    rig.raw(AMQP + OPEN)
    rig.event(ConnectionOpened)


@pytest.mark.requirement("security-5.2-01")
@pytest.mark.parametrize(("sasl", "other"), [(True, SASL), (False, AMQP)])
def test_a_server_without_tls_answers_with_what_it_offers(sasl: bool, other: bytes) -> None:
    rig = server("none", sasl=sasl)
    rig.raw(TLS)
    assert rig.sent() == [other]
    assert not failure(rig).authentication


def test_tls_inside_tls_is_refused() -> None:
    rig = server("offered")
    rig.raw(TLS)
    rig.engine.tls_established()
    rig.forget()
    rig.raw(TLS)
    assert rig.sent() == [AMQP]
    failure(rig)


def test_tls_behind_sasl_is_refused() -> None:
    rig = server("offered", sasl=True)
    # sasl-init, by hand: mechanism ANONYMOUS.
    init = b"\x00\x53\x41\xc0\x0c\x01\xa3\x09ANONYMOUS"
    rig.raw(SASL + frame(init, kind=1))
    rig.event(Authenticated)
    rig.forget()
    rig.raw(TLS)
    assert rig.sent() == [AMQP]
    failure(rig)


def test_tls_is_established_where_it_was_negotiated_only() -> None:
    rig = client()
    with pytest.raises(LocalError, match="wait for TlsNegotiated"):
        rig.engine.tls_established()
    assert rig.sent() == [TLS]


def test_a_client_does_not_offer() -> None:
    with pytest.raises(LocalError, match="'required' or 'none'"):
        Engine(tls="offered")


def test_closing_during_the_tls_handshake() -> None:
    rig = client()
    rig.raw(TLS)
    rig.forget()
    rig.engine.close()
    rig.event(ConnectionEnded)
    rig.engine.tls_established()
    rig.quiet()


def test_two_engines_and_tls_between_them() -> None:
    """The driver's part by ssl.MemoryBIO, as any front end would do it."""
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("broker.example").configure_cert(serving)
    calling = ssl.create_default_context()
    authority.configure_trust(calling)

    near = Engine(ConnectionOptions(container_id="near"), tls="required")
    far = Engine(ConnectionOptions(container_id="far"), role="server", tls="required")
    near.open()
    far.receive_data(b"".join(near.data_to_send(0.0)), 0.0)
    near.receive_data(b"".join(far.data_to_send(0.0)), 0.0)
    assert near.events() == far.events() == [TlsNegotiated(b"")]

    to_far, to_near = ssl.MemoryBIO(), ssl.MemoryBIO()
    inside_near = calling.wrap_bio(to_near, to_far, server_hostname="broker.example")
    inside_far = serving.wrap_bio(to_far, to_near, server_side=True)
    shaking = [inside_near, inside_far]
    for _ in range(10):
        for side in list(shaking):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            shaking.remove(side)
    assert shaking == []

    near.tls_established()
    far.tls_established()
    while near.wants_write or far.wants_write:
        for engine, inside, other, there in (
            (near, inside_near, far, inside_far),
            (far, inside_far, near, inside_near),
        ):
            octets = b"".join(engine.data_to_send(0.0))
            if octets:
                inside.write(octets)
                other.receive_data(there.read(65536), 0.0)
        for event in far.events():
            if isinstance(event, ConnectionOpened):
                far.open()
    assert near.state is far.state is ConnectionState.OPENED
    assert near.remote_open is not None
    assert near.remote_open.container_id == "far"
