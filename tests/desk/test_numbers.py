"""Telephone numbers: what is stored, who rang, what may be dialled or texted, how it is shown and said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import numbers
from desk.numbers import NotANumber


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("0878090263", "+27878090263"),
        ("087 809 0263", "+27878090263"),
        ("0027878090263", "+27878090263"),
        ("+27 (0)87 809 0263", "+27878090263"),
        ("27825550101", "+27825550101"),  # as a spreadsheet leaves it
        ("tel:+27-82-555-0101", "+27825550101"),
        ("+44 20 7946 0958", "+442079460958"),
        ("+266 2231 2345", "+26622312345"),  # Lesotho, whose code begins the keypad spelling of ANONYMOUS
        ("0862345678", "+27862345678"),  # premium: a number, though none to dial
    ],
)
def test_numbers_as_people_write_them(text: str, e164: str):
    assert numbers.parse(text) == e164


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "thandi",
        "082 55",
        "082123",
        "+2782123",
        "112",
        "10111",
        "087 809 026",
        "2.78E+10",
        "082 555 0101 / 082 555 0102",
    ],
)
def test_what_is_no_number(text: str):
    with pytest.raises(NotANumber, match="is not a telephone number"):
        numbers.parse(text)


SPELLED = ["266696687", "7378742833", "86282452253", "8656696", "2562533"]
IN_WORDS = ["anonymous", "Anonymous", "unknown", "RESTRICTED", "private", "unavailable", "blocked", "withheld", ""]


@pytest.mark.parametrize(
    "raw",
    [
        *IN_WORDS,
        *(f"+{digits}" for digits in SPELLED),
        *(f"+1{digits}" for digits in SPELLED),
        "sip:anonymous@anonymous.invalid",
        "sip:alice@example.sip.twilio.com",
        "client:thandi",
        "+",
        "+0",
        "+082123",
        "+2782123",
        "0825550201",  # a carrier writes E.164; anything else is no claim that can be checked
    ],
)
def test_callers_without_a_number(raw: str):
    assert numbers.caller(raw) is None


@pytest.mark.parametrize(
    ("raw", "e164"),
    [
        ("+27825550201", "+27825550201"),
        (" +27825550201 ", "+27825550201"),
        ("sip:+27825550201@example.sip.twilio.com", "+27825550201"),
        ("+26622312345", "+26622312345"),
        ("+12125550123", "+12125550123"),
    ],
)
def test_callers_with_a_number(raw: str, e164: str):
    assert numbers.caller(raw) == e164


@pytest.mark.parametrize(
    ("number", "dial", "text"),
    [
        ("+27825550101", True, True),
        ("+27635550101", True, True),
        ("+27111234567", True, False),  # Johannesburg, a fixed line
        ("+27878090263", True, False),  # 087 is voice over IP
        ("+27872851234", True, True),  # but for the sub-ranges that are mobile
        ("+27800123456", True, False),  # toll free
        ("+27860123456", False, False),  # shared cost
        ("+27861123456", False, False),  # 0861, universal access
        ("+27862345678", False, False),  # premium from here on
        ("+27869345678", False, False),
        ("+27901234567", False, False),
        ("+27921234567", False, False),
        ("+19002345678", False, False),
        ("+27821234", False, False),  # short, though the metadata calls it valid
        ("0825550101", False, False),
        ("anonymous", False, False),
        ("", False, False),
    ],
)
def test_what_may_be_dialled_and_texted(number: str, dial: bool, text: bool):
    assert (numbers.may_dial(number), numbers.may_text(number)) == (dial, text)


@pytest.mark.parametrize(
    ("e164", "shown", "spoken"),
    [
        ("+27878090263", "087 809 0263", "0 8 7, 8 0 9, 0 2 6 3"),
        ("+27825550101", "082 555 0101", "0 8 2, 5 5 5, 0 1 0 1"),
        ("+442079460958", "+44 20 7946 0958", "plus, 4 4, 2 0, 7 9 4 6, 0 9 5 8"),
    ],
)
def test_shown_and_spoken(e164: str, shown: str, spoken: str):
    assert (numbers.shown(e164), numbers.spoken(e164)) == (shown, spoken)


@pytest.mark.parametrize(
    ("raw", "masked"),
    [("+27825550201", "+27…201"), (None, "withheld"), ("", "withheld"), ("+271234", "…"), ("112", "…")],
)
def test_masked(raw: str | None, masked: str):
    assert numbers.masked(raw) == masked


@given(st.text(max_size=40))
def test_any_caller_id_is_a_number_or_none(raw: str):
    found = numbers.caller(raw)
    assert found is None or numbers.parse(found) == found


@given(st.integers(600000000, 859999999))
def test_a_stored_number_survives_being_shown(national: int):
    e164 = f"+27{national}"
    if numbers.caller(e164):
        assert numbers.parse(numbers.shown(e164)) == e164
