"""Large mails, made when they are asked for: ten megabytes of each thing that there can be much of."""

from __future__ import annotations

from mails.hostile import nested
from mails.mail import SIPHO, Mail, file, html, letter, mail, part, parted, text

MEGABYTES = 10_000_000


def filled(with_: bytes) -> bytes:
    return with_ * (MEGABYTES // len(with_))


def made() -> list[Mail]:
    return [
        mail("ten megabytes of text", letter(filled(b"The till is broken.\r\n")), sender=SIPHO, text="The till", fault="longer than"),
        mail("ten megabytes on one line", letter(filled(b"till ")), sender=SIPHO, fault="longer than"),
        mail("ten megabytes of empty lines", letter(filled(b"\r\n")), sender=SIPHO),
        mail("ten megabytes of quotation", letter(filled(b"> ")), sender=SIPHO, fault="longer than"),
        mail("ten megabytes of attributions", letter(filled(b"On Monday she wrote:\n")), sender=SIPHO, fault="longer than"),
        mail("ten megabytes of HTML", letter(filled(b"<p>The till"), "text/html"), text="The till", fault="100000 tags"),
        mail("ten megabytes of open tags", letter(filled(b"<a "), "text/html"), sender=SIPHO, fault="longer than"),
        mail("ten megabytes of open comments", letter(filled(b"<!--"), "text/html"), sender=SIPHO, fault="longer than"),
        mail("ten megabytes of a picture in HTML", letter(b"<img src=data:image/png;base64," + filled(b"A") + b"> till", "text/html"), text="till"),
        mail("a file of seven megabytes", parted("mixed", text(), file("till.bin", b"till" * 1_750_000)), files=("till.bin",), sizes=(7_000_000,), fault=""),
        mail("a file in both forms", parted("mixed", text(), html("<p>Till"), file("a.bin", b"x" * 5_000_000)), files=("a.bin",), sizes=(5_000_000,)),
        mail("a hundred thousand parts", parted("mixed", *[part("text/plain", "x")] * 100_000), fault="more than 500 parts"),
        mail("two hundred deep over ten megabytes", nested(200, filled(b"a\n")), sender=SIPHO, fault="deep"),
        mail("two million headers", letter(X=["y"] * 2_000_000), sender=SIPHO, fault="too many"),
        mail("ten megabytes of one header", letter(Subject=filled(b"x")), sender=SIPHO, fault="too many"),
    ]
