"""What the generator says of XML that it cannot use: the file, the line, what is wrong and how to mend it."""

import subprocess
import sys
from pathlib import Path

import pytest

from codegen.faults import Faults
from codegen.load import load
from codegen.validate import RULES, validate
from tests.codegen.broken import Copy

# Part, text, what it is changed into; then what is wrong and how to mend it, as the generator says it.
CASES: list[tuple[str, str, str, str, str]] = [
    (
        "transport",
        '<field name="channel-max" type="ushort"',
        '<field name="channel-max" type="ushrot"',
        "type 'ushrot' of field 'channel-max' is unknown",
        "did you mean 'ushort'?",
    ),
    (
        "transport",
        '<field name="handle-max" type="handle"',
        '<field name="handle-max" type="zzz"',
        "type 'zzz' of field 'handle-max' is unknown",
        "define it",
    ),
    (
        "transport",
        '<field name="container-id" type="string" mandatory="true"',
        '<field name="container-id" type="string" mandatroy="true"',
        "unknown attribute 'mandatroy' of <field>",
        "did you mean 'mandatory'?",
    ),
    (
        "transport",
        '<field name="container-id" type="string" mandatory="true"',
        '<field name="container-id" type="string" mandatory="yes"',
        "mandatory is 'yes'",
        'write "true" or "false"',
    ),
    (
        "transport",
        '<field name="container-id" type="string" mandatory="true"',
        '<field name="container-id" type="string" mandatory="true" default="x"',
        "field 'container-id' is mandatory and has a default",
        "take one of the two out",
    ),
    (
        "transport",
        '<field name="channel-max" type="ushort" default="65535"',
        '<field name="channel-max" type="ushort" default="65536"',
        "default '65536' of field 'channel-max' is not a value of 'ushort'",
        "write a value of ushort of at most 16 bits",
    ),
    (
        "transport",
        'type="sender-settle-mode" default="mixed"',
        'type="sender-settle-mode" default="mixd"',
        "default 'mixd' of field 'snd-settle-mode' is none of the choices of 'sender-settle-mode'",
        "did you mean 'mixed'?",
    ),
    (
        "transport",
        'name="incomplete-unsettled" type="boolean" default="false"',
        'name="incomplete-unsettled" type="boolean" default="0"',
        "default '0' of field 'incomplete-unsettled' is not a value of 'boolean'",
        'write "true" or "false"',
    ),
    (
        "transport",
        '<type name="open" class="composite"',
        '<type name="open" class="compsite"',
        "type 'open' has the class 'compsite'",
        "did you mean 'composite'?",
    ),
    (
        "transport",
        '<type name="open" class="composite" source="list"',
        '<type name="open" class="composite" source="map"',
        "composite 'open' has the source 'map'",
        'write source="list"',
    ),
    (
        "transport",
        '<descriptor name="amqp:begin:list" code="0x00000000:0x00000011"/>',
        "",
        "composite 'begin' has no descriptor",
        'write <descriptor name="..." code="0x...:0x..."/>',
    ),
    (
        "transport",
        '<descriptor name="amqp:begin:list" code="0x00000000:0x00000011"/>',
        '<descriptor name="amqp:begin:list"/>',
        "descriptor 'amqp:begin:list' of 'begin' has no code",
        'the standard\'s have one: write code="0x...:0x..."',
    ),
    (
        "transport",
        '<descriptor name="amqp:begin:list" code="0x00000000:0x00000011"/>',
        '<descriptor name="example.com:begin:list"/>',
        "descriptor 'example.com:begin:list' of 'begin' has no code",
        "what provides 'frame' needs one: write code=\"0x...:0x...\"",
    ),
    (
        "transport",
        'code="0x00000000:0x00000012"',
        'code="0x12"',
        "descriptor code '0x12'",
        "write 0x<domain>:0x<id> (1.3.3)",
    ),
    (
        "transport",
        'name="amqp:end:list" code="0x00000000:0x00000017"',
        'name="amqp:end:list" code="0x00000000:0x00000016"',
        "descriptor code 0x00000000:0x00000016 is used twice",
        "the other is at {folder}/transport.xml:{amqp:detach:list}: change one",
    ),
    (
        "transport",
        'name="amqp:end:list"',
        'name="amqp:detach:list"',
        "descriptor name 'amqp:detach:list' is used twice",
        "the other is at {folder}/transport.xml:{amqp:detach:list}: change one",
    ),
    (
        "transport",
        '<choice name="settled" value="1"',
        '<choice name="settled" value="0"',
        "value '0' is chosen twice",
        'the other is at {folder}/transport.xml:{name="unsettled" value="0"}',
    ),
    (
        "transport",
        '<choice name="settled" value="1"',
        '<choice name="settled" value="256"',
        "choice 'settled' has the value '256', which is none of ubyte",
        "write a value of ubyte of at most 8 bits",
    ),
    (
        "transport",
        'name="handle" class="restricted" source="uint"',
        'name="handle" class="restricted" source="open"',
        "source 'open' of 'handle' is a composite",
        "restrict a primitive, or another restricted type",
    ),
    (
        "transport",
        'name="handle" class="restricted" source="uint"',
        'name="handle" class="restricted"',
        "restricted type 'handle' has no source",
        'write source="..."',
    ),
    (
        "transport",
        '<definition name="MINOR" value="0"',
        '<definition name="MAJOR" value="0"',
        "definition 'MAJOR' is defined twice",
        'the other is at {folder}/transport.xml:{name="MAJOR"}: rename or remove one',
    ),
    (
        "transport",
        '<definition name="MINOR" value="0"',
        '<definition name="MINOR"',
        "<definition> has no value",
        'write value="..."',
    ),
    (
        "transport",
        '<field name="hostname" type="string"',
        '<field name="host name" type="string"',
        "name 'host name'",
        "use letters, digits and hyphens, a letter first",
    ),
    (
        "transport",
        '<field name="offered-capabilities" type="symbol" multiple="true"',
        '<field name="offered-capabilities" type="fields" multiple="true"',
        "field 'offered-capabilities' is multiple and of the type 'fields'",
        "no codec for that: make it a scalar type, or a list",
    ),
    (
        "types",
        '<encoding name="smalluint" code="0x52" category="fixed" width="1"',
        '<encoding name="smalluint" code="0x52" category="fixed" width="2"',
        "code 0x52 is fixed of width 2",
        "by its high half it is fixed of width 1 (1.2)",
    ),
    (
        "types",
        '<encoding name="smalluint" code="0x52"',
        '<encoding name="smalluint" code="82"',
        "code '82' of 'uint'",
        "write two hexadecimal digits: 0x52",
    ),
    (
        "types",
        '<encoding name="utf32" code="0x73" category="fixed" width="4"',
        '<encoding name="utf32" code="0x63" category="fixed" width="2"',
        "no codec for char as fixed of width 2 (code 0x63)",
        "add its layout to codegen/layouts.py and codegen/plan_primitives.py",
    ),
    (
        "types",
        '<type name="decimal32"',
        '<type name="decimal16"',
        "primitive 'decimal16' has no Python side",
        "did you mean 'decimal64'?",
    ),
    (
        "messaging",
        '<field name="default-outcome" type="*" requires="outcome"',
        '<field name="default-outcome" type="*" requires="outcom"',
        "no type provides 'outcom'",
        "did you mean 'outcome'?",
    ),
    (
        "messaging",
        '<type name="data" class="restricted"',
        '<type name="described" class="restricted"',
        "type 'described' would hide 'Described' of the output",
        "rename it",
    ),
    (
        "messaging",
        '<type name="address-string" class="restricted" source="string"',
        '<type name="address-string" class="restricted" source="*"',
        "'address-string' provides 'address' and is of any type",
        "give it a descriptor, or a primitive as source",
    ),
    (
        "messaging",
        '<field name="user-id" type="binary"',
        '<feild name="user-id" type="binary"/><field name="user-id" type="binary"',
        "<feild> in <type>",
        "did you mean 'field'?",
    ),
    (
        "security",
        '<amqp name="security"',
        '<amqp name="values"',
        "part 'values' has the name of a module of the output",
        "rename it",
    ),
    (
        "security",
        '<field name="initial-response"',
        '<field name="Mechanism"',
        "'Mechanism' and 'mechanism' are both 'mechanism' in Python",
        'the other is at {folder}/security.xml:{name="mechanism"}: rename one',
    ),
    (
        "types",
        '<encoding name="smalluint" code="0x52"',
        '<encoding name="smalluint" code="0x32"',
        "code 0x32 is in no subcategory",
        "use one from 0x40 to 0xff (1.2)",
    ),
    (
        "types",
        '<encoding name="smalluint" code="0x52" category="fixed" width="1"',
        '<encoding name="smalluint" code="0x52" category="fixed" width="one"',
        "width 'one' of code 0x52",
        "write a number of octets",
    ),
    (
        "types",
        '<encoding name="smalluint" code="0x52" category="fixed"',
        '<encoding name="smalluint" code="0x52" category="variable"',
        "code 0x52 is variable of width 1",
        "by its high half it is fixed of width 1 (1.2)",
    ),
    (
        "types",
        '<type name="ubyte" class="primitive"',
        '<type name="ubyte" class="primitive" source="uint"',
        "primitive 'ubyte' has a source",
        "take it out",
    ),
    (
        "types",
        '<encoding name="smalluint"',
        '<choice name="one" value="1"/><encoding name="smalluint"',
        "<choice> in the primitive type 'uint'",
        "a primitive type takes encoding",
    ),
    (
        "transport",
        '<field name="hostname" type="string"',
        '<choice name="one" value="1"/><field name="hostname" type="string"',
        "<choice> in the composite type 'open'",
        "a composite type takes descriptor and field",
    ),
    (
        "transport",
        '<field name="hostname" type="string"',
        '<field name="hostname" type=""',
        "<field> has no type",
        'write type="..."',
    ),
    (
        "transport",
        '<field name="hostname" type="string"',
        '<field name="hostname" type="double" default="nan"',
        "default 'nan' of field 'hostname' is not a value of 'double'",
        "write a value of double",
    ),
    (
        "transport",
        '<field name="hostname" type="string"',
        '<field name="hostname" type="double" default="much"',
        "default 'much' of field 'hostname' is not a value of 'double'",
        "write a value of double",
    ),
    (
        "transport",
        '<field name="hostname" type="string"',
        '<field name="hostname" type="uuid" default="0"',
        "default '0' of field 'hostname' is not a value of 'uuid'",
        "a field of this type cannot have a default",
    ),
    (
        "transport",
        '<field name="offered-capabilities" type="symbol" multiple="true"',
        '<field name="offered-capabilities" type="symbol" multiple="true" default="x"',
        "field 'offered-capabilities' is multiple and has a default",
        "take the default out",
    ),
    (
        "transport",
        '<field name="source" type="*" requires="source"',
        '<field name="source" type="*" requires="source, target"',
        "field 'source' requires 2 archetypes",
        "name one that all the types meant provide",
    ),
    (
        "transport",
        '<choice name="settled" value="1"',
        '<descriptor name="x:y" code="0x1:0x1"/><choice name="settled" value="1"',
        "'sender-settle-mode' has choices and a descriptor",
        "no codec for that: take one out",
    ),
    (
        "transport",
        'name="amqp:open:list"',
        'name="amqp open"',
        "descriptor name 'amqp open'",
        "a symbol here is of ASCII letters, digits and signs",
    ),
    (
        "transport",
        'name="open" class="composite" source="list" provides="frame"',
        'name="open" class="composite" source="list" provides="the frame"',
        "archetype 'the frame'",
        "use letters, digits and hyphens, a letter first",
    ),
    (
        "transport",
        '<definition name="MINOR"',
        '<definition name="DEFAULT-LIMITS"',
        "definition 'DEFAULT-LIMITS' would hide 'DEFAULT_LIMITS' of the output",
        "rename it",
    ),
]


def faults_of(folder: Path) -> list[str]:
    with pytest.raises(Faults) as caught:
        validate(load([folder]))
    return str(caught.value).splitlines()


def with_lines(text: str, copy: Copy, part: str) -> str:
    """Put the folder, and the lines of quoted texts, into what is expected."""
    text = text.replace("{folder}", str(copy.folder))
    while "{" in text:
        quoted = text[text.index("{") + 1 : text.index("}")]
        text = text.replace("{" + quoted + "}", str(copy.line_of(part, quoted)))
    return text


@pytest.mark.parametrize(("part", "old", "new", "what", "mend"), CASES)
def test_one_fault(tmp_path: Path, part: str, old: str, new: str, what: str, mend: str) -> None:
    copy = Copy.into(tmp_path / "spec")
    line = copy.replace(part, old, new)
    if "no descriptor" in what:
        line -= 2
    if "choices and a descriptor" in what:
        line = copy.line_of("transport", '<type name="sender-settle-mode"')
    mend = with_lines(mend, copy, part)
    assert f"{copy.path(part)}:{line}: {what}: {mend}" in faults_of(copy.folder)


def test_names_defined_twice(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    field = copy.replace(
        "transport", '<field name="hostname" type="string"', '<field name="container-id" type="string"'
    )
    choice = copy.replace("transport", '<choice name="settled"', '<choice name="unsettled"')
    kind = copy.replace("transport", '<type name="seconds"', '<type name="fields"')
    fields = copy.line_of("transport", '<type name="fields" class="restricted" source="map"')
    first = copy.line_of("transport", '<field name="container-id"')
    unsettled = copy.line_of("transport", '<choice name="unsettled"')
    path = copy.path("transport")
    found = faults_of(copy.folder)
    assert (
        f"{path}:{field}: field of 'open' 'container-id' is defined twice: the other is at {path}:{first}: rename or remove one"
        in found
    )
    assert (
        f"{path}:{choice}: choice of 'sender-settle-mode' 'unsettled' is defined twice: "
        f"the other is at {path}:{unsettled}: rename or remove one"
    ) in found
    assert (
        f"{path}:{fields}: type 'fields' is defined twice: the other is at {path}:{kind}: rename or remove one"
        in found
    )


def test_type_defined_twice_in_two_files(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    line = copy.line_of("transport", '<type name="error"')
    text = (
        '<amqp name="extra" xmlns="http://www.amqp.org/schema/amqp.xsd"><section name="s">\n'
        '<type name="error" class="restricted" source="symbol"/>\n</section></amqp>'
    )
    (copy.folder / "extensions").mkdir()
    extra = copy.folder / "extensions" / "extra.xml"
    extra.write_text(text)
    other = f"{copy.path('transport')}:{line}"
    expected = f"{extra}:2: type 'error' is defined twice: the other is at {other}: rename it, or mark it with the attribute change of urn:amqp10:errata"
    assert expected in faults_of(copy.folder)


def test_sources_that_go_round(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    line = copy.replace(
        "transport",
        'name="sequence-no" class="restricted" source="uint"',
        'name="sequence-no" class="restricted" source="delivery-number"',
    )
    found = faults_of(copy.folder)
    assert (
        f"{copy.path('transport')}:{line}: the sources of 'sequence-no' lead back to it: end them at a primitive"
        in found
    )


def test_code_used_twice(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    first = copy.replace(
        "types", '<encoding name="smalluint" code="0x52"', '<encoding name="smalluint" code="0x53"'
    )
    second = copy.line_of("types", '<encoding name="smallulong"')
    path = copy.path("types")
    assert (
        f"{path}:{second}: code 0x53 is used twice: the other is at {path}:{first}: change one"
        in faults_of(copy.folder)
    )


def test_widest_encoding_is_needed(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    copy.replace(
        "types",
        '<encoding code="0x70" category="fixed" width="4"',
        '<encoding code="0x5a" category="fixed" width="1"',
    )
    line = copy.line_of("types", '<type name="uint"')
    expected = f"{copy.path('types')}:{line}: no encoding of 'uint' holds all its values: give it one that is fixed of width 4"
    assert expected in faults_of(copy.folder)


def test_a_section_without_a_descriptor(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    line = copy.line_of("messaging", '<type name="data"')
    copy.replace("messaging", '<descriptor name="amqp:data:binary" code="0x00000000:0x00000075"/>', "")
    what = "'data' provides 'section' and has no descriptor"
    mend = 'write <descriptor name="..." code="0x...:0x..."/>'
    assert faults_of(copy.folder) == [f"{copy.path('messaging')}:{line}: {what}: {mend}"]


def test_parts_that_are_one_in_python(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    line = copy.replace("transport", '<amqp name="transport"', '<amqp name="Security"')
    first = copy.line_of("security", '<amqp name="security"')
    what = "'Security' and 'security' are both 'security' in Python"
    mend = f"the other is at {copy.path('security')}:{first}: rename one"
    assert f"{copy.path('transport')}:{line}: {what}: {mend}" in faults_of(copy.folder)


def test_an_archetype_with_the_name_of_a_class(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    line = copy.replace(
        "transport",
        '<type name="seconds"',
        '<type name="lifetime_policy" class="restricted" source="uint"/><type name="seconds"',
    )
    assert line > 0
    provider = copy.line_of("messaging", '<type name="delete-on-close"')
    what = "archetype 'lifetime-policy' and type 'lifetime_policy' are both 'LifetimePolicy' in Python"
    assert f"{copy.path('messaging')}:{provider}: {what}: rename one" in faults_of(copy.folder)


def test_parts_that_use_each_others_choices(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    copy.replace(
        "transport",
        '<field name="hostname" type="string"',
        '<field name="keep" type="terminus-durability"/><field name="hostname" type="string"',
    )
    line = copy.replace(
        "messaging",
        '<field name="user-id"',
        '<field name="side" type="sender-settle-mode"/><field name="user-id"',
    )
    what = "the parts 'messaging' and 'transport' use each other's choices, here in field 'side'"
    mend = "move the choices to a part that uses no other"
    assert f"{copy.path('messaging')}:{line}: {what}: {mend}" in faults_of(copy.folder)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    copy.path("extra").mkdir()
    with pytest.raises(Faults, match=r"extra\.xml:0: cannot be read \(Is a directory\): check the file"):
        load([copy.folder])


def test_there_are_more_than_fifty_kinds() -> None:
    assert len({case[3:] for case in CASES}) >= 50


def test_all_faults_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    lines = [
        ("messaging", copy.replace("messaging", 'type="milliseconds"', 'type="miliseconds"')),
        ("security", copy.replace("security", 'source="ubyte"', "")),
        (
            "transport",
            copy.replace("transport", 'name="end" class="composite"', 'name="end" class="compost"'),
        ),
        ("types", copy.replace("types", 'code="0x56"', 'code="0x5"')),
    ]
    found = faults_of(copy.folder)
    starts = [f"{copy.path(part)}:{line}: " for part, line in lines]
    positions = [next(n for n, text in enumerate(found) if text.startswith(start)) for start in starts]
    assert positions == sorted(positions)
    assert len(found) >= len(starts)


def test_parts_that_are_not_there(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    copy.replace("types", '<type name="ulong" class="primitive"', '<type name="ulog" class="primitive"')
    copy.path("security").unlink()
    found = faults_of(copy.folder)
    assert any(
        "the primitive 'ulong' is nowhere: load the part types with the others" in text for text in found
    )
    assert any(
        "no type provides 'sasl-frame': load all parts of the specification together" in text
        for text in found
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<amqp", "bad.xml:1: not well-formed XML"),
        ("", "bad.xml:"),
        ("<amqp>\n<type>\n</amqp>", "bad.xml:3: not well-formed XML"),
        ("<html/>", "bad.xml:1: the root element is <html>: a part of the specification is <amqp>"),
        (
            '<amqp name="x" xmlns="urn:x"/>',
            "bad.xml:1: the root element is in the namespace 'urn:x': write xmlns=",
        ),
        (
            '<!DOCTYPE amqp [<!ENTITY a "b">]>\n<amqp name="x" xmlns="http://www.amqp.org/schema/amqp.xsd">&c;</amqp>',
            "bad.xml:2: ",
        ),
    ],
)
def test_files_that_are_no_part(tmp_path: Path, text: str, said: str) -> None:
    copy = Copy.into(tmp_path / "spec")
    copy.path("bad").write_text(text)
    with pytest.raises(Faults) as caught:
        load([copy.folder])
    assert said in str(caught.value)


def test_folder_without_xml(tmp_path: Path) -> None:
    with pytest.raises(Faults, match=r"no \*\.xml file here: name a folder with the parts of the XML"):
        load([tmp_path])


def test_entities_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("needle")
    copy = Copy.into(tmp_path / "spec")
    copy.path("extra").write_text(
        f'<!DOCTYPE amqp [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY b "boom"><!ENTITY c "&b;&b;&b;">]>\n'
        '<amqp name="extra" xmlns="http://www.amqp.org/schema/amqp.xsd"><section name="s">'
        '<definition name="X" value="1"><doc>&e;&c;</doc></definition></section></amqp>'
    )
    document = load([copy.folder])
    assert "needle" not in repr(document)
    assert "boom" not in repr(document)


def test_every_rule_says_what_it_wants() -> None:
    assert len(RULES) == len(set(RULES))
    assert all(rule.__doc__ for rule in RULES)


def test_command_writes_nothing_when_there_is_a_fault(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    first = copy.replace("transport", 'type="ushort" default="65535"', 'type="ushort" default="-1"')
    second = copy.replace(
        "types", '<encoding name="smalluint" code="0x52"', '<encoding name="smalluint" code="0x62"'
    )
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "codegen", "--spec", str(copy.folder), "--out", str(out)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 1
    assert not out.exists()
    default, code = done.stderr.splitlines()
    what = "default '-1' of field 'channel-max' is not a value of 'ushort'"
    assert default == f"{copy.path('transport')}:{first}: {what}: write a value of ushort of at most 16 bits"
    mend = "by its high half it is fixed of width 2 (1.2)"
    assert code == f"{copy.path('types')}:{second}: code 0x62 is fixed of width 1: {mend}"


def test_xml_without_the_part_types_is_one_fault(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "spec")
    copy.path("types").unlink()
    with pytest.raises(Faults) as caught:
        validate(load([copy.folder]))
    assert str(caught.value) == (
        f"{copy.folder}/messaging.xml:1: no primitive type is defined, here or in another part: the standard's part types "
        "is missing: name the folder that has it (types.xml) with --spec in front of this one"
    )
