"""The package that comes out: the same bytes every time, complete, usable alone, and compared by --check."""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from codegen import format as formatting
from codegen.__main__ import main
from codegen.faults import Faults
from codegen.load import load
from codegen.pipeline import STEPS, generate
from codegen.resolve import resolve
from codegen.validate import validate
from tests.codegen.broken import SPEC, Copy

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "generated" / "amqp_spec"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "codegen", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return generate([SPEC])


def test_committed_output_is_what_the_xml_says(made: dict[str, str]) -> None:
    there = {path.name: path.read_text() for path in COMMITTED.iterdir() if path.name != "__pycache__"}
    assert there.keys() == made.keys()
    assert [name for name in made if there[name] != made[name]] == []


def test_same_bytes_under_other_hash_seeds(tmp_path: Path) -> None:
    found: list[dict[str, bytes]] = []
    for seed in ("0", "4242"):
        out = tmp_path / seed
        done = run("--out", str(out), PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
        found.append({path.name: path.read_bytes() for path in (out / "amqp_spec").iterdir()})
    assert found[0] == found[1]
    assert len(found[0]) > 20


def test_headers(made: dict[str, str]) -> None:
    for name, text in made.items():
        if name == "py.typed":
            continue
        head = text.split('"""', 1)[0]
        sources = re.findall(r"^# Generated from (\S+)\n#   sha256 ([0-9a-f]{64})$", head, re.MULTILINE)
        assert sources, name
        assert "Do not edit: change the source and run `python -m codegen`." in head
        for source, digest in sources:
            path = ROOT / ("spec" if source.endswith(".xml") else "") / source
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        assert str(ROOT) not in text
        assert not re.search(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]", head)


def test_check_is_content_with_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--spec", str(SPEC), "--out", str(tmp_path)]) == 0
    assert main(["--spec", str(SPEC), "--out", str(tmp_path), "--check"]) == 0
    assert "files are as the XML says" in capsys.readouterr().out


def test_check_names_drifted_stray_and_missing_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--spec", str(SPEC), "--out", str(tmp_path)]) == 0
    folder = tmp_path / "amqp_spec"
    (folder / "transport.py").write_text((folder / "transport.py").read_text() + "\n")
    (folder / "old.py").write_text("")
    (folder / "py.typed").unlink()
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"")
    capsys.readouterr()
    assert main(["--spec", str(SPEC), "--out", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"missing: {folder}/py.typed",
        f"drifted: {folder}/transport.py",
        f"stray: {folder}/old.py",
    ]
    assert (folder / "old.py").exists()
    assert main(["--spec", str(SPEC), "--out", str(tmp_path)]) == 0
    assert not (folder / "old.py").exists()
    assert main(["--spec", str(SPEC), "--out", str(tmp_path), "--check"]) == 0


def test_check_says_missing_where_nothing_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--spec", str(SPEC), "--out", str(tmp_path), "--check"]) == 1
    assert all(line.startswith("missing: ") for line in capsys.readouterr().out.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_another_ruff_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "RUFF", "0.0.1")
    with pytest.raises(
        Faults, match=r"ruff is [0-9.]+, the output is defined by 0\.0\.1: pip install ruff==0\.0\.1"
    ):
        formatting.format_files({})


def test_pinned_ruff_is_that_of_the_package() -> None:
    assert f"ruff=={formatting.RUFF}" in (ROOT / "pyproject.toml").read_text()


def test_steps_are_in_order() -> None:
    assert [step.__name__ for step in STEPS] == [
        "load",
        "amend",
        "validate",
        "resolve",
        "plan",
        "render",
        "format_files",
    ]


ALONE = """
import sys
sys.path[:] = [entry for entry in sys.path if "site-packages" not in entry and entry not in ("", {root!r})]
sys.path.insert(0, {folder!r})
before = set(sys.modules)
import amqp_spec
for name in amqp_spec.__all__:
    getattr(amqp_spec, name)
added = {{name.split(".")[0] for name in set(sys.modules) - before}}
assert added - set(sys.stdlib_module_names) == {{"amqp_spec"}}, added
assert "asyncio" not in sys.modules
assert amqp_spec.Open.decode(amqp_spec.Open(container_id="x").encode()).container_id == "x"
print("alone")
"""


@pytest.mark.parametrize("flags", [("-I", "-S"), ("-I", "-S", "-O"), ("-I", "-S", "-W", "error", "-bb")])
def test_usable_alone_with_the_standard_library(flags: tuple[str, ...]) -> None:
    program = ALONE.format(folder=str(COMMITTED.parent), root=str(ROOT))
    done = subprocess.run(
        [sys.executable, *flags, "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("alone\n", "")


def python_of(folder: Path) -> dict[str, str]:
    """Everything that is generated, but for the headers and docs."""
    files = generate([folder])
    return {name: re.sub(r"^#.*\n", "", text, flags=re.MULTILINE) for name, text in files.items()}


def test_published_xml_is_taken_as_it_is(tmp_path: Path) -> None:
    plain = Copy.into(tmp_path / "amqp")
    expected = python_of(plain.folder)
    dressed = Copy.into(tmp_path / "dressed" / "amqp")
    for path in dressed.folder.iterdir():
        text = path.read_text().replace(
            "http://www.amqp.org/schema/amqp.xsd", "https://www.amqp.org/schema/amqp.xsd"
        )
        head, _, rest = text.partition("?>")
        text = f'{head}?>\n<!DOCTYPE amqp SYSTEM "amqp.dtd">\n<?xml-stylesheet type="text/xsl" href="amqp.xsl"?>{rest}'
        tree = '<doc title="more"><p>Prose with <i>markup</i> and a <xref type="section" name="x"/>.</p></doc><section name='
        path.write_text(text.replace("<section name=", tree, 1))
    assert python_of(dressed.folder) == expected


def test_bare_xml_is_taken(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "bare")
    for path in copy.folder.iterdir():
        text = re.sub(r"\s*<doc>.*?</doc>", "", path.read_text(), flags=re.DOTALL)
        path.write_text(re.sub(r' label="[^"]*"', "", text))
    copy.replace("messaging", 'name="priority" type="ubyte" default="4"', 'name="priority" type="ubyte"')
    specification = resolve(validate(load([copy.folder])))
    priority = specification.composites["header"].fields[1]
    assert (priority.name, priority.default) == ("priority", None)
    assert "priority: int | None = None" in generate([copy.folder])["messaging.py"]


def test_change_of_the_xml_reaches_the_code(tmp_path: Path) -> None:
    copy = Copy.into(tmp_path / "amqp")
    copy.replace(
        "transport",
        '<field name="properties" type="fields"',
        '<field name="nickname" type="symbol" default="bob"/><field name="properties" type="fields"',
    )
    copy.replace(
        "types",
        '<encoding name="list0" code="0x45" category="fixed" width="0"',
        '<encoding name="list16" code="0xc5" category="compound" width="1"',
    )
    assert main(["--spec", str(copy.folder), "--out", str(tmp_path / "out")]) == 0
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import amqp_spec as a\n"
        "o = a.Open(container_id='x', nickname='amy', properties={'k': []})\n"
        "assert a.Open.decode(o.encode()) == o and a.Open(container_id='x').nickname == 'bob'\n"
        "assert a.encode_value([]) == bytes.fromhex('c00100'), a.encode_value([])\n"
        "assert a.decode_value(bytes.fromhex('c5020141')) == [True]\n"
        "try: a.decode_value(bytes.fromhex('45'))\n"
        "except a.DecodeError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("unknown constructor 0x45 at offset 0\n", "")


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "lxml", None)
    monkeypatch.delitem(sys.modules, "codegen.pipeline", raising=False)
    monkeypatch.delitem(sys.modules, "codegen.load", raising=False)
    assert main(["--check"]) == 1
    assert capsys.readouterr().err == "lxml is not installed: pip install 'amqp10[codegen]'\n"
