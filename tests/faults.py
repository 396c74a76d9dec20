"""Deliberate faults: each is put into a copy of the tree, and the test named beside it has to fail there.

Run by `make faults`. It proves that the tests bite; a fault that goes unnoticed ends it with status 1.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

ROOT = Path(__file__).parent.parent
LIST = Path(__file__).with_name("faults.yaml")
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "var", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info")


@dataclass(frozen=True)
class Fault:
    """One mistake: in `file`, `right` becomes `wrong`, and `test` notices."""

    name: str
    file: str
    right: str
    wrong: str
    test: str

    def put_into(self, tree: Path) -> None:
        path = tree / self.file
        text = path.read_text()
        if text.count(self.right) != 1:
            raise LookupError(f"{self.name}: {self.file} has {text.count(self.right)} times: {self.right!r}")
        path.write_text(text.replace(self.right, self.wrong))

    def is_caught(self) -> bool:
        with TemporaryDirectory() as folder:
            tree = Path(folder, "tree")
            shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
            self.put_into(tree)
            return _run(tree, self.test) == 1  # 1: tests failed; anything else says that they did not even run


def _run(tree: Path, test: str) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *test.split()]
    return subprocess.run(command, cwd=tree, capture_output=True, check=False).returncode  # noqa: S603 - our own


def _run_here(test: str) -> int:
    return _run(ROOT, test)


def main() -> int:
    """Try every fault, two at a time; print one line each."""
    faults = [Fault(**one) for one in yaml.safe_load(LIST.read_text())]
    tests = list(dict.fromkeys(fault.test for fault in faults))
    with ThreadPoolExecutor(2) as pool:
        # A test that fails anyway would "catch" every fault.
        red = [test for test, code in zip(tests, pool.map(_run_here, tests), strict=True) if code != 0]
        print(f"without a fault: {len(tests) - len(red)} of {len(tests)} pass", *red, sep="\n  ", flush=True)
        results = list(pool.map(Fault.is_caught, faults))
    for fault, caught in zip(faults, results, strict=True):
        print(f"{'caught' if caught else 'NOT CAUGHT'}: {fault.name}  ({fault.test})")
    print(f"{sum(results)} of {len(faults)} faults caught")
    return 0 if all(results) and not red else 1


if __name__ == "__main__":
    sys.exit(main())
