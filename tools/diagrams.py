"""The state diagrams of docs/engine.md, drawn from the tables that the engine runs on.

`python -m tools.diagrams` writes them into the document; with `--check` it only says whether they are up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amqp.engine.states import CONNECTION_RULES, LINK_RULES, SESSION_RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from enum import Enum

    from amqp.engine.states import Rule

DOCUMENT = Path(__file__).parents[1] / "docs" / "engine.md"
BEGIN = "<!-- drawn by python -m tools.diagrams: {} -->"
END = "<!-- end of what is drawn -->"
TABLES: dict[str, tuple[Mapping[Any, Rule[Any]], str]] = {
    "connection": (CONNECTION_RULES, "START"),
    "session": (SESSION_RULES, "UNMAPPED"),
    "link": (LINK_RULES, ""),
}
WORDS = {
    "Header": "header",
    "Empty": "empty frame",
    "ErrorClose": "close with an error",
    "ErrorEnd": "end with an error",
    "ErrorDetach": "detach with an error",
}


def word(kind: type) -> str:
    """Return how the document calls an input."""
    name: str = getattr(kind, "NAME", kind.__name__)
    return WORDS.get(kind.__name__, name)


def arrows(rules: Mapping[Any, Rule[Any]]) -> dict[tuple[Enum, Enum, str], list[str]]:
    """Return what leads from state to state, by direction."""
    found: dict[tuple[Enum, Enum, str], list[str]] = {}
    for state, rule in rules.items():
        for direction, entries in (("send", rule.sends), ("receive", rule.receives)):
            for kind, following in entries.items():
                found.setdefault((state, following, direction), []).append(word(kind))
    return found


def diagram(rules: Mapping[Any, Rule[Any]], first: str) -> Iterator[str]:
    """Yield the lines of a Mermaid diagram: what changes the state."""
    yield "```mermaid"
    yield "stateDiagram-v2"
    if first:
        yield f"    [*] --> {first}"
    for (state, following, direction), words in arrows(rules).items():
        if state is not following:
            yield f"    {state.name} --> {following.name}: {direction} {', '.join(words)}"
    yield "```"


def table(rules: Mapping[Any, Rule[Any]]) -> Iterator[str]:
    """Yield the lines of a table: what each state lets through without a change, and what else is answered with."""
    yield "| state | meaning | may be sent besides | is taken besides | for all else that comes |"
    yield "| --- | --- | --- | --- | --- |"
    staying = {key[0::2]: words for key, words in arrows(rules).items() if key[0] is key[1]}
    for state, rule in rules.items():
        sent, taken = (", ".join(staying.get((state, each), ())) or "-" for each in ("send", "receive"))
        yield f"| {state.name} | {state.value} | {sent} | {taken} | `{rule.condition!s}` |"


def drawn(text: str) -> str:
    """Return a document with its diagrams drawn anew.

    Raises:
        ValueError: the document lacks a mark.
    """
    for name, (rules, first) in TABLES.items():
        begin = BEGIN.format(name)
        before, mark, rest = text.partition(begin)
        _, end, after = rest.partition(END)
        if not mark or not end:
            raise ValueError(f"the document has no part between {begin!r} and {END!r}")
        lines = [begin, "", *diagram(rules, first), "", *table(rules), "", END]
        text = before + "\n".join(lines) + after
    return text


def main(arguments: list[str]) -> int:
    """Draw, or check; return the exit code."""
    text = DOCUMENT.read_text("utf-8")
    new = drawn(text)
    if new == text:
        return 0
    if "--check" in arguments:
        print(f"{DOCUMENT}: not what the tables say: run python -m tools.diagrams", file=sys.stderr)
        return 1
    DOCUMENT.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
