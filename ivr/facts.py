"""The facts that prompts speak of, as words: company, reference, next opening, the ticket asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk import numbers
from ivr import prompts, tongues
from ivr.recordings import LONGEST, PAUSE
from sla.overtime import Band, Cover
from tickets import reference
from tickets.ticket import Priority

if TYPE_CHECKING:
    from datetime import datetime

    from ivr.conversation import Conversation
    from ivr.switchboard import LineSetUp
    from tickets.ticket import Ticket

NOTICE = {Cover.BILLABLE: "notice_billable", Cover.NOT_COVERED: "notice_not_covered"}


def of(talk: Conversation, words: dict[str, str]) -> dict[str, str]:
    """Every fact that a prompt may name; a sentence that does not apply is empty."""
    return {
        "voice": words["voice"],
        "language": words["language"],
        "caller_id": talk.line.number,
        "longest": str(LONGEST),
        "pause": str(PAUSE),
        **of_line(talk.line, words, talk.call.language, talk.now),
        "for_company": f"{talk.line.company}: " if len(talk.board.lines) > 1 else "",
        "reference": reference.spoken(talk.ticket.reference),
        "reference_tail": _tail(talk.ticket),
        "caller": numbers.spoken(talk.call.caller) if talk.call.caller else words["withheld"],
        "customer": _who(talk) or words["unknown_customer"],
        "waiting": tongues.of(talk.call.language).length(talk.now - talk.call.started_at),
        "kind": words["emergency_kind" if talk.ticket.priority == Priority.EMERGENCY else "support_kind"],
        **_cover(talk, words),
        **(_about(talk, talk.about, words) if talk.about else {}),
        **talk.dial,
        **talk.facts,
    }


def of_line(line: LineSetUp, words: dict[str, str], language: str, at: datetime) -> dict[str, str]:
    """What the first words of every call name, whoever calls."""
    return {
        "company": line.company,
        "announcement": line.announced(language, at),
        "opening": _opening(line, words, language, at),
    }


def _who(talk: Conversation) -> str | None:
    if talk.caller:
        return talk.caller.customer
    colleagues = (one.name for one in talk.board.engineers.values() if one.phone and one.phone == talk.call.caller)
    return next(colleagues, None)


def _opening(line: LineSetUp, words: dict[str, str], language: str, at: datetime) -> str:
    opens = line.actual.next_opening(at)
    if opens is None or opens == at:
        return ""
    return prompts.spoken(words, "opening", {"when": tongues.of(language).opening(opens, at, line.zone)})


def _cover(talk: Conversation, words: dict[str, str]) -> dict[str, str]:
    card = talk.board.card(talk.call.customer_id, talk.line, talk.now)
    cover = talk.board.cover(talk.call.customer_id, talk.line, talk.now)
    notice = NOTICE.get(cover, "notice_unknown") if cover else "notice_unknown"
    # Shut for a day or by the switch: no overtime, unless this contract counts closures.
    if talk.board.band(talk.call.customer_id, talk.line, talk.now) is Band.OFFICE:
        notice = "notice_office"
    return {"cover": card.name if card else words["no_cover"], "cover_notice": words[notice]}


def _about(talk: Conversation, ticket: Ticket, words: dict[str, str]) -> dict[str, str]:
    owner = ticket.owner
    # Their asking for it now is no news.
    last = max((event.at for event in ticket.events if event.at < talk.call.started_at), default=ticket.opened_at)
    return {
        "about": reference.spoken(ticket.reference),
        "about_tail": _tail(ticket),
        "about_state": words[f"state_{ticket.state}"],
        "about_owner": prompts.spoken(words, "owner", {"name": owner.name}) if owner else "",
        "about_news": tongues.of(talk.call.language).news(last, talk.now, talk.line.zone),
    }


def _tail(ticket: Ticket) -> str:
    return " ".join(ticket.reference[-3:])
