"""Mails that machines wrote, and mails of people that look as if."""

from __future__ import annotations

from mails.mail import letter, mail, part, parted, text

AWAY = "I am away until Monday.\n"


def away(subject: str = "Re: The till is broken", **headers: object) -> bytes:
    return letter(AWAY, Subject=subject, **headers)


MAILS = [
    mail("away, by RFC 3834", away(Auto_Submitted="auto-replied"), kind="auto_reply"),
    mail("away, with a parameter", away(Auto_Submitted="Auto-Replied; owner-email=x@y.example"), kind="auto_reply"),
    mail("away, with an empty Return-Path", away(Auto_Submitted="auto-replied", Return_Path="<>"), kind="auto_reply"),
    mail("away, by Exchange", away("Automatic reply: The till", X_Auto_Response_Suppress="All"), kind="auto_reply"),
    mail("away, by its subject alone", away("Automatic reply: The till"), kind="auto_reply"),
    mail("away, in Afrikaans", away("Outomatiese antwoord: Die till"), kind="auto_reply"),
    mail("away, out of the office in Afrikaans", away("Buite kantoor: Sipho"), kind="auto_reply"),
    mail("away, on leave in Afrikaans", away("Met verlof"), kind="auto_reply"),
    mail("away, in Dutch", away("Automatisch antwoord: Till", Auto_Submitted="auto-generated"), kind="report"),
    mail("away, in German", away("Automatische Antwort: Till"), kind="auto_reply"),
    mail("away, out of office", away("Out of Office"), kind="auto_reply"),
    mail("away, by an old Outlook", away("Out of Office AutoReply: Till"), kind="auto_reply"),
    mail("away, by a vacation program", away("away from my mail", X_Autoreply="yes"), kind="auto_reply"),
    mail("away, by its precedence", away(Precedence="auto_reply"), kind="auto_reply"),
    mail("away, by a program that ignores RFC 3834", away("OOO: back on Monday"), kind="auto_reply"),
    mail("away, in an encoded subject", away("=?utf-8?q?Automatic_reply=3A_till?="), kind="auto_reply"),
    mail(
        "a receipt that it was read",
        parted(
            "report; report-type=disposition-notification",
            text("It was read."),
            part("message/disposition-notification", "Disposition: manual-action/MDN-sent-manually; displayed"),
            From="Sipho <sipho@harbour.example>",
        ),
        kind="report",
    ),
    mail(
        "a report of abuse",
        parted(
            "report; report-type=feedback-report",
            text("Abuse."),
            part("message/feedback-report", "Feedback-Type: abuse"),
        ),
        kind="report",
    ),
    mail(
        "an alarm",
        letter(
            "Disk full on till-4",
            From="monitor@harbour.example",
            Subject="CRITICAL: till-4",
            Auto_Submitted="auto-generated",
        ),
        kind="report",
        text="Disk full",
    ),
    mail("an alarm from nobody to be answered", letter(From="noreply@harbour.example"), kind="report"),
    mail("a notification", letter(From="do-not-reply@bank.example", Subject="Your statement"), kind="report"),
    mail("one that wants no answers by machine", letter(X_Auto_Response_Suppress="DR, OOF, AutoReply"), kind="report"),
    mail("a list", letter(List_Id="Shops <shops.harbour.example>", Precedence="list"), kind="list"),
    mail("a newsletter", letter(List_Unsubscribe="<mailto:x@y.example>", Precedence="bulk"), kind="list"),
    mail("a mass mail", letter(Precedence="bulk"), kind="list"),
    mail("junk by its own word", letter(Precedence="junk"), kind="list"),
    mail(
        "a loop of our own letters",
        letter(From="support@afterhours.example", Auto_Submitted="auto-generated", X_Loop="afterhours"),
        kind="report",
    ),
    mail("a person by RFC 3834", letter(Auto_Submitted="no"), kind=None),
    mail("a person who wants no receipts", letter(X_Auto_Response_Suppress="DR, NDR, RN, NRN"), kind=None),
    mail("a person who wants everything", letter(X_Auto_Response_Suppress="None"), kind=None),
    mail("a person about office hours", letter(Subject="Out of office hours call was billed"), kind=None),
    mail("a person about automatic replies", letter(Subject="Automatic replies do not work"), kind=None),
    mail("a person who answers an automatic reply", letter(Subject="Re: Automatic reply: The till"), kind=None),
    mail("a person about a bounce", letter(Subject="Undeliverable: what does it mean?"), kind=None),
    mail("a person called Postmaster", letter(From="Johan Postmaster <postmaster@harbour.example>"), kind=None),
    mail("a person called Bouncer", letter(From="bouncer@club.example"), kind=None),
    mail("a person with an urgent mail", letter(Precedence="urgent", X_Priority="1"), kind=None),
    mail("a person in Afrikaans about the office", letter(Subject="Buite kantoorure gebel"), kind=None),
]
