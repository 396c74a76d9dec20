"""Rows: each row of the table as entries of a set-up file: a customer with a contact, and a contract.

A row that names no short name means the customer of that name; one who is new is given a short name made of theirs.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.imports.columns import OF_A_CONTACT, OF_A_CONTRACT
from desk.setup.sheets import Entry, Fault
from sla.money.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from desk.imports.table import Row, Table

FILE = "row"  # where a fault is; its line says which
BLANK, LONGEST_CODE = "customer", 40


@dataclass
class Directory:
    """Which customers there are, {code: name}; names that are new are given codes that nobody has."""

    names: dict[str, str]

    def __post_init__(self) -> None:
        self._codes: dict[str, list[str]] = {}
        for code, name in self.names.items():
            self._codes.setdefault(name.casefold(), []).append(code)

    def found(self, name: str) -> Sequence[str]:
        """The codes of those who are called so."""
        return self._codes.get(name.casefold(), ())

    def take(self, code: str, name: str) -> None:
        """A code of the table is somebody's."""
        if code not in self.names:
            self.names[code] = name
            self._codes.setdefault(name.casefold(), []).append(code)

    def given(self, name: str) -> str:
        """A code for somebody who is new."""
        plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
        base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_CODE].strip("-")
        base = base if base[:1].isalpha() else f"{BLANK}-{base}".strip("-")
        code = next(one for one in _numbered(base) if one not in self.names)
        self.take(code, name)
        return code


def entries(table: Table, fields: Sequence[str], directory: Directory) -> tuple[list[Entry], list[Fault]]:
    """What the rows set up, and what is wrong with them before anybody looks at a value."""
    cells = [(row, _cells(row, fields)) for row in table.rows]
    for _, one in cells:  # short names that the table gives come before those that are made up
        if one.get("code") and one.get("name"):
            directory.take(one["code"].lower(), one["name"])
    found: list[Entry] = []
    faults: list[Fault] = []
    for row, one in cells:
        try:
            found += _entries(row, one, directory)
        except ValueError as error:
            faults.append(Fault(FILE, row.line, str(error)))
    return found, faults


def _entries(row: Row, cells: Mapping[str, str], directory: Directory) -> Iterator[Entry]:
    code = _code(cells, directory)
    known = directory.names.get(code, "")
    name = cells.get("name", known) if cells.get("code") else known
    values = {"code": code, "name": name} if name else {"code": code}
    if orphans := [field for field in OF_A_CONTACT if field in cells and "contact" not in cells]:
        raise ValueError(f"contact: is missing: whose {orphans[0]} is it?")
    values |= {field: cells[field] for field in ("contact", *OF_A_CONTACT) if field in cells}
    yield _entry("customers", values, row.line)
    if any(field in cells for field in OF_A_CONTRACT):
        yield _entry("contracts", {"customer": code, **_contract(cells)}, row.line)


def _contract(cells: Mapping[str, str]) -> dict[str, str]:
    if "preset" not in cells:
        raise ValueError(f"preset: is missing; there are {', '.join(PRESETS)}")
    preset = next((one for one in PRESETS if one.casefold() == cells["preset"].casefold()), cells["preset"])
    values = {"name": cells.get("contract", preset), "preset": preset}
    values |= {field: cells[field] for field in ("valid_from", "rate") if field in cells}
    if day := re.fullmatch(r"(\d{4})/(\d{1,2})/(\d{1,2})", values.get("valid_from", "")):  # as Excel has it here
        values["valid_from"] = f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
    return values


def _code(cells: Mapping[str, str], directory: Directory) -> str:
    if code := cells.get("code"):
        return code.lower()
    if not (name := cells.get("name")):
        raise ValueError("customer: is missing")
    known = directory.found(name)
    if len(known) > 1:
        raise ValueError(f"customer: several are called {name}: give the short name ({', '.join(sorted(known))})")
    return known[0] if known else directory.given(name)


def _cells(row: Row, fields: Sequence[str]) -> dict[str, str]:
    return {field: cell for field, cell in zip(fields, row.cells, strict=False) if field and cell}


def _entry(section: str, values: dict[str, str], line: int) -> Entry:
    return Entry(section, dict(values), FILE, dict.fromkeys([(), *((name,) for name in values)], line))


def _numbered(base: str) -> Iterable[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1
