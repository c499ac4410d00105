"""The messages of a control link (4.2, 4.3)."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from amqp.engine.transactions import decode_request, encode_declare, encode_discharge
from amqp.errors import DecodeError
from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    Data,
    Declare,
    Described,
    Discharge,
    Footer,
    Header,
    Properties,
    Symbol,
)

DECLARE = encode_declare()


@pytest.mark.requirement("transactions-4.2-03")
def test_a_request_is_one_amqp_value_and_nothing_else() -> None:
    assert encode_declare() == b"\x00\x53\x77\x00\x53\x31\x45"
    assert encode_discharge(b"t") == AmqpValue(Discharge(txn_id=b"t", fail=False)).encode()
    assert decode_request(encode_discharge(b"t", fail=True)) == Discharge(txn_id=b"t", fail=True)
    assert decode_request(encode_declare("g")) == Declare(global_id="g")


@pytest.mark.requirement("transactions-4.2-03")
def test_other_sections_are_ignored() -> None:
    head = Header(durable=True).encode() + Properties(subject="s").encode()
    assert decode_request(head + DECLARE + Footer({}).encode()) == Declare()


def test_a_request_may_be_described_by_names() -> None:
    named = AmqpValue(Described(Symbol("amqp:discharge:list"), [b"t"]))
    assert decode_request(named.encode()) == Discharge(txn_id=b"t", fail=None)


@pytest.mark.requirement("transactions-4.2-03")
@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (Data(DECLARE).encode(), "one amqp-value"),
        (AmqpSequence([Declare()]).encode(), "one amqp-value"),
        (DECLARE + DECLARE, "one amqp-value"),
        (Header().encode(), "no body"),
        (b"", "no body"),
        (AmqpValue("declare").encode(), "described"),
        (AmqpValue(Described(Symbol("other"), [])).encode(), "a declare or a discharge"),
        (AmqpValue(Described(Symbol("amqp:discharge:list"), [])).encode(), "txn-id"),
        (DECLARE[:-1], "ends inside a value"),
        (b"\x40", "described"),
    ],
)
def test_what_is_no_request_is_a_fault_of_its_octets(payload: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        decode_request(payload)


@given(st.binary(max_size=60))
def test_any_octets_are_a_request_or_a_fault(payload: bytes) -> None:
    try:
        request = decode_request(payload)
    except DecodeError:
        return
    assert isinstance(request, Declare | Discharge)


@given(
    st.sampled_from([DECLARE, encode_declare("global"), encode_discharge(b"t", fail=True)]),
    st.integers(0, 30),
    st.integers(0, 255),
)
def test_a_request_with_any_octet_changed_is_a_request_or_a_fault(
    payload: bytes, place: int, octet: int
) -> None:
    changed = bytearray(payload)
    changed[place % len(changed)] = octet
    try:
        request = decode_request(bytes(changed))
    except DecodeError:
        return
    assert isinstance(request, Declare | Discharge)
