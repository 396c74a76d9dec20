"""Set-up files: YAML or CSV text as plain entries in which every value knows its line.

YAML: sections, each a list of entries. CSV: the file's name is the section, the first line names the fields.
Scalars stay text, so that nothing is guessed: +27825550101 keeps its plus, `no` is a word, 8:30 is no number.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import yaml
from yaml import BaseLoader, MappingNode, Node, ScalarNode, SequenceNode
from yaml.composer import ComposerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Path = tuple[str | int, ...]
A_FORM = "<form>"  # where an entry stands that somebody typed on a page: no file is called so
TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong, and where; `is_unsafe` if it may be loaded all the same by whoever names the reason."""

    file: str
    line: int
    text: str
    is_unsafe: bool = False

    def __str__(self) -> str:
        return f"{self.file} line {self.line}: {self.text}"


class SetUpFaults(Exception):
    """The files cannot be loaded; the text lists every fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Entry:
    """One thing that a file sets up; `lines` tells where each value stands, by its path within the entry."""

    section: str
    values: dict[str, Any]
    file: str
    lines: Mapping[Path, int]

    def fault(self, path: Path, text: str) -> Fault:
        """A fault at a value, or at what holds the value if there is none."""
        known = next(path[:n] for n in range(len(path), -1, -1) if path[:n] in self.lines)
        return Fault(self.file, self.lines[known], text)

    def inner(self, path: Path, section: str, **more: Any) -> Entry:
        """What is written inside this entry, as an entry of its own."""
        values: Any = self.values
        for step in path:
            values = values[step]
        depth = len(path)
        lines = {at[depth:]: line for at, line in self.lines.items() if at[:depth] == path}
        return Entry(section, more | values, self.file, lines)


def read(file: str, content: bytes) -> list[Entry]:
    """The entries of one file; raises SetUpFaults if it cannot be read as what its name says."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SetUpFaults([Fault(file, line, "this is not UTF-8 text")]) from None
    kind = PurePath(file).suffix.lower()
    if kind in (".yaml", ".yml"):
        return _Yaml(file).entries(text)
    if kind == ".csv":
        return list(_csv(file, text))
    raise SetUpFaults([Fault(file, 1, "a set-up file is named .yaml, .yml or .csv")])


class _Loader(BaseLoader):
    """Composes nodes without guessing types; refuses aliases, which could make a small file huge."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the stubs leave it out
            raise ComposerError(None, None, "aliases are not used in set-up files", mark)
        return super().compose_node(parent, index)


@dataclass
class _Yaml:
    """One YAML file being read."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def entries(self, text: str) -> list[Entry]:
        found = list(self._sections(self._compose(text)))
        if self.faults:
            raise SetUpFaults(self.faults)
        return found

    def _compose(self, text: str) -> Node | None:
        try:
            return _Loader(text).get_single_node()
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise SetUpFaults([Fault(self.file, line, f"not readable as YAML: {error.problem}")]) from None
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            raise SetUpFaults([Fault(self.file, line, "there is a character that YAML forbids")]) from None
        except RecursionError:
            raise SetUpFaults([Fault(self.file, 1, "not readable as YAML: nested too deeply")]) from None

    def _sections(self, root: Node | None) -> Iterator[Entry]:
        if root is None:
            return
        if not isinstance(root, MappingNode):
            self._fault(root, "a set-up file begins with the name of a section, such as `staff:`")
            return
        for section, node in self._pairs(root):
            if isinstance(node, SequenceNode):
                yield from (entry for one in node.value if (entry := self._entry(section, one)))
            elif self._plain(node, (), {}) is not None:
                self._fault(node, f"{section}: is not a list; begin each entry with `- `")

    def _entry(self, section: str, node: Node) -> Entry | None:
        if not isinstance(node, MappingNode):
            self._fault(node, f"{section}: an entry names its fields, such as `- name: ...`")
            return None
        lines: dict[Path, int] = {}
        return Entry(section, self._plain(node, (), lines), self.file, lines)

    def _plain(self, node: Node, path: Path, lines: dict[Path, int]) -> Any:
        lines.setdefault(path, node.start_mark.line + 1)
        if node.tag not in TAGS:
            self._fault(node, f"the tag {node.tag} is not used in set-up files")
        if isinstance(node, ScalarNode):
            empty = node.style is None and node.value in ("", "~", "null")
            return None if empty else node.value
        if isinstance(node, SequenceNode):
            return [self._plain(one, (*path, index), lines) for index, one in enumerate(node.value)]
        assert isinstance(node, MappingNode)  # noqa: S101 - the third and last kind of node
        return {key: self._plain(one, (*path, key), lines) for key, one in self._pairs(node, path, lines)}

    def _pairs(
        self, node: MappingNode, path: Path = (), lines: dict[Path, int] | None = None
    ) -> Iterator[tuple[str, Node]]:
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._fault(key, "the name of a field is a word")
            elif key.value in seen:
                self._fault(key, f"{key.value}: is given twice")
            else:
                seen.add(key.value)
                if lines is not None:  # a value may begin below its name; people look for the name
                    lines[*path, key.value] = key.start_mark.line + 1
                yield key.value, value

    def _fault(self, node: Node, text: str) -> None:
        self.faults.append(Fault(self.file, node.start_mark.line + 1, text))


def _csv(file: str, text: str) -> list[Entry]:
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","  # where the comma is a decimal sign
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    section, found, faults = PurePath(file).stem.lower(), [], []
    line = 1  # where the row begins: a quoted cell may hold several lines
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        faults += [Fault(file, 1, f"{name}: is given twice") for name in _twice(names)]
        line = rows.line_num + 1
        for row in rows:
            cells = {name: text for name, cell in zip(names, row, strict=False) if (text := cell.strip())}
            if any(cell.strip() for cell in row[len(names) :]):
                faults.append(Fault(file, line, f"there are {len(row)} cells under {len(names)} field names"))
            elif cells:
                found.append(Entry(section, dict(cells), file, dict.fromkeys([(), *((n,) for n in cells)], line)))
            line = rows.line_num + 1
    except csv.Error as error:
        faults.append(Fault(file, line, f"not readable as CSV: {error}"))
    if faults:
        raise SetUpFaults(faults)
    return found


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if name and names.count(name) > 1})
