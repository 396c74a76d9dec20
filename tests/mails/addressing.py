"""Who wrote, and to whom: senders without addresses, with two, with names that pretend, from right to left."""

from __future__ import annotations

from mails.mail import SIPHO, letter, mail

MAILS = [
    mail("no From", letter(From=None), sender=None, name="", fault="nothing in it says"),
    mail("an empty From", letter(From=""), sender=None, fault="nothing in it says"),
    mail("no From but a Sender", letter(From=None, Sender=SIPHO), sender=SIPHO, fault="its From has no address"),
    mail("no From but a Reply-To", letter(From=None, Reply_To=f"<{SIPHO}>"), sender=SIPHO, fault="Reply-To"),
    mail("no From but a Return-Path", letter(From=None, Return_Path=f"<{SIPHO}>"), sender=SIPHO, fault="Return-Path"),
    mail("a name alone", letter(From="Sipho at the harbour"), sender=None, name="Sipho at the harbour"),
    mail("an unclosed From", letter(From=f"Sipho Khumalo <{SIPHO}"), sender=SIPHO, name="Sipho Khumalo", fault=""),
    mail("a From that is only closed", letter(From=f"Sipho {SIPHO}>"), sender=SIPHO, name="Sipho"),
    mail("a name before a bare address", letter(From=f"Sipho Khumalo {SIPHO}"), sender=SIPHO, name="Sipho Khumalo"),
    mail("a bare address", letter(From=SIPHO), sender=SIPHO, name=""),
    mail("a bare address with a comment", letter(From=f"{SIPHO} (Sipho Khumalo)"), sender=SIPHO, name="Sipho Khumalo"),
    mail("an address as the name too", letter(From=f'"{SIPHO}" <{SIPHO}>'), sender=SIPHO, name=SIPHO),
    mail(
        "a name that pretends to be an address",
        letter(From='"support@bank.example" <thief@evil.example>'),
        sender="thief@evil.example",
        name="support@bank.example",
    ),
    mail(
        "a name that pretends to be an address in brackets",
        letter(From='"Bank <support@bank.example>" <thief@evil.example>'),
        sender="thief@evil.example",
        name="Bank <support@bank.example>",
    ),
    mail(
        "an unquoted name that pretends to be an address",
        letter(From="support@bank.example <thief@evil.example>"),
        sender="thief@evil.example",
        fault="more than one address",
    ),
    mail(
        "an encoded name that pretends to be an address",
        letter(From="=?utf-8?q?support=40bank=2Eexample?= <thief@evil.example>"),
        sender="thief@evil.example",
        name="support@bank.example",
    ),
    mail("two at once in an address", letter(From="sipho@harbour.example@evil.example"), sender=None),
    mail("a domain in capitals", letter(From="Sipho.K@HARBOUR.Example"), sender="Sipho.K@harbour.example"),
    mail("a dot after the domain", letter(From="<sipho@harbour.example.>"), sender=SIPHO),
    mail("blanks within the brackets", letter(From="Sipho < sipho@harbour.example >"), sender=SIPHO),
    mail("mailto in the brackets", letter(From="<mailto:sipho@harbour.example>"), sender=SIPHO),
    mail("a comma in a name", letter(From=f'"Khumalo, Sipho" <{SIPHO}>'), sender=SIPHO, name="Khumalo, Sipho"),
    mail("a comma in a name without quotation marks", letter(From=f"Khumalo, Sipho <{SIPHO}>"), sender=SIPHO),
    mail("quotation marks in a name", letter(From=f'"Sipho \\"Sips\\" K" <{SIPHO}>'), name='Sipho "Sips" K'),
    mail("single quotation marks round it all", letter(From=f"'{SIPHO}'"), sender=SIPHO),
    mail("a quotation mark that is never closed", letter(From=f'"Sipho <{SIPHO}>'), sender=SIPHO),
    mail("a quoted part before the @", letter(From='"sipho.k"@harbour.example'), sender="sipho.k@harbour.example"),
    mail("two senders", letter(From=f"{SIPHO}, anna@mill.example"), sender=SIPHO, fault="more than one address"),
    mail(
        "an address in a comment",
        letter(From="(<boss@bank.example>) <thief@evil.example>"),
        sender="thief@evil.example",
    ),
    mail("two Froms", letter(From=[f"Sipho <{SIPHO}>", "anna@mill.example"]), sender=SIPHO, fault="more than one From"),
    mail("a From of two lines", letter(From=f"Sipho\n Khumalo\n <{SIPHO}>"), sender=SIPHO, name="Sipho Khumalo"),
    mail("a From encoded whole", letter(From="=?utf-8?q?Sipho_=3Csipho=40harbour=2Eexample=3E?="), sender=SIPHO),
    mail("an address in another script", letter(From="<müller@münchen.example>"), sender="müller@münchen.example"),
    mail("no top-level domain", letter(From="root@tillserver"), sender="root@tillserver"),
    mail("the number of a machine", letter(From="<till@[10.0.0.7]>"), sender="till@[10.0.0.7]"),
    mail(
        "a name from right to left",
        letter(From="=?utf-8?b?157Xldep15Qg15vXlNef?= <moshe@kosher.example>"),
        sender="moshe@kosher.example",
        name="מושה כהן",
    ),
    mail(
        "a name that turns what follows round",
        letter(From="=?utf-8?b?4oCuZWxwbWF4ZS5rbmFi4oCs?= <thief@evil.example>"),
        sender="thief@evil.example",
        name="elpmaxe.knab",
    ),
    mail(
        "a line break encoded in a name", letter(From=f"=?utf-8?q?Sipho=0D=0ABcc:_x?= <{SIPHO}>"), name="Sipho Bcc: x"
    ),
    mail("NUL in an address", letter(From=b"sip\0ho <sipho@harbour.example>"), sender=SIPHO, name="sipho"),
    mail(
        "recipients of every kind",
        letter(
            To='"Help, please" <Support@Afterhours.Example>, anna@mill.example',
            Cc="Team: <a@x.example>, b@x.example;",
            Delivered_To="support+abc@afterhours.example",
            X_Original_To="support@afterhours.example",
        ),
        recipients=(
            "support+abc@afterhours.example",
            "support@afterhours.example",
            "Support@afterhours.example",
            "anna@mill.example",
            "a@x.example",
            "b@x.example",
        ),
    ),
    mail(
        "a copy of ours among hundreds",
        letter(
            To=", ".join(f"a{number}@x.example" for number in range(150)), Delivered_To="support+abc@afterhours.example"
        ),
        recipients=("support+abc@afterhours.example", *(f"a{number}@x.example" for number in range(99))),
    ),
    mail("nobody to be seen", letter(To="undisclosed-recipients:;"), recipients=(), sender=SIPHO),
    mail("no To", letter(To=None), recipients=(), sender=SIPHO),
]
