"""Input that lies, and what is promised for it: a DecodeError, before it costs memory, stack or time."""

import struct
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import amqp_spec
from amqp_spec import (
    Array,
    DecodeError,
    Described,
    EncodeError,
    Limits,
    Map,
    Repeat,
    Symbol,
    ULong,
    decode_frame,
    decode_value,
    encode_value,
    identical,
    skip_value,
)


def refuse(octets: str | bytes, said: str, read: Callable[[bytes], Any] = decode_value) -> DecodeError:
    data = bytes.fromhex(octets) if isinstance(octets, str) else octets
    with pytest.raises(DecodeError, match=said or None) as caught:
        read(data)
    return caught.value


def peak_of(read: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        kept = read()
        assert kept is not None
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.fault("A1")
@pytest.mark.parametrize(
    ("code", "value"), [(0x40, None), (0x41, True), (0x42, False), (0x43, 0), (0x44, 0), (0x45, [])]
)
@pytest.mark.measures
def test_elements_without_content_are_a_constant_size_sequence(code: int, value: Any) -> None:
    data = struct.pack(">BIIB", 0xF0, 5, 0xFFFFFFFF, code)
    assert peak_of(lambda: decode_value(data)) < 4096
    array = decode_value(data)
    assert len(array) == 0xFFFFFFFF
    assert array[0xFFFFFFFE] == value
    assert array[-1] == value
    assert isinstance(array.elements, Repeat)
    assert encode_value(array) == data
    assert identical(decode_value(b"\xe0\x02\xff" + bytes((code,)))[254], value)


@pytest.mark.fault("A2")
@pytest.mark.measures
def test_described_elements_without_content_are_not_expanded() -> None:
    data = struct.pack(">BII", 0xF0, 8, 0xFFFFFFFF) + b"\x00\x53\x24\x45"
    assert peak_of(lambda: decode_value(data)) < 4096
    array = decode_value(data)
    assert array[7] == Described(ULong(0x24), [])
    assert encode_value(array) == data


@pytest.mark.fault("A1")
def test_field_with_several_values_takes_no_row_of_empty_ones() -> None:
    # sasl-mechanisms whose list holds an array of 2**32-1 elements without content.
    array = struct.pack(">BIIB", 0xF0, 5, 0xFFFFFFFF, 0x43)
    body = b"\x00\x53\x40\xc0" + bytes((len(array) + 1, 1)) + array
    refuse(body, "sasl-server-mechanisms: expected symbol", amqp_spec.decode_sasl_frame)


@pytest.mark.requirement("types-1.2.3-02")
@pytest.mark.fault("A3")
@pytest.mark.parametrize(
    "octets",
    [
        "c0 02 09 41",
        "d0 00000005 ffffffff 41",
        "c1 03 08 41 41",
        "d1 00000006 fffffffe 41 41",
        "e0 03 ff 50 01",
        "f0 00000006 ffffffff 50 01",
        "f0 00000009 40000000 70 00000001",
        "f0 00000006 ffffffff a1 00",
        "f0 00000008 ffffffff c0 01 00 00",
        "00 53 14 d0 00000005 ffffffff 43",
    ],
)
@pytest.mark.measures
def test_count_is_compared_with_the_size_before_anything_is_made(octets: str) -> None:
    data = bytes.fromhex(octets)
    assert peak_of(lambda: refuse(data, "claims")) < 64 * 1024


@pytest.mark.requirement("types-1.2.3-01")
@pytest.mark.requirement("types-1.2.3-02")
@pytest.mark.requirement("types-1.2.4-05")
@pytest.mark.fault("A3")
@pytest.mark.parametrize(
    "octets",
    ["c0 03 01 41 41", "d0 00000006 00000001 41 41", "c1 04 02 41 41 41", "e0 04 01 50 01 02", "c0 01 00 41"],
)
def test_content_ends_where_the_size_says(octets: str) -> None:
    refuse(octets, "by its items|follow")


@pytest.mark.requirement("types-1.2-04")
@pytest.mark.fault("A4")
@pytest.mark.parametrize(
    "octets",
    [
        "c0 01 03 41 41 41",  # three items in no octet
        "c0 00 00",  # not even the count
        "d0 00000003 00000000",
        "d0 00000000 00000000",
        "c0 04 01 a1 05 61 61616161 41",  # the string crosses the end of its list
        "c0 05 02 c0 03 01 41 41 41",  # so does the list inside
        "c1 06 02 a1 01 61 a1 05 6161616161",
        "e0 04 01 a1 05 61 61616161",
        "e0 05 01 c0 03 01 41 41",
        "c0 03 01 52",
        "c0 02 01 80 0000000000000000",
    ],
)
def test_child_does_not_cross_the_end_of_its_parent(octets: str) -> None:
    refuse(octets, "")


@pytest.mark.fault("A5")
@pytest.mark.parametrize("code", [0xB0, 0xB1, 0xB3, 0xD0, 0xD1, 0xF0])
@pytest.mark.parametrize("size", [0xFFFFFFFF, 0xFFFFFFFC, 0x80000000, 0x7FFFFFFF])
@pytest.mark.measures
def test_sizes_that_wrap_elsewhere(code: int, size: int) -> None:
    data = struct.pack(">BII", code, size, 1) + b"\x40" * 16
    assert peak_of(lambda: refuse(data, "claims")) < 64 * 1024
    with pytest.raises(DecodeError, match="claims"):
        skip_value(data, 0, len(data))


@pytest.mark.requirement("types-1.6.23-01")
@pytest.mark.fault("A6")
def test_odd_map() -> None:
    refuse("c1 04 03 41 41 42", "3 items, which is odd")
    refuse("d1 00000005 00000001 41", "odd")
    refuse(
        "00 53 10 c0 12 0a a1 01 78 40 40 40 40 40 40 40 40 c1 04 03 a3 01 61",
        "open.properties: ",
        decode_frame,
    )


@pytest.mark.requirement("types-1.6.23-02")
@pytest.mark.fault("A6")
def test_key_twice() -> None:
    pairs = "c1 0b 04 a3 01 61 54 01 a3 01 61 54 02"
    content = decode_value(bytes.fromhex(pairs))
    assert content.had_duplicates
    assert dict(content) == {Symbol("a"): 2}
    section = bytes.fromhex("00 53 72" + pairs)
    assert amqp_spec.MessageAnnotations.decode(section).value["a"] == 2
    error = refuse("00 53 13 c0 18 0b 40 43 43 43 40 40 40 40 42 42" + pairs, "key twice", decode_frame)
    assert error.path == "flow.properties"


def nested_lists(levels: int) -> bytes:
    data = b"\x45"
    for _ in range(levels):
        size = len(data)
        head = bytes((0xC0, size + 1, 1)) if size < 255 else struct.pack(">BII", 0xD0, size + 4, 1)
        data = head + data
    return data


def nested_arrays(levels: int) -> bytes:
    content = b"\x40"
    for _ in range(levels):
        content = b"\xf0" + struct.pack(">II", len(content) + 4, 1) + content
    return b"\xf0" + struct.pack(">II", len(content) + 4, 1) + content


@pytest.mark.requirement("types-1.6.24-04")
@pytest.mark.fault("A7")
@pytest.mark.parametrize(
    "data",
    [
        nested_lists(65),
        nested_lists(5000),
        b"\x00" * 66 + b"\x40" * 70,
        b"\x00" * 100_000 + b"\x40",
        nested_arrays(70),
        nested_arrays(3000),
        b"\xe0\xfe\x01" + b"\x00\x40" * 126 + b"\x40",
        b"\x00\x40" * 70 + b"\x40",
    ],
    ids=range(8),
)
def test_depth_is_bounded(data: bytes) -> None:
    refuse(data, "nested deeper than the limit")
    if data[0] != 0x00:
        assert skip_value(data, 0, len(data)) == len(data)


@pytest.mark.fault("A5")
@pytest.mark.parametrize(
    ("code", "room"),
    [
        (0x50, 1),
        (0x60, 2),
        (0x71, 4),
        (0x72, 4),
        (0x80, 8),
        (0x98, 16),
        (0xA1, 1),
        (0xB1, 4),
        (0xC0, 1),
        (0x56, 1),
    ],
)
def test_an_array_claims_no_more_than_its_octets_hold(code: int, room: int) -> None:
    """1.6.24: refused by the count alone, whatever follows the array."""
    octets = bytes(2 * room - 1)
    for count in (2 * room, 2**32 - 1):
        head = struct.pack(">BII", 0xF0, 5 + len(octets), count) + bytes((code,))
        refuse(head + octets, f"array claims {count} elements in {len(octets)} bytes")
    inner = bytes((0xE0, 2 + len(octets), 2, code)) + octets
    around = bytes((0xC0, len(inner) + 21, 2)) + inner + b"\xa0\x12" + bytes(18)
    refuse(around, f"array claims 2 elements in {len(octets)} bytes")


@pytest.mark.fault("A7")
def test_described_values_need_a_level_each() -> None:
    described = b"\x00\x53\x01" * 3 + b"\x40"
    assert decode_value(described, Limits(depth=3)) == Described(
        ULong(1), Described(ULong(1), Described(ULong(1), None))
    )
    for depth in (1, 2):
        with pytest.raises(DecodeError, match="deeper"):
            decode_value(described, Limits(depth=depth))


@pytest.mark.fault("A7")
def test_depth_is_an_option() -> None:
    data = nested_lists(64)
    decode_value(data)
    assert decode_value(nested_lists(200), Limits(depth=200)) != []
    with pytest.raises(DecodeError, match="deeper"):
        decode_value(nested_lists(3), Limits(depth=2))
    with pytest.raises(DecodeError, match="stack of this thread"):
        decode_value(b"\x00" * 100_000 + b"\x40", Limits(depth=1_000_000))


@pytest.mark.fault("A7")
def test_as_deep_as_is_read_is_written() -> None:
    value = decode_value(nested_lists(64))
    assert identical(decode_value(encode_value(value)), value)
    # An empty list needs no level, in whichever of its three encodings.
    for empty in (b"\x45", b"\xc0\x01\x00", b"\xd0\x00\x00\x00\x04\x00\x00\x00\x00"):
        assert decode_value(bytes((0xC0, len(empty) + 1, 1)) + empty, Limits(depth=1)) == [[]]
    with pytest.raises(DecodeError, match="deeper"):
        decode_value(b"\xc0\x05\x01\xc0\x02\x01\x40", Limits(depth=1))


@pytest.mark.fault("A7")
def test_depth_is_bounded_in_performatives() -> None:
    inside = nested_lists(64)
    properties = b"\xd1" + struct.pack(">II", len(inside) + 3 + 4, 2) + b"\xa3\x01a" + inside
    fields = b"\xa1\x01x" + b"\x40" * 8 + properties
    data = b"\x00\x53\x10\xd0" + struct.pack(">II", len(fields) + 4, 10) + fields
    error = refuse(data, "nested deeper", decode_frame)
    assert error.path.startswith('open.properties["a"][0][0]')


@pytest.mark.fault("A7")
def test_depth_is_bounded_when_encoding() -> None:
    loop: list[Any] = []
    loop.append(loop)
    value: Any = 1
    for _ in range(70):
        value = Described(Symbol("x"), value)
    entry = Map()
    entry["x"] = entry
    deep_array: Any = Array("null", [None])
    for _ in range(70):
        deep_array = Array("array", [deep_array])
    around = Map()
    around["x"] = amqp_spec.Source(filter=around)
    for bad in (loop, value, entry, deep_array, around):
        with pytest.raises(EncodeError, match="nested deeper"):
            encode_value(bad)


@pytest.mark.requirement("types-1.5-01")
@pytest.mark.requirement("types-1.4-07")
@pytest.mark.fault("A8")
@pytest.mark.parametrize(
    "descriptor", ["45", "40", "a1 0e" + b"amqp:open:list".hex(), "54 10", "52 10", "00 53 10 40", "c0 01 00"]
)
def test_descriptor_of_a_performative_is_ulong_or_symbol(descriptor: str) -> None:
    data = bytes.fromhex(f"00 {descriptor} c0 04 01 a1 01 78")
    refuse(data, "expected a descriptor", decode_frame)
    assert isinstance(decode_value(data), Described)
    with pytest.raises(DecodeError):
        amqp_spec.Open.decode(data)


@pytest.mark.fault("A9")
@pytest.mark.parametrize(
    "name", ["amqp:open:lis", "amqp:open:list@", "amqp:open:list:", "AMQP:OPEN:LIST", "amqp:open", "", "open"]
)
def test_symbolic_descriptor_is_matched_exactly(name: str) -> None:
    data = b"\x00" + encode_value(Symbol(name)) + bytes.fromhex("c0 04 01 a1 01 78")
    refuse(data, "found descriptor", decode_frame)
    assert amqp_spec.peek_descriptor(data, 0, len(data))[0] is None


@pytest.mark.requirement("types-1.4-04")
@pytest.mark.requirement("types-1.4-05")
@pytest.mark.parametrize(
    "descriptor",
    [
        "53 10",
        "80 0000000000000010",
        "a3 0e" + b"amqp:open:list".hex(),
        "b3 0000000e" + b"amqp:open:list".hex(),
    ],
)
def test_descriptor_in_every_form(descriptor: str) -> None:
    data = bytes.fromhex(f"00 {descriptor} c0 04 01 a1 01 78")
    expected = amqp_spec.Open(container_id="x")
    assert decode_frame(data) == (expected, len(data))
    assert amqp_spec.Open.decode(data) == expected
    assert amqp_spec.peek_descriptor(data, 0, len(data)) == (0x10, len(data) - 6)


@pytest.mark.fault("A12")
def test_map_of_a_performative_is_bounded() -> None:
    def properties(count: int) -> bytes:
        return amqp_spec.Open(container_id="x", properties={f"k{n}": n for n in range(count)}).encode()

    assert len(amqp_spec.Open.decode(properties(512)).properties or ()) == 512
    refuse(properties(513), "open.properties: map has more than 1024 values", decode_frame)
    assert decode_frame(properties(513), 0, Limits(map_nodes=2000))
    nested = amqp_spec.Open(container_id="x", properties={"k": [[True] * 600, [True] * 600]}).encode()
    refuse(nested, "more than 1024", decode_frame)
    array = amqp_spec.Open(container_id="x", properties={"k": Array("ubyte", [7] * 2000)}).encode()
    refuse(array, "more than 1024", decode_frame)
    long_text = amqp_spec.Open(container_id="x", properties={"k": "x" * 60_000})
    assert amqp_spec.Open.decode(long_text.encode()) == long_text


def _row(item: bytes, code: int | None = None) -> bytes:
    count = 65_536 // len(item)
    head = b"" if code is None else bytes((code,))
    body = head + item * count
    return (b"\xd0" if code is None else b"\xf0") + struct.pack(">II", len(body) + 4, count) + body


@pytest.mark.fault("A12")
@pytest.mark.parametrize(
    "data",
    [
        *map(
            _row,
            (
                b"\x45",
                b"\xc0\x01\0",
                b"\xc1\x01\0",
                b"\x43",
                b"\x44",
                b"\0\x44\x40",
                b"\xe0\x02\0\x40",
                b"\xa3\0",
            ),
        ),
        *map(_row, (b"\x60\x05\x05", b"\x55\x81", b"\xe0\x02\x09\x40", b"\x73\0\0\0A", b"\x98" + bytes(16))),
        _row(b"\x01\0", 0xC1),
        _row(b"\x01\0", 0xC0),
        _row(b"\x02\0\x40", 0xE0),
        _row(b"\x01x", 0xA1),
    ],
    ids=range(17),
)
@pytest.mark.measures
def test_memory_is_a_small_multiple_of_the_input(data: bytes) -> None:
    assert peak_of(lambda: decode_value(data)) <= 80 * len(data) + 64 * 1024


@pytest.mark.fault("A13")
@pytest.mark.parametrize(
    "octets",
    [
        "a0 04 616263",
        "b0 ffffffff 616263",
        "a1 04 616263",
        "b1 00000004 616263",
        "a3 04 616263",
        "b3 00000004 616263",
    ],
)
def test_truncated_value_of_variable_width(octets: str) -> None:
    refuse(octets, "claims")
    refuse("c0 " + f"{len(bytes.fromhex(octets)) + 1:02x} 01" + octets, "claims")


@pytest.mark.requirement("types-1.3.4-04")
@pytest.mark.requirement("types-1.4-02")
@pytest.mark.fault("A15")
def test_fields_left_out_are_defaults() -> None:
    assert amqp_spec.Header.decode(bytes.fromhex("00 53 70 45")) == amqp_spec.Header()
    nulls = amqp_spec.Header.decode(bytes.fromhex("00 53 70 c0 06 05 40 40 40 40 40"))
    assert (nulls.durable, nulls.priority, nulls.ttl, nulls.first_acquirer, nulls.delivery_count) == (
        False,
        4,
        None,
        False,
        0,
    )
    begin, _ = decode_frame(bytes.fromhex("00 53 11 c0 05 04 40 43 43 43"))
    assert begin == amqp_spec.Begin(next_outgoing_id=0, incoming_window=0, outgoing_window=0)
    assert begin.handle_max == 4294967295
    attach = amqp_spec.Attach.decode(bytes.fromhex("00 53 12 d0 0000000b 00000005 a1 01 78 43 41 40 40"))
    assert attach.snd_settle_mode is amqp_spec.SenderSettleMode.MIXED
    assert attach.rcv_settle_mode is amqp_spec.ReceiverSettleMode.FIRST
    source = amqp_spec.Source.decode(bytes.fromhex("00 53 28 45"))
    assert source.expiry_policy is amqp_spec.TerminusExpiryPolicy.SESSION_END
    assert source == amqp_spec.Source()


@pytest.mark.requirement("types-1.3.4-02")
@pytest.mark.requirement("types-1.3.4-03")
@pytest.mark.requirement("types-1.3.4-10")
@pytest.mark.requirement("types-1.3.4-11")
@pytest.mark.requirement("types-1.3.4-12")
@pytest.mark.requirement("types-1.3.5-01")
@pytest.mark.requirement("types-1.4-06")
@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("00 53 10 45", "open.container-id: mandatory field is missing at offset 3"),
        ("00 53 10 c0 02 01 40", "open.container-id: expected string, found null at offset 6"),
        (
            "00 53 10 c0 08 04 a1 01 78 40 40 a1 00",
            "open.channel-max: expected ushort, found constructor 0xa1 at offset 11",
        ),
        ("00 53 13 c0 03 02 40 43", "flow.next-outgoing-id: mandatory field is missing at offset 3"),
        (
            "00 53 14 c0 04 02 43 a1 00",
            "transfer.delivery-id: expected uint, found constructor 0xa1 at offset 7",
        ),
        (
            "00 53 14 c0 0c 08 43 40 40 40 40 40 40 00 53 10 45",
            "transfer.state: expected delivery-state, found descriptor 0x10 at offset 13",
        ),
        (
            "00 53 14 c0 09 08 43 40 40 40 40 40 40 52 01",
            "transfer.state: expected delivery-state, found constructor 0x52 at offset 13",
        ),
        (
            "00 53 12 c0 08 04 a1 01 78 43 41 50 09",
            "attach.snd-settle-mode: 9 is not a choice of sender-settle-mode at offset 11",
        ),
        (
            "00 53 17 c0 0a 01 00 53 1d c0 04 02 40 a1 00",
            "end.error.condition: expected symbol, found null at offset 12",
        ),
        ("00 53 18 c0 03 02 40 40", "close: list has 2 fields, the type has 1 at offset 3"),
        ("00 53 24 45", "expected a performative, found descriptor 0x24 at offset 0"),
        ("40", "expected a performative, found null at offset 0"),
        ("00 53 10 c1 01 00", "open: expected list, found constructor 0xc1 at offset 3"),
    ],
)
def test_faults_name_the_field(octets: str, text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode_frame(bytes.fromhex(octets))
    assert str(caught.value) == text


def test_path_into_nested_content() -> None:
    good = amqp_spec.Transfer(
        handle=1, state=amqp_spec.Rejected(error=amqp_spec.Error(condition="a:b", info={"x": [1, "needle"]}))
    ).encode()
    with pytest.raises(DecodeError) as caught:
        decode_frame(good.replace(b"needle", b"\xff" * 6))
    assert caught.value.path == 'transfer.state.error.info["x"][1]'
    assert caught.value.offset == good.index(b"needle") - 2


# Values that a type checker refuses, too.
untyped: Any = amqp_spec


@pytest.mark.requirement("types-1.3.4-01")
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (untyped.Open(container_id=None), "open.container-id: expected string (str), got NoneType"),
        (
            untyped.Open(container_id="x", channel_max=65_536),
            "open.channel-max: 65536 is out of range for ushort: 0 to 65535",
        ),
        (
            untyped.Open(container_id="x", channel_max=True),
            "open.channel-max: expected ushort, got bool True",
        ),
        (
            untyped.Open(container_id="x", offered_capabilities="abc"),
            "open.offered-capabilities: expected a tuple or list of symbol, got str 'abc'",
        ),
        (
            untyped.Transfer(handle=0, rcv_settle_mode=3),
            "transfer.rcv-settle-mode: 3 is not a choice of receiver-settle-mode: 0, 1",
        ),
        (untyped.Transfer(handle=0, more=1), "transfer.more: expected boolean (bool), got int 1"),
        (
            untyped.Transfer(handle=0, state=untyped.Open(container_id="x")),
            "transfer.state: expected delivery-state, got Open",
        ),
        (
            untyped.Transfer(handle=0, delivery_tag="x"),
            "transfer.delivery-tag: expected binary (bytes), got str 'x'",
        ),
        (untyped.Properties(message_id=1.5), "properties.message-id: expected message-id, got float 1.5"),
        (
            untyped.Error(condition="é"),
            "error.condition: text is not ASCII: ordinal not in range(128) at character 0",
        ),
        (
            untyped.SaslInit(mechanism="X", hostname="\ud800"),
            "sasl-init.hostname: text is not UTF-8: surrogates not allowed at character 0",
        ),
        (untyped.Data("x"), "data: expected binary (bytes), got str 'x'"),
        (
            untyped.AmqpSequence([1, object()]),
            "amqp-sequence[1]: expected a value of an AMQP type, got object",
        ),
        (
            untyped.MessageAnnotations({"é": 1}),
            'message-annotations["é"]: text is not ASCII: ordinal not in range(128) at character 0',
        ),
    ],
)
@pytest.mark.fault("B6")
def test_values_that_a_field_cannot_hold(value: Any, text: str) -> None:
    with pytest.raises(EncodeError) as caught:
        value.encode()
    assert str(caught.value) == text
