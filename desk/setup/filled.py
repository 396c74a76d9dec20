"""Entries of set-up files as filled-in forms, or as faults that say what to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from desk.setup.forms import FORMS
from desk.setup.sheets import Entry, Fault, SetUpFaults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic_core import ErrorDetails

    from desk.setup.form import Form

# Section: how an entry is known, and what its inner entries call it.
INSIDE = {"customers": ("code", "customer"), "rotas": ("name", "rota"), "hours": ("name", "hours")}
ON_A_CUSTOMERS_LINE = ("phone", "email", "language")  # what customers.csv says of the contact


class Filled(NamedTuple):
    """A form, and the entry it was filled in from."""

    entry: Entry
    form: Form


def fill(entries: Iterable[Entry]) -> tuple[list[Filled], list[Fault]]:
    """The forms in the order of their sections, and the faults of the entries that make none."""
    filled: list[Filled] = []
    faults: list[Fault] = []
    for entry in (one for folded in entries for one in _unfolded(folded)):
        try:
            filled.append(Filled(entry, _form(entry)))
        except SetUpFaults as error:
            faults += error.faults
    order = list(FORMS)
    return sorted(filled, key=lambda one: order.index(one.entry.section)), faults


def _unfolded(entry: Entry) -> Iterator[Entry]:
    """The entry, and what stands inside it, each as an entry of its section."""
    values = dict(entry.values)
    name, field = INSIDE.get(entry.section, ("", ""))
    for section in FORMS.keys() & values.keys() if name else ():
        for number, one in enumerate(values[section] or ()):
            if isinstance(one, dict):  # the form refuses anything else
                yield entry.inner((section, number), section, **{field: values.get(name)})
    if entry.section == "customers" and "contact" in values:
        said = {key: values.pop(key) for key in ON_A_CUSTOMERS_LINE if key in values}
        contact = {"customer": values.get("code"), "name": values.pop("contact")} | said
        yield Entry("contacts", contact, entry.file, entry.lines)
    yield Entry(entry.section, values, entry.file, entry.lines)


def _form(entry: Entry) -> Form:
    if entry.section not in FORMS:
        raise SetUpFaults([entry.fault((), f"{entry.section}: is no section; there are {', '.join(FORMS)}")])
    form = FORMS[entry.section]
    try:
        return form.model_validate(entry.values)
    except ValidationError as error:
        raise SetUpFaults([_fault(entry, one) for one in error.errors()]) from None


def _fault(entry: Entry, error: ErrorDetails) -> Fault:
    names = [str(step) for step in error["loc"] if isinstance(step, str) and step != "[key]"]
    where = f"{names[-1]}: " if names else ""
    return entry.fault(tuple(error["loc"]), where + _sentence(error))


def _sentence(error: ErrorDetails) -> str:
    given, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not a field here"
        case "value_error":
            return str(context["error"])
        case "enum" | "literal_error":
            return f"{given!r} is not one of {context['expected']}"
        case "bool_parsing":
            return f"{given!r} is neither yes nor no"
        case "date_from_datetime_parsing" | "date_parsing" | "date_from_datetime_inexact":
            return f"{given!r} is not a day such as 2026-11-16"
        case "too_short":
            return "is empty"
        case "string_too_short" | "string_type" if not given or str(given).isspace():
            return "is empty"
        case _:
            return f"{_quoted(given)}: {error['msg'][0].lower()}{error['msg'][1:]}"


def _quoted(given: object) -> str:
    return repr(given) if isinstance(given, (str, int)) else "this"
