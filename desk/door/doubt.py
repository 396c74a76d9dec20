"""Why somebody whom the provider sends back is not let in."""

from __future__ import annotations

from enum import StrEnum


class Doubt(StrEnum):
    """The reasons, as the audit names them; the sign-in page says each in a sentence."""

    ELSEWHERE = "not begun in this browser"
    LATE = "begun too long ago"
    DECLINED = "stopped at the provider"
    AWAY = "the provider does not answer"
    BUSY = "too many at once"
    CODE = "the provider refused the code"
    ANSWER = "the provider's answer is not to be believed"
    NONCE = "the answer belongs to another sign-in"
    EXPIRED = "the provider's answer has expired"
    NO_MAIL = "no mail address"
    UNVERIFIED = "the mail address is not verified"
    DOMAIN = "a mail address of another domain"
    UNKNOWN = "nobody here has that mail address"
    SHARED = "more than one here has that mail address"
    LEFT = "does not work here any more"
    NO_PASSWORDS = "passwords are switched off"


class NotVouched(Exception):
    """The provider does not vouch for anybody who may come in; `address` is whose account it named, once verified."""

    def __init__(self, why: Doubt, address: str = "") -> None:
        super().__init__(why)
        self.why, self.address = why, address
