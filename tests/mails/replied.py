"""Replies: what is new in them, above, below and between what they quote."""

from __future__ import annotations

from mails.mail import Mail, html, letter, mail, parted, text

NEW = "It works now, thank you."
OLD = "Did you try the other key?"
QUOTE = f"> {OLD}\n> Thandi\n"


def answered(title: str, body: str, **expected: object) -> Mail:
    usual = {"shown": NEW, "not_shown": (OLD,), "text": OLD}
    return mail(title, letter(body, Subject="Re: The till is broken"), **{**usual, **expected})


def outlook(*names: str) -> str:
    who, when, to, about = names
    lines = (
        f"{who}: Thandi <t@a.example>",
        f"{when}: Monday 23 November 2026 10:00",
        f"{to}: Sipho",
        f"{about}: RE: Till",
    )
    return "\n".join((NEW, "", *lines, "", OLD, ""))


MAILS = [
    answered("above, by Gmail", f"{NEW}\n\nOn Mon, 23 Nov 2026 at 10:00, Thandi <t@a.example> wrote:\n\n{QUOTE}"),
    answered(
        "above, by Gmail on two lines",
        f"{NEW}\n\nOn Mon, 23 Nov 2026 at 10:00, Thandi Nkosi at Afterhours\n<t@a.example> wrote:\n{QUOTE}",
    ),
    answered(
        "above, in Afrikaans", f"{NEW}\n\nOp Ma. 23 Nov. 2026 om 10:00 het Thandi <t@a.example> geskryf:\n{QUOTE}"
    ),
    answered(
        "above, in Afrikaans on two lines",
        f"{NEW}\n\nOp Maandag 23 November 2026 om 10:00 het Thandi Nkosi\n<t@a.example> geskryf:\n\n{QUOTE}",
    ),
    answered("above, in German", f"{NEW}\n\nAm 23.11.2026 um 10:00 schrieb Thandi:\n{QUOTE}"),
    answered("above, in Dutch", f"{NEW}\n\nOp ma 23 nov 2026 om 10:00 schreef Thandi <t@a.example>:\n{QUOTE}"),
    answered("above, in French", f"{NEW}\n\nLe lun. 23 nov. 2026 à 10:00, Thandi a écrit :\n{QUOTE}"),
    answered("above, in Portuguese", f"{NEW}\n\nEm seg., 23 de nov. de 2026, Thandi escreveu:\n{QUOTE}"),
    answered("above, by Outlook", outlook("From", "Sent", "To", "Subject")),
    answered(
        "above, by Outlook below a line",
        outlook("From", "Sent", "To", "Subject").replace("From:", "_" * 32 + "\nFrom:"),
    ),
    answered("above, by Outlook in bold", outlook("*From", "*Sent", "*To", "*Subject").replace(": ", ":* ", 1)),
    answered("above, by Outlook in Afrikaans", outlook("Van", "Gestuur", "Aan", "Onderwerp")),
    answered("above, by Outlook in German", outlook("Von", "Gesendet", "An", "Betreff")),
    answered("above, by an old Outlook", f"{NEW}\n\n-----Original Message-----\nFrom: Thandi\n\n{OLD}\n"),
    answered(
        "above, by an old Outlook in Afrikaans", f"{NEW}\n\n----- Oorspronklike boodskap -----\nVan: Thandi\n\n{OLD}\n"
    ),
    answered("above, quoted without marks", f"{NEW}\n\nOn Mon, 23 Nov 2026 at 10:00, Thandi wrote:\n\n{OLD}\n"),
    answered("above, quoted without a word of whose", f"{NEW}\n\n{QUOTE}"),
    answered(
        "above, with a signature between",
        f"{NEW}\n\n-- \nSipho Khumalo\nHarbour Foods\n\nOn Monday, Thandi wrote:\n{QUOTE}",
        not_shown=(OLD, "Harbour"),
    ),
    answered(
        "above, from an iPhone",
        f"{NEW}\n\nSent from my iPhone\n\n> On 23 Nov 2026, at 10:00, Thandi <t@a.example> wrote:\n> \n{QUOTE}",
        not_shown=(OLD, "iPhone"),
    ),
    answered(
        "above, from a telephone in Afrikaans",
        f"{NEW}\n\nGestuur vanaf my iPhone\n\nOp 23 Nov. 2026 het Thandi geskryf:\n{QUOTE}",
        not_shown=(OLD, "iPhone"),
    ),
    answered(
        "above, from Outlook on Android",
        f"{NEW}\n\nGet Outlook for Android<https://aka.example>\n"
        + outlook("From", "Sent", "To", "Subject")[len(NEW) :],
        not_shown=(OLD, "Android"),
    ),
    answered("below", f"On Monday, Thandi wrote:\n{QUOTE}\n{NEW}\n", not_shown=(OLD, "wrote")),
    answered(
        "between",
        f"> {OLD}\n\nYes.\n\n> And then?\n\n{NEW}\n",
        not_shown=(),
        shown=f"> {OLD}\n\nYes.\n\n> And then?\n\n{NEW}",
    ),
    mail(
        "above, in HTML of Gmail",
        letter(
            f'<div>{NEW}</div><div class="gmail_quote">On Monday Thandi wrote:<br><blockquote>{OLD}</blockquote></div>',
            "text/html",
        ),
        shown=NEW,
        not_shown=(OLD,),
        text=f"> {OLD}",
    ),
    mail(
        "above, in HTML of Outlook",
        letter(
            f"<div>{NEW}</div><hr><div><b>From:</b> Thandi<br><b>Sent:</b> Monday 10:00<br><b>To:</b> Sipho<br>"
            f"<b>Subject:</b> Till<br></div><div>{OLD}</div>",
            "text/html",
        ),
        shown=NEW,
        not_shown=(OLD,),
        text=OLD,
    ),
    mail(
        "above, in both forms",
        parted("alternative", text(f"{NEW}\n\nOn Monday Thandi wrote:\n{QUOTE}"), html(NEW)),
        shown=NEW,
        not_shown=(OLD,),
    ),
    mail("a quote and nothing else", letter(QUOTE), shown=OLD),
    mail(
        "a list of hyphens is no signature",
        letter("Broken:\n- the till\n-the printer\n- the door\n"),
        shown="- the door",
    ),
    mail("a signature and nothing else", letter("-- \nSipho\n"), shown="Sipho"),
    mail(
        "a signature without its blank", letter(f"{NEW}\n--\nSipho\nHarbour Foods\n"), shown=NEW, not_shown=("Harbour",)
    ),
    mail(
        "a person who wrote: on a line",
        letter("On the display somebody wrote:\nERROR 4\nand it beeps.\n"),
        shown="ERROR 4",
    ),
    mail(
        "a person who tells what was written", letter("Hi.\nOn the display somebody wrote:\nERROR 4\n"), shown="ERROR 4"
    ),
    mail("an order of transport", letter("Please:\nFrom: the mill\nDate: 3 Dec\nTo: Durban\n"), shown="To: Durban"),
    mail("headings in an order", letter("Please order:\nFrom: the mill\nAmount: 4\nThanks\n"), shown="Amount: 4"),
]
