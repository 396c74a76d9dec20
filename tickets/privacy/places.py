"""Places: of every column of every table, whether something of a person outside can stand there, and what then.

- `theirs`: of a person, on rows that are theirs; erased by what stands here, or with the row.
- `words`: words that may name anybody: looked through wherever they stand; on their own rows they are `theirs` too.
  What is nothing but them is emptied as their own would be: a form may name anybody's number or address.
- `sealed`: bytes or digests in which they may be without standing there; handled by hand (erasure.py).
- `kept`: a company's name, and times and sums of work: law has us keep them, and they name no person.
- `staff`: colleagues. What is kept of them is their work; see the package.
- `free`: neither: keys, instants, states, and what the house says of itself.

A new column belongs nowhere until somebody puts it here (tests/tickets/test_places.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ERASED = "erased"  # where words stood


@dataclass(frozen=True)
class Place:
    """What may stand in the columns of a table; `goes`: of a person, the whole row goes."""

    theirs: Mapping[str, Any] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    sealed: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    staff: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    goes: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """All that it speaks of."""
        return frozenset(self.theirs) | self.words | self.sealed | self.kept | self.staff | self.free


def _at(theirs: Mapping[str, Any] | None = None, *, goes: bool = False, **columns: str) -> Place:
    return Place(theirs or {}, goes=goes, **{name: frozenset(said.split()) for name, said in columns.items()})


PLACES: Mapping[str, Place] = {
    # People, and what they asked for
    "contact": _at(
        goes=True,
        sealed="name phone email language",
        free="id customer_id phone_since email_since",
    ),
    "former": _at(goes=True, sealed="value", free="id contact_id kind since until"),
    "customer": _at(kept="code name", free="id"),
    "ticket": _at(
        {"subject": ERASED, "caller": None, "email": None, "contact_id": None},
        words="subject caller email",
        kept="customer_id",
        staff="owner_id",
        free="id reference state priority opened_at merged_into_id moves judged",
    ),
    "event": _at({"text": ERASED, "detail": {}}, words="text detail", staff="staff_id", free="id ticket_id at kind"),
    "file": _at(goes=True, words="name", sealed="content sha256", free="id ticket_id event_id type size"),
    "arrival": _at(
        {"message_id": None, "sender": None, "subject": ERASED, "why": "", "sha256": "", "facts": {}},
        words="subject why facts sender message_id",
        sealed="name",
        free="id received_at waited_since way size copies state tries leased_until ticket_id event_id",
    ),
    "arrival_raw": _at(goes=True, sealed="content", free="arrival_id"),
    "letter": _at(
        {"to": None, "address": None, "why": None, "message_id": None, "language": None},
        words="why to address",
        free="id event_id ticket_id kind at automatic state outbox_id sent_at",
    ),
    "letters_since": _at(free="id event_id"),
    "flood": _at(goes=True, sealed="key", free="since ticket_id"),
    "mailbox": _at(free="name validity last begun_at"),
    "mailed_link": _at(goes=True, sealed="mailbox digest used_by", free="ticket_id opens expires_at used_at"),
    "sent_form": _at(goes=True, sealed="digest", free="ticket_id at"),
    "attempts": _at(goes=True, sealed="key", free="since count"),
    "canary": _at(words="said failed", free="id laid_at since looked_at ticket_id paged_at acknowledged_at"),
    # Calls
    "call": _at(
        {"caller": None, "contact_id": None},
        words="caller",
        kept="customer_id",
        free="sid line_id ticket_id opened_ticket_id page_id language started_at last_heard_at asked_at ended_at "
        "consent",
    ),
    "visit": _at(
        {"heard": "", "said": [], "carried": "", "facts": {}, "note": None, "caller": None},
        words="heard said facts note caller",
        free="sid number call_sid step at path",
    ),
    "carrier_call": _at(
        staff="staff_id",
        free="sid parent direction status started_at seconds cost first_cost unit line_id ticket_id seen_at",
    ),
    # Its findings name calls by their sids and say lengths and prices, nothing else (ivr.finding).
    "reconciliation": _at(
        words="failed",
        staff="asked_by",
        free="month asked_at next_day leased_until done_at days findings",
    ),
    "leg": _at(free="sid call_sid page_id status sequence answered_at ended_at"),
    "recording": _at({"url": "", "file": None, "kept_at": None}, free="sid call_sid ticket_id seconds status taken_at"),
    "page": _at(
        words="reason",
        staff="staff_id",
        free="id ticket_id call_sid leg_sid rang_at leased_until accepted_at declined_at ended_at asked_in pursuit_id "
        "bridged outcome",
    ),
    "pursuit": _at(
        staff="tried", free="id ticket_id policy cycle round step begun_at next_at claims leased_until ended_at outcome"
    ),
    "summons": _at(staff="staff_id", free="id pursuit_id code at"),
    "blocked_number": _at(goes=True, words="reason", sealed="number", free="id"),
    # Time and money
    "due": _at(
        {"trace": []},
        words="trace",
        free="id ticket_id measure state runs started_at aim due ended_at breached_at look_at terms judged_at",
    ),
    "mark": _at({"trace": []}, words="trace", free="id ticket_id measure since point at due noted_at told_at"),
    "work": _at(
        words="explanation done",
        kept="evidence doubt customer_id starts ends office_seconds weekday_after_hours_seconds saturday_seconds "
        "sunday_seconds public_holiday_seconds consent contract_version versions state judged_at",
        staff="staff_id",
        free="id source ticket_id call",
    ),
    "charge_line": _at(
        {"caller": "", "contact": ""},
        words="explanation changed caller contact",
        kept="account month of_month source corrects customer_code customer contract contract_version reference starts "
        "ends calls office_seconds weekday_after_hours_seconds saturday_seconds sunday_seconds public_holiday_seconds "
        "holiday state billed_seconds rate price_cents amount_cents consent versions charged_at",
        staff="engineers staff",
        free="id ticket_id",
    ),
    "charge_account": _at(words="reasons", kept="account month wanted charged", free="id"),
    "review": _at(words="reason", kept="account source of_month state seconds worked was", staff="who", free="id at"),
    "statement": _at(words="checks", kept="month hours names totals files", staff="closed_by", free="id closed_at"),
    "accounting": _at(
        words="contacts",
        staff="changed_by",
        free="system account_code item tax_name prefix currency due_days changed_at",
    ),
    "reopening": _at(
        words="reason",
        staff="asked_by_id asked_by decided_by_id decided_by",
        free="id month asked_at decided_at agreed",
    ),
    "contract": _at(
        words="name",
        kept="bands card needs_consent targets retention",
        staff="made_by",
        free="id customer_id version valid_from made_at",
    ),
    "withdrawn_contract": _at(
        words="name", staff="made_by withdrawn_by", free="id customer_id version valid_from withdrawn_at"
    ),
    # What goes out, and who did what
    "outbox": _at(
        goes=True,
        words="payload error report",
        free="id key kind reference state made_at due_at expires_at attempts worker leased_until unsure sent_at",
    ),
    "audit": _at(words="about detail", staff="who place staff_id", free="id at what"),
    "erasure": _at(
        sealed="whom tags",
        words="why",
        staff="staff_id who place",
        free="id begun_at step after moved_at counts kept erased_at rewritten_at compacted_at",
    ),
    "access": _at(words="about", staff="who place staff_id", free="id key at what reference"),
    "purge_night": _at(words="failed", free="night began_at done_at step after removed most ahead ahead_at"),
    "trouble": _at(words="words", free="key since page"),
    "erasure_item": _at(free="id erasure_id kind number sid"),
    # What programs elsewhere are told: it names calls and tickets, and their numbers are looked up when it leaves
    "hook_endpoint": _at(
        words="name off_why",
        staff="made_by_id url",
        free="id way types full emergencies salt salt_before before_until made_at misses failing_since rests_until "
        "reached_at off_at removed_at",
    ),
    "hook_happening": _at(kept="facts", free="id uid type at"),
    "hook_delivery": _at(free="id happening_id endpoint_id row state tries ended_at"),
    "hook_attempt": _at(words="answer fault", free="id delivery_id at took_ms status"),
    "hook_rota": _at(staff="on_duty", free="name at gaps in_gap"),
    # The house
    "line": _at(words="announcement", free="id number company languages hours_id hunt_group_id policy_id"),
    "announcement": _at(words="texts", staff="who ended_by", free="id line_id starts ends made_at closure_id"),
    "prompt": _at(words="text", staff="who", free="id language key version changed_at"),
    "recorded_language": _at(staff="who", free="code name added_at"),
    "prompt_sound": _at(free="digest kind content seconds"),
    "recorded_prompt": _at(words="words", staff="who", free="id language key version digest seconds alike changed_at"),
    "business_hours": _at(free="id name zone week dates"),
    "regular_week": _at(staff="who", free="id hours_id since week published_at withdrawn_at"),
    "closure": _at(words="reason", staff="who", free="id hours_id starts ends"),
    "switch": _at(words="reason", staff="who", free="id hours_id state since until"),
    "carrier_check": _at(staff="who findings", free="id at"),
    "public_holiday": _at(free="id day country name source changed_at version withdrawn"),
    "set_up_version": _at(free="id version"),
    "chore": _at(free="name done_at worker leased_until"),
    "pulse": _at(free="worker started_at ticked_at"),
    # Colleagues
    "staff": _at(staff="key name role phone email active", free="id"),
    "credential": _at(staff="hash", free="staff_id changed_at"),
    "password_link": _at(staff="staff_id", free="digest expires_at used_at"),
    "sign_in": _at(staff="staff_id address browser", free="id digest began_at seen_at ended_at"),
    "api_token": _at(words="name", staff="made_by_id", free="id digest scopes made_at in_demo used_at revoked_at"),
    "verification": _at(staff="phone code", free="staff_id way sent_at tries verified_at"),
    "notice_choice": _at(staff="staff_id way reminders summaries own_changes", free="chosen_at"),
    "notice_mark": _at(staff="key", free="at"),
    "told_shifts": _at(staff="staff_id spells before", free="until heard version"),
    "subscription": _at(staff="staff_id feed", free="id digest made_at revoked_at"),
    "feed_event": _at(free="uid digest sequence changed_at ends"),
    "feed_state": _at(free="id version since"),
    "hunt_group": _at(staff="members", free="id name ring_seconds"),
    "policy": _at(staff="steps", free="id name rounds ring_seconds"),
    "rota": _at(free="id name"),
    "rota_version": _at(
        words="note reason", staff="document who staff_id hazards", free="id rota_id number since published_at restores"
    ),
    "rota_override": _at(
        words="reason",
        staff="staff_id instead_of_id who withdrawn_by",
        free="id rota_id kind starts ends rotation below made_at withdrawn_at",
    ),
    "recorded_until": _at(free="rota_id until"),
    "served_shift": _at(
        words="why",
        staff="engineer turn_of",
        free="id rota_id lane layer shift_start place starts ends override_id version",
    ),
    "leave": _at(words="reason", staff="staff_id kind source uid told_by", free="id starts ends told_at withdrawn_at"),
    "leave_calendar": _at(staff="staff_id url fault", free="id added_at asked_at read_at removed_at"),
    "cover_request": _at(
        words="why",
        staff="engineer_id settled_by taker_id",
        free="id rota_id rotation shift_start starts ends leave_id state asked_at settled_at override_id",
    ),
    "swap": _at(
        words="reason why",
        staff="owner_id to_id asked_by declined taker_id settled_by",
        free="id rota_id rotation shift_start starts ends return_rotation return_shift_start return_starts return_ends "
        "state asked_at expires_at settled_at override_id return_override_id",
    ),
    "duty_rules": _at(
        words="note",
        staff="who staff_id",
        free="id since minimum_minutes merge_minutes one_block night_from night_to made_at",
    ),
    "readiness_report": _at(words="findings", free="id at until"),
}

# Of an event's detail what clocks and pages go by, and what names nobody; everything else is words of somebody.
FACTS = frozenset(
    {
        *(
            "priority",
            "was",
            "now",
            "page",
            "until",
            "owed",
            "reference",
            "consent",
            "way",
            "call",
            "recording",
            "mail",
        ),
        *("message", "letter", "outbox", "noted", "emergency", "pursuit", "for", "ours", "row", "due", "measure"),
    }
)


def facts_of(detail: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of an event's detail; a promise still needs a name with whom it was made, and an answer a to."""
    kept = {name: value for name, value in detail.items() if name in FACTS}
    if "customer" in detail:
        kept["customer"] = ERASED
    if "automatic" in detail:
        kept["automatic"] = ERASED
    return kept
