"""What the marks of errata do to a document, and what the generator says of marks that it cannot follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codegen.__main__ import main
from codegen.errata import amend
from codegen.faults import Faults
from codegen.load import load
from codegen.pipeline import changes, generate
from codegen.validate import validate
from tests.codegen.broken import SPEC, Copy

if TYPE_CHECKING:
    from pathlib import Path

    from codegen.model import Document, TypeNode

HEAD = '<amqp name="{name}" xmlns="{space}://www.amqp.org/schema/amqp.xsd" xmlns:e="urn:amqp10:errata"><section name="s">\n'
TAIL = "\n</section></amqp>\n"


def erratum(folder: Path, body: str, *, name: str = "errata", space: str = "http") -> Path:
    """Write a folder with one file; the body begins in its line 2."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "errata.xml").write_text(HEAD.format(name=name, space=space) + body + TAIL)
    return folder


def amended(*folders: Path) -> Document:
    return validate(amend(load([SPEC, *folders])))


def kind(name: str, *folders: Path) -> TypeNode:
    return amended(*folders).by_name()[name]


def faults_of(*folders: Path) -> list[str]:
    with pytest.raises(Faults) as caught:
        amended(*folders)
    return str(caught.value).splitlines()


def line(part: str, text: str) -> str:
    return f"{SPEC}/{part}.xml:{Copy(SPEC).line_of(part, text)}"


# What marks do. ------------------------------------------------------------------------------------------------------


def test_replace_keeps_the_place_and_nothing_else(tmp_path: Path) -> None:
    body = (
        '<type name="header" class="composite" source="list" provides="section" e:change="replace">'
        '<descriptor name="amqp:header:list" code="0x0:0x70"/><field name="ttl" type="uint"/></type>'
    )
    document = amended(erratum(tmp_path / "e", body))
    header = document.by_name()["header"]
    assert [field.name for field in header.fields] == ["ttl"]
    assert (header.part, header.doc) == ("messaging", "")
    sections = [node.name for node in document.types() if "section" in node.words("provides")]
    assert sections[:2] == ["header", "delivery-annotations"]


def test_merge_keeps_what_is_not_given(tmp_path: Path) -> None:
    body = '<type name="open" e:change="merge"><doc>O.1: Hello.</doc><field name="channel-max" default="7" e:change="merge"/></type>'
    node = kind("open", erratum(tmp_path / "e", body))
    before = kind("open")
    assert node.doc == "O.1: Hello."
    assert node.attributes == before.attributes
    assert node.descriptors == before.descriptors
    assert [field.name for field in node.fields] == [field.name for field in before.fields]
    (field,) = (field for field in node.fields if field.name == "channel-max")
    assert (field.get("type"), field.get("default")) == ("ushort", "7")
    assert field.doc.startswith("2.7.1: The highest channel number")


def test_replaced_field_keeps_its_place(tmp_path: Path) -> None:
    body = (
        '<type name="open" e:change="merge"><field name="channel-max" type="uint" e:change="replace"/></type>'
    )
    node = kind("open", erratum(tmp_path / "e", body))
    assert (node.fields[3].name, node.fields[3].attributes) == (
        "channel-max",
        {"name": "channel-max", "type": "uint"},
    )


def test_an_encoding_without_a_name_is_found_by_its_code(tmp_path: Path) -> None:
    body = (
        '<type name="ulong" e:change="merge"><encoding code="0x80" e:change="merge" name="whole"/>'
        '<encoding name="ulong0" e:change="remove"/></type>'
    )
    node = kind("ulong", erratum(tmp_path / "e", body))
    assert {each.name for each in node.encodings} == {"whole", "smallulong"}


def test_definitions_change(tmp_path: Path) -> None:
    body = (
        '<definition name="PORT" value="1" e:change="merge"/><definition name="SECURE-PORT" e:change="remove"/>'
        '<definition name="OTHER" value="2"/>'
    )
    folder = erratum(tmp_path / "e", body)
    names = {node.name: node.get("value") for node in amended(folder).definitions()}
    assert (names["PORT"], names["OTHER"]) == ("1", "2")
    assert "SECURE-PORT" not in names
    assert changes([SPEC, folder]) == [
        "changed definition PORT: value 5672 -> 1",
        "removed definition SECURE-PORT",
        "added definition OTHER: value 2",
    ]


def test_errata_of_errata_apply_in_order(tmp_path: Path) -> None:
    first = erratum(
        tmp_path / "1",
        '<type name="open" e:change="merge"><field name="nick" type="string"/></type>\n<type name="x" class="restricted" source="uint"/>',
        name="one",
    )
    second = erratum(
        tmp_path / "2",
        '<type name="open" e:change="merge"><field name="nick" type="symbol" e:change="merge"/></type>\n'
        '<type name="x" source="ulong" e:change="merge"/>',
        name="two",
    )
    document = amended(first, second)
    assert document.by_name()["open"].fields[-1].get("type") == "symbol"
    assert (document.by_name()["x"].get("source"), document.by_name()["x"].part) == ("ulong", "one")
    assert faults_of(second, first)[0] == (
        f"{second}/errata.xml:2: there is no field 'nick' of 'open' to merge: take the mark out, or name what an earlier file has"
    )


def test_removed_and_defined_anew(tmp_path: Path) -> None:
    body = '<type name="seconds" e:change="remove"/><type name="seconds" class="restricted" source="ulong"/>'
    assert kind("seconds", erratum(tmp_path / "e", body)).get("source") == "ulong"


def test_what_is_new_goes_to_the_part_of_that_name(tmp_path: Path) -> None:
    body = '<type name="hours" class="restricted" source="uint"/><definition name="NOON" value="12"/>'
    files = generate([SPEC, erratum(tmp_path / "e", body, name="transport", space="https")])
    assert "Hours: TypeAlias = int" in files["transport.py"]
    assert "NOON: Final = 12" in files["transport.py"]
    assert "# Generated from e/errata.xml\n" in files["transport.py"]
    assert "# Generated from e/errata.xml\n" not in files["messaging.py"]
    assert "# Generated from e/errata.xml\n" not in files["primitives.py"]
    assert files["registry.py"].count("# Generated from e/errata.xml\n") == 1
    assert "errata.py" not in files


def test_headers_name_the_files_that_a_module_was_changed_by(tmp_path: Path) -> None:
    body = (
        '<type name="open" e:change="merge"><doc>O.1: Hello.</doc></type>\n'
        '<type name="uint" e:change="merge"><encoding name="uint0" e:change="remove"/></type>\n'
        '<type name="hours" class="restricted" source="uint"/>'
    )
    files = generate([SPEC, erratum(tmp_path / "e", body)])
    named = {name for name, text in files.items() if "# Generated from e/errata.xml\n" in text}
    assert named >= {"transport.py", "primitives.py", "errata.py"}
    assert "messaging.py" not in named
    assert "O.1: Hello." in files["transport.py"]


def test_report_says_when_nothing_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = '<type name="open" e:change="merge"><doc>O.1: Hello.</doc></type>'
    assert changes([SPEC, erratum(tmp_path / "e", body)]) == ["nothing changed for users"]
    assert main(["--spec", str(SPEC), "--report", "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "nothing changed for users"


def test_report_of_flags_sources_and_requirements(tmp_path: Path) -> None:
    body = (
        '<type name="open" e:change="merge"><field name="hostname" mandatory="true" e:change="merge"/>\n'
        '<field name="container-id" type="string" mandatory="false" multiple="true" e:change="replace"/></type>\n'
        '<type name="seconds" source="ulong" e:change="merge"/>\n'
        '<type name="role" e:change="merge"><choice name="sender" e:change="remove"/></type>\n'
        '<type name="uint" e:change="merge"><encoding name="smalluint" code="0x5a" e:change="merge"/></type>'
    )
    assert changes([SPEC, erratum(tmp_path / "e", body)]) == [
        "changed field open.container-id: multiple false -> true, mandatory true -> false",
        "changed field open.hostname: mandatory false -> true",
        "removed choice role.sender",
        "changed type seconds: source uint -> ulong",
        "changed encoding uint.smalluint: code 0x52 -> 0x5a",
    ]


# What is said of marks that cannot be followed. ----------------------------------------------------------------------

NOTHING = "take the mark out, or name what an earlier file has"
OTHERWISE = "rename it, or mark it with the attribute change of urn:amqp10:errata"

# Name -> body of the erratum, line of the fault, what is wrong, how to mend it; {part:text} is a place in the XML.
FAULTS: dict[str, tuple[str, int, str, str]] = {
    "no such type": (
        '<type name="opne" e:change="merge"/>',
        2,
        "there is no type 'opne' to merge",
        "did you mean 'open'?",
    ),
    "no such type at all": (
        '<type name="zzz" e:change="remove"/>',
        2,
        "there is no type 'zzz' to remove",
        NOTHING,
    ),
    "no such definition": (
        '<definition name="PROT" value="1" e:change="replace"/>',
        2,
        "there is no definition 'PROT' to replace",
        "did you mean 'PORT'?",
    ),
    "no such field": (
        '<type name="open" e:change="merge">\n<field name="hostnam" e:change="remove"/></type>',
        3,
        "there is no field 'hostnam' of 'open' to remove",
        "did you mean 'hostname'?",
    ),
    "no such choice": (
        '<type name="sender-settle-mode" e:change="merge">\n<choice name="mixd" e:change="remove"/></type>',
        3,
        "there is no choice 'mixd' of 'sender-settle-mode' to remove",
        "did you mean 'mixed'?",
    ),
    "no such encoding": (
        '<type name="uint" e:change="merge">\n<encoding code="0x5f" e:change="remove"/></type>',
        3,
        "there is no encoding of 'uint' to remove",
        NOTHING,
    ),
    "no descriptor": (
        '<type name="seconds" e:change="merge">\n<descriptor name="x" code="0x1:0x1" e:change="replace"/></type>',
        3,
        "there is no descriptor 'x' of 'seconds' to replace",
        NOTHING,
    ),
    "another change": (
        '<type name="open" e:change="delete"/>',
        2,
        "e:change is 'delete'",
        "it is one of replace, merge, remove",
    ),
    "a change misspelled": (
        '<type name="open" e:change="mergee"/>',
        2,
        "e:change is 'mergee'",
        "did you mean 'merge'?",
    ),
    "a mark in a new type": (
        (
            '<type name="new" class="composite" source="list"><descriptor name="x:y" code="0x1:0x1"/>\n'
            '<field name="hostname" type="string" e:change="merge"/></type>'
        ),
        3,
        "e:change on a <field> of 'new', which is not merged",
        'mark the type e:change="merge", or take the mark out',
    ),
    "a removal that holds something": (
        '<type name="delete-on-close" e:change="remove">\n<field name="x" type="uint"/></type>',
        3,
        "<field> in the removal of 'delete-on-close'",
        'mark the type e:change="merge", or leave out what it holds',
    ),
    "an unknown mark": (
        '<type name="open" e:change="merge">\n<field name="hostname" e:chnage="remove" e:change="merge"/></type>',
        3,
        "unknown attribute 'chnage' of errata",
        'write e:change="..."',
    ),
    "a type used again": (
        '<type name="error" class="restricted" source="symbol"/>',
        2,
        "type 'error' is defined twice",
        'the other is at {transport:<type name="error"}: ' + OTHERWISE,
    ),
    "a definition used again": (
        '<definition name="PORT" value="1"/>',
        2,
        "definition 'PORT' is defined twice",
        'the other is at {transport:<definition name="PORT"}: ' + OTHERWISE,
    ),
    "a field used again": (
        '<type name="open" e:change="merge">\n<field name="hostname" type="string"/></type>',
        3,
        "field of 'open' 'hostname' is defined twice",
        'the other is at {transport:<field name="hostname"}: ' + OTHERWISE,
    ),
    "a choice used again": (
        '<type name="sender-settle-mode" e:change="merge">\n<choice name="mixed" value="9"/></type>',
        3,
        "choice of 'sender-settle-mode' 'mixed' is defined twice",
        'the other is at {transport:<choice name="mixed"}: ' + OTHERWISE,
    ),
    "an encoding used again": (
        '<type name="uint" e:change="merge">\n<encoding name="smalluint" code="0x5f" category="fixed" width="1"/></type>',
        3,
        "encoding of 'uint' 'smalluint' is defined twice",
        'the other is at {types:<encoding name="smalluint"}: ' + OTHERWISE,
    ),
    "a descriptor used again": (
        '<type name="open" e:change="merge">\n<descriptor name="x:y" code="0x1:0x1"/></type>',
        3,
        "a second descriptor of 'open'",
        "the other is at {transport:amqp:open:list}: mark it with the attribute change of urn:amqp10:errata",
    ),
    "a type that is still the type of a field": (
        '\n<type name="error" e:change="remove"/>',
        3,
        "type 'error' is removed and is the type of field 'error' of 'detach' at {transport-error}",
        "change that as well, or keep it",
    ),
    "a type that is still a source": (
        '<type name="sequence-no" e:change="remove"/>',
        2,
        (
            "type 'sequence-no' is removed and is the source of 'delivery-number' at "
            '{transport:<type name="delivery-number"}'
        ),
        "change that as well, or keep it",
    ),
    "a type that alone provides what a field requires": (
        '<type name="address-string" e:change="remove"/>',
        2,
        (
            "type 'address-string' is removed and alone provides 'address', which field 'to' of 'properties' requires at "
            '{messaging:<field name="to"}'
        ),
        "change that as well, or keep it",
    ),
    "a choice that is still a default": (
        '<type name="sender-settle-mode" e:change="merge">\n<choice name="mixed" e:change="remove"/></type>',
        3,
        (
            "choice 'mixed' of 'sender-settle-mode' is removed and is the default of field 'snd-settle-mode' of 'attach' at "
            '{transport:<field name="snd-settle-mode"}'
        ),
        "change that as well, or keep it",
    ),
    "the widest encoding": (
        '\n<type name="uint" e:change="merge"><encoding code="0x70" e:change="remove"/></type>',
        3,
        "no encoding of 'uint' holds all its values",
        "give it one that is fixed of width 4",
    ),
    "the descriptor of a composite": (
        '\n<type name="open" e:change="merge"><descriptor e:change="remove"/></type>',
        3,
        "composite 'open' has no descriptor",
        'write <descriptor name="..." code="0x...:0x..."/>',
    ),
    "a default that does not fit the new type": (
        '<type name="open" e:change="merge">\n<field name="max-frame-size" type="ushort" e:change="merge"/></type>',
        3,
        "default '4294967295' of field 'max-frame-size' is not a value of 'ushort'",
        "write a value of ushort of at most 16 bits",
    ),
}


def with_places(text: str) -> str:
    """Put places of the XML into what is expected."""
    detach = Copy(SPEC).path("transport").read_text().splitlines()
    start = next(n for n, each in enumerate(detach) if '<type name="detach"' in each)
    error = next(n for n in range(start, len(detach)) if '<field name="error"' in detach[n]) + 1
    text = text.replace("{transport-error}", f"{SPEC}/transport.xml:{error}")
    while "{" in text:
        quoted = text[text.index("{") + 1 : text.index("}")]
        part, _, words = quoted.partition(":")
        text = text.replace("{" + quoted + "}", line(part, words))
    return text


@pytest.mark.parametrize("case", FAULTS)
def test_fault(case: str, tmp_path: Path) -> None:
    body, number, what, mend = FAULTS[case]
    folder = erratum(tmp_path / "e", body)
    assert f"{folder}/errata.xml:{number}: {with_places(what)}: {with_places(mend)}" in faults_of(folder)


@pytest.mark.parametrize("case", ["no such field", "a field used again", "a choice that is still a default"])
def test_one_mistake_is_one_fault(case: str, tmp_path: Path) -> None:
    assert len(faults_of(erratum(tmp_path / "e", FAULTS[case][0]))) == 1


@pytest.mark.parametrize(("place", "tag"), [("<amqp", "amqp"), ("<section", "section")])
def test_marks_stand_on_what_can_be_changed(place: str, tag: str, tmp_path: Path) -> None:
    folder = erratum(tmp_path / "e", '<definition name="X" value="1"/>')
    text = (folder / "errata.xml").read_text()
    (folder / "errata.xml").write_text(text.replace(place, f'{place} e:change="merge"'))
    mend = "mark the types and definitions inside that change"
    assert faults_of(folder) == [f"{folder}/errata.xml:1: e:change on <{tag}>: {mend}"]


def test_a_mark_without_the_namespace_is_unknown(tmp_path: Path) -> None:
    folder = erratum(tmp_path / "e", '<type name="open" change="merge"/>')
    assert any("unknown attribute 'change' of <type>" in text for text in faults_of(folder))


def test_removals_of_everything_that_refers_are_no_fault(tmp_path: Path) -> None:
    body = (
        '<type name="address-string" e:change="remove"/>'
        '<type name="address-named" class="restricted" source="symbol" provides="address"/>'
    )
    assert "address-string" not in amended(erratum(tmp_path / "e", body)).by_name()


def test_all_faults_at_once_and_nothing_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = (
        '<type name="opne" e:change="merge"/>\n'
        '<type name="error" e:change="remove"/>\n'
        '<type name="begin" e:change="merge"><field name="x" type="uitn"/></type>\n'
        '<definition name="PORT" value="1"/>'
    )
    folder = erratum(tmp_path / "e", body)
    out = tmp_path / "out"
    assert main(["--spec", str(SPEC), "--spec", str(folder), "--out", str(out), "--report"]) == 1
    assert not out.exists()
    told = capsys.readouterr().err.splitlines()
    assert all(text.startswith(f"{folder}/errata.xml:") for text in told)
    assert sorted({text.removeprefix(f"{folder}/errata.xml:")[0] for text in told}) == ["2", "3", "4", "5"]
