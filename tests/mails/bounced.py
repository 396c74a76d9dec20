"""Mails that came back, as servers of twelve kinds send them back."""

from __future__ import annotations

from mails.mail import letter, mail, part, parted, text

LOST = "anna@mill.example"
EXIM = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to:

  {LOST}
    Unrouteable address
"""
QMAIL = f"""Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message.
This is a permanent error; I've given up. Sorry, it didn't work out.

<{LOST}>:
user does not exist

--- Below this line is a copy of the message.

From: support@afterhours.example
"""
SENDMAIL = f"""   ----- The following addresses had permanent fatal errors -----
<{LOST}>

   ----- Transcript of session follows -----
550 User unknown
"""
GMAIL = f"""** Address not found **

Your message wasn't delivered to {LOST} because the address couldn't be found.
"""
SENT = letter("Your ticket is 482-913-077.", From="support@afterhours.example", To=LOST)


def status(*recipients: str) -> bytes:
    return part("message/delivery-status", "Reporting-MTA: dns; mx.example\n\n" + "\n\n".join(recipients) + "\n")


def failed(address: str, action: str = "failed", more: str = "") -> str:
    return f"{more}Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: 5.1.1"


def report(*parts: bytes, subject: str = "Undelivered Mail Returned to Sender", **headers: object) -> bytes:
    said = {"From": "MAILER-DAEMON@mx.example", "Return_Path": "<>", "Subject": subject, **headers}
    return parted("report; report-type=delivery-status", *parts, **said)


def words(
    body: str, sender: str = "MAILER-DAEMON@mx.example", subject: str = "failure notice", **headers: object
) -> bytes:
    return letter(body, From=sender, Subject=subject, **headers)


MAILS = [
    mail(
        "back, by RFC 3464 (Postfix)",
        report(text("This is the mail system at host mx.example."), status(failed(LOST)), part("message/rfc822", SENT)),
        kind="bounce",
        failed=(LOST,),
        text=("This is the mail system", "Action: failed"),
        not_text=("482-913-077",),
    ),
    mail(
        "back, two recipients",
        report(text("Sorry."), status(failed(LOST), failed("b@mill.example"))),
        kind="bounce",
        failed=(LOST, "b@mill.example"),
    ),
    mail(
        "back, as the sender wrote it",
        report(text("Sorry."), status(failed("u123@store.example", more=f"Original-Recipient: rfc822;{LOST}\n"))),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, one of two",
        report(text("Sorry."), status(failed(LOST), failed("b@mill.example", "delivered"))),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, with headers alone",
        report(text("Sorry."), status(failed(LOST)), part("text/rfc822-headers", "Subject: x")),
        kind="bounce",
        failed=(LOST,),
        files=("file-1.txt", "file-2.txt"),
    ),
    mail(
        "back, in an international form",
        report(
            text("Sorry."),
            part("message/global-delivery-status", "X: y\n\nFinal-Recipient: utf-8; anna@mill.example\nAction: failed"),
        ),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "late, and still being tried",
        report(text("Will try for 3 days."), status(failed(LOST, "delayed")), subject="Delayed Mail"),
        kind="report",
    ),
    mail(
        "a report that it arrived",
        report(text("Delivered."), status(failed(LOST, "delivered")), subject="Delivery report"),
        kind="report",
    ),
    mail(
        "back, by Exim",
        words(
            EXIM,
            subject="Mail delivery failed: returning message to sender",
            X_Failed_Recipients=LOST,
            Auto_Submitted="auto-replied",
        ),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, by qmail",
        words(QMAIL),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, by an old Sendmail",
        words(
            SENDMAIL,
            subject="Returned mail: see transcript for details",
        ),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, by Exchange",
        words(
            f"Delivery has failed to these recipients:\n\n{LOST}\nThe address wasn't found.\n",
            "postmaster@mill.example",
            "Undeliverable: Your ticket",
            Return_Path="<>",
        ),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, by Gmail",
        words(
            GMAIL,
            "mailer-daemon@googlemail.example",
            "Delivery Status Notification (Failure)",
        ),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, as the mailbox is full",
        words(f"<{LOST}>: mailbox is full\n", "postmaster@mill.example", "Undelivered mail"),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, in Afrikaans",
        words(
            f"Jou boodskap aan {LOST} kon nie afgelewer word nie.\n",
            "postmaster@mill.example",
            "Onaflewerbaar: Jou kaartjie",
        ),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, in German",
        words(
            f"Die Nachricht an <{LOST}> konnte nicht zugestellt werden.\n",
            "postmaster@mill.example",
            "Unzustellbar: Till",
        ),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, with an empty Return-Path alone",
        words(f"Undeliverable: {LOST}\n", "mail@mill.example", "Problem", Return_Path=" < > "),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, from nobody",
        letter(f"<{LOST}> user unknown", From=None, Subject="Mail delivery failed"),
        kind="bounce",
        failed=(LOST,),
        sender=None,
    ),
    mail("back, without a word of whose", words("It failed.\n"), kind="bounce", failed=()),
    mail(
        "back, in parts that are no report",
        parted("mixed", text("Sorry."), status(failed(LOST)), From="postmaster@x.example"),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, the report is broken",
        report(text(f"<{LOST}>: user unknown"), part("message/delivery-status", "Action:\n\n:::\nAction")),
        kind="bounce",
        failed=(LOST,),
    ),
    mail(
        "back, the report is empty",
        letter(kind="multipart/report; report-type=delivery-status; boundary=x", From="MAILER-DAEMON@x.example"),
        kind="bounce",
    ),
    mail("back, from a bounce address (VERP)", words("Failed.", "bounces+123=anna@mx.example", "Hm"), kind="bounce"),
]
