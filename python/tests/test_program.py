"""The package as a whole: how it starts, the program in it, its style and types."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import warmstart as ws
from conftest import ROOT


def run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False, **options)


def test_the_package_is_imported_without_numpy_and_asyncio() -> None:
    code = "import sys, warmstart; print(sorted({'numpy', 'asyncio', 'torch', 'jax'} & set(sys.modules)))"
    assert run(sys.executable, "-c", code).stdout == "[]\n"


def test_the_program_is_in_the_package(trained: str) -> None:
    printed = run(sys.executable, "-m", "warmstart", "inspect", trained)
    assert printed.returncode == 0
    assert "net/embedding" in printed.stdout
    wrong = run(sys.executable, "-m", "warmstart", "inspect", "/nothing")
    assert wrong.returncode == 1
    assert "no such checkpoint" in wrong.stderr
    assert run(sys.executable, "-m", "warmstart", "--version").stdout.strip().endswith(ws.__version__)


def test_readmes_start_runs_word_for_word() -> None:
    start = (ROOT / "README.md").read_text().split("```python\n")[1].split("```")[0]
    assert run(sys.executable, "-c", start).stderr == ""


def test_the_example_of_a_grown_vocabulary_runs(trained: str, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("".join(f"token{i}\n" for i in range(20)))
    (tmp_path / "new").write_text("token3\nnew\n")
    example = str(ROOT / "python/examples/grown_vocabulary.py")
    done = run(sys.executable, example, trained, "net/embedding", str(tmp_path / "old"), str(tmp_path / "new"))
    with ws.open(trained) as ckpt:
        kept = ckpt["net/embedding"][3, :2].numpy()
    assert done.stdout == f"token3 {kept}\nnew [0. 0.]\n"


def test_what_is_public_is_listed_and_described() -> None:
    public = {name for name in dir(ws) if not name.startswith("_")} - {"annotations"}
    assert public >= set(ws.__all__) - {"torch", "jax"}
    for name in ws.__all__:
        assert getattr(ws, name).__doc__, name


in_sources = pytest.mark.skipif(
    "WARMSTART_BUILD" not in os.environ, reason="only in a build, not of an installed wheel"
)


@in_sources
def test_the_stub_is_what_the_module_offers(tmp_path: Path) -> None:
    stub = tmp_path / "_warmstart.pyi"
    assert (
        run(sys.executable, "-m", "nanobind.stubgen", "-q", "-m", "warmstart._warmstart", "-o", str(stub)).returncode
        == 0
    )
    assert (ROOT / "python/warmstart/_warmstart.pyi").read_text() == stub.read_text()


@in_sources
@pytest.mark.parametrize(
    "check",
    [("mypy", "--cache-dir=/dev/null"), ("ruff", "check", "--no-cache"), ("ruff", "format", "--check", "--no-cache")],
)
def test_style_and_types(check: tuple[str, ...]) -> None:
    done = run(sys.executable, "-m", *check)
    assert done.returncode == 0, done.stdout + done.stderr
