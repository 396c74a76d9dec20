"""The stored set-up while files are loaded into it: finds, adds and changes rows, and notes faults."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from sqlalchemy import inspect, select

from desk.db import Base
from desk.setup.known import Known
from desk.staff import Staff
from ivr.line import BlockedNumber, Line
from oncall.duty_rules import DutyRules
from oncall.roster import HuntGroup, OverrideRecord, PolicyRecord, RotaRecord
from sla.contract import Contract, next_version, next_versions
from sla.holidays import PublicHoliday
from sla.hours import BusinessHours, Closure
from tickets.people import Contact, Customer

if TYPE_CHECKING:
    from collections import defaultdict
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.setup.filled import Filled
    from desk.setup.sheets import Entry, Fault, Path
    from oncall.effect import Hazard
    from oncall.roster import Version

Row = TypeVar("Row", bound=Base)
# What a row is called in a sentence, and the section that sets it up.
CALLED: dict[type[Base], tuple[str, str]] = {
    Staff: ("colleague", "staff"),
    Customer: ("customer", "customers"),
    Contact: ("contact", "contacts"),
    Contract: ("contract", "contracts"),
    BusinessHours: ("business calendar", "hours"),
    Closure: ("closure", "closures"),
    PublicHoliday: ("public holiday", "holidays"),
    HuntGroup: ("hunt group", "hunt_groups"),
    RotaRecord: ("rota", "rotas"),
    OverrideRecord: ("override", "overrides"),
    PolicyRecord: ("policy", "policies"),
    Line: ("line", "lines"),
    BlockedNumber: ("blocked number", "blocked"),
    DutyRules: ("duty rules", "duty_rules"),
}
# What long files are full of.
BY_THE_THOUSAND: dict[type[Base], list[tuple[str, ...]]] = {
    Customer: [("code",)],
    Contact: [("phone",), ("customer_id", "name")],
    Contract: [("customer_id", "valid_from")],
}


class Mark(NamedTuple):
    """What an entry led to: a row of that table `added` or `changed`, and what its columns were before."""

    entry: Entry
    verb: str
    row: Base
    was: Mapping[str, Any]


class Books:
    """One load: what it changed so far, and what is wrong."""

    def __init__(
        self,
        session: Session,
        at: datetime,
        who: Who,
        entries: Iterable[Entry],
        anyway: str = "",
        *,
        trying: bool = False,
    ) -> None:
        self.session = session
        self.at, self.who, self.anyway, self.trying = at, who, anyway, trying
        self.changes: list[str] = []
        self.marks: list[Mark] = []
        self.faults: list[Fault] = []
        self._declared = {(entry.section, _folded(name)) for entry in entries for name in _names(entry)}
        self._needed: dict[tuple[type[Base], object], Any] = {}  # thousands of contacts name the same few customers
        self._placed: dict[tuple[object, ...], tuple[Entry, object]] = {}
        self.let_go: dict[tuple[Base, str], Any] = {}  # what was taken from a row before its turn
        self._known = Known(session, {})
        self._versions: defaultdict[int, int] | None = None

    def know(self) -> None:
        """Read what a long file would look up one by one."""
        self._known = Known(self.session, BY_THE_THOUSAND)

    def find(self, model: type[Row], **key: Any) -> Row | None:
        """The row of that key."""
        if self._known.has(model, key):
            return cast("Row | None", self._known.find(model, **key))
        return self.session.scalars(select(model).filter_by(**key)).one_or_none()

    def need(self, one: Filled, path: Path, model: type[Row], **key: Any) -> Row | None:
        """The row that an entry names; a fault if it is neither stored nor set up by these files."""
        (name,) = key.values()
        noun, section = CALLED[model]
        row = self._needed.get((model, name)) or self.find(model, **key)
        if row:
            self._needed[model, name] = row
            if inspect(row).pending:  # one of many that were added and not yet numbered
                self.session.flush()
        # One that the files do set up, but wrongly, has a fault already; another here would only distract.
        if row is None and (section, _folded(name)) not in self._declared:
            self.fault(one, path, f"there is no {noun} {name!r}")
        return row

    def next_version(self, customer_id: int) -> int:
        """Of a customer's contract: the number that the version to come has."""
        if not self._known.all_of(Contract):
            return next_version(self.session, customer_id)
        if self._versions is None:
            self._versions = next_versions(self.session)
        self._versions[customer_id] = 1 + (number := self._versions[customer_id])
        return number

    def staff(self, one: Filled, path: Path, key: str) -> Staff | None:
        """The colleague whom an entry names."""
        return self.need(one, path, Staff, key=key)

    def fault(self, one: Filled, path: Path, text: str) -> None:
        """Note what is wrong at a value."""
        names = [f"{step}: " for step in path if isinstance(step, str)]
        self.faults.append(one.entry.fault(path, "".join(names[-1:]) + text))

    def refuse(self, one: Filled, hazards: Iterable[Hazard]) -> None:
        """Note why an entry is not loaded unless somebody names the reason."""
        self.faults += [replace(one.entry.fault((), hazard.text), is_unsafe=True) for hazard in hazards]

    def put(self, one: Filled, model: type[Row], key: Mapping[str, Any], values: Mapping[str, Any]) -> Row | None:
        """Write a row, new or changed, unless it is only tried; what the entry leaves unsaid stays."""
        if not self.first(one, model, key, values) or self.trying:
            return None
        row = self.find(model, **key)
        if row is None:
            row = model(**key, **values)
            self.session.add(row)
            if not self._known.all_of(model):
                self.session.flush()  # others refer to its id
            self._mark("added", model, one, row)
            return row
        unsaid = type(one.form).model_fields.keys() - one.form.model_fields_set
        differing = [name for name in values if name not in unsaid and getattr(row, name) != values[name]]
        was = {name: self.let_go.get((row, name), getattr(row, name)) for name in differing}
        for name in differing:
            setattr(row, name, values[name])
        if differing:
            self._mark("changed", model, one, row, was)
        return row

    def first(self, one: Filled, model: type[Base], key: Mapping[str, Any], values: object) -> bool:
        """Whether no other entry of these files has this key; a fault if one has, with other values."""
        placed = (model, *key.values())
        entry, before = self._placed.setdefault(placed, (one.entry, values))
        if entry is not one.entry and before != values:
            line = entry.lines[()]
            self.fault(one, (), f"this {CALLED[model][0]} is set up differently in {entry.file} line {line}")
        return entry is one.entry

    def changed(self, verb: str, model: type[Base], one: Filled, fields: Iterable[str] = ()) -> None:
        """Note a change, for the report."""
        sentence = f"{verb} {CALLED[model][0]} {one.form.label}"
        self.changes.append(
            ": ".join(filter(None, [sentence, ", ".join(field.removesuffix("_id") for field in fields)]))
        )

    def _mark(self, verb: str, model: type[Base], one: Filled, row: Base, was: Mapping[str, Any] | None = None) -> None:
        self._known.keep(row)
        self.marks.append(Mark(one.entry, verb, row, was or {}))
        self.changed(verb, model, one, was or ())

    def warn(self, version: Version) -> None:
        """Note what is to be known of a version of a rota, for the report."""
        self.changes += [f"Beware: {hazard['text']}" for hazard in version.hazards]


def _names(entry: Entry) -> list[object]:
    return [entry.values[field] for field in ("key", "code", "name") if entry.values.get(field)]


def _folded(name: object) -> str:
    return str(name).strip().casefold()
