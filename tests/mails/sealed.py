"""Signed and encrypted mails, by OpenPGP and by S/MIME."""

from __future__ import annotations

from mails.mail import file, letter, mail, part, parted, text

SIGNATURE = part("application/pgp-signature; name=signature.asc", "-----BEGIN PGP SIGNATURE-----\n")
CLEAR = """-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

The till is broken.
-----BEGIN PGP SIGNATURE-----

iQEzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
"""

MAILS = [
    mail(
        "signed by OpenPGP",
        parted("signed", text("The till is broken."), SIGNATURE),
        text="The till is broken.",
        files=("signature.asc",),
    ),
    mail(
        "signed by S/MIME",
        parted("signed", text("The till is broken."), file("smime.p7s", b"0\x80", "application/pkcs7-signature")),
        text="The till is broken.",
        files=("smime.p7s",),
    ),
    mail(
        "signed within its text", letter(CLEAR), shown="The till is broken.", not_shown=("PGP", "SHA256"), text="SHA256"
    ),
    mail("signed, with the signature alone", parted("signed", SIGNATURE), text="", files=("signature.asc",)),
    mail(
        "signed as one piece",
        letter(
            b"MIIB",
            "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
            Content_Transfer_Encoding="base64",
        ),
        text="",
        files=("smime.p7m",),
        fault="one sealed piece",
    ),
    mail(
        "encrypted by S/MIME",
        letter(
            b"MIIB",
            "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            Content_Transfer_Encoding="base64",
        ),
        files=("smime.p7m",),
        fault="encrypted",
    ),
    mail(
        "encrypted by OpenPGP",
        parted(
            "encrypted",
            part("application/pgp-encrypted", "Version: 1"),
            part("application/octet-stream; name=encrypted.asc", "-----BEGIN PGP MESSAGE-----"),
        ),
        files=("file-1.asc", "encrypted.asc"),
        fault="encrypted",
    ),
    mail(
        "encrypted within its text",
        letter("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"),
        fault="encrypted",
        text="hQEMA",
    ),
    mail(
        "signed by a server (DKIM)",
        letter(DKIM_Signature="v=1; a=rsa-sha256; d=harbour.example; s=x;\n b=" + "A" * 344),
        fault="",
        text="The till",
    ),
]
