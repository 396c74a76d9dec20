"""Names of files that are paths, commands or backwards; files of Outlook and of calendars."""

from __future__ import annotations

import struct

from mails.mail import file, letter, mail, part, parted, text

INVITE = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Look at the till\\, together
DTSTART;TZID=Africa/Johannesburg:20261124T100000
DTEND;TZID=Africa/Johannesburg:20261124T110000
LOCATION:Mill
  Lane
ORGANIZER;CN="Khumalo; Sipho":mailto:sipho@harbour.example
END:VEVENT
END:VCALENDAR
"""


def named(disposition: str | bytes, kind: str = "application/pdf") -> bytes:
    return parted("mixed", text(), part(kind, b"%PDF", Content_Disposition=disposition))


def winmail(*attributes: tuple[int, bytes]) -> bytes:
    """Outlook's envelope: a mark, a key, and attributes of a level, a name, a length, content and a sum."""
    body = b"".join(struct.pack("<BII", 1, name, len(what)) + what + b"\0\0" for name, what in attributes)
    return struct.pack("<IH", 0x223E9F78, 1) + body


def outlook(content: bytes) -> bytes:
    return parted("mixed", text(""), file("winmail.dat", content, "application/ms-tnef"))


MAILS = [
    mail("a name that is a path", named('attachment; filename="../../etc/passwd"'), files=("passwd",)),
    mail(
        "a name that is a path of Windows", named(r'attachment; filename="C:\\fakepath\\till.pdf"'), files=("till.pdf",)
    ),
    mail("a name of dots", named('attachment; filename=".."'), files=("file-1.pdf",)),
    mail("a hidden name", named('attachment; filename=".htaccess"'), files=("htaccess",)),
    mail("an empty name", named('attachment; filename=""'), files=("file-1.pdf",)),
    mail("no name", named("attachment"), files=("file-1.pdf",)),
    mail("a name with a NUL", named(b'attachment; filename="till\0.pdf.exe"'), files=("till.pdf.exe",)),
    mail(
        "a name with a line break",
        named('attachment; filename="=?utf-8?q?till=0D=0AX:_y.pdf?="'),
        files=("till X_ y.pdf",),
    ),
    mail("a name of a device", named('attachment; filename="CON.txt"'), files=("_CON.txt",)),
    mail("a name with signs of shells", named('attachment; filename="a|b<c>?*.pdf"'), files=("a_b_c___.pdf",)),
    mail(
        "a name that turns round",
        named('attachment; filename="=?utf-8?b?dGlsbOKArmZkcC5leGU=?="'),
        files=("tillfdp.exe",),
    ),
    mail(
        "a name of unseen signs", named('attachment; filename="=?utf-8?b?dOKAi2nigI9sbC5wZGY=?="'), files=("till.pdf",)
    ),
    mail(
        "a name of a thousand letters", named(f'attachment; filename="{"a" * 1000}.pdf"'), files=("a" * 146 + ".pdf",)
    ),
    mail("a name in RFC 2231", named("attachment; filename*=utf-8''M%C3%B4re%20till.pdf"), files=("Môre till.pdf",)),
    mail(
        "a name in RFC 2231 that is a path",
        named("attachment; filename*=utf-8''..%2F..%2Ftill.pdf"),
        files=("till.pdf",),
    ),
    mail("a name in RFC 2231 in pieces", named('attachment; filename*0="till "; filename*1*=%C3%B4.pdf'), files=...),
    mail(
        "a name in RFC 2231 of no charset", named("attachment; filename*=x-none'en'till%E9.pdf"), files=("tillé.pdf",)
    ),
    mail(
        "a name in encoded words",
        named('attachment; filename="=?utf-8?q?M=C3=B4re?= =?utf-8?q?_till.pdf?="'),
        files=("Môre till.pdf",),
    ),
    mail("a name in raw letters", named('attachment; filename="Môre.pdf"'), files=("Môre.pdf",)),
    mail(
        "a name in the type alone",
        parted("mixed", text(), part("application/pdf; name=till.pdf", b"%PDF")),
        files=("till.pdf",),
    ),
    mail("a name without quotation marks", named("attachment; filename=my till.pdf"), files=("my till.pdf",)),
    mail("a name with a semicolon in it", named('attachment; filename="a;b.pdf"'), files=("a;b.pdf",)),
    mail(
        "two files of one name",
        parted("mixed", text(), file("a.pdf", b"1"), file("a.pdf", b"22")),
        files=("a.pdf", "a.pdf"),
        sizes=(1, 2),
    ),
    mail("a file of nothing", parted("mixed", text(), file("a.pdf", b"")), files=("a.pdf",), sizes=(0,)),
    mail(
        "a page as a file",
        parted("mixed", text("Till"), file("a.html", b"<script>x</script>", "text/html")),
        text="Till",
        not_text=("script",),
        files=("a.html",),
    ),
    mail(
        "winmail.dat with a text",
        outlook(winmail((0x00018004, b"Till\0"), (0x0002800C, b"The till is broken.\0"))),
        text="The till is broken.",
        files=("winmail.dat",),
    ),
    mail(
        "winmail.dat without a text",
        outlook(winmail((0x00069003, b"\0" * 40))),
        text="",
        files=("winmail.dat",),
        fault="winmail.dat",
    ),
    mail(
        "winmail.dat cut off",
        outlook(winmail((0x0002800C, b"The till"))[:11]),
        text="",
        files=("winmail.dat",),
        fault="winmail.dat",
    ),
    mail(
        "winmail.dat with lengths that lie",
        outlook(winmail() + struct.pack("<BII", 1, 1, 2**32 - 1) * 3),
        files=("winmail.dat",),
        fault="winmail.dat",
    ),
    mail(
        "winmail.dat by another type",
        parted("mixed", file("WINMAIL.DAT", winmail((0x0002800C, b"Till\0")), "application/octet-stream")),
        text="Till",
    ),
    mail("winmail.dat that is something else", outlook(b"hello"), files=("winmail.dat",), fault="winmail.dat"),
    mail(
        "an invitation",
        letter(INVITE, "text/calendar; method=REQUEST; charset=utf-8"),
        text=(
            "Invitation: Look at the till, together",
            "2026-11-24 10:00 Africa/Johannesburg to 2026-11-24 11:00",
            "Mill Lane",
            "by sipho@harbour.example",
        ),
        files=("file-1.ics",),
    ),
    mail(
        "an invitation beside its text",
        parted("alternative", text("Please come."), part("text/calendar; charset=utf-8", INVITE)),
        text=("Please come.", "Invitation: Look at the till, together"),
        files=("file-1.ics",),
    ),
    mail(
        "an invitation for the whole day",
        letter("BEGIN:VEVENT\nSUMMARY:Till\nDTSTART;VALUE=DATE:20261124\nEND:VEVENT", "text/calendar"),
        text="Appointment: Till\n2026-11-24",
    ),
    mail(
        "an invitation of nonsense",
        letter("BEGIN:VEVENT\nDTSTART:later\nX\n;;:::\n", "text/calendar"),
        text="later",
        files=("file-1.ics",),
    ),
    mail(
        "an invitation that was called off",
        letter(INVITE.replace("REQUEST", "CANCEL"), "text/calendar"),
        text="Cancelled: Look at the till",
    ),
    mail(
        "a card of addresses",
        parted("mixed", text("Till"), part("text/vcard; name=sipho.vcf", "BEGIN:VCARD")),
        text="Till",
        files=("sipho.vcf",),
    ),
    mail(
        "a file that was not sent along",
        parted("mixed", text("Till"), part("message/external-body; access-type=URL", "x")),
        text="Till",
        fault="was not sent with it",
    ),
    mail(
        "a piece of a mail",
        letter("half a till", "message/partial; number=2; total=3; id=x"),
        fault="piece 2",
        files=("file-1.bin",),
    ),
]
