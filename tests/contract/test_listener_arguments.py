"""Arguments of ``listen`` that it does not take, on both front ends."""

from __future__ import annotations

import math
import ssl
from typing import TYPE_CHECKING, Any

import pytest

import amqp
import amqp.sync

if TYPE_CHECKING:
    from tests.contract.front import Front

ANYWHERE = "amqp://127.0.0.1:0"
SERVING = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


def nobody(request: Any) -> None:
    """Accept nothing."""


@pytest.mark.parametrize(
    ("where", "options", "text"),
    [
        (5, {}, "listen takes a URL as a str, such as amqp://127.0.0.1:0, or a bound socket, not int"),
        ("ws://127.0.0.1:0/a?b=c", {}, "ws://127.0.0.1:0/a: a query in a URL is for connect"),
        ("ws://127.0.0.1:0/a b", {}, "the path of the WebSocket at 127.0.0.1 is percent-encoded ASCII"),
        ("ws://u:p@127.0.0.1:0", {}, "ws://127.0.0.1:0/: a user in a URL is for connect"),
        ("ws://0.0.0.0:0", {}, "others than this machine can reach ws://0.0.0.0:0/: say by sasl="),
        ("wss://127.0.0.1:0", {}, "wss:// needs ssl_context="),
        ("ws://127.0.0.1:0", {"ssl_context": SERVING}, "ssl_context= is for wss://"),
        ("amqp://127.0.0.1:0", {"ssl_context": SERVING}, "ssl_context= is for amqps://"),
        ("http://127.0.0.1", {}, "a URL begins with amqp:// or amqps://"),
        ("amqp://u:p@127.0.0.1:0", {}, "amqp://127.0.0.1:0: a user in a URL is for connect"),
        (
            "amqp://0.0.0.0:0",
            {},
            "others than this machine can reach amqp://0.0.0.0:0: say by sasl= who may come in",
        ),
        ("amqp://example.org:0", {}, "others than this machine can reach"),
        ("amqps://127.0.0.1:0", {}, "amqps:// needs ssl_context="),
        ("amqp://127.0.0.1:x", {}, "has no number for a port: give a number from 0 to 65535"),
        (ANYWHERE, {"ssl_context": 5}, "ssl_context takes an ssl.SSLContext or None, not int"),
        (ANYWHERE, {"sasl": amqp.Anonymous()}, "sasl takes an amqp.sasl.SaslServer"),
        (ANYWHERE, {"max_connections": 0}, "max_connections=0 is out of range"),
        (ANYWHERE, {"max_links": "x"}, "max_links takes an int"),
        (ANYWHERE, {"handshake_timeout": math.nan}, "handshake_timeout=nan is out of range"),
        (ANYWHERE, {"handle_max": -1}, "handle_max=-1 is out of range"),
        (ANYWHERE, {"max_frame_size": 1}, "max_frame_size=1 is out of range"),
        (ANYWHERE, {"on_frame": 1}, "on_frame takes something that can be called"),
        (ANYWHERE, {"on_session": 1}, "on_session takes something that can be called"),
    ],
)
def test_wrong_arguments(front: Front, where: Any, options: Any, text: str) -> None:
    handlers = {"on_session": options.pop("on_session")} if "on_session" in options else {}
    listen = getattr(amqp, front.name).listen
    with pytest.raises(amqp.LocalError) as error:
        front._call("listen", where, nobody, **handlers, **options)
    if handlers:
        options.update(handlers)
    assert text in str(error.value)
    assert callable(listen)


def test_a_handler_is_needed(front: Front) -> None:
    with pytest.raises(amqp.LocalError, match="handler takes something that can be called, not NoneType"):
        front._call("listen", ANYWHERE, None)
    with pytest.raises(TypeError, match="has no option 'nonsense'"):
        front._call("listen", ANYWHERE, nobody, nonsense=1)


async def an_async_one(request: Any) -> None:
    """Accept nothing."""


def test_an_async_handler_is_none_for_threads() -> None:
    wrong: Any = an_async_one
    with pytest.raises(amqp.LocalError, match="on_session takes a plain function, not an async one"):
        amqp.sync.listen(ANYWHERE, nobody, on_session=wrong)
    with pytest.raises(amqp.LocalError, match="handler takes a plain function, not an async one"):
        amqp.sync.listen(ANYWHERE, wrong)


async def test_a_plain_handler_is_none_for_asyncio(caplog: pytest.LogCaptureFixture) -> None:
    wrong: Any = nobody
    async with amqp.listen(ANYWHERE, wrong) as listener, amqp.connect(listener.url) as connection:
        with pytest.raises(amqp.AttachRefused, match="the service failed"):
            await connection.open_sender("a")
    assert "a handler of amqp.listen has to be an async function" in caplog.text
