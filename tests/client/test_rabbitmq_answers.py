"""What RabbitMQ may answer in place of what it should."""

from __future__ import annotations

import pytest

from amqp.client.rabbitmq import bindings_of
from amqp.errors import DecodeError


def test_arguments_of_a_binding_that_are_no_map() -> None:
    assert bindings_of([{"source": "x", "arguments": None}])[0].arguments == {}
    with pytest.raises(DecodeError, match="other than a map"):
        bindings_of([{"source": "x", "arguments": ["one"]}])
