"""How it was encoded for the way, and what happened to it there."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from binascii import b2a_uu

from mails.mail import letter, mail, part, parted, text

LONG = "The till is broken. " * 20
BASE64 = encodebytes(LONG.encode())


def encoded(body: str | bytes, way: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    return letter(body, kind, Content_Transfer_Encoding=way)


MAILS = [
    mail("base64", encoded(BASE64, "base64"), text=LONG.strip(), fault=""),
    mail("base64 in capitals", encoded(BASE64, "BASE64 "), text=LONG.strip()),
    mail("base64 in one line", encoded(b64encode(LONG.encode()), "base64"), text=LONG.strip()),
    mail("base64 without its end", encoded(BASE64.rstrip(b"=\n"), "base64"), text=LONG[:-2]),
    mail("base64 cut off", encoded(BASE64[:102], "base64"), text="The till is broken.", fault="damaged"),
    mail(
        "base64 with strange letters in it",
        encoded(BASE64.replace(b"\n", b"!\n", 1), "base64"),
        text=LONG.strip(),
        fault="damaged",
    ),
    mail(
        "base64 in two pieces",
        encoded(b64encode(b"The till is ") + b"\r\n" + b64encode(b"broken!!"), "base64"),
        text="The till is broken!!",
    ),
    mail(
        "base64 in two closed pieces",
        encoded(b64encode(b"The till i") + b"\r\n" + b64encode(b"s broken"), "base64"),
        text="The till is broken",
    ),
    mail(
        "base64 that is words",
        encoded("The till, as it is, is broken. Please do ring me!\n", "base64"),
        text="Please do ring me!",
        fault="is not",
    ),
    mail("base64 of nothing", encoded("", "base64"), text=""),
    mail(
        "quoted-printable",
        encoded("M=C3=B4re, die till=\n is stukkend =3D", "quoted-printable"),
        text="Môre, die till is stukkend =",
    ),
    mail(
        "quoted-printable that is broken",
        encoded("100=% of =ZZ tills = x =\n", "quoted-printable"),
        text=("100", "tills"),
    ),
    mail("quoted-printable in small letters", encoded("M=c3=b4re", "Quoted-Printable"), text="Môre"),
    mail("quoted-printable with a NUL", encoded("till=00 broken", "quoted-printable"), text="till broken"),
    mail("an encoding that nobody knows", encoded("The till", "x-harbour"), text="The till"),
    mail("8 bits that were said to be 7", encoded("Môre", "7bit"), text="Môre"),
    mail(
        "uuencoded",
        encoded(b"begin 644 till.txt\r\n" + b2a_uu(b"The till is broken") + b"`\r\nend\r\n", "x-uuencode"),
        text="The till is broken",
    ),
    mail(
        "a multipart that was said to be quoted-printable",
        parted("mixed", text("The till = broken"), Content_Transfer_Encoding="quoted-printable"),
        text="The till = broken",
    ),
    mail(
        "a multipart in base64",
        letter(
            encodebytes(b"--cut\r\n\r\nThe till\r\n--cut--\r\n"),
            "multipart/mixed; boundary=cut",
            Content_Transfer_Encoding="base64",
        ),
        text="The till",
    ),
    mail(
        "a footer of the list below the base64",
        parted("mixed", part("text/plain", BASE64, Content_Transfer_Encoding="base64"), text("-- \nThe list")),
        text=(LONG.strip(), "The list"),
    ),
]
