"""What the documents name is there: links lead somewhere, and programs use names, methods and options that exist."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import amqp
import amqp.azure
import amqp.rabbitmq

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / name for name in ("README.md", "spec/README.md")),
]
PROGRAMS = [
    pytest.param(text, id=f"{document.stem}-{number}")
    for document in DOCUMENTS
    for number, text in enumerate(re.findall(r"```python\n(.*?)```", document.read_text("utf-8"), re.DOTALL))
]
MODULES: dict[str, Any] = {"amqp": amqp, "azure": amqp.azure, "rabbitmq": amqp.rabbitmq}
OWNERS: dict[str, Any] = {
    "connection": amqp.Connection,
    "sender": amqp.Sender,
    "receiver": amqp.Receiver,
    "delivery": amqp.Delivery,
}


def options(function: Any) -> set[str]:
    """The names that *function* takes by keyword; those of ``**options`` are in its hint."""
    found = set(inspect.signature(function).parameters)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            given = get_type_hints(function)[name]
            found |= set(get_type_hints(getattr(given, "__args__", (given,))[0]))
    return found


def anchors(document: Path) -> set[str]:
    """What the headings of a document are called in links."""
    headings = re.findall(r"^#+ (.*)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (document.parent / path).resolve() if path else document
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def test_every_fault_that_has_an_outcome_has_a_test() -> None:
    rows = re.findall(
        r"^\| ([A-F]\d+)\b[^|]*\|[^|]*\| (.*) \|$", (ROOT / "docs/faults.md").read_text("utf-8"), re.MULTILINE
    )
    claimed = set[str]()
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path.parent.name == "spec":
            continue  # which tests what a mark is
        claimed.update(re.findall(r'mark\.fault\("([A-F]\d+)"\)', path.read_text("utf-8")))
    promised = {
        row for row, outcome in rows if outcome != "*later*" and not outcome.startswith("nothing to test")
    }
    assert len(promised) > 40
    assert promised <= claimed


def test_the_readme_leads_to_every_document() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert [path.name for path in DOCUMENTS[:-2] if f"](docs/{path.name})" not in text] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_uses_what_there_is(program: str) -> None:
    tree = compile(program, "document", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    # Programs that wait for nothing have the engine's links and deliveries under the same names.
    owners = MODULES | OWNERS if "await " in program else MODULES
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = owners.get(node.value.id)
            assert owner is None or hasattr(owner, node.attr), ast.unparse(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = owners.get(node.func.value.id) if isinstance(node.func.value, ast.Name) else None
            function = getattr(owner, node.func.attr, None)
            given = {keyword.arg for keyword in node.keywords if keyword.arg is not None}
            if inspect.isfunction(function) and given:
                assert given <= options(function), ast.unparse(node)
