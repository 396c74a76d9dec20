"""Search for programs: what the box in the head of the pages finds, as far as the token may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from desk.api.shapes import Call, Ticket
from desk.door.tokens import Scope
from desk.finder import found, meant

if TYPE_CHECKING:
    from desk.api.answers import Reader


class Asked(BaseModel):
    """What is looked for."""

    model_config = ConfigDict(extra="forbid")
    q: Annotated[
        str,
        Field(
            min_length=1,
            max_length=meant.LONGEST,
            description="A reference or a telephone number in any spelling, also in a sentence; or words of a subject "
            f"(among the newest {found.NEWEST} tickets) or of a customer's name",
        ),
    ]
    limit: Annotated[int, Field(ge=1, le=50, description="How many at most, of each kind")] = found.FEW


class CustomerNamed(BaseModel):
    """A customer, by name."""

    code: str
    name: str


class Found(BaseModel):
    """A few of each kind, tickets by their reference first, then the newest."""

    tickets: list[Ticket]
    calls: Annotated[list[Call], Field(description="From a number; none unless the token has `calls:read`")]
    customers: Annotated[list[CustomerNamed], Field(description="None unless the token has `customers:read`")]
    more: Annotated[list[str], Field(description="The kinds of which there are more than `limit`")]


def of(reader: Reader, asked: Asked) -> Found:
    """What the words may mean."""
    words, session, few = meant.read(asked.q), reader.session, asked.limit
    tickets = found.tickets(session, words, few)
    customers = found.customers(session, words, few) if Scope.CUSTOMERS_READ in reader.scopes else found.Some()
    calls = found.calls(session, words, few) if Scope.CALLS_READ in reader.scopes else found.Some()
    kinds: dict[str, found.Some[Any]] = {"tickets": tickets, "calls": calls, "customers": customers}
    return Found(
        tickets=reader.listed(tickets.rows),
        calls=reader.rung(calls.rows),
        customers=[CustomerNamed(code=one.code, name=one.name) for one in customers.rows],
        more=[kind for kind, some in kinds.items() if some.more],
    )
