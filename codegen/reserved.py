"""Names of the output that the XML does not give: a part, type or definition must not take them."""

from __future__ import annotations

from pathlib import Path

from codegen.support import values

SUPPORT = Path(__file__).parent / "support"

# Modules whose code comes from a template.
TEMPLATES = {
    "__init__": "init.py.jinja2",
    "primitives": "primitives.py.jinja2",
    "archetypes": "archetypes.py.jinja2",
    "registry": "registry.py.jinja2",
    "strategies": "strategies.py.jinja2",
}

# The same of a package that rests on another; archetypes only when a field needs them.
BASE_TEMPLATES = {
    "__init__": "base_init.py.jinja2",
    "archetypes": "archetypes.py.jinja2",
    "registry": "base_registry.py.jinja2",
    "strategies": "base_strategies.py.jinja2",
}

# Modules that are copied.
COPIED = tuple(sorted(path.stem for path in SUPPORT.glob("*.py") if path.stem != "__init__"))

MODULES = frozenset({*TEMPLATES, *COPIED})

# Public names that are in every output, by the module that they come from.
ALWAYS: dict[str, tuple[str, ...]] = {
    "codec": ("Encoded", "decode_all", "decode_value", "encode_value"),
    "errors": ("AmqpError", "DecodeError", "EncodeError", "RegistrationError"),
    "limits": ("DEFAULT_LIMITS", "Limits"),
    "registration": ("DEFAULT_REGISTRY", "Registry"),
    "registry": ("SECTION_ORDER", "decode_frame", "decode_sasl_frame", "decode_section", "peek_descriptor"),
    "skipping": ("skip_value",),
    "values": tuple(values.__all__),
}

# Also names that the modules of the parts import: a class of that name would hide them there.
PUBLIC = frozenset(
    {
        *(name for names in ALWAYS.values() for name in names),
        *(
            "Any",
            "ClassVar",
            "Enum",
            "Final",
            "IntEnum",
            "StrEnum",
            "Mapping",
            "Record",
            "Scope",
            "TypeAlias",
            "TypeVar",
            "UUID",
        ),
        *("ALL_TYPES", "CONTENT", "FAULTS", "NULL", "PERFORMATIVE", "TYPE_CHECKING", "WRITE_FAULTS", "D"),
    }
)
