"""Step 5, render: templates over the plan."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from codegen.model import Document
    from codegen.plan import Plan

HERE = Path(__file__).parent
SUPPORT = HERE / "support"

# Modules of the output whose code comes from a template: name -> template.
TEMPLATES = {
    "__init__": "init.py.jinja2",
    "primitives": "primitives.py.jinja2",
    "archetypes": "archetypes.py.jinja2",
    "registry": "registry.py.jinja2",
}


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
    names = _value_names()
    own = ("FRAME_READERS", "SASL_FRAME_READERS", "SECTION_READERS")
    values = {
        "registry": plan.registry,
        "exports": plan.exports,
        "value_names": names,
        "own_tables": own,
        "dispatches": plan.dispatches,
        "imports": plan.dispatch_imports,
        **{key: getattr(plan.primitives, key) for key in plan.primitives.__slots__},
    }
    files: dict[str, str] = {}
    for module, template in TEMPLATES.items():
        used = [by_module["types"]] if module == "primitives" else sources
        files[f"{module}.py"] = header(used) + environment.get_template(template).render(values)
    for part in plan.parts:
        text = environment.get_template("part.py.jinja2").render(
            values | {"part": part, "imports": part.imports}
        )
        files[f"{part.module}.py"] = header([by_module[part.module]]) + text
    for path in sorted(SUPPORT.glob("*.py")):
        if path.name != "__init__.py":
            data = path.read_bytes()
            source = (f"codegen/support/{path.name}", hashlib.sha256(data).hexdigest())
            files[path.name] = header([source]) + data.decode()
    files["py.typed"] = ""
    return files


def header(sources: list[tuple[str, str]]) -> str:
    """Return the comment that says what a file was made of."""
    lines = [f"# Generated from {name}\n#   sha256 {digest}\n" for name, digest in sources]
    return "".join(lines) + "# Do not edit: change the source and run `python -m codegen`.\n\n"


def _value_names() -> tuple[str, ...]:
    from codegen.support import values

    return tuple(name for name in values.__all__)
