"""What a library made of the corpus, against what it should have made of it."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from amqp_spec import DecodeError, decode_value
from interop.codec.known import KNOWN, Disagreement, Way
from interop.codec.trees import Tree, tree_of

SHOWN = 5


@dataclass
class Verdict:
    """The answers of one library, one way."""

    agreed: int = 0
    known: Counter[Disagreement] = field(default_factory=Counter[Disagreement])
    unknown: list[str] = field(default_factory=list[str])


def nodes(tree: Tree) -> Iterator[Tree]:
    """Every value inside a tree, itself first."""
    yield tree
    for child in _children(tree):
        yield from nodes(child)


def _children(tree: Tree) -> list[Tree]:
    name = tree[0]
    if name == "list":
        return list(tree[1])
    if name == "map":
        return [part for pair in tree[1] for part in pair]
    if name == "array":
        return [*tree[2], *([] if tree[3] is None else [tree[3]])]
    return list(tree[1:]) if name == "described" else []


def _with_children(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    name = tree[0]
    if name == "list":
        return [name, [change(item) for item in tree[1]]]
    if name == "map":
        return [name, [[change(key), change(value)] for key, value in tree[1]]]
    if name == "array":
        return [name, tree[1], [change(item) for item in tree[2]], tree[3] and change(tree[3])]
    return [name, change(tree[1]), change(tree[2])] if name == "described" else tree


def expected(tree: Tree, rules: Sequence[Disagreement]) -> Tree:
    """What a library makes of a value that loses what the rules say it does."""
    made = _with_children(tree, lambda child: expected(child, rules))
    for rule in rules:
        if rule.becomes is not None and rule.concerns(tree):
            made = rule.becomes(made)
    return made


def compare(
    library: str,
    way: Way,
    corpus: Sequence[Tree],
    answers: Sequence[dict[str, Any]],
    known: Sequence[Disagreement] = KNOWN,
) -> Verdict:
    """Judge every answer of a library: as it should be, as it is known to be, or unknown."""
    rules = [rule for rule in known if (rule.library, rule.way) == (library, way)]
    verdict = Verdict()
    for tree, answer in zip(corpus, answers, strict=True):
        _judge(tree, answer, rules, verdict)
    return verdict


def _judge(tree: Tree, answer: dict[str, Any], rules: Sequence[Disagreement], verdict: Verdict) -> None:
    made = _made(answer)
    if made == tree:
        verdict.agreed += 1
        return
    inside = list(nodes(tree))
    concerned = [rule for rule in rules if any(map(rule.concerns, inside))]
    if any(rule.becomes is None for rule in concerned) or (concerned and made == expected(tree, concerned)):
        verdict.known.update(concerned)
    else:
        verdict.unknown.append(f"{tree!r:.300} became {made if made is not None else answer!r:.300}")


def _made(answer: dict[str, Any]) -> Tree | None:
    """What came of a value: the tree that was read, or what we read of the octets that were written."""
    if "octets" not in answer:
        tree: Tree | None = answer.get("tree")
        return tree
    try:
        return tree_of(decode_value(bytes.fromhex(answer["octets"])))
    except DecodeError:
        return None


def stale(
    library: str, way: Way, verdict: Verdict, known: Sequence[Disagreement] = KNOWN
) -> list[Disagreement]:
    """The known disagreements that did not show."""
    return [rule for rule in known if (rule.library, rule.way) == (library, way) and not verdict.known[rule]]
