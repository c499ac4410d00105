"""A package of new types that rests on amqp_spec: its Symbol is our Symbol, its errors our errors."""

import subprocess
import sys
from pathlib import Path

import pytest

from codegen.__main__ import main
from tests.codegen.broken import SPEC

ROOT = Path(__file__).parents[2]

HEAD = '<amqp name="paint" xmlns="http://www.amqp.org/schema/amqp.xsd"><section name="colors">\n'
TAIL = "\n</section></amqp>\n"

TYPES = """
<definition name="MOST-COLORS" value="9"/>
<type name="depth" class="restricted" source="ubyte"><choice name="flat" value="0"/><choice name="deep" value="1"/></type>
<type name="rgb" class="composite" source="list" provides="shade">
  <doc>9.1: Red, green and blue.</doc>
  <descriptor name="example.com:rgb:list" code="0x00007777:0x00000001"/>
  <field name="red" type="ubyte" mandatory="true"/><field name="name" type="symbol"/>
  <field name="depth" type="depth" default="flat"/><field name="tags" type="symbol" multiple="true"/>
</type>
<type name="gray" class="restricted" source="ubyte" provides="shade"><descriptor name="example.com:gray:ubyte"/></type>
<type name="picture" class="composite" source="list">
  <descriptor name="example.com:picture:list" code="0x00007777:0x00000003"/>
  <field name="back" type="*" requires="shade"/><field name="front" type="rgb"/>
  <field name="mode" type="sender-settle-mode" default="mixed"/><field name="error" type="error"/>
  <field name="changed" type="modified"/><field name="result" type="*" requires="outcome"/>
  <field name="filter" type="*" requires="filter"/><field name="ttl" type="milliseconds"/>
  <field name="more" type="fields"/><field name="inner" type="*"/>
</type>
<type name="red-only" class="restricted" source="boolean" provides="filter"><descriptor name="example.com:red-only"/></type>
"""


def folder_with(path: Path, types: str, head: str = HEAD) -> Path:
    path.mkdir()
    (path / "paint.xml").write_text(head + types + TAIL)
    return path


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a package `colors` that rests on amqp_spec."""
    folder = tmp_path_factory.mktemp("rest")
    spec = folder_with(folder / "spec", TYPES)
    assert main(["--base", "amqp_spec", "--spec", str(spec), "--out", str(folder / "colors")]) == 0
    return folder / "colors"


def run(program: str, *folders: Path) -> str:
    path = [str(ROOT / "generated"), *map(str, folders)]
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", f"import sys; sys.path[:0] = {path!r}\n{program}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def test_only_new_types_are_made(package: Path) -> None:
    assert sorted(path.name for path in package.iterdir() if path.name != "__pycache__") == [
        "__init__.py",
        "archetypes.py",
        "paint.py",
        "py.typed",
        "registry.py",
        "strategies.py",
    ]
    text = "".join(path.read_text() for path in package.glob("*.py"))
    assert "class Rgb(" in text
    assert "class Open(" not in text
    assert "class Symbol" not in text


def test_it_is_typed_and_formatted(package: Path) -> None:
    for command in (
        ["mypy", "--strict", "--no-incremental", str(package)],
        ["ruff", "format", "--check", "--isolated", "--line-length", "110", str(package)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            capture_output=True,
            text=True,
            check=False,
            cwd=package.parent,
            env={"MYPYPATH": str(ROOT / "generated"), "PATH": ""},
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_its_types_work_with_those_of_the_base(package: Path) -> None:
    program = """
import amqp_spec as a, colors as c
from amqp_spec.classes import Record
registry = a.Registry(*c.ALL_TYPES)
red = c.Rgb(red=255, name="red", depth=c.Depth.DEEP, tags=("x", "y"))
whole = c.Picture(
    back=c.Gray(7), front=red, mode=a.SenderSettleMode.SETTLED, error=a.Error(condition="amqp:not-found"),
    changed=a.Modified(delivery_failed=True), result=a.Accepted(), filter=a.SqlFilter("x"), ttl=5,
    more={a.Symbol("k"): 1}, inner=[a.Symbol("s")],
)
for value in (red, whole, c.Gray(5), c.RedOnly(True), c.Picture()):
    assert isinstance(value, Record)
    assert a.identical(type(value).decode(value.encode()), value), value
    assert a.identical(a.decode_value(a.encode_value([value]), registry=registry), [value]), value
    assert type(a.decode_value(value.encode())) is a.Described
assert c.MOST_COLORS == 9 and c.Picture().mode is a.SenderSettleMode.MIXED
assert a.decode_value(whole.encode(), registry=registry).more.keys().__iter__().__next__().__class__ is a.Symbol
opened = a.Open(container_id="x", properties={"p": red})
assert a.decode_frame(opened.encode(), registry=registry)[0] == opened
source = a.Source(filter={"r": c.RedOnly(True), "s": a.SelectorFilter("x")})
assert a.decode_frame(a.Attach(name="n", handle=0, role=True, source=source).encode(), registry=registry)[0].source == source
for wrong in (b"", red.encode()[:-1], c.Gray(1).encode()):
    try: c.Rgb.decode(wrong)
    except a.DecodeError: pass
    else: raise AssertionError(wrong)
try: c.Rgb(red=300).encode()
except a.EncodeError as error: print(error)
"""
    assert run(program, package.parent) == "rgb.red: 300 is out of range for ubyte: 0 to 255\n"


def test_its_strategies_make_values_that_come_back(package: Path) -> None:
    program = f"""
import os
os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = {str(package.parent / "examples")!r}
import amqp_spec as a, colors as c
from colors import strategies
from hypothesis import HealthCheck, given, settings, strategies as st
registry = a.Registry(*c.ALL_TYPES)
made = st.one_of([getattr(strategies, name)() for name in strategies.__all__ if name != "depth"])
seen = set()

@settings(max_examples=150, derandomize=True, suppress_health_check=list(HealthCheck))
@given(made)
def come_back(value):
    seen.add(type(value))
    assert a.identical(type(value).decode(value.encode()), value), value
    assert a.identical(a.decode_value(a.encode_value([value]), registry=registry), [value]), value

come_back()
assert seen == set(c.ALL_TYPES) and len(c.ALL_TYPES) == 4
print(strategies.__all__, strategies.depth().example.__name__)
"""
    assert run(program, package.parent) == "['depth', 'rgb', 'gray', 'picture', 'red_only'] example\n"


def test_a_module_made_without_a_base_is_refused(tmp_path: Path) -> None:
    spec = folder_with(tmp_path / "spec", TYPES)
    assert main(["--spec", str(SPEC), "--spec", str(spec), "--out", str(tmp_path)]) == 0
    (tmp_path / "amqp_spec").rename(tmp_path / "other")
    program = (
        "import amqp_spec as a, other\n"
        "try: a.Registry(other.Rgb)\n"
        "except a.RegistrationError as error: print(error)\n"
        "for value in (other.Symbol('x'), [other.Rgb(red=1)], {'k': other.UInt(1)}, other.AmqpErrorCondition.NOT_FOUND, other.Map()):\n"
        "    try: print(a.encode_value(value))\n"
        "    except a.EncodeError as error: print(error)\n"
    )
    assert run(program, tmp_path) == (
        "Rgb was generated with values and errors of its own, so nothing here would know them: "
        "make the module other.paint again, with `python -m codegen --base amqp_spec`\n"
    ) + "".join(
        f"{path}{name} comes from other, which was generated with values of its own: make it again, "
        "with `python -m codegen --base amqp_spec`\n"
        for path, name in (
            ("", "Symbol"),
            ("[0]: ", "Rgb"),
            ('["k"]: ', "UInt"),
            ("", "AmqpErrorCondition"),
            ("", "Map"),
        )
    )


def test_check(package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = folder_with(tmp_path / "spec", TYPES)
    arguments = ["--base", "amqp_spec", "--spec", str(spec), "--out"]
    assert main([*arguments, str(package), "--check"]) == 0
    assert main([*arguments, str(tmp_path / "colors"), "--check"]) == 1
    assert "missing: " in capsys.readouterr().out


def test_files_of_others_are_let_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = folder_with(tmp_path / "spec", TYPES)
    out = tmp_path / "colors"
    out.mkdir()
    (out / "mine.py").write_text("mine = 1\n")
    (out / "old.py").write_text("# Generated from x\n")
    arguments = ["--base", "amqp_spec", "--spec", str(spec), "--out", str(out)]
    assert main(arguments) == 0
    assert (out / "mine.py").exists()
    assert not (out / "old.py").exists()
    (out / "paint.py").write_text("mine = 2\n")
    (out / "registry.py").unlink()
    capsys.readouterr()
    assert main(arguments) == 1
    assert capsys.readouterr().err == (
        f"{out}/paint.py:1: is not a generated file, and one would be written over it: name another folder\n"
    )
    assert not (out / "registry.py").exists()


WRONG = [
    (
        '<type name="bit" class="primitive"><encoding code="0x46" category="fixed" width="0"/></type>',
        "primitive 'bit' has no Python side",
    ),
    (
        (
            '<type name="mine" class="composite" source="list" provides="section">'
            '<descriptor name="x:y" code="0x1:0x1"/></type>'
        ),
        "'mine' provides 'section', which amqp_spec reads by its own types: generate the whole package, without --base",
    ),
    (
        '<type name="mine" class="composite" source="list" provides="outcome"><descriptor name="x:y"/></type>',
        "'mine' provides 'outcome', which amqp_spec reads by its own types",
    ),
    ('<type name="open" class="restricted" source="uint"/>', "'open'"),
    (
        '<type name="mine" class="restricted" source="uint"><descriptor name="x:y" code="0x0:0x10"/></type>',
        "descriptor code 0x0:0x10 is used twice",
    ),
]


@pytest.mark.parametrize(("types", "said"), WRONG)
def test_what_would_change_the_base_is_refused(
    types: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = folder_with(tmp_path / "spec", types)
    assert main(["--base", "amqp_spec", "--spec", str(spec), "--out", str(tmp_path / "out")]) == 1
    assert f"{spec}/paint.xml:2: " in (told := capsys.readouterr().err)
    assert said in told
    assert not (tmp_path / "out").exists()


def test_a_part_of_the_base_is_not_added_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    types = '<type name="mine" class="restricted" source="uint"/>'
    spec = folder_with(tmp_path / "spec", types, HEAD.replace("paint", "transport"))
    assert main(["--base", "amqp_spec", "--spec", str(spec), "--out", str(tmp_path / "out")]) == 1
    assert "put new types into a part of their own; errata go without --base" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["--base", "amqp_spec"], ["--base", "amqp_spec", "--spec", "x"], ["--base", "1 2", "--out", "x"]],
)
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "--base" in capsys.readouterr().err
