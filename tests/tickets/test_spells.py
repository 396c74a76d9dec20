"""Whose a number or a mailbox was at which time, from what is known of when who had it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tickets.privacy import spells
from tickets.privacy.spells import EVER, NEVER, Spell

NUMBER, MAILBOX = "+27825550201", "till@karoo-clinic.example"
ANN, BEN = 1, 2


def day(number: int) -> datetime:
    return datetime(2026, 11, number, tzinfo=UTC)


def had(
    who: int | None, since: int | None, until: int | None = None, what: str = MAILBOX, *, former: bool = False
) -> Spell:
    days = [day(one) if one else None for one in (since, until)]
    return Spell(what, who, *days, is_former=former or until is not None)


def test_what_only_one_has_ever_had_was_always_theirs():
    assert spells.alone([had(ANN, 3)], {ANN}) == [(EVER, NEVER)]
    assert spells.alone([had(ANN, None)], {ANN}) == [(EVER, NEVER)]


def test_what_is_passed_on_is_of_each_in_their_time():
    those = [had(ANN, 3, 10), had(BEN, 10)]
    assert (spells.alone(those, {ANN}), spells.alone(those, {BEN})) == ([(day(3), day(10))], [(day(10), NEVER)])


def test_what_nobody_is_known_to_have_had_between_two_is_of_neither():
    those = [had(ANN, 3, 10), had(BEN, 12)]
    assert (spells.alone(those, {ANN}), spells.alone(those, {BEN})) == ([(day(3), day(10))], [(day(12), NEVER)])
    assert spells.alone(those, set(), asked_for=True) == [(EVER, day(3)), (day(10), day(12))]


def test_what_is_taken_again_was_not_theirs_in_between():
    those = [had(ANN, 3, 5), had(BEN, 5, 8), had(ANN, 8)]
    assert spells.alone(those, {ANN}) == [(day(3), day(5)), (day(8), NEVER)]
    assert spells.alone(those, {BEN}) == [(day(5), day(8))]


@pytest.mark.parametrize("until", [10, 12], ids=["both leave at once", "one stays longer"])
def test_a_mailbox_is_nobody_s_while_two_have_it(until: int):
    those = [had(ANN, 3, 10), had(BEN, 5, until)]
    assert spells.alone(those, {ANN}) == [(day(3), day(5))]
    assert spells.alone(those, {BEN}) == ([(day(10), day(12))] if until == 12 else [])


def test_a_mailbox_of_which_nobody_knows_since_when_another_has_it_is_not_known_to_be_theirs():
    those = [had(ANN, 3, 10), had(BEN, None)]
    assert (spells.alone(those, {ANN}), spells.alone(those, {BEN})) == ([], [(EVER, day(3)), (day(10), NEVER)])


def test_who_had_a_mailbox_since_nobody_knows_when_had_it_alone_until_another_came():
    those = [had(ANN, None, 10), had(BEN, 5)]
    assert (spells.alone(those, {ANN}), spells.alone(those, {BEN})) == ([(EVER, day(5))], [(day(10), NEVER)])


def test_a_number_is_one_s_at_a_time():
    """So it is another's since it was given up, also if nobody said when they got it."""
    those = [had(ANN, None, 10, NUMBER), had(BEN, None, what=NUMBER)]
    assert (spells.alone(those, {ANN}), spells.alone(those, {BEN})) == ([(EVER, day(10))], [(day(10), NEVER)])


def test_what_another_had_until_nobody_knows_when_is_nobody_s():
    those = [had(ANN, 3, None, NUMBER, former=True), had(BEN, 5, None, NUMBER)]
    assert (spells.alone(those, {ANN}), spells.alone(those, {BEN})) == ([], [])


def test_what_a_colleague_has_is_nobody_else_s():
    assert spells.alone([had(ANN, 3, 10), had(None, None)], {ANN}) == []


def test_what_was_mistyped_and_put_right_was_nobody_s_of_ours_before_and_after():
    those = [had(ANN, 3, 10)]
    assert spells.alone(those, {ANN}) == [(day(3), day(10))]
    assert spells.alone(those, set(), asked_for=True) == [(EVER, day(3)), (day(10), NEVER)]


def test_what_somebody_has_still_was_theirs_before_they_were_added():
    assert spells.alone([had(ANN, 3), had(BEN, 5, 8)], {ANN}) == [(EVER, day(5)), (day(8), NEVER)]


def test_what_was_put_right_in_the_same_instant_was_nobody_s():
    assert spells.alone([had(ANN, 3, 3)], {ANN}) == []


def test_two_contacts_of_one_person_have_it_together():
    assert spells.alone([had(ANN, 3, 10), had(BEN, 10)], {ANN, BEN}) == [(day(3), NEVER)]


def test_what_somebody_asks_for_is_theirs_when_it_was_no_other_contact_s():
    those = [had(ANN, 3, 5), had(BEN, 6, 8)]
    assert spells.alone(those, {ANN}, asked_for=True) == [(EVER, day(6)), (day(8), NEVER)]
