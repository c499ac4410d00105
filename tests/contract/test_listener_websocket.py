"""Services that clients reach by WebSocket, and those who ask for something else there; on both front ends."""

from __future__ import annotations

import queue
import socket
import ssl
import struct
import sys
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from websockets.sync.client import connect as their_client
from websockets.typing import Subprotocol

import amqp
import amqp.sync
import amqp_spec
from amqp.sasl import AnonymousServer, ExternalServer, SaslServer, common_name
from tests.contract.front import SOON

if TYPE_CHECKING:
    from tests.contract.front import Front

ANYWHERE = "ws://127.0.0.1:0"
HEADER = b"AMQP\x00\x01\x00\x00"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
LARGE = bytes(range(256)) * 4_000
EVERYBODY = SaslServer({"ANONYMOUS": AnonymousServer}, optional=True)
OPEN = bytes.fromhex("0000001002000000 005310c003 01a100")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def serving(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def take(request: Any) -> None:
    """Accept a link that a client sends on, and every message."""
    with request.accept() as receiver:
        for delivery in receiver:
            delivery.accept()


def asking(path: str = "/", protocol: str | None = "amqp", *headers: str, method: str = "GET") -> bytes:
    """The request of a client."""
    wanted = () if protocol is None else (f"Sec-WebSocket-Protocol: {protocol}",)
    lines = ("Host: h", "Upgrade: websocket", "Connection: Upgrade", KEY, "Sec-WebSocket-Version: 13")
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, *wanted, *headers, "", ""]).encode()


def frame(payload: bytes, opcode: int = 2) -> bytes:
    """A frame of a client, under the mask of noughts."""
    length = struct.pack("!BH", 0xFE, len(payload)) if len(payload) > 125 else bytes([0x80 | len(payload)])
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


def encoded(performative: Any) -> bytes:
    """A frame of AMQP on channel 0."""
    body: bytes = performative.encode()
    return struct.pack("!IBBH", len(body) + 8, 2, 0, 0) + body


def dial(listener: Any) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", listener.port), timeout=SOON)
    client.settimeout(SOON)
    return client


def heard(client: socket.socket) -> bytes:
    """All that comes, to the end."""
    came = b""
    try:
        while more := client.recv(65_536):
            came += more
    except ConnectionResetError:
        pass
    return came


def agreed(client: socket.socket, octets: bytes) -> bytes:
    """Ask for a WebSocket and get it; return the answer."""
    client.sendall(octets)
    came = b""
    while not came.endswith(b"\r\n\r\n"):
        more = client.recv(1)
        assert more, came
        came += more
    assert came.startswith(b"HTTP/1.1 101 "), came
    return came


# -- those who are taken


@pytest.mark.parametrize("path", ["", "/a%20b/$x/"])
def test_there_and_back(front: Front, path: str) -> None:
    bodies: queue.Queue[bytes] = queue.Queue()

    def handler(request: Any) -> None:
        with request.accept() as link:
            if request.address == "in":
                for delivery in link:
                    bodies.put(delivery.message.body)
                    delivery.accept()
            else:
                link.send(amqp.Message(LARGE))
                link.wait_closed()

    with front.listen(ANYWHERE + path, handler) as listener:
        assert listener.url == f"ws://127.0.0.1:{listener.port}{path}"
        with amqp.sync.connect(f"{listener.url}?token=x") as connection:
            sender = connection.open_sender("in")
            for _ in range(3):
                assert sender.send(amqp.Message(LARGE), timeout=SOON) == amqp.Accepted()
            assert connection.open_receiver("out").receive(timeout=SOON).message.body == LARGE
            (incoming,) = listener.connections
            assert incoming.remote_container_id == connection.container_id
        assert [bodies.get(timeout=SOON) for _ in range(3)] == [LARGE] * 3


def test_inside_tls(front: Front, serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    with front.listen("wss://127.0.0.1:0/amqp", take, ssl_context=serving) as listener:
        assert listener.url == f"wss://127.0.0.1:{listener.port}/amqp"
        with amqp.sync.connect(listener.url, ssl_context=trusting) as connection:
            assert connection.open_sender("q").send(amqp.Message(LARGE), timeout=SOON) == amqp.Accepted()
        with pytest.raises(amqp.TlsFailed):
            amqp.sync.connect(listener.url)


def test_the_client_certificate_is_known(
    front: Front, authority: trustme.CA, serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    serving.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(serving)
    authority.issue_cert("client.test", common_name="joe").configure_cert(trusting)
    names: queue.Queue[Any] = queue.Queue()

    def mechanisms(client: Any) -> SaslServer:
        return SaslServer({"EXTERNAL": lambda: ExternalServer(lambda: common_name(client.certificate))})

    def note(incoming: Any) -> None:
        names.put(incoming.identity)

    with (
        front.listen(
            "wss://127.0.0.1:0", take, ssl_context=serving, sasl=mechanisms, on_connection=note
        ) as listener,
        amqp.sync.connect(listener.url, ssl_context=trusting, sasl=amqp.External()),
    ):
        assert names.get(timeout=SOON) == "joe"


@pytest.mark.parametrize(
    ("wanted", "got"), [("amqp", b"amqp"), ("AMQPWSB10", b"AMQPWSB10"), ("x, AMQPWSB10, amqp", b"amqp")]
)
def test_either_subprotocol(front: Front, wanted: str, got: bytes) -> None:
    with front.listen(ANYWHERE, take) as listener, dial(listener) as client:
        assert b"Sec-WebSocket-Protocol: " + got + b"\r\n" in agreed(client, asking(protocol=wanted))
        client.sendall(frame(HEADER[:3]) + frame(HEADER[3:]))
        assert client.recv(10, socket.MSG_WAITALL) == b"\x82\x08" + HEADER


def test_no_message_is_larger_than_others_take(front: Front) -> None:
    def handler(request: Any) -> None:
        with request.accept() as sender:
            sender.send(amqp.Message(LARGE))

    with front.listen(ANYWHERE, handler, max_frame_size=2**20) as listener:
        sizes: list[int] = []
        frames = [
            amqp_spec.Open(container_id="c"),
            amqp_spec.Begin(next_outgoing_id=0, incoming_window=100, outgoing_window=100),
            amqp_spec.Attach(
                name="n",
                handle=0,
                role=amqp_spec.Role.RECEIVER,
                source=amqp_spec.Source(address="a"),
                target=amqp_spec.Target(),
            ),
            amqp_spec.Flow(
                next_incoming_id=0,
                incoming_window=100,
                next_outgoing_id=0,
                outgoing_window=100,
                handle=0,
                delivery_count=0,
                link_credit=1,
            ),
        ]
        with their_client(
            f"{listener.url}/", subprotocols=[Subprotocol("amqp")], max_size=65_536, compression=None
        ) as client:
            client.send(HEADER + b"".join(encoded(each) for each in frames))
            while sum(sizes) < len(LARGE):
                sizes.append(len(client.recv(SOON)))
        assert max(sizes) == 65_536


def test_a_request_that_comes_in_pieces(front: Front) -> None:
    with front.listen(ANYWHERE, take) as listener, dial(listener) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        octets = asking()
        for octet in octets[:-1]:
            client.sendall(bytes([octet]))
        agreed(client, octets[-1:])


def test_clients_are_told_that_the_service_closes(front: Front) -> None:
    with front.listen(ANYWHERE, take) as listener, amqp.sync.connect(listener.url) as connection:
        listener.close()
        failure = connection.wait_closed(timeout=SOON)
        assert isinstance(failure, amqp.RemoteClosed)
        assert failure.condition == "amqp:connection:forced"


# -- those who are not


@pytest.mark.parametrize(
    ("octets", "status", "says"),
    [
        (asking("/other"), 404, b"nothing listens at '/other' here"),
        (asking("/?x=/amqp"), 404, b"nothing listens at '/' here"),
        (asking("/amqp", None), 400, b"missing subprotocol"),
        (asking("/amqp", "mqtt"), 400, b"expected one of amqp, AMQPWSB10"),
        (b"GET /amqp HTTP/1.1\r\nHost: h\r\n\r\n", 426, b"Upgrade: websocket"),
        (asking("/amqp", method="POST"), 400, b"a WebSocket is asked for by GET"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", 400, b"a WebSocket is asked for by GET"),
        (HEADER, 400, b"this port takes AMQP inside WebSocket: connect to it with ws:// or wss://"),
        (b"AMQP\x03\x01\x00\x00", 400, b"connect to it with ws:// or wss://"),
        (b"\x16\x03\x01\x02\x00\x01", 400, b"this port takes WebSocket, and this is no HTTP"),
        (b"G" * 16_385, 431, b"a request has 16384 octets at most"),
        (asking("/amqp", "amqp", f"Cookie: {'x' * 16_384}"), 431, b"a request has 16384 octets at most"),
        (asking("/amqp") + frame(HEADER), 400, b"there is something behind the request"),
        (asking("/amqp", "amqp", "Origin: https://evil.example"), 403, b"web pages of other machines"),
        (asking("/amqp", "amqp", "Origin: null"), 403, b"web pages of other machines"),
        (asking("/amqp", "amqp", "Origin: http://[::1"), 403, b"web pages of other machines"),
        (
            asking("/amqp", "amqp", "Origin: http://localhost", "Origin: http://evil.example"),
            403,
            b"web pages of other machines",
        ),
    ],
)
@pytest.mark.fault("D1")
def test_who_asks_for_something_else_is_told(front: Front, octets: bytes, status: int, says: bytes) -> None:
    with front.listen(ANYWHERE + "/amqp", take, handshake_timeout=60) as listener:
        with dial(listener) as client:
            client.sendall(octets)
            answer = heard(client)
        assert answer.startswith(b"HTTP/1.1 %d " % status), answer
        assert says in answer
        with amqp.sync.connect(listener.url) as connection:
            connection.open_sender("q").send(amqp.Message(b""))


def test_what_is_no_request(front: Front) -> None:
    with front.listen(ANYWHERE, take, handshake_timeout=60) as listener, dial(listener) as client:
        client.sendall(b"GET over here\r\n\r\n")
        assert heard(client) == b""


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:1", "LocalHost:5"]
)
def test_web_pages_of_this_machine_are_taken(front: Front, origin: str) -> None:
    with front.listen(ANYWHERE, take) as listener, dial(listener) as client:
        agreed(client, asking("/", "amqp", f"Origin: {origin}"))


def test_with_sasl_who_comes_in_is_said_there(front: Front) -> None:
    with front.listen(ANYWHERE, take, sasl=EVERYBODY) as listener, dial(listener) as client:
        agreed(client, asking("/", "amqp", "Origin: https://app.example"))


@pytest.mark.parametrize(
    "said", [b"", b"G", b"AMQ", b"GET / HTTP/1.1\r\nHost: h\r\n", asking(), asking() + b"later"]
)
@pytest.mark.fault("D1")
def test_who_does_not_come_to_the_open_in_time_is_dropped(front: Front, said: bytes) -> None:
    with front.listen(ANYWHERE, take, handshake_timeout=0.1) as listener, dial(listener) as client:
        if said.endswith(b"later"):
            agreed(client, asking())
            client.sendall(frame(HEADER))
        else:
            client.sendall(said)
        heard(client)


@pytest.mark.parametrize(("scheme", "said"), [("ws", b""), ("ws", asking()[:9]), ("wss", b"")])
def test_who_does_not_come_to_the_open_has_a_place(
    front: Front, serving: ssl.SSLContext, trusting: ssl.SSLContext, scheme: str, said: bytes
) -> None:
    context = serving if scheme == "wss" else None
    calling = None if context is None else trusting
    with front.listen(
        f"{scheme}://127.0.0.1:0", take, max_connections=1, handshake_timeout=60, ssl_context=context
    ) as listener:
        with dial(listener) as first:
            first.sendall(said)
            with dial(listener) as second:
                assert heard(second) == b""
        # Its place is given back as soon as its end was seen.
        for _ in range(100):
            try:
                with amqp.sync.connect(listener.url, ssl_context=calling) as connection:
                    connection.open_sender("a").send(amqp.Message(b""))
                return
            except amqp.ConnectionLost:
                continue
        pytest.fail("its place is not given back")


@pytest.mark.fault("C2")
def test_a_large_frame_of_somebody_unknown_is_refused(front: Front) -> None:
    with front.listen(ANYWHERE, take) as listener, dial(listener) as client:
        agreed(client, asking())
        client.sendall(b"\x82\xff" + struct.pack("!Q", 64 * 1024 + 8_193) + bytes(4))
        # 1009 of RFC 6455, 7.4.1: too big; it was told by the length alone.
        assert heard(client)[2:4] == struct.pack("!H", 1009)
    with front.listen(ANYWHERE, take) as listener, dial(listener) as client:
        agreed(client, asking())
        client.sendall(frame(HEADER) + frame(OPEN))
        came = b""
        while b"\x00\x53\x10" not in came:
            came += client.recv(65_536)
        # An empty frame of AMQP, a hundred thousand times.
        beats = bytes.fromhex("0000000802000000") * 100_000
        client.sendall(b"\x82\xff" + struct.pack("!Q", len(beats)) + bytes(4) + beats)
        client.sendall(frame(b"are you there", 9))
        while not came.endswith(b"are you there"):
            more = client.recv(65_536)
            assert more, came
            came += more


def test_text_is_refused(front: Front) -> None:
    with front.listen(ANYWHERE, take) as listener, dial(listener) as client:
        agreed(client, asking())
        client.sendall(frame(b"AMQP", 1))
        assert b"AMQP travels in binary messages" in heard(client)


@pytest.mark.fault("C10")
def test_who_pings_and_reads_no_answer_is_dropped(front: Front) -> None:
    with front.listen(ANYWHERE, take, handshake_timeout=60) as listener, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.settimeout(SOON)
        client.connect(("127.0.0.1", listener.port))
        agreed(client, asking())
        pings = frame(b"x" * 125, 9) * 1_000
        for _ in range(1_000):
            try:
                client.sendall(pings)
            except ConnectionError:
                return
        pytest.fail("a hundred million octets of answers wait")


# -- the end, and what is asked for in vain


def test_a_close_drops_those_who_still_ask(front: Front) -> None:
    with front.listen(ANYWHERE, take, handshake_timeout=60) as listener:
        with dial(listener) as first, dial(listener) as second:
            first.sendall(asking()[:20])
            agreed(second, asking())
            listener.close(timeout=SOON)
            assert heard(first) == b""
            heard(second)
        assert not listener.is_open
        assert listener.url.startswith("ws://127.0.0.1:")


def test_without_websockets(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "websockets.server", None)
    with pytest.raises(amqp.LocalError, match=r"needs websockets: pip install 'amqp10\[websocket\]'"):
        front.listen(ANYWHERE, take)


def test_with_an_old_websockets(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("websockets.version.version", "15.0.1")
    with pytest.raises(amqp.LocalError, match=r"needs websockets 16, and 15.0.1 is here: pip install"):
        front.listen(ANYWHERE, take)
