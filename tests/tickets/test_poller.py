"""Mail from a mailbox: stored before the server is told, once, whatever breaks off and whenever."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from desk import chores
from imap_server import BREAK_OFF, NO, PASSWORD, SEEN, USER, Account, imap_server
from mails.mail import letter
from tickets.mail import silence
from tickets.mail.arrival import Arrival, raw_of
from tickets.mail.imap import Away, Folder, NotLetIn
from tickets.mail.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from simulator.clock import Clock

DAY = timedelta(days=1)


class Box:
    """A mailbox, and whoever fetches it; each `poller` is a process of its own."""

    def __init__(self, make: Callable[..., Flask], clock: Clock, account: Account, port: int) -> None:
        self.make, self.clock, self.account, self.port = make, clock, account, port
        self.settings: dict[str, object] = {
            "mail_in_host": "127.0.0.1", "mail_in_port": port, "mail_in_tls": "none", "mail_in_user": USER,
            "mail_in_password": SecretStr(PASSWORD), "mail_in_addresses": USER,
        }  # fmt: skip
        self.running: list[Poller] = []

    def poller(self, **other: object) -> Poller:
        app = self.make(**(self.settings | other))
        made = Poller(app.extensions["patient_database"], app.extensions["settings"], self.clock)
        self.running.append(made)
        return made

    def mail(self, number: int) -> bytes:
        return letter(f"{number}\n", Message_ID=f"<{number}@x.example>")

    def stored(self, poller: Poller) -> list[str]:
        """The Message-IDs of what we have."""
        with poller.database.reading() as session:
            return [mail.message_id or "" for mail in session.scalars(select(Arrival).order_by(Arrival.id))]


@pytest.fixture
def box(another: Callable[..., Flask], clock: Clock) -> Iterator[Box]:
    account = Account()
    with imap_server(account) as port:
        made = Box(another, clock, account, port)
        yield made
        for one in made.running:
            one.close()


def named(*numbers: int) -> list[str]:
    return [f"<{number}@x.example>" for number in numbers]


def test_what_is_unread_is_fetched_byte_for_byte_and_marked_as_read(box: Box):
    raws = [letter("one\n"), b"no mail at all \xff\x00\n", letter(b"two\r\n.\r\nthree", Message_ID="<2@x.example>")]
    for raw in raws:
        box.account.gets(raw)
    poller = box.poller()
    assert (poller.look(), poller.look()) == (3, 0)
    with poller.database.reading() as session:
        assert [raw_of(session, number) for number in session.scalars(select(Arrival.id).order_by(Arrival.id))] == raws
    assert box.account.unseen == 0
    assert len(box.account.folders["INBOX"]) == 3


def test_what_had_been_read_before_our_time_is_left_and_what_is_read_later_is_not(box: Box):
    box.account.gets(box.mail(1), SEEN)
    box.account.gets(box.mail(2))
    poller = box.poller()
    poller.look()
    box.account.gets(box.mail(3), SEEN)  # somebody had it open on a telephone
    box.poller().look()
    assert box.stored(poller) == named(2, 3)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 UIDPLUS MOVE", "IMAP4rev1 UIDPLUS"])
def test_what_was_fetched_is_moved_where_the_settings_say(box: Box, capabilities: str):
    box.account.capabilities = capabilities
    box.account.gets(box.mail(1))
    poller = box.poller(mail_in_done="Done")
    poller.look()
    box.account.gets(box.mail(2))
    poller.look()
    assert [len(box.account.folders[name]) for name in ("INBOX", "Done")] == [0, 2]
    assert box.stored(poller) == named(1, 2)


def test_where_nothing_can_be_taken_away_a_copy_stays(box: Box):
    box.account.capabilities = "IMAP4rev1"
    box.account.gets(box.mail(1))
    poller = box.poller(mail_in_done="Done")
    poller.look()
    assert poller.look() == 0
    assert "UID EXPUNGE" not in box.account.said
    assert [len(box.account.folders[name]) for name in ("INBOX", "Done")] == [1, 1]


def test_a_folder_that_counts_anew_is_looked_at_once_more_and_doubles_nothing(box: Box, clock: Clock):
    old = datetime(2026, 9, 1, tzinfo=UTC)
    box.account.gets(box.mail(1), SEEN, came=old)
    box.account.gets(box.mail(2), came=clock())
    poller = box.poller()
    poller.look()
    box.account.gets(box.mail(3), SEEN, came=clock() + DAY)  # while nobody looked, and read by a person
    box.account.folders["INBOX"].reverse()
    box.account.counts_anew()
    poller.look()
    box.account.gets(box.mail(4), SEEN, came=clock() + DAY)
    poller.look()
    assert box.stored(poller) == named(2, 3, 4)


@pytest.mark.parametrize("first", [True, False])
def test_a_mail_that_is_refused_once_is_fetched_later_whoever_read_it_meanwhile(box: Box, first: bool):
    """Also by another process, which knows of no refusal, and though what came after it was fetched at once."""
    if not first:
        box.poller().look()
    mails = [box.account.gets(box.mail(number)) for number in (1, 2)]
    answers = iter([NO])

    def refuse_once(command: str) -> None:
        if command == "UID FETCH":
            box.account.does[command] = next(answers, "")

    box.account.hook = refuse_once
    poller = box.poller()
    poller.look()
    mails[0].flags.add(SEEN)
    box.poller().look()
    assert sorted(box.stored(poller)) == named(1, 2)


def test_a_mail_is_not_marked_before_it_is_committed(box: Box):
    box.account.gets(box.mail(1))
    poller, seen = box.poller(), []

    def look(command: str) -> None:
        if command == "UID STORE":
            seen.append(box.stored(poller))

    box.account.hook = look
    poller.look()
    assert seen == [named(1)]


def test_each_look_that_succeeds_leaves_a_sign_of_life_and_no_other(box: Box, clock: Clock):
    poller, broken = box.poller(), box.poller(mail_in_folder="Post")
    poller.look()
    clock.advance(60)
    with pytest.raises(Away):
        broken.look()
    with poller.database.reading() as session:
        signs = {one.worker: one.ticked_at for one in chores.pulses(session)}
    assert signs == {silence.pulse(poller.settings): clock() - timedelta(minutes=1)}


def test_without_the_database_nothing_is_marked_and_it_is_fetched_later(box: Box):
    box.account.gets(box.mail(1))
    poller = box.poller()
    with away(poller), pytest.raises(OperationalError):
        poller.look()
    assert box.account.unseen == 1
    assert poller.look() == 1
    assert (box.stored(poller), box.account.unseen) == (named(1), 0)


@contextmanager
def away(poller: Poller) -> Iterator[None]:
    """The database fails at every commit."""

    def fail(_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("gone"))

    event.listen(poller.database.engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(poller.database.engine, "commit", fail)


COMMANDS = ("LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE", "UID MOVE")


@pytest.mark.parametrize("when", ["", " after"])
@pytest.mark.parametrize("command", COMMANDS)
def test_wherever_the_line_breaks_nothing_is_lost_or_doubled(box: Box, command: str, when: str):
    for number in (1, 2, 3):
        box.account.gets(box.mail(number))
    poller = box.poller(mail_in_done="Done")
    box.account.does[command + when] = BREAK_OFF
    with pytest.raises(Away):
        poller.look()
    box.account.does.clear()
    while poller.look():
        pass
    assert box.stored(poller) == named(1, 2, 3)
    assert box.account.unseen == 0


def test_a_refused_password_is_told_without_it(box: Box):
    wrong = "not the password, and secret"
    with pytest.raises(NotLetIn) as error:
        box.poller(mail_in_password=SecretStr(wrong)).look()
    assert USER in str(error.value)
    assert wrong not in str(error.value)


def test_a_folder_that_is_not_there_is_told(box: Box):
    with pytest.raises(Away, match="the folder Post cannot be opened"):
        box.poller(mail_in_folder="Post").look()


def test_of_a_giant_the_beginning_is_taken_and_it_says_so(box: Box):
    box.account.gets(letter(b"till " * 400_000))
    poller = box.poller(mail_in_largest=1024 * 1024)
    poller.look()
    with poller.database.reading() as session:
        mail = session.scalars(select(Arrival)).one()
    assert (mail.size, mail.facts["whole"] > 2_000_000) == (1024 * 1024, True)


def test_the_server_s_clock_is_noted_and_never_taken_for_the_time(box: Box, clock: Clock):
    for number, came in enumerate((clock() - DAY, clock() + DAY)):
        box.account.gets(box.mail(number), came=came)
    poller = box.poller()
    poller.look()
    with poller.database.reading() as session:
        mails = session.scalars(select(Arrival).order_by(Arrival.id)).all()
    assert [(mail.received_at, mail.waited_since) for mail in mails] == [(clock(), clock() - DAY), (clock(), clock())]


def test_a_mail_that_the_server_does_not_hand_over_is_told_of_in_the_end_and_hinders_no_other(box: Box):
    box.account.gets(box.mail(1))
    box.account.does["UID FETCH"] = NO
    poller = box.poller()
    assert [poller.look() for _ in range(4)] == [0, 0, 1, 0]
    with poller.database.reading() as session:
        told = raw_of(session, session.scalars(select(Arrival.id)).one())
    assert b"A mail that the mail server does not hand over, number 1 in INBOX" in told


def test_a_mail_that_the_server_has_and_hands_over_empty_is_told_of_and_not_taken_for_gone(box: Box):
    box.account.gets(box.mail(1))
    box.account.hollow = True
    poller = box.poller()
    assert [poller.look() for _ in range(4)] == [0, 0, 1, 0]


def test_a_folder_of_a_hundred_thousand_mails_is_searched_part_by_part(box: Box):
    """The library breaks off at a line of a million bytes, and such an answer has more."""
    box.account.following = 3_000_000_001
    for _ in range(99_999):
        box.account.gets(b"")
    newest = box.account.gets(b"", SEEN)
    folder = Folder(box.poller().settings)
    folder.opened()
    assert (len(folder.unseen()), folder.after(newest.uid - 1)) == (99_999, {newest.uid})
    folder.close()


def test_a_folder_that_cannot_be_marked_is_not_fetched_over_and_over(box: Box):
    box.account.gets(box.mail(1))
    box.account.does["UID STORE"] = NO
    poller = box.poller()
    assert (poller.look(), poller.look(), box.stored(poller)) == (1, 0, named(1))


def test_the_command_looks_once_and_tells(box: Box):
    box.account.gets(box.mail(1))
    app = box.make(**box.settings)
    told = [app.test_cli_runner().invoke(args=["mail", "poll", "--once"]) for _ in range(2)]
    assert [(one.exit_code, one.output) for one in told] == [(0, "1 fetched\n"), (0, "0 fetched\n")]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"mail_in_host": ""}, "MAIL_IN_HOST is not set"),
        ({"mail_in_password": SecretStr("secret words")}, f"does not let {USER} in"),
        ({"mail_in_port": 9}, "cannot be used"),
    ],
)
def test_the_command_says_why_it_cannot(box: Box, other: dict[str, object], words: str):
    told = box.make(**(box.settings | other)).test_cli_runner().invoke(args=["mail", "poll", "--once"])
    assert told.exit_code == 1
    assert words in told.output
    assert "secret words" not in told.output
