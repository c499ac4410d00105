"""Step 5, plan: everything that the templates print, as text, in order. The templates only loop over it."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.forms import (
    Form,
    archetype_name,
    dispatch_name,
    enumeration_name,
    enumeration_of,
    form_of_field,
    form_of_type,
    literal,
    repr_text,
    value_literal,
)
from codegen.layouts import PYTHON
from codegen.names import camel, scream, snake
from codegen.plan_hot import HOT, USUAL_FIELDS, has_empty_types, hot_field
from codegen.plan_maps import KNOWN_KEYS, plan_maps
from codegen.plan_model import (
    CompositePlan,
    ConstantsPlan,
    DescriptorKey,
    DispatchPlan,
    EnumerationPlan,
    FieldPlan,
    Line,
    PartPlan,
    Plan,
    RegistryPlan,
    ScalarBranch,
    SectionPlan,
    Source,
    TableEntry,
    UnionPlan,
)
from codegen.plan_primitives import byte_text, code_in, plan_primitives
from codegen.plan_runs import leading_run, tagged_run
from codegen.plan_sections import plan_sections, section_pieces
from codegen.plan_strategies import plan_strategies

if TYPE_CHECKING:
    from codegen.model import Part
    from codegen.resolve import Composite, Descriptor, Encoding, Field, Restricted, Specification

WIDTH = 105

# 0x00, a descriptor of two octets and a constructor: what a short list has in front of its size, and an empty one at all.
SHORT_HEAD_OCTETS = EMPTY_OCTETS = 4


def plan(specification: Specification) -> Plan:
    """Return the plan of every module."""
    planner = _Planner(specification)
    parts = tuple(planner.part(part) for part in specification.own_parts)
    parts = tuple(part for part in parts if part.names)
    dispatches = planner.dispatches()
    registry = planner.registry()
    return Plan(
        sources=_sources(specification),
        primitives=plan_primitives(specification),
        maps=plan_maps(specification),
        sections=plan_sections(specification),
        parts=parts,
        dispatches=dispatches,
        dispatch_imports=planner.dispatch_imports(dispatches),
        registry=registry,
        strategies=plan_strategies(specification),
        base=specification.base,
        exports=(
            *((f".{p.module}", p.names) for p in parts),
            (".registry", tuple(u.name for u in registry.unions)),
        ),
    )


def _sources(specification: Specification) -> tuple[Source, ...]:
    primitive = {
        part.name
        for part in specification.parts
        if any(node.get("class") == "primitive" for node in part.types)
    }
    own = (_source(part, (part.name, *part.amends), primitive) for part in specification.own_parts)
    return (*own, *(_source(part, part.amends, primitive) for part in specification.amendments))


def _source(part: Part, parts: tuple[str, ...], primitive: set[str]) -> Source:
    path = Path(part.file)
    # Folder and file are the same for everyone; what is above them is not.
    kept = 3 if path.parent.name == "extensions" else 2
    modules = tuple(snake(name) for name in parts)
    return Source(modules, "/".join(path.parts[-kept:]), part.sha256, not primitive.isdisjoint(parts))


def descriptor_key(descriptor: Descriptor) -> DescriptorKey:
    """Return what the tables have a described type under."""
    if descriptor.code is None:
        return DescriptorKey(f"Symbol({repr_text(descriptor.symbol)})", "Symbol")
    return DescriptorKey(f"0x{descriptor.code:02x}", "int")


def _named(descriptor: Descriptor) -> str:
    number = "" if descriptor.code is None else f", 0x{descriptor.code:02x}"
    return f"``{descriptor.symbol}``{number}"


def paragraph(text: str, indent: int = 4) -> tuple[str, ...]:
    """Return text as the lines of a docstring; quotes and backslashes are made harmless."""
    safe = text.replace("\\", "\\\\").replace('"""', "'''")
    if safe.endswith('"'):
        safe += " "
    return tuple(textwrap.wrap(safe, WIDTH - indent)) or ("",)


class _Planner:
    def __init__(self, specification: Specification) -> None:
        self._spec = specification
        # Where each class or alias is defined: Python name -> module.
        self._home: dict[str, str] = {}
        for part in specification.parts:
            module = self._path(part.name)
            for node in part.types:
                if node.name in specification.composites:
                    self._home[camel(node.name)] = module
                elif node.name in specification.restricted:
                    self._home[self._restricted_name(specification.restricted[node.name])] = module

    def _path(self, part: str) -> str:
        """Return the module of a part as it is imported."""
        own = any(part == each.name for each in self._spec.own_parts)
        return f"{'' if own else self._spec.base}.{snake(part)}"

    def _restricted_name(self, restricted: Restricted) -> str:
        return enumeration_name(restricted) if restricted.choices else camel(restricted.name)

    # Parts --------------------------------------------------------------------------------------------------------

    def part(self, part: Part) -> PartPlan:
        spec = self._spec
        composites = tuple(
            self._composite(spec.composites[t.name]) for t in part.types if t.name in spec.composites
        )
        restricted = [spec.restricted[t.name] for t in part.types if t.name in spec.restricted]
        chosen = [r for r in restricted if r.choices]
        flags = tuple(self._flags(r) for r in chosen if r.primitive == "boolean")
        enumerations = tuple(self._enumeration(r) for r in chosen if r.primitive != "boolean")
        sections = tuple(self._section(r) for r in restricted if r.descriptor and not r.choices)
        named = [r for r in restricted if not r.choices and not r.descriptor]
        aliases = tuple(self._alias(r) for r in named if enumeration_of(r.name, spec) is None)
        renamed = tuple(self._alias(r) for r in named if enumeration_of(r.name, spec) is not None)
        constants = tuple(
            Line(scream(d.name), value_text(d.get("value")), paragraph(d.doc or f"{d.name}."))
            for d in part.definitions
        )
        names = (
            *(line.name for line in constants),
            *(line.name for line in (*aliases, *renamed)),
            *(f.name for f in flags),
            *(e.name for e in enumerations),
            *(c.name for c in composites),
            *(s.name for s in sections),
        )
        module = snake(part.name)
        runtime, typing = self._imports(f".{module}", part)
        doc = part.node.doc or f"The part {part.name}."
        return PartPlan(
            module=module,
            title=paragraph(doc, 0),
            constants=constants,
            aliases=aliases,
            renamed=renamed,
            flags=flags,
            enumerations=enumerations,
            composites=composites,
            sections=sections,
            imports=runtime,
            typing_imports=typing,
            names=names,
        )

    def _imports(
        self, module: str, part: Part
    ) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
        """Return what a part takes from other modules when it runs, and for its annotations only."""
        runtime: dict[str, set[str]] = {}
        typing: dict[str, set[str]] = {}
        for node in part.types:
            chosen = enumeration_of(node.name, self._spec)
            if chosen is not None and self._path(chosen.part) != module:
                runtime.setdefault(self._path(chosen.part), set()).add(enumeration_name(chosen))
            composite = self._spec.composites.get(node.name)
            for field in composite.fields if composite else ():
                form = form_of_field(field, self._spec)
                chosen = enumeration_of(field.type, self._spec)
                home = self._home.get(form.annotation)
                if chosen is not None:
                    owner = self._path(chosen.part)
                    if owner != module:
                        names = runtime.setdefault(owner, set())
                        names |= {form.annotation, *self._functions(form)}
                elif form.read in self._dispatched():
                    base = "" if form.read in self._own_dispatched() else self._spec.base
                    names = runtime.setdefault(f"{base}.archetypes", set())
                    names |= self._functions(form)
                    if has_empty_types(field, self._spec):
                        names.add(f"{form.read.upper()}_EMPTY")
                    if home is None:
                        typing.setdefault(self._union_home(form.annotation), set()).add(form.annotation)
                    elif home != module:
                        typing.setdefault(home, set()).add(form.annotation)
        return _sorted(runtime), _sorted(typing)

    def _functions(self, form: Form) -> set[str]:
        return {
            f"read_{form.read}",
            f"read_{form.read}_or",
            f"write_{form.write}",
            f"write_{form.write}_or_null",
        }

    def _alias(self, restricted: Restricted) -> Line:
        form = form_of_type(restricted.name, self._spec)
        doc = restricted.doc or f"{restricted.name}: {restricted.chain[0]}."
        return Line(camel(restricted.name), form.annotation, paragraph(doc, 0))

    def _flags(self, restricted: Restricted) -> ConstantsPlan:
        members = tuple(
            Line(scream(c.name), value_literal("boolean", c.value), paragraph(c.doc or f"{c.name}."))
            for c in restricted.choices
        )
        return ConstantsPlan(
            camel(restricted.name), members, paragraph(restricted.doc or f"{restricted.name}.")
        )

    def _enumeration(self, restricted: Restricted) -> EnumerationPlan:
        python = PYTHON[restricted.primitive]
        text = python.literal == "text"
        members = tuple(
            Line(
                scream(c.name), value_literal(restricted.primitive, c.value), paragraph(c.doc or f"{c.name}.")
            )
            for c in restricted.choices
        )
        return EnumerationPlan(
            name=enumeration_name(restricted),
            stem=snake(restricted.name).rstrip("_"),
            bases=("Symbol, Enum" if restricted.primitive == "symbol" else "StrEnum") if text else "IntEnum",
            primitive=restricted.primitive,
            annotation=python.annotation,
            members=members,
            doc=paragraph(restricted.doc or f"{restricted.name}."),
            text=text,
            xml_name=restricted.name,
        )

    def _composite(self, composite: Composite) -> CompositePlan:
        fields = tuple(self._field(f, n) for n, f in enumerate(composite.fields))
        required = max((n + 1 for n, f in enumerate(composite.fields) if f.mandatory), default=0)
        descriptor = composite.descriptor
        doc = composite.doc or f"{composite.name}."
        return CompositePlan(
            name=camel(composite.name),
            stem=snake(composite.name).rstrip("_"),
            xml_name=composite.name,
            symbol=descriptor.symbol,
            key=descriptor_key(descriptor),
            head=self._head(descriptor),
            doc=paragraph(f"{doc} {_named(descriptor)}."),
            fields=fields,
            required=required,
            hot=self._hot(composite),
            run=leading_run(composite.fields, required, self._spec),
            tagged=tagged_run(composite.fields, required, self._spec),
            usual=max(required, USUAL_FIELDS.get(composite.name, 0)),
            in_message="section" in composite.provides,
            # 5.3.3: what SASL frames carry as binary may be a password or a token.
            secrets=tuple(
                snake(f.name)
                for f in composite.fields
                if "sasl-frame" in composite.provides and f.type == "binary"
            ),
            empty=self._empty(descriptor),
            narrow_head=self._list_head(descriptor, 1),
        )

    def _head(self, descriptor: Descriptor) -> str:
        return byte_text(*self._head_octets(descriptor))

    def _head_octets(self, descriptor: Descriptor) -> tuple[int, ...]:
        """Return what stands in front of a described value: 0x00 and the smallest form of the descriptor."""
        if descriptor.code is None:
            return (0, *self._symbol_octets(descriptor.symbol.encode("ascii")))
        widths = {e.width: e for e in self._spec.primitives["ulong"].encodings}
        for width in (1, 8):
            if width in widths and descriptor.code < 1 << 8 * width:
                return (0, widths[width].code, *descriptor.code.to_bytes(width, "big"))
        raise ValueError(f"no encoding of ulong holds {descriptor.code}")

    def _symbol_octets(self, text: bytes) -> tuple[int, ...]:
        widths = {e.width: e for e in self._spec.primitives["symbol"].encodings}
        width = 1 if 1 in widths and len(text) < 256 else 4
        return (widths[width].code, *len(text).to_bytes(width, "big"), *text)

    def _list_head(self, descriptor: Descriptor, width: int) -> str:
        """Return descriptor and constructor of a list whose head has that width; empty when there is none."""
        codes = [e.code for e in self._spec.primitives["list"].encodings if e.width == width]
        return byte_text(*self._head_octets(descriptor), codes[0]) if codes else ""

    def _empty(self, descriptor: Descriptor) -> str:
        return byte_text(*self._empty_octets(descriptor))

    def _empty_octets(self, descriptor: Descriptor) -> tuple[int, ...]:
        """Return the encoding of a list without items."""
        widths = {e.width: e.code for e in self._spec.primitives["list"].encodings}
        tail = {0: (), 1: (1, 0), 4: (0, 0, 0, 4, 0, 0, 0, 0)}
        width = min(widths)
        return (*self._head_octets(descriptor), widths[width], *tail[width])

    def _field(self, field: Field, position: int) -> FieldPlan:
        form = form_of_field(field, self._spec)
        default = literal(field, self._spec)
        name = snake(field.name)
        annotation = f"tuple[{form.annotation}, ...]" if field.multiple else form.annotation
        optional = not field.mandatory and default is None
        if optional and annotation != "Value":
            annotation += " | None"
        doc = field.doc or f"{field.name}."
        return FieldPlan(
            name=name,
            xml_name=field.name,
            annotation=annotation,
            default="" if field.mandatory else default or "None",
            doc=paragraph(doc),
            mandatory=field.mandatory,
            position=position,
            read=_read(field, form, default),
            write=_write(field, form, default, name),
            present=_present(form, default, name),
            hot=hot_field(field, form, default, name, self._spec),
        )

    def _section(self, restricted: Restricted) -> SectionPlan:
        form = form_of_type(restricted.name, self._spec)
        descriptor = restricted.descriptor
        assert descriptor is not None
        return SectionPlan(
            name=camel(restricted.name),
            stem=snake(restricted.name).rstrip("_"),
            xml_name=restricted.name,
            symbol=descriptor.symbol,
            key=descriptor_key(descriptor),
            head=self._head(descriptor),
            doc=paragraph(f"{restricted.doc or restricted.name + '.'} {_named(descriptor)}."),
            annotation=form.annotation,
            read=f"read_{form.read}({form.arguments})",
            write=f"write_{form.write}(value)",
            known_keys=KNOWN_KEYS.get(form.write, ""),
            in_message=restricted.name in self._spec.archetypes.get("section", ()),
            pieces=section_pieces(restricted, self._head(descriptor), self._spec),
        )

    # Archetypes ---------------------------------------------------------------------------------------------------

    def _dispatched(self, *, own: bool = True) -> dict[str, str]:
        """Return stem and name of every archetype and composite that some field holds, in order of first use.

        Without what is made here, that is what the base has.
        """
        found: dict[str, str] = {}
        for composite in self._spec.composites.values():
            if self._spec.is_own(composite.name) and not own:
                continue
            for field in composite.fields:
                if field.type in self._spec.composites:
                    found.setdefault(snake(field.type).rstrip("_"), field.type)
                elif field.type == "*" and field.requires and self._spec.archetypes[field.requires[0]]:
                    archetype = field.requires[0]
                    found.setdefault(dispatch_name(archetype, self._spec), archetype)
        return found

    def _own_dispatched(self) -> dict[str, str]:
        """Return those that are made here."""
        there = self._dispatched(own=False)
        return {stem: name for stem, name in self._dispatched().items() if stem not in there}

    def dispatches(self) -> tuple[DispatchPlan, ...]:
        plans: list[DispatchPlan] = []
        for stem, name in self._own_dispatched().items():
            if stem == snake(name).rstrip("_") and name in self._spec.composites:
                plans.append(DispatchPlan(stem, camel(name), name, f"{stem.upper()}_READERS", True, (), True))
                continue
            providers = self._spec.archetypes[name]
            described = any(self._is_described(p) for p in providers)
            scalars = tuple(self._branch(p) for p in providers if not self._is_described(p))
            alias = archetype_name(name, self._spec)
            deep = any(form_of_type(p, self._spec).nested for p in providers)
            plans.append(
                DispatchPlan(
                    stem, alias, name, f"{stem.upper()}_READERS", described, scalars, nested=described or deep
                )
            )
        return tuple(plans)

    def _is_described(self, name: str) -> bool:
        if name in self._spec.composites:
            return True
        restricted = self._spec.restricted.get(name)
        return restricted is not None and restricted.descriptor is not None

    def _branch(self, name: str) -> ScalarBranch:
        form = form_of_type(name, self._spec)
        restricted = self._spec.restricted.get(name)
        primitive = restricted.primitive if restricted else name
        return ScalarBranch(
            codes=code_in([e.code for e in self._spec.primitives[primitive].encodings]),
            condition=_is_a(primitive, form),
            read=f"read_{form.read}({form.arguments})",
            write=_write_branch(primitive, form),
        )

    def dispatch_imports(self, plans: tuple[DispatchPlan, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the annotations that the dispatching functions need."""
        found: dict[str, set[str]] = {}
        for dispatch in plans:
            name = dispatch.annotation
            found.setdefault(self._home.get(name) or self._union_home(name), set()).add(name)
        return _sorted(found)

    # Registry -----------------------------------------------------------------------------------------------------

    def registry(self) -> RegistryPlan:
        spec = self._spec
        described = [
            name for part in spec.parts for name in (t.name for t in part.types) if self._is_described(name)
        ]
        entries = {name: self._entry(name) for name in described}
        own = [name for name in described if spec.is_own(name)]
        needed = dict.fromkeys(own)
        tables: list[tuple[str, tuple[TableEntry, ...]]] = []
        for stem, name in self._own_dispatched().items():
            alone = stem == snake(name).rstrip("_") and name in spec.composites
            members = [m for m in ((name,) if alone else spec.archetypes[name]) if self._is_described(m)]
            needed |= dict.fromkeys(members)
            tables.append((f"{stem.upper()}_READERS", tuple(entries[m] for m in members)))
        for archetype in () if spec.base else ("frame", "sasl-frame", "section"):
            members = [m for m in spec.archetypes.get(archetype, ()) if self._is_described(m)]
            name = f"{snake(archetype).upper()}_READERS"
            if name not in [table for table, _ in tables]:
                tables.append((name, tuple(entries[m] for m in members)))
        imports: dict[str, set[str]] = {}
        for name in needed:
            composite = spec.composites.get(name)
            module = self._path(composite.part if composite else spec.restricted[name].part)
            entry = entries[name]
            names = {entry.kind, entry.reader, entry.short, entry.nested_writer} - {""}
            imports.setdefault(module, set()).update(names)
        unions = self._unions()
        for member in (member for union in unions for member in union.members):
            if member in self._home:
                imports.setdefault(self._home[member], set()).add(member)
        return RegistryPlan(
            types=tuple(entries[name] for name in own),
            tables=tuple(tables),
            unions=unions,
            section_order=tuple(entries[m].key for m in spec.archetypes.get("section", ())),
            imports=_sorted(imports),
        )

    def _entry(self, name: str) -> TableEntry:
        composite = self._spec.composites.get(name)
        descriptor = composite.descriptor if composite else self._spec.restricted[name].descriptor
        assert descriptor is not None
        stem = snake(name).rstrip("_")
        entry = TableEntry(descriptor_key(descriptor).text, f"decode_{stem}", camel(name))
        if composite is None:
            return entry
        if not composite.fields:
            return replace(entry, empty=len(self._empty_octets(descriptor)) == EMPTY_OCTETS)
        hot = self._hot(composite)
        if not hot:
            return entry
        entry = replace(entry, nested_writer=f"write_{stem}_plainly")
        head = (*self._head_octets(descriptor), *(e.code for e in self._narrow_lists()))
        if hot != "frame" or len(head) != SHORT_HEAD_OCTETS:
            return entry
        return replace(entry, short=f"decode_short_{stem}", short_head=f"0x{bytes(head).hex()}")

    def _hot(self, composite: Composite) -> str:
        """Return "frame" or "section" for a composite whose code is in line."""
        if composite.name not in HOT or not self._narrow_lists():
            return ""
        return next((kind for kind in ("frame", "section") if kind in composite.provides), "")

    def _narrow_lists(self) -> list[Encoding]:
        return [e for e in self._spec.primitives["list"].encodings if e.width == 1]

    def _unions(self) -> tuple[UnionPlan, ...]:
        unions: list[UnionPlan] = []
        for archetype, providers in self._spec.archetypes.items():
            if not any(self._spec.is_own(p) for p in providers):
                continue
            members = tuple(dict.fromkeys(self._member(p) for p in providers))
            if not members or archetype == "error-condition":
                continue  # conditions are an open set: a field holds any symbol
            unions.append(
                UnionPlan(archetype_name(archetype, self._spec), members, f"What provides ``{archetype}``.")
            )
        return tuple(unions)

    def _union_home(self, name: str) -> str:
        """Return the module of the alias of an archetype: this package's when a type of it provides it."""
        own = any(union.name == name for union in self._unions())
        return f"{'' if own else self._spec.base}.registry"

    def _member(self, name: str) -> str:
        if self._is_described(name):
            return camel(name)
        return form_of_type(name, self._spec).annotation


def _is_a(primitive: str, form: Form) -> str:
    """Return the condition that `value` is of the class of a primitive."""
    named = {"binary": "is_octets(value)", "list": "is_list(value)", "map": "is_map(value)"}
    return named.get(primitive, f"isinstance(value, {form.annotation})")


def _write_branch(primitive: str, form: Form) -> str:
    if primitive == "binary":
        return "write_binary(octets(value))"
    return "write_value(value)" if primitive in ("list", "map") else f"write_{form.write}(value)"


def _sorted(found: dict[str, set[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((module, tuple(sorted(found[module]))) for module in sorted(found))


def value_text(text: str) -> str:
    """Return the value of a definition: a number if it reads as one, else text."""
    try:
        return str(int(text, 0))
    except ValueError:
        return repr_text(text)


def _read(field: Field, form: Form, default: str | None) -> str:
    if field.multiple:
        what = f'"{form.primitive}", read_{form.read}, {form.plain or "None"}'
        if field.mandatory:
            return f"read_multiple(data, at, depth, scope, {what})"
        return f"read_multiple_or(data, at, depth, scope, {what}, {default or 'None'})"
    if field.mandatory:
        return f"read_{form.read}({form.arguments})"
    return f"read_{form.read}_or({form.arguments}, {default or 'None'})"


def _write(field: Field, form: Form, default: str | None, name: str) -> str:
    value = f"self.{name}"
    if field.multiple:
        suffix = "" if field.mandatory else "_or_null"
        return f'write_multiple{suffix}("{form.primitive}", {value})'
    if field.mandatory:
        return f"write_{form.write}({value})"
    if default is None or form.annotation == "bool":
        return f"write_{form.write}_or_null({value})"
    return f"NULL if {value} == {default} else write_{form.write}_or_null({value})"


def _present(form: Form, default: str | None, name: str) -> str:
    value = f"self.{name}"
    if default is None:
        return f"{value} is not None"
    if form.annotation == "bool":
        return value if default == "False" else f"not {value}"
    return f"{value} != {default}"
