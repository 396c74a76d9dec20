"""What a call would cost, said before it is made; and what a line says of how it came about."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from charged import Story, card
from promised import JOHANNESBURG, at, office

from sla.money.allowance import Allowance
from sla.money.charge import charge
from sla.money.preview import preview
from sla.money.stretch import Basis
from sla.month import Month
from sla.overtime import State

OFFICE_HOURS = "office hours, R760, steps of 15 min, at least 30 min"


def told(
    words: str | None, when: str, minutes: int, *, consent: bool | None = True, used: Allowance | None = None
) -> str:
    basis = Basis(office(), card(words) if words else None)
    return preview(basis, at(when), timedelta(minutes=minutes), consent=consent, used=used).text


PREVIEWS = Path(__file__).with_name("previews.txt").read_text().strip().split("\n\n")


@pytest.mark.parametrize("preview", PREVIEWS, ids=lambda preview: preview.partition("\n")[0])
def test_a_call_is_priced_in_a_sentence(preview: str):
    words, call, *text = preview.splitlines()
    when, minutes = call.removesuffix(" min").split(" for ")
    assert told(None if words == "none" else words, when, int(minutes)) == " ".join(text)


def test_a_call_that_is_not_accepted_says_what_it_would_cost():
    text = told(OFFICE_HOURS, "Sun 22 Nov 02:00", 11, consent=False)
    assert "is for billing staff to check, R760.00 excluding VAT if it is billed, because" in text
    assert text.endswith(
        "; the caller refused overtime rates; 11 min count as 30 min by the minimum of 30 min; 30 min at "
        "R760.00 an hour x 2 would come to R760.00 excluding VAT."
    )


def test_a_call_draws_on_what_is_left_of_the_included_hours():
    words, used = f"{OFFICE_HOURS}, 1 h a month, sunday deducts 2", Allowance()
    text = told(words, "Sun 22 Nov 02:00", 25)
    assert "costs nothing" in text
    assert text.endswith("; included hours pay for 25 min on a Sunday, 2 hours for one.")
    used.use((None, Month.of(at("Sun 22 Nov 02:00"), JOHANNESBURG)), Decimal(2400))
    text = told(words, "Sun 22 Nov 02:00", 32, used=used)
    assert (
        "included hours pay for 10 min on a Sunday, 2 hours for one; 22 min count as 30 min by steps of 15 min" in text
    )
    text = told(words, "Sun 22 Nov 02:00", 12, used=used)
    assert "costs R760.00" in text


def test_a_call_without_length_has_no_price():
    with pytest.raises(ValueError, match="a call of no length costs nothing, whatever the contract says"):
        told(OFFICE_HOURS, "Sun 22 Nov 02:00", 0)


def test_calls_that_count_as_one_say_so_and_keep_what_they_came_from():
    story = Story()
    for line in (
        f"card {OFFICE_HOURS}, merging within 20 min",
        "Tue 17 Nov 19:00 to 19:05 accepted",
        "Tue 17 Nov 19:20 to 19:30 accepted",
    ):
        story.hear(line)
    (line,) = charge(story.judged())
    assert "; 2 calls on one ticket count as one; 15 min count as 30 min by the minimum of 30 min;" in line.explanation
    assert ([one.source for one in line.stretches], line.key) == (["page 0", "page 1"], "page 0")
    assert (line.interval.start, line.interval.end) == (at("Tue 17 Nov 19:00"), at("Tue 17 Nov 19:30"))
    assert (line.terms.name, line.terms.version, line.versions) == (
        "office hours",
        1,
        {"holidays": len(story.holidays)},
    )


@pytest.mark.parametrize(
    ("one", "other", "state", "answered"),
    [
        ("accepted", "", State.TO_CHECK, "was not asked or did not answer"),
        ("", "refused", State.TO_CHECK, "refused overtime rates"),
        ("accepted", "accepted", State.BILLABLE, "accepted overtime rates"),
    ],
)
def test_of_calls_that_count_as_one_the_weightiest_answer_holds(one: str, other: str, state: State, answered: str):
    story = Story()
    story.hear(f"card {OFFICE_HOURS}, merging within 20 min")
    story.hear(f"Tue 17 Nov 19:00 to 19:05 {one}".strip())
    story.hear(f"Tue 17 Nov 19:10 to 19:15 {other}".strip())
    (line,) = charge(story.judged())
    assert (line.state, line.price) == (state, Decimal("570.00"))
    assert f"; the caller {answered};" in line.explanation


def test_a_correction_says_what_it_makes_good_and_why():
    story = Story()
    story.hear(f"card {OFFICE_HOURS}")
    story.hear("Sat 21 Nov 10:00 to 11:00 accepted")
    story.close()
    story.hear("Sat 21 Nov 10:00 to 10:20 accepted")
    (line,) = story.correct()
    assert line.explanation.startswith(
        "Correction of 2026-11, R1 140.00 become R570.00, because more is known: Billable: "
    )
    assert (line.corrects, line.month.name, line.amount) == ("page 0", "2026-12", Decimal("-570.00"))
