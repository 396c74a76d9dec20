"""Examples: facts to fill into prompts where somebody wants to read them as they are spoken, in the words of a line."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ivr import prompts, tongues
from tickets import reference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

A_TICKET, ANOTHER = "280340638", "427193506"
A_CUSTOMER, AN_ENGINEER, A_NUMBER = "Harbour Foods", "Thandi Nkosi", "+27 82 555 0202"


def facts(words: Mapping[str, str], language: str, company: str, zone: str, at: datetime) -> dict[str, str]:
    """A value for everything that a prompt may name."""
    tongue, own = tongues.of(language), dict(words)
    opens = tongue.opening(at + timedelta(hours=9), at, zone)
    return {
        "company": company,
        "for_company": "",
        "announcement": "",
        "opening": prompts.spoken(own, "opening", {"when": opens}),
        "when": opens,
        "reference": reference.spoken(A_TICKET),
        "reference_tail": " ".join(A_TICKET[-3:]),
        "caller": A_NUMBER,
        "customer": A_CUSTOMER,
        "waiting": tongue.length(timedelta(seconds=40)),
        "kind": own["emergency_kind"],
        "cover": "premium",
        "cover_notice": own["notice_billable"],
        "about": reference.spoken(ANOTHER),
        "about_tail": " ".join(ANOTHER[-3:]),
        "about_state": own["state_acknowledged"],
        "about_owner": prompts.spoken(own, "owner", {"name": AN_ENGINEER}),
        "about_news": tongue.news(at - timedelta(hours=1), at, zone),
        "what": "Till down",
        "since": tongue.news(at - timedelta(minutes=20), at, zone),
        "message_note": own["message_note"],
        "owner_name": AN_ENGINEER,
        "name": AN_ENGINEER,
        "number": A_NUMBER,
        "code": A_TICKET[-3:],
        "digits": A_TICKET[-3:],
        "link": "https://…/have/…",
        "why": "resolved",
        "time": "14:00",
        "until": "14:00",
        "point": own["half"],
        "measure": own["first_response"],
        "who": AN_ENGINEER,
    }
