"""The settings of signing in with the company's own accounts (OpenID Connect), and whether passwords are taken."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator

from desk.mail_in import MailIn, is_loopback


def is_safe(url: str) -> bool:
    """Whether it may be asked: over TLS alone, or on this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    )


def _issuer(url: str) -> str:
    if url and (not is_safe(url) or urlsplit(url).query or urlsplit(url).fragment):
        raise ValueError("must be an https address without ? and #, as in https://accounts.example.com")
    if "{" in url or "/common/" in url or "/organizations/" in url:
        raise ValueError("must be the issuer of your own tenant, not one for everybody's")
    return url


def _domains(text: str) -> str:
    for each in filter(None, map(str.strip, text.split(","))):
        if "." not in each or set(each) & set("@/: *"):
            raise ValueError("must be domains with commas between, as in example.com,example.co.za")
    return text


class SignOn(MailIn):
    """What differs between installations in how people sign in."""

    oidc_issuer: Annotated[
        str, AfterValidator(_issuer), Field(description="The provider whose accounts people may sign in with")
    ] = ""
    oidc_name: Annotated[
        str, Field(min_length=1, max_length=40, description="What the button calls it: Sign in with …")
    ] = "your company account"
    oidc_client_id: Annotated[str, Field(validate_default=True, description="Our name there")] = ""
    oidc_client_secret: Annotated[SecretStr, Field(validate_default=True, description="Its secret")] = SecretStr("")
    oidc_domains: Annotated[
        str, AfterValidator(_domains), Field(description="Of which domains addresses are taken; unless set, of any")
    ] = ""
    oidc_trust_mail: Annotated[
        bool, Field(description="Takes addresses of which the provider does not say whether they are verified")
    ] = False
    password_sign_in: Annotated[
        bool, Field(validate_default=True, description="Whether people may sign in with a password of their own")
    ] = True

    @property
    def domains(self) -> frozenset[str]:
        """Of which domains addresses are taken; empty for any."""
        return frozenset(each.strip().lower() for each in self.oidc_domains.split(",") if each.strip())

    @field_validator("oidc_client_secret")
    @classmethod
    def _a_provider_knows_us(cls, secret: SecretStr, others: ValidationInfo) -> SecretStr:
        if others.data.get("oidc_issuer") and not (others.data.get("oidc_client_id") and secret.get_secret_value()):
            raise ValueError("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET")
        return secret

    @field_validator("oidc_trust_mail")
    @classmethod
    def _trust_is_for_a_domain(cls, trust: bool, others: ValidationInfo) -> bool:
        if trust and not others.data.get("oidc_domains", "").strip():
            raise ValueError("OIDC_TRUST_MAIL needs OIDC_DOMAINS: else anybody's address would be taken")
        return trust

    @field_validator("password_sign_in")
    @classmethod
    def _a_way_in_is_left(cls, passwords: bool, others: ValidationInfo) -> bool:
        if not passwords and not others.data.get("oidc_issuer"):
            raise ValueError("without OIDC_ISSUER nobody could sign in")
        return passwords
