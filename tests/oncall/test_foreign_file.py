"""Files of shifts, whatever is in them: read, or told with the line of the fault; never an accident."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from oncall.foreign import People
from oncall.foreign_file import read

if TYPE_CHECKING:
    from random import Random

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PEOPLE = People.of([("thandi", "Thandi Nkosi", "thandi@x.example"), ("sipho", "Sipho", None), ("other", "Sipho", None)])
TABLE = b"rota,start,end,person,rings\nStandby,2026-11-24,2026-11-25T08:30+02:00,thandi,second\n"
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Somewhere\r\nBEGIN:STANDARD\r\n"
    b"DTSTART:19700101T000000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Somewhere:20261124T080000\r\nDURATION:PT9H\r\nRRULE:FREQ=DAILY;COUNT=3\r\n"
    b"EXDATE;TZID=Somewhere:20261125T080000\r\nATTENDEE;CN=Thandi Nkosi:mailto:t@x.example\r\nSUMMARY:On call\r\n"
    b"END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def garbled(text: bytes, dice: Random) -> bytes:
    """A few bytes lost, doubled, or another."""
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice([b"", bytes([dice.randrange(256)]), text[at : at + 9] * 2]) + text[at + 1 :]
    return text


def test_both_kinds_are_read() -> None:
    for text, number in ((TABLE, 1), (CALENDAR, 2)):
        file = read(text, "Standby", "Africa/Johannesburg", PEOPLE, NOW)
        assert (len(file.wanted), file.faults) == (number, ())
        assert {one.engineer for one in file.wanted} == {"thandi"}


def test_a_name_that_two_people_have_is_nobody_s() -> None:
    file = read(TABLE.replace(b"thandi", b"Sipho"), "Standby", "UTC", PEOPLE, NOW)
    assert [fault.text for fault in file.faults] == ["nobody here is called 'Sipho'"]


@given(st.sampled_from([TABLE, CALENDAR, b"", b"\0" * 9]), st.randoms(use_true_random=False))
def test_a_garbled_file_is_read_or_told(text: bytes, dice: Random) -> None:
    text = garbled(text, dice)
    file = read(text, "Standby", "Africa/Johannesburg", PEOPLE, NOW)
    assert file.wanted or file.faults or file.others or b"CANCELLED" in text
    assert all(1 <= fault.line <= text.count(b"\n") + text.count(b"\r") + 9 and fault.text for fault in file.faults)
    assert all(one.start < one.end for one in file.wanted)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_fault(text: bytes) -> None:
    assert read(text, "Standby", "UTC", PEOPLE, NOW).faults
