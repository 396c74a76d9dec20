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


def main() -> int:
    """Try every fault, two at a time; print one line each."""
    faults = [Fault(**one) for one in yaml.safe_load(LIST.read_text())]
    sound = _run(ROOT, " ".join(dict.fromkeys(fault.test for fault in faults)))
    print(f"{'ok' if sound == 0 else 'NOT OK'}: without a fault these tests pass", flush=True)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(Fault.is_caught, faults))
    for fault, caught in zip(faults, results, strict=True):
        print(f"{'caught' if caught else 'NOT CAUGHT'}: {fault.name}  ({fault.test})")
    print(f"{sum(results)} of {len(faults)} faults caught")
    return 0 if sound == 0 and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
