"""Large mails, made when they are asked for: ten megabytes of each thing that there can be much of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mails.hostile import nested
from mails.mail import SIPHO, Mail, file, html, letter, mail, part, parted, text

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTES = 10_000_000


def filled(with_: bytes) -> bytes:
    return with_ * (MEGABYTES // len(with_))


def giant(title: str, make: Callable[[], bytes], **expected: object) -> tuple[str, Callable[[], Mail]]:
    return title, lambda: mail(title, make(), **expected)


GIANTS = dict(
    [
        giant(
            "ten megabytes of text",
            lambda: letter(filled(b"The till is broken.\r\n")),
            sender=SIPHO,
            text="The till",
            fault="longer than",
        ),
        giant("ten megabytes on one line", lambda: letter(filled(b"till ")), sender=SIPHO, fault="longer than"),
        giant("ten megabytes of hyphens", lambda: letter(filled(b"-"), From="MAILER-DAEMON@x.example"), kind="bounce"),
        giant("ten megabytes of empty lines", lambda: letter(filled(b"\r\n")), sender=SIPHO),
        giant("ten megabytes of quotation", lambda: letter(filled(b"> ")), sender=SIPHO, fault="longer than"),
        giant(
            "ten megabytes of attributions",
            lambda: letter(filled(b"On Monday she wrote:\n")),
            sender=SIPHO,
            fault="longer than",
        ),
        giant(
            "ten megabytes of HTML",
            lambda: letter(filled(b"<p>The till"), "text/html"),
            text="The till",
            fault="100000 tags",
        ),
        giant(
            "ten megabytes of open tags",
            lambda: letter(filled(b"<a "), "text/html"),
            sender=SIPHO,
            fault="longer than",
        ),
        giant(
            "ten megabytes of open comments",
            lambda: letter(filled(b"<!--"), "text/html"),
            sender=SIPHO,
            fault="longer than",
        ),
        giant(
            "ten megabytes of a picture in HTML",
            lambda: letter(b"<img src=data:image/png;base64," + filled(b"A") + b"> till", "text/html"),
            text="till",
        ),
        giant(
            "a file of seven megabytes",
            lambda: parted("mixed", text(), file("till.bin", b"till" * 1_750_000)),
            files=("till.bin",),
            sizes=(7_000_000,),
            fault="",
        ),
        giant(
            "a file in both forms",
            lambda: parted("mixed", text(), html("<p>Till"), file("a.bin", b"x" * 5_000_000)),
            files=("a.bin",),
            sizes=(5_000_000,),
        ),
        giant(
            "a hundred thousand parts",
            lambda: parted("mixed", *[part("text/plain", "x")] * 100_000),
            fault="more than 500 parts",
        ),
        giant("two hundred deep over ten megabytes", lambda: nested(200, filled(b"a\n")), sender=SIPHO, fault="deep"),
        giant("two million headers", lambda: letter(X=["y"] * 2_000_000), sender=SIPHO, fault="too many"),
        giant("ten megabytes of one header", lambda: letter(Subject=filled(b"x")), sender=SIPHO, fault="too many"),
    ]
)


def made(title: str) -> Mail:
    """The large mail of that title."""
    return GIANTS[title]()
