"""The audit: what is in it, what is not, and that it stays as it was written; the commands of the door."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from desk import audit
from desk.audit import AuditIsAppendOnly, Entry, What, Who
from desk.door import tokens
from desk.door.entry_words import EntryWords
from desk.outbox import Outgoing, State
from desk.staff import Staff
from oncall.verification import Verification
from sla.phrases import duration
from visitors import EMAILS, browser_of, give_link, give_password, post, sign_in, staff_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from desk.db import Database
    from simulator.clock import Clock
    from simulator.rest import Rest

NEW = "eleven quiet owls in a barn"


def said(app: Flask, *words: str, typed: str = "") -> str:
    result = app.test_cli_runner().invoke(args=["desk", *words], input=typed)
    assert result.exit_code == 0, result.output
    return result.output


def refused(app: Flask, *words: str, typed: str = "") -> str:
    result = app.test_cli_runner().invoke(args=["desk", *words], input=typed)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code
    return result.stderr


def told(app: Flask, since: int = 3) -> list[tuple[str, str, str]]:
    """What was done since the demo company was loaded, which are three entries: what, about what, by whom."""
    with app.extensions["database"].reading() as session:
        entries = session.scalars(select(Entry).order_by(Entry.id)).all()[since:]
        return [(one.what, one.about, one.who) for one in entries]


def test_who_when_what_and_from_where(shut: Flask, clock: Clock):
    give_password(shut, "thandi", clock)
    client = browser_of(shut)
    client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    sign_in(client, EMAILS["thandi"])
    with shut.extensions["database"].reading() as session:
        one = audit.newest(session, 1)[0]
        assert (one.at, one.who, one.staff_id) == (clock(), "Thandi Nkosi", staff_id(shut, "thandi"))
        assert (one.what, one.place) == ("signed in", "192.0.2.7")


def test_everything_at_the_door_is_told(shut: Flask, clock: Clock):
    give_password(shut, "thandi", clock)
    client, manager = browser_of(shut), browser_of(shut, "naledi")
    sign_in(client, EMAILS["thandi"], "my secret that is wrong")
    sign_in(client, "my secret in the wrong field", "x")
    sign_in(client, EMAILS["thandi"])
    post(client, "/account/password", old="wrong", new=NEW)
    post(client, "/sign-out")
    post(browser_of(shut), give_link(shut, "thandi", clock), password=NEW)
    post(manager, f"/people/{staff_id(shut, 'thandi')}/password-link")
    post(manager, "/tokens", name="Wall", scope="oncall:read")
    post(manager, "/tokens/1/revocation")
    post(manager, "/tokens/1/revocation")
    assert told(shut) == [
        ("sign-in failed", "account of Thandi Nkosi", "somebody"),
        ("sign-in failed", "unknown account", "somebody"),
        ("signed in", "Thandi Nkosi", "Thandi Nkosi"),
        ("password change refused", "account of Thandi Nkosi", "somebody"),
        ("signed out", "Thandi Nkosi", "Thandi Nkosi"),
        ("password set", "Thandi Nkosi", "Thandi Nkosi"),
        ("password link made", "Thandi Nkosi", "Naledi Dlamini"),
        ("API token made", "Wall", "Naledi Dlamini"),
        ("API token revoked", "Wall", "Naledi Dlamini"),
    ]


def test_a_storm_of_guesses_is_told_once(shut: Flask):
    client = browser_of(shut)
    for _ in range(14):
        sign_in(client, EMAILS["thandi"], "x")
    assert [what for what, _, _ in told(shut)] == ["sign-in failed"] * 10 + ["sign-in blocked"]


def test_the_terminal_is_in_it_too(app: Flask, tmp_path: Path):
    said(app, "force", "open", "--reason", "Storm")
    said(app, "block", "082 555 0666", "--reason", "silent")
    said(app, "unblock", "082 555 0666")
    file = tmp_path / "blocked.csv"
    file.write_text("number,reason\n082 555 0666,silent\n")
    said(app, "load", str(file))
    said(app, "load", str(file))
    assert [(what, about) for what, about, _ in told(app)] == [
        ("line forced", "087 809 0263"),
        ("number blocked", "082 555 0666"),
        ("number unblocked", "082 555 0666"),
        ("set-up loaded", "blocked.csv"),
    ]


def test_what_is_done_at_the_carrier_and_to_the_outbox_is_in_it(app: Flask, rest: Rest, database: Database):
    run = app.test_cli_runner().invoke
    run(args=["ivr", "provision", "--yes"])
    run(args=["ivr", "provision", "--yes"])  # it is as it should be
    run(args=["desk", "verify", "thandi"])
    run(args=["desk", "verify", "thandi", "--code", "wrong"])
    with database.writing() as session:
        row, code = session.scalars(select(Outgoing)).one(), session.scalars(select(Verification.code)).one()
        row.state = State.DEAD
    run(args=["desk", "outbox", "retry", str(row.id)])
    run(args=["desk", "verify", "thandi", "--code", code])
    assert [(what, about) for what, about, _ in told(app)] == [
        ("webhooks set at the carrier", "087 809 0263"),
        ("number asked for proof", "Thandi Nkosi"),
        ("outbox row tried again", row.key),
        ("number proved", "Thandi Nkosi"),
    ]
    with database.reading() as session:
        assert code not in str([(one.about, one.detail) for one in session.scalars(select(Entry))])


def test_a_change_that_fails_leaves_no_entry(app: Flask):
    refused(app, "unblock", "082 555 0666")
    refused(app, "force", "open", "--until", "yesterday")
    assert told(app) == []


@pytest.mark.parametrize(
    "tamper",
    [
        lambda session, one: setattr(one, "who", "nobody"),
        lambda session, one: session.delete(one),
        lambda session, one: session.execute(update(Entry).values(who="nobody")),
        lambda session, one: session.execute(delete(Entry)),
    ],
    ids=["change", "delete", "update statement", "delete statement"],
)
def test_what_is_written_stays(app: Flask, tamper: Callable[[Session, Entry], object]):
    def work(session: Session) -> None:
        tamper(session, session.scalars(select(Entry).order_by(Entry.id)).all()[0])

    with pytest.raises(AuditIsAppendOnly):
        app.extensions["database"].write(work)
    assert told(app, since=0)[0][2] != "nobody"


def test_the_page_is_read_backwards_and_by_kind(shut: Flask, clock: Clock):
    with shut.extensions["database"].writing() as session:
        for number in range(120):
            what = What.LINE_FORCED if number % 2 else What.NUMBER_BLOCKED
            audit.tell(session, Who("Tester", "<b>here"), what, f"entry {number:03}", clock())
    client, seen, path = browser_of(shut, "naledi"), [], "/audit?what=line+forced"
    while path:
        page = client.get(path).text
        seen += re.findall(r"entry \d{3}", page)
        older = re.search(r'href="(/audit\?[^"]*before[^"]*)">Older', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"entry {number:03}" for number in range(119, 0, -2)]
    assert "<b>here" not in page
    assert "Nothing of this kind was done." in client.get("/audit?what=signed+out").text
    assert client.get("/audit?what=nonsense&before=x").status_code == 200


# Commands


def test_the_first_manager_comes_in_by_a_link(shut: Flask):
    printed = said(shut, "manager", "Zanele Khoza", "zanele@protea-it.example")
    link = re.search(r"https://afterhours.example(/password/\S+)", printed)
    client = browser_of(shut)
    assert post(client, link[1], password=NEW).status_code == 303
    assert sign_in(client, "zanele@protea-it.example", NEW).status_code == 303
    assert client.get("/audit").status_code == 200
    assert [what for what, _, _ in told(shut)] == ["manager added", "password link made", "password set", "signed in"]


def test_a_manager_who_is_there_gets_a_new_link_and_somebody_else_is_not_promoted(shut: Flask):
    assert "Naledi Dlamini sets a password" in said(shut, "manager", "Naledi", EMAILS["naledi"])
    assert "already, as engineer" in refused(shut, "manager", "Thandi", EMAILS["thandi"])
    assert "is no mail address" in refused(shut, "manager", "Thandi", "thandi")
    said(shut, "manager", "Thandi", "other@protea-it.example")
    with shut.extensions["database"].reading() as session:
        assert session.scalars(select(Staff.key).where(Staff.name == "Thandi")).one() == "thandi-2"


def test_a_password_typed_at_the_terminal(shut: Flask):
    client = browser_of(shut, "thandi")
    typed = f"{NEW}\n{NEW}\n"
    assert NEW not in said(shut, "password", EMAILS["thandi"], "--ask", typed=typed)
    assert client.get("/").status_code == 303
    assert sign_in(client, EMAILS["thandi"], NEW).status_code == 303
    assert "12 characters" in refused(shut, "password", EMAILS["thandi"], "--ask", typed="short\nshort\n")
    assert "Nobody" in refused(shut, "password", "nobody@protea-it.example")


def test_a_token_is_printed_once(shut: Flask):
    printed = said(shut, "token", "Wall display", "--scope", "oncall:read", "--scope", "calls:read").strip()
    with shut.extensions["database"].reading() as session:
        assert tokens.current(session, printed, demo=False).scopes == ["calls:read", "oncall:read"]
    assert "is not one of" in refused(shut, "token", "x", "--scope", "everything")
    assert printed not in browser_of(shut, "naledi").get("/tokens").text


# As people read it


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ("407128378", "407-128-378"),
        ("407128379", "407128379"),  # its check digit is wrong, so it is no reference
        ("2026-11-20T23:13:00+00:00", "Sat 21 Nov 01:13"),
        ("2025-12-14T00:00:00+02:00", "Sun 14 Dec 2025 00:00"),
        ("646765116 2026-10", "646-765-116 October 2026"),
        ("from 2026-12-16", "from Wed 16 Dec"),
        ("2026-13-45 and 2026-99", "2026-13-45 and 2026-99"),
        ("+27825550202 and order 2026-11-20-17", "+27825550202 and order 2026-11-20-17"),
    ],
)
def test_what_is_kept_for_programs_is_read_by_people(clock: Clock, kept: str, read: str):
    assert EntryWords("Africa/Johannesburg", clock(), duration).plain(kept) == read


def test_the_facts_of_an_entry_leave_out_what_was_not_so(clock: Clock):
    words = EntryWords("Africa/Johannesburg", clock(), duration)
    detail = {
        "billed_seconds": 47700,
        "waived": "",
        "warned": [],
        "full": False,
        "was": {"state": "billable", "row": 0},
    }
    assert dict(words.facts(detail)) == {"billed": "13 h 15 min", "full": "no", "was": ["state: billable"]}


def test_the_page_tells_work_that_was_entered_on_the_clocks_of_the_line(shut: Flask, clock: Clock):
    span = {"starts": "2026-11-20T18:13:00+00:00", "ends": "2026-11-20T20:25:00+00:00"}
    who = Who("Thandi Nkosi", "192.0.2.7")
    with shut.extensions["database"].writing() as session:
        audit.tell(session, who, What.WORK_ENTERED, "407128378", clock(), **span)
    page = browser_of(shut, "naledi").get("/audit").text
    assert "407-128-378" in page
    assert "starts: Fri 20 Nov 20:13" in page
    assert not re.search(r"\d{4}-\d\d-\d\dT", re.sub(r"<[^>]*>", "", page))
