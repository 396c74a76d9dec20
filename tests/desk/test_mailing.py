"""Mails: out through the outbox, to a real mail server on this machine that does its worst."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import trustme
from pydantic import SecretStr, ValidationError
from sqlalchemy import select

from conftest import settings_for
from desk import delivery, mailing, outbox
from desk.answer import Done
from desk.audit import Entry
from desk.outbox import Outgoing, State
from mail_server import BREAKS_OFF, BREAKS_OFF_WITH_IT, FOR_GOOD, FOR_NOW, HANGS, Taker, mail_server, only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock

THANDI = "thandi@protea-it.example"
SENDER = "Protea IT Support <support@protea-it.example>"
SOON = timedelta(minutes=2)


@dataclass
class House:
    """An outbox, and a worker who takes mails from it to a server."""

    database: Database
    clock: Clock
    mails: mailing.Mails
    taker: Taker = field(default_factory=Taker)

    def post(self, key: str = "one", to: str = THANDI, subject: str = "A test", body: str = "Hello.\n", **more) -> None:
        self.database.write(lambda session: mailing.post(session, key, to, subject, body, self.clock(), **more))

    def deliver(self, after: timedelta = timedelta()) -> State:
        """The worker's turn, some time later; the state of the first row."""
        self.clock.advance(after.total_seconds())
        while delivery.deliver(self.database, {mailing.KIND: self.mails}, "a worker", self.clock):
            pass
        return State(self.row.state)

    @property
    def row(self) -> Outgoing:
        with self.database.reading() as session:
            return session.scalars(select(Outgoing).order_by(Outgoing.id)).first()


def mails(clock: Clock, port: int, **more: object) -> mailing.Mails:
    usual = {"mail_host": "127.0.0.1", "mail_port": port, "mail_from": SENDER, "mail_tls": "none"}
    return mailing.Mails(settings_for("sqlite://", **usual | more), clock, (0.5, 0.5))


@pytest.fixture
def house(database: Database, clock: Clock) -> Iterator[House]:
    taker = Taker()
    with mail_server(taker) as port:
        yield House(database, clock, mails(clock, port), taker)


def test_a_mail_arrives_and_says_what_it_is(house: House, clock: Clock):
    house.post(subject="Your shift: Môre", body="You ring first.\n.\n..and a line of dots.\nGroete, Thandi ☎\n")
    assert house.deliver() == State.SENT
    (mail,) = house.taker.mails
    assert house.taker.envelopes == [("support@protea-it.example", [THANDI])]
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, THANDI, "Your shift: Môre")
    assert house.taker.told[0][2] == "You ring first.\n.\n..and a line of dots.\nGroete, Thandi ☎\n"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == clock()
    assert house.row.reference == mail["Message-ID"]
    assert mail["Message-ID"].endswith("@afterhours.example>")
    assert house.taker.raw[0].isascii(), "whatever the server can do"


def test_two_mails_have_two_names_and_one_mail_has_one(house: House):
    house.post("one")
    house.post("one")
    house.post("two")
    house.deliver()
    assert len({mail["Message-ID"] for mail in house.taker.mails}) == len(house.taker.mails) == 2


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_for_now_is_tried_again(house: House, command: str):
    house.taker.says[command] = [FOR_NOW]
    house.post()
    assert house.deliver() == State.WAITING
    assert house.row.error == "the mail server says: 451 4.3.0 Try again later"
    assert house.deliver(SOON) == State.SENT
    assert len(house.taker.mails) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_refusal_for_good_is_dead_and_says_why(house: House, command: str):
    house.taker.says[command] = FOR_GOOD
    house.post()
    assert house.deliver() == State.DEAD
    assert house.row.error == "the mail server says: 550 5.1.1 No such user here"
    assert house.deliver(SOON) == State.DEAD


@pytest.mark.parametrize("fault", [BREAKS_OFF, BREAKS_OFF_WITH_IT, HANGS])
def test_a_mail_of_which_nobody_knows_goes_again_under_the_same_name(house: House, fault: str):
    """Twice is better than never; and whoever has both can see that they are one."""
    house.taker.says["DATA"] = [fault]
    house.post()
    assert house.deliver() == State.WAITING
    assert house.row.unsure
    assert house.deliver(SOON) == State.SENT
    assert len(house.taker.mails) == (2 if fault == BREAKS_OFF_WITH_IT else 1)
    assert {mail["Message-ID"] for mail in house.taker.mails} == {house.row.reference}
    assert len(set(house.taker.raw)) == 1, "the very same mail"


def test_a_server_that_hangs_before_it_has_the_mail_does_not_have_it(house: House):
    house.taker.says["RCPT"] = [HANGS]
    house.post()
    assert house.deliver() == State.WAITING
    assert not house.row.unsure
    assert house.deliver(SOON) == State.SENT


@pytest.fixture
def silence() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_does_not_answer_is_let_alone_for_a_minute(house: House, clock: Clock, silence: int):
    """What else is in the outbox, texts and rings, does not wait for every mail in turn."""
    working, house.mails = house.mails, mails(clock, silence)
    for n in range(5):
        house.post(f"mail {n}")
    assert house.deliver() == State.WAITING
    with house.database.reading() as session:
        errors = [row.error for row in session.scalars(select(Outgoing).order_by(Outgoing.id))]
    assert "cannot be used" in errors[0]
    assert set(errors[1:]) == {"the mail server did not answer a moment ago"}
    house.mails = working
    assert house.deliver(SOON) == State.SENT
    assert len(house.taker.mails) == 5


def test_where_nobody_listens_the_mail_waits_until_it_has_lost_its_time(house: House, clock: Clock):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    house.mails = mails(clock, port)
    house.post(lasts=timedelta(hours=1))
    assert house.deliver() == State.WAITING
    assert house.deliver(timedelta(hours=1)) == State.DEAD
    assert "Connection refused" in house.row.error


def test_a_worker_that_slept_hands_nothing_over(house: House, clock: Clock):
    """Its lease is another's by now."""
    house.post()
    answer = house.mails.send(house.row, before=clock())
    assert not isinstance(answer, Done)
    assert house.taker.mails == []


# TLS, and who may come in


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return made


def context(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(made)
    return made


def test_the_password_is_told_over_tls_alone(house: House, clock: Clock, authority: trustme.CA):
    account = {"mail_tls": "starttls", "mail_user": "line", "mail_password": SecretStr("seven herons")}
    with mail_server(house.taker, context(authority), authenticator=only("line", "seven herons")) as port:
        house.mails = mails(clock, port, **account)
        house.post()
        assert house.deliver() == State.SENT


def test_a_wrong_password_is_ours_to_mend_and_no_mail_is_lost(house: House, clock: Clock, authority: trustme.CA):
    account = {"mail_tls": "starttls", "mail_user": "line", "mail_password": SecretStr("wrong")}
    with mail_server(house.taker, context(authority), authenticator=only("line", "right")) as port:
        house.mails = mails(clock, port, **account)
        house.post()
        assert house.deliver() == State.WAITING
        assert "535" in house.row.error
        assert "wrong" not in house.row.error


def test_a_server_without_tls_gets_nothing(house: House, clock: Clock):
    """A mail that would go in the clear does not go."""
    house.mails = mails(clock, house.mails.settings.mail_port, mail_tls="starttls")
    house.post()
    assert house.deliver() == State.WAITING
    assert "STARTTLS" in house.row.error
    assert house.taker.mails == []


@pytest.mark.fails_on_purpose  # the server tells its log that we went
def test_a_server_with_another_s_certificate_gets_nothing(house: House, clock: Clock, authority: trustme.CA):
    for made in (context(authority, "mail.elsewhere.example"), context(trustme.CA())):
        with mail_server(house.taker, made) as port:
            house.mails = mails(clock, port, mail_tls="starttls")
            house.post()
            assert house.deliver(SOON) == State.WAITING
    assert "certificate" in house.row.error
    assert house.taker.mails == []


@pytest.mark.parametrize("host", ["mail.example.com", "10.1.2.3", "localhost.example.com"])
def test_only_a_server_on_this_machine_may_do_without_tls(host: str):
    with pytest.raises(ValidationError, match="without TLS"):
        settings_for("sqlite://", mail_host=host, mail_from=SENDER, mail_tls="none")
    assert settings_for("sqlite://", mail_host=host, mail_from=SENDER).mail_tls == "starttls"


@pytest.mark.parametrize("sender", ["", "support", "Support <support@x.example>\r\nBcc: all@x.example", "a@b@c <x>"])
def test_a_server_needs_an_address_to_send_from(sender: str):
    with pytest.raises(ValidationError, match="address to send from"):
        settings_for("sqlite://", mail_host="mail.example.com", mail_from=sender)


def test_an_account_needs_its_password():
    with pytest.raises(ValidationError, match="belong together"):
        settings_for("sqlite://", mail_host="mail.example.com", mail_from=SENDER, mail_user="line")


# Nothing gets into a mail that does not belong there


@pytest.mark.parametrize(
    "to",
    [
        "thandi@x.example\r\nRCPT TO:<all@x.example>",
        "thandi@x.example, all@x.example",
        "thandi@x.example> NOTIFY=NEVER <x",
        "Thandi <thandi@x.example>",
        "thandi",
        "@x.example",
        "thändi@x.example",
        "",
    ],
)
def test_what_is_no_plain_address_gets_no_mail(house: House, to: str):
    with pytest.raises(ValueError, match="no mail address"):
        house.post(to=to)


def test_a_subject_is_one_line_whatever_was_in_it(house: House):
    house.post(subject="Your shift\r\nBcc: all@x.example\u2028X: y\x00")
    assert house.deliver() == State.SENT
    (mail,) = house.taker.mails
    assert mail["Subject"] == "Your shift Bcc: all@x.example X: y"
    assert (mail["Bcc"], mail["X"]) == (None, None)
    assert house.taker.envelopes[0][1] == [THANDI]


# Letters: headers of a row, and the same again as HTML


def letter(house: House, **more: object) -> None:
    """Something for a customer in the outbox."""
    payload = mailing.payload(THANDI, "Môre", "Hello.\n", **more)
    house.database.write(lambda session: outbox.post(session, "letter", mailing.KIND, payload, house.clock()))


def test_a_mail_may_be_the_same_twice_as_text_and_as_html(house: House):
    letter(house, html="<p>Hello: " + "môre " * 300 + "</p>\n")
    assert house.deliver() == State.SENT
    (mail,) = house.taker.mails
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("html",)).get_content().count("môre") == 300
    assert house.taker.raw[0].isascii()
    assert max(map(len, house.taker.raw[0].splitlines())) <= 78


def test_a_mail_with_two_parts_is_the_same_whenever_it_is_written(house: House):
    letter(house, html="<p>Hello.</p>")
    assert house.mails.written(house.row) == house.mails.written(house.row)


def test_headers_of_a_row_stand_instead_of_the_mark_of_an_automatic_mail(house: House):
    long = f"<{'a' * 200}@x.example>"
    headers = {"In-Reply-To": long, "References": f"<b@x.example> {long} {long}", "Reply-To": "support+x@x.example"}
    letter(house, headers=headers, message_id="<ours@x.example>")
    house.deliver()
    (mail,) = house.taker.mails
    assert mail["Auto-Submitted"] is None
    assert {name: mail[name] for name in headers} == headers
    assert house.taker.raw[0].count(long.encode()) == 3, "not as encoded words, which no mailer threads by"
    assert mail["Message-ID"] == house.row.reference == "<ours@x.example>"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Loop", "a\r\nBcc: all@x.example"),
        ("X-Loop", "môre"),
        ("X-Loop", ""),
        ("X-Loop", "a" * 901),
        ("X-Loop: a\r\nBcc", "all@x.example"),
        ("Bcc", "all@x.example"),
        ("Content-Type", "text/html"),
        ("from", "somebody@x.example"),
    ],
)
def test_a_header_that_a_row_may_not_bring_is_refused(name: str, value: str):
    with pytest.raises(ValueError, match="takes no header"):
        mailing.payload(THANDI, "A test", "Hello.\n", headers={name: value})


# The command


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["desk", "mail", *words])
    return result.exit_code, result.output


def test_a_test_mail_goes_at_once_and_the_audit_knows(another: Callable[..., Flask], database: Database):
    taker = Taker()
    with mail_server(taker) as port:
        app = another(mail_host="127.0.0.1", mail_port=port, mail_from=SENDER, mail_tls="none")
        code, told = run(app, THANDI)
        taker.says["RCPT"] = FOR_GOOD
        refused = run(app, THANDI)
    assert (code, told.split(":")[0]) == (0, "The mail server took it")
    assert refused == (1, f"Error: {THANDI}: the mail server says: 550 5.1.1 No such user here\n")
    assert [subject for _, subject, _ in taker.told] == ["A test of Afterhours"]
    with database.reading() as session:
        whats = list(session.scalars(select(Entry.what).order_by(Entry.id)))
    assert whats[-2:] == ["test mail sent"] * 2


def test_without_a_mail_server_there_is_no_test_mail(app: Flask):
    assert run(app, THANDI) == (1, "Error: No mail server is set: see MAIL_HOST.\n")
