"""The functions of amqp.azure around locks, sessions, positions, times and errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

import amqp
from amqp import azure

GUID = UUID("00112233-4455-6677-8899-aabbccddeeff")


def test_a_lock_token_is_a_guid_with_its_first_numbers_turned_round() -> None:
    tag = bytes.fromhex("33221100554477668899aabbccddeeff")
    assert azure.lock_token(SimpleNamespace(tag=tag)) == GUID
    with pytest.raises(amqp.LocalError, match="has 4 octets, and a lock token has 16"):
        azure.lock_token(SimpleNamespace(tag=b"\0\0\0\1"))


def test_ticks() -> None:
    assert azure.from_ticks(621_355_968_000_000_000) == datetime(1970, 1, 1, tzinfo=UTC)
    assert azure.from_ticks(3_155_378_975_999_999_999) == datetime.max.replace(tzinfo=UTC)
    east = datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert azure.to_ticks(east) == 621_355_968_000_000_000
    wrong: Any
    for wrong in (-1, 3_155_378_976_000_000_000, 1.5):
        with pytest.raises(amqp.LocalError, match="ticks"):
            azure.from_ticks(wrong)
    for wrong in (datetime(1970, 1, 1), 5):  # a time without a zone is what is refused
        with pytest.raises(amqp.LocalError, match="time zone"):
            azure.to_ticks(wrong)


@given(st.datetimes(timezones=st.just(UTC)))
def test_ticks_there_and_back(time: datetime) -> None:
    assert azure.from_ticks(azure.to_ticks(time)) == time


def test_what_puts_a_message_to_the_dead_letters() -> None:
    error = azure.dead_letter("why", "because", properties={"mine": 1})
    assert error.condition == azure.Condition.DEAD_LETTER
    assert str(error.condition) == "com.microsoft:dead-letter"
    assert error.info == {"DeadLetterReason": "why", "DeadLetterErrorDescription": "because", "mine": 1}
    assert azure.dead_letter().info is None
    wrong: Any = 5
    with pytest.raises(amqp.LocalError, match="reason takes a str or None"):
        azure.dead_letter(wrong)


def test_the_session_that_was_granted() -> None:
    def receiver(value: object, ticks: object = None) -> Any:
        properties = None if ticks is None else {"com.microsoft:locked-until-utc": ticks}
        return SimpleNamespace(filters={"com.microsoft:session-filter": value}, remote_properties=properties)

    assert azure.session_id(receiver("s")) == "s"
    assert azure.session_id(receiver(amqp.Described(amqp.Symbol("x"), "s"))) == "s"
    assert azure.session_id(receiver(None)) is None
    assert azure.session_id(SimpleNamespace(filters={}, remote_properties=None)) is None
    assert azure.locked_until(receiver("s")) is None
    assert azure.locked_until(receiver("s", 0)) is None
    assert azure.locked_until(receiver("s", "soon")) is None
    assert azure.locked_until(receiver("s", amqp.Long(638_000_000_000_000_000))) == datetime(
        2022, 9, 28, 22, 13, 20, tzinfo=UTC
    )
    assert azure.session_filter(None) == {"com.microsoft:session-filter": None}
    assert azure.session_filter("s")["com.microsoft:session-filter"].octets == b"\xa1\x01s"
    wrong: Any = 5
    with pytest.raises(amqp.LocalError, match="session takes a str or None"):
        azure.session_filter(wrong)


@pytest.mark.parametrize(
    ("position", "inclusive", "selector"),
    [
        ("123", False, "amqp.annotation.x-opt-offset > '123'"),
        (azure.EARLIEST, True, "amqp.annotation.x-opt-offset >= '-1'"),
        (azure.LATEST, False, "amqp.annotation.x-opt-offset > '@latest'"),
        (7, False, "amqp.annotation.x-opt-sequence-number > '7'"),
        (
            datetime(2024, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC),
            False,
            "amqp.annotation.x-opt-enqueued-time > '1704067200001'",
        ),
    ],
)
def test_where_to_begin(position: Any, inclusive: bool, selector: str) -> None:
    filters = azure.position_filter(position, inclusive=inclusive)
    assert list(filters) == ["apache.org:selector-filter:string"]
    assert filters["apache.org:selector-filter:string"].value == selector


@pytest.mark.parametrize("position", [True, 1.5, None, "1' OR '1' = '1", datetime(2024, 1, 1)])  # the same
def test_where_nothing_begins(position: Any) -> None:
    with pytest.raises(amqp.LocalError, match="position"):
        azure.position_filter(position)


def test_properties_of_a_receiver() -> None:
    properties = azure.receiver_properties(epoch=3, name="me", timeout=65)
    assert properties == {
        "com.microsoft:epoch": 3,
        "com.microsoft:receiver-name": "me",
        "com.microsoft:timeout": 65_000,
    }
    assert isinstance(properties["com.microsoft:epoch"], amqp.Long)
    assert isinstance(properties["com.microsoft:timeout"], amqp.UInt)
    assert azure.receiver_properties() == {}
    assert azure.receiver_properties(timeout=float("inf")) == {"com.microsoft:timeout": 0xFFFF_FFFF}
    wrong: Any
    for wrong in ({"epoch": -1}, {"name": 5}, {"timeout": -1}):
        with pytest.raises(amqp.LocalError):
            azure.receiver_properties(**wrong)


def test_addresses() -> None:
    assert azure.subscription_address("news", "me") == "news/Subscriptions/me"
    assert azure.dead_letter_address("orders") == "orders/$DeadLetterQueue"
    assert azure.dead_letter_address("orders", transfer=True) == "orders/$Transfer/$DeadLetterQueue"
    assert azure.partition_address("hub", 0) == "hub/ConsumerGroups/$Default/Partitions/0"
    assert azure.partition_address("hub", "1", consumer_group=None) == "hub/Partitions/1"


def test_bodies_of_requests() -> None:
    assert azure.peek_request() == {"from-sequence-number": 1, "message-count": 1}
    assert azure.peek_request(start=5, count=2, session="s")["session-id"] == "s"
    assert amqp.identical(azure.renew_lock_request([GUID])["lock-tokens"], amqp.Array("uuid", [GUID]))
    wrong: Any
    for wrong in ([], ["text"]):
        with pytest.raises(amqp.LocalError, match="tokens"):
            azure.renew_lock_request(wrong)
    for wrong in ({"start": -1}, {"count": 0}, {"session": 5}):
        with pytest.raises(amqp.LocalError):
            azure.peek_request(**wrong)


@pytest.mark.parametrize(
    "body", ["text", {}, {"messages": 1}, {"messages": [1]}, {"messages": [{"message": "no octets"}]}]
)
def test_answers_that_are_none(body: Any) -> None:
    reply = SimpleNamespace(body=body)
    with pytest.raises(amqp.DecodeError):
        azure.peeked(reply)
    with pytest.raises(amqp.DecodeError):
        azure.expirations(reply)


def test_times_of_expiration() -> None:
    at = amqp.Timestamp(1_000)
    times = [datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)]
    assert azure.expirations(SimpleNamespace(body={"expirations": [at]})) == times
    assert azure.expirations(SimpleNamespace(body={"expiration": at})) == times
    with pytest.raises(amqp.DecodeError):
        azure.expirations(SimpleNamespace(body={"expirations": 5}))
    with pytest.raises(amqp.DecodeError, match="beyond the year 9999"):
        azure.expirations(SimpleNamespace(body={"expirations": [amqp.Timestamp(2**63 - 1)]}))


@pytest.mark.parametrize(
    ("condition", "seconds"),
    [
        ("com.microsoft:server-busy", 4.0),
        ("com.microsoft:container-close", 4.0),
        ("com.microsoft:timeout", 2.0),
        ("com.microsoft:operation-cancelled", 0.0),
        ("amqp:link:detach-forced", 0.0),
        ("com.microsoft:auth-failed", None),
        ("com.microsoft:message-lock-lost", None),
        ("com.microsoft:session-lock-lost", None),
        ("com.microsoft:session-cannot-be-locked", None),
        ("com.microsoft:entity-disabled", None),
        ("com.microsoft:argument-error", None),
        ("amqp:link:stolen", None),
    ],
)
def test_what_is_worth_another_try(condition: str, seconds: float | None) -> None:
    assert azure.retry_after(amqp.LinkDetached("gone", condition=condition)) == seconds
    assert azure.retry_after(ValueError()) is None
