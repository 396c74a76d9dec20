"""What a set-up file may say: one form per section, in the order in which they are stored.

A field that an entry leaves out keeps what is stored; an empty one in YAML clears it. Contacts and contracts may
stand inside their customer, overrides inside their rota, closures inside their hours; in customers.csv the
columns are code, name, contact, phone, email (several lines for several contacts).
"""

from datetime import date, time, timedelta
from typing import Any, Self

from pydantic import Field, model_validator

from desk.setup.form import Form, Inner, ordered
from desk.setup.plans import HuntGroupForm, OverrideForm, PolicyForm, RotaForm
from desk.setup.written import (
    Dates,
    Diallable,
    Email,
    Key,
    Languages,
    Length,
    Night,
    Phone,
    Rate,
    Retention,
    RuleWords,
    Since,
    Targets,
    Text,
    ToldIn,
    Wall,
    Week,
    Windows,
    Zone,
)
from desk.staff import Role
from oncall.agreed import Rules
from sla.money import rate_words
from sla.money.presets import PRESETS
from sla.overtime import Band


class StaffForm(Form):
    """A colleague."""

    known_by = ("key",)
    key: Key
    name: Text
    role: Role
    phone: Diallable | None = None
    email: Email | None = None
    active: bool = True


class CustomerForm(Form):
    """A customer."""

    known_by = ("code",)
    code: Key
    name: Text
    contacts: Inner = Field(default_factory=list)
    contracts: Inner = Field(default_factory=list)


class ContactForm(Form):
    """A person at a customer; told apart by customer and name."""

    known_by = ("customer", "name")
    customer: Key
    name: Text
    phone: Phone | None = None
    email: Email | None = None
    language: ToldIn | None = None


class ContractForm(Form):
    """One version of a contract: what it says of each band and charges for it, promises, and keeps beside the house.

    A preset says everything that the entry leaves out, apart from the rate; what is stored are the words themselves, so
    that a contract stays what it was whatever becomes of the preset.
    """

    known_by = ("customer", "valid_from")
    customer: Key
    name: Text
    valid_from: Since
    preset: str | None = None
    office: RuleWords
    weekday_after_hours: RuleWords
    saturday: RuleWords
    sunday: RuleWords
    public_holiday: RuleWords
    needs_consent: bool = True
    rate: Rate | None = None
    increment: Length | None = None
    minimum: Length | None = None
    merge: Length | None = None
    included: Length | None = None
    closures_count: bool = False
    windows: Windows = Field(default_factory=list, validate_default=False)
    targets: Targets = Field(default_factory=dict)
    retention: Retention = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _begin_as_preset(cls, given: Any) -> Any:
        name = given.get("preset") if isinstance(given, dict) else None
        if name is None:
            return given
        if name not in PRESETS:
            raise ValueError(f"there is no preset {name!r}, only {', '.join(PRESETS)}")
        bands, said = rate_words.written(PRESETS[name]("", 0))
        return bands | said | given

    @model_validator(mode="after")
    def _makes_a_card(self) -> Self:
        try:
            rate_words.read(self.name, 1, self.bands, self.card, self.needs_consent)
        except ValueError as fault:
            raise ValueError(str(fault.__cause__ or fault)) from None
        return self

    @property
    def promises(self) -> dict[str, dict[str, str]]:
        """The targets as the contract keeps them."""
        said = self.targets.items()
        return {priority: {str(measure): words for measure, words in clauses.items()} for priority, clauses in said}

    @property
    def bands(self) -> dict[str, str]:
        """The bands as the contract keeps them."""
        return {band.value: getattr(self, band) for band in Band}

    @property
    def card(self) -> dict[str, Any]:
        """What else it charges by, as the contract keeps it; what is unsaid is not there."""
        said = self.said("rate", "increment", "minimum", "merge", "included", "windows", "closures_count")
        return {name: value for name, value in said.items() if value}


class HoursForm(Form):
    """Business hours: a week in a zone."""

    name: Text
    zone: Zone
    week: Week
    dates: Dates = Field(default_factory=dict)
    closures: Inner = Field(default_factory=list)

    @property
    def stretches(self) -> list[list[int]]:
        """[weekday, opens, closes], in order."""
        return sorted([day, *span] for days, spans in self.week.items() for day in days for span in spans)

    @property
    def days(self) -> dict[str, list[list[int]]]:
        """The other hours of single dates."""
        return {day.isoformat(): sorted(map(list, spans)) for day, spans in self.dates.items()}


class ClosureForm(Form):
    """A closure, in local time of its hours."""

    known_by = ("hours", "starts")
    hours: Text
    starts: Wall
    ends: Wall
    reason: Text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        ordered(self.starts, self.ends)
        return self


class HolidayForm(Form):
    """A declared public holiday."""

    known_by = ("day", "name")
    day: date
    name: Text


class LineForm(Form):
    """A number that we answer."""

    known_by = ("number",)
    number: Phone
    company: Text
    languages: Languages = Field(default_factory=lambda: ["en"])
    announcement: Text | None = None
    hours: Text
    hunt_group: Text
    policy: Text


class BlockedForm(Form):
    """A number whose calls are rejected."""

    known_by = ("number",)
    number: Phone
    reason: Text


class DutyForm(Form):
    """Rules of call-outs for payroll, from a day on; minutes, and times of day."""

    known_by = ("since",)
    since: date
    minimum_minutes: int = Field(0, ge=0, le=1440)
    merge_minutes: int = Field(0, ge=0, le=1440)
    one_block: bool = True
    night: Night = (time(18), time(6))

    @property
    def rules(self) -> Rules:
        """As the arithmetic knows them."""
        minimum, merge = timedelta(minutes=self.minimum_minutes), timedelta(minutes=self.merge_minutes)
        return Rules(self.since, minimum, merge, self.one_block, self.night)


FORMS: dict[str, type[Form]] = {
    "staff": StaffForm,
    "customers": CustomerForm,
    "contacts": ContactForm,
    "hours": HoursForm,
    "contracts": ContractForm,
    "closures": ClosureForm,
    "holidays": HolidayForm,
    "hunt_groups": HuntGroupForm,
    "rotas": RotaForm,
    "overrides": OverrideForm,
    "policies": PolicyForm,
    "lines": LineForm,
    "blocked": BlockedForm,
    "duty_rules": DutyForm,
}
