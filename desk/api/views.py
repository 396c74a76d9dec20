"""The doors of the API: token, scope, parameters; then the answer, or the problem."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from desk.api import announcements, customers, search, shapes, statement
from desk.api.answers import Reader
from desk.api.cursor import BadParameter
from desk.api.operation import Operation, description
from desk.api.problems import problem
from desk.api.writer import Writer
from desk.audit import Who
from desk.customers import entries as customer_entries
from desk.door import tokens
from desk.door.browser import place
from desk.door.guard import visitor
from desk.door.tokens import Scope
from ivr import announcing
from tickets.privacy import access
from tickets.privacy.access import What

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from desk.db import Database
    from desk.door.tokens import ApiToken
    from desk.settings import Settings

log = logging.getLogger(__name__)
api = Blueprint("api", __name__, url_prefix="/api/v1")
NO_TOKEN = "Send `Authorization: Bearer …` with a token of this installation."  # noqa: S105 - words
# Operations whose answers name callers.
WITH_NUMBERS = (Scope.CALLS_READ, Scope.TICKETS_READ, Scope.STATEMENTS_READ, Scope.CUSTOMERS_READ)
OPERATIONS = (
    Operation(
        "/calls", "list_calls", "The latest calls", Scope.CALLS_READ, shapes.Paging, shapes.Calls, Reader.calls
    ),
    Operation(
        "/calls/{sid}", "get_call", "One call", Scope.CALLS_READ, shapes.Nothing, shapes.WholeCall, Reader.call
    ),
    Operation(
        "/tickets", "list_tickets", "The latest tickets", Scope.TICKETS_READ, shapes.TicketFilter, shapes.Tickets,
        Reader.tickets,
    ),
    Operation(
        "/tickets/{reference}", "get_ticket", "One ticket", Scope.TICKETS_READ, shapes.Nothing, shapes.WholeTicket,
        Reader.ticket,
    ),
    Operation(
        "/oncall/now", "on_call_now", "Who rings now, or at another instant, and why", Scope.ONCALL_READ, shapes.Moment,
        shapes.OnCallNow, Reader.on_call,
    ),
    Operation(
        "/oncall/shifts", "list_shifts", "Who rings between two instants", Scope.ONCALL_READ, shapes.Span,
        shapes.Shifts, Reader.shifts,
    ),
    Operation(
        "/oncall/gaps", "list_gaps", "When nobody rings", Scope.ONCALL_READ, shapes.Span, shapes.Gaps, Reader.gaps
    ),
    Operation(
        "/oncall/duty", "get_duty", "A month of duty, for payroll", Scope.DUTY_READ, shapes.DutyMonth, shapes.Duty,
        Reader.duty,
    ),
    Operation(
        "/statements/{month}", "get_statement", "A month's charge lines, as 2026-11", Scope.STATEMENTS_READ,
        statement.LineFilter, statement.Statement, statement.of,
    ),
    Operation(
        "/search", "search", "Tickets, calls and customers that some words may mean", Scope.TICKETS_READ, search.Asked,
        search.Found, search.of,
    ),
    Operation(
        "/customers", "list_customers", "Customers, by name", Scope.CUSTOMERS_READ, customers.CustomerFilter,
        customers.Customers, customers.listed,
    ),
    Operation(
        "/customers/{code}", "get_customer", "One customer and their contacts", Scope.CUSTOMERS_READ, shapes.Nothing,
        customers.WholeCustomer, customers.one,
    ),
    Operation(
        "/customers", "add_customer", "Add a customer", Scope.CUSTOMERS_WRITE, customers.NewCustomer,
        customers.WholeCustomer, customers.add, "POST",
    ),
    Operation(
        "/customers/{code}/contacts", "add_contact", "Add a contact of a customer", Scope.CUSTOMERS_WRITE,
        customers.NewContact, customers.WholeCustomer, customers.add_contact, "POST",
    ),
    Operation(
        "/announcements", "list_announcements", "What callers are told before the menu, now and to come",
        Scope.ANNOUNCEMENTS_READ, shapes.Nothing, announcements.Announcements, announcements.listed,
    ),
    Operation(
        "/announcements", "announce", "Have callers told something before the menu", Scope.ANNOUNCEMENTS_WRITE,
        announcements.NewAnnouncement, announcements.Announcements, announcements.add, "POST",
    ),
    Operation(
        "/announcements/{number}/end", "end_announcement", "Tell callers no more of it", Scope.ANNOUNCEMENTS_WRITE,
        announcements.Ending, announcements.Announcements, announcements.end, "POST",
    ),
)  # fmt: skip


@api.before_request
def check_token() -> Response | None:
    """Only a token opens the API; its description is also for whoever is signed in."""
    secret = _bearer()
    with _database().reading() as session:
        g.token = tokens.current(session, secret, _settings().demo) if secret else None
        stale = g.token and (g.token.used_at is None or g.now - g.token.used_at >= tokens.USED_EVERY)
    if g.token is None:
        if request.endpoint == "api.description" and visitor():
            return None
        return problem(401, "no-token", NO_TOKEN, WWW_Authenticate="Bearer")
    if stale:
        _database().note(lambda session: tokens.used(session, g.token.id, g.now))
    return None


@api.get("/openapi.json", endpoint="description")
def description_() -> dict[str, Any]:
    """What this API can be asked, as OpenAPI 3.1."""
    return description(OPERATIONS, _settings().public_url)


@api.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """Never HTML."""
    if isinstance(error, HTTPException):
        return problem_of(error)
    log.error("failed on %s", request.endpoint, exc_info=error)
    return problem(500, detail=f"The fault is in the log of the server, as request {g.request_id}.")


def problem_of(error: HTTPException) -> Response:
    """The problem that such an error is."""
    return problem(error.code or 500)


def _write(operation: Operation) -> Callable[..., Response]:
    """One transaction of the verbs that the page has; what they refuse is a problem, and nothing is changed."""

    def answer(token: ApiToken, **names: str) -> Response:
        if request.mimetype != "application/json":
            return problem(415, "not-json", "Send the body as JSON, with `Content-Type: application/json`.")
        try:
            asked = operation.query.model_validate_json(request.get_data())
            found = _database().write(lambda session: operation.answer(_writer(session, token), asked, **names))
        except (customer_entries.Overtaken, announcing.Overtaken):
            return problem(409, "overtaken", "It is not any more as you have seen it. Look again.")
        except ValidationError as error:
            return problem(422, "bad-body", _faults(error))
        except (customer_entries.Refused, ValueError) as error:
            return problem(422, "refused", str(error))
        return _given(found, asked) if found else problem(404)

    return _scoped(operation, answer)


def _scoped(operation: Operation, answer: Callable[..., Response]) -> Callable[..., Response]:
    """The same for tokens that have its scope, and for no other."""

    def door(**names: str) -> Response:
        token = cast("ApiToken", g.token)
        if operation.scope not in token.scopes:
            return problem(403, "missing-scope", f"This needs a token with the scope {operation.scope}.")
        return answer(token, **names)

    return door


def _faults(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())


def _serve(operation: Operation) -> Callable[..., Response]:
    def answer(token: ApiToken, **names: str) -> Response:
        try:
            asked = operation.query.model_validate(request.args.to_dict())
            with _database().reading() as session:
                found = operation.answer(_reader(session, token), asked, **names)
            if found and operation.scope in WITH_NUMBERS and Scope.NUMBERS_READ in token.scopes:
                _note_numbers(token, operation, names.get("reference", "").replace("-", "") or None)
            return _given(found, asked) if found else problem(404)
        except BadParameter as error:
            return problem(422, "bad-parameter", str(error))
        except ValidationError as error:
            return problem(422, "bad-parameter", _faults(error))

    return _scoped(operation, answer)


def _note_numbers(token: ApiToken, operation: Operation, reference: str | None) -> None:
    who = Who(f"API token {token.name}", place())
    about = f"by the API, {operation.name}"
    _database().write(lambda session: access.note(session, who, What.NUMBER, reference, about, g.now))


def _given(found: BaseModel, asked: BaseModel) -> Response:
    if isinstance(found, shapes.Calls | shapes.Tickets | statement.Statement) and found.next:
        query = asked.model_dump(mode="json", exclude_defaults=True) | {"cursor": found.next}
        found.next = f"{_settings().public_url}{request.path}?{urlencode(query)}"
    return Response(found.model_dump_json() + "\n", content_type="application/json")


def _reader(session: Session, token: ApiToken) -> Reader:
    board = current_app.extensions["exchange"].boards.current(session)
    return Reader(session, board, g.now, frozenset(token.scopes))


def _writer(session: Session, token: ApiToken) -> Writer:
    board = current_app.extensions["exchange"].boards.current(session)
    who = Who(f"API token {token.name}", place(), token.made_by_id)
    return Writer(session, board, g.now, frozenset(token.scopes), who)


def _bearer() -> str | None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.casefold() == "bearer" else None


def _settings() -> Settings:
    return cast("Settings", current_app.extensions["settings"])


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])


for _operation in OPERATIONS:
    api.add_url_rule(
        _operation.path.replace("{", "<").replace("}", ">"),
        _operation.name,
        _serve(_operation) if _operation.method == "GET" else _write(_operation),
        methods=[_operation.method],
    )
