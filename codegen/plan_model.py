"""What a plan is made of: the text that the templates print, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegen.plan_hot import HotField
    from codegen.plan_maps import MapsPlan
    from codegen.plan_primitives import PrimitivesPlan
    from codegen.plan_runs import TaggedRun
    from codegen.plan_sections import SectionsPlan
    from codegen.plan_strategies import StrategyPlan


@dataclass(frozen=True, slots=True)
class Line:
    """A name, its value and what it means."""

    name: str
    value: str
    doc: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnumerationPlan:
    """A class of choices, with the readers and writers of fields of that type."""

    name: str
    stem: str
    bases: str
    primitive: str
    annotation: str
    members: tuple[Line, ...]
    doc: tuple[str, ...]
    text: bool  # the members are symbols or strings
    xml_name: str


@dataclass(frozen=True, slots=True)
class ConstantsPlan:
    """A choice over booleans: a class of constants."""

    name: str
    members: tuple[Line, ...]
    doc: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DescriptorKey:
    """The descriptor by which the class of a type is found: its number, or its symbol when it has no number."""

    text: str
    kind: str  # int or Symbol


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A field of a composite: its attribute, and the expressions that read and write it."""

    name: str
    xml_name: str
    annotation: str
    default: str  # text of the default, empty for a mandatory field
    doc: tuple[str, ...]
    mandatory: bool
    position: int
    read: str
    write: str
    present: str  # condition under which the list reaches this field
    hot: HotField


@dataclass(frozen=True, slots=True)
class CompositePlan:
    """A generated class over a list."""

    name: str
    stem: str
    xml_name: str
    symbol: str
    key: DescriptorKey
    head: str
    doc: tuple[str, ...]
    fields: tuple[FieldPlan, ...]
    required: int  # how many fields the list has at least
    hot: str  # where it is read and written in line: "frame" or "section"; empty when it is not
    run: tuple[int, str]  # how many leading numbers are read at once, and their constructor
    tagged: TaggedRun | None  # other fields that are
    usual: int  # behind how many fields the rest is mostly left out
    in_message: bool
    secrets: tuple[str, ...]  # fields that the repr does not show
    empty: str  # the whole encoding when there are no fields
    narrow_head: str  # descriptor and the constructor of a small list

    @property
    def optional(self) -> tuple[FieldPlan, ...]:
        """The fields that may be left out at the end of the list."""
        return self.fields[self.required :]

    @property
    def always_narrow(self) -> bool:
        """Whether the size of the list fits one octet whatever the fields hold."""
        sizes = [f.hot.longest for f in self.fields]
        return None not in sizes and sum(size or 0 for size in sizes) < 0xFF


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A generated class over a restricted type with a descriptor: one value."""

    name: str
    stem: str
    xml_name: str
    symbol: str
    key: DescriptorKey
    head: str
    doc: tuple[str, ...]
    annotation: str
    read: str
    write: str  # expression over `value`
    known_keys: str  # of a map whose keys are restricted: those read before; else empty
    in_message: bool
    pieces: tuple[str, ...]  # lines that return head and octets; empty when the value is none of octets


@dataclass(frozen=True, slots=True)
class PartPlan:
    """The module of one part."""

    module: str
    title: tuple[str, ...]
    constants: tuple[Line, ...]
    aliases: tuple[Line, ...]
    renamed: tuple[Line, ...]  # aliases of choices
    flags: tuple[ConstantsPlan, ...]
    enumerations: tuple[EnumerationPlan, ...]
    composites: tuple[CompositePlan, ...]
    sections: tuple[SectionPlan, ...]
    imports: tuple[tuple[str, tuple[str, ...]], ...]
    typing_imports: tuple[tuple[str, tuple[str, ...]], ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScalarBranch:
    """One undescribed type among those that a field may hold."""

    codes: str
    condition: str
    read: str
    write: str


@dataclass(frozen=True, slots=True)
class DispatchPlan:
    """The functions that read and write what provides an archetype, or one composite."""

    stem: str
    annotation: str
    title: str
    table: str
    described: bool
    scalars: tuple[ScalarBranch, ...]
    nested: bool


@dataclass(frozen=True, slots=True)
class UnionPlan:
    """A public alias over what provides an archetype."""

    name: str
    members: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A described type in a table of the registry."""

    key: str
    reader: str
    kind: str
    short: str = ""  # the reader of the fields in a short list
    short_head: str = ""  # 0x00, a descriptor of one octet and the constructor of such a list, as one number
    empty: bool = False  # it has no fields, and is written in four octets
    nested_writer: str = ""


@dataclass(frozen=True, slots=True)
class RegistryPlan:
    """The tables from descriptors to readers, and the unions."""

    types: tuple[TableEntry, ...]
    tables: tuple[tuple[str, tuple[TableEntry, ...]], ...]
    unions: tuple[UnionPlan, ...]
    section_order: tuple[str, ...]
    imports: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """An XML file, as the header of what is made of it names it."""

    modules: tuple[str, ...]  # those that it has a part in
    name: str
    sha256: str
    primitive: bool  # it defines primitives


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole output."""

    sources: tuple[Source, ...]
    primitives: PrimitivesPlan
    maps: MapsPlan
    sections: SectionsPlan
    parts: tuple[PartPlan, ...]
    dispatches: tuple[DispatchPlan, ...]
    dispatch_imports: tuple[tuple[str, tuple[str, ...]], ...]
    registry: RegistryPlan
    strategies: tuple[StrategyPlan, ...]
    base: str  # the package whose values, errors and codec are used; empty when they are made
    exports: tuple[tuple[str, tuple[str, ...]], ...]
