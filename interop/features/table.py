"""The table of features and servers in the documentation, made from what is known."""

from collections.abc import Iterator
from pathlib import Path

from interop.features import FEATURES
from interop.features.known import expected
from interop.peers import ALL_PEERS

DOCUMENT = Path(__file__).parents[2] / "docs" / "interop.md"
BEGIN = "<!-- The table between these lines is written by: python -m interop table -->"
END = "<!-- end of the table -->"


def table() -> str:
    """Return the table."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield f"| feature | {' | '.join(peer.title for peer in ALL_PEERS)} |"
    yield f"| --- |{' --- |' * len(ALL_PEERS)}"
    for feature in FEATURES:
        name = feature.__name__
        what = " ".join((feature.__doc__ or "").split("\n\n")[0].split())
        cells = " | ".join(expected(name, peer.name) for peer in ALL_PEERS)
        yield f"| **{name.replace('_', ' ')}**: {what} | {cells} |"


def documented() -> str:
    """Return the document with the table as it should be."""
    before, found, rest = DOCUMENT.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    if not found or not after:
        raise ValueError(f"{DOCUMENT} has no place for the table, between {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"
