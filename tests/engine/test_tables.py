"""The tables of legality against the figures and tables of the standard (2.4.6, 2.4.7, 2.5.5, 2.6), written down once more.

How the engine behaves by them is in test_states.py; here stands also what may be sent and this engine never sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from amqp.engine.states import CONNECTION_RULES, LINK_RULES, SESSION_RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ON_LINKS = "Attach Flow Transfer Disposition Detach"
ON_SESSION = f"Begin End {ON_LINKS}"
NOT_ALLOWED = "amqp:not-allowed"
ILLEGAL = "amqp:illegal-state"
UNATTACHED = "amqp:session:unattached-handle"

# State: what may be sent, what may come, what else that comes is told. `A>B` is an A that leads to state B.
Table = dict[str, tuple[str, str, str]]
CONNECTION: Table = {
    "START": ("Header>HDR_SENT", "Header>HDR_RCVD", NOT_ALLOWED),
    "HDR_RCVD": ("Header>HDR_EXCH", "", NOT_ALLOWED),
    "HDR_SENT": ("Open>OPEN_PIPE", "Header>HDR_EXCH", NOT_ALLOWED),
    "HDR_EXCH": ("Open>OPEN_SENT", "Open>OPEN_RCVD", NOT_ALLOWED),
    "OPEN_PIPE": (f"Close>OC_PIPE ErrorClose>OC_PIPE {ON_SESSION}", "Header>OPEN_SENT", NOT_ALLOWED),
    "OC_PIPE": ("", "Header>CLOSE_PIPE", NOT_ALLOWED),
    "OPEN_RCVD": ("Open>OPENED", f"Close>OC_RCVD Empty {ON_SESSION}", ILLEGAL),
    "OC_RCVD": ("Open>CLOSE_RCVD", "", ILLEGAL),
    "OPEN_SENT": (f"Close>CLOSE_PIPE ErrorClose>CLOSE_PIPE {ON_SESSION}", "Open>OPENED", NOT_ALLOWED),
    "CLOSE_PIPE": ("", "Open>CLOSE_SENT", NOT_ALLOWED),
    "OPENED": (
        f"Close>CLOSE_SENT ErrorClose>DISCARDING Empty {ON_SESSION}",
        f"Close>CLOSE_RCVD Empty {ON_SESSION}",
        ILLEGAL,
    ),
    "CLOSE_RCVD": ("Close>END ErrorClose>END", "", ILLEGAL),
    "CLOSE_SENT": ("", f"Close>END Empty Open {ON_SESSION}", ILLEGAL),
    "DISCARDING": ("", f"Close>END Empty Open {ON_SESSION}", ILLEGAL),
    "END": ("", "", ILLEGAL),
}
SESSION: Table = {
    "UNMAPPED": ("Begin>BEGIN_SENT", "Begin>BEGIN_RCVD", ILLEGAL),
    "BEGIN_SENT": (f"End>END_SENT ErrorEnd>DISCARDING {ON_LINKS}", "Begin>MAPPED", ILLEGAL),
    "BEGIN_RCVD": ("Begin>MAPPED", f"End>END_RCVD {ON_LINKS}", ILLEGAL),
    "MAPPED": (f"End>END_SENT ErrorEnd>DISCARDING {ON_LINKS}", f"End>END_RCVD {ON_LINKS}", ILLEGAL),
    "END_RCVD": ("Begin End>UNMAPPED ErrorEnd>UNMAPPED", "", ILLEGAL),
    "END_SENT": ("", f"End>UNMAPPED Begin {ON_LINKS}", ILLEGAL),
    "DISCARDING": ("", f"End>UNMAPPED Begin {ON_LINKS}", ILLEGAL),
}
LEAVE = "Detach>DETACH_SENT ErrorDetach>DISCARDING"
LINK: Table = {
    "ATTACH_SENT": (LEAVE, "Attach>ATTACHED", UNATTACHED),
    "ATTACH_RCVD": ("Attach>ATTACHED", "Detach>DETACH_RCVD Flow Transfer", UNATTACHED),
    "DETACH_RCVD": ("Attach Detach>CLOSED ErrorDetach>CLOSED", "", UNATTACHED),
    "ATTACHED": (f"{LEAVE} Flow Transfer", "Detach>CLOSED Flow Transfer", UNATTACHED),
    "REFUSED": (LEAVE, "Detach>CLOSED Flow Transfer", UNATTACHED),
    "DETACH_SENT": ("", "Detach>CLOSED Attach Flow Transfer", UNATTACHED),
    # 2.8.17: what comes for a link that was detached with an error.
    "DISCARDING": ("", "Detach>CLOSED Attach Flow Transfer", "amqp:session:errant-link"),
    "DETACHED": ("", "", UNATTACHED),
    "CLOSED": ("", "", UNATTACHED),
}


def entries(text: str, state: str) -> Iterator[tuple[str, str]]:
    for entry in text.split():
        name, arrow, following = entry.partition(">")
        yield name, following if arrow else state


@pytest.mark.requirement("transport-2.4.7-01")
@pytest.mark.requirement("transport-2.5.5-01")
@pytest.mark.parametrize(
    ("rules", "written"),
    [(CONNECTION_RULES, CONNECTION), (SESSION_RULES, SESSION), (LINK_RULES, LINK)],
    ids=["connection", "session", "link"],
)
def test_the_tables_say_what_the_standard_says(rules: Mapping[Any, Any], written: Table) -> None:
    assert [state.name for state in rules] == list(written)
    for state, rule in rules.items():
        sends, receives, condition = written[state.name]
        for found, text in ((rule.sends, sends), (rule.receives, receives)):
            named = {kind.__name__: following.name for kind, following in found.items()}
            assert named == dict(entries(text, state.name)), state
        assert rule.condition == condition, state
