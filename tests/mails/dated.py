"""When it was sent and what it is called: dates of other centuries, names that are missing, doubled or broken."""

from __future__ import annotations

from mails.mail import letter, mail


def dated(date: str | None) -> bytes:
    return letter(Date=date)


def called(message_id: object, **more: object) -> bytes:
    return letter(Message_ID=message_id, **more)


MAILS = [
    mail("a date", dated("Mon, 23 Nov 2026 10:00:00 +0200"), date="2026-11-23T08:00:00+00:00", fault=""),
    mail("no date", dated(None), date=None, fault=""),
    mail("a date of 1899", dated("Sun, 31 Dec 1899 00:00:00 +0000"), date=None, fault="its date cannot be right"),
    mail("a date of 9999", dated("Fri, 31 Dec 9999 23:59:59 -1200"), date=None, fault="its date"),
    mail("a date of 1970", dated("Thu, 1 Jan 1970 00:00:00 +0000"), date=None, fault="its date cannot be right"),
    mail("a date of nonsense", dated("yesterday evening"), date=None, fault="its date cannot be read"),
    mail("the 45th of a month", dated("Mon, 45 Nov 2026 10:00:00 +0200"), date=None, fault="its date cannot be read"),
    mail("a zone beyond the world", dated("Mon, 23 Nov 2026 10:00:00 +9999"), date=None),
    mail("a zone of thirty figures", dated("Mon, 23 Nov 2026 10:00:00 +" + "9" * 30), date=None),
    mail("a zone in words", dated("Mon, 23 Nov 2026 10:00:00 EST"), date="2026-11-23T15:00:00+00:00"),
    mail("no zone", dated("Mon, 23 Nov 2026 10:00:00"), date="2026-11-23T10:00:00+00:00"),
    mail("a comment after the date", dated("Mon, 23 Nov 2026 10:00:00 +0200 (SAST)"), date="2026-11-23T08:00:00+00:00"),
    mail("figures of another script", dated("Mon, ٢٣ Nov ٢٠٢٦ 10:00:00 +0200"), date=...),
    mail("a date of a megabyte", dated("9" * 100_000), date=None),
    mail("no Message-ID", called(None), message_id=None, fault=""),
    mail("an empty Message-ID", called("<>"), message_id=None),
    mail("two Message-IDs", called(["<first@x.example>", "<second@x.example>"]), message_id="<first@x.example>"),
    mail("blanks in a Message-ID", called("< a b@x.example >"), message_id="<ab@x.example>"),
    mail("a Message-ID of two lines", called("<till-\n 1@x.example>"), message_id="<till-1@x.example>"),
    mail("a Message-ID without brackets", called("till-1@x.example"), message_id="<till-1@x.example>"),
    mail("a Message-ID without an @", called("<till-1>"), message_id="<till-1>"),
    mail("a Message-ID of NULs", called(b"<till\0-1@x.example>"), message_id="<till-1@x.example>"),
    mail("a Message-ID in 8 bits", called("<kassa-é@x.example>".encode("latin-1")), message_id="<kassa-é@x.example>"),
    mail("a Message-ID of ten thousand letters", called(f"<{'a' * 10_000}@x>"), message_id=f"<{'a' * 498}>"),
    mail(
        "references in order",
        called(None, References="<1@x>\n <2@x> <3@x>", In_Reply_To="<3@x>"),
        references=("<1@x>", "<2@x>", "<3@x>"),
    ),
    mail(
        "an answer to an older one",
        called(None, References="<1@x> <2@x>", In_Reply_To="<1@x>"),
        references=("<2@x>", "<1@x>"),
    ),
    mail("references with commas", called(None, References="<1@x>,<2@x>"), references=("<1@x>", "<2@x>")),
    mail("references without brackets", called(None, References="1@x 2@x"), references=("<1@x>", "<2@x>")),
    mail("an answer to words", called(None, In_Reply_To='Your message of "Mon" <1@x>'), references=("<1@x>",)),
    mail("references broken by folding", called(None, References="<1@\n x> <2@x\n >"), references=("<1@x>", "<2@x>")),
    mail(
        "a thousand references",
        called(None, References="\n ".join(f"<{number}@x>" for number in range(1000))),
        references=tuple(f"<{number}@x>" for number in range(900, 1000)),
    ),
]
