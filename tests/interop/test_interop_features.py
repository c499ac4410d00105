"""The table of features and servers: complete, and in the documentation as it is known."""

from __future__ import annotations

from interop.features import FEATURES
from interop.features.known import KNOWN
from interop.features.table import DOCUMENT, documented
from interop.peers import ALL_PEERS


def test_the_documentation_has_the_table() -> None:
    assert DOCUMENT.read_text() == documented(), "run: python -m interop table"


def test_what_is_known_is_of_a_feature_and_a_server() -> None:
    features = {feature.__name__ for feature in FEATURES}
    assert len(features) == len(FEATURES)
    assert set(KNOWN) <= features
    assert {peer for known in KNOWN.values() for peer in known} <= {peer.name for peer in ALL_PEERS}


def test_every_feature_says_what_it_is() -> None:
    assert all(feature.__doc__ for feature in FEATURES)
