"""The fuzzer itself: its inputs follow from the seed, reach deep enough, and a fault does not pass unseen."""

from __future__ import annotations

from random import Random

import pytest

from amqp_spec import DecodeError, decode_value, encode_value, identical
from fuzz import making, samples
from fuzz.__main__ import main
from fuzz.exchanges import SETTINGS, recorded
from fuzz.runner import make, run
from fuzz.targets import TARGETS, Target
from fuzz.trees import octets, parse

DECODERS = [target for target in TARGETS if not target.name.endswith("engine")]


@pytest.mark.fault("A14")
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_exception_but_the_documented_one(target: Target) -> None:
    result = run(target, 7, inputs=150)
    assert result.failures == []
    assert result.tried == 150


@pytest.mark.parametrize("target", DECODERS, ids=lambda target: target.name)
def test_enough_of_the_input_is_legal_and_enough_is_not(target: Target) -> None:
    result = run(target, 8, inputs=300)
    assert 0.15 < result.taken / result.tried < 0.9


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_inputs_follow_from_seed_and_number(target: Target) -> None:
    assert make(target, 3, 5) == make(target, 3, 5)
    assert len({target.show(make(target, 3, number)) for number in range(20)}) > 10
    assert any(make(target, 3, number) != make(target, 4, number) for number in range(5))


def test_changed_frame_with_billions_of_elements_is_no_tree() -> None:
    with pytest.raises(ValueError, match="4294967295 items"):
        parse(bytes.fromhex("f0 00000005 ffffffff 43"))


def test_fault_is_reported_with_seed_and_octets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The limit would stay for the other tests of this process.
    monkeypatch.setattr("fuzz.__main__._bound_memory", lambda: None)

    def attempt(data: bytes) -> bool:
        return bool(data[99])

    result = run(Target("broken", lambda _: b"\x01\x02", attempt), 11, inputs=7)
    assert result.failed == 7
    assert "seed 11 input 0: IndexError" in result.failures[0]
    assert "input: 0102" in result.failures[0]
    assert len(result.failures) < 7
    assert main(["--inputs", "14", "--seed", "5"]) == 0
    assert "inputs, 0 failed" in capsys.readouterr().out


def test_decode_error_out_of_an_engine_is_a_fault() -> None:
    def attempt(data: bytes) -> bool:
        raise DecodeError("x")

    assert run(Target("some engine", lambda _: b"", attempt), 1, inputs=1).failed == 1
    assert run(Target("decoder", lambda _: b"", attempt), 1, inputs=1).failed == 0


def test_tree_of_a_legal_value_is_written_as_it_was() -> None:
    for sample in (*samples.FRAMES, *samples.SASL_FRAMES, *samples.SECTIONS):
        tree, end = parse(sample)
        assert end == len(sample)
        assert octets(tree) == sample


def test_made_values_are_mostly_legal() -> None:
    legal = 0
    for number in range(200):
        data = octets(making.value(Random(number), 3))
        try:
            value = decode_value(data)
        except DecodeError:
            continue
        legal += 1
        assert identical(decode_value(encode_value(value)), value)
    assert legal > 120


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_recorded_exchange_goes_from_header_to_close(setting: object) -> None:
    said = recorded(next(one for one in SETTINGS if one == setting))
    for frames in said.values():
        assert frames[0].startswith(b"AMQP")
        kinds = {frame[10] for frame in frames if frame[8:10] == b"\0\x53"}
        assert {0x10, 0x11, 0x12, 0x14, 0x15, 0x16, 0x17, 0x18} <= kinds
