"""The published strategies: one for each type, whose values are encoded and come back as what they were."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import amqp_spec
from amqp.testing import strategies
from amqp_spec import decode_frame, decode_section, decode_value, encode_value, identical
from codegen.names import camel
from codegen.plan_strategies import strategy_name
from tests.codec.composite_strategies import described_names, specification

ROOT = Path(__file__).parents[2]
relaxed = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def test_there_is_one_for_every_type() -> None:
    spec = specification()
    names = {strategy_name(name) for name in (*spec.primitives, *spec.composites, *spec.restricted)}
    assert names <= set(strategies.__all__)
    assert set(strategies.__all__) - names == {"scalars", "simple_maps", "symbol_maps", "values"}


@pytest.mark.parametrize("name", sorted(strategies.__all__))
def test_each_is_a_strategy(name: str) -> None:
    assert isinstance(getattr(strategies, name)(), st.SearchStrategy)


@pytest.mark.parametrize("name", described_names())
@relaxed
@given(data=st.data())
def test_described_types_round_trip(name: str, data: st.DataObject) -> None:
    value: Any = data.draw(getattr(strategies, strategy_name(name))())
    assert type(value) is getattr(amqp_spec, camel(name))
    assert identical(type(value).decode(value.encode()), value)


@relaxed
@given(value=strategies.values())
def test_values_round_trip(value: Any) -> None:
    assert identical(decode_value(encode_value(value)), value)


@relaxed
@given(frame=st.one_of(strategies.open_(), strategies.attach(), strategies.transfer(), strategies.flow()))
def test_performatives(frame: Any) -> None:
    data = frame.encode()
    assert identical(decode_frame(data)[0], frame)


@relaxed
@given(section=st.one_of(strategies.properties(), strategies.header(), strategies.message_annotations()))
def test_sections(section: Any) -> None:
    data = section.encode()
    assert identical(decode_section(data, 0, len(data))[0], section)


def run(program: str) -> str:
    path = [str(ROOT / "src"), str(ROOT / "generated")]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_nothing_loads_hypothesis_unasked() -> None:
    program = "import amqp.testing, amqp_spec, amqp.engine; print('hypothesis' in sys.modules, 'asyncio' in sys.modules)"
    assert run(program) == "False False"


def test_the_extra_is_named() -> None:
    program = (
        "sys.modules['hypothesis'] = None\n"
        "try: import amqp.testing.strategies\n"
        "except ModuleNotFoundError as error: print(error)"
    )
    assert run(program) == "strategies need hypothesis: pip install 'amqp10[testing]'"
