"""The settings of mail that comes in: whose it is, where it is fetched or taken, and how much of it."""

from __future__ import annotations

import re
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

# No plus: what follows one is not the mailbox's name. With it and what names a ticket there are 64 before the @.
PLAIN = re.compile(r"[\w.!#$%&'*/=?^`{|}~-]{1,39}@[A-Za-z0-9.-]{1,253}", re.ASCII)
MEGABYTE = 1024 * 1024


def is_loopback(host: str) -> bool:
    """Whether it is this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def place(text: str) -> tuple[str, int]:
    """Host and port; raises ValueError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError("must be host and port, as in 127.0.0.1:2424")
    return host.strip("[]"), int(port)


def _listens(text: str) -> str:
    if text:
        place(text)
    return text


def _addresses(text: str) -> str:
    for each in filter(None, map(str.strip, text.split(","))):
        if not PLAIN.fullmatch(each):
            raise ValueError("must be mail addresses with commas between, without a plus, and at most 39 before the @")
    return text


class MailIn(BaseSettings):
    """What differs between installations in how mail comes in."""

    mail_in_addresses: Annotated[
        str,
        AfterValidator(_addresses),
        Field(description="Our own addresses, with commas between; letters have answers sent to the first"),
    ] = ""
    mail_in_lists: Annotated[
        str, Field(description="The List-Ids of groups that hand our customers' mails on to us, with commas between")
    ] = ""
    mail_in_host: Annotated[
        str, Field(pattern=r"^[\w.:-]*$", description="The IMAP server whose mailbox is fetched; without one none is")
    ] = ""
    mail_in_port: Annotated[int, Field(ge=1, le=65535, description="Its port")] = 993
    mail_in_tls: Annotated[
        str,
        Field(
            pattern="^(starttls|tls|none)$",
            validate_default=True,
            description="tls from the first byte, starttls, or none; none for a server on this machine alone",
        ),
    ] = "tls"
    mail_in_user: Annotated[str, Field(description="The account there")] = ""
    mail_in_password: Annotated[SecretStr, Field(validate_default=True, description="Its password")] = SecretStr("")
    mail_in_folder: Annotated[str, Field(min_length=1, description="The folder that is fetched")] = "INBOX"
    mail_in_done: Annotated[
        str,
        Field(description="The folder that fetched mails are moved to; else they are marked as read and stay"),
    ] = ""
    mail_in_every: Annotated[int, Field(ge=1, le=3600, description="Seconds between two looks")] = 15
    mail_in_listen: Annotated[
        str,
        AfterValidator(_listens),
        Field(description="Where mails are taken from a mail server, host and port; without it none are"),
    ] = ""
    mail_in_protocol: Annotated[
        str, Field(pattern="^(lmtp|smtp)$", description="What is spoken there: lmtp or smtp")
    ] = "lmtp"
    mail_in_largest: Annotated[
        int, Field(ge=MEGABYTE, le=100 * MEGABYTE, description="Bytes of the largest mail that is taken")
    ] = 35 * MEGABYTE
    mail_in_reopen_days: Annotated[
        int, Field(ge=0, le=365, description="For how many days after it was resolved a mail opens a ticket again")
    ] = 14
    mail_in_tickets_of_one: Annotated[
        int, Field(ge=1, le=10_000, description="New tickets an hour by mails from one address")
    ] = 10
    mail_in_tickets_of_all: Annotated[
        int, Field(ge=1, le=100_000, description="New tickets an hour by mails from all addresses")
    ] = 100

    @field_validator("mail_in_tls")
    @classmethod
    def _nothing_comes_in_the_clear(cls, tls: str, others: ValidationInfo) -> str:
        host = others.data.get("mail_in_host")
        if tls == "none" and host and not is_loopback(host):
            raise ValueError("only a mail server on this machine may be asked without TLS")
        return tls

    @field_validator("mail_in_password")
    @classmethod
    def _a_mailbox_needs_its_key(cls, secret: SecretStr, others: ValidationInfo) -> SecretStr:
        if others.data.get("mail_in_host") and not (others.data.get("mail_in_user") and secret.get_secret_value()):
            raise ValueError("MAIL_IN_HOST needs MAIL_IN_USER and MAIL_IN_PASSWORD")
        return secret

    @property
    def mail_in_mailboxes(self) -> tuple[str, ...]:
        """The addresses that mail is taken for, in lower case; that of MAIL_FROM where none is set."""
        named = self.mail_in_addresses or parseaddr(getattr(self, "mail_from", ""))[1]
        return tuple(one.strip().lower() for one in named.split(",") if one.strip())

    @property
    def answers_to(self) -> str:
        """The mailbox that letters ask to answer to; empty where they ask for no answer."""
        return self.mail_in_mailboxes[0] if self.mail_in_addresses.strip(" ,") else ""
