"""A mail is read whatever its bytes are: each of the nasty mails as expected, and any other without an error."""

from __future__ import annotations

import re
from datetime import UTC
from time import process_time
from types import EllipsisType
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mails import THEMES, giants, nasty, small
from mails.mail import file, letter, parted, text
from tickets.mail import limits
from tickets.mail.received import Received, file_of, read

if TYPE_CHECKING:
    from mails.mail import Expected, Mail

UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
HEADERS = [b"From: ", b"Subject: ", b"Date: ", b"Message-ID: ", b"Return-Path: <>", b"Content-Type: ", b"\r\n", b"\n\n"]
TYPES = [b"multipart/mixed; boundary=b", b"multipart/report", b"message/rfc822", b"text/html", b"application/ms-tnef"]
TYPES += [b"message/delivery-status", b"text/calendar", b"charset=utf-16", b"name*0*=", b"%00", b"BEGIN:VEVENT"]
WAYS = [b"Content-Transfer-Encoding: base64", b"quoted-printable", b"Content-Disposition: attachment; filename="]
SIGNS = [
    b"--b",
    b"--b--",
    b"=?utf-8?q?",
    b"?=",
    b"a@b.c",
    b"<",
    b">",
    b'"',
    b"(",
    b" ",
    b"\t",
    b"\0",
    b"\xff",
    b"\r",
    b"\n",
]
PIECES = st.sampled_from([*HEADERS, *TYPES, *WAYS, *SIGNS, b"On x wrote:", b"> ", b"-- ", b"==", b"<a href="])


@pytest.mark.parametrize("mail", [pytest.param(mail, id=mail.name) for mail in small()])
def test_a_nasty_mail_is_read_as_expected(mail: Mail):
    received = read(mail.raw)
    holds(received, mail.expected)
    is_storable(received)


@pytest.mark.parametrize("title", giants.GIANTS)
def test_a_large_mail_is_read_within_limits(title: str):
    mail = giants.made(title)
    received = read(mail.raw)
    holds(received, mail.expected)
    is_storable(received)


@pytest.mark.parametrize("written", ['"' + r"\"" * 14_000, '"' + r"\"" * 14_000 + '"@x', '"' + r"\"" * 14_000 + "\\"])
def test_quotation_marks_without_end_are_read_once_and_not_once_for_each_of_them(written: str):
    began = process_time()
    assert read(letter(From=f"{written} <sipho@harbour.example>")).recipients
    assert process_time() - began < 2  # seconds of work; it was half a minute, in which nobody was paged


def test_there_are_many_and_no_two_are_alike():
    mails = nasty()
    assert len(mails) >= 150
    assert len({name for name, _, _ in mails}) == len(mails)
    assert len({raw for _, raw, _ in mails}) >= len(mails) - 2
    assert all(len(theme) >= 9 for theme in THEMES.values())


def holds(received: Received, expected: Expected) -> None:
    """Everything that is expected of a mail."""
    same = {
        "sender": received.sender.address,
        "name": received.sender.name,
        "subject": received.subject,
        "files": tuple(file.name for file in received.files),
        "sizes": tuple(file.size for file in received.files),
        "date": received.sent_at and received.sent_at.isoformat(),
        "message_id": received.message_id,
        "references": received.references,
        "recipients": received.recipients,
    }
    for name, value in same.items():
        if getattr(expected, name) is not ...:
            assert value == getattr(expected, name), name
    says(received.text, expected.text)
    says(received.shown, expected.shown)
    assert [word for word in expected.not_text if word in received.text] == []
    assert [word for word in expected.not_shown if word in received.shown] == []
    assert (received.automatic and received.automatic.kind) == expected.kind
    assert (received.automatic.failed if received.automatic else ()) == expected.failed
    says("\n".join(received.faults), expected.fault)


def says(said: str, expected: str | tuple[str, ...] | EllipsisType) -> None:
    if expected == "":
        assert said.strip() == ""
    elif not isinstance(expected, EllipsisType):
        for words in (expected,) if isinstance(expected, str) else expected:
            assert words in said


def is_storable(received: Received) -> None:
    """PostgreSQL takes every text of it, and each has its limit."""
    one_line = [received.subject, received.sender.name, received.sender.raw, received.sender.address or ""]
    one_line += [*received.references, *received.recipients, received.message_id or "", *received.faults]
    one_line += [words for file in received.files for words in (file.name, file.type)]
    one_line += [received.automatic.why, *received.automatic.failed] if received.automatic else []
    for words in [*one_line, received.text, received.shown]:
        assert not UNSTORABLE.search(words)
        words.encode()
    assert not [words for words in one_line if "\n" in words or len(words) > 600]
    assert len(received.text) <= limits.TEXT
    assert len(received.shown) <= limits.SHOWN
    assert len(received.files) <= limits.PARTS
    assert not received.sent_at or received.sent_at.tzinfo == UTC
    assert all("/" not in file.name and "\\" not in file.name and file.name.strip(". ") for file in received.files)


@given(st.binary(max_size=2000))
@settings(max_examples=300)
def test_any_bytes_are_read_and_can_be_stored(raw: bytes):
    is_storable(read(raw))


@given(st.lists(PIECES | st.binary(max_size=6), max_size=60))
@settings(max_examples=600)
def test_any_pieces_of_mails_are_read_and_can_be_stored(pieces: list[bytes]):
    received = read(b"".join(pieces))
    is_storable(received)
    for one in received.files:
        assert len(file_of(b"".join(pieces), one.number)) == one.size


@given(st.data())
@settings(max_examples=600, suppress_health_check=[HealthCheck.data_too_large])
def test_a_nasty_mail_that_was_damaged_is_read_and_can_be_stored(data: st.DataObject):
    raw = bytearray(data.draw(st.sampled_from(SMALL)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        match data.draw(st.sampled_from(["cut", "flip", "drop", "double", "put"])):
            case "cut":
                del raw[at:]
            case "flip" if at < len(raw):
                raw[at] ^= 1 << data.draw(st.integers(0, 7))
            case "drop":
                del raw[at : raw.find(b"\n", at) + 1 or len(raw)]
            case "double":
                raw[at:at] = raw[at : at + 40]
            case "put":
                raw[at:at] = data.draw(PIECES)
    is_storable(read(bytes(raw)))


SMALL = [mail.raw for mail in small() if len(mail.raw) < 10_000]


@pytest.mark.parametrize("theme", THEMES)
def test_every_mail_is_read_wherever_it_is_cut_off(theme: str):
    for mail in THEMES[theme]:
        for at in range(0, min(len(mail.raw), 10_000), 1 + min(len(mail.raw), 10_000) // 40):
            is_storable(read(mail.raw[:at]))


@pytest.mark.parametrize("theme", THEMES)
def test_every_mail_is_read_without_any_of_its_lines(theme: str):
    for mail in THEMES[theme]:
        lines = mail.raw[:10_000].splitlines(keepends=True)
        for at in range(0, len(lines), 1 + len(lines) // 40):
            is_storable(read(b"".join(lines[:at] + lines[at + 1 :])))


def test_a_file_is_had_by_its_number():
    raw = parted("mixed", text(), *[_pdf(number) for number in (1, 2, 3)])
    assert [file_of(raw, file.number) for file in read(raw).files] == [b"%PDF 1", b"%PDF 2", b"%PDF 3"]


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_a_file_that_is_not_there_is_an_error_of_a_look_up(number: int):
    with pytest.raises(LookupError, match="has no file"):
        file_of(parted("mixed", text(), _pdf(1)), number)


def _pdf(number: int) -> bytes:
    return file(f"{number}.pdf", f"%PDF {number}".encode())


def test_the_text_is_kept_whole_where_less_is_shown():
    received = read(letter("Yes.\n\nOn Monday she wrote:\n> Well?\n"))
    assert (received.shown, received.text) == ("Yes.", "Yes.\n\nOn Monday she wrote:\n> Well?")
