"""What the carrier's error codes mean, in words, and what is to be done next (TWILIO.md §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.answer import Failed, Later, Refused, Unknown

if TYPE_CHECKING:
    from datetime import timedelta

UNKNOWN_THERE = 20404
NOT_KNOWN = 20003  # who we are
WORDS = {
    20003: "the carrier does not accept our account and token",
    20005: "our account at the carrier is not active",
    20404: "the carrier does not know it",
    20429: "the carrier asks for fewer requests",
    20500: "the carrier has a fault of its own",
    20503: "the carrier is out of service",
    21201: "no number was given to ring",
    21205: "our own address was not accepted",
    21210: "the number we call from is neither ours nor verified",
    21211: "that is no telephone number",
    21212: "the number or name we send from is not valid",
    21213: "no number was given to call from",
    21214: "that number cannot be reached",
    21215: "the account may not call that country; allow it in the console, under Voice geographic permissions",
    21216: "the carrier does not let this account call that number",
    21217: "that is no telephone number",
    21220: "the call is over",
    21266: "that is our own number",
    21408: "the account may not text that country; allow it in the console, under Messaging geographic permissions",
    21602: "the text is empty",
    21606: "our number cannot send texts; set SMS_FROM to one that can",
    21609: "our address for reports was not accepted",
    21610: "that person has answered STOP and wants no texts",
    21611: "too many texts wait at the carrier",
    21612: "no way leads from our number to that one",
    21614: "that number is no mobile and takes no texts",
    21617: "the text is too long",
    21635: "that number is a landline and takes no texts",
    21659: "the number we send from is not ours; set SMS_FROM to one that is",
    21661: "our number cannot send texts; set SMS_FROM to one that can",
    30003: "the telephone was off or out of reach",
    30004: "the number has blocked texts",
    30005: "nobody has that number",
    30006: "that number is a landline or takes no texts",
    30007: "a network on the way took it for spam",
    30008: "it was lost on the way, nobody says why",
}
# Never processed, and so safe to repeat: 21611 too, though it comes with the same status as 20429.
# An account that was not accepted is mended by people, and what waits for that is not lost.
AGAIN = frozenset({20003, 20005, 20429, 21611})
# The same where no code says more: not accepted (by the carrier or by a proxy), or too many requests.
NOT_TAKEN = frozenset({401, 403, 407, 429})
SERVER_ERROR = 500


def words(code: int | None) -> str:
    """The meaning of a code, with the code for whoever wants to look it up."""
    return f"{WORDS.get(code or 0, 'the carrier refused it')} ({code or 'no code'})"


def judged(status: int, code: int | None, pause: timedelta | None = None) -> Failed:
    """What an answer that is no success comes to; `pause` is how long it asks us to wait."""
    if code == status:  # what the carrier's client says where the answer has no code
        code = None
    if code in AGAIN:
        return Later(words(code), code, pause)
    if code is None and status in NOT_TAKEN:
        return Later(f"refused on the way, or by the carrier without a reason (status {status})", None, pause)
    if status >= SERVER_ERROR:  # it may have been carried out before it failed
        return Unknown(words(code), code)
    if code is None:
        # A redirect, a page of some proxy: not the carrier's word, and so none that ends a matter.
        return Unknown(f"that was no answer of the carrier (status {status})")
    return Refused(words(code), code)
