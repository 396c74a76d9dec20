"""An emergency that nobody has: paged until somebody has it. How it sounds stands in tests/calls/paged_*.txt."""

from __future__ import annotations

import re
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import object_session

from cast import HARBOUR, KAROO, THANDI
from conftest import LINE, network_of
from desk.door.tokens import Scope
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr import reports
from ivr.call import Call
from night_shift import NightShift
from office import at
from oncall import pursuit, worker
from oncall.paging import Page
from simulator.quirks import Quirks
from simulator.script import play
from tickets.ticket import Priority, Ticket
from visitors import bearer, browser_of, form_token, post

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from simulator.clock import Clock
    from simulator.rest import Rest


@pytest.fixture
def night(app: Flask, clock: Clock, rest: Rest) -> NightShift:
    return NightShift(app, clock, rest)


def test_an_emergency_at_two_at_night_that_nobody_takes_is_paged_until_a_text_takes_it(night: NightShift):
    night.call()
    night.tick()
    assert night.ordered == ["thandi"], "within one tick"
    rung = [night.unanswered()]
    for _ in range(5):
        night.tick(2)
        rung.append(night.unanswered())
    assert rung == ["thandi", "pieter", "naledi"] * 2, "both rounds of the policy, and the manager in each"
    night.tick(2)
    assert night.told("unanswered")[-1].startswith("nobody has acknowledged; paging begins again at 02:")
    night.tick(240)
    assert len(night.ordered) == 6, "a pause"
    night.tick(60)
    assert night.ordered[6:] == ["thandi"], "and from the top"
    ringing = night.ring()
    night.texts()
    night.write("pieter", f"1 {night.code()}")
    assert night.ticket() == ("acknowledged", "pieter")
    night.tick(1)
    assert (ringing.ended is not None, ringing.leg.outcome) == (True, "canceled"), "all ringing stops"
    told = sorted((who, body.split(":")[0]) for who, body in night.texts())
    others = [("thandi", "Pieter Botha has it"), ("naledi", "Pieter Botha has it")]
    assert told == sorted([*others, ("pieter", "You have it")])
    assert night.told("acknowledged") == ["Pieter Botha has it, by text"]
    night.tick(3600)
    assert len(night.ordered) == 7, "it is over"
    assert night.pages()[-1] == ("thandi", "no-answer")
    assert [one.outcome for one in night.pursuits()] == ["Pieter Botha has it"]


def test_every_page_says_what_it_is_in_a_text_too(night: NightShift):
    night.call()
    night.tick()
    ((_, body),) = [text for text in night.texts() if text[0] == "thandi"]
    said = f"Emergency, nobody has it: Karoo Clinic, 082 555 0201, ticket {night.printed()}. Reply 1 {night.code()} or "
    assert body.startswith(f"{said}https://afterhours.example/have/1.1.")
    assert len(body) <= 160, "one text"


# How an emergency comes to be paged


def test_an_emergency_by_mail_or_on_the_web_is_paged_like_one_by_telephone(night: NightShift):
    number = night.mail()
    night.tick()
    assert night.ordered == ["thandi"]
    assert night.told("paging", ticket=number) == ["nobody has it, so people are paged by the policy Emergency"]


def test_an_emergency_that_comes_back_is_paged_again_whoever_had_it_before(night: NightShift, clock: Clock):
    number = night.mail()
    night.change(lambda ticket, lerato: ticket.acknowledge(lerato, clock()), "lerato")
    night.change(lambda ticket, lerato: ticket.resolve(clock(), "runs again", lerato), "lerato")
    night.change(lambda ticket, _: ticket.hear("wrote: it is down again", clock()))
    night.tick()
    assert night.ordered == ["thandi"], "Lerato is off duty by now"
    assert night.ticket(number) == ("open", None)


def test_whoever_reopens_an_emergency_has_it(night: NightShift, clock: Clock):
    number = night.mail()
    night.change(lambda ticket, lerato: ticket.acknowledge(lerato, clock()), "lerato")
    night.change(lambda ticket, lerato: ticket.resolve(clock(), "runs again", lerato), "lerato")
    night.change(lambda ticket, pieter: ticket.reopen(clock(), "it does not", pieter), "pieter")
    night.tick()
    assert (night.ordered, night.ticket(number)) == ([], ("acknowledged", "pieter"))


def test_a_call_that_still_rings_engineers_is_not_doubled(night: NightShift):
    night.network.in_order(None)
    call = night.network.ring(KAROO, LINE)
    call.press("2")
    night.tick(5)
    call.engineer.let_ring()
    night.tick(5)
    assert (night.ordered, night.pursuits()) == ([], [])
    call.hang_up()
    night.tick(2)
    assert night.ordered == ["thandi"], "the caller gave up, and paging begins"


def test_between_two_rings_of_a_call_nobody_is_paged(night: NightShift):
    """The leg is over by its own report, and the carrier has not asked yet whom to ring next."""
    call = night.network.ring(KAROO, LINE)
    call.press("2")
    night.free("thandi")
    night.tick(5)
    assert night.ordered == []
    call.hang_up()


def test_a_call_of_which_nothing_more_is_heard_does_not_keep_paging_away(night: NightShift):
    """Its engineer's ring has run out and the carrier reports nothing more: it hunts for nobody."""
    lost = network_of(night.app, night.clock, quirks=Quirks(callbacks="never"))
    call = lost.ring(KAROO, LINE)
    call.press("2")
    night.tick(200)
    assert night.ordered == []
    night.tick(60)
    assert night.ordered == ["thandi"]


def test_a_high_ticket_wakes_nobody(night: NightShift):
    number = night.mail()
    night.change(lambda ticket, by: ticket.change_priority(Priority.HIGH, by, night.clock(), "a test"), number=number)
    night.tick()
    assert night.ordered == []


def test_whoever_rings_again_while_people_are_paged_is_helped_by_the_call(night: NightShift):
    night.call()
    night.tick()
    paged = night.ring()
    again = night.network.ring(KAROO, LINE)
    again.press("2")
    assert night.network.name(again.children[-1].to) == "Pieter Botha", "Thandi's telephone rings already"
    again.engineer.answer()
    again.engineer.press("1")
    night.tick(1)
    assert night.ticket() == ("acknowledged", "pieter")
    assert paged.leg.outcome == "canceled"
    assert ("thandi", "Pieter Botha has it") in [(who, body.split(":")[0]) for who, body in night.texts()]


def test_a_line_that_breaks_after_the_key_is_paged_for(night: NightShift):
    """Accepted and never joined: the ticket is nobody's again."""
    night.mail()
    night.tick()
    night.unanswered()
    night.change(lambda ticket, by: ticket.acknowledge(by, night.clock()))
    night.tick(2)
    night.change(lambda ticket, by: ticket.release(night.clock(), "the line broke"))
    night.tick(2)
    assert night.ordered == ["thandi", "thandi"]
    assert len(night.pursuits()) == 2


# Who is rung


def test_after_a_hand_off_the_new_engineer_is_paged(night: NightShift):
    night.clock.until(at("2026-11-23 08:29:50"))
    night.mail()
    night.tick()
    night.unanswered()
    night.tick(10)
    assert night.ordered == ["thandi", "pieter"]
    night.unanswered()
    night.tick(2)
    assert night.ordered[-1] == "lerato", "second of the new week"


def test_who_is_in_a_call_is_not_rung_but_texted(night: NightShift):
    night.network.handset(THANDI, None)
    busy = night.network.ring(HARBOUR, LINE)
    play(busy, ["2", "1"])
    busy.engineer.answer()
    busy.engineer.press("1")
    night.texts()
    night.mail()
    night.tick()
    assert night.ordered == ["pieter"]
    assert "Thandi Nkosi is on another call" in night.told("skipped", ticket=2)
    assert {who for who, body in night.texts() if "nobody has it" in body} == {"thandi", "pieter"}


def test_while_everybody_is_in_a_call_the_next_look_is_soon(night: NightShift):
    night.mail()
    night.occupy("thandi", "pieter", "naledi")
    night.tick()
    night.tick(29)
    assert night.ordered == []
    night.free("pieter")
    night.tick(2)
    assert night.ordered == ["pieter"]
    assert len([who for who, body in night.texts() if who == "thandi"]) == 1, "one text, however often she is tried"


def test_where_nobody_can_be_rung_the_timeline_says_so_and_managers_are_told(night: NightShift):
    night.nobody_rings()
    night.mail()
    night.tick()
    assert night.ordered == []
    assert night.told("unanswered") == ["nobody could be paged: nobody is on duty, or nobody can be reached"]
    told = [body for who, body in night.texts() if who == "naledi"]
    assert len(told) == 1
    assert "Nobody is on duty, or nobody can be rung. Reply 1 " in told[0]
    night.tick(300)
    assert night.texts() == [], "and not every five minutes"
    night.write("naledi", "1")
    assert night.ticket() == ("acknowledged", "naledi")


def test_a_ring_that_the_carrier_refuses_goes_to_the_next(night: NightShift):
    night.rest.account.uncallable[THANDI] = 21214
    night.mail()
    night.tick()
    night.tick(2)
    assert night.ordered == ["thandi", "pieter"]
    assert "Thandi Nkosi could not be rung" in night.told("page")[1]


def test_a_ring_that_nobody_reports_on_ends_by_the_clock(night: NightShift):
    night.mail()
    night.tick()
    night.tick(89)
    assert night.ordered == ["thandi"]
    night.tick(2)
    assert night.ordered == ["thandi", "pieter"]


# I have it


def test_a_key_takes_it_and_is_confirmed_when_it_is_stored(night: NightShift):
    night.call()
    night.tick()
    call = night.ring()
    call.answer()
    assert "Emergency for Karoo Clinic, 24-hour cover. Call from Karoo Clinic" in call.transcript[-1]
    call.press("1")
    assert "You have it." in call.transcript[-2]
    assert night.ticket() == ("acknowledged", "thandi")
    assert night.pages() == [("thandi", "accepted")]
    assert night.told("acknowledged") == ["Thandi Nkosi has it, by a key on the telephone"]
    night.texts()
    night.tick()
    ((who, body),) = night.texts()
    assert (who, body.split(".")[0]) == ("thandi", "You have it: Karoo Clinic, 082 555 0201")
    night.tick(10)
    assert night.work() == 0, "nobody has worked yet"


def test_a_page_is_no_call_back_to_whoever_reads_the_books(night: NightShift):
    night.call()
    night.tick()
    call = night.ring()
    call.answer()
    call.press("1")
    client = night.app.test_client()
    made = client.get(f"/api/v1/calls/{call.sid}", headers=bearer(night.app, Scope)).json
    assert made["direction"] == "page"
    page = client.get(f"/tickets/{night.printed().replace('-', '')}").text
    assert "Paged: Thandi Nkosi" in page
    assert "Call-back by" not in page


def test_the_message_is_played_once_it_is_ours(night: NightShift):
    call = night.call()
    (recording,) = night.network.recordings.values()
    night.keep(recording.sid, b"ID3 the message")
    night.tick()
    page = night.ring()
    page.answer()
    assert page.transcript[-1] == "> (sound message.mp3)"
    address = re.search(r"<Play>https://afterhours.example(/message/.*?)</Play>", page.documents[-1])[1]
    client = night.app.test_client()
    answer = client.get(address)
    assert (answer.data, answer.mimetype) == (b"ID3 the message", "audio/mpeg")
    assert client.get(address.replace("/message/RE", "/message/RF")).status_code == 404
    assert client.get(address.replace("/message/", "/have/").removesuffix("/message.mp3")).status_code == 410
    night.clock.advance(3601)
    assert client.get(address).status_code == 404
    assert call.ended


def test_who_passes_on_or_presses_nothing_is_followed_by_the_next(night: NightShift):
    night.mail()
    night.tick()
    first = night.ring()
    first.answer()
    first.press("3")
    assert first.transcript[-1].startswith("> Emergency for"), "again"
    first.press("2")
    night.tick(1)
    second = night.ring()
    second.voicemail()
    second.silence()
    second.silence()
    night.tick(1)
    assert night.ordered == ["thandi", "pieter", "naledi"]
    assert night.pages()[:2] == [("thandi", "declined"), ("pieter", "unaccepted")]


def test_a_key_that_comes_too_late_hears_who_has_it(night: NightShift):
    night.mail()
    night.tick()
    call = night.ring()
    call.answer()
    night.write("lerato", f"1 {night.code()}")
    call.press("1")
    assert "Lerato Mokoena has it already. Goodbye." in call.transcript[-2]
    assert night.ticket() == ("acknowledged", "lerato")
    assert night.told("acknowledged") == ["Lerato Mokoena has it, by text"]


def test_who_answers_after_somebody_took_it_hears_who(night: NightShift):
    night.mail()
    night.tick()
    call = night.ring()
    night.write("pieter", "1" + night.code())
    call.answer()
    assert call.ended
    assert "Pieter Botha has it already" in call.transcript[-2]


def test_who_wrote_before_pressing_is_told_that_it_is_theirs(night: NightShift):
    night.mail()
    night.tick()
    call = night.ring()
    call.answer()
    night.write("thandi", "1")
    call.press("1")
    assert "You have it." in call.transcript[-2]
    assert night.told("acknowledged") == ["Thandi Nkosi has it, by text"], "once"


# By text


@pytest.mark.parametrize("words", ["1 {}", "1{}", "1-{}", " 1 {}. ", "1: {}", "1"])
def test_a_reply_may_be_written_in_many_ways(night: NightShift, words: str):
    night.mail()
    night.tick()
    assert night.write("thandi", words.format(night.code())).status_code == 200
    assert night.ticket() == ("acknowledged", "thandi")


def test_the_same_reply_twice_is_answered_once(night: NightShift):
    night.mail()
    night.tick()
    for _ in range(2):
        night.write("thandi", f"1 {night.code()}", sid="SM" + "7" * 32)
    night.texts()
    night.tick()
    assert len(night.texts()) == 1
    assert len(night.told("acknowledged")) == 1


def test_who_says_it_again_is_told_again_that_it_is_theirs(night: NightShift):
    night.mail()
    night.tick()
    for _ in range(2):
        night.write("thandi", f"1 {night.code()}")
    night.texts()
    night.tick()
    assert [body.split(":")[0] for _, body in night.texts()] == ["You have it"] * 2
    assert len(night.told("acknowledged")) == 1


def test_who_is_too_late_is_told_who_has_it_since_when(night: NightShift):
    night.mail()
    night.tick()
    night.write("thandi", f"1 {night.code()}")
    night.clock.advance(7 * 60)
    night.write("pieter", f"1 {night.code()}")
    night.texts()
    night.tick()
    assert ("pieter", f"Thandi Nkosi has had it since 02:00: ticket {night.printed()}.") in night.texts()
    assert night.ticket() == ("acknowledged", "thandi")


def test_an_unknown_number_takes_nothing_and_learns_nothing(night: NightShift):
    night.mail()
    night.tick()
    night.texts()
    answer = night.write("+27825550999", f"1 {night.code()}")
    assert "<Response/>" in answer.text
    night.tick()
    assert night.texts() == []
    assert night.ticket() == ("open", None)


def test_two_colleagues_with_one_number_take_nothing_by_text(night: NightShift):
    """Nobody would know who of them has it."""
    night.mail()
    night.tick()
    night.change(lambda _, lerato: setattr(lerato, "phone", THANDI), who="lerato")
    night.write("thandi", f"1 {night.code()}")
    assert night.ticket() == ("open", None)


@pytest.mark.parametrize("words", ["1 000", "1 0000"])
def test_a_wrong_code_takes_nothing_and_says_so(night: NightShift, words: str):
    night.mail("280340638")
    night.tick()
    night.texts()
    night.write("thandi", words)
    night.tick()
    meant = f"No emergency is meant by {words[2:]}."
    assert night.texts() == [("thandi", f"{meant} Reply 1 and the last digits of the ticket.")]
    assert night.ticket() == ("open", None)


def test_two_tickets_that_end_alike_are_told_apart_by_more_digits(night: NightShift):
    night.mail("280340638")
    night.tick()
    night.unanswered()
    night.mail("111111638")
    night.tick(2)
    night.unanswered()
    night.unanswered()
    night.tick(2)
    theirs = [body for who, body in night.texts() if who == "pieter" and "nobody has it" in body]
    assert {body.partition("Reply ")[2].partition(" or ")[0] for body in theirs} == {"1 638", "1 1638"}
    night.write("pieter", "1 1638")
    assert (night.ticket(1), night.ticket(2)) == (("open", None), ("acknowledged", "pieter"))


def test_which_one_is_asked_where_a_lone_1_may_mean_two(night: NightShift):
    night.mail("280340638")
    night.mail("111111648")
    night.tick()
    night.tick()
    night.texts()
    night.write("thandi", "1")
    night.tick()
    assert [body[:10] for who, body in night.texts() if who == "thandi"] == ["Which one?"]
    assert (night.ticket(1), night.ticket(2)) == (("open", None), ("open", None))


def test_what_an_engineer_writes_otherwise_is_no_reply(night: NightShift):
    night.call()
    night.tick()
    night.write("thandi", "on my way")
    assert night.ticket() == ("open", None)


# By the ticket's page


def test_the_button_on_the_page_ends_the_ringing_and_tells_the_others_in_one_transaction(night: NightShift):
    night.call()
    night.tick()
    night.unanswered()
    night.tick(2)
    ringing = night.ring()
    night.texts()
    assert press(night, "lerato", "have").status_code == 303
    assert night.told("acknowledged") == ["Lerato Mokoena has it, on the ticket's page"]
    assert [one.outcome for one in night.pursuits()] == ["Lerato Mokoena has it"], "before any worker looks"
    with night.database.reading() as session:
        waiting = session.scalars(select(Outgoing).where(Outgoing.state == "waiting").order_by(Outgoing.id)).all()
        keys = [row.key.split()[0] for row in waiting if row.made_at == night.clock()]
        assert keys == ["hush", "taken", "taken"]
    night.tick(1)
    assert (ringing.ended, ringing.leg.outcome) == (True, "canceled")
    others = [("thandi", "Lerato Mokoena has it"), ("pieter", "Lerato Mokoena has it")]
    assert [(who, body.split(":")[0]) for who, body in night.texts()] == others
    night.tick(600)
    assert night.ordered == ["thandi", "pieter"]


def test_of_two_who_press_the_button_one_has_it_and_the_other_is_told_who(night: NightShift):
    night.mail()
    night.tick()
    start, answers = Barrier(2), {}
    browsers = {who: browser_of(night.app, who) for who in ("lerato", "pieter")}
    forms = {who: {"form_token": form_token(one), "seen": night.seen()} for who, one in browsers.items()}

    def push(who: str) -> None:
        start.wait()
        answers[who] = browsers[who].post(f"{night.page()}/do/have", data=forms[who])

    pushing = [Thread(target=push, args=[who]) for who in browsers]
    for one in pushing:
        one.start()
    for one in pushing:
        one.join()
    assert sorted(answer.status_code for answer in answers.values()) == [303, 409]
    (winner,) = (who for who, answer in answers.items() if answer.status_code == 303)
    (late,) = (answer for answer in answers.values() if answer.status_code == 409)
    assert night.ticket() == ("acknowledged", winner)
    assert f"{night.told('acknowledged')[0].split(' has')[0]} was a moment faster, and has it since" in late.text
    assert len(night.told("acknowledged")) == 1


@pytest.mark.parametrize(
    ("verb", "typed", "said"),
    [
        ("hand-over", {"to": "lerato", "text": "She is awake"}, "Lerato Mokoena has it"),
        ("answer", {"text": "Restart it"}, "Naledi Dlamini has it"),
        ("wait", {"text": "the serial number"}, "Nothing to do any more"),
        ("priority", {"priority": "low", "text": "It was a test"}, "Nothing to do any more"),
        ("resolve", {"text": "It was a test"}, "Nothing to do any more"),
    ],
)
def test_whatever_is_done_on_the_page_that_ends_the_paging_ends_it_at_once(
    night: NightShift, verb: str, typed: dict[str, str], said: str
):
    night.mail()
    night.tick()
    night.ring()
    night.texts()
    assert press(night, "naledi", verb, **typed).status_code == 303
    assert [one.ended_at for one in night.pursuits()] == [night.clock()]
    night.tick()
    assert [(who, body.split(":")[0]) for who, body in night.texts()] == [("thandi", said)]
    assert night.pages() == [("thandi", "no-answer")]


def test_a_merge_on_the_page_ends_the_paging_of_what_was_merged(night: NightShift):
    night.mail()
    night.mail(subject="The same till")
    night.tick()
    night.ring()
    night.change(lambda ticket, by: ticket.acknowledge(by, night.clock()), "pieter", 2)
    assert press(night, "naledi", "merge", into=night.printed(2), text="one till").status_code == 303
    assert [one.outcome for one in night.pursuits() if one.ticket_id == 1] == ["Pieter Botha has it"]


def test_a_note_on_the_page_lets_the_telephone_ring_on(night: NightShift):
    night.mail()
    night.tick()
    ringing = night.ring()
    assert press(night, "naledi", "note", text="Their second till").status_code == 303
    night.tick(1)
    assert [one.ended_at for one in night.pursuits()] == [None]
    assert not ringing.ended
    ringing.let_ring()


def press(night: NightShift, who: str, verb: str, **typed: str) -> TestResponse:
    return post(browser_of(night.app, who), f"{night.page()}/do/{verb}", seen=night.seen(), **typed)


# By the link


def test_looking_at_the_link_takes_nothing_and_the_button_does(night: NightShift):
    night.call()
    night.tick()
    browser, link = browser_of(night.app), night.link()
    for _ in range(3):
        assert "Nobody has this emergency" in browser.get(link).text
        assert browser.head(link).status_code == 200
    assert night.ticket() == ("open", None)
    answer = post(browser, link)
    assert (answer.status_code, answer.location) == (303, link)
    assert "You have it" in browser.get(link).text
    assert night.ticket() == ("acknowledged", "thandi")
    assert night.told("acknowledged") == ["Thandi Nkosi has it, by the link that was sent"]
    assert post(browser, link).status_code == 303
    assert len(night.told("acknowledged")) == 1


def test_a_link_that_comes_too_late_shows_who_has_it(night: NightShift):
    night.mail()
    night.tick()
    night.write("pieter", f"1 {night.code()}")
    browser = browser_of(night.app)
    assert post(browser, night.link()).status_code == 303
    assert "Pieter Botha has it" in browser.get(night.link()).text
    assert night.ticket() == ("acknowledged", "pieter")


def test_the_link_lasts_fifteen_minutes_and_opens_nothing_else(night: NightShift):
    night.mail()
    night.tick()
    night.mail()
    browser, link = browser_of(night.app), night.link()
    assert browser.get(link.replace("/have/1.", "/have/2.")).status_code == 410
    assert post(browser, link[:-1] + ("a" if link[-1] != "a" else "b")).status_code == 410
    night.clock.advance(899)
    assert browser.get(link).status_code == 200
    night.clock.advance(1)
    assert (browser.get(link).status_code, post(browser, link).status_code) == (410, 410)
    assert night.ticket() == ("open", None)


def test_the_link_of_somebody_who_has_left_opens_nothing(night: NightShift):
    night.mail()
    night.tick()
    night.change(lambda _, thandi: setattr(thandi, "active", False))
    assert browser_of(night.app).get(night.link()).status_code == 410


# What else ends it


def test_a_resolved_ticket_is_paged_for_no_more_and_everybody_is_told(night: NightShift):
    night.mail()
    night.tick()
    ringing = night.ring()
    night.texts()
    night.change(lambda ticket, by: ticket.resolve(night.clock(), "mended", by))
    night.tick(1)
    assert ringing.leg.outcome == "canceled"
    night.tick(1)
    ((who, body),) = night.texts()
    assert (who, body.rpartition(", ")[2]) == ("thandi", "it is resolved.")
    night.tick(600)
    assert night.ordered == ["thandi"]


def test_a_ticket_merged_meanwhile_is_paged_for_as_the_one_that_goes_on(night: NightShift):
    night.mail("280340638")
    night.tick()
    night.unanswered()
    other = night.mail("111111648")

    def merge(ticket: Ticket, _: object) -> None:
        ticket.merge_into(object_session(ticket).get_one(Ticket, other), night.clock(), "the same")

    night.change(merge)
    night.tick(2)
    assert [(one.ticket_id, one.ended_at is None) for one in night.pursuits()] == [(1, False), (other, True)]
    night.write("thandi", "1 638")
    assert night.ticket(other) == ("acknowledged", "thandi"), "the digits of the first lead to the second"


def test_whoever_takes_it_on_another_page_stops_the_ringing_within_a_tick(night: NightShift):
    night.mail()
    night.tick()
    ringing = night.ring()
    night.change(lambda ticket, by: ticket.acknowledge(by, night.clock()), who="lerato")
    night.tick(1)
    night.tick(0)
    assert ringing.leg.outcome == "canceled"
    assert ("thandi", "Lerato Mokoena has it") in [(who, body.split(":")[0]) for who, body in night.texts()]


def test_a_ring_that_has_not_left_the_house_is_not_placed(night: NightShift):
    night.mail()
    with night.app.app_context():
        worker.page_about_emergencies_that_nobody_has(worker.Turn("a", lambda: False, night.app.extensions))
    night.change(lambda ticket, by: ticket.acknowledge(by, night.clock()), who="lerato")
    night.tick()
    assert night.ordered == []
    assert night.pages() == [("thandi", "skipped")]


def test_a_ring_that_leaves_in_the_moment_of_the_answer_is_silenced_when_it_is_reported(night: NightShift):
    night.mail()
    night.tick()
    night.forget_reference()
    night.write("pieter", f"1 {night.code()}")
    ringing = night.ring()
    night.tick(1)
    assert ringing.leg.outcome == "canceled"


# Nothing lost, nothing twice


def together(*works: object) -> None:
    """Each in a thread of its own, begun at the same moment."""
    barrier = Barrier(len(works))

    def begin(work: object) -> None:
        barrier.wait()
        work()

    threads = [Thread(target=begin, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_workers_at_once_take_each_step_once(night: NightShift):
    for _ in range(3):
        night.mail()
    together(lambda: night.tick(0, "a"), lambda: night.tick(0, "b"))
    night.tick()
    with night.database.reading() as session:
        pages = session.scalars(select(Page).where(Page.outcome.is_(None))).all()
        assert sorted(page.ticket_id for page in pages) == [1, 2, 3]
        assert len({page.staff_id for page in pages}) == 3
        rings = session.scalars(select(Outgoing.key).where(Outgoing.kind == "ring")).all()
    assert len(rings) == len(set(rings)) == 3
    assert sorted(night.ordered) == ["naledi", "pieter", "thandi"]


def test_a_worker_killed_after_its_claim_is_followed_by_another_when_the_lease_is_over(night: NightShift):
    number = night.mail()
    with night.database.writing() as session:
        begun = pursuit.begin(session, session.get_one(Ticket, number), "Emergency", night.clock()).id
    claimed = night.database.write(lambda session: pursuit.claim(session, begun, night.clock()))
    assert claimed == 1
    night.tick(29)
    assert night.ordered == []
    night.tick(1)
    assert night.ordered == ["thandi"]


def test_a_worker_that_wakes_after_its_lease_does_nothing(night: NightShift):
    number = night.mail()
    with night.database.writing() as session:
        begun = pursuit.begin(session, session.get_one(Ticket, number), "Emergency", night.clock()).id
    token = night.database.write(lambda session: pursuit.claim(session, begun, night.clock()))
    night.clock.advance(30)
    assert night.database.write(lambda session: pursuit.held(session, begun, token, night.clock())) is None
    another = night.database.write(lambda session: pursuit.claim(session, begun, night.clock()))
    assert another == 2
    assert night.database.write(lambda session: pursuit.held(session, begun, token, night.clock())) is None


class Killed(BaseException):
    """What no program survives."""


@pytest.mark.parametrize("commit", range(1, 7))
def test_a_worker_killed_at_any_commit_loses_nothing_and_doubles_nothing(night: NightShift, commit: int):
    """Its sign of life, the beginning, the look, the claim, the step, the claim of the ring: and then no more."""
    night.mail()
    left = [commit]

    def dies(_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    engine = night.app.extensions["patient_database"].engine
    event.listen(engine, "commit", dies)
    with pytest.raises(Killed):
        night.tick()
    event.remove(engine, "commit", dies)
    for _ in range(2):
        night.tick(30)
    assert night.ordered == ["thandi"]
    assert [who for who, body in night.texts() if "nobody has it" in body] == ["thandi"]
    assert len(night.told("page")) == 1


@pytest.mark.parametrize("twice", ["after", "parallel"])
def test_every_webhook_twice_takes_it_once(night: NightShift, twice: str):
    night.network = network_of(night.app, night.clock, quirks=Quirks(twice=twice))
    night.mail()
    night.tick()
    call = night.ring()
    call.answer()
    call.press("3")
    call.press("1")
    assert "You have it." in call.transcript[-2]
    assert len(night.told("acknowledged")) == 1
    night.tick()
    assert len([body for _, body in night.texts() if body.startswith("You have it")]) == 1


def test_what_a_caller_says_while_their_ticket_is_merged_is_heard_by_the_one_that_goes_on(night: NightShift):
    call = night.call()
    other = night.mail()

    def work(session: Session) -> None:
        by, goes_on = session.get_one(Staff, 1), session.get_one(Ticket, other)
        goes_on.wait(by, night.clock(), "which till is it?")
        session.get_one(Ticket, 1).merge_into(goes_on, night.clock(), "the same till")
        said = {"RecordingSid": f"RE{2:032x}", "RecordingUrl": "https://x/RE2", "RecordingDuration": "9", "Digits": "#"}
        for _ in range(2):
            reports.recorded(session, session.get_one(Call, call.sid), said, night.clock())

    night.database.write(work)
    assert night.told("asked", ticket=other) == ["left a message of 9 s"]
    assert night.ticket(other)[0] == "open", "we wait for the customer no more"


def test_a_customers_text_that_is_delivered_twice_at_once_is_told_once(night: NightShift):
    night.call(HARBOUR, "1")
    together, sid = Barrier(3), "SM" + "7" * 32

    def deliver() -> None:
        together.wait()
        night.write(HARBOUR, "it works again", sid)

    threads = [Thread(target=deliver) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert night.told("asked")[1:] == ["wrote: it works again"]


@pytest.mark.parametrize("words", ["yes", "{code}", "1 48", "I have it!"])
def test_who_was_called_and_writes_something_else_is_told_what_to_write(night: NightShift, words: str):
    night.mail()
    night.tick()
    night.texts()
    for _ in range(2):  # a telephone may answer by itself, that its owner drives
        night.write("thandi", words.format(code=night.code()))
    night.write("lerato", "good night")
    night.tick(1)
    told = [("thandi", "Which one? Reply 1 and the last digits of the ticket, as the text says that called you.")]
    assert (night.texts(), night.ticket()) == (told, ("open", None))
