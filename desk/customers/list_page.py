"""The list of customers: searched by name or number, each with the contract of the day and what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from desk.customers import asked, register
from desk.door.guard import requires
from desk.staff import Role
from sla.billing.desk import database

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desk.customers.entries import Problem

customers = Blueprint("customers", __name__)
customers.before_request(requires(Role.BILLING, Role.MANAGER))
MOST_PAGES = 100_000


@customers.get("/customers")
def page() -> str:
    """Which customers there are."""
    return shown({}, ())


def shown(typed: Mapping[str, str], problems: Sequence[Problem]) -> str:
    """The list, with what was typed into the form of somebody new and why that cannot be."""
    words = " ".join(request.args.get("q", "").split())[: register.LONGEST]
    number = _page()
    with database().reading() as session:
        skip = (number - 1) * register.PAGE
        found, total = register.page(session, words, asked.today(session), skip)
        return render_template(
            "customers/list.html",
            q=words,
            found=found,
            total=total,
            page=number,
            last=skip + len(found),
            typed=typed,
            problems=problems,
        )


def _page() -> int:
    asked_for = request.args.get("page", "")
    is_number = asked_for.isascii() and asked_for.isdecimal() and len(asked_for) < len(str(MOST_PAGES))
    return max(1, int(asked_for)) if is_number else 1
