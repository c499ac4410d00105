"""Batches as Service Bus and Event Hubs take them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amqp
from amqp import azure
from amqp_spec import AzureAnnotation

KEY = AzureAnnotation.PARTITION_KEY


def received(message: amqp.Message) -> amqp.Message:
    return amqp.Message.decode(message.encode(), format=message.format)


def test_a_batch_is_split_into_what_it_was_made_of() -> None:
    first = amqp.Message(
        b"one",
        properties=amqp.Properties(message_id="m1", group_id="g", subject="not copied"),
        message_annotations={KEY: "k", "x-other": 1},
    )
    batch = azure.batch(iter([first, amqp.Message("two"), amqp.Message([1, 2])]))
    assert batch.format == azure.BATCH_FORMAT == 0x80013700
    assert batch.properties == amqp.Properties(message_id="m1", group_id="g")
    assert batch.message_annotations == {KEY: "k"}
    messages = azure.messages_of(received(batch))
    assert [message.body for message in messages] == [b"one", "two", [1, 2]]
    assert messages[0].encode() == first.encode()
    assert azure.messages_of(first) == [first]


def test_a_plain_message_makes_a_plain_envelope() -> None:
    batch = azure.batch([amqp.Message(b"one")])
    assert (batch.properties, batch.message_annotations) == (None, None)


def test_what_is_no_batch() -> None:
    nothing: Any
    with pytest.raises(amqp.LocalError, match="one message at least"):
        azure.batch([])
    for nothing in ([b"one"], 3):
        with pytest.raises(amqp.LocalError, match="messages takes several of class Message"):
            azure.batch(nothing)
    with pytest.raises(amqp.EncodeError):
        azure.batch([amqp.Message()])
    with pytest.raises(amqp.DecodeError, match="this has none"):
        azure.messages_of(amqp.Message("text", format=azure.BATCH_FORMAT))
    with pytest.raises(amqp.DecodeError):
        azure.messages_of(amqp.Message(b"\x01", format=azure.BATCH_FORMAT))


def test_a_message_that_is_too_large_for_any_batch() -> None:
    messages = azure.batches([amqp.Message(b"a"), amqp.Message(bytes(300))], 200)
    assert len(azure.messages_of(next(messages))) == 1
    with pytest.raises(amqp.LocalError, match="and 200 are allowed"):
        next(messages)
    with pytest.raises(amqp.LocalError, match="max_size"):
        next(azure.batches([], 0))


@given(st.lists(st.integers(0, 400), max_size=30), st.integers(600, 2_000))
def test_batches_are_as_full_as_they_can_be(sizes: list[int], most: int) -> None:
    messages = [
        amqp.Message(bytes(size), properties=amqp.Properties(message_id=at)) for at, size in enumerate(sizes)
    ]
    batches = list(azure.batches(messages, most))
    assert all(len(batch.encode()) <= most for batch in batches)
    split = [azure.messages_of(received(batch)) for batch in batches]
    assert [message.properties for part in split for message in part] == [
        message.properties for message in messages
    ]
    for part, (following, *_) in pairwise(split):
        assert len(azure.batch([*part, following]).encode()) > most
