"""What a contract promises, as people write it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sla.clauses import ALWAYS, Clause, read
from sla.targets import ByAgreement, NextBusinessDay, Within

HOUR = timedelta(hours=1)
SAID = {
    "2 h": Clause(Within(2 * HOUR)),
    "within 2 h, aim 1 h": Clause(Within(2 * HOUR, aim=HOUR)),
    "1h 30min in Head  office hours": Clause(Within(1.5 * HOUR), "Head office"),
    "30 min, round the clock": Clause(Within(HOUR / 2), ALWAYS),
    "next business day": Clause(NextBusinessDay()),
    "3 business days": Clause(NextBusinessDay(3)),
    "by agreement": Clause(ByAgreement()),
}
REFUSED = {
    "soon": "'soon' is no promise",
    "": "'' is no promise",
    "-3 h": "is no promise",
    "0 h": "an aim lies between nothing and the breach",
    "1 h, aim 2 h": "an aim lies between nothing and the breach",
    "0 business days": "business days are counted from 1",
    "99999999999 h": "is over a year",
    "1 h in  hours": "is no promise",
}


@pytest.mark.parametrize("words", SAID)
def test_a_promise_is_read_and_written_back_in_words_that_are_read_alike(words: str):
    assert read(words) == SAID[words]
    assert read(str(read(words))) == read(words)


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_promise_is_refused_with_a_sentence(words: str):
    with pytest.raises(ValueError, match=REFUSED[words]):
        read(words)
