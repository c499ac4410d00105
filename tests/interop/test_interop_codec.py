"""The cross-decoding step: its corpus, its trees, and that it sees a disagreement that nobody wrote down."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from amqp_spec import decode_value, encode_value
from interop.codec.compare import compare, expected, nodes, stale
from interop.codec.corpus import corpus
from interop.codec.known import KNOWN, Disagreement
from interop.codec.libraries import LIBRARIES
from interop.codec.trees import Tree, tree_of, value_of

TYPES = [
    "null",
    "boolean",
    "ubyte",
    "ushort",
    "uint",
    "ulong",
    "byte",
    "short",
    "int",
    "long",
    "float",
    "double",
    "decimal32",
    "decimal64",
    "decimal128",
    "char",
    "timestamp",
    "uuid",
    "binary",
    "string",
    "symbol",
    "list",
    "map",
    "array",
]


def test_corpus_is_the_same_each_time_and_has_every_type() -> None:
    values = corpus()
    assert values == corpus()
    assert {node[0] for tree in values for node in nodes(tree)} == {*TYPES, "described"}
    assert {tree[1] for tree in values if tree[0] == "array"} == set(TYPES)


def test_trees_say_all_of_a_value() -> None:
    for tree in corpus():
        assert tree_of(value_of(tree)) == tree
        assert tree_of(decode_value(encode_value(value_of(tree)))) == tree


def _answers(trees: Sequence[Tree]) -> list[dict[str, Any]]:
    return [{"octets": encode_value(value_of(tree)).hex()} for tree in trees]


RULE = Disagreement(
    "x", "reads", "1.6.5", "reads ints", lambda tree: tree[0] == "uint", lambda tree: ["int", tree[1]]
)
LOST = Disagreement("x", "reads", "1.6.16", "has no char", lambda tree: tree[0] == "char")


def test_unknown_disagreement_is_seen() -> None:
    trees: list[Tree] = [["uint", "1"], ["list", [["uint", "1"]]], ["string", "x"]]
    right = [{"tree": tree} for tree in trees]
    assert compare("x", "reads", trees, right, []).agreed == 3
    verdict = compare(
        "x", "reads", trees, [{"tree": ["int", "1"]}, {"error": "no"}, {"octets": "a1"}], [RULE]
    )
    assert verdict.known[RULE] == 1
    assert len(verdict.unknown) == 2
    assert compare("x", "writes", trees, _answers(trees), []).agreed == 3


def test_known_disagreement_excuses_no_other() -> None:
    tree: Tree = ["list", [["uint", "1"], ["string", "x"]]]
    assert expected(tree, [RULE]) == ["list", [["int", "1"], ["string", "x"]]]
    right = compare("x", "reads", [tree], [{"tree": expected(tree, [RULE])}], [RULE])
    assert not right.unknown
    wrong = compare("x", "reads", [tree], [{"tree": ["list", [["int", "2"], ["string", "x"]]]}], [RULE])
    assert len(wrong.unknown) == 1
    lost = compare("x", "reads", [["list", [["char", "65"]]]], [{"error": "no char"}], [LOST])
    assert not lost.unknown


def test_disagreement_that_is_gone_is_seen() -> None:
    tree: Tree = ["uint", "1"]
    verdict = compare("x", "reads", [tree], [{"tree": tree}], [RULE])
    assert stale("x", "reads", verdict, [RULE]) == [RULE]


@pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: f"{rule.library} {rule.way} {rule.says[:30]}")
def test_known_disagreements_cite_a_section_and_concern_the_corpus(rule: Disagreement) -> None:
    assert rule.section.startswith("1.")
    assert rule.library in {kind.name for kind in LIBRARIES}
    assert any(rule.concerns(node) for tree in corpus() for node in nodes(tree))


def test_documentation_lists_every_disagreement() -> None:
    text = (Path(__file__).parents[2] / "docs" / "interop.md").read_text("utf-8")
    for rule in KNOWN:
        assert f"| {rule.library} | {rule.way} | {rule.section} | {rule.says} |" in text
    assert f"{len(corpus()):,} values" in text
