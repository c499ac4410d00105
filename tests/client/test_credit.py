"""The window: credit plus unread plus taken is always its size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amqp.client.credit import CreditWindow


@pytest.mark.fault("F22")
@given(st.integers(1, 200), st.lists(st.booleans(), max_size=600))
def test_the_grant_never_exceeds_what_fits_and_is_renewed_in_time(size: int, steps: list[bool]) -> None:
    window = CreditWindow(size)
    credit, unread, flows, taken = size, 0, 0, 0
    for arrives in steps:
        if arrives and credit:
            credit, unread = credit - 1, unread + 1
        elif not arrives and unread:
            unread, taken = unread - 1, taken + 1
            if window.taken():
                credit, flows = window.grant(unread), flows + 1
        assert 0 <= credit + unread <= size
        assert credit + unread >= size - size // 2 or size == 1
    assert flows <= taken // max(1, size // 2)


def test_a_window_of_one_is_renewed_each_time() -> None:
    window = CreditWindow(1)
    assert window.taken()
    assert window.grant(0) == 1


def test_a_window_of_none_grants_nothing() -> None:
    window = CreditWindow(0)
    assert not any(window.taken() for _ in range(10))


def test_what_is_given_back_does_not_count_as_taken() -> None:
    window = CreditWindow(4)
    assert not window.taken()
    window.given_back()
    assert not window.taken()
    assert window.taken()
