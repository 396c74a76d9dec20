"""Mails within mails: forwarded whole, forwarded as text, and forwarded again."""

from __future__ import annotations

from mails.mail import file, letter, mail, multi, part, parted, text

INNER = letter("The till of Anna is broken.", From="Anna <anna@mill.example>", Subject="Till 4")
INLINE = """Please see below.

---------- Forwarded message ---------
From: Anna <anna@mill.example>
Date: Mon, 23 Nov 2026 at 09:00
Subject: Till 4
To: Sipho

The till of Anna is broken.
"""
OUTLOOK = """Sien onder.

Van: Anna <anna@mill.example>
Gestuur: Maandag 23 November 2026 09:00
Aan: Sipho
Onderwerp: Till 4

The till of Anna is broken.
"""


def chain(length: int) -> bytes:
    """A mail forwarded so often, each time whole."""
    raw = INNER
    for number in range(length):
        raw = letter(raw, "message/rfc822", Subject=f"Fwd {number}")
    return raw


MAILS = [
    mail(
        "forwarded whole",
        parted("mixed", text("Please see."), part("message/rfc822", INNER)),
        text=("Please see.", "Forwarded mail\nFrom: Anna <anna@mill.example>", "The till of Anna is broken."),
        shown="Please see.",
        files=("Till 4.eml",),
        sizes=(len(INNER),),
        sender="sipho@harbour.example",
    ),
    mail("forwarded whole without a word", letter(INNER, "message/rfc822"), shown="The till of Anna is broken."),
    mail(
        "forwarded whole with files",
        parted(
            "mixed", text("See."), part("message/rfc822", parted("mixed", text("Till"), file("till.pdf"), cut="inner"))
        ),
        files=("The till is broken.eml", "till.pdf"),
    ),
    mail("forwarded five times over", chain(5), text="The till of Anna is broken.", fault=""),
    mail("forwarded a hundred times over", chain(100), fault="deep"),
    mail(
        "forwarded in base64",
        parted(
            "mixed",
            text("See."),
            part("message/rfc822", "U3ViamVjdDogVGlsbCA0CgpCcm9rZW4u", Content_Transfer_Encoding="base64"),
        ),
        text="Broken.",
        files=("Till 4.eml",),
    ),
    mail(
        "forwarded: nothing",
        parted("mixed", text("See."), part("message/rfc822", "")),
        text="See.",
        files=("file-1.eml",),
    ),
    mail(
        "forwarded with a path for a subject",
        letter(letter(Subject="../../till"), "message/rfc822"),
        files=("_.._till.eml",),
    ),
    mail("forwarded by Gmail", letter(INLINE, Subject="Fwd: Till 4"), shown="The till of Anna is broken."),
    mail(
        "forwarded by Gmail under another subject", letter(INLINE, Subject="Help"), shown="The till of Anna is broken."
    ),
    mail("forwarded by Outlook", letter(OUTLOOK, Subject="FW: Till 4"), shown="The till of Anna is broken."),
    mail("forwarded by Outlook in Afrikaans", letter(OUTLOOK, Subject="Deurgestuur: Till 4"), shown="The till of Anna"),
    mail(
        "forwarded by an iPhone",
        letter(
            "Look.\n\nBegin forwarded message:\n\n> From: Anna\n> Subject: Till 4\n>\n> It broke.\n",
            Subject="Fwd: Till 4",
        ),
        shown="It broke.",
    ),
    mail(
        "a bounce that a person forwards",
        parted(
            "mixed",
            text("What is this?"),
            part(
                "message/rfc822",
                letter(
                    "Action: failed",
                    "message/delivery-status",
                    From="MAILER-DAEMON@x.example",
                    Auto_Submitted="auto-replied",
                ),
            ),
        ),
        kind=None,
        text="What is this?",
    ),
    mail(
        "a digest within a mail",
        parted("mixed", text("See."), multi("digest", b"\r\n" + INNER, b"\r\n" + INNER, cut="inner")),
        files=("Till 4.eml", "Till 4.eml"),
    ),
]
