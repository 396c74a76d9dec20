"""Mail in: nothing that is sent to us is lost, nothing is doubled, and nothing that is written makes a machine act."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from mails import giants, small
from mails.mail import letter
from post import ANNA, FATIMA, OURS, SIPHO, STRANGER, Post
from tickets.event import Event
from tickets.mail import arrival, intake
from tickets.mail.arrival import Arrival, Envelope, State, Way
from tickets.mail.received import read
from tickets.people import Contact
from tickets.reference import printed
from tickets.ticket import Priority, Ticket, open_ticket
from tickets.ticket import State as Standing

if TYPE_CHECKING:
    from collections.abc import Callable

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
