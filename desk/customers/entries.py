"""Entries: what is typed into a form, put in as a set-up file would put it, so that both know one truth.

The loader tells its faults by the line of a file. A form has fields instead, so here each field is a line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from desk.setup.filled import fill
from desk.setup.load import load_entries, try_entries
from desk.setup.sheets import A_FORM, Entry, SetUpFaults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.setup.form import Form
    from desk.setup.sheets import Fault, Path


class Problem(NamedTuple):
    """What is wrong, and at which field of the form; "" if it is the whole."""

    field: str
    text: str


class Refused(Exception):
    """What was typed cannot be; nothing is stored."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(one.text for one in problems))
        self.problems = tuple(problems)


class Overtaken(Exception):
    """What is to be changed is not any more what it was when the form was opened."""


@dataclass(frozen=True)
class Typed:
    """A form as an entry of a section; `fields` says at which field each value was typed, by its path in the entry."""

    section: str
    values: Mapping[str, Any]
    fields: Mapping[Path, str] = field(default_factory=dict)

    @property
    def entry(self) -> Entry:
        """As the loader takes it."""
        lines = {path: number for number, path in enumerate(self.fields, start=1)}
        return Entry(self.section, dict(self.values), A_FORM, {(): 0, **lines})

    def problems(self, faults: Iterable[Fault]) -> list[Problem]:
        """The loader's faults, at the fields where they were typed."""
        paths: list[Path] = [(), *self.fields]
        return [self._problem(paths[fault.line], fault.text) for fault in faults]

    def _problem(self, path: Path, text: str) -> Problem:
        for name in reversed(path):
            text = text.removeprefix(f"{name}: ")
        return Problem(self.fields.get(path, ""), text)


def read(typed: Typed) -> Form:
    """What was typed, as the loader understands it; raises Refused."""
    filled, faults = fill([typed.entry])
    if faults:
        raise Refused(typed.problems(faults))
    (one,) = filled
    return one.form


def keep(session: Session, typed: Typed, at: datetime, who: Who) -> list[str]:
    """Store it and return what was added or changed; raises Refused, and then stores nothing."""
    try:
        return load_entries(session, [typed.entry], at, who)
    except SetUpFaults as error:
        raise Refused(typed.problems(error.faults)) from None


def rehearse(session: Session, typed: Typed, at: datetime, who: Who) -> None:
    """Raise Refused where it could not be stored; nothing is written, so nobody waits for it."""
    try:
        try_entries(session, [typed.entry], at, who)
    except SetUpFaults as error:
        raise Refused(typed.problems(error.faults)) from None
