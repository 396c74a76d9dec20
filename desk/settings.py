"""The settings, read once from the environment; a start with faults names all of them."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from desk.elsewhere import Elsewhere
from desk.mail_in import PLAIN, is_loopback

OFF = "off"


class BadSettings(Exception):
    """The environment does not describe a system that can start; the text lists every fault."""


def _origin(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme not in ("http", "https") or not rest or set(rest.rstrip("/")) & set("/?# "):
        raise ValueError("must be scheme and host alone, as in https://line.example.com")
    return url.rstrip("/")


def _canary(text: str) -> str:
    return text if text in ("", OFF) else _origin(text)


def _networks(text: str) -> str:
    for each in filter(None, map(str.strip, text.split(","))):
        ip_network(each)
    return text


def _address(secret: SecretStr) -> SecretStr:
    url = secret.get_secret_value()
    if url and not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", url):
        raise ValueError("it is no address such as https://watcher.example.com/ping/1234")
    return secret


class Settings(Elsewhere):
    """What differs between one installation and the next; each field is the environment variable of its name."""

    model_config = SettingsConfigDict(env_file=".env", frozen=True, extra="ignore", hide_input_in_errors=True)

    secret_key: Annotated[
        SecretStr, Field(min_length=32, description="Signs state and sessions; 32 characters or more")
    ]
    public_url: Annotated[
        str,
        AfterValidator(_origin),
        Field(description="Scheme and host under which the carrier reaches us; webhooks are signed over it"),
    ]
    twilio_account_sid: Annotated[
        str, Field(pattern=r"^AC[0-9a-f]{32}$", description="The account whose webhooks are accepted")
    ]
    twilio_auth_token: Annotated[SecretStr, Field(min_length=8, description="Checks the signature of every webhook")]
    twilio_auth_token_next: Annotated[
        SecretStr, Field(description="The token that is to take its place: while both are set, both are accepted")
    ] = SecretStr("")
    twilio_api: Annotated[
        str, AfterValidator(_origin), Field(description="Where the carrier's REST API is; another one for tests")
    ] = "https://api.twilio.com"
    sms_from: Annotated[
        str, Field(description="The number or name that texts come from; the line's own number if left out")
    ] = ""
    recordings_dir: Annotated[
        Path, Field(description="Where callers' messages are kept once they are fetched from the carrier")
    ] = Path("var/recordings")
    recordings_s3: Annotated[
        str,
        Field(
            pattern=r"^(https?://[^/?#\s]+/[^?#\s]+)?$",
            description="A bucket of S3-compatible storage to keep them in instead, as in https://host/bucket/prefix",
        ),
    ] = ""
    s3_region: Annotated[str, Field(min_length=1, description="The region of that bucket")] = "us-east-1"
    s3_access_key: Annotated[str, Field(description="The key that may write there")] = ""
    s3_secret_key: Annotated[SecretStr, Field(validate_default=True, description="Its secret")] = SecretStr("")
    database_url: Annotated[
        str,
        Field(pattern=r"^(sqlite|postgresql)", description="SQLite or PostgreSQL, as SQLAlchemy writes it"),
    ] = "sqlite:///var/afterhours.db"
    demo: Annotated[bool, Field(description="Opens the pages to everybody, as a manager, and marks them")] = False
    trusted_proxies: Annotated[
        int, Field(ge=0, le=5, description="How many reverse proxies stand before us, each naming whom it serves")
    ] = 0
    paging_pause: Annotated[
        timedelta,
        Field(ge=timedelta(minutes=1), le=timedelta(hours=1), description="Between two goes through the policy"),
    ] = timedelta(minutes=5)
    calendar_networks: Annotated[
        str,
        AfterValidator(_networks),
        Field(description="Networks beside the public internet where engineers' calendars may be fetched"),
    ] = ""
    hook_networks: Annotated[
        str,
        AfterValidator(_networks),
        Field(description="Networks beside the public internet where webhooks and chat messages may be sent"),
    ] = ""
    heartbeat_url: Annotated[
        SecretStr,
        AfterValidator(_address),
        Field(description="Asked for every minute while all is well, so that its silence is noticed elsewhere"),
    ] = SecretStr("")
    canary_url: Annotated[
        str,
        AfterValidator(_canary),
        Field(description="Where a worker reaches the web for the hourly canary: PUBLIC_URL unless set; or off"),
    ] = ""
    mail_host: Annotated[
        str, Field(pattern=r"^[\w.:-]*$", description="The mail server that takes our mails; without one none are sent")
    ] = ""
    mail_port: Annotated[int, Field(ge=1, le=65535, description="Its port")] = 587
    mail_from: Annotated[
        str, Field(validate_default=True, description="Whom mails come from, as in Support <support@example.com>")
    ] = ""
    mail_tls: Annotated[
        str,
        Field(
            pattern="^(starttls|tls|none)$",
            validate_default=True,
            description="starttls, tls from the first byte, or none; none for a server on this machine alone",
        ),
    ] = "starttls"
    mail_user: Annotated[str, Field(description="The account there, if it wants one")] = ""
    mail_password: Annotated[SecretStr, Field(validate_default=True, description="Its password")] = SecretStr("")
    privacy_contact: Annotated[
        str, Field(max_length=500, description="Whom people ask about their data: name, address, mail of the officer")
    ] = ""
    privacy_kept: Annotated[
        str, Field(max_length=2000, description="How long data of people is kept, in words for the privacy notice")
    ] = ""
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="How much is logged")] = "INFO"

    @field_validator("s3_secret_key")
    @classmethod
    def _a_bucket_needs_its_key(cls, secret: SecretStr, others: ValidationInfo) -> SecretStr:
        if others.data.get("recordings_s3") and not (others.data.get("s3_access_key") and secret.get_secret_value()):
            raise ValueError("RECORDINGS_S3 needs S3_ACCESS_KEY and S3_SECRET_KEY")
        return secret

    @field_validator("mail_from")
    @classmethod
    def _mails_come_from_somebody(cls, sender: str, others: ValidationInfo) -> str:
        plain = sender.isprintable() and re.fullmatch(r"[!-;=?-~]+@[A-Za-z0-9.-]+", parseaddr(sender)[1])
        if (sender or others.data.get("mail_host")) and not plain:
            raise ValueError("MAIL_HOST needs an address to send from, as in Support <support@example.com>")
        fetched_for_this = others.data.get("mail_in_host") and not others.data.get("mail_in_addresses")
        if fetched_for_this and not PLAIN.fullmatch(parseaddr(sender)[1]):
            raise ValueError("MAIL_IN_HOST needs MAIL_IN_ADDRESSES, or an address here that mail can be taken for")
        return sender

    @field_validator("mail_tls")
    @classmethod
    def _nothing_goes_in_the_clear(cls, tls: str, others: ValidationInfo) -> str:
        host = others.data.get("mail_host")
        if tls == "none" and host and not is_loopback(host):
            raise ValueError("only a mail server on this machine may be spoken to without TLS")
        return tls

    @field_validator("mail_password")
    @classmethod
    def _an_account_needs_its_password(cls, secret: SecretStr, others: ValidationInfo) -> SecretStr:
        if bool(others.data.get("mail_user")) != bool(secret.get_secret_value()):
            raise ValueError("MAIL_USER and MAIL_PASSWORD belong together")
        return secret

    @property
    def canary_origin(self) -> str | None:
        """Where the canary's ring goes; None where there is no canary."""
        return None if self.canary_url == OFF else self.canary_url or self.public_url

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens by which the carrier and we know each other, the one in force first; two while it is changed."""
        both = self.twilio_auth_token.get_secret_value(), self.twilio_auth_token_next.get_secret_value()
        return tuple(filter(None, both))

    @property
    def is_https(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.public_url.startswith("https://")


def read() -> Settings:
    """The settings of this process; raises BadSettings with one line per fault, never with a value."""
    try:
        return Settings()
    except ValidationError as error:
        faults = "\n".join(f"  {'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise BadSettings(f"These settings are missing or wrong:\n{faults}") from None
