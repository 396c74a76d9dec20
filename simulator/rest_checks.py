"""What Twilio checks before it accepts a call, a message or a number's settings."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from simulator.rest_records import Form, one
from simulator.rest_refusals import CALL_FROM, CALL_TO, MESSAGE_FROM, MESSAGE_TO, TEST_NUMBER, Refused

if TYPE_CHECKING:
    from simulator.rest_account import Account

E164 = re.compile(r"\+(27\d{9}|(?!27)[1-9]\d{6,14})", re.ASCII)
ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+", re.ASCII)  # no underscore [OAI CreateCall.StatusCallback]
ZA_TEXTABLE = re.compile(r"\+27(6|7|8[1-5])")


def is_number(text: str) -> bool:
    return bool(E164.fullmatch(text))


def is_url(text: str) -> bool:
    """A full http(s) address with a host that Twilio would accept, at most 4000 characters [ERR 21609]."""
    parts = urlsplit(text)
    return len(text) <= 4000 and parts.scheme in {"http", "https"} and bool(HOST.fullmatch(parts.netloc.split("@")[-1]))


def can_be_texted(number: str) -> bool:
    """Mobile numbers of South Africa (TWILIO.md §5); elsewhere nothing is known from the number alone."""
    return not number.startswith("+27") or bool(ZA_TEXTABLE.match(number))


def refuse_listed(number: str, *tables: dict[str, int]) -> None:
    for table in tables:
        if number in table:
            raise Refused(table[number], number)


def check_method(form: Form, code: int, *names: str) -> None:
    for name in names:
        if (value := one(form, name)) not in {None, "GET", "POST"}:
            raise Refused(code, value)


def check_whole(form: Form, code: int, name: str, most: int) -> None:
    text = one(form, name)
    if text and not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Refused(code, f"{name} {text}")


def check_status_callback(form: Form) -> None:
    if (url := one(form, "StatusCallback")) and not is_url(url):
        raise Refused(21609, url)


def check_instructions(form: Form, *, required: bool) -> None:
    """A call needs Url, Twiml or ApplicationSid: 21205 without or with a bad one, 32018 over length."""
    url, twiml, application = (one(form, name) for name in ("Url", "Twiml", "ApplicationSid"))
    if twiml and len(twiml) > 4000:
        raise Refused(32018)
    if required and not (url or twiml or application):
        raise Refused(21205, "Url parameter is required")
    if url and not is_url(url):
        raise Refused(21205, url)
    check_method(form, 21209, "Method", "FallbackMethod", "StatusCallbackMethod")


def check_call(account: "Account", form: Form) -> tuple[str, str]:
    """From and To of a call that Twilio accepts."""
    to, from_ = one(form, "To"), one(form, "From")
    if not to:
        raise Refused(21201)
    if not from_:
        raise Refused(21213)
    refuse_listed(from_, CALL_FROM)
    if not is_number(from_):
        raise Refused(21212, from_)
    if not account.may_call_from(from_):
        raise Refused(21210, from_)
    check_callee(account, to)
    check_instructions(form, required=True)
    check_status_callback(form)
    check_whole(form, 21208, "Timeout", 600)
    return from_, to


def check_callee(account: "Account", to: str) -> None:
    refuse_listed(to, CALL_TO, account.uncallable)
    if not is_number(to) and not to.startswith(("sip:", "client:")):
        raise Refused(21217, to)
    if is_number(to) and not to.startswith(account.may_call):
        raise Refused(21215, to)


def check_message(account: "Account", form: Form) -> tuple[str | None, str]:
    """From and To of a text that Twilio accepts; From is None where a Messaging Service chooses it."""
    to, from_ = one(form, "To"), one(form, "From")
    if not to:
        raise Refused(21604)
    if not from_ and not one(form, "MessagingServiceSid"):
        raise Refused(21603)
    check_body(form)
    if from_:
        check_sender(account, from_)
    check_recipient(account, from_, to)
    check_status_callback(form)
    check_whole(form, 20001, "ValidityPeriod", 36000)
    return from_, to


def check_body(form: Form) -> None:
    body = one(form, "Body")
    if not body and not one(form, "MediaUrl") and not one(form, "ContentSid"):
        raise Refused(21602)
    if len(body or "") > 1600:
        raise Refused(21617)


def check_sender(account: "Account", from_: str) -> None:
    refuse_listed(from_, MESSAGE_FROM)
    if not is_number(from_) and not ALPHANUMERIC.fullmatch(from_):
        raise Refused(21212, from_)
    number = account.number(from_)
    if from_ in account.senders or from_ == TEST_NUMBER or (number and number.capabilities["sms"]):
        return
    raise Refused((21661 if number else 21659) if account.narrow_codes else 21606, from_)


def check_recipient(account: "Account", from_: str | None, to: str) -> None:
    refuse_listed(to, MESSAGE_TO, account.untextable)
    if not is_number(to):
        raise Refused(21211, to)
    if to == from_:
        raise Refused(21266, to)
    if not to.startswith(account.may_text):
        raise Refused(21408, to)
    if not can_be_texted(to):
        raise Refused(21635 if account.narrow_codes else 21614, to)
    if (to, from_) in account.stopped:
        raise Refused(21610, to)


def check_settings(changed: dict[str, str], after: dict[str, str]) -> None:
    """A number's webhooks: full addresses, GET or POST, and no fallback without the first address."""
    for name, value in changed.items():
        if name.endswith(("_url", "status_callback")) and value and not is_url(value):
            raise Refused(21402, value)
        if name.endswith("_method") and value not in {"GET", "POST"}:
            raise Refused(21403, value)
    for kind, code in (("voice", 21405), ("sms", 21406)):
        if after.get(f"{kind}_fallback_url") and not after.get(f"{kind}_url"):
            raise Refused(code)
