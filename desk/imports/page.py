"""The pages of an import: choose a file, look at what it would do, agree to that; and what it did."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for

from desk import typed
from desk.audit import Entry, What
from desk.customers.entries import Overtaken
from desk.door.guard import looking, requires, visitor
from desk.imports import carried, carrying, columns, sheets, table
from desk.imports.looking import Look, look
from desk.imports.table import Unreadable
from desk.staff import Role
from sla.hours import own_day
from sla.money.presets import PRESETS

if TYPE_CHECKING:
    from werkzeug import Response as Answered
    from werkzeug.datastructures import FileStorage

    from desk.db import Database
    from desk.imports.table import Table

importing = Blueprint("importing", __name__, url_prefix="/settings/import")
importing.before_request(requires(Role.MANAGER))
Answer = str | tuple[str, int]
LONGEST_NAME = 100
MOST_SHOWN = {"refused": 500, "changed": 300, "added": 200, "same": 0}  # rows of each, on the page


@dataclass(frozen=True)
class Sent:
    """A file that was sent, and which of its columns is what."""

    name: str
    content: bytes
    table: Table
    fields: list[str]
    once: str

    @property
    def packed(self) -> str:
        """As the next form carries it along."""
        return carried.packed(self.content)


def let_in() -> None:
    """A manager's form with a file may be larger than others; before anything of it is read."""
    who = visitor() if request.blueprint == importing.name and request.method == "POST" else None
    if who and who.role == Role.MANAGER:
        request.max_content_length = request.max_form_memory_size = carried.BODY


@importing.get("")
def form() -> str:
    """Which file, and what it may say."""
    return _form()


@importing.get("/sample.csv")
def sample() -> Response:
    """A file that can be imported as it is."""
    return _csv(sheets.sample(), "customers.csv")


@importing.post("/look")
def show() -> Answer:
    """What the file would do, row by row; nothing is written."""
    try:
        sent = _sent()
    except Unreadable as fault:
        return _form(str(fault)), 422
    return _look(sent)


@importing.post("/refused.csv")
def refused() -> Response | Answer:
    """The rows that cannot be, to be mended."""
    try:
        sent = _sent()
    except Unreadable as fault:
        return _form(str(fault)), 422
    return _csv(sheets.refused(sent.table, _looked(sent)), "refused.csv")


@importing.post("/agreed")
def agree() -> Answer | Answered:
    """Carry out what was shown; if it would be something else by now, show that instead."""
    try:
        sent = _sent()
    except Unreadable as fault:
        return _form(str(fault)), 422
    who, now, seen = looking().who, g.now, request.form.get("seen", "")
    with _database().reading() as session:
        first = carrying.done(session, sent.name, sent.once)
    if first:
        return _done(first.id)
    found = _looked(sent)
    if found.stamp != seen:
        return _look(sent, overtaken=True), 409
    try:
        number = _database().write(lambda session: carrying.carry_out(session, found, sent.name, sent.once, who, now))
    except Overtaken:
        return _look(sent, overtaken=True), 409
    return _done(number)


@importing.get("/<int:number>")
def result(number: int) -> str:
    """What an import did."""
    with _database().reading() as session:
        entry = session.get(Entry, number)
        if entry is None or entry.what != What.CUSTOMERS_IMPORTED:
            abort(404)
        return render_template("imports/result.html", entry=entry)


def _form(fault: str = "") -> str:
    limits = {"most": table.MOST, "largest": table.LARGEST // 1024}
    return render_template("imports/form.html", fault=fault, presets=list(PRESETS), names=columns.NAMES, **limits)


def _look(sent: Sent, *, overtaken: bool = False) -> str:
    found = _looked(sent)
    with _database().reading() as session:
        today = own_day(session, g.now)
    return render_template(
        "imports/look.html",
        sent=sent,
        found=found,
        fields=columns.FIELDS,
        most=MOST_SHOWN,
        totals=carrying.totals(found),
        begins=[since for since in found.begins if since <= today],
        overtaken=overtaken,
    )


def _looked(sent: Sent) -> Look:
    return look(_database(), sent.table, sent.fields, g.now, looking().who)


def _sent() -> Sent:
    """From a file that was chosen, or carried along by the form before."""
    chosen = request.files.get("file")
    content = _whole(chosen) if chosen else carried.unpacked(request.form.get("carried", ""))
    if chosen and not content:
        raise Unreadable("choose a file that has something in it")
    name = (chosen.filename if chosen else request.form.get("name", "")) or "file"
    found = table.read(content)
    said = request.form.getlist("column")
    fields = columns.said(found.names, said) if said else columns.recognised(found.names)
    once = request.form.get("once", "")[:16] or secrets.token_hex(4)
    return Sent(typed.line(name, LONGEST_NAME), content, found, fields, once)


def _whole(chosen: FileStorage) -> bytes:
    with chosen.stream as stream:  # on a disk, if it is large; then it goes at once
        return stream.read()


def _done(number: int) -> Answered:
    return redirect(url_for("importing.result", number=number), 303)


def _csv(text: str, name: str) -> Response:
    answer = Response(text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
