"""Letters beyond ASCII: charsets declared, wrong, missing and unknown, in texts and in headers."""

from __future__ import annotations

from mails.mail import letter, mail, parted, text

MORE = "Môre, die drukker werk nie. Asseblief hê geduld."
EURO = "R 200 – of €10 “vandag”"


def said(charset: str, words: str, codec: str, **more: object) -> bytes:
    return letter(words.encode(codec), f"text/plain; charset={charset}", Content_Transfer_Encoding="8bit", **more)


MAILS = [
    mail("no charset, UTF-8", letter(MORE.encode()), text=MORE, fault=""),
    mail("no charset, Western", letter(MORE.encode("cp1252")), text=MORE),
    mail("no charset, quotation marks of Windows", letter(EURO.encode("cp1252")), text=EURO),
    mail("us-ascii that is UTF-8", said("us-ascii", MORE, "utf-8"), text=MORE),
    mail("us-ascii that is Western", said("us-ascii", MORE, "cp1252"), text=MORE),
    mail("latin-1 with quotation marks of Windows", said("iso-8859-1", EURO, "cp1252"), text=EURO),
    mail("latin-1 that is UTF-8", said("iso-8859-1", MORE, "utf-8"), text=MORE),
    mail("UTF-8 that is Western", said("utf-8", MORE, "cp1252"), text=MORE),
    mail(
        "bytes that are nothing in Windows", letter(b"caf\xe9 \x81\x8d ok", "text/plain; charset=cp1252"), text="café"
    ),
    mail("UTF-8 cut within a letter", letter(("ê" * 50).encode()[:-1]), text="ê" * 49),
    mail("UTF-8 with a mark", said("utf-8", "\ufeff" + MORE, "utf-8"), text=MORE, not_text=("\ufeff",)),
    mail("UTF-16 with a mark", said("utf-16", MORE, "utf-16"), text=MORE),
    mail("UTF-16 that nobody declared", letter(MORE.encode("utf-16")), text=MORE),
    mail("UTF-16 that is ASCII", said("utf-16", "The till is broken", "ascii"), text="The till is broken"),
    mail(
        "a subject in the raw letters of a part",
        parted("mixed", text("收银机", "gb2312"), Subject="收银机坏了".encode("gb18030")),
        subject="收银机坏了",
    ),
    mail("an unknown charset", said("x-harbour-9", MORE, "cp1252"), text=MORE),
    mail("a charset with rubbish after it", said('"utf-8; http-equiv"', MORE, "utf-8"), text=MORE),
    mail("a charset of a path", said("../../etc/passwd", MORE, "utf-8"), text=MORE),
    mail("an empty charset", said('""', MORE, "utf-8"), text=MORE),
    mail("a codec that is no charset", said("rot13", MORE, "utf-8"), text=MORE),
    mail("a codec for names of hosts", said("idna", MORE, "utf-8"), text=MORE),
    mail("a codec with escapes", said("unicode_escape", r"\x41 \ud800", "utf-8"), text=r"\x41 \ud800"),
    mail("UTF-7", letter(b"M+APQ-re, die till +AD0- stukkend", "text/plain; charset=utf-7"), text="Môre, die till ="),
    mail("UTF-7 that is broken", letter(b"M+AP", "text/plain; charset=unicode-1-1-utf-7"), text="M"),
    mail("Shift-JIS", said("shift_jis", "レジが開きません①", "cp932"), text="レジが開きません①"),
    mail("ISO-2022-JP", said("iso-2022-jp", "レジが開きません", "iso-2022-jp"), text="レジが開きません"),
    mail("GB2312 that is more", said("gb2312", "收银机坏了 镕", "gb18030"), text="收银机坏了 镕"),
    mail("Big5", said("big5", "收銀機壞了", "big5"), text="收銀機壞了"),
    mail("KS C 5601", said("ks_c_5601-1987", "계산대가 고장", "cp949"), text="계산대가 고장"),
    mail("KOI8-R", said("koi8-r", "Касса не работает", "koi8-r"), text="Касса не работает"),
    mail("Hebrew by its logical name", said("iso-8859-8-i", "הקופה לא נפתחת", "iso-8859-8"), text="הקופה לא נפתחת"),
    mail("Arabic", said("windows-1256", "الصندوق لا يفتح", "cp1256"), text="الصندوق لا يفتح"),
    mail("Macintosh", said("macintosh", MORE, "mac_roman"), text=MORE),
    mail("directions turned in a text", letter("Run \u202egpj.exe\u202c now \u2066x\u2069"), text="Run gpj.exe now x"),
    mail("NUL in a text", letter(b"The till\0 is \0broken"), text="The till is broken"),
    mail("controls in a text", letter(b"The \x1b[31mtill\x07 is\x0b broken"), text="The [31mtill is broken"),
    mail("a lone surrogate in UTF-8", letter(b"till \xed\xa0\x80 broken"), text=("till", "broken")),
    mail(
        "a lone surrogate in UTF-7", letter(b"till +2AA- broken", "text/plain; charset=utf-7"), text=("till", "broken")
    ),
    mail("a subject in raw UTF-8", letter(Subject=MORE), subject=MORE),
    mail("a subject in raw Western letters", letter(Subject=MORE.encode("cp1252")), subject=MORE),
    mail(
        "a subject in the raw letters of the text",
        said("gb2312", "收银机", "gb18030", Subject="收银机坏了".encode("gb18030")),
        subject="收银机坏了",
    ),
    mail("a subject in raw ISO-2022-JP", letter(Subject="レジ故障".encode("iso-2022-jp")), subject="レジ故障"),
    mail("a subject encoded twice over", letter(Subject="=?utf-8?b?TcO0?= =?utf-8?b?cmU=?="), subject="Môre"),
    mail("a letter cut in two by encoded words", letter(Subject="=?utf-8?b?TcM=?=\n =?utf-8?b?tHJl?="), subject="Môre"),
    mail(
        "encoded words of two charsets", letter(Subject="=?utf-8?q?M=C3=B4?= =?iso-8859-1?q?_h=EA?="), subject="Mô hê"
    ),
    mail("an encoded word amid others", letter(Subject="Re: =?utf-8?q?M=C3=B4re?= till"), subject="Re: Môre till"),
    mail("an encoded word with blanks in it", letter(Subject="=?utf-8?q?the till is?="), subject="the till is"),
    mail("an encoded word that asks", letter(Subject="=?utf-8?q?is_it_on??="), subject="is it on?"),
    mail("an encoded word of no charset", letter(Subject="=?x-none?q?caf=E9?="), subject="café"),
    mail("an encoded word with a language", letter(Subject="=?utf-8*af?q?M=C3=B4re?="), subject="Môre"),
    mail("an encoded word of broken base64", letter(Subject="=?utf-8?b?TcO0cmU?="), subject="Môre"),
    mail("an encoded word that never ends", letter(Subject="=?utf-8?q?Till"), subject="=?utf-8?q?Till"),
    mail("an encoded word of nothing", letter(Subject="=?utf-8?q??="), subject=""),
    mail("an encoded word of a NUL", letter(Subject="=?utf-8?b?AFRpbGwA?="), subject="Till"),
    mail(
        "an encoded word of line breaks", letter(Subject="=?utf-8?q?Till=0D=0ABcc:_x@y.z?="), subject="Till Bcc: x@y.z"
    ),
    mail("encoded words without a blank between", letter(Subject="=?utf-8?q?Ti?==?utf-8?q?ll?="), subject="Till"),
]
