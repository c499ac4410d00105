"""Addresses, filters and properties as RabbitMQ 4 writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amqp
from amqp import rabbitmq
from amqp_spec import StreamFilter, StreamMatchUnfiltered, StreamOffsetSpec, identical

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("orders", "/queues/orders"),
        ("a/b", "/queues/a%2Fb"),
        ("50% of ü+1", "/queues/50%25%20of%20%C3%BC%2B1"),
        ("amq.gen-~_", "/queues/amq.gen-~_"),
    ],
)
def test_the_address_of_a_queue(name: str, address: str) -> None:
    assert rabbitmq.queue(name) == address


def test_the_address_of_an_exchange() -> None:
    assert rabbitmq.exchange("amq.topic") == "/exchanges/amq.topic"
    assert rabbitmq.exchange("a/b", "c/d e") == "/exchanges/a%2Fb/c%2Fd%20e"


@given(NAMES, NAMES)
def test_what_is_encoded_can_be_decoded(name: str, key: str) -> None:
    _, kind, first, second = rabbitmq.exchange(name, key).split("/")
    assert (kind, unquote(first), unquote(second)) == ("exchanges", name, key)


@pytest.mark.parametrize("name", ["", "x" * 256, "\ud800", 3, None, b"orders"])
def test_what_no_queue_is_called(name: Any) -> None:
    with pytest.raises(amqp.LocalError, match="name"):
        rabbitmq.queue(name)


def test_what_no_exchange_and_no_key_is_called() -> None:
    wrong: Any = 7
    with pytest.raises(amqp.LocalError, match="name has 0 octets: 1 to 255"):
        rabbitmq.exchange("", "key")
    with pytest.raises(amqp.LocalError, match="key takes a str"):
        rabbitmq.exchange("x", wrong)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("first", "first"),
        ("2h", "2h"),
        (0, amqp.ULong(0)),
        (2**64 - 1, amqp.ULong(2**64 - 1)),
        (datetime(2026, 1, 1, tzinfo=UTC), amqp.Timestamp(1_767_225_600_000)),
        (timedelta(minutes=3, milliseconds=5), "180s"),
    ],
)
def test_where_a_stream_begins(given: Any, sent: object) -> None:
    (name, spec), *rest = rabbitmq.stream_filters(offset=given).items()
    assert (name, rest) == ("rabbitmq:stream-offset-spec", [])
    assert isinstance(spec, StreamOffsetSpec)
    assert identical(spec.value, sent)


def test_which_messages_of_a_stream() -> None:
    assert rabbitmq.stream_filters() == {}
    assert rabbitmq.stream_filters(values="a") == {"rabbitmq:stream-filter": StreamFilter("a")}
    assert rabbitmq.stream_filters(values=iter(["a", "b"]), match_unfiltered=True) == {
        "rabbitmq:stream-filter": StreamFilter(["a", "b"]),
        "rabbitmq:stream-match-unfiltered": StreamMatchUnfiltered(True),
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"offset": -1}, "offset"),
        ({"offset": 2**64}, "offset"),
        ({"offset": True}, "offset"),
        ({"offset": 1.5}, "offset takes a str"),
        ({"offset": datetime(2026, 1, 1)}, "without a time zone"),
        ({"offset": timedelta(-1)}, "an age below 0"),
        ({"values": 3}, "values takes a str or several"),
        ({"values": ["a", 3]}, "each of values takes a str"),
        ({"match_unfiltered": 1}, "match_unfiltered"),
    ],
)
def test_filters_of_streams_that_are_none(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(amqp.LocalError, match=words):
        rabbitmq.stream_filters(**wrong)


def test_where_a_message_stood() -> None:
    message = amqp.Message(b"", message_annotations={"x-stream-offset": amqp.ULong(7)})
    assert rabbitmq.stream_offset(amqp.Message.decode(message.encode())) == 7
    assert rabbitmq.stream_offset(amqp.Message(b"")) is None
    assert rabbitmq.stream_offset(amqp.Message(b"", message_annotations={"x-stream-offset": "7"})) is None


def test_properties_of_a_consumer() -> None:
    assert rabbitmq.consumer_properties() == {}
    properties = rabbitmq.consumer_properties(priority=-3, timeout=1.5)
    assert properties == {"rabbitmq:priority": -3, "rabbitmq:consumer-timeout": 1500}
    assert isinstance(properties["rabbitmq:consumer-timeout"], amqp.UInt)
    for wrong in ({"priority": 2**31}, {"timeout": 2**32}, {"timeout": -1}, {"timeout": "1"}):
        with pytest.raises(amqp.LocalError):
            rabbitmq.consumer_properties(**wrong)
