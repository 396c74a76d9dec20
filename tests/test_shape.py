"""The shape of the house: arrows, clock, file sizes, and documents that cannot lie."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk.settings import Settings
from ivr.callflow import STEPS

if TYPE_CHECKING:
    import click
    from flask import Flask

ROOT = Path(__file__).parent.parent
OURS = ("desk.css", "find.js", "icon.svg", "live.js", "try.js", "voice.js")  # made here, and served to browsers
PACKAGES = ("desk", "tickets", "sla", "oncall", "ivr", "simulator")
CONFIGURATION = tomllib.loads((ROOT / "pyproject.toml").read_text())
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts and path.name != "__init__.py"
)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own tools
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_import_contracts_are_kept():
    result = run("-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache")
    assert result.returncode == 0, result.stdout


def test_only_app_reads_the_clock():
    result = run("-m", "ruff", "check", "--select", "TID251", "--no-cache", "--output-format", "concise", ".")
    assert result.returncode == 0, result.stdout


def test_every_module_has_its_place_in_the_arrow():
    layers = next(c for c in CONFIGURATION["tool"]["importlinter"]["contracts"] if c["type"] == "layers")["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    ours = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in MODULES}
    assert placed == {name for name in ours if not name.startswith("simulator")}


def test_files_fit_the_eye():
    lengths = sorted(len(path.read_text().splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] <= 120  # the design aims at 80; docstrings with their sources take the rest
    assert lengths[-1] <= 300


def test_the_flow_is_one_page():
    assert len((ROOT / "ivr/callflow.py").read_text().splitlines()) < 80


def test_every_setting_is_documented():
    documented = (ROOT / "docs/operate.md").read_text()
    for name in Settings.model_fields:
        assert f"`{name.upper()}`" in documented, name


def test_every_step_is_documented():
    documented = (ROOT / "docs/call.md").read_text()
    for name in STEPS:
        assert f"`{name}`" in documented, name


def test_every_command_is_documented(app: Flask):
    documented = (ROOT / "docs/operate.md").read_text()
    for name in _commands("", app.cli.commands):
        assert f"`flask --app app{name}" in documented, name


def _commands(prefix: str, commands: dict[str, click.Command]) -> list[str]:
    names = []
    for name, command in commands.items():
        if name in ("run", "shell", "routes"):  # Flask's own
            continue
        inside = getattr(command, "commands", None)
        names += _commands(f"{prefix} {name}", inside) if inside else [f"{prefix} {name}"]
    return names


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX"])
def test_nothing_is_left_for_later(word: str):
    left = [str(path) for path in [*MODULES, ROOT / "app.py"] if re.search(rf"\b{word}\b", path.read_text())]
    assert left == []


def test_the_tree_in_the_readme_is_true():
    tree = re.search(r"```\ndesk .*?\n\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    named = [line.split()[0] for line in tree.splitlines()]
    assert set(PACKAGES) <= {name.rstrip("/") for name in named}
    assert [name for name in named if not (ROOT / name).exists()] == []


def strangers(static: Path) -> list[str]:
    """The files served to browsers that are neither ours nor, in `vendor/`, what `SHA256SUMS` there says they are."""
    sums = static / "vendor" / "SHA256SUMS"
    lines = sums.read_text().splitlines() if sums.exists() else []
    known = {static / "vendor" / name: digest for digest, name in (line.split() for line in lines)}
    files = {file for file in static.rglob("*") if file.is_file()} - {static / name for name in OURS} - {sums}
    odd = [file for file in files if known.get(file) != sha256(file.read_bytes()).hexdigest()]
    return sorted(str(file.relative_to(static)) for file in [*odd, *(known.keys() - files)])


def test_nothing_from_elsewhere_is_served_unless_its_hash_is_kept():
    assert strangers(ROOT / "desk/static") == []


def test_a_vendored_file_that_was_changed_added_or_lost_is_told(tmp_path: Path):
    (tmp_path / "vendor").mkdir()
    for name in ("kept.js", "changed.js", "added.js"):
        (tmp_path / "vendor" / name).write_text(name)
    listed = {name: sha256(name.encode()).hexdigest() for name in ("kept.js", "changed.js", "lost.js")}
    (tmp_path / "vendor" / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in listed.items()))
    (tmp_path / "vendor" / "changed.js").write_text("something else")
    assert strangers(tmp_path) == ["vendor/added.js", "vendor/changed.js", "vendor/lost.js"]


def test_no_secrets_are_kept_with_the_code():
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_call_in_the_readme_is_one_of_the_tests():
    shown = re.search(r"<!-- (tests/calls/\S+) -->\n```text\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    _, _, call = (ROOT / shown[1]).read_text().partition("\n\n")
    assert shown[2].strip() == call.strip()
