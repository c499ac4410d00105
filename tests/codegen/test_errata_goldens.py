"""Errata, each rendered, reported, imported, type-checked, round-tripped and spoken with an independent peer.

A case is a folder of `errata/`: the overlay `errata.xml`, what `--report` has to say of it, and `check.py`, which runs in a
process of its own with the rendered package in place of the committed one.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codegen import format as formatting
from codegen.__main__ import main
from codegen.output import PACKAGE, write
from codegen.pipeline import changes, generate
from tests.codegen.broken import Copy

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ERRATA = HERE / "errata"
CASES = sorted(path.parent.name for path in ERRATA.glob("*/check.py"))


def base(folder: Path) -> Path:
    """The five parts alone: what extensions add is not told of in the reports."""
    return Copy.into(folder / "amqp").folder


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder where every case is rendered, each in a folder of its name."""
    out = tmp_path_factory.mktemp("rendered")
    # With the extensions, for the runtime knows some of their names.
    spec = ROOT / "spec" / "amqp-1.0-xml"
    with pytest.MonkeyPatch.context() as patch:
        # Most files are the same in every case: they are formatted once.
        patch.setattr(formatting, "_format", functools.cache(formatting._format))
        for case in CASES:
            write(generate([spec, ERRATA / case]), out / case / PACKAGE)
    return out


def test_every_kind_of_erratum_has_a_case() -> None:
    assert CASES == [
        "choice_added",
        "choice_removed",
        "composite_added",
        "default_changed",
        "descriptor_renumbered",
        "encoding_added",
        "encoding_removed",
        "field_added",
        "field_removed",
        "field_retyped",
        "section_added",
        "type_removed",
    ]


@pytest.mark.parametrize("case", CASES)
def test_report(case: str, tmp_path: Path) -> None:
    told = changes([base(tmp_path), ERRATA / case])
    assert "\n".join(told) + "\n" == (ERRATA / case / "report.txt").read_text()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("case", CASES)
def test_round_trip_and_exchange(case: str, rendered: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-W", "error", "-bb", str(HERE / "exchange.py")),
            *(str(rendered / case), str(ERRATA / case / "check.py")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.timeout(600)
def test_rendered_packages_type_check(rendered: Path) -> None:
    """One run over all of them, each under the name of its case, so that what they share is read once."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11"),
            *("--config-file", os.devnull, "--cache-dir", os.devnull),
            *("--namespace-packages", "--explicit-package-bases"),
            *(str(Path(case) / "amqp_spec") for case in CASES),
        ],
        capture_output=True,
        text=True,
        cwd=rendered,
        check=False,
    )
    assert done.stdout.startswith("Success: no issues found"), done.stdout[-3000:] + done.stderr


def test_core_name_reused_by_accident_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, shop = base(tmp_path), ERRATA / "name_reused"
    first = Copy(spec).line_of("messaging", '<type name="source"')
    code = main(["--spec", str(spec), "--spec", str(shop), "--out", str(tmp_path / "out"), "--report"])
    assert code == 1
    assert not (tmp_path / "out").exists()
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"{shop}/errata.xml:4: type 'source' is defined twice: the other is at {spec}/messaging.xml:{first}: "
        "rename it, or mark it with the attribute change of urn:amqp10:errata\n"
    )
