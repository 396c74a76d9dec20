"""Parts within parts: boundaries that are missing, doubled, wrong or never closed."""

from __future__ import annotations

from mails.mail import CUT, between, file, html, letter, mail, multi, part, parted, text

BOTH = (text("The till is broken."), file("till.pdf"))

MAILS = [
    mail(
        "a text and a file",
        parted("mixed", *BOTH),
        text="The till is broken.",
        files=("till.pdf",),
        sizes=(19,),
        fault="",
    ),
    mail(
        "no boundary declared",
        letter(between(*BOTH), "multipart/mixed"),
        text="The till is broken.",
        files=("till.pdf",),
        fault="was guessed",
    ),
    mail(
        "another boundary declared",
        letter(between(*BOTH), "multipart/mixed; boundary=other"),
        text="The till is broken.",
        files=("till.pdf",),
        fault="was guessed",
    ),
    mail(
        "a boundary that never comes",
        letter("The till is broken.", "multipart/mixed; boundary=other"),
        text="The till is broken.",
        fault="has none",
    ),
    mail("no part at all", letter(f"--{CUT}--\n", f"multipart/mixed; boundary={CUT}"), files=()),
    mail(
        "a last part that is never closed",
        parted("mixed", *BOTH)[: -len(CUT) - 8],
        text="The till is broken.",
        files=("till.pdf",),
    ),
    mail(
        "cut off within a file",
        parted("mixed", *BOTH)[: -len(CUT) - 16],
        text="The till is broken.",
        files=("till.pdf",),
    ),
    mail(
        "blanks after a boundary",
        parted("mixed", *BOTH).replace(b"cut-here\r\n", b"cut-here  \t\r\n"),
        text="The till is broken.",
        files=("till.pdf",),
    ),
    mail(
        "one boundary for two levels",
        parted("mixed", multi("alternative", text("The plain till"), html("<p>Till"))),
        text="The plain till",
    ),
    mail(
        "a boundary that begins as another",
        parted("mixed", multi("mixed", *BOTH, cut="cut-here-too")),
        text="The till is broken.",
        files=("till.pdf",),
    ),
    mail(
        "a boundary with the signs of patterns",
        parted("mixed", *BOTH, cut="=_(.*)+?[a]"),
        text="The till is broken.",
        files=("till.pdf",),
    ),
    mail("a boundary of one sign", parted("mixed", *BOTH, cut="-"), text="The till is broken.", files=("till.pdf",)),
    mail(
        "an empty boundary",
        letter(between(*BOTH), 'multipart/mixed; boundary=""'),
        text="The till is broken.",
        fault="was guessed",
    ),
    mail(
        "a boundary in quotation marks with blanks",
        parted("mixed", *BOTH, cut="a b c"),
        text="The till is broken.",
        files=("till.pdf",),
    ),
    mail(
        "parts after the last",
        parted("mixed", text("The till")) + b"\r\n" + between(file("late.pdf")),
        text="The till",
        files=("late.pdf",),
    ),
    mail(
        "words before and after the parts",
        letter(b"Not for people\r\n" + between(text("The till")) + b"Nor this\r\n", f"multipart/mixed; boundary={CUT}"),
        text="The till",
        not_text=("people", "Nor"),
    ),
    mail(
        "a part without headers",
        letter(f"--{CUT}\n\nThe till\n--{CUT}--\n", f"multipart/mixed; boundary={CUT}"),
        text="The till",
    ),
    mail(
        "a part without an empty line",
        letter(f"--{CUT}\nThe till is broken\n--{CUT}--\n", f"multipart/mixed; boundary={CUT}"),
        text="The till is broken",
    ),
    mail("parts of an unknown kind", parted("harbour", *BOTH), text="The till is broken.", files=("till.pdf",)),
    mail(
        "two texts",
        parted("mixed", text("First."), file("a.pdf"), text("Second.")),
        text=("First.\n\nSecond.",),
        files=("a.pdf",),
    ),
    mail(
        "related within alternative within mixed",
        parted(
            "mixed",
            multi(
                "alternative",
                text("The plain till"),
                multi(
                    "related",
                    html("<p>Till<img src=cid:1>"),
                    part("image/png", b"\x89PNG", Content_ID="<1>"),
                    cut="inner",
                ),
                cut="middle",
            ),
            file("till.pdf"),
        ),
        text="The plain till",
        files=("file-1.png", "till.pdf"),
    ),
    mail(
        "a text that is said to be a file, alone",
        letter("The till is broken.", Content_Disposition="attachment"),
        text="The till is broken.",
        files=("file-1.txt",),
    ),
    mail(
        "a text with a name, first",
        parted("mixed", part("text/plain; name=message.txt", "The till"), file("a.pdf")),
        text="The till",
        files=("a.pdf",),
    ),
    mail(
        "a text with a name, second",
        parted("mixed", text("The till"), part("text/plain; name=log.txt", "error 4")),
        text="The till",
        not_text=("error",),
        files=("log.txt",),
    ),
    mail(
        "only a file", letter(b"%PDF-1.7", "application/pdf; name=till.pdf"), text="", files=("till.pdf",), sizes=(8,)
    ),
    mail("a type that a part does not say", parted("mixed", part("", "The till")), text="The till"),
    mail(
        "a digest",
        parted("digest", b"\r\n" + letter("The first till"), b"\r\n" + letter("The second till")),
        text=("The first till", "The second till"),
    ),
]
