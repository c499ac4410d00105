"""Values as their octets: carried through, whatever form they have."""

import copy
import pickle
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amqp_spec import (
    AmqpSequence,
    AmqpValue,
    DecodeError,
    Described,
    Encoded,
    Open,
    Registry,
    SelectorFilter,
    Symbol,
    decode_all,
    decode_value,
    encode_value,
    identical,
)
from fuzz import making
from fuzz.trees import octets

# 1 as a ulong of nine octets, in a list with the wide head.
WIDE = bytes.fromhex("d0 0000000d 00000001 80 0000000000000001")


def test_it_is_written_as_it_is_wherever_a_value_may_stand() -> None:
    raw = Encoded(WIDE)
    assert encode_value(raw) == WIDE
    assert encode_value([raw]) == b"\xc0\x13\x01" + WIDE
    assert encode_value({"k": raw}) == b"\xc1\x16\x02\xa1\x01k" + WIDE
    assert encode_value({raw: None}).endswith(WIDE + b"\x40")
    assert encode_value(Described(Symbol("d"), raw)) == b"\x00\xa3\x01d" + WIDE
    assert AmqpValue(raw).encode() == b"\x00\x53\x77" + WIDE
    assert AmqpSequence([raw]).encode().endswith(WIDE)
    assert WIDE in Open(container_id="x", properties={"p": raw}).encode()
    assert encode_value(decode_value(WIDE)) != WIDE


def test_it_is_decoded_when_somebody_asks() -> None:
    assert Encoded(bytearray(WIDE)).decode() == [1]
    data = SelectorFilter("x").encode()
    assert type(Encoded(data).decode()) is Described
    assert Encoded(memoryview(data)).decode(registry=Registry(SelectorFilter)) == SelectorFilter("x")


def test_equal_octets_are_equal() -> None:
    assert Encoded(WIDE) == Encoded(WIDE)
    assert Encoded(WIDE) != Encoded(b"\x40")
    assert Encoded(b"\x40") != b"\x40"
    assert hash(Encoded(WIDE)) == hash(Encoded(WIDE))
    assert identical([Encoded(WIDE)], [Encoded(WIDE)])
    assert not identical([Encoded(WIDE)], [Encoded(b"\x40")])
    assert repr(Encoded(b"\x40")) == "Encoded(b'@')"
    for same in (copy.deepcopy(Encoded(WIDE)), pickle.loads(pickle.dumps(Encoded(WIDE)))):
        assert same == Encoded(WIDE)


@pytest.mark.parametrize(
    "octets", [b"", b"\x00", b"\xa1\x05abc", b"\x40\x40", b"\x00\x40", b"\x57", WIDE + b"\0"]
)
def test_what_is_not_one_value_is_refused(octets: bytes) -> None:
    with pytest.raises(DecodeError):
        Encoded(octets)


def test_what_is_inside_is_looked_at_by_decode() -> None:
    odd = Encoded(b"\xc0\x02\x05\x40")
    with pytest.raises(DecodeError, match="list claims 5 items"):
        odd.decode()


@given(st.integers(0, 2**32))
@pytest.mark.requirement("types-1.6.24-03")
def test_every_legal_encoding_of_every_value_comes_back(seed: int) -> None:
    data = octets(making.value(Random(seed), 3))
    try:
        value = decode_value(data)
    except DecodeError:
        return
    assert identical(decode_value(encode_value(value)), value)
    kept = Encoded(data)
    assert encode_value(kept) == data
    assert identical(kept.decode(), value)
    assert identical(decode_value(encode_value([kept, kept])), [value, value])
    assert decode_all(encode_value(kept) + b"\x40")[1] is None
