"""The codec's errors: text, path, offset."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from amqp_spec.errors import AmqpError, DecodeError, EncodeError


def test_a_decode_error_says_where_what_and_at_which_offset() -> None:
    error = DecodeError("expected ushort, found constructor 0xa1", 17, "open.channel-max")
    assert str(error) == "open.channel-max: expected ushort, found constructor 0xa1 at offset 17"
    assert (error.what, error.offset, error.path) == (
        "expected ushort, found constructor 0xa1",
        17,
        "open.channel-max",
    )


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DecodeError("no"), "no"),
        (DecodeError("no", 0), "no at offset 0"),
        (DecodeError("no", path="open"), "open: no"),
        (EncodeError("no"), "no"),
        (EncodeError("no", "open.hostname"), "open.hostname: no"),
    ],
)
def test_what_is_not_known_is_left_out(error: AmqpError, text: str) -> None:
    assert str(error) == text


def test_callers_further_up_put_their_part_in_front() -> None:
    error = DecodeError("no", 3)
    assert error.within('["x"]', 10) is error
    assert error.within("open.properties").within("").path == 'open.properties["x"]'
    assert error.within("frame").path == 'frame.open.properties["x"]'
    assert error.offset == 13
    assert DecodeError("no").within("open", 5).offset is None
    assert str(EncodeError("no").within("[0]").within("list")) == "list[0]: no"


@pytest.mark.parametrize("duplicate", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_survive_copying_and_pickling(duplicate: Callable[[Any], Any]) -> None:
    decode = duplicate(DecodeError("no", 3).within("open", 1))
    assert (type(decode), str(decode), decode.offset) == (DecodeError, "open: no at offset 4", 4)
    encode = duplicate(EncodeError("no").within("open"))
    assert (type(encode), str(encode)) == (EncodeError, "open: no")


def test_both_share_the_root_and_nothing_else() -> None:
    assert issubclass(DecodeError, AmqpError)
    assert issubclass(EncodeError, AmqpError)
    assert not issubclass(DecodeError, EncodeError | ValueError)
