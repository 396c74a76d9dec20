"""What comes every day and is odd all the same: HTML alone, flowed lines, empty mails, headers with holes."""

from __future__ import annotations

from mails.mail import SIPHO, WORDS, html, letter, mail, parted, text

PAGE = """<!DOCTYPE html><html><head><title>Mail</title><style>p {color: red}</style></head><body>
<script>steal()</script><!-- a comment > with --><p>The till is <b>broken</b>.</p><p>See <a href="https://shop.example/a">the
picture</a> &amp; <a href='https://shop.example'>https://shop.example</a></p><ul><li>One</li><li>Two</li></ul>
<table><tr><td>Till</td><td>4</td></tr><tr><td>Shop</td><td>Mill Lane</td></tr></table><img src="x.png" alt="our logo">
Line<br>break</body></html>"""

MAILS = [
    mail("a plain mail", letter(), sender=SIPHO, subject="The till is broken", text=WORDS.strip(), files=(), fault=""),
    mail("nothing at all", b"", sender=None, subject="", text="", files=()),
    mail("one empty line", b"\r\n", sender=None, text=""),
    mail("headers alone", letter("").rstrip(), sender=SIPHO, subject="The till is broken", text=""),
    mail("a text without headers", b"My till is broken.\r\nPlease ring.\r\n", sender=None, text="My till is broken."),
    mail(
        "a text that looks like a header",
        b"Please note: the till is broken\n\nRing me",
        text=("Please note: the", "Ring me"),
    ),
    mail("no subject", letter(Subject=None), subject="", sender=SIPHO),
    mail("two subjects", letter(Subject=["The first", "The second"]), subject="The first"),
    mail("a subject of many lines", letter(Subject="The\n till\n\t is\n broken"), subject="The till is broken"),
    mail("a subject of blanks", letter(Subject="   "), subject=""),
    mail(
        "HTML alone",
        letter(PAGE, "text/html; charset=utf-8"),
        text="The till is broken.",
        not_text=("steal", "color", "<"),
    ),
    mail(
        "HTML with links, lists and tables",
        letter(PAGE, "text/html; charset=utf-8"),
        text=(
            "the picture (https://shop.example/a) & https://shop.example\n",
            "- One\n- Two",
            "Till 4\n",
            "[our logo]",
            "Line\nbreak",
        ),
    ),
    mail(
        "HTML that says its charset itself",
        letter(b'<meta charset="koi8-r"><p>' + "Касса".encode("koi8-r"), "text/html"),
        text="Касса",
    ),
    mail("HTML that is no HTML", letter("1 < 2 and 3 > 2 & so on", "text/html"), text="1 < 2 and 3 > 2 & so on"),
    mail("HTML that never closes its style", letter("<style>p {} <p>The till", "text/html"), text="The till"),
    mail(
        "HTML that never closes a comment", letter("<p>Till<!-- <p>is broken", "text/html"), text=("Till", "is broken")
    ),
    mail(
        "HTML with a quotation mark too many",
        letter('<a href="https://x.example">a</a> <b title=">b</b> till', "text/html"),
        text="till",
    ),
    mail(
        "HTML with a > in an attribute",
        letter('<p title="a > b">The till</p>', "text/html"),
        text="The till",
        not_text=('b"',),
    ),
    mail(
        "HTML of Word",
        letter("<p class=MsoNormal>Till<o:p></o:p></p><!--[if mso]><p>junk</p><![endif]-->", "text/html"),
        text="Till",
        not_text=("junk",),
    ),
    mail(
        "HTML with a script as a link",
        letter('<a href="javascript:alert(1)">Click</a>', "text/html"),
        text="Click",
        not_text=("javascript",),
    ),
    mail(
        "HTML with a picture in it",
        letter(f'<img alt="till" src="data:image/png;base64,{"A" * 90_000}"> broken', "text/html"),
        text="[till] broken",
    ),
    mail(
        "HTML with empty lines",
        letter("<div>Till</div><div><br></div>Ring<br><br>me", "text/html"),
        text="Till\n\nRing\n\nme",
    ),
    mail(
        "HTML laid out by hand",
        letter("<pre>till  4\n  error</pre><p>x  y", "text/html"),
        text="till  4\n  error\n\nx y",
    ),
    mail(
        "plain and HTML",
        parted("alternative", text("The plain till"), html("<p>The fine till</p>")),
        text="The plain till",
        not_text=("fine",),
        files=(),
    ),
    mail(
        "an empty plain text beside the HTML",
        parted("alternative", text(" \n\n"), html("<p>The fine till</p>")),
        text="The fine till",
    ),
    mail(
        "a plain text that says to read the HTML",
        parted(
            "alternative",
            text("This mail needs an HTML viewer."),
            html("<p>The till in the shop at the mill is broken</p>"),
        ),
        text="The till in the shop",
        not_text=("viewer",),
    ),
    mail(
        "lines that flow",
        letter("The till \nis broken. \n\nRing \nme.\n-- \nSipho", "text/plain; format=flowed"),
        text="The till is broken. \n\nRing me.\n-- \nSipho",
    ),
    mail(
        "lines that flow without their blanks",
        letter("収銀 \n機\n", "text/plain; format=flowed; delsp=yes; charset=utf-8"),
        text="収銀機",
    ),
    mail(
        "lines that end in CR alone",
        letter().replace(b"\r\n", b"\r"),
        sender=SIPHO,
        subject="The till is broken",
        text=WORDS.strip(),
    ),
    mail(
        "lines that end in CR CR LF",
        letter().replace(b"\r\n", b"\r\r\n"),
        sender=SIPHO,
        subject="The till is broken",
        text=WORDS.strip(),
    ),
    mail(
        "lines that end in LF",
        letter().replace(b"\r\n", b"\n"),
        sender=SIPHO,
        subject="The till is broken",
        text=WORDS.strip(),
    ),
    mail("a CR amid a header", letter(Subject=b"The till\r is broken"), subject="The till is broken", sender=SIPHO),
    mail(
        "an empty line amid the headers",
        letter().replace(b"Subject:", b"\r\nSubject:"),
        subject="The till is broken",
        text=WORDS.strip(),
        fault="an empty line stood amid",
    ),
    mail(
        "an empty line before From",
        b"Received: by mx.example\r\n\r\n" + letter(),
        sender=SIPHO,
        text=WORDS.strip(),
        not_text=("From:",),
    ),
    mail("empty lines above all", b"\r\n\r\n" + letter(), sender=SIPHO, subject="The till is broken"),
    mail(
        "a line that is no header",
        letter().replace(b"Subject:", b"what is this\r\nSubject:"),
        subject="The till is broken",
        sender=SIPHO,
        fault="a line that is no header",
    ),
    mail(
        "no empty line before the text",
        b"From: sipho@harbour.example\nSubject: Till\nThe till is broken.\nRing me.\n",
        sender=SIPHO,
        subject="Till",
        text=("The till is broken.\nRing me.",),
    ),
    mail(
        "a mark of a mailbox above",
        b"From sipho@harbour.example Mon Nov 23 10:00:00 2026\n" + letter(),
        sender=SIPHO,
        subject="The till is broken",
    ),
    mail(
        "a mark of a mailbox that was quoted",
        b">From sipho@harbour.example Mon Nov 23\n" + letter(),
        sender=SIPHO,
        subject="The till is broken",
    ),
    mail("a mark of UTF-8 above", b"\xef\xbb\xbf" + letter(), sender=SIPHO, subject="The till is broken"),
    mail("a blank before the colon", letter().replace(b"Subject:", b"Subject :"), subject="The till is broken"),
    mail(
        "headers in capitals",
        letter().replace(b"Subject:", b"SUBJECT:").replace(b"From:", b"FROM:"),
        subject="The till is broken",
        sender=SIPHO,
    ),
    mail("a type without a subtype", letter(kind="text"), text=WORDS.strip()),
    mail("a type that is no type", letter(kind="till/broken/now; ;;="), files=("file-1.bin",)),
    mail("two types", letter(Content_Type=["text/html", "text/plain"], body="<p>Till"), text="Till", not_text=("<p>",)),
]
