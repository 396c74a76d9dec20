"""Mail in: nothing that is sent to us is lost, nothing is doubled, and nothing that is written makes a machine act."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from time import process_time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from desk import outbox
from desk.staff import Staff
from mails import giants, small
from mails.mail import letter
from oncall import worker
from oncall.pursuit import is_wanted
from post import ANNA, FATIMA, OURS, SIPHO, STRANGER, Post
from tickets import task
from tickets.event import Event
from tickets.mail import arrival, intake, threads
from tickets.mail.arrival import Arrival, Envelope, State
from tickets.people import Contact
from tickets.public.said import between_us
from tickets.reference import printed
from tickets.ticket import Priority, Ticket
from tickets.ticket import State as Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from mails.mail import Mail
    from simulator.clock import Clock

DAY = timedelta(days=1)
ENDS = {State.TICKET, State.THREADED, State.SUPPRESSED}


@pytest.fixture
def post(another: Callable[..., Flask], clock: Clock) -> Post:
    return Post(another(mail_in_addresses=OURS), clock)


@pytest.fixture
def roomy(another: Callable[..., Flask], clock: Clock) -> Post:
    """Where many may write in an hour."""
    return Post(another(mail_in_addresses=OURS, mail_in_tickets_of_one=10_000, mail_in_tickets_of_all=100_000), clock)


# Whatever comes


@pytest.mark.parametrize("size", ["small", "giant"])
def test_every_nasty_mail_ends_as_a_ticket_a_message_or_a_note_and_is_kept_byte_for_byte(roomy: Post, size: str):
    two = ("ten megabytes of text", "a hundred thousand parts")
    mails: list[Mail] = small() if size == "small" else [giants.made(title) for title in two]
    raws = {mail.name: mail.raw.replace(b"<till-1@", b"<till-%d@" % n) for n, mail in enumerate(mails)}
    came = {name: roomy.store(raw) for name, raw in raws.items()}
    roomy.settle()
    with roomy.database.reading() as session:
        for name, number in came.items():
            mail = session.get_one(Arrival, number)
            assert mail.state in ENDS, (name, mail.state, mail.why)
            assert mail.ticket_id or (mail.state == State.SUPPRESSED and mail.why), name
            assert arrival.raw_of(session, number) == raws[name] or mail.copies, name
    assert len(set(came.values())) > len(mails) * 0.95


# The same mail again


def test_a_mail_that_is_delivered_twice_is_one(post: Post):
    first = post.comes()
    again = post.settled(
        b"Received: from elsewhere\r\nDelivered-To: support@afterhours.example\r\n" + raw_of(post, first)
    )
    assert (again.id, again.copies, again.state) == (first.id, 1, State.TICKET)
    assert post.settled(raw_of(post, first).replace(b"\r\n", b"\n")).id == first.id
    assert post.tickets() == 1


@pytest.mark.parametrize("other", [{"body": "Now the door, too.\n"}, {"Subject": "The door"}, {"sender": ANNA}])
def test_the_same_message_id_on_another_mail_is_another_mail(post: Post, other: dict[str, str]):
    first, second = (post.comes(Message_ID="<alarm@monitor.example>", **more) for more in ({}, other))
    assert (first.state, second.state, second.id != first.id) == (State.TICKET, State.TICKET, True)


def test_mails_without_a_message_id_are_the_same_only_by_every_byte(post: Post):
    bare = letter(Message_ID=None)
    one, two = post.settled(bare), post.settled(bare)
    other = post.settled(b"Received: later\r\n" + bare)
    assert one.id == two.id != other.id


def raw_of(post: Post, mail: Arrival) -> bytes:
    with post.database.reading() as session:
        return arrival.raw_of(session, mail.id)


# A ticket


def test_a_known_sender_s_mail_is_a_ticket_of_their_customer_and_what_it_says_is_told(post: Post, clock: Clock):
    received = clock()
    number = post.store(letter(From=f"Sipho <{SIPHO.upper()}>"))
    clock.advance(600)  # no worker had come to it
    post.settle()
    mail = post.arrival(number)
    ticket = post.ticket_of(mail)
    assert (ticket.subject, ticket.priority, ticket.state) == ("The till is broken", Priority.NORMAL, Standing.OPEN)
    assert (ticket.customer.name, ticket.contact.name, ticket.opened_at) == ("Harbour Foods", "Sipho Khumalo", received)
    assert post.told(ticket.id) == [
        ("opened", "The till is broken"),
        ("asked", "wrote: The till at the front does not open."),
    ]


def test_a_stranger_s_mail_is_a_ticket_without_a_customer_and_their_address_is_known(post: Post):
    ticket = post.ticket_of(post.comes(sender=f"Nomsa <{STRANGER}>"))
    assert (ticket.customer, ticket.contact, ticket.address) == (None, None, STRANGER)


def test_a_colleague_of_a_contact_is_no_customer_by_their_domain(post: Post):
    assert post.ticket_of(post.comes(sender="cook@harbour-foods.example")).customer is None


def test_an_address_that_two_customers_share_tells_neither(post: Post):
    with post.database.writing() as session:
        session.scalars(select(Contact).where(Contact.email == ANNA)).one().email = SIPHO
    assert post.ticket_of(post.comes()).customer is None


def test_nobody_is_written_to_at_an_address_of_our_own(post: Post):
    assert post.ticket_of(post.comes(sender="support+anything@AFTERHOURS.example")).address is None


@pytest.mark.parametrize("words", ["EMERGENCY, the whole shop is down", "priority: emergency"])
def test_no_mail_is_an_emergency_by_what_it_says(post: Post, words: str):
    mail = post.comes(words, Subject=words, Importance="high", X_Priority="1")
    assert post.ticket_of(mail).priority == Priority.NORMAL


def test_thanks_for_an_emergency_that_is_over_wake_nobody(post: Post, clock: Clock):
    first = post.comes()
    with post.database.writing() as session:
        ticket = session.get_one(Ticket, first.ticket_id)
        ticket.raise_to(Priority.EMERGENCY, clock(), "by telephone")
        ticket.acknowledge(session.scalars(select(Staff).where(Staff.key == "thandi")).one(), clock())
        ticket.resolve(clock(), "a new cable")
    post.comes("Thank you!\n", In_Reply_To=post.names.message_id(first.ticket_id, "x"))
    ticket = post.ticket_of(first)
    assert (ticket.is_open, ticket.priority, is_wanted(ticket)) == (True, Priority.HIGH, False)
    assert post.told(first.ticket_id)[-2:] == [
        ("priority", "emergency to high: it was over, and nobody is woken by what is written"),
        ("reopened", "the customer came back to it"),
    ]


def test_a_mail_without_a_subject_is_called_by_its_first_words(post: Post):
    assert post.ticket_of(post.comes("Help!\nThe till.\n", Subject=None)).subject == "Help!"
    assert post.ticket_of(post.comes("", Subject=None)).subject == "(nothing)"


def test_what_is_quoted_is_not_told_again_and_a_long_mail_only_begun(post: Post):
    quoted = post.comes("Yes.\n\nOn Mon, 23 Nov 2026 at 10:00, Support wrote:\n> Is it on?\n")
    assert post.told(quoted.ticket_id, "asked") == [("asked", "wrote: Yes.")]
    ((_, words),) = post.told(post.comes("till " * 10_000).ticket_id, "asked")
    assert len(words) < 10_100
    assert words.endswith(" […]")


# A thread


def test_an_answer_to_our_letter_is_a_message_whoever_writes_it(post: Post):
    ticket = post.comes().ticket_id
    ours = post.names.message_id(ticket, "the reference")
    mail = post.comes("It works again.\n", sender=STRANGER, Subject="Thanks", In_Reply_To=ours.upper())
    assert (mail.state, mail.ticket_id) == (State.THREADED, ticket)
    assert post.told(ticket)[-1] == ("asked", "wrote: It works again.")


@pytest.mark.parametrize("way", ["To", "Delivered-To", "envelope"])
def test_a_mail_to_the_address_of_a_ticket_is_a_message(post: Post, way: str):
    ticket = post.comes().ticket_id
    address = post.names.address(OURS, ticket)
    if way == "envelope":
        mail = post.settled(letter(From=STRANGER), envelope=Envelope("a@b.example", (address,)))
    else:
        mail = post.comes("More.\n", sender=STRANGER, **{way: address})
    assert (mail.state, mail.ticket_id) == (State.THREADED, ticket)


def test_a_name_that_somebody_made_up_or_changed_is_none(post: Post):
    ticket = post.comes().ticket_id
    ours = post.names.message_id(ticket, "x")
    forged = ours.replace(ours[5:9], "aaaa")
    assert post.comes(sender=STRANGER, References=forged, To=f"support+{forged[1:25]}@x.example").state == State.TICKET


def test_a_colleague_in_copy_who_answers_before_we_do_writes_on_the_same_ticket(post: Post):
    first = post.comes(Message_ID="<first@harbour.example>")
    answer = post.comes("Me too.\n", sender=STRANGER, References="<other@x.example> <first@harbour.example>")
    third = post.comes("And I.\n", sender=ANNA, In_Reply_To="<mail-2@somewhere.example>")
    assert (answer.ticket_id, third.ticket_id) == (first.ticket_id, first.ticket_id)


SUBJECTS = ["Re: [#{}] Till", "[# {} ] Till", "AW: [#{}]"]


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("sender", ["its own", "in copy", "a colleague"])
def test_a_reference_in_the_subject_counts_from_whoever_belongs_to_the_ticket(post: Post, subject: str, sender: str):
    first = post.comes(Cc=f"Nomsa <{STRANGER.upper()}>")
    with post.database.writing() as session:
        theirs = session.scalars(select(Contact).where(Contact.email == SIPHO)).one().customer_id
        session.add(Contact(customer_id=theirs, name="Cook", email="cook@harbour-foods.example"))
    said = subject.format(printed(post.ticket_of(first).reference))
    who = {"its own": SIPHO, "in copy": STRANGER, "a colleague": "cook@harbour-foods.example"}[sender]
    assert post.comes("More.\n", sender=who, Subject=said).ticket_id == first.ticket_id
    bare = subject.format(post.ticket_of(first).reference)
    assert post.comes("Even more.\n", sender=who, Subject=bare).ticket_id == first.ticket_id


def test_a_reference_from_anybody_else_is_a_ticket_of_its_own_that_both_tell(post: Post):
    first = post.comes()
    reference = post.ticket_of(first).reference
    mail = post.comes("What is this about?\n", sender=FATIMA, Subject=f"[#{printed(reference)}]")
    assert (mail.state, mail.ticket_id != first.ticket_id) == (State.TICKET, True)
    other = printed(post.ticket_of(mail).reference)
    assert post.told(mail.ticket_id, "linked") == [
        ("linked", f"mentions {printed(reference)}, but its sender is nobody of that ticket")
    ]
    assert post.told(first.ticket_id, "linked") == [("linked", f"{other} came by mail and names this one")]


def test_a_number_that_is_no_reference_mentions_nothing(post: Post):
    post.comes()
    assert post.told(post.comes(Subject="[#123-456-789]").ticket_id, "linked") == []


def test_a_ticket_without_a_customer_belongs_to_nobody_else_without_one(post: Post):
    first = post.comes(sender=STRANGER)
    subject = f"[#{post.ticket_of(first).reference}]"
    assert post.comes(sender="other@stranger.example", Subject=subject).state == State.TICKET


def test_a_mail_about_a_merged_ticket_goes_to_the_one_that_goes_on(post: Post, clock: Clock):
    first, second = post.comes(), post.comes("And the door.\n", Subject="Door")
    with post.database.writing() as session:
        one, two = session.get_one(Ticket, first.ticket_id), session.get_one(Ticket, second.ticket_id)
        one.merge_into(two, clock(), "the same")
    answer = post.comes("Well?\n", In_Reply_To=post.names.message_id(first.ticket_id, "x"))
    assert (answer.state, answer.ticket_id) == (State.THREADED, second.ticket_id)


def test_what_is_mailed_about_a_ticket_that_joined_another_is_read_by_its_sender_and_not_by_the_other(
    post: Post, clock: Clock
):
    """Two customers with one fault: each of them has a link to their own ticket."""
    sipho_s, anna_s = post.comes(), post.comes("My till too.\n", sender=ANNA)
    with post.database.writing() as session:
        one, two = session.get_one(Ticket, sipho_s.ticket_id), session.get_one(Ticket, anna_s.ticket_id)
        one.merge_into(two, clock(), "the same")
    answer = post.comes("It beeps.\n", In_Reply_To=post.names.message_id(sipho_s.ticket_id, "x"))
    post.comes("It smokes.\n", In_Reply_To=answer.message_id)
    post.comes("It burns.\n", Subject=f"[#{post.ticket_of(anna_s).reference}]")
    post.comes("Any news?\n", sender=ANNA, Subject=f"[#{post.ticket_of(anna_s).reference}]")
    words = ["The till does not open.", "It beeps.", "It smokes.", "It burns."]
    assert (read_by(post, sipho_s), read_by(post, anna_s)) == (words, ["My till too.", "Any news?"])
    assert len(post.told(anna_s.ticket_id, "asked")) == 5


def read_by(post: Post, first: Arrival) -> list[str | None]:
    """What the page of a ticket shows to the customer who opened it by that mail."""
    with post.database.reading() as session:
        return [one.words for one in between_us(session, session.get_one(Ticket, first.ticket_id))]


@pytest.mark.parametrize(("days", "state"), [(13.9, State.THREADED), (14.1, State.TICKET)])
def test_what_was_resolved_opens_again_for_two_weeks_and_is_a_new_ticket_after(
    post: Post, clock: Clock, days: float, state: State
):
    first = post.comes()
    with post.database.writing() as session:
        session.get_one(Ticket, first.ticket_id).resolve(clock(), "a new cable")
    clock.advance((days * DAY).total_seconds())
    answer = post.comes("It is broken again.\n", In_Reply_To=post.names.message_id(first.ticket_id, "x"))
    assert answer.state == state
    assert post.ticket_of(answer).state == Standing.OPEN
    again = "which was resolved" in str(post.told(answer.ticket_id, "linked"))
    assert (answer.ticket_id != first.ticket_id, again) == (state == State.TICKET,) * 2
    assert post.ticket_of(answer).opened_at == (
        clock() if state == State.TICKET else post.arrival(first.id).received_at
    )


def test_a_mail_that_waited_is_told_after_what_was_done_meanwhile(post: Post, clock: Clock):
    first = post.comes()
    number = post.store(letter("Still broken.\n", From=SIPHO, In_Reply_To=post.names.message_id(first.ticket_id, "x")))
    clock.advance(300)
    with post.database.writing() as session:
        session.get_one(Ticket, first.ticket_id).resolve(clock(), "done")
    resolved = clock()
    clock.advance(300)
    post.settle()
    assert post.ticket_of(post.arrival(number)).state == Standing.OPEN
    with post.database.reading() as session:
        told = session.scalars(select(Event).where(Event.ticket_id == first.ticket_id).order_by(Event.id)).all()
        assert [one.at for one in told] == sorted(one.at for one in told)
        assert told[-1].at == resolved


# Machines


AWAY = {"Auto_Submitted": "auto-replied", "Subject": "Out of the office"}


def automatic(post: Post, mail: Arrival) -> str | None:
    with post.database.reading() as session:
        return session.get_one(Event, mail.event_id).detail.get("automatic")


def test_an_alarm_by_a_machine_is_a_ticket_that_nothing_answers_by_itself(post: Post):
    mail = post.comes("Disk full.\n", sender="monitor@harbour-foods.example", Auto_Submitted="auto-generated")
    assert (mail.state, automatic(post, mail)) == (State.TICKET, "report: Auto-Submitted: auto-generated")
    assert automatic(post, post.comes()) is None


def test_an_alarm_with_an_empty_sender_from_an_address_we_know_is_a_ticket_all_the_same(post: Post):
    mail = post.settled(letter(From=SIPHO, Subject="Disk full"), envelope=Envelope("", (OURS,)))
    assert (mail.state, automatic(post, mail)) == (State.TICKET, "bounce: an empty Return-Path")


def test_an_answer_by_machine_is_noted_on_its_ticket_and_moves_nothing(post: Post, clock: Clock):
    ticket = post.comes().ticket_id
    with post.database.writing() as session:
        session.get_one(Ticket, ticket).resolve(clock(), "done")
    mail = post.comes("Back on Monday.\n", In_Reply_To=post.names.message_id(ticket, "x"), **AWAY)
    assert (mail.state, mail.ticket_id) == (State.SUPPRESSED, ticket)
    assert mail.why == "an answer by machine (Auto-Submitted: auto-replied)"
    assert post.told(ticket)[-1] == ("machine", "Back on Monday.")
    assert post.ticket(ticket).state == Standing.RESOLVED


def test_what_another_help_desk_says_on_a_ticket_of_ours_is_a_message(post: Post):
    ticket = post.comes().ticket_id
    said = {"In_Reply_To": post.names.message_id(ticket, "x"), "Auto_Submitted": "auto-generated"}
    mail = post.comes("Our engineer found the cable.\n", **said)
    assert (mail.state, mail.ticket_id) == (State.THREADED, ticket)
    assert automatic(post, mail) == "report: Auto-Submitted: auto-generated"


def test_an_answer_by_machine_to_no_ticket_is_noted_from_whom_we_know_and_a_ticket_from_others(post: Post):
    known = post.comes("Back on Monday.\n", sender=ANNA, **AWAY)
    assert (known.state, known.ticket_id, post.tickets()) == (State.SUPPRESSED, None, 0)
    assert "by machine" in known.why
    assert post.comes("Back on Monday.\n", sender=STRANGER, **AWAY).state == State.TICKET
    assert post.comes("Back on Tuesday.\n", sender=STRANGER, **AWAY).state == State.SUPPRESSED


def test_a_group_of_our_own_hands_on_what_people_write(another: Callable[..., Flask], clock: Clock):
    post = Post(another(mail_in_addresses=OURS, mail_in_lists="support.afterhours.example, x.example"), clock)
    ours = {"List_Id": "Support <Support.afterhours.example>", "Precedence": "list"}
    assert automatic(post, post.comes(**ours)) is None
    assert automatic(post, post.comes(Auto_Submitted="auto-generated", **ours))
    assert automatic(post, post.comes(List_Id="<news.afterhours.example>"))


# Bounces


def bounce(returned: str, failed: str) -> bytes:
    """What a server writes when it cannot deliver: the letter it was about stands within."""
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@afterhours.example\r\nSubject: Undelivered\r\n"
        f"Message-ID: <bounce-{hash(returned)}@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {returned}\r\nSubject: Your ticket\r\n\r\nHello.\r\n"
        "--b--\r\n"
    ).encode()


@pytest.mark.parametrize("sender", [STRANGER, SIPHO])
def test_a_letter_that_comes_back_puts_the_address_in_doubt_and_somebody_has_to_ask(post: Post, sender: str):
    ticket = post.comes(sender=sender).ticket_id
    mail = post.settled(bounce(post.names.message_id(ticket, "the reference"), sender.upper()))
    assert (mail.state, mail.ticket_id) == (State.SUPPRESSED, ticket)
    assert post.told(ticket)[-1] == ("bounced", f"our letter to {sender} was not delivered")
    assert doubtful(post, ticket) == [True]
    with post.database.writing() as session:
        thandi = session.scalars(select(Staff).where(Staff.key == "thandi")).one()
        session.get_one(Ticket, ticket).learn_address("right@harbour-foods.example", thandi, post.clock())
    assert doubtful(post, ticket) == []


def test_a_bounce_puts_nobody_else_s_address_in_doubt(post: Post):
    ticket, other = post.comes(sender=STRANGER).ticket_id, post.comes(sender=ANNA).ticket_id
    post.settled(bounce(post.names.message_id(ticket, "x"), ANNA))
    assert doubtful(post, ticket) == doubtful(post, other) == []


def doubtful(post: Post, number: int) -> list[bool]:
    with post.database.reading() as session:
        return [one.doubtful for one in task.of(session, session.get_one(Ticket, number))]


def test_a_bounce_of_a_mail_to_a_colleague_is_noted_in_the_list(post: Post, clock: Clock):
    name = f"<{'ab12' * 10}@afterhours.example>"
    with post.database.writing() as session:
        outbox.post(session, "page", "mail", {}, clock()).reference = name
    mail = post.settled(bounce(name, "thandi@protea-it.example"))
    assert (mail.state, mail.ticket_id) == (State.SUPPRESSED, None)
    assert mail.why == "a mail of ours to thandi@protea-it.example was not delivered"


def test_a_bounce_that_holds_very_many_names_keeps_nobody_waiting_for_the_database(post: Post):
    raw = bounce(f"<{'a' * 40}@x>\r\n" * 300_000, SIPHO)
    with post.database.reading() as session:
        began = process_time()
        assert threads.returned(session, post.names, raw) is None
        assert process_time() - began < 2


def test_a_bounce_of_a_mail_that_was_never_ours_is_a_ticket(post: Post):
    assert post.settled(bounce("<never@elsewhere.example>", "who@elsewhere.example")).state == State.TICKET


# Loops


@pytest.mark.parametrize(("sender", "state"), [(OURS, State.SUPPRESSED), (SIPHO, State.TICKET)])
def test_our_own_letter_that_comes_back_to_us_goes_no_further(post: Post, sender: str, state: State):
    ticket = post.comes().ticket_id
    mail = post.comes(sender=sender, Message_ID=post.names.message_id(ticket, "x"))
    assert mail.state == state
    assert len(post.told(ticket)) == 2


# Floods


def test_too_many_tickets_of_one_address_in_an_hour_go_on_one_and_others_are_not_hindered(post: Post, clock: Clock):
    mails = [post.comes(f"Till {n}.\n", sender=STRANGER) for n in range(80)]
    tickets = [mail.ticket_id for mail in mails]
    assert len(set(tickets[:10])) == 10
    assert len(set(tickets[10:])) == 1
    flood = post.ticket(tickets[-1])
    assert (flood.subject, flood.priority) == (f"A flood of mail from {STRANGER}", Priority.HIGH)
    assert len(post.told(flood.id, "asked")) == 50
    assert mails[-1].why == f"too many new tickets in an hour from {STRANGER}"
    assert post.comes().state == State.TICKET
    clock.advance(3600)
    later = post.comes(sender=STRANGER)
    assert (later.state, later.ticket_id != flood.id) == (State.TICKET, True)


def test_too_many_tickets_of_everybody_go_on_one_that_is_nobody_s(another: Callable[..., Flask], clock: Clock):
    post = Post(another(mail_in_addresses=OURS, mail_in_tickets_of_all=5), clock)
    mails = [post.comes(sender=f"{n}@stranger.example") for n in range(8)]
    assert len({mail.ticket_id for mail in mails}) == 6
    flood = post.ticket_of(mails[-1])
    assert (flood.subject, flood.address, flood.customer) == ("A flood of mail from everybody", None, None)
    assert automatic(post, mails[-1]) == "a flood is not answered"
    assert post.comes(sender=SIPHO).state == State.TICKET, "whom we know is not lost among them"


def test_answers_are_no_flood(post: Post):
    ticket = post.comes().ticket_id
    mails = [post.comes(f"{n}\n", In_Reply_To=post.names.message_id(ticket, "x")) for n in range(20)]
    assert {mail.ticket_id for mail in mails} == {ticket}


# What goes wrong


@pytest.mark.fails_on_purpose
def test_a_mail_that_cannot_be_read_is_a_ticket_and_harms_no_other(post: Post):
    bad, good = post.store(b"From: who\r\n\r\nthe bad one"), post.store(letter())
    with broken(post, b"the bad one"):
        post.settle()
    assert post.arrival(good).state == State.TICKET
    aside = post.arrival(bad)
    assert (aside.state, aside.why) == (State.QUARANTINED, "ValueError")
    ticket = post.ticket_of(aside)
    assert (ticket.subject, ticket.priority) == ("A mail that cannot be read", Priority.HIGH)
    assert post.told(ticket.id)[-1] == ("unread", "its 24 bytes are kept as they came: ValueError")


@pytest.mark.fails_on_purpose
def test_a_mail_that_stops_whoever_reads_it_is_put_aside_after_three_tries(post: Post, clock: Clock):
    number = post.store(letter())
    for _ in range(3):
        assert claim(post, number)  # and then the process is killed
        post.settle()
        assert post.arrival(number).state == State.STORED
        clock.advance(arrival.LEASE.total_seconds())
    post.settle()
    assert post.arrival(number).why == "Unreadable: it was given up after 3 tries"


def claim(post: Post, number: int) -> arrival.Claim | None:
    with post.database.reading() as session:
        wanted = [one for one in arrival.waiting(session, post.clock(), 5) if one.number == number]
    return post.database.write(lambda session: arrival.claim(session, wanted[0], post.clock())) if wanted else None


@contextmanager
def broken(post: Post, words: bytes) -> Iterator[None]:
    """A database driver that stumbles over the ticket of such a mail, as over a character it cannot write."""

    def stumble(_: object, __: object, statement: str, values: object, *___: object) -> None:
        if statement.startswith("INSERT INTO event") and words.decode() in str(values):
            raise ValueError("this cannot be stored")

    event.listen(post.database.engine, "before_cursor_execute", stumble)
    try:
        yield
    finally:
        event.remove(post.database.engine, "before_cursor_execute", stumble)


def test_two_workers_settle_each_mail_once(post: Post):
    numbers = [post.store(letter(f"{n}\n", Message_ID=f"<{n}@x.example>", From=f"{n}@x.example")) for n in range(30)]
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: post.settle(), range(4)))
    assert [post.arrival(number).state for number in numbers] == [State.TICKET] * 30
    assert post.tickets() == 30


def test_two_workers_count_a_flood_exactly(post: Post):
    numbers = [post.store(letter(f"{n}\n", Message_ID=f"<{n}@x.example>", From=STRANGER)) for n in range(30)]
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: post.settle(), range(4)))
    assert len({post.arrival(number).ticket_id for number in numbers}) == post.tickets() == 11


def test_the_same_mail_by_two_ways_at_once_is_stored_once(post: Post):
    with ThreadPoolExecutor(4) as ways:
        numbers = list(ways.map(lambda _: post.store(letter()), range(8)))
    assert len(set(numbers)) == 1
    assert post.arrival(numbers[0]).copies == 7


def test_whoever_wakes_after_another_has_settled_a_mail_changes_nothing(post: Post, clock: Clock):
    number = post.store(letter())
    late = claim(post, number)
    assert late
    clock.advance(arrival.LEASE.total_seconds())
    post.settle()
    intake.take(post.intake, late)
    assert (post.tickets(), post.arrival(number).state) == (1, State.TICKET)


def test_the_worker_reads_what_came_in(post: Post):
    number = post.store(letter())
    with post.app.app_context():
        worker.tick()
    assert post.arrival(number).state == State.TICKET
