"""Step 1, load: XML files to nodes that know where they stand."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lxml import etree

from codegen.faults import Fault, Faults, Where
from codegen.model import Document, Node, Part, TypeNode

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeAlias

# lxml has no public name for the class of its elements.
Element: TypeAlias = "etree._Element"  # pyright: ignore[reportPrivateUsage]

# The schema's own name is spelled with http; copies that went through a link rewriter have https.
NAMESPACES = ("http://www.amqp.org/schema/amqp.xsd", "https://www.amqp.org/schema/amqp.xsd")


def load(folders: list[Path]) -> Document:
    """Read every *.xml of the folders and of their `extensions`, in the order of the names."""
    document = Document()
    faults: list[Fault] = []
    for number, folder in enumerate(folders):
        files = sorted(folder.glob("*.xml")) + sorted((folder / "extensions").glob("*.xml"))
        if not files:
            faults.append(
                Fault(Where(str(folder), 0), "no *.xml file here", "name a folder with the parts of the XML")
            )
        for file in files:
            try:
                document.parts.append(_part(file, _shown(file, folder), number))
            except Faults as found:
                faults.extend(found.faults)
    if faults:
        raise Faults(faults)
    return document


def _shown(file: Path, folder: Path) -> str:
    """Return the file's name as faults show it: as the caller would type it."""
    return (folder / file.relative_to(folder)).as_posix()


def _part(file: Path, shown: str, folder: int) -> Part:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Faults(
            [Fault(Where(shown, 0), f"cannot be read ({error.strerror})", "check the file")]
        ) from error
    root = _parse(data, shown)
    where = Where(shown, root.sourceline or 0)
    namespace, tag = _split(root)
    if tag != "amqp":
        raise Faults([Fault(where, f"the root element is <{tag}>", "a part of the specification is <amqp>")])
    if namespace not in NAMESPACES:
        what = f"the root element is in the namespace {namespace!r}"
        raise Faults([Fault(where, what, f'write xmlns="{NAMESPACES[0]}"')])
    return _Reader(shown, namespace).part(root, hashlib.sha256(data).hexdigest(), folder)


def _parse(data: bytes, shown: str) -> Element:
    # A DOCTYPE is taken and not followed: no network, no external file, no entity is expanded.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        where = Where(shown, error.lineno or 0)
        text = (error.msg or "not XML").split(", line ")[0]
        raise Faults([Fault(where, f"not well-formed XML ({text})", "mend the markup")]) from error


def _split(element: Element) -> tuple[str, str]:
    name = etree.QName(element)
    return name.namespace or "", name.localname


# What may stand where. `doc`, `anchor` and the like are prose and are passed over wherever they stand.
PROSE = ("doc", "anchor", "picture", "xref", "todo", "term", "i", "b", "p", "ol", "ul", "dl", "li", "br")


class _Reader:
    """Walks one document and collects its nodes."""

    def __init__(self, shown: str, namespace: str) -> None:
        self._shown = shown
        self._namespace = namespace
        self._part = ""
        self._types: list[TypeNode] = []
        self._definitions: list[Node] = []
        self._strangers: list[tuple[str, Node]] = []

    def part(self, root: Element, sha256: str, folder: int) -> Part:
        node = self._node(root)
        self._part = node.name
        sections = self._children(root, "section")
        for section in sections:
            for child in self._children(section, "type", "definition"):
                if _split(child)[1] == "type":
                    self._types.append(self._type(child))
                else:
                    self._definitions.append(self._node(child))
                    self._children(child)
        return Part(
            name=node.name,
            node=node,
            file=self._shown,
            sha256=sha256,
            types=tuple(self._types),
            definitions=tuple(self._definitions),
            strangers=tuple(self._strangers),
            sections=tuple(self._node(section) for section in sections),
            folder=folder,
        )

    def _type(self, element: Element) -> TypeNode:
        kinds: dict[str, list[Node]] = {"encoding": [], "descriptor": [], "field": [], "choice": []}
        for child in self._children(element, *kinds):
            kinds[_split(child)[1]].append(self._node(child))
            # The published schema lets an error follow a field; it carries prose only.
            self._children(child, "error")
        node = self._node(element)
        return TypeNode(
            where=node.where,
            tag=node.tag,
            attributes=node.attributes,
            doc=node.doc,
            encodings=tuple(kinds["encoding"]),
            descriptors=tuple(kinds["descriptor"]),
            fields=tuple(kinds["field"]),
            choices=tuple(kinds["choice"]),
            part=self._part,
        )

    def _children(self, element: Element, *expected: str) -> list[Element]:
        """Return the children with an expected tag; note the others unless they are prose."""
        found: list[Element] = []
        for child in element:
            namespace, tag = _split(child) if isinstance(child.tag, str) else (self._namespace, "doc")
            if namespace != self._namespace:
                continue  # another vocabulary's element is not ours to judge
            if tag in expected:
                found.append(child)
            elif tag not in PROSE:
                self._strangers.append((_split(element)[1], self._node(child)))
        return found

    def _node(self, element: Element) -> Node:
        attributes = {str(key): str(value) for key, value in element.attrib.items()}
        return Node(
            where=Where(self._shown, element.sourceline or 0),
            tag=_split(element)[1],
            attributes=attributes,
            doc=self._doc(element),
        )

    def _doc(self, element: Element) -> str:
        """Return the doc that is one line of text; a tree of markup is prose for another reader."""
        for child in element:
            if isinstance(child.tag, str) and _split(child)[1] == "doc" and len(child) == 0:
                return " ".join((child.text or "").split())
        return ""
