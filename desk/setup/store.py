"""How each form becomes rows; the order of the table at the end is that of the forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk import numbers
from desk.setup import standby
from desk.setup.sheets import A_FORM
from desk.staff import Staff
from ivr import prompts, recorded
from ivr.line import BlockedNumber, Line
from oncall import duty_month, duty_rules
from oncall.duty_rules import DutyRules
from oncall.roster import HuntGroup, PolicyRecord
from sla import holidays
from sla.clauses import ALWAYS, read
from sla.contract import Contract, WithdrawnContract
from sla.holidays import PublicHoliday
from sla.hours import BusinessHours, Closure
from tickets.mail import wording
from tickets.people import Contact, Customer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from desk.setup.books import Books
    from desk.setup.filled import Filled
    from desk.setup.forms import (
        BlockedForm,
        ClosureForm,
        ContactForm,
        ContractForm,
        CustomerForm,
        DutyForm,
        HolidayForm,
        HoursForm,
        LineForm,
        StaffForm,
    )


def _staff(books: Books, one: Filled, form: StaffForm) -> None:
    if form.phone and (owner := _owner_of(books, form)):
        books.fault(one, ("phone",), f"{numbers.shown(form.phone)} is already the number of {owner}")
        return
    books.put(one, Staff, form.said("key"), form.said("name", "role", "phone", "email", "active"))


def _owner_of(books: Books, form: StaffForm) -> str | None:
    """Whose telephone it is already: two who share one would be rung as two, and a line would ring itself."""
    if books.find(Line, number=form.phone):
        return "a line"
    others = select(Staff.name).where(Staff.phone == form.phone, Staff.key != form.key, Staff.active)
    return books.session.scalars(others.limit(1)).first()


def _customer(books: Books, one: Filled, form: CustomerForm) -> None:
    books.put(one, Customer, form.said("code"), form.said("name"))


def _contact(books: Books, one: Filled, form: ContactForm) -> None:
    customer = books.need(one, ("customer",), Customer, code=form.customer)
    if customer is None:
        return
    owner = books.find(Contact, phone=form.phone) if form.phone else None
    if form.phone and owner and (owner.customer_id, owner.name) != (customer.id, form.name):
        books.fault(one, ("phone",), f"{numbers.shown(form.phone)} is already the number of {owner.name}")
        return
    told_in = (*prompts.languages(), *wording.languages())
    if form.language and form.language not in (*told_in, *recorded.names(books.session)):
        there = _listed(told_in)
        books.fault(one, ("language",), f"there are neither prompts nor letters in {form.language!r}, only in {there}")
        return
    key = {"customer_id": customer.id, "name": form.name}
    row = books.find(Contact, **key)
    if row:
        row.changes(books.at)
    made = books.put(one, Contact, key, form.said("phone", "email", "language"))
    if made and not row:
        made.begins(books.at)


def _contract(books: Books, one: Filled, form: ContractForm) -> None:
    customer = books.need(one, ("customer",), Customer, code=form.customer)
    if customer is None:
        return
    key = {"customer_id": customer.id, "valid_from": form.valid_from}
    terms = form.said("name", "bands", "card", "needs_consent")
    if "targets" in form.model_fields_set:
        terms["targets"] = form.promises
    if "retention" in form.model_fields_set:
        terms["retention"] = form.retention
    if not _hours_are_known(books, one, form):
        return
    if row := books.find(Contract, **key):
        if any(getattr(row, name) != value for name, value in terms.items()):
            books.fault(one, (), _not_edited(customer, row))
        return
    if (taken_back := _taken_back(books, one, key)) is not None:
        books.fault(one, (), _withdrawn(customer, taken_back))
        return
    made = {"version": books.next_version(customer.id), "made_by": books.who.name, "made_at": books.at}
    books.put(one, Contract, key, terms | made)


def _hours_are_known(books: Books, one: Filled, form: ContractForm) -> bool:
    """Whether all business hours are there in which its promises are counted."""
    clauses = [(path, read(words).hours) for path, words in _written(form.promises)]
    named = [(path, name) for path, name in clauses if name not in (None, ALWAYS)]
    return all(books.need(one, ("targets", *path), BusinessHours, name=name) for path, name in named)


def _written(promises: dict[str, dict[str, str]]) -> Iterable[tuple[tuple[str, str], str]]:
    return (((priority, measure), words) for priority, said in promises.items() for measure, words in said.items())


def _not_edited(customer: Customer, row: Contract) -> str:
    return (
        f"{customer.name} has other terms from {row.valid_from} on (version {row.version}); "
        "a contract is never edited: give the new terms a later valid_from"
    )


def _taken_back(books: Books, one: Filled, key: dict[str, Any]) -> WithdrawnContract | None:
    """The version of that day that somebody has withdrawn since the file was written; of a form they know of it."""
    if one.entry.file == A_FORM:
        return None
    theirs = select(WithdrawnContract).filter_by(**key).order_by(WithdrawnContract.version.desc())
    with books.session.no_autoflush:  # what this load adds is not withdrawn, and to write it row by row takes long
        return books.session.scalars(theirs.limit(1)).first()


def _withdrawn(customer: Customer, row: WithdrawnContract) -> str:
    return (
        f"{row.withdrawn_by} withdrew what {customer.name} was to have from {row.valid_from} on "
        f"(version {row.version}, {row.name}); take it out of this file, or agree to it anew on the customer's page"
    )


def _hours(books: Books, one: Filled, form: HoursForm) -> None:
    row = books.find(BusinessHours, name=form.name)
    if row and row.later and (form.zone, form.stretches) != (row.zone, row.week):
        books.fault(
            one, ("week",), f"its week is another from {row.later[0].since} on; change it on the page of office hours"
        )
        return
    books.put(one, BusinessHours, form.said("name"), {"zone": form.zone, "week": form.stretches, "dates": form.days})


def _closure(books: Books, one: Filled, form: ClosureForm) -> None:
    hours = books.need(one, ("hours",), BusinessHours, name=form.hours)
    if hours and (span := standby.instants(books, one, form, hours.zone)):
        key = {"hours_id": hours.id, "starts": span[0]}
        books.put(one, Closure, key, {"ends": span[1], "reason": form.reason})


def _holiday(books: Books, one: Filled, form: HolidayForm) -> None:
    row = books.find(PublicHoliday, day=form.day)
    if books.first(one, PublicHoliday, form.said("day"), form.name) and (
        row is None or row.withdrawn or row.name != form.name
    ):
        holidays.add(books.session, form.day, form.name, one.entry.file, books.at)
        books.changed("changed" if row else "added", PublicHoliday, one)


def _line(books: Books, one: Filled, form: LineForm) -> None:
    known = (*prompts.languages(), *recorded.names(books.session))
    if unknown := [(place, code) for place, code in enumerate(form.languages) if code not in known]:
        place, code = unknown[0]
        books.fault(one, ("languages", place), f"there are no prompts in {code!r}, only in {_listed(known)}")
        return
    hours = books.need(one, ("hours",), BusinessHours, name=form.hours)
    group = books.need(one, ("hunt_group",), HuntGroup, name=form.hunt_group)
    policy = books.need(one, ("policy",), PolicyRecord, name=form.policy)
    if hours and group and policy:
        hung = {"hours_id": hours.id, "hunt_group_id": group.id, "policy_id": policy.id}
        columns = form.said("company", "languages", "announcement") | hung
        books.put(one, Line, form.said("number"), columns)


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(sorted(set(codes)))


def _blocked(books: Books, one: Filled, form: BlockedForm) -> None:
    books.put(one, BlockedNumber, form.said("number"), form.said("reason"))


def _duty(books: Books, one: Filled, form: DutyForm) -> None:
    if not books.first(one, DutyRules, form.said("since"), form.rules):
        return
    known = duty_rules.stored(books.session)
    if (of_the_day := [row.value for row in known if row.since == form.since]) and of_the_day[-1] != form.rules:
        books.fault(one, (), f"other rules begin on {form.since}; rules are never edited: give these a later since")
        return
    zone = duty_month.calendar(books.session).zone
    try:
        duty_rules.agree(books.session, form.rules, zone, books.who, books.at, standby.file_of(one))
    except ValueError as error:
        books.fault(one, ("since",), str(error))
        return
    if not of_the_day:
        books.changed("added", DutyRules, one)


STORE: dict[str, Callable[[Books, Filled, Any], None]] = {
    "staff": _staff,
    "customers": _customer,
    "contacts": _contact,
    "hours": _hours,
    "contracts": _contract,
    "closures": _closure,
    "holidays": _holiday,
    "hunt_groups": standby.hunt_group,
    "rotas": standby.rota,
    "overrides": standby.override,
    "policies": standby.policy,
    "lines": _line,
    "blocked": _blocked,
    "duty_rules": _duty,
}
