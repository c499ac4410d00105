"""Every generated class: what it is in the XML it is in Python, and each value comes back as what it was."""

import contextlib
import dataclasses
import typing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import amqp_spec
from amqp_spec import DecodeError, identical
from codegen.names import camel, snake
from tests.codec.composite_strategies import composite, described_names, specification

NAMES = described_names()
relaxed = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def test_all_types_are_there() -> None:
    assert len(specification().composites) == 33
    assert sum(len(c.fields) for c in specification().composites.values()) == 125
    assert len(NAMES) == 49  # 40 of the standard, 9 of the extensions
    assert [getattr(amqp_spec, camel(name)).NAME for name in NAMES] == NAMES


@pytest.mark.parametrize("name", list(specification().composites))
def test_fields_in_order(name: str) -> None:
    fields = dataclasses.fields(getattr(amqp_spec, camel(name)))
    assert [f.name for f in fields] == [snake(f.name) for f in specification().composites[name].fields]


@pytest.mark.requirement("types-1.4-01")
@pytest.mark.requirement("types-1.6.24-03")
@pytest.mark.parametrize("name", NAMES)
@relaxed
@given(data=st.data())
def test_round_trip(name: str, data: st.DataObject) -> None:
    value = data.draw(composite(name))
    encoded = value.encode()
    decoded = type(value).decode(encoded)
    assert identical(decoded, value)
    assert decoded.encode() == encoded


@pytest.mark.parametrize("name", NAMES)
@settings(relaxed, max_examples=8)
@given(data=st.data())
def test_each_truncation_is_a_decode_error(name: str, data: st.DataObject) -> None:
    value = data.draw(composite(name))
    encoded = value.encode()
    for length in range(len(encoded)):
        with pytest.raises(DecodeError):
            type(value).decode(encoded[:length])


@pytest.mark.parametrize("name", NAMES)
@settings(relaxed, max_examples=25)
@given(data=st.data())
def test_flipped_octets_give_a_value_or_a_decode_error(name: str, data: st.DataObject) -> None:
    value = data.draw(composite(name))
    encoded = bytearray(value.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = type(value).decode(bytes(encoded))
    except DecodeError:
        return
    assert identical(type(value).decode(decoded.encode()), decoded)


FRAMES = ["open", "begin", "attach", "flow", "transfer", "disposition", "detach", "end", "close"]


@pytest.mark.parametrize("name", FRAMES)
@settings(relaxed, max_examples=30)
@given(data=st.data(), payload=st.binary(max_size=8), before=st.binary(max_size=8))
def test_frame_with_payload(name: str, data: st.DataObject, payload: bytes, before: bytes) -> None:
    value = data.draw(composite(name))
    encoded = value.encode()
    decoded, after = amqp_spec.decode_frame(before + encoded + payload, len(before))
    assert identical(decoded, value)
    assert after == len(before) + len(encoded)


@pytest.mark.requirement("types-1.6.24-04")
@settings(relaxed, max_examples=300)
@given(data=st.binary(max_size=60))
def test_random_octets_give_a_value_or_a_decode_error(data: bytes) -> None:
    readers: list[Any] = [
        amqp_spec.decode_value,
        amqp_spec.decode_all,
        amqp_spec.decode_frame,
        amqp_spec.decode_sasl_frame,
        lambda octets: amqp_spec.decode_section(octets, 0, len(octets)),
        lambda octets: amqp_spec.peek_descriptor(octets, 0, len(octets)),
        lambda octets: amqp_spec.skip_value(octets, 0, len(octets)),
    ]
    for head in (
        b"",
        b"\x00\x53\x10\xc0",
        b"\x00\x53\x14\xc0",
        b"\x00\x53\x73\xc0",
        b"\x00\x53\x40\xc0",
        b"\xd0",
    ):
        for read in readers:
            with contextlib.suppress(DecodeError):
                read(head + data)


def test_repr_shows_what_is_not_a_default() -> None:
    assert (
        repr(amqp_spec.Open(container_id="x", max_frame_size=512))
        == "Open(container_id='x', max_frame_size=512)"
    )
    assert repr(amqp_spec.Header()) == "Header()"
    assert repr(amqp_spec.Data(b"x")) == "Data(value=b'x')"
    assert str(amqp_spec.TerminusExpiryPolicy.NEVER) == "never"


@pytest.mark.fault("E6")
def test_repr_hides_credentials() -> None:
    shown = repr(amqp_spec.SaslInit(mechanism="PLAIN", initial_response=b"\0user\0secret"))
    assert shown == "SaslInit(mechanism='PLAIN', initial_response=<12 bytes>)"
    assert "secret" not in repr([amqp_spec.SaslResponse(response=b"secret")])


@pytest.mark.fault("A7")
def test_repr_of_a_value_inside_itself() -> None:
    around = amqp_spec.Map()
    source = amqp_spec.Source(filter=around)
    around["x"] = source
    assert repr(source) == "Source(filter=Map({'x': ...}))"


def test_union_aliases_and_constants() -> None:
    frames = typing.get_args(amqp_spec.Frame)
    assert [kind.NAME for kind in frames] == FRAMES
    assert list(amqp_spec.SECTION_ORDER) == [*range(0x70, 0x79)]
    assert set(typing.get_args(amqp_spec.AnyTarget)) == {amqp_spec.Target, amqp_spec.Coordinator}
    assert amqp_spec.Declared in typing.get_args(amqp_spec.Outcome)
    assert amqp_spec.PORT == 5672
    assert amqp_spec.MIN_MAX_FRAME_SIZE == 512
    assert amqp_spec.Role.SENDER is False
    assert str(amqp_spec.AmqpErrorCondition.NOT_FOUND) == "amqp:not-found"
    assert isinstance(amqp_spec.LinkErrorCondition.STOLEN, amqp_spec.Symbol)
    assert amqp_spec.SaslCode(4) is amqp_spec.SaslCode.SYS_TEMP


def test_enumerations_are_read_as_members_and_written_from_numbers() -> None:
    value: typing.Any = amqp_spec.SaslOutcome
    decoded = amqp_spec.SaslOutcome.decode(value(code=3).encode())
    assert decoded.code is amqp_spec.SaslCode.SYS_PERM
    source = amqp_spec.Source.decode(
        amqp_spec.Source(expiry_policy=amqp_spec.TerminusExpiryPolicy.NEVER).encode()
    )
    assert source.expiry_policy is amqp_spec.TerminusExpiryPolicy.NEVER


@pytest.mark.requirement("types-1.3.4-05")
@pytest.mark.requirement("types-1.3.4-06")
@pytest.mark.requirement("types-1.3.4-07")
@pytest.mark.requirement("types-1.3.4-08")
@pytest.mark.parametrize(
    "single",
    [b"\xa3\x01x", b"\xe0\x04\x01\xa3\x01x", b"\xf0\0\0\0\x07\0\0\0\x01\xa3\x01x", b"\xb3\0\0\0\x01x"],
)
def test_field_with_several_values_is_read_tolerantly(single: bytes) -> None:
    data = b"\x00\x53\x40\xc0" + bytes((len(single) + 1, 1)) + single
    assert amqp_spec.SaslMechanisms.decode(data).sasl_server_mechanisms == ("x",)
    assert amqp_spec.SaslMechanisms(sasl_server_mechanisms=("x",)).encode() == bytes.fromhex(
        "00 53 40 c0 07 01 e0 04 01 a3 01 78"
    )
    written: typing.Any = amqp_spec.Open(
        container_id="c", desired_capabilities=typing.cast("typing.Any", iter(["a"]))
    )
    assert amqp_spec.Open.decode(written.encode()).desired_capabilities == ("a",)
    assert (
        amqp_spec.Open.decode(
            amqp_spec.Open(container_id="c", desired_capabilities=()).encode()
        ).desired_capabilities
        is None
    )


def test_int_message_id_is_ulong_and_annotation_keys_are_symbols_and_ulongs() -> None:
    assert amqp_spec.Properties(message_id=7).encode() == bytes.fromhex("00 53 73 c0 03 01 53 07")
    annotations = amqp_spec.MessageAnnotations.decode(
        amqp_spec.MessageAnnotations({"k": 1, 5: 2}).encode()
    ).value
    assert identical(list(annotations), [amqp_spec.Symbol("k"), amqp_spec.ULong(5)])
    properties = amqp_spec.ApplicationProperties.decode(
        amqp_spec.ApplicationProperties({"k": 1}).encode()
    ).value
    assert identical(list(properties), ["k"])


def test_delivery_states_in_a_performatives_map_are_classes_but_described_in_content() -> None:
    unsettled = {b"tag": amqp_spec.Accepted()}
    attach = amqp_spec.Attach(name="n", handle=0, role=True, unsettled=unsettled)
    assert amqp_spec.Attach.decode(attach.encode()).unsettled == unsettled
    content = amqp_spec.AmqpValue.decode(amqp_spec.AmqpValue(unsettled).encode())
    assert identical(content.value, amqp_spec.Map({b"tag": amqp_spec.Described(amqp_spec.ULong(0x24), [])}))


@pytest.mark.parametrize("descriptor", [amqp_spec.ULong(0x24), amqp_spec.Symbol("amqp:accepted:list")])
def test_what_is_described_as_a_known_type_is_one_inside_a_performative(descriptor: Any) -> None:
    def closing(content: Any) -> amqp_spec.Close:
        info = amqp_spec.Map({amqp_spec.Symbol("k"): amqp_spec.Described(descriptor, content)})
        return amqp_spec.Close(error=amqp_spec.Error(condition="x:y", info=info))

    error = amqp_spec.Close.decode(closing([]).encode()).error
    assert error is not None
    assert identical(error.info, amqp_spec.Map({amqp_spec.Symbol("k"): amqp_spec.Accepted()}))
    with pytest.raises(DecodeError, match=r'close\.error\.info\["k"\]: expected list, found'):
        amqp_spec.Close.decode(closing("no list").encode())


@pytest.mark.requirement("types-1.3.4-09")
def test_mandatory_field_with_several_values_needs_one() -> None:
    for octets in ("00 53 40 c0 02 01 40", "00 53 40 c0 05 01 e0 02 00 a3", "00 53 40 45"):
        with pytest.raises(DecodeError, match=r"sasl-mechanisms\.sasl-server-mechanisms: "):
            amqp_spec.SaslMechanisms.decode(bytes.fromhex(octets))
    with pytest.raises(
        amqp_spec.EncodeError, match=r"sasl-mechanisms\.sasl-server-mechanisms: at least one symbol"
    ):
        amqp_spec.SaslMechanisms(sasl_server_mechanisms=()).encode()
