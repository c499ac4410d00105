"""Step 5, render: templates over the plan."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.reserved import ALWAYS, COPIED, SUPPORT, TEMPLATES

if TYPE_CHECKING:
    from codegen.model import Document
    from codegen.plan import Plan

HERE = Path(__file__).parent


def render(plan: Plan, document: Document) -> dict[str, str]:
    """Return the text of every file of the package by its name, not yet formatted."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is Python, not HTML
    )
    sources = [
        (f"{Path(part.file).parent.name}/{Path(part.file).name}", part.sha256) for part in document.parts
    ]
    by_module = {
        part.name.replace("-", "_"): source for part, source in zip(document.parts, sources, strict=True)
    }
    own = ("FRAME_READERS", "SASL_FRAME_READERS", "SECTION_READERS")
    values = {
        "registry": plan.registry,
        "exports": plan.exports,
        "always": ALWAYS,
        "own_tables": own,
        "dispatches": plan.dispatches,
        "imports": plan.dispatch_imports,
        **{key: getattr(plan.primitives, key) for key in plan.primitives.__slots__},
    }
    primitive = [
        source
        for part, source in zip(document.parts, sources, strict=True)
        if any(node.get("class") == "primitive" for node in part.types)
    ]
    files: dict[str, str] = {}
    for module, template in TEMPLATES.items():
        used = primitive if module == "primitives" else sources
        files[f"{module}.py"] = header(used) + environment.get_template(template).render(values)
    for part in plan.parts:
        text = environment.get_template("part.py.jinja2").render(
            values | {"part": part, "imports": part.imports}
        )
        files[f"{part.module}.py"] = header([by_module[part.module]]) + text
    for name in COPIED:
        data = (SUPPORT / f"{name}.py").read_bytes()
        source = (f"codegen/support/{name}.py", hashlib.sha256(data).hexdigest())
        files[f"{name}.py"] = header([source]) + data.decode()
    files["py.typed"] = ""
    return files


def header(sources: list[tuple[str, str]]) -> str:
    """Return the comment that says what a file was made of."""
    lines = [f"# Generated from {name}\n#   sha256 {digest}\n" for name, digest in sources]
    return "".join(lines) + "# Do not edit: change the source and run `python -m codegen`.\n\n"
