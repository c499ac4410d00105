"""The mark of an erratum: the attribute `e:change` on what an earlier file defines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from codegen.model import Node

NAMESPACE = "urn:amqp10:errata"
CHANGE = f"{{{NAMESPACE}}}change"
CHANGES = ("replace", "merge", "remove")

N = TypeVar("N", bound="Node")


def change_of(node: Node) -> str:
    """Return what the mark of a node says; empty when there is none."""
    return node.get(CHANGE)


def unmarked(node: N) -> N:
    """Return the node without its mark."""
    attributes = {name: value for name, value in node.attributes.items() if name != CHANGE}
    return replace(node, attributes=attributes)
