"""Phone numbers: stored as E.164, spoken digit by digit, masked in logs; what may be dialled or texted."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

REGION = "ZA"
NSN_LENGTH = 9  # South African numbers have nine digits after +27; the metadata also lets short ones pass
# A carrier says "no number" in words, or in the keypad spelling of those words as if it were E.164
# (ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN, BLOCKED). TWILIO.md §1.4.
SPELLED = ("266696687", "7378742833", "86282452253", "8656696", "2562533")
WITHHELD = {f"+{prefix}{digits}" for digits in SPELLED for prefix in ("", "1")}
COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN}
TEXTABLE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


class NotANumber(ValueError):
    """The text is not a telephone number that can be stored."""


def parse(text: str) -> str:
    """The E.164 form of a number as people write it in South Africa; raises NotANumber."""
    number = _valid(text)
    if number is None:
        raise NotANumber(f"{text!r} is not a telephone number")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def caller(raw: str) -> str | None:
    """The number behind a caller ID, or None if it is withheld or no number at all (a claim, never proof)."""
    plain = re.sub("^sips?:", "", raw.strip()).partition("@")[0].partition(";")[0]
    if plain in WITHHELD or not plain.startswith("+"):
        return None
    number = _valid(plain)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else None


def may_dial(e164: str) -> bool:
    """Whether we ring this number: a real one that does not cost by the minute (toll fraud)."""
    number = _valid(e164) if e164.startswith("+") else None
    return number is not None and phonenumbers.number_type(number) not in COSTLY


def may_text(e164: str) -> bool:
    """Whether an SMS can reach this number, as far as its digits tell."""
    number = _valid(e164) if e164.startswith("+") else None
    return number is not None and phonenumbers.number_type(number) in TEXTABLE


def shown(e164: str) -> str:
    """As local people write it: nationally at home, internationally abroad."""
    number = phonenumbers.parse(e164)
    home = number.country_code == phonenumbers.country_code_for_region(REGION)
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if home else PhoneNumberFormat.INTERNATIONAL)


def spoken(e164: str) -> str:
    """Digit by digit in the groups in which it is written, for a voice to read."""
    groups = re.findall(r"plus|\d+", shown(e164).replace("+", "plus "))
    return ", ".join(group if group == "plus" else " ".join(group) for group in groups)


def masked(raw: str | None) -> str:
    """For logs: enough to recognise a number one already knows."""
    if not raw:
        return "withheld"
    return f"{raw[:3]}…{raw[-3:]}" if len(raw) > 7 else "…"


def _valid(text: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, REGION)
    except NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    home = number.country_code == phonenumbers.country_code_for_region(REGION)
    if home and len(phonenumbers.national_significant_number(number)) != NSN_LENGTH:
        return None
    return number
