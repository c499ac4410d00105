"""What RabbitMQ may answer in place of what it should, and what it is not asked."""

from __future__ import annotations

from typing import Any

import pytest

from amqp.client.rabbitmq import Binding, bindings_of, declare_queue, delete_queue
from amqp.errors import DecodeError, LocalError


def test_arguments_of_a_binding_that_are_no_map() -> None:
    assert bindings_of([{"source": "x", "arguments": None}])[0].arguments == {}
    with pytest.raises(DecodeError, match="other than a map"):
        bindings_of([{"source": "x", "arguments": ["one"]}])


def test_a_name_and_arguments_of_another_type() -> None:
    wrong: Any = 5
    with pytest.raises(LocalError, match=r"^the name of a queue, exchange or key takes a str, not int$"):
        delete_queue(wrong)
    with pytest.raises(LocalError, match=r"^arguments takes a dict or another mapping, or None, not int$"):
        declare_queue("orders", True, False, False, wrong)
    with pytest.raises(LocalError, match=r"^arguments takes"):
        Binding("shop", "orders", None, "key", wrong).bind()
