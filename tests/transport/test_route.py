"""Requests to a proxy."""

from __future__ import annotations

import pytest

from amqp.transport.route import Proxy


@pytest.mark.parametrize(
    ("host", "target"),
    [("h.example", "h.example:1"), ("::1", "[::1]:1"), ("bücher.example", "xn--bcher-kva.example:1")],
)
def test_the_host_is_told_in_ascii(host: str, target: str) -> None:
    request = Proxy("proxy", 80, "me", "é").request(host, 1)
    assert request == (
        f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: Basic bWU6w6k=\r\n\r\n"
    ).encode("ascii")
