"""Step 6, render: templates over the plan."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.plan_model import Source
from codegen.reserved import ALWAYS, BASE_TEMPLATES, COPIED, SUPPORT, TEMPLATES

if TYPE_CHECKING:
    from codegen.plan_model import Plan

HERE = Path(__file__).parent


def render(plan: Plan) -> dict[str, str]:
    """Return the text of every file of the package by its name, not yet formatted."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is Python, not HTML
    )
    values = {
        "base": plan.base,
        "maps": plan.maps,
        "sections": plan.sections,
        "strategies": plan.strategies,
        "registry": plan.registry,
        "exports": plan.exports,
        "always": ALWAYS,
        "own_tables": ("FRAME_READERS", "SASL_FRAME_READERS", "SECTION_READERS"),
        "dispatches": plan.dispatches,
        "imports": plan.dispatch_imports,
        **{key: getattr(plan.primitives, key) for key in plan.primitives.__slots__},
    }
    files: dict[str, str] = {}
    templates = BASE_TEMPLATES if plan.base else TEMPLATES
    for module, template in templates.items():
        if module == "archetypes" and not plan.dispatches:
            continue
        used = [source for source in plan.sources if source.primitive or module != "primitives"]
        files[f"{module}.py"] = _header(used) + environment.get_template(template).render(values)
    for part in plan.parts:
        text = environment.get_template("part.py.jinja2").render(
            values | {"part": part, "imports": part.imports}
        )
        used = [source for source in plan.sources if part.module in source.modules]
        files[f"{part.module}.py"] = _header(used) + text
    for name in () if plan.base else COPIED:
        data = (SUPPORT / f"{name}.py").read_bytes()
        used = [
            Source((name,), f"codegen/support/{name}.py", hashlib.sha256(data).hexdigest(), primitive=False)
        ]
        files[f"{name}.py"] = _header(used) + data.decode()
    files["py.typed"] = ""
    return files


def _header(sources: list[Source]) -> str:
    """Return the comment that says what a file was made of."""
    lines = [f"# Generated from {source.name}\n#   sha256 {source.sha256}\n" for source in sources]
    return "".join(lines) + "# Do not edit: change the source and run `python -m codegen`.\n\n"
