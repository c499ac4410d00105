"""Errors survive copying and pickling: pools of processes hand them over so, and an error that does not breaks the pool."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import amqp
from amqp import errors
from amqp_spec import Error, Modified, Rejected, Released

INFO = {"why": "so"}

ERRORS: list[amqp.AmqpError] = [
    amqp.Refusal("app:no", "not you", info=INFO),
    amqp.LocalError("wrong"),
    amqp.OperationTimeout("late", scope=amqp.Scope.LINK),
    amqp.ConnectionLost("gone", blame=amqp.Blame.NETWORK, offset=7),
    amqp.LinkDetached("off", blame=amqp.Blame.REMOTE, condition="amqp:not-found", info=INFO),
    amqp.FiltersDeclined("not applied", names=("selector",)),
    amqp.SettledByPeer("taken back", outcome=Released()),
    amqp.MessageRejected(
        "no", outcome=Rejected(error=Error(condition="app:no")), condition="app:no", info=INFO
    ),
    amqp.MessageReleased("not now", outcome=Released()),
    amqp.MessageModified("failed", outcome=Modified(delivery_failed=True)),
    amqp.ManagementError("found none", status=404, condition="amqp:not-found"),
    amqp.TokenRefused("expired", status=401),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))]
)
def test_an_error_survives_copying_and_pickling(
    error: amqp.AmqpError, duplicate: Callable[[Any], Any]
) -> None:
    same = duplicate(duplicate(error))
    assert type(same) is type(error)
    assert (str(same), repr(same), same.args) == (str(error), repr(error), error.args)
    assert same.__dict__ == error.__dict__
    assert same.retryable == error.retryable


def test_no_class_of_errors_has_been_forgotten() -> None:
    with_their_own = {
        kind
        for name in errors.__all__
        if isinstance(kind := getattr(errors, name), type)
        and issubclass(kind, amqp.AmqpError)
        and "__init__" in vars(kind)
    }
    tried = {kind for error in ERRORS for kind in type(error).__mro__}
    assert with_their_own - tried <= {amqp.DecodeError, amqp.EncodeError}
